"""Scenario discovery: the ranges of factors in which a condition holds (Bryant and Lempert 2010).

The ranges are found on one half of the points of a sweep and tested on the other half.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.box import SIGNIFICANT, Box, BoxStats, Limit, box_stats, log_quasi_p, prune, sort_by_importance
from sim.analysis.outcome_condition import Condition, check_both_outcomes, values_of
from sim.analysis.prim import peel, prim
from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.schema import Morris, Saltelli
from sim.experiment.sweep import Sweep
from sim.model.draws import checked_seed
from sim.result import Result
from sim.results.files import as_csv, write_files
from sim.theory import rng

type Array = np.ndarray

ANSWER, LIMITS, TRAJECTORY = "answer.json", "limits.csv", "trajectory.csv"  # files of `Discovery.save`
MINIMUM = 10  # cases, and other points, in each half
_SIGN_NAMES = {"<": "below", "<=": "to", ">": "above", ">=": "from"}  # in names of files


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredBox:
    """A box with its statistics in the search half and the test half, both without points of earlier boxes."""

    box: Box  # the most significant limits first
    trajectory: tuple[BoxStats, ...]  # from all points of the search half to the smallest box
    search: BoxStats
    test: BoxStats
    quasi_p: Mapping[Limit, float]  # of each limit, in the test half

    @property
    def passes_test(self) -> bool:
        """Whether the box contains significantly more cases of the test half than chance would."""
        return self.test.inside > 0 and self.test.quasi_p <= SIGNIFICANT


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Discovery(Result):
    """The boxes in which conditions hold.

    Attributes
    ----------
    experiment : Experiment
        The experiment.
    conditions : tuple of Condition
        The conditions; a point that meets all of them is a case.
    points : DataFrame
        The summary of the points that were used.
    met : array of bool
        Whether each point is a case, as [points].
    is_test : array of bool
        Whether each point belongs to the test half, as [points]; the others belong to the search half.
    boxes : tuple of DiscoveredBox
        The boxes, in the order in which they were found.
    left_out : int
        Number of points that failed, or with an unknown factor or outcome.
    seed : int
        Random seed of the division into halves.
    most_boxes : int
        Largest number of boxes.
    least_density : float or None
        Lowest density of a box; None for the box closest to the ideal.
    sweep : Sweep or None
        The sweep of the points; None if only their summary is known.
    """

    experiment: Experiment
    conditions: tuple[Condition, ...]
    points: pd.DataFrame
    met: Array
    is_test: Array
    boxes: tuple[DiscoveredBox, ...]
    left_out: int
    seed: int
    most_boxes: int = 1
    least_density: float | None = None
    sweep: Sweep | None = None

    @property
    def base_rate(self) -> float:
        """Share of cases among all points."""
        return float(self.met.mean())

    def outside(self, number: int) -> Array:
        """Return whether each point lies outside the first boxes, as [points]; number: how many of them."""
        outside = np.ones(len(self.points), dtype=bool)
        for discovered in self.boxes[:number]:
            outside &= ~discovered.box.holds(self.points)
        return outside

    @property
    def together(self) -> BoxStats:
        """The statistics of all boxes together in the test half."""
        inside = ~self.outside(len(self.boxes))[self.is_test]
        met = self.met[self.is_test]
        return BoxStats(points=len(met), cases=int(met.sum()), inside=int(inside.sum()), hits=int(met[inside].sum()))

    def coverage(self, discovered: DiscoveredBox) -> float:
        """Return the share of all cases of the test half that lie in a box and in none before it."""
        return discovered.test.hits / int(self.met[self.is_test].sum())

    @property
    def file_name(self) -> str:
        """The experiment, the conditions, the options of the search, and the start of the digest."""
        conditions = [f"{each.outcome}-{_SIGN_NAMES[each.sign]}-{each.value:.12g}" for each in self.conditions]
        parts = ["-".join([self.experiment.name, *conditions])[:150]]
        parts += [f"{self.most_boxes}boxes"] if self.most_boxes > 1 else []
        parts += [f"density{self.least_density:g}"] if self.least_density is not None else []
        digest = [] if self.sweep is None else [self.sweep.plan.digest[:8]]
        return "-".join([*parts, f"seed{self.seed}", *digest])

    def to_frame(self) -> pd.DataFrame:
        """Return the limits: one row per limit of each box."""
        rows = [
            {"box": number, **limit}
            for number, discovered in enumerate(self.boxes, start=1)
            for limit in self._limits(discovered)
        ]
        return pd.DataFrame(rows)

    @property
    def trajectory(self) -> pd.DataFrame:
        """The peeling trajectories: one row per step of each box, with its statistics in the search half."""
        rows = [
            {"box": number, "step": step, **stats.as_dict()}
            for number, discovered in enumerate(self.boxes, start=1)
            for step, stats in enumerate(discovered.trajectory)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the boxes as plain values, which `willing discover` prints with `--json`."""
        from sim.analysis.discovery_text import headline

        return {
            "answer": headline(self, self.boxes[0] if self.boxes else None),
            "experiment": self.experiment.name,
            "digest": None if self.sweep is None else self.sweep.plan.digest,
            "when": [{"outcome": each.outcome, "sign": each.sign, "value": each.value} for each in self.conditions],
            "points": len(self.met),
            "left_out": self.left_out,
            "replicates": self.experiment.replicates,
            "seed": self.experiment.seed,
            "halves_seed": self.seed,
            "cases": int(self.met.sum()),
            "base_rate": self.base_rate,
            "boxes": [self._box(discovered) for discovered in self.boxes],
            "together": self.together.as_dict() if self.boxes else None,
        }

    def to_dict_in(self, folder: Path) -> dict[str, Any]:
        """Return the values of `to_dict` with the folders of the sweep and of the result."""
        sweep = None if self.sweep is None or self.sweep.folder is None else str(self.sweep.folder)
        return self.to_dict() | {"sweep": sweep, "result": str(folder)}

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write the boxes (JSON), their limits and the peeling trajectories (CSV) into a folder.

        Parameters
        ----------
        folder : str or Path
            The folder, which is created if it is missing.
        overwrite : bool, optional
            Whether to replace files that exist.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ResultsError
            If files exist, or the folder cannot be written.
        """
        target = Path(folder)
        answer = json.dumps(self.to_dict_in(target), indent=2, ensure_ascii=False, allow_nan=False)
        texts = {ANSWER: f"{answer}\n", LIMITS: as_csv(self.to_frame()), TRAJECTORY: as_csv(self.trajectory)}
        write_files(target, [], texts=texts, overwrite=overwrite)
        return target

    def _box(self, discovered: DiscoveredBox) -> dict[str, Any]:
        from sim.analysis.discovery_text import headline

        test = discovered.test
        intervals = {"coverage": test.coverage_interval, "density": test.density_interval}
        return {
            "answer": headline(self, discovered),
            "stands": discovered.passes_test,
            "limits": self._limits(discovered),
            "coverage_of_all": self.coverage(discovered),
            "tested": test.as_dict()
            | {
                f"{name}_{end}": None if share is None else getattr(share, end)
                for name, share in intervals.items()
                for end in ("low", "high")
            }
            | {"quasi_p": test.quasi_p},
            "found": discovered.search.as_dict(),
        }

    def _limits(self, discovered: DiscoveredBox) -> list[dict[str, Any]]:
        from sim.analysis.discovery_text import varied_range, view_of

        sweep = view_of(self)
        limits = []
        for limit in discovered.box.limits:
            low, high = (None, None) if limit.levels else varied_range(sweep, limit.factor)
            limits.append(
                {
                    "factor": limit.factor,
                    "unit": self.experiment.factor(limit.factor).unit,
                    "low": limit.low if math.isfinite(limit.low) else None,
                    "high": limit.high if math.isfinite(limit.high) else None,
                    "levels": list(limit.levels) or None,
                    "from": low,
                    "to": high,
                    "quasi_p": discovered.quasi_p[limit],
                }
            )
        return limits


def discover_in_sweep(
    sweep: Sweep,
    conditions: Sequence[Condition],
    *,
    seed: int | None = None,
    boxes: int = 1,
    least_density: float | None = None,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Discovery:
    """Return the boxes of a complete sweep; seed: by default the experiment's. See `discover`."""
    result = discover(
        sweep.experiment,
        sweep.summary,
        conditions,
        seed=sweep.experiment.seed if seed is None else seed,
        boxes=boxes,
        least_density=least_density,
        on_progress=on_progress,
    )
    return replace(result, sweep=sweep)


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
    """Return the boxes in which all conditions are met.

    summary: one row per point, from `point_summaries.summarise`. seed: of the division into halves. boxes: largest
    number; each after the first is searched for among the points outside the earlier ones. least_density: select the
    box with the highest coverage that has this density, instead of the box closest to all cases and nothing else.
    ModelError if no point or every point is a case, a half has fewer than 10 of either kind, no box has the density, or
    the library is missing.
    """
    prim()  # raises ModelError before any work
    names = [factor.name for factor in experiment.factors]
    values = [values_of(condition.outcome, experiment, summary) for condition in conditions]
    known = (summary["runs"] > 0).to_numpy() & summary[names].notna().all(axis=1).to_numpy()
    known &= np.logical_and.reduce([~np.isnan(each) for each in values])
    points, values = summary[known].reset_index(drop=True), [each[known] for each in values]
    if not len(points):
        raise ModelError(
            f"{experiment.name}: all {len(known):,} points failed or have unknown outcomes; see the reasons"
        )
    met = np.logical_and.reduce([condition.met(each) for condition, each in zip(conditions, values, strict=True)])
    check_both_outcomes(conditions, met, values, experiment.name)
    is_test = _test_half(experiment, np.flatnonzero(known), seed)
    _check_enough_points(experiment, conditions, met, is_test)
    discovered = tuple(_boxes(experiment, points[names], met, is_test, boxes, least_density, on_progress))
    return Discovery(
        experiment=experiment,
        conditions=tuple(conditions),
        points=points,
        met=met,
        is_test=is_test,
        boxes=discovered,
        left_out=len(known) - len(points),
        seed=seed,
        most_boxes=boxes,
        least_density=least_density,
    )


def _boxes(
    experiment: Experiment,
    points: pd.DataFrame,
    met: Array,
    is_test: Array,
    most: int,
    least_density: float | None,
    on_progress: Callable[[int], object],
) -> Iterator[DiscoveredBox]:
    """Yield boxes as long as they pass the test, each from points outside the earlier ones; the first in any case."""
    rest = np.ones(len(met), dtype=bool)
    for number in range(most):
        search, test = rest & ~is_test, rest & is_test
        if _fewest(met, search, test) < MINIMUM:
            return
        discovered = _one_box(experiment, points, met, search, test, least_density)
        on_progress(1)
        if discovered is None or (number and not discovered.passes_test):
            return
        yield discovered
        if not discovered.passes_test:
            return
        rest &= ~discovered.box.holds(points)


def _one_box(
    experiment: Experiment, points: pd.DataFrame, met: Array, search: Array, test: Array, least_density: float | None
) -> DiscoveredBox | None:
    """Return the selected box of the trajectory, after insignificant limits are removed from all of its boxes."""
    sample, cases = points[search], met[search]
    trajectory = peel(sample, cases)
    candidates = [box for box in dict.fromkeys(prune(box, sample, cases) for box in trajectory) if box.limits]
    if not candidates:
        return None
    stats = {box: box_stats(box, sample, cases) for box in candidates}
    chosen = _select(experiment, stats, least_density)
    box = sort_by_importance(log_quasi_p(chosen, sample, cases))
    logs = log_quasi_p(box, points[test], met[test])
    return DiscoveredBox(
        box=box,
        trajectory=tuple(box_stats(each, sample, cases) for each in trajectory),
        search=stats[chosen],
        test=box_stats(box, points[test], met[test]),
        quasi_p={limit: math.exp(log) for limit, log in logs.items()},
    )


def _select(experiment: Experiment, stats: Mapping[Box, BoxStats], least_density: float | None) -> Box:
    if least_density is None:
        return min(stats, key=lambda box: (stats[box].distance, len(box.limits)))
    dense = [box for box in stats if stats[box].density >= least_density]
    if not dense:
        densest = max(each.density for each in stats.values())
        raise ModelError(
            f"{experiment.name}: no box has a density of {least_density:g}; the highest is {densest:.3f}; choose a "
            "lower density (--density)"
        )
    return max(dense, key=lambda box: (stats[box].coverage, -len(box.limits)))


def _test_half(experiment: Experiment, indices: Array, seed: int) -> Array:
    """Return whether the points with these indices in the design belong to the test half.

    Points that the design derives from one another, by moving one factor of a point, belong to the same half.
    """
    size = len(experiment.factors)
    match experiment.design:
        case Saltelli(second_order=second_order):
            together = 2 * size + 2 if second_order else size + 2
        case Morris():
            together = size + 1
        case _:
            together = 1
    groups, group = np.unique(indices // together, return_inverse=True)
    drawn = rng.uniforms(rng.address("half"), np.arange(len(groups)), 1, 0, checked_seed(seed))[0]
    order = drawn.argsort(kind="stable").argsort(kind="stable")
    return np.asarray(order[group] < len(groups) // 2)


def _check_enough_points(experiment: Experiment, conditions: Sequence[Condition], met: Array, is_test: Array) -> None:
    if _fewest(met, ~is_test, is_test) < MINIMUM:
        text = " and ".join(map(str, conditions))
        raise ModelError(
            f"{experiment.name}: '{text}' holds at {met.sum():,} of {len(met):,} points, and each half of the points "
            f"needs {MINIMUM} at which it holds and {MINIMUM} at which it does not; sweep more points, or give another "
            "number"
        )


def _fewest(met: Array, *halves: Array) -> int:
    """Return the smallest number of cases, or of other points, in any half."""
    return min(min(int(met[half].sum()), int((~met[half]).sum())) for half in halves)
