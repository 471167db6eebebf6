"""A case: a scenario, settings that replace its own from the start or from a later round, and a seed."""

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
from sim.scenario.setting_overrides import apply_setting
from sim.scenario.suggestions import did_you_mean
from sim.scenario.unchecked import UncheckedScenario
from sim.ui.catalogue import first_scenario, references

MAX_FIELDS = 200  # of an address
CASE_FIELDS = ("scenario", "set", "then", "seed")  # fields of an address that describe a case
WHOLE_RUN = ("rounds",)  # settings that apply to the whole run, even if they are changed during it
LARGEST_SEED = 2**53 - 1  # the largest integer that JavaScript holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledChange:
    """A setting that applies from a later round on."""

    after: int  # number of rounds simulated before the change
    setting: str  # PATH=VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the page simulates."""

    scenario: str  # the name in the page's list
    settings: tuple[str, ...] = ()  # PATH=VALUE, from the first round on
    changes: tuple[ScheduledChange, ...] = ()  # in the order of rounds
    seed: int = 0

    @property
    def in_force(self) -> tuple[str, ...]:
        """The settings in force at the end of the run, one per path."""
        return merged((*self.settings, *(change.setting for change in self.changes)))

    def with_settings(self, setting: str, *, after: int = 0) -> Case:
        """Return the case with one more setting, which applies after this many rounds and to the end of the run."""
        path = path_of(setting)
        after = 0 if path in WHOLE_RUN else after
        changes = tuple(change for change in self.changes if change.after < after or path_of(change.setting) != path)
        if after == 0:
            return replace(self, settings=merged((*self.settings, setting)), changes=changes)
        added = ScheduledChange(after=after, setting=setting)
        return replace(self, changes=tuple(sorted((*changes, added), key=_after)))

    def without(self, path: str) -> Case:
        """Return the case with the scenario's own value of a setting."""
        return replace(
            self,
            settings=tuple(setting for setting in self.settings if not _concerns(setting, path)),
            changes=tuple(change for change in self.changes if not _concerns(change.setting, path)),
        )

    def from_the_start(self) -> Case:
        """Return the case in which the settings in force apply from the first round on."""
        return replace(self, settings=self.in_force, changes=())


def path_of(setting: str) -> str:
    """Return the path of PATH=VALUE."""
    return setting.partition("=")[0].strip()


def value_of(setting: str) -> str:
    """Return the value of PATH=VALUE."""
    return setting.partition("=")[2].strip()


def merged(settings: Sequence[str]) -> tuple[str, ...]:
    """Return the last setting of each path."""
    last = {path_of(setting): index for index, setting in enumerate(settings)}
    return tuple(setting for index, setting in enumerate(settings) if last[path_of(setting)] == index)


def read_listed(scenario: str) -> UncheckedScenario:
    """Read a scenario in the page's list without checking it.

    AddressError if it is not in the list, ScenarioError if it cannot be read.
    """
    known = references()
    if scenario not in known:
        raise AddressError(f"no scenario {scenario[:80]!r}{did_you_mean(scenario, known)}")
    return read_unchecked(find_scenario(known[scenario]))


def with_settings(source: UncheckedScenario, settings: Sequence[str]) -> Scenario:
    """Return a checked scenario with settings replaced; ScenarioError with every mistake."""
    mistakes: list[Mistake] = []
    changed = source
    for setting in settings:
        try:
            tree, more = apply_setting(changed.tree, setting)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            changed, mistakes = replace(changed, tree=tree), [*mistakes, *more]
    scenario = replace(changed, mistakes=(*changed.mistakes, *mistakes)).checked()
    return scenario.with_differences(differences_from_named(scenario, source, settings)) if settings else scenario


def settings_of_case(source: UncheckedScenario, case: Case) -> tuple[str, ...]:
    """Return all settings of a case as `load_scenario` takes them, those of a later round with its date.

    Raises the errors of loading the scenario with the settings that apply from the start.
    """
    if not case.changes:
        return case.settings
    scenario = with_settings(source, case.settings)
    dates = {each.after: scenario.start + timedelta(days=scenario.round_days * each.after) for each in case.changes}
    return (*case.settings, *(f"{dates[each.after]} {each.setting}" for each in case.changes))


def scenario_of_case(source: UncheckedScenario, case: Case) -> Scenario:
    """Return the scenario of a case, with the changes during the run; ScenarioError with every mistake."""
    return with_settings(source, settings_of_case(source, case))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What an address describes."""

    case: Case
    round: int = 0  # number of rounds to simulate
    state: str | None = None  # the state that is explained
    pinned: Case | None = None
    result: str | None = None  # the run or sweep that is open


def read_address(search: str | None) -> tuple[PageState, str]:
    """Read the query of an address; return what it describes, and a line for each mistake in it.

    Fields that cannot be read are ignored.
    """
    known = (*CASE_FIELDS, "round", "state", "pin", "result", "page")
    fields, mistakes = _split(search or "", known)
    values = dict(fields)
    if "page" in values:
        mistakes.append(f"no page {values['page'][:60]!r}; the pages are Bargaining, Probabilities and Results")
    pinned = None
    if "pin" in values:
        fields_of_pin, more = _split(values["pin"], CASE_FIELDS)
        mistakes += more
        pinned = _case(fields_of_pin, mistakes)
    view = PageState(
        case=_case(fields, mistakes),
        round=_whole("round", values.get("round", "0"), mistakes),
        state=values.get("state"),
        pinned=pinned,
        result=values.get("result"),
    )
    return view, "\n".join(mistakes)


def address_of(view: PageState) -> str:
    """Return the query of the address that describes this."""
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
    """Read a random seed; AddressError if the text is not one."""
    mistakes: list[str] = []
    seed = _whole("seed", text, mistakes)
    if mistakes:
        raise AddressError(mistakes[0])
    return seed


def _fields(case: Case) -> list[tuple[str, str]]:
    return [
        ("scenario", case.scenario),
        *(("set", setting) for setting in case.settings),
        *(("then", f"{change.after}:{change.setting}") for change in case.changes),
        *([("seed", str(case.seed))] if case.seed else []),
    ]


def _split(search: str, known: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the known fields of an address, and a message for each unknown one."""
    try:
        fields = parse_qsl(search, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return [], [f"the address has more than {MAX_FIELDS} fields; use fewer"]
    unknown = [
        f"unknown field {name[:40]!r} in the address{did_you_mean(name, known)}"
        for name, _ in fields
        if name not in known
    ]
    return [field for field in fields if field[0] in known], unknown


def _case(fields: Sequence[tuple[str, str]], mistakes: list[str]) -> Case:
    values = dict(fields)
    changes = [each for name, value in fields if name == "then" and (each := _change(value, mistakes)) is not None]
    settings = [value for name, value in fields if name == "set"]
    from_start = [change.setting for change in changes if change.after == 0]
    return Case(
        scenario=values.get("scenario", first_scenario()),
        settings=merged((*settings, *from_start)),
        changes=tuple(sorted((change for change in changes if change.after > 0), key=_after)),
        seed=_whole("seed", values.get("seed", "0"), mistakes),
    )


def _after(change: ScheduledChange) -> int:
    return change.after


def _change(text: str, mistakes: list[str]) -> ScheduledChange | None:
    after, colon, setting = text.partition(":")
    if not colon or "=" not in setting:
        mistakes.append(f"then={text[:60]}: must be ROUNDS:PATH=VALUE, such as 12:environment.us_backing=0.6")
        return None
    count = len(mistakes)
    number = _whole("then", after, mistakes)
    return ScheduledChange(after=number, setting=setting) if len(mistakes) == count else None


def _whole(name: str, text: str, mistakes: list[str]) -> int:
    """Read a whole number; if the text is not one, add a message to the list and return 0."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_SEED:
        mistakes.append(f"{name}={text[:40]}: must be a whole number from 0 to {LARGEST_SEED:,}")
        return 0
    return int(text)


def _concerns(setting: str, path: str) -> bool:
    """Return whether a setting replaces a path, a block that contains it or a part of it."""
    own = path_of(setting)
    return own == path or own.startswith(f"{path}.") or path.startswith(f"{own}.")


def error_text(error: WillingError) -> str:
    """Return an error as the page shows it: one line per mistake, files without their folders."""
    if not isinstance(error, ScenarioError):
        return str(error)
    return "\n".join(
        f"{mistake.path}: {mistake.message}" if mistake.file.startswith("--") else str(_without_folder(mistake))
        for mistake in error.mistakes
    )


def _without_folder(mistake: Mistake) -> Mistake:
    return replace(mistake, file=Path(mistake.file).name or mistake.file)
