"""A target for an outcome, such as viable>=0.8, and its comparison with results."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from sim.analysis.interval import Interval, interval, share_interval
from sim.analysis.requested_state import requested_state
from sim.errors import ModelError
from sim.facts.numbers import is_counted, number_meant, point_for_thousands
from sim.model.setup import Setup
from sim.results.outcomes import is_share, numeric_outcomes
from sim.scenario.suggestions import did_you_mean

type Array = np.ndarray

_JOINS = "joins."
_WRITTEN = "write it as OUTCOME>=VALUE or OUTCOME<=VALUE, such as 'viable>=0.8'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound for an outcome: for a share of replicates if it is true or false, otherwise for a mean."""

    outcome: str
    is_least: bool  # at least the value, else at most
    value: float

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.value:,.12g}"

    @property
    def sign(self) -> str:
        """The sign in its text."""
        return ">=" if self.is_least else "<="

    @property
    def is_share(self) -> bool:
        """Whether the outcome is true or false in each replicate."""
        return is_share(self.outcome)

    def estimate(self, values: Array) -> Interval:
        """Return the share or mean of an outcome [replicates], with its 95 % interval."""
        if self.is_share:
            share = share_interval(values)
            return Interval(mean=float(share.mean), low=share.low, high=share.high)
        return interval(values)

    def gap(self, number: float) -> float:
        """Return the distance of a number from the target; 0 or less if it meets it."""
        return self.value - number if self.is_least else number - self.value

    def is_met(self, number: float) -> bool:
        """Whether a number meets the target; not-a-number does not."""
        return self.gap(number) <= 0.0

    def best(self, interval: Interval) -> float:
        """Return the end of an interval that is nearer to meeting the target."""
        return interval.high if self.is_least else interval.low

    def worst(self, interval: Interval) -> float:
        """Return the end of an interval that is farther from meeting the target."""
        return interval.low if self.is_least else interval.high


def read_target(text: str, setup: Setup) -> Target:
    """Return the target of a text such as viable>=0.8 or troop_states<=4; ModelError if there is none."""
    match = re.fullmatch(r"\s*([\w .-]*?[\w.])\s*(>=|<=|≥|≤)\s*(\S.*?)\s*", text)
    if match is None:
        raise ModelError(f"--target {text[:60]!r}: not a target; {_WRITTEN}")
    outcome, sign, written = match.groups()
    if outcome.startswith(_JOINS):
        outcome = f"{_JOINS}{requested_state(setup, outcome.removeprefix(_JOINS))}"
    measured = numeric_outcomes(setup.menu.names)
    known = [*measured, *(f"{_JOINS}{code}" for code in setup.codes)]
    if outcome not in known:
        hint = did_you_mean(outcome, known) or "; `willing list outcomes` names them, and joins.CODE is one for a state"
        raise ModelError(f"--target {text[:60]!r}: no outcome '{outcome[:40]}'{hint}")
    counts = outcome in measured and is_counted(measured[outcome].unit)
    trouble = point_for_thousands(written, whole=False) if counts else None
    if trouble is not None:
        raise ModelError(f"--target {text[:60]!r}: {trouble}")
    value = number_meant(written, share=True, whole=counts)
    if value is None:
        raise ModelError(f"--target {text[:60]!r}: '{written[:40]}' is not a number; {_WRITTEN}")
    return Target(outcome=outcome, is_least=sign in (">=", "≥"), value=value)
