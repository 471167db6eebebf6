"""The differences of a scenario from another one or from the default values, setting by setting, in words."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim import facts
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.parameters import Parameter, parameters
from sim.scenario.parties import has_no_effect, name_in_sentence
from sim.scenario.schema import Change, Environment, Force, Option, Scenario
from sim.theory.considerations import CONSIDERATIONS

_WORDS_ONLY = frozenset({"name", "question", "about", "sources"})
_ONE_BY_ONE = frozenset({"weights", "raises", "facts", "feels", "relations"})
_PARTIES = ("host", "opponent")
ABSENT = "–"  # in place of the value where one of the two scenarios lacks the setting
_LONG_LIST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that differs from the other scenario."""

    path: str
    about: str
    unit: str
    standing: str
    here: str


def as_given(setting: str) -> Difference:
    """Return a setting, PATH=VALUE, as a difference from a scenario that cannot be read."""
    path, _, value = setting.partition("=")
    return Difference(path=path.strip(), about="", unit="", standing="", here=value.strip())


def joined(earlier: Sequence[Difference], later: Sequence[Difference]) -> list[Difference]:
    """Return the differences of a scenario that was changed twice from the original one."""
    by_path = {each.path: each for each in earlier}
    for each in later:
        first = by_path.pop(each.path, each)
        if first.standing != each.here:
            by_path[each.path] = replace(each, standing=first.standing)
    return list(by_path.values())


def differences(scenario: Scenario, standing: Scenario) -> list[Difference]:
    """Return the settings whose values differ, in the order of the schema; name, question and notes do not count.

    Differences that follow from another host or opponent are not named besides it.
    """
    shared = set(scenario.menu) & set(standing.menu)
    own, common = _entries(scenario, shared), _entries(standing, shared)
    result = []
    for path in dict.fromkeys([*common, *own]):
        before, after = common.get(path), own.get(path)
        entry = after or before
        assert entry is not None
        old = before.value if before else _of_the_table(path)
        new = after.value if after else None
        if old == new or _same_names(old, new) or (path.endswith(".name") and new is None):
            continue
        if path in _PARTIES:
            texts = _party(old, standing), _party(new, scenario)
            result.append(Difference(path=path, about=entry.about, unit=entry.unit, standing=texts[0], here=texts[1]))
            continue
        if (
            has_no_effect(path, scenario)
            or has_no_effect(path, standing)
            or _follows(path, old, new, scenario, standing)
        ):
            continue
        listed = _lists(old, new) if isinstance(old, tuple) and isinstance(new, tuple) else None
        texts = listed or (in_words(old), "unknown" if new is None and after else in_words(new))
        result.append(Difference(path=path, about=entry.about, unit=entry.unit, standing=texts[0], here=texts[1]))
    return result


def _party(code: str | None, scenario: Scenario) -> str:
    return "none" if code is None else name_in_sentence(code, scenario)


def _follows(path: str, old: Any, new: Any, scenario: Scenario, standing: Scenario) -> bool:
    """Return whether a label differs only in the names of the host and the opponent."""
    if not path.endswith(".label") or not isinstance(old, str):
        return False
    for party in _PARTIES:
        before, after = (getattr(each, party) for each in (standing, scenario))
        if before is not None and after is not None:
            old = old.replace(name_in_sentence(before, standing), name_in_sentence(after, scenario))
    return bool(old == new)


def in_words(value: Any) -> str:
    """Return a value of a setting as a reader expects it."""
    match value:
        case None:
            return ABSENT
        case bool():
            return "yes" if value else "no"
        case float() if value in (float("inf"), float("-inf")):
            return "∞" if value > 0 else "−∞"
        case int() | float():
            return f"{value:,.15g}".replace("-", "−")
        case datetime.date():
            return f"{value.day} {value:%B %Y}"
        case tuple() | list():
            return ", ".join(map(in_words, value)) or "none"
        case Mapping():
            return ", ".join(f"{key} {in_words(entry)}" for key, entry in value.items()) or "none"
        case Constant():
            return in_words(value.value)
        case Schedule():
            return _dated(value)
        case Ramp():
            moves = f"{in_words(value.start_value)} to {in_words(value.end_value)}"
            return f"{moves}, evenly from round {value.start_round} to round {value.end_round}"
        case LogitAR1():
            return _fluctuating(value)
        case Option():
            return _option_in_words(value)
        case Force():
            begin, end = value.from_, value.until
            return (
                value.option
                + (f" from {in_words(begin)}" if begin else "")
                + (f" until {in_words(end)}" if end else "")
            )
    return str(value)


def _dated(schedule: Schedule) -> str:
    """Return the dates at which a schedule changes; of many only the ends and the extremes."""
    moves: dict[datetime.date, float] = {}
    for date, share in schedule.values.items():
        if schedule.between == "linear" or not moves or share != list(moves.values())[-1]:
            moves[date] = share
    between = ", evenly between" if schedule.between == "linear" else ""
    if len(moves) <= _LONG_LIST:
        return ", ".join(f"{in_words(share)} from {in_words(date)}" for date, share in moves.items()) + between
    (first, start), (last, end) = next(iter(moves.items())), next(reversed(moves.items()))
    low, high = min(moves.values()), max(moves.values())
    return (
        f"{len(moves)} dated values, {in_words(start)} from {in_words(first)} to {in_words(end)} "
        f"from {in_words(last)}, never under {in_words(low)} or over {in_words(high)}{between}"
    )


def _fluctuating(process: LogitAR1) -> str:
    text = (
        f"fluctuates around {in_words(process.level)}: moves of {in_words(process.volatility)} logits a round, "
        f"{in_words(process.persistence)} of a deviation left after it"
    )
    if process.jump_chance and process.jump_size:
        text += (
            f"; jumps of {in_words(process.jump_size)} logits with probability {in_words(process.jump_chance)} a round"
        )
    return text


def _option_in_words(option: Option) -> str:
    settings = option.model_dump(exclude={"label", "raises"})
    raised = {name: strength for name, strength in option.raises.items() if strength}
    return f"{option.label}: {in_words(settings)}; raises {in_words(raised)}"


def _entries(scenario: Scenario, options: Collection[str]) -> dict[str, Parameter]:
    """Return the settings by path: processes and new options as one entry each, figures and weights one by one."""
    result: dict[str, Parameter] = {}
    for parameter in parameters(scenario):
        block, *rest = parameter.path.split(".")
        if block in _WORDS_ONLY or parameter.value == {}:
            continue
        if block == "environment":
            about, unit = _explained(rest[0])
            whole = _whole(f"environment.{rest[0]}", getattr(scenario.environment, rest[0]), about, unit)
            result[whole.path] = whole
        elif block == "force":
            whole = _whole(
                f"force.{rest[0]}", scenario.force[rest[0]], "option that the state is forced to declare", ""
            )
            result[whole.path] = whole
        elif block == "changes":
            result |= {entry.path: entry for change in scenario.changes for entry in _changed(change)}
        elif block == "menu" and rest[0] not in options:
            whole = _whole(f"menu.{rest[0]}", scenario.menu[rest[0]], "an option of the menu", "")
            result[whole.path] = whole
        elif isinstance(parameter.value, dict) and parameter.path.rpartition(".")[2] in _ONE_BY_ONE:
            result |= {entry.path: entry for entry in _one_by_one(parameter, scenario)}
        else:
            result[parameter.path] = parameter
    return result


def _changed(change: Change) -> Iterator[Parameter]:
    """Yield the settings of a change, each path with the dates between which it applies."""
    span = f" from {change.at}" + (f" until {change.until}" if change.until else "")
    for path, value in change.set.items():
        yield _whole(f"{path}{span}", value, "value from this date on", "")
    for code, option in change.force.items():
        yield _whole(f"force.{code}{span}", option or "nothing", "option that the state is forced to declare", "")


def _whole(path: str, value: Any, about: str, unit: str) -> Parameter:
    return Parameter(path=path, value=value, limits="", unit=unit, about=about)


def _explained(quantity: str) -> tuple[str, str]:
    field = Environment.model_fields[quantity]
    extra = field.json_schema_extra
    return field.description or "", str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def _one_by_one(parameter: Parameter, scenario: Scenario) -> Iterator[Parameter]:
    """Yield the entries of a mapping, each with a description of its own name where there is one."""
    for key, value in parameter.value.items():
        about, unit = parameter.about, parameter.unit
        if key in CONSIDERATIONS:
            about = f"{about}: {CONSIDERATIONS[key].about}"
        elif parameter.path == "relations":
            relation = facts.RELATIONS[key]
            about = relation.about.format(_party(getattr(scenario, relation.to), scenario))
        elif key in facts.columns():
            about, unit = facts.columns()[key].about, facts.columns()[key].unit
        yield _whole(f"{parameter.path}.{key}", value, about, unit)


def _of_the_table(path: str) -> Any:
    """Return the value of the table of states where a scenario replaces one of its figures."""
    match path.split("."):
        case ["states", code, "facts", figure] if code in facts.states():
            return getattr(facts.states()[code], figure)
        case ["states", code, "name"] if code in facts.states():
            return facts.states()[code].name
    return None


def _same_names(one: Any, other: Any) -> bool:
    """Return whether two lists have the same names in another order, which makes no difference."""
    return isinstance(one, tuple) and isinstance(other, tuple) and sorted(one) == sorted(other)


def _lists(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, str] | None:
    """Return a long list as its length, and the other as the entries that are removed and added."""
    if max(len(before), len(after)) <= _LONG_LIST:
        return None
    left_out = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    if len(after) <= len(left_out) + len(added):
        return f"{len(before)} in all", in_words(after)
    parts = [f"{words} {', '.join(names)}" for words, names in (("without", left_out), ("with", added)) if names]
    return f"{len(before)} in all", f"{len(after)} in all: {'; '.join(parts)}"
