"""A condition on the points of a sweep, such as viable < 0.5: which outcome, against which number, where it is met."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.outcome_names import with_code
from sim.facts.numbers import is_counted, number_meant, point_for_thousands
from sim.results.outcomes import numeric_outcomes
from sim.scenario.suggestions import did_you_mean

type Array = np.ndarray

SIGNS = ("<", "<=", ">", ">=")
_WRITTEN = "write it as OUTCOME < VALUE, with <, <=, > or >=, such as 'viable < 0.5'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What has to hold of an outcome at a point: of its mean over replicates, or of a share of them."""

    outcome: str  # a number that was measured, or the share of an option, such as headline.troops
    sign: str  # one of SIGNS
    value: float

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.value:,.12g}"

    def met(self, values: Array) -> Array:
        """Return at which points it is met; values [points] of the outcome. Not-a-number does not meet it."""
        match self.sign:
            case "<":
                return values < self.value
            case "<=":
                return values <= self.value
            case ">":
                return values > self.value
        return values >= self.value


def read_condition(text: str, experiment: Experiment) -> Condition:
    """Return the condition that is written as viable < 0.5; ModelError says what is wrong with it."""
    told = f"--when {text[:60]!r}"
    found = re.fullmatch(r"\s*([\w.-]+)\s*(<=|>=|<|>|≤|≥)\s*([^\s<>=].*?)\s*", text)
    if found is None:
        raise ModelError(f"{told}: no condition; {_WRITTEN}")
    outcome, sign, written = found.groups()
    outcome = with_code(outcome)
    why = _why_unknown(outcome, experiment)
    if why:
        raise ModelError(f"{told}: {why}")
    measured = numeric_outcomes(experiment.options)
    counts = outcome in measured and is_counted(measured[outcome].unit)
    trouble = point_for_thousands(written, whole=False) if counts else None
    if trouble is not None:
        raise ModelError(f"{told}: {trouble}")
    value = number_meant(written.removeprefix("-"), share=True, whole=counts)
    if value is None:
        raise ModelError(f"{told}: '{written[:40]}' is no number; {_WRITTEN}")
    value = -value if written.startswith("-") else value
    return Condition(outcome=outcome, sign={"≤": "<=", "≥": ">="}.get(sign, sign), value=value)


def measured_numbers(experiment: Experiment) -> tuple[str, ...]:
    """Return all that a condition may be about: outcomes that are numbers, and of the others the share of an option."""
    return tuple(
        name
        for outcome in experiment.outcomes
        for name in (
            [f"{outcome}.{option}" for option in experiment.options] if experiment.is_word(outcome) else [outcome]
        )
    )


def values_of(outcome: str, experiment: Experiment, points: pd.DataFrame) -> Array:
    """Return an outcome [points] from the summary by point; not-a-number where a point failed or it is unknown.

    The share of an option that is not on a point's menu is 0.
    """
    values = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    if outcome in experiment.outcomes:
        return values
    return np.where((points["runs"] > 0).to_numpy() & np.isnan(values), 0.0, values)


def check_both_outcomes(conditions: Sequence[Condition], met: Array, values: Sequence[Array], name: str) -> None:
    """Raise ModelError where no point meets the conditions, or every one; values: of their outcomes, [points] each."""
    if 0 < met.sum() < len(met):
        return
    said = " and ".join(map(str, conditions))
    which = "every one" if met.any() else "none"
    spans = "; ".join(
        f"{condition.outcome} goes from {_plain(each.min())} to {_plain(each.max())}, half of the points lie at or "
        f"below {_plain(float(np.median(each)))}"
        for condition, each in zip(conditions, values, strict=True)
    )
    raise ModelError(
        f"{name}: '{said}' holds at {which} of {len(met):,} points, so nothing tells them apart; {spans}: give a "
        "number in between with --when"
    )


def _why_unknown(outcome: str, experiment: Experiment) -> str:
    """Return what keeps a condition from being about this, nothing if nothing does."""
    known = measured_numbers(experiment)
    if outcome in known:
        return ""
    if outcome in experiment.outcomes:
        option = experiment.options[-1]
        return f"{outcome} is the name of an option; write the share of one, such as '{outcome}.{option} < 0.5'"
    if outcome in {factor.name for factor in experiment.factors}:
        return f"{outcome} is varied in {experiment.name}, not measured; name an outcome, such as {known[0]}"
    near = did_you_mean(outcome, known)
    hint = near if "did you mean" in near else f"; measured were {', '.join(experiment.outcomes)}; name one of these"
    return f"no outcome '{outcome[:40]}' was measured in {experiment.name}{hint}"


def _plain(value: float) -> str:
    return f"{value:,.4g}"
