"""Sensitivity of an outcome to each factor of a sweep: Sobol' indices, elementary effects, and swings."""

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
CONSTANT = 1e-12  # standard deviation up to which an outcome does not vary


def saltelli_indices(
    experiment: Experiment, points: pd.DataFrame, outcome: str, *, first: int | None = None
) -> pd.DataFrame:
    """Return the Sobol' indices of an outcome.

    Parameters
    ----------
    experiment : Experiment
        The experiment, with the design saltelli.
    points : DataFrame
        One row per point, in the order of the design, with the mean of the outcome.
    outcome : str
        The column of the outcome.
    first : int, optional
        Number of base points to use, by default all.

    Returns
    -------
    DataFrame
        One row per factor: `first` is the share of the variance between points that the factor explains alone, `total`
        the share including all its interactions (Saltelli et al. 2010); `first.reach` and `total.reach` are half the
        width of the 95 % interval, by bootstrap. Base points with a failed point are left out.

    Raises
    ------
    ModelError
        If the design is not saltelli, fewer than two base points are complete, or the outcome does not vary.
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
    values = _complete_blocks(experiment, means[: (first or design.base) * each], each, outcome)
    indices = _salib("sobol").analyze(
        problem(experiment),
        values.ravel(),
        calc_second_order=design.second_order,
        num_resamples=RESAMPLES,
        seed=experiment.seed + 1,  # SALib takes 0 for no seed
    )
    return pd.DataFrame(
        {
            "first": indices["S1"],
            "first.reach": indices["S1_conf"],
            "total": indices["ST"],
            "total.reach": indices["ST_conf"],
        },
        index=_factors(experiment),
    )


def second_order_indices(experiment: Experiment, points: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the second-order Sobol' indices of an outcome, one row per pair of factors, and half of each interval.

    ModelError as in `saltelli_indices`, and if the design does not have second_order.
    """
    design = experiment.design
    if not isinstance(design, Saltelli) or not design.second_order:
        raise ModelError(
            f"{experiment.name}: second-order indices need a design such as "
            "{saltelli: {base: 256, second_order: true}}"
        )
    size = len(experiment.factors)
    each = 2 * size + 2
    values = _complete_blocks(experiment, _means(experiment, points, outcome, design.base * each), each, outcome)
    indices = _salib("sobol").analyze(
        problem(experiment), values.ravel(), calc_second_order=True, num_resamples=RESAMPLES, seed=experiment.seed + 1
    )
    pairs = [(one, other) for one in range(size) for other in range(one + 1, size)]
    names = _factors(experiment)
    return pd.DataFrame(
        {
            "one": [names[one] for one, _ in pairs],
            "other": [names[other] for _, other in pairs],
            "second": [indices["S2"][pair] for pair in pairs],
            "second.reach": [indices["S2_conf"][pair] for pair in pairs],
        }
    )


def morris_effects(
    experiment: Experiment, points: pd.DataFrame, outcome: str, *, first: int | None = None
) -> pd.DataFrame:
    """Return the elementary effects of the factors on an outcome.

    Parameters
    ----------
    experiment : Experiment
        The experiment, with the design morris.
    points : DataFrame
        One row per point, in the order of the design, with the mean of the outcome.
    outcome : str
        The column of the outcome.
    first : int, optional
        Number of trajectories to use, by default all.

    Returns
    -------
    DataFrame
        One row per factor: `mu_star` is the mean absolute effect of a change over the whole range of the factor,
        `mu_star.reach` half the width of its 95 % interval, `mu` the mean effect, and `sigma` the standard deviation of
        the effect between points, which is due to interactions or nonlinearity (Morris 1991, Campolongo et al. 2007).
        Trajectories with a failed point are left out.

    Raises
    ------
    ModelError
        If the design is not morris, or fewer than two trajectories are complete.
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
    is_complete = np.isfinite(means).all(axis=1)
    _check_two(experiment, is_complete, "trajectories")
    indices = _salib("morris").analyze(
        problem(experiment),
        sample.reshape(len(means), each, -1)[is_complete].reshape(-1, each - 1),
        means[is_complete].ravel(),
        num_resamples=RESAMPLES,
        num_levels=design.levels,
        seed=experiment.seed + 1,
    )
    return pd.DataFrame(
        {
            "mu": np.asarray(indices["mu"], dtype=float),
            "mu_star": np.asarray(indices["mu_star"], dtype=float),
            "mu_star.reach": np.asarray(indices["mu_star_conf"], dtype=float),
            "sigma": np.asarray(indices["sigma"], dtype=float),
        },
        index=_factors(experiment),
    )


def swings(experiment: Experiment, points: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the range of an outcome over the levels of each factor, with all other factors at the baseline.

    Parameters
    ----------
    experiment : Experiment
        The experiment, with the design one_at_a_time.
    points : DataFrame
        One row per point, in the order of the design, with the mean of the outcome; the first is the baseline.
    outcome : str
        The column of the outcome.

    Returns
    -------
    DataFrame
        One row per factor: `baseline` is the mean at the baseline, `low` and `high` the lowest and the highest mean
        among the baseline and the levels of the factor, `low.at` and `high.at` the levels there, `low.point` and
        `high.point` the indices of their rows (-1 for none), and `swing` the difference of high and low.
        Not-a-number for a factor whose levels all failed.

    Raises
    ------
    ModelError
        If the design is not one_at_a_time, or the baseline failed.
    """
    if not isinstance(experiment.design, OneAtATime):
        raise ModelError(
            f"{experiment.name}: swings from the baseline need points of the design one_at_a_time; give the experiment "
            "design: one_at_a_time and sweep again"
        )
    means = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    if not len(points) or not np.isfinite(means[0]):
        raise ModelError(
            f"{experiment.name}: the baseline, which is the scenario without changes, failed, so there is nothing to "
            "compare with; see the reason, and sweep again"
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
    """Return half the width of the 95 % interval of each swing, in the order of the table of `swings`.

    replicates: returns the outcome at a point as [replicates], not-a-number where one failed. All points have common
    random numbers, so the difference is taken replicate by replicate. The two levels are those with the lowest and the
    highest mean, so a swing that is no larger than half its interval may be sampling noise. Not-a-number for a factor
    whose levels all failed, and with a single replicate.
    """
    reaches = []
    for low, high in zip(table["low.point"].astype(int), table["high.point"].astype(int), strict=True):
        if low < 0:
            reaches.append(np.nan)
            continue
        swing = interval(replicates(high) - replicates(low))
        reaches.append((swing.high - swing.low) / 2.0)
    return np.array(reaches, dtype=np.float64)


def _is(values: pd.Series, level: Any) -> Array:
    return np.asarray(values.isna() if pd.isna(level) else values == level, dtype=bool)


def _factors(experiment: Experiment) -> pd.Index:
    return pd.Index([factor.name for factor in experiment.factors], name="factor")


def _means(experiment: Experiment, points: pd.DataFrame, outcome: str, count: int) -> Array:
    """Return the mean at each point in the order of the design, not-a-number where the point failed."""
    if len(points) != count:
        raise ModelError(
            f"{experiment.name}: only {len(points):,} of the {count:,} points of the design are simulated, and "
            "sensitivity needs all of them; finish the sweep first"
        )
    ordered = points.sort_values("point", kind="stable") if "point" in points.columns else points
    return ordered[outcome].to_numpy(dtype=np.float64, na_value=np.nan)


def _complete_blocks(experiment: Experiment, values: Array, each: int, outcome: str) -> Array:
    """Return the values as [base point, point of it], without base points with a failed point."""
    blocks = values.reshape(-1, each)
    is_complete = np.isfinite(blocks).all(axis=1)
    _check_two(experiment, is_complete, "base points")
    kept = blocks[is_complete]
    if kept.std() < CONSTANT:
        raise ModelError(
            f"{experiment.name}: {outcome} is the same at all points, so there is no variance to explain; widen the "
            "ranges, or choose another outcome"
        )
    return kept


def _check_two(experiment: Experiment, is_complete: Array, what: str) -> None:
    if is_complete.sum() < 2:
        raise ModelError(
            f"{experiment.name}: only {is_complete.sum()} of {len(is_complete):,} {what} have no failed point, and "
            "sensitivity needs at least two; see why points failed, and sweep again"
        )


def _salib(name: str) -> Any:
    return import_module(f"SALib.analyze.{name}")
