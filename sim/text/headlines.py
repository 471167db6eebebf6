"""What the titles of curves say: where an outcome crosses one half, how far it goes, or where it is highest."""

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
WIDE = 0.2  # part of an axis from which on two neighbouring levels are told as a range
FAR = 0.15  # part of an axis by which several crossings have to lie apart to be told as a range
LITTLE = 0.02  # part of its bounds by which an outcome has to move to be said to


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where a curve crosses a level: between which two places of the axis, and at which it would if it ran straight."""

    at: float
    between: tuple[float, float]
    falls: bool


def crossings(axis: Axis, values: Values, level: float = HALF) -> list[Crossing]:
    """Return where the values cross a level, in the order of the axis."""
    known = np.flatnonzero(np.isfinite(values))
    places = np.log(axis.middles) if axis.is_log else axis.middles
    found = []
    for one, other in itertools.pairwise(known):
        before, after = values[one] >= level, values[other] >= level
        if before == after:
            continue
        part = (level - values[one]) / (values[other] - values[one])
        at = places[one] + part * (places[other] - places[one])
        found.append(
            Crossing(
                at=float(np.exp(at) if axis.is_log else at),
                between=(float(axis.middles[one]), float(axis.middles[other])),
                falls=bool(before),
            )
        )
    return found


def crossing_text(axis: Axis, crossing: Crossing) -> str:
    """Return where a curve crosses: about there, or between two levels where these stand far apart."""
    low, high = crossing.between
    apart = np.diff(axis.scaled(np.array([low, high])))[0]
    if apart > WIDE:
        return f"between {setting_number(low)} and {with_unit(setting_number(high), axis.named.unit)}"
    return f"about {with_unit(rounded(axis, crossing.at), axis.named.unit)}"


def rounded(axis: Axis, value: float) -> str:
    """Return a place between levels with no more digits than the axis can carry."""
    span = float(axis.middles[-1] - axis.middles[0])
    if axis.is_log:
        return setting_number(float(f"{value:.2g}"))
    return setting_number(round(value, 2 - round(math.log10(span))))


def position_text(axis: Axis, place: float) -> str:
    """Return a level as a title says it: a label, or a number with no more digits than the axis can carry."""
    return axis.text(place) if axis.is_labelled else with_unit(rounded(axis, place), axis.named.unit)


def half_headline(axis: Axis, values: Values, name: str) -> str:
    """Return in a sentence where a share that crosses one half along an axis of numbers does so."""
    found = crossings(axis, values)
    known = values[np.isfinite(values)]
    starts_above, ends_above = known[0] >= HALF, known[-1] >= HALF
    first, last = found[0].at, found[-1].at
    span = f"{rounded(axis, first)} and {with_unit(rounded(axis, last), axis.named.unit)}"
    if starts_above == ends_above:
        return f"{name} is {'below' if starts_above else 'above'} one half between {span} of {axis.named.bare}"
    far = float(np.diff(axis.scaled(np.array([first, last])))[0]) > FAR
    where = f"between {span}" if far else crossing_text(axis, found[len(found) // 2])
    return f"{name} {'falls below' if starts_above else 'rises above'} one half as {axis.named.phrase} passes {where}"


def curve_headline(axis: Axis, values: Values, measure: OutcomeText) -> str:
    """Return in a sentence how an outcome goes along an axis."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return f"{capitalised(measure.phrase)} is unknown: all points failed"
    low, high = known[np.argmin(values[known])], known[np.argmax(values[known])]
    name = capitalised(measure.phrase)
    does = measure.verb
    if not changes_visibly(values, measure):
        return f"{name} hardly {does('moves', 'move')} with {axis.named.phrase}: {measure.text_with_unit(values[high])}"
    if axis.is_labelled:
        return (
            f"{name} {does('is', 'are')} highest with {axis.words[high]} ({measure.text(values[high])}), "
            f"lowest with {axis.words[low]} ({measure.text(values[low])})"
        )
    if measure.is_share and crossings(axis, values):
        return half_headline(axis, values, name)
    first, last = values[known[0]], values[known[-1]]
    ends = {known[0], known[-1]}
    if {low, high} <= ends or abs(last - first) >= 0.9 * (values[high] - values[low]):
        verb = does("rises", "rise") if last > first else does("falls", "fall")
        start, end = position_text(axis, axis.middles[known[0]]), position_text(axis, axis.middles[known[-1]])
        start = start.removesuffix(f" {axis.named.unit}")
        half = f", {'always above' if values[low] >= HALF else 'never above'} one half," if measure.is_share else ""
        return (
            f"{name}{half} {verb} from {measure.text(first)} to {measure.text_with_unit(last)} "
            f"as {axis.named.phrase} goes from {start} to {end}"
        )
    return (
        f"{name} {does('is', 'are')} highest ({measure.text(values[high])}) where {axis.named.phrase} is "
        f"{position_text(axis, axis.middles[high])}, lowest ({measure.text(values[low])}) where it is "
        f"{position_text(axis, axis.middles[low])}"
    )


def curves_headline(axis: Axis, curves: Sequence[tuple[Values, OutcomeText]]) -> str:
    """Return in a sentence how the first two of several outcomes go along an axis."""
    first, measure = curves[0]
    said = curve_headline(axis, first, measure)
    if len(curves) == 1:
        return said
    other, second = curves[1]
    one, two = crossings(axis, first), crossings(axis, other)
    shares = measure.is_share and second.is_share and not axis.is_labelled
    if shares and len(one) == len(two) == 1 and one[0].falls == two[0].falls:
        return f"{said}, {second.phrase} at {crossing_text(axis, two[0])}"
    then = curve_headline(axis, other, second)
    return f"{said}; {then if then.startswith(second.phrase) else second.phrase + then[len(second.phrase) :]}"


def levels_headline(axis: Axis, labels: Sequence[str], curves: Sequence[Values], measure: OutcomeText) -> str:
    """Return in a sentence how curves of the same outcome differ: where each crosses one half, or their means."""
    name = capitalised(measure.phrase)
    if measure.is_share and not axis.is_labelled and len(curves) <= 4:
        found = [crossings(axis, curve) for curve in curves]
        if all(len(each) == 1 for each in found) and len({each[0].falls for each in found}) == 1:
            verb = "falls below" if found[0][0].falls else "rises above"
            spots = [f"{crossing_text(axis, each[0])} with {label}" for each, label in zip(found, labels, strict=True)]
            return f"{name} {verb} one half as {axis.named.phrase} passes {listed(spots)}"
    if not any(np.isfinite(curve).any() for curve in curves):
        return f"{name} is unknown: all points failed"
    means = [float(np.nanmean(curve)) if np.isfinite(curve).any() else float("nan") for curve in curves]
    high, low = int(np.nanargmax(means)), int(np.nanargmin(means))
    is_ = measure.verb("is", "are")
    said = measure.text(means[high])
    if said == measure.text(means[low]):
        return f"{name} {is_} much the same with all ({said} on average)"
    if not changes_visibly(np.array(means), measure):
        return f"{name} {is_} nearly the same with {listed(list(labels))} (about {said} on average)"
    return (
        f"{name} {is_} highest with {labels[high]} ({measure.text(means[high])} on average) and lowest with "
        f"{labels[low]} ({measure.text(means[low])})"
    )


def changes_visibly(values: Values, measure: OutcomeText) -> bool:
    """Return whether an outcome moves by enough to be said to."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = measure.bounds[1] - measure.bounds[0] if measure.bounds is not None else max(abs(low), abs(high)) or 1.0
    return high - low > LITTLE * room
