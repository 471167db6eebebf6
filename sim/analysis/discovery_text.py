"""What was discovered, in words: where something is the case, and what each limit says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sim.analysis.box import Limit
from sim.analysis.condition import Condition
from sim.analysis.discover import DiscoveredBox, Discovery
from sim.analysis.sweep_view import SweepView
from sim.experiment.factor import Range
from sim.text.factor_axis import Axis, level_name
from sim.text.headlines import rounded
from sim.text.numbers import percent, setting_number, with_unit
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, listed

TESTED = 1e-15  # under which a quasi-p is only said to be so small
_GRAIN = 20  # ranges of an axis, which tell its digits
_SAID = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


def sweep_of(found: Discovery) -> SweepView:
    """Return the points that were looked at as figures of sweeps know them."""
    return SweepView(
        experiment=found.experiment,
        points=found.points,
        scenarios={scenario.name: scenario for scenario in found.experiment.bases},
    )


def in_a_sentence(found: Discovery, one: DiscoveredBox | None) -> str:
    """Return where something is the case, how surely, and how much of it that is; by the points that test it."""
    clause = looked_for(found)
    if one is None:
        return f"No limits tell where {clause} ({percent(found.base_rate)} of all points)"
    density, base = percent(one.there.density), percent(one.there.base_rate)
    if not one.stands:
        inside = f"at {density} of points" if one.there.inside else "at none, as no point lies there"
        return (
            f"No limits that stand the test tell where {clause}: within the best that were found it is so {inside}, "
            f"against {base} of all (quasi-p {quasi_p(one.there.quasi_p)})"
        )
    where = "Where" if one is found.boxes[0] else "Outside of that, where"
    return (
        f"{where} {limits_said(found, one)}, {clause} at {density} of the points; these "
        f"are {percent(found.coverage(one))} of all points where that is so"
    )


def looked_for(found: Discovery) -> str:
    """Return what is the case where the conditions are met, as a sentence goes on with it."""
    return " and ".join(_met(condition, found) for condition in found.conditions)


def limits_said(found: Discovery, one: DiscoveredBox) -> str:
    """Return all limits of a box as a sentence lists them, those that matter most first."""
    sweep = sweep_of(found)
    return listed([f"{named(sweep, factor)} is {limit_said(sweep, one.box.of(factor))}" for factor in one.box.factors])


def named(sweep: SweepView, factor: str) -> str:
    """Return what a factor is called within a sentence."""
    return setting_name(factor, sweep.scenario, unit="").phrase


def headed(sweep: SweepView, factor: str) -> str:
    """Return what a factor is called in a table or beside a bar, with its unit."""
    return setting_name(factor, sweep.scenario, unit=sweep.experiment.factor(factor).unit).label


def axis_of_factor(sweep: SweepView, factor: str) -> Axis:
    """Return a factor as an axis, a sample's many values in ranges."""
    axis = sweep.axis(factor, ranges=_GRAIN)
    return replace(axis, ends=span_of(sweep, factor)) if axis.is_ranged else axis


def limit_said(sweep: SweepView, limits: Sequence[Limit]) -> str:
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
    """Return the lower and the upper limit of a factor of numbers, infinite where there is none."""
    return max(limit.low for limit in limits), min(limit.high for limit in limits)


def span_of(sweep: SweepView, factor: str) -> tuple[float, float]:
    """Return from where to where a factor of numbers was varied."""
    known = sweep.experiment.factor(factor)
    if isinstance(known, Range):
        return float(known.low), float(known.high)
    values = sweep.points[factor]
    return float(values.min()), float(values.max())


def span_said(sweep: SweepView, factor: str) -> str:
    """Return over what a factor was varied."""
    axis = axis_of_factor(sweep, factor)
    if axis.is_labelled:
        return ", ".join(axis.words)
    low, high = span_of(sweep, factor)
    return f"{setting_number(low)} to {with_unit(setting_number(high), axis.named.unit)}"


def quasi_p(value: float) -> str:
    """Return a quasi-p with as many digits as matter."""
    if value < TESTED:
        return f"<{TESTED:.0e}"
    if value < 0.0001:
        return f"{value:.0e}"
    return f"{value:.2f}" if value >= 0.01 else f"{value:.4f}"


def case_label(found: Discovery) -> str:
    """Return what a point is called at which all conditions are met."""
    return capitalised(looked_for(found).removeprefix("there is "))


def _met(condition: Condition, found: Discovery) -> str:
    if condition.outcome == "viable" and condition.value == 0.5:
        return "there is no viable force" if condition.sign in ("<", "<=") else "there is a viable force"
    of = outcome_text(condition.outcome, sweep_of(found).scenario)
    return f"{of.phrase} {of.verb('is', 'are')} {_SAID[condition.sign]} {of.text_with_unit(condition.value)}"
