"""Conditions on the outcomes at a point of a sweep, such as viable < 0.5."""

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
_SYNTAX = "write it as OUTCOME < VALUE, with <, <=, > or >=, such as 'viable < 0.5'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of an outcome at a point, as a mean or a share over replicates, with a number."""

    outcome: str  # a numeric outcome, or the share of an option, such as headline.troops
    sign: str  # one of SIGNS
    value: float

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.value:,.12g}"

    def met(self, values: Array) -> Array:
        """Return whether each point meets the condition, given its outcome [points]; not-a-number does not meet it."""
        match self.sign:
            case "<":
                return values < self.value
            case "<=":
                return values <= self.value
            case ">":
                return values > self.value
        return values >= self.value


def read_condition(text: str, experiment: Experiment) -> Condition:
    """Return the condition of a text such as viable < 0.5; ModelError if it cannot be read."""
    where = f"condition (--when) {text[:60]!r}"
    parts = re.fullmatch(r"\s*([\w.-]+)\s*(<=|>=|<|>|≤|≥)\s*([^\s<>=].*?)\s*", text)
    if parts is None:
        raise ModelError(f"{where}: is not a condition; {_SYNTAX}")
    outcome, sign, number = parts.groups()
    outcome = with_code(outcome)
    reason = _reason_unknown(outcome, experiment)
    if reason:
        raise ModelError(f"{where}: {reason}")
    measured = numeric_outcomes(experiment.options)
    counts = outcome in measured and is_counted(measured[outcome].unit)
    mistake = point_for_thousands(number, whole=False) if counts else None
    if mistake is not None:
        raise ModelError(f"{where}: {mistake}")
    value = number_meant(number.removeprefix("-"), share=True, whole=counts)
    if value is None:
        raise ModelError(f"{where}: '{number[:40]}' is not a number; {_SYNTAX}")
    value = -value if number.startswith("-") else value
    return Condition(outcome=outcome, sign={"≤": "<=", "≥": ">="}.get(sign, sign), value=value)


def measured_numbers(experiment: Experiment) -> tuple[str, ...]:
    """Return the possible outcomes of a condition: numeric outcomes, and of other outcomes the share of each option."""
    return tuple(
        name
        for outcome in experiment.outcomes
        for name in (
            [f"{outcome}.{option}" for option in experiment.options] if experiment.is_word(outcome) else [outcome]
        )
    )


def values_of(outcome: str, experiment: Experiment, points: pd.DataFrame) -> Array:
    """Return an outcome from the summary, as [points]; not-a-number where a point failed or the outcome is unknown.

    The share of an option that is not on a point's menu is 0.
    """
    values = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    if outcome in experiment.outcomes:
        return values
    return np.where((points["runs"] > 0).to_numpy() & np.isnan(values), 0.0, values)


def check_both_outcomes(conditions: Sequence[Condition], met: Array, values: Sequence[Array], name: str) -> None:
    """Raise ModelError if no point or every point meets the conditions; values: their outcomes, [points] each."""
    if 0 < met.sum() < len(met):
        return
    text = " and ".join(map(str, conditions))
    which = "all" if met.any() else "none"
    spans = "; ".join(
        f"{condition.outcome} ranges from {_short(each.min())} to {_short(each.max())}, with a median of "
        f"{_short(float(np.median(each)))}"
        for condition, each in zip(conditions, values, strict=True)
    )
    raise ModelError(
        f"{name}: '{text}' holds at {which} of {len(met):,} points, so there is nothing to separate; {spans}; give a "
        "number in between"
    )


def _reason_unknown(outcome: str, experiment: Experiment) -> str:
    """Return why a condition cannot refer to this outcome; empty if it can."""
    known = measured_numbers(experiment)
    if outcome in known:
        return ""
    if outcome in experiment.outcomes:
        option = experiment.options[-1]
        return f"{outcome} is an option; use the share of one, such as '{outcome}.{option} < 0.5'"
    if outcome in {factor.name for factor in experiment.factors}:
        return f"{outcome} is varied in {experiment.name}, not measured; name an outcome, such as {known[0]}"
    near = did_you_mean(outcome, known)
    hint = near if "did you mean" in near else f"; measured were {', '.join(experiment.outcomes)}; name one of these"
    return f"no outcome '{outcome[:40]}' was measured in {experiment.name}{hint}"


def _short(value: float) -> str:
    return f"{value:,.4g}"
