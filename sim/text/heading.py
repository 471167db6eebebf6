"""Headings of runs and scenarios: the name, and every setting that differs from the scenario of that name."""

from __future__ import annotations

from sim.scenario.differences import ABSENT, Difference
from sim.scenario.schema import Scenario
from sim.text.setting_names import option_phrase, setting_name
from sim.text.words import listed


def heading(scenario: Scenario, *, before: bool = True) -> str:
    """Return the scenario's name, with the settings that differ from the scenario of that name, in words.

    Parameters
    ----------
    scenario
        As it was loaded or stored; `Scenario.differences` holds the settings that differ.
    before
        Whether to add the value of the named scenario, as in `instead of 25,000`.

    Examples
    --------
    >>> heading(load_scenario("paris-march-2025", ["menu.troops.ask=10000"]))
    'paris-march-2025 with the ask for troops in Ukraine at 10,000 instead of 25,000'
    """
    if not scenario.differences:
        return scenario.name
    changed = [difference_in_words(each, scenario, before=before) for each in scenario.differences]
    return f"{scenario.name} with {listed(changed)}"


def with_heading(scenario: Scenario, subtitle: str) -> str:
    """Return a subtitle of a figure, with the heading of the scenario before it if its settings were changed."""
    return f"{heading(scenario)}. {subtitle}" if scenario.differences else subtitle


def difference_in_words(difference: Difference, scenario: Scenario, *, before: bool = True) -> str:
    """Return one difference as a clause: the setting, its value, and the value that it replaces."""
    path, here, was = difference.path, difference.here, difference.standing
    match path.split("."):
        case ["menu", option] if here == ABSENT:
            return f"no option {option_phrase(option, scenario)}"
        case ["menu", option] if was == ABSENT:
            return f"the option {option_phrase(option, scenario)}"
    short = [value.partition(": ")[0] for value in (here, was)]
    if short[0] != short[1]:
        here, was = short
    here, was = (value.replace("fluctuates around", "fluctuating around") for value in (here, was))
    name = setting_name(path, scenario, unit="").phrase
    name, from_, dates = name.partition(" from ")
    if path.startswith("force.") and here != ABSENT:
        forced = "free to choose" if here == "nothing" else f"forced to declare {here}"
        return f"{name.removeprefix('the forced stance of ')} {forced}{from_}{dates}"
    if from_ and here != ABSENT:
        return f"{name} {_set_to(here)}{from_}{dates}"
    name += from_ + dates
    if path == "rounds":
        text = f"{here} rounds"
    elif path == "roster.leave_out" and here != "none":
        text = f"{here} left out"
    elif path == "weights":
        text = f"{name} {here}"
    else:
        text = f"{name} {'as in the table' if here == ABSENT else _set_to(here)}"
    return f"{text} instead of {was}" if before and was not in ("", "none", ABSENT) else text


def _set_to(value: str) -> str:
    """Return a value as the end of a phrase that begins with its setting."""
    if value.startswith("wandering"):
        return value
    return f"at {value}" if value.lstrip("−")[:1].isdigit() else f"set to {value}"
