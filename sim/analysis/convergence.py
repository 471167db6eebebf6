"""Whether indices of sensitivity have settled: how they came out on a part of the points, and how sure they are now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.analysis.sensitivity import morris_effects, saltelli_indices
from sim.errors import ModelError
from sim.experiment import Experiment
from sim.experiment.schema import Morris, Saltelli
from sim.text.words import listed

type Array = np.ndarray

PARTS = (8, 4, 2, 1)  # of the sample: an eighth, a quarter, a half, all
NARROW = 0.05  # the width of an interval (Sarrazin, Pianosi & Wagener 2016)
NEGLIGIBLE = 0.05  # a factor hardly matters whose index is no larger


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """The index that ranks the factors, on ever larger parts of the sample.

    Of Sobol' indices it is the total; of elementary effects mu* against the largest.
    """

    index: pd.DataFrame  # a row a factor, a column a size of the sample
    reach: pd.DataFrame  # half of the 95 % interval of each

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the sample, the whole one last."""
        return tuple(int(size) for size in self.index.columns)

    @property
    def widest(self) -> float:
        """The width of the widest interval on the whole sample."""
        return float(2.0 * self.reach.iloc[:, -1].max())

    @property
    def values_converged(self) -> bool:
        """Whether every interval is narrow."""
        return self.widest <= NARROW

    @property
    def ranking_converged(self) -> bool:
        """Whether the factors that matter stand in the order that half of the sample gave, and none may be tied.

        Half of the sample is a part of the whole, so that two factors can keep their order by luck: intervals of
        neighbours in the order must lie apart as well.
        """
        if len(self.sizes) < 2:
            return False
        half, whole = (self.index.iloc[:, place] for place in (-2, -1))
        ranked = whole[whole > NEGLIGIBLE].sort_values(ascending=False, kind="stable")
        reach = self.reach.iloc[:, -1][ranked.index].to_numpy(dtype=np.float64)
        low, high = ranked.to_numpy(dtype=np.float64) - reach, ranked.to_numpy(dtype=np.float64) + reach
        are_apart = bool((low[:-1] > high[1:]).all())
        return are_apart and list(half[ranked.index].sort_values(ascending=False, kind="stable").index) == list(
            ranked.index
        )

    @property
    def screening_converged(self) -> bool:
        """Whether those that hardly matter are the ones that half of the sample gave, with narrow intervals."""
        if len(self.sizes) < 2:
            return False
        half, whole = (self.index.iloc[:, place] for place in (-2, -1))
        hardly = whole <= NEGLIGIBLE
        narrow = bool((2.0 * self.reach.iloc[:, -1][hardly] <= NARROW).all())
        return narrow and hardly.equals(half <= NEGLIGIBLE)

    @property
    def converged(self) -> dict[str, bool]:
        """Whether values, ranking and screening have settled."""
        return {
            "values": self.values_converged,
            "ranking": self.ranking_converged,
            "screening": self.screening_converged,
        }

    @property
    def said(self) -> str:
        """What has settled and what has not, in a clause."""
        yes = [word for word, converged in self.converged.items() if converged]
        no = [word for word, converged in self.converged.items() if not converged]
        clauses = [f"{listed(yes)} {_have(yes)} settled"] if yes else []
        if no:
            clauses.append(f"{listed(no)} {_have(no)} not" + ("" if yes else " settled"))
        return ", ".join(clauses)


def convergence(experiment: Experiment, points: pd.DataFrame, outcome: str) -> Convergence:
    """Return the index that ranks the factors on an eighth, a quarter, a half and all of the sample.

    points as in saltelli_indices. Parts of fewer than two base points or trajectories, or in which nothing varies, are
    left out. ModelError for a design that is neither saltelli nor morris, and what the indices of the whole raise.
    """
    match experiment.design:
        case Saltelli(base=size):
            of, index, reach = saltelli_indices, "total", "total.reach"
        case Morris(trajectories=size):
            of, index, reach = morris_effects, "mu_star", "mu_star.reach"
        case _:
            raise ModelError(f"{experiment.name}: convergence is about samples; use the design saltelli or morris")
    values, reaches = {}, {}
    for part in PARTS:
        first = size // part
        if first < 2:
            continue
        try:
            found = of(experiment, points, outcome, first=first)
        except ModelError:
            if part == 1:
                raise
            continue
        largest = float(found[index].max()) if isinstance(experiment.design, Morris) else 1.0
        scale = largest if largest > 0.0 else 1.0
        values[first], reaches[first] = found[index] / scale, found[reach] / scale
    return Convergence(index=pd.DataFrame(values), reach=pd.DataFrame(reaches))


def _have(words: Sequence[str]) -> str:
    return "have" if len(words) > 1 or words == ["values"] else "has"


def noise_share(points: pd.DataFrame, outcome: str) -> float:
    """Return which part of an outcome's variance between points is luck of the replicates, at most.

    A point's mean over n replicates has a variance of its own, sd^2 / n. All points are played on the same luck, so
    that a part of it is the same at all of them and moves nothing: this is the most that it can be. Not-a-number
    where nothing varies.
    """
    means = points[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(means)
    between = float(means[known].var()) if known.any() else 0.0
    if between == 0.0:
        return float("nan")
    spread = points[f"{outcome}.sd"].to_numpy(dtype=np.float64, na_value=np.nan)[known]
    runs = points["runs"].to_numpy(dtype=np.float64)[known]
    return min(1.0, float((spread**2 / np.maximum(runs - 1.0, 1.0)).mean()) / between)
