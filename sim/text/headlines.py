"""Headlines of curves: where an outcome crosses one half, over which range it moves, or where it is highest."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.text.factor_axis import Axis
from sim.text.numbers import setting_number, with_unit
from sim.text.outcome_names import OutcomeText
from sim.text.words import capitalised, listed

type Values = NDArray[np.float64]

HALF = 0.5
WIDE = 0.2  # distance of two neighbouring levels, as a share of the axis, from which both are named
FAR = 0.15  # distance of several crossings, as a share of the axis, from which first and last are named
LITTLE = 0.02  # share of its bounds up to which an outcome counts as constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The point where a curve crosses a level, interpolated between two levels of the axis."""

    at: float
    between: tuple[float, float]
    falls: bool


def crossings(axis: Axis, values: Values, level: float = HALF) -> list[Crossing]:
    """Return the crossings of a level by the values, in the order of the axis."""
    known = np.flatnonzero(np.isfinite(values))
    positions = np.log(axis.middles) if axis.is_log else axis.middles
    result = []
    for one, other in itertools.pairwise(known):
        before, after = values[one] >= level, values[other] >= level
        if before == after:
            continue
        part = (level - values[one]) / (values[other] - values[one])
        at = positions[one] + part * (positions[other] - positions[one])
        result.append(
            Crossing(
                at=float(np.exp(at) if axis.is_log else at),
                between=(float(axis.middles[one]), float(axis.middles[other])),
                falls=bool(before),
            )
        )
    return result


def crossing_text(axis: Axis, crossing: Crossing) -> str:
    """Return the position of a crossing: an estimate, or the levels on both sides if they lie far apart."""
    low, high = crossing.between
    distance = np.diff(axis.scaled(np.array([low, high])))[0]
    if distance > WIDE:
        return f"between {setting_number(low)} and {with_unit(setting_number(high), axis.named.unit)}"
    return f"about {with_unit(rounded(axis, crossing.at), axis.named.unit)}"


def rounded(axis: Axis, value: float) -> str:
    """Return a position between levels with no more digits than the spacing of the levels supports."""
    span = float(axis.middles[-1] - axis.middles[0])
    if axis.is_log:
        return setting_number(float(f"{value:.2g}"))
    return setting_number(round(value, 2 - round(math.log10(span))))


def position_text(axis: Axis, position: float) -> str:
    """Return a position on the axis as a title writes it: a label, or a rounded number with its unit."""
    return axis.text(position) if axis.is_labelled else with_unit(rounded(axis, position), axis.named.unit)


def half_headline(axis: Axis, values: Values, name: str) -> str:
    """Return a sentence about where a share crosses one half along an axis of numbers."""
    crossed = crossings(axis, values)
    known = values[np.isfinite(values)]
    starts_above, ends_above = known[0] >= HALF, known[-1] >= HALF
    first, last = crossed[0].at, crossed[-1].at
    span = f"{rounded(axis, first)} and {with_unit(rounded(axis, last), axis.named.unit)}"
    if starts_above == ends_above:
        return f"{name} is {'below' if starts_above else 'above'} one half between {span} of {axis.named.bare}"
    far = float(np.diff(axis.scaled(np.array([first, last])))[0]) > FAR
    where = f"between {span}" if far else crossing_text(axis, crossed[len(crossed) // 2])
    return f"{name} {'falls below' if starts_above else 'rises above'} one half as {axis.named.phrase} passes {where}"


def curve_headline(axis: Axis, values: Values, outcome: OutcomeText) -> str:
    """Return a sentence about the course of an outcome along an axis."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return f"{capitalised(outcome.phrase)} is unknown because all points failed"
    low, high = known[np.argmin(values[known])], known[np.argmax(values[known])]
    name = capitalised(outcome.phrase)
    does = outcome.verb
    if not changes_visibly(values, outcome):
        value = outcome.text_with_unit(values[high])
        return f"{name} hardly {does('depends', 'depend')} on {axis.named.phrase} ({value})"
    if axis.is_labelled:
        return (
            f"{name} {does('is', 'are')} highest with {axis.words[high]} ({outcome.text(values[high])}), "
            f"lowest with {axis.words[low]} ({outcome.text(values[low])})"
        )
    if outcome.is_share and crossings(axis, values):
        return half_headline(axis, values, name)
    first, last = values[known[0]], values[known[-1]]
    ends = {known[0], known[-1]}
    if {low, high} <= ends or abs(last - first) >= 0.9 * (values[high] - values[low]):
        verb = does("rises", "rise") if last > first else does("falls", "fall")
        start, end = position_text(axis, axis.middles[known[0]]), position_text(axis, axis.middles[known[-1]])
        start = start.removesuffix(f" {axis.named.unit}")
        half = f", {'always above' if values[low] >= HALF else 'never above'} one half," if outcome.is_share else ""
        return (
            f"{name}{half} {verb} from {outcome.text(first)} to {outcome.text_with_unit(last)} "
            f"as {axis.named.phrase} goes from {start} to {end}"
        )
    return (
        f"{name} {does('is', 'are')} highest ({outcome.text(values[high])}) where {axis.named.phrase} is "
        f"{position_text(axis, axis.middles[high])}, lowest ({outcome.text(values[low])}) where it is "
        f"{position_text(axis, axis.middles[low])}"
    )


def curves_headline(axis: Axis, curves: Sequence[tuple[Values, OutcomeText]]) -> str:
    """Return a sentence about the courses of the first two of several outcomes along an axis."""
    first, outcome = curves[0]
    headline = curve_headline(axis, first, outcome)
    if len(curves) == 1:
        return headline
    other, second = curves[1]
    one, two = crossings(axis, first), crossings(axis, other)
    shares = outcome.is_share and second.is_share and not axis.is_labelled
    if shares and len(one) == len(two) == 1 and one[0].falls == two[0].falls:
        return f"{headline}, {second.phrase} at {crossing_text(axis, two[0])}"
    return f"{headline}; {second.phrase}{curve_headline(axis, other, second)[len(second.phrase) :]}"


def levels_headline(axis: Axis, labels: Sequence[str], curves: Sequence[Values], outcome: OutcomeText) -> str:
    """Return a sentence about how curves of one outcome differ: in their crossings of one half, or in their means."""
    name = capitalised(outcome.phrase)
    if outcome.is_share and not axis.is_labelled and len(curves) <= 4:
        crossed = [crossings(axis, curve) for curve in curves]
        if all(len(each) == 1 for each in crossed) and len({each[0].falls for each in crossed}) == 1:
            verb = "falls below" if crossed[0][0].falls else "rises above"
            at = [f"{crossing_text(axis, each[0])} with {label}" for each, label in zip(crossed, labels, strict=True)]
            return f"{name} {verb} one half as {axis.named.phrase} passes {listed(at)}"
    if not any(np.isfinite(curve).any() for curve in curves):
        return f"{name} is unknown because all points failed"
    means = [float(np.nanmean(curve)) if np.isfinite(curve).any() else float("nan") for curve in curves]
    high, low = int(np.nanargmax(means)), int(np.nanargmin(means))
    is_ = outcome.verb("is", "are")
    text = outcome.text(means[high])
    if text == outcome.text(means[low]):
        return f"{name} {is_} nearly the same with all ({text} on average)"
    if not changes_visibly(np.array(means), outcome):
        return f"{name} {is_} nearly the same with {listed(list(labels))} (about {text} on average)"
    return (
        f"{name} {is_} highest with {labels[high]} ({outcome.text(means[high])} on average) and lowest with "
        f"{labels[low]} ({outcome.text(means[low])})"
    )


def changes_visibly(values: Values, outcome: OutcomeText) -> bool:
    """Return whether an outcome changes by more than a negligible share of its range."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scale = outcome.bounds[1] - outcome.bounds[0] if outcome.bounds is not None else max(abs(low), abs(high)) or 1.0
    return high - low > LITTLE * scale
