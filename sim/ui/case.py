"""A case: a scenario with settings, those that hold from the start and those that came later, and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from sim.errors import AddressError, Mistake, ScenarioError, WillingError
from sim.scenario import Scenario
from sim.scenario.files import find_scenario
from sim.scenario.load import differences_from_named, read_unchecked
from sim.scenario.settings import apply_setting
from sim.scenario.suggestions import did_you_mean
from sim.scenario.unchecked import UncheckedScenario
from sim.ui.catalogue import first, references

MOST = 200  # settings that an address may hold
OF_A_CASE = ("scenario", "set", "then", "seed")  # what an address says of a case
OF_ALL_ROUNDS = ("rounds",)  # which may grow in mid-run, but hold no sooner or later
LARGEST_SEED = 2**53 - 1  # the largest whole number that a browser holds


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
    """A setting that holds from a later round on."""

    after: int  # rounds played before it was set
    setting: str  # PATH=VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is played."""

    scenario: str  # as the page offers it
    settings: tuple[str, ...] = ()  # PATH=VALUE, from the first round on
    turns: tuple[ScheduledChange, ...] = ()  # in the order of their rounds
    seed: int = 0

    @property
    def in_force(self) -> tuple[str, ...]:
        """All settings as they stand at the end, one for each path."""
        return merged((*self.settings, *(turn.setting for turn in self.turns)))

    def with_settings(self, setting: str, *, after: int = 0) -> Case:
        """Return the case with one more setting, from the start or after some rounds, and on to the end."""
        path = path_of(setting)
        after = 0 if path in OF_ALL_ROUNDS else after
        kept = tuple(turn for turn in self.turns if turn.after < after or path_of(turn.setting) != path)
        if after == 0:
            return replace(self, settings=merged((*self.settings, setting)), turns=kept)
        return replace(self, turns=tuple(sorted((*kept, ScheduledChange(after=after, setting=setting)), key=_after)))

    def without(self, path: str) -> Case:
        """Return the case with a setting as the scenario has it."""
        return replace(
            self,
            settings=tuple(setting for setting in self.settings if not _concerns(setting, path)),
            turns=tuple(turn for turn in self.turns if not _concerns(turn.setting, path)),
        )

    def from_the_start(self) -> Case:
        """Return the case with the settings that now stand from the first round on."""
        return replace(self, settings=self.in_force, turns=())


def path_of(setting: str) -> str:
    """Return the path of PATH=VALUE."""
    return setting.partition("=")[0].strip()


def value_of(setting: str) -> str:
    """Return the value of PATH=VALUE."""
    return setting.partition("=")[2].strip()


def merged(settings: Sequence[str]) -> tuple[str, ...]:
    """Return the settings without those that a later one of the same path replaces."""
    last = {path_of(setting): place for place, setting in enumerate(settings)}
    return tuple(setting for place, setting in enumerate(settings) if last[path_of(setting)] == place)


def read_offered(scenario: str) -> UncheckedScenario:
    """Return a scenario that the page offers, read but not yet checked.

    AddressError where it is not offered, ScenarioError where it cannot be read.
    """
    offered = references()
    if scenario not in offered:
        raise AddressError(f"no scenario {scenario[:80]!r} here{did_you_mean(scenario, offered)}")
    return read_unchecked(find_scenario(offered[scenario]))


def with_settings(taken: UncheckedScenario, settings: Sequence[str]) -> Scenario:
    """Return a scenario that was taken, with settings replaced; ScenarioError with every mistake."""
    mistakes: list[Mistake] = []
    changed = taken
    for setting in settings:
        try:
            tree, more = apply_setting(changed.tree, setting)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            changed, mistakes = replace(changed, tree=tree), [*mistakes, *more]
    scenario = replace(changed, mistakes=(*changed.mistakes, *mistakes)).checked()
    return scenario.with_differences(differences_from_named(scenario, taken, settings)) if settings else scenario


def settings_of_case(taken: UncheckedScenario, case: Case) -> tuple[str, ...]:
    """Return all settings of a case, those of a later round with the date of that round, as `load_scenario` takes them.

    Raises what loading the scenario with the settings from the start raises.
    """
    if not case.turns:
        return case.settings
    scenario = with_settings(taken, case.settings)
    days = {turn.after: scenario.start + timedelta(days=scenario.round_days * turn.after) for turn in case.turns}
    return (*case.settings, *(f"{days[turn.after]} {turn.setting}" for turn in case.turns))


def played(taken: UncheckedScenario, case: Case) -> Scenario:
    """Return the scenario that a case plays, with what changes in mid-run; ScenarioError with every mistake."""
    return with_settings(taken, settings_of_case(taken, case))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What an address asks to be shown."""

    case: Case
    round: int = 0  # rounds to be played of it
    state: str | None = None  # the state that is looked at
    pinned: Case | None = None
    result: str | None = None  # the run or sweep that is looked at


def read(search: str | None) -> tuple[PageState, str]:
    """Return what the part of an address behind its question mark asks for, and what in it means nothing.

    What can be understood is; the rest is told, a line each: a word that the page does not know, a number that is none.
    """
    known = (*OF_A_CASE, "round", "state", "pin", "result", "page")
    fields, troubles = _split(search or "", known)
    one = dict(fields)
    if "page" in one:
        troubles.append(f"there is no page {one['page'][:60]!r} here; there are Bargaining, Probabilities and Results")
    pinned = None
    if "pin" in one:
        of_the_pin, more = _split(one["pin"], OF_A_CASE)
        troubles += more
        pinned = _case(of_the_pin, troubles)
    view = PageState(
        case=_case(fields, troubles),
        round=_whole("round", one.get("round", "0"), troubles),
        state=one.get("state"),
        pinned=pinned,
        result=one.get("result"),
    )
    return view, "\n".join(troubles)


def address_of(view: PageState) -> str:
    """Return the address of a view, behind its question mark."""
    fields = _fields(view.case)
    if view.round:
        fields.append(("round", str(view.round)))
    if view.state:
        fields.append(("state", view.state))
    if view.pinned is not None:
        fields.append(("pin", urlencode(_fields(view.pinned))))
    if view.result:
        fields.append(("result", view.result))
    return urlencode(fields, safe="=:/,")


def seed_of(text: str) -> int:
    """Return the seed that a text names; AddressError where it is none."""
    troubles: list[str] = []
    seed = _whole("seed", text, troubles)
    if troubles:
        raise AddressError(troubles[0])
    return seed


def _fields(case: Case) -> list[tuple[str, str]]:
    return [
        ("scenario", case.scenario),
        *(("set", setting) for setting in case.settings),
        *(("then", f"{turn.after}:{turn.setting}") for turn in case.turns),
        *([("seed", str(case.seed))] if case.seed else []),
    ]


def _split(search: str, known: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the fields of an address that are known, and what is said of the others."""
    try:
        fields = parse_qsl(search, keep_blank_values=True, max_num_fields=MOST)
    except ValueError:
        return [], [f"the address holds more than {MOST} settings; name fewer"]
    strange = [
        f"the address asks for {name[:40]!r}, which means nothing here{did_you_mean(name, known)}"
        for name, _ in fields
        if name not in known
    ]
    return [field for field in fields if field[0] in known], strange


def _case(fields: Sequence[tuple[str, str]], troubles: list[str]) -> Case:
    one = dict(fields)
    turns = [turn for name, value in fields if name == "then" and (turn := _turn(value, troubles)) is not None]
    settings = [value for name, value in fields if name == "set"]
    at_once = [turn.setting for turn in turns if turn.after == 0]
    return Case(
        scenario=one.get("scenario", first()),
        settings=merged((*settings, *at_once)),
        turns=tuple(sorted((turn for turn in turns if turn.after > 0), key=_after)),
        seed=_whole("seed", one.get("seed", "0"), troubles),
    )


def _after(turn: ScheduledChange) -> int:
    return turn.after


def _turn(text: str, troubles: list[str]) -> ScheduledChange | None:
    after, colon, setting = text.partition(":")
    if not colon or "=" not in setting:
        troubles.append(f"then={text[:60]}: give it as ROUNDS:PATH=VALUE, such as 12:environment.us_backing=0.6")
        return None
    found = len(troubles)
    number = _whole("then", after, troubles)
    return ScheduledChange(after=number, setting=setting) if len(troubles) == found else None


def _whole(name: str, text: str, troubles: list[str]) -> int:
    """Return the whole number that a text is; 0 where it is none, and say so."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_SEED:
        troubles.append(f"{name}={text[:40]}: must be a whole number from 0 to {LARGEST_SEED:,}")
        return 0
    return int(text)


def _concerns(setting: str, path: str) -> bool:
    """Return whether a setting decides a path, its block or a part of it."""
    own = path_of(setting)
    return own == path or own.startswith(f"{path}.") or path.startswith(f"{own}.")


def mistakes(error: WillingError) -> str:
    """Return an error as the page shows it: every mistake on lines of its own, files by their names alone."""
    if not isinstance(error, ScenarioError):
        return str(error)
    return "\n".join(
        f"{mistake.path}: {mistake.message}" if mistake.file.startswith("--") else str(_near(mistake))
        for mistake in error.mistakes
    )


def _near(mistake: Mistake) -> Mistake:
    return replace(mistake, file=Path(mistake.file).name or mistake.file)
