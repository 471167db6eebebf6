"""Sentences and labels of scenario discovery: the headline of a box, its limits, and the condition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sim.analysis.box import Limit
from sim.analysis.discover import DiscoveredBox, Discovery
from sim.analysis.outcome_condition import Condition
from sim.analysis.sweep_view import SweepView
from sim.experiment.factor import Range
from sim.text.factor_axis import Axis, level_name
from sim.text.headlines import rounded
from sim.text.numbers import percent, setting_number, with_unit
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, listed

_SMALLEST = 1e-15  # a smaller quasi-p is written as <1e-15
_RANGES = 20  # of an axis, which determine its digits
_SIGNS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


def view_of(result: Discovery) -> SweepView:
    """Return the points of the search as a view of the sweep."""
    return SweepView(
        experiment=result.experiment,
        points=result.points,
        scenarios={scenario.name: scenario for scenario in result.experiment.bases},
    )


def headline(result: Discovery, discovered: DiscoveredBox | None) -> str:
    """Return a sentence about a box: its limits, density and coverage among the test points."""
    clause = condition_text(result)
    if discovered is None:
        return f"No limits separate the points where {clause} ({percent(result.base_rate)} of all points)"
    test = discovered.test
    if not discovered.passes_test:
        if not test.inside:
            return f"No limits pass the test: the best box for points where {clause} contains no test point"
        return (
            f"No limits pass the test: in the best box, {clause} at {percent(test.density)} of the points, compared "
            f"with {percent(test.base_rate)} of all points (quasi-p {quasi_p_text(test.quasi_p)})"
        )
    where = "Where" if discovered is result.boxes[0] else "Outside that box, where"
    return (
        f"{where} {limits_text(result, discovered)}, {clause} at {percent(test.density)} of the points; the box "
        f"contains {percent(result.coverage(discovered))} of all such points"
    )


def condition_text(result: Discovery) -> str:
    """Return the conditions as a clause, such as: there is no viable force."""
    return " and ".join(_clause(condition, result) for condition in result.conditions)


def limits_text(result: Discovery, discovered: DiscoveredBox) -> str:
    """Return all limits of a box as a list in a sentence, the most significant first."""
    sweep, box = view_of(result), discovered.box
    return listed([f"{factor_phrase(sweep, factor)} is {limit_text(sweep, box.of(factor))}" for factor in box.factors])


def factor_phrase(sweep: SweepView, factor: str) -> str:
    """Return the name of a factor in a sentence."""
    return setting_name(factor, sweep.scenario, unit="").phrase


def factor_label(sweep: SweepView, factor: str) -> str:
    """Return the name of a factor in a table or beside a bar, with its unit."""
    return setting_name(factor, sweep.scenario, unit=sweep.experiment.factor(factor).unit).label


def axis_of_factor(sweep: SweepView, factor: str) -> Axis:
    """Return a factor as an axis, with the values of a sample grouped in ranges."""
    axis = sweep.axis(factor, ranges=_RANGES)
    return replace(axis, ends=varied_range(sweep, factor)) if axis.is_ranged else axis


def limit_text(sweep: SweepView, limits: Sequence[Limit]) -> str:
    """Return the limits of one factor, such as below 0.41, between 0.2 and 0.41, or yes or no."""
    axis = axis_of_factor(sweep, limits[0].factor)
    if limits[0].levels:
        return " or ".join(level_name(level) for level in axis.levels if str(level) in limits[0].levels)
    low, high = bounds(limits)
    unit = axis.named.unit
    if math.isinf(low):
        return f"below {with_unit(rounded(axis, high), unit)}"
    if math.isinf(high):
        return f"above {with_unit(rounded(axis, low), unit)}"
    return f"between {rounded(axis, low)} and {with_unit(rounded(axis, high), unit)}"


def bounds(limits: Sequence[Limit]) -> tuple[float, float]:
    """Return the lower and the upper limit of a numeric factor; infinite for none."""
    return max(limit.low for limit in limits), min(limit.high for limit in limits)


def varied_range(sweep: SweepView, factor: str) -> tuple[float, float]:
    """Return the range over which a numeric factor was varied."""
    known = sweep.experiment.factor(factor)
    if isinstance(known, Range):
        return float(known.low), float(known.high)
    values = sweep.points[factor]
    return float(values.min()), float(values.max())


def varied_range_text(sweep: SweepView, factor: str) -> str:
    """Return the range or the levels of a factor."""
    axis = axis_of_factor(sweep, factor)
    if axis.is_labelled:
        return ", ".join(axis.words)
    low, high = varied_range(sweep, factor)
    return f"{setting_number(low)} to {with_unit(setting_number(high), axis.named.unit)}"


def quasi_p_text(value: float) -> str:
    """Return a quasi-p with its significant digits."""
    if value < _SMALLEST:
        return f"<{_SMALLEST:.0e}"
    if value < 0.0001:
        return f"{value:.0e}"
    return f"{value:.2f}" if value >= 0.01 else f"{value:.4f}"


def case_label(result: Discovery) -> str:
    """Return the label of the points that meet all conditions."""
    return capitalised(condition_text(result).removeprefix("there is "))


def _clause(condition: Condition, result: Discovery) -> str:
    if condition.outcome == "viable" and condition.value == 0.5:
        return "there is no viable force" if condition.sign in ("<", "<=") else "there is a viable force"
    measure = outcome_text(condition.outcome, view_of(result).scenario)
    value_text = measure.text if measure.is_plural else measure.text_with_unit
    return f"{measure.quantity} is {_SIGNS[condition.sign]} {value_text(condition.value)}"
