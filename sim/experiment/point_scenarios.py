"""The scenario of each point of an experiment: checked once for each combination of words, then by numbers alone.

Numbers were checked at the ends of their ranges when the file was read, so a point that differs only in numbers needs
no further check: the blocks on the way to them are copied, every other block is the same object as before.
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

SCENARIO = "scenario"  # the factor that says which of several scenarios is varied

_PROCESSES = (Constant, Schedule, Ramp, LogitAR1)
_KEPT = 2_048  # checked combinations that are remembered
# whether these make sense hangs on others of their kind
_IN_ORDER = ("violations_sincere", "violations_insincere", "start_round", "end_round")


class PointScenarios:
    """The scenarios of an experiment's points; may be used from several threads and sent to other processes."""

    def __init__(
        self, drafts: Mapping[str, UncheckedScenario], bases: Mapping[str, Scenario], factors: Sequence[Factor],
        changes: Mapping[str, Change],
    ) -> None:  # fmt: skip
        self.drafts = dict(drafts)
        self.bases = dict(bases)
        self.factors = tuple(factors)
        self.changes = dict(changes)
        self._numbers: dict[str, bool] = {}  # by factor: whether it is whole
        self._places: dict[str, Any] = {}  # by setting, as deep as its path is; in the end the factor
        for factor in factors:
            change = self.changes.get(factor.name)
            if isinstance(change, OneSetting) and _is_free(factor, change.path):
                self._numbers[factor.name] = factor.is_whole
                inside = self._places
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
        """Return the scenario at the levels of all factors; ScenarioError where they make no sense together.

        A number that is not-a-number, and a word that is AS_IT_IS, leave the scenario alone.
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
            checked = self._remembered(tuple(key), levels)
        return _replaced(checked, self._places, numbers) if numbers else checked

    def checked(self, levels: Mapping[str, Any]) -> Scenario:
        """Return the scenario at the levels of some factors, read and checked as a whole."""
        name = str(levels.get(SCENARIO, next(iter(self.drafts))))
        if name not in self.drafts:
            raise _unknown(SCENARIO, name, tuple(self.drafts))
        draft = self.drafts[name]
        for factor in self.factors:
            if factor.name in self.changes and factor.name in levels:
                level = levels[factor.name]
                if level != level or level == AS_IT_IS:
                    continue
                draft = draft.changed(self.changes[factor.name].block(_known(factor, level)))
        return draft.checked()

    def own_value(self, factor: str) -> Any:
        """Return what the first scenario itself says where a factor with a path changes it, None if nothing."""
        change = self.changes[factor]
        part: Any = next(iter(self.bases.values()))
        for name in change.path if isinstance(change, OneSetting) else ():
            part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
        return part

    def unchanged(self, factor: str) -> str | None:
        """Return the label of a factor's choices that changes nothing, None if each changes something."""
        change = self.changes[factor]
        blocks = change.blocks if isinstance(change, Alternative) else {}
        return next((label for label, block in blocks.items() if not block.entries), None)

    def _remembered(self, key: tuple[Any, ...], levels: Mapping[str, Any]) -> Scenario:
        with self._lock:
            if key not in self._checked:
                scenario = self.checked(levels)
                base = self.bases[str(levels.get(SCENARIO, next(iter(self.bases))))]
                while len(self._checked) >= _KEPT:
                    self._checked.pop(next(iter(self._checked)))
                self._checked[key] = _sharing(scenario, base)
            return self._checked[key]


def _is_free(factor: Factor, path: Sequence[str]) -> bool:
    """Return whether a factor is a number that makes sense wherever it does at both ends of its range."""
    return factor.is_numeric and path[-1] not in _IN_ORDER and "values" not in path[1:]


def _known(factor: Factor, level: Level) -> Level:
    if not factor.is_numeric and level not in factor.levels:
        raise _unknown(factor.name, str(level), factor.levels)
    return level


def _unknown(factor: str, level: str, levels: Sequence[Level]) -> ScenarioError:
    message = f"no level '{level}'; there are {', '.join(map(str, levels[:20]))}"
    return ScenarioError([Mistake(file="a point", path=factor, message=message)])


def _replaced(part: Any, places: Mapping[str, Any], numbers: Mapping[str, float]) -> Any:
    """Return a block with numbers put in their places; what is not on the way to one stays the same object."""
    is_dict = isinstance(part, dict)
    updates: dict[str, Any] = {}
    for name, place in places.items():
        before = part.get(name) if is_dict else getattr(part, name, None)
        if isinstance(place, dict):
            if before is not None and (after := _replaced(before, place, numbers)) is not before:
                updates[name] = after
        elif place in numbers:
            number = numbers[place]
            updates[name] = Constant(value=number) if isinstance(before, _PROCESSES) else number
    if not updates:
        return part
    return {**part, **updates} if is_dict else part.model_copy(update=updates)


def _sharing(scenario: Scenario, base: Scenario) -> Scenario:
    """Return the scenario with the base's own blocks where they say the same."""
    same = {
        name: theirs for name in Scenario.model_fields if getattr(scenario, name) == (theirs := getattr(base, name))
    }
    return scenario.model_copy(update=same)
