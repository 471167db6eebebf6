"""Proper scores: how good stated chances were, once it is known what came."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.interval import Interval, share_interval

type Array = np.ndarray

FLOOR = 0.001  # in the log score: what was held impossible counts as one chance in a thousand


def hits(chances: Array, came: Array) -> Array:
    """Return whether the likeliest option came, as [rows]; of equally likely ones the first counts.

    chances [rows, options], came [rows] the place of the option that came.
    """
    return np.asarray(chances.argmax(axis=1) == came)


def brier(chances: Array, came: Array) -> Array:
    """Return the squared distance of chances [rows, options] from what came [rows], as [rows], 0 to 2 (Brier 1950)."""
    return ((chances - _certain(chances, came)) ** 2).sum(axis=1)


def log_score(chances: Array, came: Array, floor: float = FLOOR) -> Array:
    """Return minus the logarithm of the chance given to what came, as [rows] (Good 1952); no chance is under floor."""
    given = chances[np.arange(len(came)), came]
    return -np.log(np.maximum(given, floor))


def ranked_probability(chances: Array, came: Array, rungs: Array) -> Array:
    """Return the ranked probability score as [rows], 0 to 1 (Epstein 1969): the further off the rung, the worse.

    Squared distances of the chances that the rung is at most so deep, averaged over the steps between rungs [options];
    options that share a rung are one.
    """
    levels = np.unique(rungs)
    if len(levels) < 2:
        return np.zeros(len(came))
    at_most = rungs[:, None] <= levels[None, :-1]
    foreseen = chances @ at_most
    seen = _certain(chances, came) @ at_most
    return ((foreseen - seen) ** 2).mean(axis=1)


def brier_yes_no(chance: Array, came: Array) -> Array:
    """Return the squared distance of a chance [rows] from whether it came [rows], as [rows], 0 to 1."""
    return (chance - came) ** 2


def log_yes_no(chance: Array, came: Array, floor: float = FLOOR) -> Array:
    """Return minus the logarithm of the chance given to what came of yes and no, as [rows], none under floor."""
    return -np.log(np.maximum(np.where(came, chance, 1.0 - chance), floor))


def ranking(chance: Array, came: Array) -> float:
    """Return how often a row where it came had the higher chance than one where it did not; ties count half.

    The area under the ROC curve (Hanley & McNeil 1982): 0.5 is blind. Not-a-number where all came, or none.
    """
    yes, no = chance[came], chance[~came]
    if not len(yes) or not len(no):
        return math.nan
    above = (yes[:, None] > no[None, :]).mean()
    return float(above + 0.5 * (yes[:, None] == no[None, :]).mean())


def ranking_error(area: float, yes: int, no: int) -> float:
    """Return the standard error of such an area over so many rows where it came, or not (Hanley & McNeil 1982)."""
    if not yes or not no:
        return math.nan
    first, second = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    variance = area * (1.0 - area) + (yes - 1) * (first - area**2) + (no - 1) * (second - area**2)
    return math.sqrt(max(variance, 0.0) / (yes * no))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The chances of one stretch of a calibration curve, and how often it came."""

    low: float
    high: float
    count: int
    foreseen: float  # mean of the chances
    came: Interval  # share


def calibration(chance: Array, came: Array, edges: Array) -> list[Bin]:
    """Return how often it came [rows] where the chance [rows] lay between two edges; empty bins are left out.

    A chance on an edge belongs to the bin above, the last edge to the last bin.
    """
    places = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, len(edges) - 2)
    found = []
    for place in range(len(edges) - 1):
        inside = places == place
        if inside.any():
            found.append(
                Bin(
                    low=float(edges[place]),
                    high=float(edges[place + 1]),
                    count=int(inside.sum()),
                    foreseen=float(chance[inside].mean()),
                    came=share_interval(came[inside]),
                )
            )
    return found


def _certain(chances: Array, came: Array) -> Array:
    """Return what came as chances: 1 for it, 0 for all else."""
    certain = np.zeros_like(chances, dtype=float)
    certain[np.arange(len(came)), came] = 1.0
    return certain
