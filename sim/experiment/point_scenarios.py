"""The scenarios of an experiment's points.

Each combination of levels that are words is checked once. Numbers are checked at both ends of their ranges when the
file is read, so points that differ only in numbers need no further check: the blocks that contain these numbers are
copied, and all other blocks are shared.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import Mistake, ScenarioError
from sim.experiment.factor import AS_IT_IS, Factor, Level
from sim.experiment.overrides import Alternative, Change, OneSetting
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.schema import Scenario
from sim.scenario.unchecked import UncheckedScenario

SCENARIO = "scenario"  # the factor for the choice among several scenarios

_PROCESSES = (Constant, Schedule, Ramp, LogitAR1)
_CACHE_SIZE = 2_048  # checked combinations
# settings whose valid values depend on other settings
_DEPENDENT = ("violations_sincere", "violations_insincere", "start_round", "end_round")


class PointScenarios:
    """The scenarios of an experiment's points; can be used by several threads and pickled."""

    def __init__(
        self, drafts: Mapping[str, UncheckedScenario], bases: Mapping[str, Scenario], factors: Sequence[Factor],
        changes: Mapping[str, Change],
    ) -> None:  # fmt: skip
        self.drafts = dict(drafts)
        self.bases = dict(bases)
        self.factors = tuple(factors)
        self.changes = dict(changes)
        self._numbers: dict[str, bool] = {}  # factor -> whether it is a whole number
        self._factors_by_path: dict[str, Any] = {}  # nested as paths are; the leaves are factors
        for factor in factors:
            change = self.changes.get(factor.name)
            if isinstance(change, OneSetting) and _is_independent(factor, change.path):
                self._numbers[factor.name] = factor.is_whole
                inside = self._factors_by_path
                for part in change.path[:-1]:
                    inside = inside.setdefault(part, {})
                inside[change.path[-1]] = factor.name
        self._words = tuple(factor.name for factor in factors if factor.name not in self._numbers)
        self._checked: dict[tuple[Any, ...], Scenario] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("_checked", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _checked={}, _lock=threading.Lock())

    def at(self, levels: Mapping[str, Any]) -> Scenario:
        """Return the scenario at the levels of all factors; ScenarioError if they make no sense together.

        Not-a-number, and the word AS_IT_IS, leave the scenario unchanged.
        """
        key = [None if (level := levels[name]) != level else level for name in self._words]
        numbers: dict[str, float] = {}
        for name, is_whole in self._numbers.items():
            number = levels[name]
            if number != number:
                key.append(name)
            else:
                numbers[name] = int(number) if is_whole else float(number)
        checked = self._checked.get(tuple(key))
        if checked is None:
            checked = self._cached(tuple(key), levels)
        return _replaced(checked, self._factors_by_path, numbers) if numbers else checked

    def checked(self, levels: Mapping[str, Any]) -> Scenario:
        """Return the scenario at the levels of some factors, checked as a whole."""
        name = str(levels.get(SCENARIO, next(iter(self.drafts))))
        if name not in self.drafts:
            raise _unknown(SCENARIO, name, tuple(self.drafts))
        draft = self.drafts[name]
        for factor in self.factors:
            if factor.name in self.changes and factor.name in levels:
                level = levels[factor.name]
                if level != level or level == AS_IT_IS:
                    continue
                draft = draft.changed(self.changes[factor.name].block(_check_level(factor, level)))
        return draft.checked()

    def own_value(self, factor: str) -> Any:
        """Return the value that the first scenario has at the path of a factor; None if it has none."""
        change = self.changes[factor]
        part: Any = next(iter(self.bases.values()))
        for name in change.path if isinstance(change, OneSetting) else ():
            part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
        return part

    def unchanged(self, factor: str) -> str | None:
        """Return the label of the choice without changes; None if each choice changes something."""
        change = self.changes[factor]
        blocks = change.blocks if isinstance(change, Alternative) else {}
        return next((label for label, block in blocks.items() if not block.entries), None)

    def _cached(self, key: tuple[Any, ...], levels: Mapping[str, Any]) -> Scenario:
        with self._lock:
            if key not in self._checked:
                scenario = self.checked(levels)
                base = self.bases[str(levels.get(SCENARIO, next(iter(self.bases))))]
                while len(self._checked) >= _CACHE_SIZE:
                    self._checked.pop(next(iter(self._checked)))
                self._checked[key] = _sharing(scenario, base)
            return self._checked[key]


def _is_independent(factor: Factor, path: Sequence[str]) -> bool:
    """Return whether a factor is a number that is valid within its range if it is at both ends."""
    return factor.is_numeric and path[-1] not in _DEPENDENT and "values" not in path[1:]


def _check_level(factor: Factor, level: Level) -> Level:
    if not factor.is_numeric and level not in factor.levels:
        raise _unknown(factor.name, str(level), factor.levels)
    return level


def _unknown(factor: str, level: str, levels: Sequence[Level]) -> ScenarioError:
    message = f"no level '{level}'; there are {', '.join(map(str, levels[:20]))}"
    return ScenarioError([Mistake(file="a point", path=factor, message=message)])


def _replaced(part: Any, factors: Mapping[str, Any], numbers: Mapping[str, float]) -> Any:
    """Return a block with numbers replaced; blocks without a replaced number stay the same objects."""
    is_dict = isinstance(part, dict)
    updates: dict[str, Any] = {}
    for name, inside in factors.items():
        before = part.get(name) if is_dict else getattr(part, name, None)
        if isinstance(inside, dict):
            if before is not None and (after := _replaced(before, inside, numbers)) is not before:
                updates[name] = after
        elif inside in numbers:
            number = numbers[inside]
            updates[name] = Constant(value=number) if isinstance(before, _PROCESSES) else number
    if not updates:
        return part
    return {**part, **updates} if is_dict else part.model_copy(update=updates)


def _sharing(scenario: Scenario, base: Scenario) -> Scenario:
    """Return the scenario with the base's own objects for all blocks that are equal."""
    same = {
        name: theirs for name in Scenario.model_fields if getattr(scenario, name) == (theirs := getattr(base, name))
    }
    return scenario.model_copy(update=same)
