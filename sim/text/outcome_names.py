"""Names of outcomes within sentences and at axes, and how their values are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.results.outcomes import Outcome, find_outcome
from sim.scenario.field_types import as_label
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.numbers import outcome_number, percent, with_unit
from sim.text.setting_names import option_phrase
from sim.text.words import option_name, promise, state_name, with_parties

_SHARE = "% of replicates"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeText:
    """The texts of an outcome: how figures and sentences name it and write its values."""

    column: str
    phrase: str  # within a sentence
    title: str  # at an axis, without its unit
    unit: str
    is_share: bool = False  # of replicates: written in %
    is_option: bool = False  # an option, with a column for the share of each
    is_plural: bool = False  # soldiers fall, viability falls
    bounds: tuple[float, float] | None = None  # between which its values always lie

    @property
    def label(self) -> str:
        """The label of an axis, with its unit."""
        named = not self.unit or self.bare.startswith(self.unit)
        return self.title if named else f"{self.title} ({self.unit})"

    @property
    def bare(self) -> str:
        """The phrase without its article."""
        return self.phrase.removeprefix("the ")

    @property
    def quantity(self) -> str:
        """The phrase as something that changes: the number of states rather than the states."""
        return f"the number of {self.phrase}" if self.is_plural else self.phrase

    def verb(self, one: str, many: str) -> str:
        """Return the form of a verb that goes with the phrase."""
        return many if self.is_plural else one

    def text(self, value: float) -> str:
        """Return a value as a sentence says it, without its unit."""
        if not math.isfinite(value):
            return "unknown"
        if self.is_share:
            return percent(value)
        return outcome_number(value, within=self.bounds)

    def text_with_unit(self, value: float) -> str:
        """Return a value as a sentence says it, with its unit where that is a thing that is counted."""
        text = self.text(value)
        return text if self.unit and self.bare.startswith(self.unit) else with_unit(text, self.unit)


def outcome_text(outcome: str, scenario: Scenario) -> OutcomeText:
    """Return the texts of the outcome of this name, or of the share of an option, such as stance.DEU.troops.

    A name that is no outcome stands for itself.
    """
    known = find_outcome(outcome, scenario.option_names)
    if known is None:
        of, _, option = outcome.rpartition(".")
        whole = find_outcome(of, scenario.option_names) if of else None
        if whole is not None and whole.is_option:
            return _share_of_option(whole, option, scenario)
        name = outcome.replace("_", " ")
        return OutcomeText(column=outcome, phrase=name, title=as_label(name), unit="")
    return OutcomeText(
        column=outcome,
        phrase=_filled(known.phrase, known, scenario),
        title=as_label(_filled(known.label, known, scenario)),
        unit=_SHARE if known.is_share else known.axis_unit or known.unit,
        is_share=known.is_share,
        is_option=known.is_option,
        is_plural=known.is_plural,
        bounds=known.bounds,
    )


def _share_of_option(outcome: Outcome, option: str, scenario: Scenario) -> OutcomeText:
    """Return the texts of the share of replicates in which an outcome is this option."""
    if outcome.state:
        does = promise(option, scenario) if option in scenario.option_names else option
        met = " if the conditions were met" if outcome.name.startswith("conditional.") else ""
        clause = f"{state_name(outcome.state, scenario)} would {does}{met}"
    else:
        called = option_name(option) if option == ABSTAIN else option_phrase(option, scenario)
        clause = f"the headline is {called}"
    return OutcomeText(
        column=f"{outcome.name}.{option}",
        phrase=f"the probability that {clause}",
        title=as_label(clause),
        unit=_SHARE,
        is_share=True,
        bounds=(0.0, 1.0),
    )


def _filled(text: str, outcome: Outcome, scenario: Scenario) -> str:
    """Return the text of an outcome with names in place of its keys."""
    text = with_parties(text, scenario)
    if outcome.option:
        promised = promise(outcome.option, scenario)
        text = text.replace("{promise}", promised).replace("{option}", option_phrase(outcome.option, scenario))
    return text.replace("{state}", state_name(outcome.state, scenario)) if outcome.state else text
