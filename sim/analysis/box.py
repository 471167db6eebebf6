"""A box: limits on a few factors, and how well they single out the points at which something is the case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

type Array = np.ndarray

SURE = 0.05  # quasi-p up to which a limit is held to matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One end of what is left of a factor's range, or the levels that are left of a factor of words."""

    factor: str
    low: float = -math.inf
    high: float = math.inf
    levels: tuple[str, ...] = ()  # none: a limit on numbers

    def holds(self, points: pd.DataFrame) -> Array:
        """Return which points [points] lie within it."""
        if self.levels:
            return points[self.factor].isin(self.levels).to_numpy(dtype=bool)
        values = points[self.factor].to_numpy(dtype=np.float64)
        return np.asarray((values >= self.low) & (values <= self.high))


@dataclass(frozen=True, slots=True)
class Box:
    """All limits that have to hold together."""

    limits: tuple[Limit, ...] = ()

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors that are limited, in the order of their first limits."""
        return tuple(dict.fromkeys(limit.factor for limit in self.limits))

    def of(self, factor: str) -> tuple[Limit, ...]:
        """Return the limits of one factor."""
        return tuple(limit for limit in self.limits if limit.factor == factor)

    def without(self, *dropped: Limit) -> Box:
        """Return the box without some of its limits."""
        return Box(tuple(limit for limit in self.limits if limit not in dropped))

    def holds(self, points: pd.DataFrame) -> Array:
        """Return which points [points] lie within all limits."""
        found = np.ones(len(points), dtype=bool)
        for limit in self.limits:
            found &= limit.holds(points)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxStats:
    """What a box holds, of points at some of which something is the case."""

    points: int
    cases: int  # points at which it is the case
    inside: int  # points in the box
    hits: int  # cases in the box

    @property
    def base_rate(self) -> float:
        """Share of cases among all points."""
        return self.cases / self.points if self.points else math.nan

    @property
    def coverage(self) -> float:
        """Share of all cases that lie in the box."""
        return self.hits / self.cases if self.cases else math.nan

    @property
    def density(self) -> float:
        """Share of cases among the points in the box."""
        return self.hits / self.inside if self.inside else math.nan

    @property
    def quasi_p(self) -> float:
        """How likely as many cases would be among as many points, were they drawn from all (binomial)."""
        return math.exp(log_chance(self.hits, self.inside, self.base_rate))

    @property
    def distance(self) -> float:
        """How far it is from a box of all cases and nothing else: 1 for all points, 0 for that box.

        Coverage counts from 0 to 1, density from the base rate to 1.
        """
        if not self.inside:
            return math.inf
        return math.hypot(1.0 - self.coverage, (1.0 - self.density) / (1.0 - self.base_rate))


def box_stats(box: Box, points: pd.DataFrame, met: Array) -> BoxStats:
    """Return what a box holds of points, met [points] saying at which it is the case."""
    inside = box.holds(points)
    return BoxStats(points=len(met), cases=int(met.sum()), inside=int(inside.sum()), hits=int(met[inside].sum()))


def log_quasi_p(box: Box, points: pd.DataFrame, met: Array) -> dict[Limit, float]:
    """Return the logarithm of the quasi-p of each limit of a box (Bryant and Lempert 2010).

    Quasi-p: how likely as many cases would be among as many points as there are in the box, were a point in it a case
    as often as it is without this limit. Small where the limit matters.
    """
    inside = box.holds(points)
    hits = int(met[inside].sum())
    found = {}
    for limit in box.limits:
        wider = box.without(limit).holds(points)
        rate = float(met[wider].mean()) if wider.any() else math.nan
        found[limit] = log_chance(hits, int(inside.sum()), rate)
    return found


def prune(box: Box, points: pd.DataFrame, met: Array) -> Box:
    """Return the box without limits that do not matter: the one of the largest quasi-p first, until all are small."""
    while box.limits:
        found = log_quasi_p(box, points, met)
        weakest = max(found, key=lambda limit: found[limit])
        if found[weakest] <= math.log(SURE):
            return box
        box = box.without(weakest)
    return box


def sort_by_importance(limits: Mapping[Limit, float]) -> Box:
    """Return limits with their quasi-p as a box: the factor whose limits matter most first, its lower limit first."""
    strongest: dict[str, float] = {}
    for limit, weight in limits.items():
        strongest[limit.factor] = min(weight, strongest.get(limit.factor, math.inf))
    return Box(tuple(sorted(limits, key=lambda each: (strongest[each.factor], each.factor, math.isinf(each.low)))))


def log_chance(hits: int, of: int, rate: float) -> float:
    """Return the logarithm of the chance of at least as many hits of so many, each at this rate; 0 where of is 0."""
    from scipy.stats import binom  # here: half a second

    if not of or math.isnan(rate):
        return 0.0
    return min(0.0, float(binom.logsf(hits - 1, of, rate)))
