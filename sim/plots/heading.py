"""What a run or a scenario is headed with: its name, and every setting in which it differs from the one so named."""

from __future__ import annotations

from sim.plots import style
from sim.plots.sweeps.names import option_in_a_sentence, setting
from sim.plots.words import listed
from sim.scenario.differences import ABSENT, Difference
from sim.scenario.schema import Scenario


def heading(scenario: Scenario, *, before: bool = True) -> str:
    """Return the scenario's name, with the settings that differ from the scenario of that name, in words.

    Parameters
    ----------
    scenario
        As it was loaded or stored; `Scenario.departures` says in what it differs.
    before
        Whether to add what the named scenario has, as in `(25,000 before)`.

    Examples
    --------
    >>> heading(load_scenario("paris-march-2025", ["menu.troops.ask=10000"]))
    'paris-march-2025 with the ask for troops in Ukraine 10,000 (25,000 before)'
    """
    if not scenario.departures:
        return scenario.name
    changed = [difference_in_words(each, scenario, before=before) for each in scenario.departures]
    return f"{scenario.name} with {listed(changed)}"


def headed(scenario: Scenario, subtitle: str) -> str:
    """Return a figure's subtitle behind the heading of a scenario whose settings were changed."""
    return f"{heading(scenario)}. {subtitle}" if scenario.departures else subtitle


def heading_height(scenario: Scenario, title: str, subtitle: str) -> float:
    """Return by how much the heading of changed settings makes the top of a figure higher, in inches."""
    without, with_it = (style.content_top(style.figure(title, text)) for text in (subtitle, headed(scenario, subtitle)))
    return without - with_it


def difference_in_words(difference: Difference, scenario: Scenario, *, before: bool = True) -> str:
    """Return one difference as a heading says it: what is set, to what, and what it was."""
    path, here, was = difference.path, difference.here, difference.standing
    match path.split("."):
        case ["menu", option] if here == ABSENT:
            return f"no option {option_in_a_sentence(option, scenario)}"
        case ["menu", option] if was == ABSENT:
            return f"the option {option_in_a_sentence(option, scenario)}"
    short = [text.partition(": ")[0] for text in (here, was)]
    if short[0] != short[1]:
        here, was = short
    name = setting(path, scenario, unit="").name
    name, from_, dates = name.partition(" from ")
    if path.startswith("force.") and here != ABSENT:
        made = "free" if here == "nothing" else f"made to declare {here}"
        return f"{name.removeprefix('the forced stance of ')} {made}{from_}{dates}"
    if from_ and here != ABSENT:
        return f"{name} {here}{from_}{dates}"
    name += from_ + dates
    said = f"{name} {'as the table has it' if here == ABSENT else here}"
    return f"{said} ({was} before)" if before and was and was != ABSENT else said
