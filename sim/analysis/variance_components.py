"""Components of an outcome's variance: uncertain weights, and choices of governments and events."""

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
class VarianceComponents:
    """The variance of an outcome between replicates, and the share that comes from uncertain weights."""

    weights: Interval  # share of the variance, with its 95 % interval; NaN if nothing varies
    sd: float  # standard deviation between replicates, from all sources
    sd_of_draws: float  # standard deviation of the outcome's expectation between draws of the weights

    @property
    def other(self) -> float:
        """The rest: choices of governments, and events."""
        return 1.0 - self.weights.mean


def outcome_components(tables: RunTables, scenario: Scenario) -> dict[str, VarianceComponents]:
    """Return the variance components of the main outcomes, by column; outcomes that do not vary are left out."""
    deepest, headline = scenario.deepest, scenario.proposal.headline
    columns = [states_column(deepest)]
    columns += [personnel_column(headline)] if scenario.menu[headline].share > 0.0 else []
    draws = tables.outcomes["draw"].to_numpy()
    components = {
        column: variance_components(tables.outcomes[column].to_numpy(dtype=float), draws)
        for column in (*columns, "viable", "peace_holds")
    }
    return {column: parts for column, parts in components.items() if parts.sd > 0.0}


def variance_components(values: Array, draws: Array) -> VarianceComponents:
    """Return the components of the variance of values [replicates], where draws [replicates] numbers the weights used.

    Analysis of variance with one-way random effects and equally many replicates in each draw (Searle, Casella &
    McCulloch 1992); a negative component is set to 0. The interval comes from a jackknife over draws of the logarithm
    of the ratio of mean squares (Arvesen & Schmitz 1970), converted to a share. ValueError unless there are at least
    two draws, with the same number of replicates, which is at least two.
    """
    by_draw = [values[draws == draw] for draw in np.unique(draws)]
    sizes = {len(each) for each in by_draw}
    if len(by_draw) < 2 or len(sizes) > 1 or min(sizes) < 2:
        raise ValueError("variance components need at least two draws with equally many replicates, at least two each")
    groups = np.array(by_draw, dtype=float)  # [draws, replicates]
    each = groups.shape[1]
    between, within = _mean_squares(groups)
    between_draws = max(0.0, (between - within) / each)
    total = between_draws + within
    if total == 0.0:
        undefined = Interval(mean=math.nan, low=math.nan, high=math.nan)
        return VarianceComponents(weights=undefined, sd=0.0, sd_of_draws=0.0)
    share = between_draws / total
    low, high = _interval(groups)
    return VarianceComponents(
        weights=Interval(mean=share, low=min(low, share), high=max(high, share)),
        sd=math.sqrt(total),
        sd_of_draws=math.sqrt(between_draws),
    )


def _mean_squares(groups: Array) -> tuple[float, float]:
    """Return the mean squares between and within draws, of groups [draws, replicates]."""
    means = groups.mean(axis=1)
    return groups.shape[1] * float(means.var(ddof=1)), float(groups.var(axis=1, ddof=1).mean())


def _interval(groups: Array) -> tuple[float, float]:
    """Return the 95 % interval of the share of the variance that comes from draws."""
    from scipy.stats import t  # here because the import takes half a second

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
    half_width = float(t.ppf(0.975, count - 1)) * float(pseudo.std(ddof=1)) / math.sqrt(count)
    low, high = (_share(math.exp(min(700.0, float(pseudo.mean()) + side * half_width)), each) for side in (-1.0, 1.0))
    return low, high


def _log_ratio(groups: Array) -> float:
    between, within = _mean_squares(groups)
    return math.log(between / within) if between > 0.0 and within > 0.0 else math.inf


def _share(ratio: float, each: int) -> float:
    """Return the share of the variance that comes from draws, given a ratio of mean squares."""
    return max(0.0, (ratio - 1.0) / (ratio - 1.0 + each))
