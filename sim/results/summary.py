"""Statistics over the replicates of a run: shares of stances, and the distribution of each outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from sim.results.outcomes import numeric_outcomes

type Spread = dict[str, float | None]  # mean, sd, p05, p50, p95


def stance_chances(stances: pd.DataFrame, option_names: Sequence[str]) -> pd.DataFrame:
    """Return the share of replicates in which each state holds each stance after the last round.

    One row per state, in the order of the table. One column per option, which add up to 1 in each row, and one more,
    the deepest option's name with `_conditional`: the share of replicates in which the state would hold the deepest
    option if the conditions of the proposal were met. option_names: from the lowest rung to the highest.
    """
    last = stances[stances["round"] == stances["round"].max()]
    state = last["state"].astype(str)
    codes = pd.Index(state.unique(), name="state")
    held = pd.crosstab(state, last["stance"].astype(str), normalize="index")
    chances = held.reindex(index=codes, columns=list(option_names), fill_value=0.0)
    chances.columns.name = None
    deepest = option_names[-1]
    chances[f"{deepest}_conditional"] = (last["conditional"].astype(str) == deepest).groupby(state).mean()
    return chances


def spreads(outcomes: pd.DataFrame, option_names: Sequence[str]) -> dict[str, Spread]:
    """Return the mean, the standard deviation and the 5th, 50th and 95th percentiles of each outcome.

    They are None if an outcome is undefined in every replicate, such as stances_kept in a run of less than five months.
    """
    return {name: spread(outcomes[name].astype(float)) for name in numeric_outcomes(option_names)}


def spread(values: pd.Series) -> Spread:
    """Return the mean, the standard deviation and percentiles of the defined values; None if there are none."""
    known = values.dropna()
    if known.empty:
        return dict.fromkeys(("mean", "sd", "p05", "p50", "p95"))
    low, middle, high = (float(value) for value in known.quantile([0.05, 0.5, 0.95]))
    return {
        "mean": math.fsum(known) / len(known),
        "sd": float(known.std(ddof=0)),
        "p05": low,
        "p50": middle,
        "p95": high,
    }
