"""Boxes of scenario discovery: limits on a few factors, and statistics of the points within them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.interval import Interval, share_interval

type Array = np.ndarray

SIGNIFICANT = 0.05  # quasi-p up to which a limit counts as significant


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A lower or an upper limit of a numeric factor, or the levels of another factor that remain in the box."""

    factor: str
    low: float = -math.inf
    high: float = math.inf
    levels: tuple[str, ...] = ()  # empty for a numeric factor

    def holds(self, points: pd.DataFrame) -> Array:
        """Return whether each point lies within the limit, as [points]."""
        if self.levels:
            return points[self.factor].isin(self.levels).to_numpy(dtype=bool)
        values = points[self.factor].to_numpy(dtype=np.float64)
        return np.asarray((values >= self.low) & (values <= self.high))


@dataclass(frozen=True, slots=True)
class Box:
    """Limits that hold together."""

    limits: tuple[Limit, ...] = ()

    @property
    def factors(self) -> tuple[str, ...]:
        """The limited factors, in the order of their first limits."""
        return tuple(dict.fromkeys(limit.factor for limit in self.limits))

    def of(self, factor: str) -> tuple[Limit, ...]:
        """Return the limits of one factor."""
        return tuple(limit for limit in self.limits if limit.factor == factor)

    def without(self, *dropped: Limit) -> Box:
        """Return the box without these limits."""
        return Box(tuple(limit for limit in self.limits if limit not in dropped))

    def holds(self, points: pd.DataFrame) -> Array:
        """Return whether each point lies within all limits, as [points]."""
        inside = np.ones(len(points), dtype=bool)
        for limit in self.limits:
            inside &= limit.holds(points)
        return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxStats:
    """Numbers of points and cases, in all and in a box; a case is a point that meets the condition."""

    points: int
    cases: int
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
        """The probability of at least as many cases in the box if its points were drawn from all points (binomial)."""
        return math.exp(log_chance(self.hits, self.inside, self.base_rate))

    @property
    def distance(self) -> float:
        """The distance to the ideal box, which contains all cases and nothing else: 0 there, 1 for all points.

        Coverage is scaled from 0 to 1, density from the base rate to 1.
        """
        if not self.inside:
            return math.inf
        return math.hypot(1.0 - self.coverage, (1.0 - self.density) / (1.0 - self.base_rate))

    @property
    def coverage_interval(self) -> Interval | None:
        """The coverage with its 95 % interval; None without cases."""
        return _share(self.hits, self.cases)

    @property
    def density_interval(self) -> Interval | None:
        """The density with its 95 % interval; None for an empty box."""
        return _share(self.hits, self.inside)

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers and shares as plain values, with None for a share of nothing."""
        shares = {"coverage": self.coverage, "density": self.density, "base_rate": self.base_rate}
        counts = {"points": self.points, "cases": self.cases, "inside": self.inside, "hits": self.hits}
        return counts | {name: None if share != share else share for name, share in shares.items()}


def box_stats(box: Box, points: pd.DataFrame, met: Array) -> BoxStats:
    """Return the statistics of a box; met [points]: whether each point is a case."""
    inside = box.holds(points)
    return BoxStats(points=len(met), cases=int(met.sum()), inside=int(inside.sum()), hits=int(met[inside].sum()))


def log_quasi_p(box: Box, points: pd.DataFrame, met: Array) -> dict[Limit, float]:
    """Return the logarithm of the quasi-p of each limit of a box (Bryant and Lempert 2010).

    Quasi-p is the probability of at least as many cases in the box if the share of cases in it were that without this
    limit. It is small for a limit that matters.
    """
    inside = box.holds(points)
    hits = int(met[inside].sum())
    logs = {}
    for limit in box.limits:
        wider = box.without(limit).holds(points)
        rate = float(met[wider].mean()) if wider.any() else math.nan
        logs[limit] = log_chance(hits, int(inside.sum()), rate)
    return logs


def prune(box: Box, points: pd.DataFrame, met: Array) -> Box:
    """Return the box without insignificant limits: the limit with the largest quasi-p is removed first."""
    while box.limits:
        logs = log_quasi_p(box, points, met)
        weakest = max(logs, key=lambda limit: logs[limit])
        if logs[weakest] <= math.log(SIGNIFICANT):
            return box
        box = box.without(weakest)
    return box


def sort_by_importance(limits: Mapping[Limit, float]) -> Box:
    """Return a box of limits, given with their quasi-p: the most significant factor first, its lower limit first."""
    strongest: dict[str, float] = {}
    for limit, weight in limits.items():
        strongest[limit.factor] = min(weight, strongest.get(limit.factor, math.inf))
    return Box(tuple(sorted(limits, key=lambda each: (strongest[each.factor], each.factor, math.isinf(each.low)))))


def log_chance(hits: int, of: int, rate: float) -> float:
    """Return the logarithm of the probability of at least `hits` successes in `of` draws; 0 if there are none."""
    from scipy.stats import binom  # takes half a second

    if not of or math.isnan(rate):
        return 0.0
    return min(0.0, float(binom.logsf(hits - 1, of, rate)))


def _share(hits: int, of: int) -> Interval | None:
    return share_interval(np.arange(of) < hits) if of else None
