"""Proper scores of probability forecasts against the observed options."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.interval import Interval, share_interval

type Array = np.ndarray

FLOOR = 0.001  # of probabilities in the log score


def hits(chances: Array, came: Array) -> Array:
    """Return whether the most probable option was observed, as [rows]; of ties the first counts.

    chances: probabilities [rows, options]; came: indices of the observed options [rows].
    """
    return np.asarray(chances.argmax(axis=1) == came)


def brier(chances: Array, came: Array) -> Array:
    """Return the Brier score as [rows], 0 to 2 (Brier 1950)."""
    return ((chances - _certain(chances, came)) ** 2).sum(axis=1)


def log_score(chances: Array, came: Array, floor: float = FLOOR) -> Array:
    """Return the log score as [rows] (Good 1952), with probabilities of at least `floor`."""
    given = chances[np.arange(len(came)), came]
    return -np.log(np.maximum(given, floor))


def ranked_probability(chances: Array, came: Array, rungs: Array) -> Array:
    """Return the ranked probability score as [rows], 0 to 1 (Epstein 1969).

    It is the squared distance of the cumulative probabilities over the rungs [options], averaged over the steps between
    rungs; options that share a rung count as one.
    """
    levels = np.unique(rungs)
    if len(levels) < 2:
        return np.zeros(len(came))
    at_most = rungs[:, None] <= levels[None, :-1]
    forecast = chances @ at_most
    observed = _certain(chances, came) @ at_most
    return ((forecast - observed) ** 2).mean(axis=1)


def brier_yes_no(chance: Array, came: Array) -> Array:
    """Return the Brier score of a yes-or-no forecast as [rows], 0 to 1."""
    return (chance - came) ** 2


def log_yes_no(chance: Array, came: Array, floor: float = FLOOR) -> Array:
    """Return the log score of a yes-or-no forecast as [rows], with probabilities of at least `floor`."""
    return -np.log(np.maximum(np.where(came, chance, 1.0 - chance), floor))


def ranking(chance: Array, came: Array) -> float:
    """Return the area under the ROC curve (Hanley & McNeil 1982); ties count half.

    0.5 is no better than random; not-a-number if all rows were observed, or none.
    """
    yes, no = chance[came], chance[~came]
    if not len(yes) or not len(no):
        return math.nan
    above = (yes[:, None] > no[None, :]).mean()
    return float(above + 0.5 * (yes[:, None] == no[None, :]).mean())


def ranking_error(area: float, yes: int, no: int) -> float:
    """Return the standard error of such an area, by the numbers of yes and no (Hanley & McNeil 1982)."""
    if not yes or not no:
        return math.nan
    first, second = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    variance = area * (1.0 - area) + (yes - 1) * (first - area**2) + (no - 1) * (second - area**2)
    return math.sqrt(max(variance, 0.0) / (yes * no))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin of a calibration curve."""

    low: float
    high: float
    count: int
    foreseen: float  # mean probability
    came: Interval  # share observed


def calibration(chance: Array, came: Array, edges: Array) -> list[Bin]:
    """Return the share observed [rows] by bins of the probability [rows]; empty bins are left out.

    A probability on an edge belongs to the bin above, the last edge to the last bin.
    """
    bins = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, len(edges) - 2)
    result = []
    for number in range(len(edges) - 1):
        inside = bins == number
        if inside.any():
            result.append(
                Bin(
                    low=float(edges[number]),
                    high=float(edges[number + 1]),
                    count=int(inside.sum()),
                    foreseen=float(chance[inside].mean()),
                    came=share_interval(came[inside]),
                )
            )
    return result


def _certain(chances: Array, came: Array) -> Array:
    """Return the observed options as probabilities of 1."""
    certain = np.zeros_like(chances, dtype=float)
    certain[np.arange(len(came)), came] = 1.0
    return certain
