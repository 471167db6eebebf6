"""Scenario discovery: within which limits of the factors something is the case (Bryant and Lempert 2010).

The limits are found on one half of the points of a sweep and tested on the other half.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.box import SURE, Box, BoxStats, Limit, box_stats, log_quasi_p, prune, sort_by_importance
from sim.analysis.condition import Condition, check_both_outcomes, values_of
from sim.analysis.prim import peel, prim
from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.schema import Morris, Saltelli
from sim.model.draws import checked_seed
from sim.theory import rng

type Array = np.ndarray

LEAST = 10  # cases, and points that are none, in each half


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredBox:
    """One box: how it was come by, what it holds of the points that found it, and of those that test it."""

    box: Box  # the limits that matter most first
    trail: tuple[BoxStats, ...]  # from all points to the smallest box, of the points that found it
    here: BoxStats  # of the points that found it
    there: BoxStats  # of the points that test it; both without those in the boxes before
    quasi_p: Mapping[Limit, float]  # of each limit, of the points that test it

    @property
    def stands(self) -> bool:
        """Whether the points that test it show what those that found it did: more cases than chance would bring."""
        return self.there.inside > 0 and self.there.quasi_p <= SURE


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What was looked for in a sweep, and the boxes that were found."""

    experiment: Experiment
    conditions: tuple[Condition, ...]
    points: pd.DataFrame  # the summary of the points that were looked at
    met: Array  # [points]: whether all conditions are met
    tests: Array  # [points]: whether a point tests; the others find
    boxes: tuple[DiscoveredBox, ...]
    left_out: int  # points that failed, or of which a factor or an outcome is unknown
    seed: int

    @property
    def base_rate(self) -> float:
        """Share of all points that meet the conditions."""
        return float(self.met.mean())

    def outside(self, number: int) -> Array:
        """Return which points [points] lie in none of the boxes before this one: it was looked for among these."""
        found = np.ones(len(self.points), dtype=bool)
        for each in self.boxes[:number]:
            found &= ~each.box.holds(self.points)
        return found

    @property
    def together(self) -> BoxStats:
        """What all boxes together hold of the points that test them."""
        inside = ~self.outside(len(self.boxes))[self.tests]
        met = self.met[self.tests]
        return BoxStats(points=len(met), cases=int(met.sum()), inside=int(inside.sum()), hits=int(met[inside].sum()))

    def coverage(self, found: DiscoveredBox) -> float:
        """Return which part of all cases among the points that test lies in a box, and in none before it."""
        return found.there.hits / int(self.met[self.tests].sum())


def discover(
    experiment: Experiment,
    summary: pd.DataFrame,
    conditions: Sequence[Condition],
    *,
    seed: int,
    boxes: int = 1,
    least_density: float | None = None,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Discovery:
    """Return within which limits of the factors all conditions are met.

    summary: one row a point, as `point_summaries.summarise` gives it. seed: which half of the points finds and
    which tests. boxes: how many at most; each after the first is looked for among the points outside those before it.
    least_density: of the boxes on the way take the one of most coverage that has this density, in place of the one
    that comes nearest to all cases and nothing else. ModelError where no point or every one meets the conditions,
    where a half has fewer than 10 of either kind, where no box has the density, or where the library is missing.
    """
    prim()  # before any work
    names = [factor.name for factor in experiment.factors]
    values = [values_of(condition.outcome, experiment, summary) for condition in conditions]
    known = (summary["runs"] > 0).to_numpy() & summary[names].notna().all(axis=1).to_numpy()
    known &= np.logical_and.reduce([~np.isnan(each) for each in values])
    points, values = summary[known].reset_index(drop=True), [each[known] for each in values]
    if not len(points):
        raise ModelError(f"{experiment.name}: of all {len(known):,} points nothing is known; see why they failed")
    met = np.logical_and.reduce([condition.met(each) for condition, each in zip(conditions, values, strict=True)])
    check_both_outcomes(conditions, met, values, experiment.name)
    tests = _other_half(experiment, np.flatnonzero(known), seed)
    _check_enough_points(experiment, conditions, met, tests)
    found = tuple(_boxes(experiment, points[names], met, tests, boxes, least_density, on_progress))
    return Discovery(
        experiment=experiment,
        conditions=tuple(conditions),
        points=points,
        met=met,
        tests=tests,
        boxes=found,
        left_out=len(known) - len(points),
        seed=seed,
    )


def _boxes(
    experiment: Experiment,
    points: pd.DataFrame,
    met: Array,
    tests: Array,
    most: int,
    least_density: float | None,
    on_progress: Callable[[int], object],
) -> Iterator[DiscoveredBox]:
    """Yield boxes, each among the points outside those before, as long as they stand; the first in any case."""
    rest = np.ones(len(met), dtype=bool)
    for number in range(most):
        here, there = rest & ~tests, rest & tests
        if _least(met, here, there) < LEAST:
            return
        found = _one_box(experiment, points, met, here, there, least_density)
        on_progress(1)
        if found is None or (number and not found.stands):
            return
        yield found
        if not found.stands:
            return
        rest &= ~found.box.holds(points)


def _one_box(
    experiment: Experiment, points: pd.DataFrame, met: Array, here: Array, there: Array, least_density: float | None
) -> DiscoveredBox | None:
    """Return the box that is chosen among those on the way, each freed first of limits that do not matter."""
    sample, cases = points[here], met[here]
    way = peel(sample, cases)
    candidates = [box for box in dict.fromkeys(prune(box, sample, cases) for box in way) if box.limits]
    if not candidates:
        return None
    tallies = {box: box_stats(box, sample, cases) for box in candidates}
    chosen = _chosen(experiment, tallies, least_density)
    box = sort_by_importance(log_quasi_p(chosen, sample, cases))
    logs = log_quasi_p(box, points[there], met[there])
    return DiscoveredBox(
        box=box,
        trail=tuple(box_stats(each, sample, cases) for each in way),
        here=tallies[chosen],
        there=box_stats(box, points[there], met[there]),
        quasi_p={limit: math.exp(log) for limit, log in logs.items()},
    )


def _chosen(experiment: Experiment, tallies: Mapping[Box, BoxStats], least_density: float | None) -> Box:
    if least_density is None:
        return min(tallies, key=lambda box: (tallies[box].distance, len(box.limits)))
    dense = [box for box in tallies if tallies[box].density >= least_density]
    if not dense:
        densest = max(each.density for each in tallies.values())
        raise ModelError(
            f"{experiment.name}: no box has a density of {least_density:g}; the densest found has {densest:.3f}; ask "
            "for less with --density"
        )
    return max(dense, key=lambda box: (tallies[box].coverage, -len(box.limits)))


def _other_half(experiment: Experiment, places: Array, seed: int) -> Array:
    """Return for the points at these places of the design whether they test, not find.

    Points that the design derives from one another, by moving one factor of a point, go to the same half.
    """
    size = len(experiment.factors)
    match experiment.design:
        case Saltelli(second_order=second_order):
            together = 2 * size + 2 if second_order else size + 2
        case Morris():
            together = size + 1
        case _:
            together = 1
    groups, group = np.unique(places // together, return_inverse=True)
    drawn = rng.uniforms(rng.address("half"), np.arange(len(groups)), 1, 0, checked_seed(seed))[0]
    order = drawn.argsort(kind="stable").argsort(kind="stable")
    return np.asarray(order[group] < len(groups) // 2)


def _check_enough_points(experiment: Experiment, conditions: Sequence[Condition], met: Array, tests: Array) -> None:
    if _least(met, ~tests, tests) < LEAST:
        said = " and ".join(map(str, conditions))
        raise ModelError(
            f"{experiment.name}: '{said}' holds at {met.sum():,} of {len(met):,} points, and each half of the points "
            f"needs {LEAST} at which it holds and {LEAST} at which it does not; sweep more points, or give another "
            "number with --when"
        )


def _least(met: Array, *halves: Array) -> int:
    """Return how many cases, or points that are none, the half with the fewest has."""
    return min(min(int(met[half].sum()), int((~met[half]).sum())) for half in halves)
