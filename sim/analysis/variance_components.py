"""Which part of an outcome's variance comes from weights that are not known, and which from choices and events."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.interval import Interval
from sim.model.columns import personnel_column, states_column
from sim.results.tables import RunTables
from sim.scenario.schema import Scenario

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The variance of an outcome between replicates, and the part that comes from the weights."""

    weights: Interval  # share of the variance, with its 95 % interval; not-a-number where nothing varies
    sd: float  # standard deviation between replicates, weights and luck together
    sd_of_draws: float  # standard deviation of the outcome's expectation between draws of the weights

    @property
    def from_draws(self) -> float:
        """The rest: choices of governments, and events."""
        return 1.0 - self.weights.mean


def outcome_components(tables: RunTables, scenario: Scenario) -> dict[str, Parts]:
    """Return the variance components of the main outcomes, by column; outcomes that do not vary are left out."""
    deepest, headline = scenario.deepest, scenario.proposal.headline
    columns = [states_column(deepest)]
    columns += [personnel_column(headline)] if scenario.menu[headline].share > 0.0 else []
    draws = tables.outcomes["draw"].to_numpy()
    components = {
        column: variance_parts(tables.outcomes[column].to_numpy(dtype=float), draws)
        for column in (*columns, "viable", "peace_holds")
    }
    return {column: parts for column, parts in components.items() if parts.sd > 0.0}


def variance_parts(values: Array, draws: Array) -> Parts:
    """Return the components of the variance of values [replicates], draws [replicates] saying under which weights.

    One-way random effects with as many replicates in each draw, by analysis of variance (Searle, Casella & McCulloch
    1992): a negative component is 0. The interval is that of the logarithm of the ratio of mean squares by jackknife
    over draws (Arvesen & Schmitz 1970), turned into a share. ValueError where draws are fewer than two, or not alike in
    size, or hold one replicate only.
    """
    found = [values[draws == draw] for draw in np.unique(draws)]
    sizes = {len(each) for each in found}
    if len(found) < 2 or len(sizes) > 1 or min(sizes) < 2:
        raise ValueError("parts of a variance need two draws at least, of as many replicates each, two at least")
    groups = np.array(found, dtype=float)  # [draws, replicates of it]
    each = groups.shape[1]
    between, within = _mean_squares(groups)
    of_draws = max(0.0, (between - within) / each)
    total = of_draws + within
    if total == 0.0:
        nothing = Interval(mean=math.nan, low=math.nan, high=math.nan)
        return Parts(weights=nothing, sd=0.0, sd_of_draws=0.0)
    share = of_draws / total
    low, high = _interval(groups)
    return Parts(
        weights=Interval(mean=share, low=min(low, share), high=max(high, share)),
        sd=math.sqrt(total),
        sd_of_draws=math.sqrt(of_draws),
    )


def _mean_squares(groups: Array) -> tuple[float, float]:
    """Return the mean squares between and within draws, of groups [draws, replicates of it]."""
    means = groups.mean(axis=1)
    return groups.shape[1] * float(means.var(ddof=1)), float(groups.var(axis=1, ddof=1).mean())


def _interval(groups: Array) -> tuple[float, float]:
    """Return the 95 % interval of the share of draws in the variance."""
    from scipy.stats import t  # here: half a second

    count, each = groups.shape
    between, within = _mean_squares(groups)
    if within == 0.0:
        return 1.0, 1.0
    if between == 0.0 or count < 3:
        return 0.0, 1.0
    without = np.array([_log_ratio(np.delete(groups, draw, axis=0)) for draw in range(count)])
    whole = math.log(between / within)
    pseudo = count * whole - (count - 1) * without
    if not np.isfinite(pseudo).all():
        return 0.0, 1.0
    reach = float(t.ppf(0.975, count - 1)) * float(pseudo.std(ddof=1)) / math.sqrt(count)
    low, high = (_share(math.exp(min(700.0, float(pseudo.mean()) + side * reach)), each) for side in (-1.0, 1.0))
    return low, high


def _log_ratio(groups: Array) -> float:
    between, within = _mean_squares(groups)
    return math.log(between / within) if between > 0.0 and within > 0.0 else math.inf


def _share(ratio: float, each: int) -> float:
    """Return the share of draws that a ratio of mean squares stands for."""
    return max(0.0, (ratio - 1.0) / (ratio - 1.0 + each))
