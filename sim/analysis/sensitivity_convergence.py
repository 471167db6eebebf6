"""Convergence of sensitivity indices: their values on parts of the sample, and the width of their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.sensitivity_indices import morris_effects, saltelli_indices
from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.schema import Morris, Saltelli
from sim.text.words import listed

type Array = np.ndarray

PARTS = (8, 4, 2, 1)  # of the sample: an eighth, a quarter, a half, all
NARROW = 0.05  # width of an interval (Sarrazin, Pianosi & Wagener 2016)
NEGLIGIBLE = 0.05  # index up to which a factor has a negligible effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """The index by which factors are ranked, on growing parts of the sample.

    For Sobol' indices it is the total index, for elementary effects mu* relative to the largest one.
    """

    index: pd.DataFrame  # one row per factor, one column per size of the sample
    reach: pd.DataFrame  # half the width of the 95 % interval of each

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the parts, the whole sample last."""
        return tuple(int(size) for size in self.index.columns)

    @property
    def widest(self) -> float:
        """The width of the widest interval on the whole sample."""
        return float(2.0 * self.reach.iloc[:, -1].max())

    @property
    def values_converged(self) -> bool:
        """Whether all intervals are narrow."""
        return self.widest <= NARROW

    @property
    def ranking_converged(self) -> bool:
        """Whether the factors that matter have the same order as with half of the sample, and none may be tied.

        Half of the sample is a part of the whole, so two factors can keep their order by chance. The intervals of
        neighbours in the order must therefore not overlap.
        """
        if len(self.sizes) < 2:
            return False
        half, whole = (self.index.iloc[:, part] for part in (-2, -1))
        ranked = whole[whole > NEGLIGIBLE].sort_values(ascending=False, kind="stable")
        reach = self.reach.iloc[:, -1][ranked.index].to_numpy(dtype=np.float64)
        low, high = ranked.to_numpy(dtype=np.float64) - reach, ranked.to_numpy(dtype=np.float64) + reach
        do_not_overlap = bool((low[:-1] > high[1:]).all())
        return do_not_overlap and list(half[ranked.index].sort_values(ascending=False, kind="stable").index) == list(
            ranked.index
        )

    @property
    def screening_converged(self) -> bool:
        """Whether the negligible factors are the same as with half of the sample, with narrow intervals."""
        if len(self.sizes) < 2:
            return False
        half, whole = (self.index.iloc[:, part] for part in (-2, -1))
        negligible = whole <= NEGLIGIBLE
        narrow = bool((2.0 * self.reach.iloc[:, -1][negligible] <= NARROW).all())
        return narrow and negligible.equals(half <= NEGLIGIBLE)

    @property
    def converged(self) -> dict[str, bool]:
        """Whether values, ranking and screening have converged."""
        return {
            "values": self.values_converged,
            "ranking": self.ranking_converged,
            "screening": self.screening_converged,
        }

    @property
    def text(self) -> str:
        """A clause that lists what has converged and what has not."""
        yes = [word for word, converged in self.converged.items() if converged]
        no = [word for word, converged in self.converged.items() if not converged]
        clauses = [f"{listed(yes)} {_have(yes)} converged"] if yes else []
        if no:
            clauses.append(f"{listed(no)} {_have(no)} not" + ("" if yes else " converged"))
        return ", ".join(clauses)


def convergence(experiment: Experiment, points: pd.DataFrame, outcome: str) -> Convergence:
    """Return the index by which factors are ranked, on an eighth, a quarter, a half and all of the sample.

    points as in `saltelli_indices`. Parts with fewer than two base points or trajectories, or without variation, are
    left out. ModelError if the design is neither saltelli nor morris, and as for the indices of the whole sample.
    """
    match experiment.design:
        case Saltelli(base=size):
            method, index, reach = saltelli_indices, "total", "total.reach"
        case Morris(trajectories=size):
            method, index, reach = morris_effects, "mu_star", "mu_star.reach"
        case _:
            raise ModelError(f"{experiment.name}: convergence needs a sample; use the design saltelli or morris")
    values, reaches = {}, {}
    for part in PARTS:
        first = size // part
        if first < 2:
            continue
        try:
            table = method(experiment, points, outcome, first=first)
        except ModelError:
            if part == 1:
                raise
            continue
        largest = float(table[index].max()) if isinstance(experiment.design, Morris) else 1.0
        scale = largest if largest > 0.0 else 1.0
        values[first], reaches[first] = table[index] / scale, table[reach] / scale
    return Convergence(index=pd.DataFrame(values), reach=pd.DataFrame(reaches))


def _have(words: Sequence[str]) -> str:
    return "have" if len(words) > 1 or words == ["values"] else "has"


def sampling_noise_share(points: pd.DataFrame, outcome: str) -> float:
    """Return an upper bound of the share of the variance between points that is sampling noise of the replicates.

    The mean of n replicates has a variance of sd^2 / n. All points have common random numbers, so a part of this
    variance is the same at all points and cancels; the bound ignores that. Not-a-number if nothing varies.
    """
    means = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(means)
    between = float(means[known].var()) if known.any() else 0.0
    if between == 0.0:
        return float("nan")
    spread = points[f"{outcome}.sd"].to_numpy(dtype=np.float64, na_value=np.nan)[known]
    runs = points["runs"].to_numpy(dtype=np.float64)[known]
    return min(1.0, float((spread**2 / np.maximum(runs - 1.0, 1.0)).mean()) / between)
