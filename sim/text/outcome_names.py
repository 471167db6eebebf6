"""What a figure of a sweep shows of a point: an outcome with its name, its unit and how its values are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.results.columns import outcomes
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.numbers import outcome_number, percent, with_unit
from sim.text.setting_names import option_in_a_sentence
from sim.text.words import of_case, option_name, promise, sentence, state_name

WORDED = ("headline", "stance", "conditional")  # outcomes that are an option, by how their names begin
JOINS = "joins"

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "viable": "viability",
        "viable_now": "viability of the headline in force",
        "headline_rung": "the rung of the headline in force",
        "ask": "the ask in force",
        "redimensioned": "changes of the proposal",
        "deterrence": "deterrence",
        "phase": "the phase of the ceasefire",
        "peace_holds": "the chance that peace holds",
        "us_backing": "US backing at the end",
        "russian_opposition": "Russian opposition at the end",
        "mandate": "the mandate at the end",
        "clarity": "clarity of the mission at the end",
        "sincerity": "believed sincerity at the end",
        "battlefield": "the state of the host's forces at the end",
        "burden_gini": "inequality of the burden",
        "rounds_to_settle": "the last round with a change of stance",
        "stances_kept": "the share of stances kept for five months",
        "headline": "headline",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One outcome of a sweep, as figures name and write it."""

    column: str
    name: str  # within a sentence
    unit: str
    is_share: bool = False  # of replicates: written in %
    is_worded: bool = False  # an option, with a column for the share of each
    is_plural: bool = False  # soldiers fall, viability falls
    bounds: tuple[float, float] | None = None  # between which its values always lie

    @property
    def label(self) -> str:
        """What stands at an axis."""
        name = sentence(self.bare)
        told = not self.unit or self.bare.startswith(self.unit)
        return name if told else f"{name} ({self.unit})"

    @property
    def bare(self) -> str:
        """The name without its article."""
        return self.name.removeprefix("the ")

    def verb(self, one: str, many: str) -> str:
        """Return the form of a verb that goes with the name."""
        return many if self.is_plural else one

    def said(self, value: float) -> str:
        """Return a value as a sentence says it, without its unit."""
        if not math.isfinite(value):
            return "unknown"
        if self.is_share:
            return percent(value)
        return outcome_number(value, within=self.bounds)

    def said_with_unit(self, value: float) -> str:
        """Return a value as a sentence says it, with its unit where that is a thing that is counted."""
        text = self.said(value)
        return text if self.unit and self.bare.startswith(self.unit) else with_unit(text, self.unit)


def measure(outcome: str, scenario: Scenario) -> Measure:
    """Return what an outcome of this name is; a name that nobody knows stands for itself."""
    kind, _, rest = outcome.partition(".")
    if kind in WORDED:
        return _worded(outcome, kind, rest, scenario)
    if kind == JOINS:
        return _share(outcome, f"the chance that {state_name(rest, scenario)} joins")
    known = outcomes(list(scenario.menu)).get(outcome)
    unit = "" if known is None else known.unit
    per_option = _per_option(scenario).get(outcome)
    if per_option is not None:
        return Measure(column=outcome, name=per_option, unit=unit, is_plural=True)
    name = of_case(NAMES.get(outcome, outcome.replace("_", " ")), scenario)
    if unit == "0 or 1":
        return _share(outcome, name)
    bounded = re.search(r"\b(0 to 1|share)\b", unit) is not None
    return Measure(
        column=outcome,
        name=name,
        unit={"share": "0 to 1", "phase": "0 fighting, 1 truce, 2 ceasefire"}.get(unit, unit),
        is_plural=outcome == "redimensioned",
        bounds=(0.0, 1.0) if bounded else None,
    )


def _share(column: str, name: str) -> Measure:
    return Measure(column=column, name=name, unit="% of replicates", is_share=True, bounds=(0.0, 1.0))


def _worded(outcome: str, kind: str, rest: str, scenario: Scenario) -> Measure:
    """Return an outcome that is an option, or the share of replicates with one of them where the name ends so."""
    if kind == "headline":
        subject, option = NAMES["headline"], rest
    else:
        code, _, option = rest.partition(".")
        subject = f"the stance of {state_name(code, scenario)}"
        if kind == "conditional":
            subject += " if the conditions were met"
    if not option:
        return Measure(column=outcome, name=subject, unit="", is_worded=True)
    if kind == "headline":
        called = option_name(option) if option == ABSTAIN else option_in_a_sentence(option, scenario)
        return _share(outcome, f"the chance that the headline is {called}")
    does = promise(option, scenario) if option in scenario.option_names else option
    met = " if the conditions were met" if kind == "conditional" else ""
    return _share(outcome, f"the chance that {state_name(rest.partition('.')[0], scenario)} would {does}{met}")


def _per_option(scenario: Scenario) -> dict[str, str]:
    """Return what the outcomes that count an option are called."""
    found = {}
    for option in scenario.menu:
        does = promise(option, scenario)
        found[states_column(option)] = f"states that would {does}"
        found[conditional_column(option)] = f"states that would {does} if the conditions were met"
        found[personnel_column(option)] = f"soldiers declared for {option_in_a_sentence(option, scenario)}"
    return found
