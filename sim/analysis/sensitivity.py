"""How much each factor of a sweep moves an outcome: by itself, with all others, or from the scenario as it is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.interval import interval
from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.design import problem, unit_sample
from sim.experiment.schema import Morris, OneAtATime, Saltelli

type Array = np.ndarray

RESAMPLES = 500  # of the bootstrap that gives the confidence intervals
STILL = 1e-12  # standard deviation under which an outcome does not vary


def saltelli_indices(
    experiment: Experiment, points: pd.DataFrame, outcome: str, *, first: int | None = None
) -> pd.DataFrame:
    """Return the Sobol' indices of an outcome, a row a factor: `first` and `total`, and how far their intervals reach.

    points: one row a point, in the order of the design, with the mean of the outcome. `first` is the part of the
    variance between points that the factor explains alone, `total` that with all its interactions (Saltelli et al.
    2010); `first.reach` and `total.reach` are half the 95 % interval, by bootstrap. Base points of which one has failed
    are left out. first: how many of the base points are looked at, all unless it is given. ModelError where the design
    is not saltelli, where fewer than two base points are whole, or where the outcome does not vary.
    """
    design = experiment.design
    if not isinstance(design, Saltelli):
        raise ModelError(
            f"{experiment.name}: Sobol' indices need points of the design saltelli; give the experiment "
            "design: {saltelli: {base: 256}} and sweep again"
        )
    size = len(experiment.factors)
    each = 2 * size + 2 if design.second_order else size + 2
    means = _means(experiment, points, outcome, design.base * each)
    values = _whole(experiment, means[: (first or design.base) * each], each, outcome)
    found = _salib("sobol").analyze(
        problem(experiment),
        values.ravel(),
        calc_second_order=design.second_order,
        num_resamples=RESAMPLES,
        seed=experiment.seed + 1,  # SALib takes 0 for no seed
    )
    return pd.DataFrame(
        {"first": found["S1"], "first.reach": found["S1_conf"], "total": found["ST"], "total.reach": found["ST_conf"]},
        index=_factors(experiment),
    )


def second_order_indices(experiment: Experiment, points: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the second-order Sobol' indices of an outcome, a row a pair of factors, and the reach of each interval.

    ModelError as saltelli_indices, and where the design does not have second_order.
    """
    design = experiment.design
    if not isinstance(design, Saltelli) or not design.second_order:
        raise ModelError(
            f"{experiment.name}: pairs of factors are told apart only by a design such as "
            "{saltelli: {base: 256, second_order: true}}"
        )
    size = len(experiment.factors)
    each = 2 * size + 2
    values = _whole(experiment, _means(experiment, points, outcome, design.base * each), each, outcome)
    found = _salib("sobol").analyze(
        problem(experiment), values.ravel(), calc_second_order=True, num_resamples=RESAMPLES, seed=experiment.seed + 1
    )
    pairs = [(one, other) for one in range(size) for other in range(one + 1, size)]
    names = _factors(experiment)
    return pd.DataFrame(
        {
            "one": [names[one] for one, _ in pairs],
            "other": [names[other] for _, other in pairs],
            "second": [found["S2"][pair] for pair in pairs],
            "second.reach": [found["S2_conf"][pair] for pair in pairs],
        }
    )


def morris_effects(
    experiment: Experiment, points: pd.DataFrame, outcome: str, *, first: int | None = None
) -> pd.DataFrame:
    """Return the elementary effects of each factor on an outcome, a row a factor.

    points: one row a point, in the order of the design, with the mean of the outcome. `mu_star` is the mean of absolute
    effects of crossing the factor's whole range, `mu_star.reach` half its 95 % interval, `mu` the mean with its sign,
    `sigma` how much effects differ from place to place, so interactions or bends (Morris 1991, Campolongo et al. 2007).
    Trajectories of which a point has failed are left out. first: how many of the trajectories are looked at, all unless
    it is given. ModelError where the design is not morris, or where fewer
    than two trajectories are whole.
    """
    design = experiment.design
    if not isinstance(design, Morris):
        raise ModelError(
            f"{experiment.name}: elementary effects need points of the design morris; give the experiment "
            "design: {morris: {trajectories: 20}} and sweep again"
        )
    each = len(experiment.factors) + 1
    sample = unit_sample(experiment)
    means = _means(experiment, points, outcome, len(sample)).reshape(-1, each)[:first]
    sample = sample[: means.size]
    there = np.isfinite(means).all(axis=1)
    _enough(experiment, there, "trajectories")
    found = _salib("morris").analyze(
        problem(experiment),
        sample.reshape(len(means), each, -1)[there].reshape(-1, each - 1),
        means[there].ravel(),
        num_resamples=RESAMPLES,
        num_levels=design.levels,
        seed=experiment.seed + 1,
    )
    return pd.DataFrame(
        {
            "mu": np.asarray(found["mu"], dtype=float),
            "mu_star": np.asarray(found["mu_star"], dtype=float),
            "mu_star.reach": np.asarray(found["mu_star_conf"], dtype=float),
            "sigma": np.asarray(found["sigma"], dtype=float),
        },
        index=_factors(experiment),
    )


def swings(experiment: Experiment, points: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return how far each factor moves an outcome from the baseline while all others stand there, a row a factor.

    points: the first row is the baseline. `low` and `high` are the lowest and the highest mean among the baseline and
    the factor's levels, `low.at` and `high.at` the levels where they are reached, `low.point` and `high.point` the
    places of their rows, -1 for none, `baseline` the mean there, `swing` high - low. A factor of which every level
    failed has not-a-number. ModelError where the design is not one_at_a_time, or where the baseline failed.
    """
    if not isinstance(experiment.design, OneAtATime):
        raise ModelError(
            f"{experiment.name}: swings from the baseline need points of the design one_at_a_time; give the experiment "
            "design: one_at_a_time and sweep again"
        )
    means = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    if not len(points) or not np.isfinite(means[0]):
        raise ModelError(
            f"{experiment.name}: the baseline, which is the scenario as it is, was not played, so nothing can be held "
            "against it; see why it failed, and sweep again"
        )
    rows = []
    names = [factor.name for factor in experiment.factors if factor.name in points.columns]
    moved = {name: ~_is(points[name], points[name].iloc[0]) for name in names}
    for name in names:
        others = [moved[other] for other in names if other != name]
        alone = moved[name] & ~np.logical_or.reduce(others) if others else moved[name]
        tried = np.flatnonzero(alone & np.isfinite(means))
        if not len(tried):
            rows.append((means[0], np.nan, np.nan, None, None, -1, -1, np.nan))
            continue
        candidates = np.concatenate([[0], tried])
        low, high = candidates[means[candidates].argmin()], candidates[means[candidates].argmax()]
        levels = points[name]
        swing = means[high] - means[low]
        rows.append((means[0], means[low], means[high], levels.iloc[low], levels.iloc[high], low, high, swing))
    columns = ["baseline", "low", "high", "low.at", "high.at", "low.point", "high.point", "swing"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="factor"))


def swing_reaches(table: pd.DataFrame, replicates: Callable[[int], Array]) -> Array:
    """Return half the 95 % interval of each swing, in the order of the table that swings gives.

    replicates: the outcome of a point as [replicates], not-a-number where one failed. All points are played on common
    shocks, so the difference is taken replicate by replicate. The two levels are the ones that came out lowest and
    highest, so a swing that is no larger than its reach may be luck. Not-a-number for a factor of which every level
    failed, and from a single replicate.
    """
    found = []
    for low, high in zip(table["low.point"].astype(int), table["high.point"].astype(int), strict=True):
        if low < 0:
            found.append(np.nan)
            continue
        swing = interval(replicates(high) - replicates(low))
        found.append((swing.high - swing.low) / 2.0)
    return np.array(found, dtype=np.float64)


def _is(values: pd.Series, level: Any) -> Array:
    return np.asarray(values.isna() if pd.isna(level) else values == level, dtype=bool)


def _factors(experiment: Experiment) -> pd.Index:
    return pd.Index([factor.name for factor in experiment.factors], name="factor")


def _means(experiment: Experiment, points: pd.DataFrame, outcome: str, count: int) -> Array:
    """Return the mean of each point of the design in its order, not-a-number where it failed."""
    if len(points) != count:
        raise ModelError(
            f"{experiment.name}: {len(points):,} of the {count:,} points of the design are there, and sensitivity "
            "needs all of them; let the sweep finish first"
        )
    ordered = points.sort_values("point", kind="stable") if "point" in points.columns else points
    return ordered[outcome].to_numpy(dtype=np.float64, na_value=np.nan)


def _whole(experiment: Experiment, values: Array, each: int, outcome: str) -> Array:
    """Return the values as [base point, point of it], without base points of which one has failed."""
    blocks = values.reshape(-1, each)
    there = np.isfinite(blocks).all(axis=1)
    _enough(experiment, there, "base points")
    kept = blocks[there]
    if kept.std() < STILL:
        raise ModelError(
            f"{experiment.name}: {outcome} is the same at all points, so no factor explains its variance; vary more, "
            "or look at another outcome"
        )
    return kept


def _enough(experiment: Experiment, there: Array, what: str) -> None:
    if there.sum() < 2:
        raise ModelError(
            f"{experiment.name}: only {there.sum()} of {len(there):,} {what} were played without a failure, and "
            "sensitivity needs two at least; see why points failed, and sweep again"
        )


def _salib(name: str) -> Any:
    return import_module(f"SALib.analyze.{name}")
