"""A case: a scenario with settings, those that hold from the start and those that came later, and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from sim.errors import AddressError, ScenarioError, WillingError
from sim.scenario import Scenario, load_scenario
from sim.scenario.meant import did_you_mean
from sim.ui.offered import first, references

MOST = 200  # settings that an address may hold
OF_A_CASE = ("scenario", "set", "then", "seed")  # what an address says of a case
LARGEST_SEED = 2**53 - 1  # the largest whole number that a browser holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A setting that holds from a later round on."""

    after: int  # rounds played before it was set
    setting: str  # PATH=VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is played."""

    scenario: str  # as the page offers it
    settings: tuple[str, ...] = ()  # PATH=VALUE, from the first round on
    turns: tuple[Turn, ...] = ()  # in the order of their rounds
    seed: int = 0

    @property
    def in_force(self) -> tuple[str, ...]:
        """All settings as they stand at the end, one for each path."""
        return merged((*self.settings, *(turn.setting for turn in self.turns)))

    def at(self, rounds: int) -> tuple[str, ...]:
        """Return the settings that hold once this many rounds have been played."""
        return merged((*self.settings, *(turn.setting for turn in self.turns if turn.after <= rounds)))

    def but(self, setting: str, *, after: int = 0) -> Case:
        """Return the case with one more setting, from the start or after some rounds."""
        if after == 0:
            return replace(self, settings=merged((*self.settings, setting)))
        kept = [turn for turn in self.turns if (turn.after, path_of(turn.setting)) != (after, path_of(setting))]
        return replace(self, turns=(*kept, Turn(after=after, setting=setting)))

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


def load(scenario: str, settings: Sequence[str]) -> Scenario:
    """Return a scenario that the page offers with settings replaced; ScenarioError with every mistake."""
    offered = references()
    if scenario not in offered:
        raise AddressError(f"no scenario {scenario[:80]!r} here{did_you_mean(scenario, offered)}")
    return load_scenario(offered[scenario], settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What an address asks to be shown."""

    case: Case
    round: int = 0  # rounds to be played of it
    state: str | None = None  # the state that is looked at
    pinned: Case | None = None
    result: str | None = None  # the run or sweep that is looked at


def read(search: str | None) -> View:
    """Return what the part of an address behind its question mark asks for.

    AddressError where it cannot be: a word that the page does not know, a number that is none.
    """
    fields = _split(search or "", (*OF_A_CASE, "round", "state", "pin", "result", "page"))
    one = dict(fields)
    if "page" in one:
        raise AddressError(f"there is no page {one['page']!r} here; there are Bargaining, Odds and Results")
    return View(
        case=_case(fields),
        round=_whole("round", one.get("round", "0")),
        state=one.get("state"),
        pinned=_case(_split(one["pin"], OF_A_CASE)) if "pin" in one else None,
        result=one.get("result"),
    )


def _split(search: str, known: Sequence[str]) -> list[tuple[str, str]]:
    try:
        fields = parse_qsl(search, keep_blank_values=True, max_num_fields=MOST)
    except ValueError:
        raise AddressError(f"the address holds more than {MOST} settings; name fewer") from None
    for name, _ in fields:
        if name not in known:
            raise AddressError(
                f"the address asks for {name[:40]!r}, which means nothing here{did_you_mean(name, known)}"
            )
    return fields


def _case(fields: Sequence[tuple[str, str]]) -> Case:
    one = dict(fields)
    later = [_turn(value) for name, value in fields if name == "then"]
    return Case(
        scenario=one.get("scenario", first()),
        settings=merged([value for name, value in fields if name == "set"]),
        turns=tuple(sorted(later, key=lambda turn: turn.after)),
        seed=_whole("seed", one.get("seed", "0")),
    )


def written(view: View) -> str:
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


def _fields(case: Case) -> list[tuple[str, str]]:
    return [
        ("scenario", case.scenario),
        *(("set", setting) for setting in case.settings),
        *(("then", f"{turn.after}:{turn.setting}") for turn in case.turns),
        *([("seed", str(case.seed))] if case.seed else []),
    ]


def _turn(text: str) -> Turn:
    after, colon, setting = text.partition(":")
    if not colon or "=" not in setting:
        raise AddressError(f"then={text[:60]}: give it as ROUNDS:PATH=VALUE, such as 12:environment.us_backing=0.6")
    return Turn(after=_whole("then", after), setting=setting)


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_SEED:
        raise AddressError(f"{name}={text[:40]}: must be a whole number from 0 to {LARGEST_SEED:,}")
    return int(text)


def _concerns(setting: str, path: str) -> bool:
    """Return whether a setting decides a path, its block or a part of it."""
    own = path_of(setting)
    return own == path or own.startswith(f"{path}.") or path.startswith(f"{own}.")


def mistakes(error: WillingError) -> str:
    """Return an error as the page shows it: every mistake on lines of its own."""
    if isinstance(error, ScenarioError):
        return "\n".join(str(mistake) for mistake in error.mistakes)
    return str(error)
