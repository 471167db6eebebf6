"""Differences between two runs with common random numbers, state by state, paired by replicate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.analysis.interval import interval

type Array = np.ndarray


def paired_differences(codes: Sequence[str], before: Array, after: Array) -> pd.DataFrame:
    """Return the mean difference of each state, with its 95 % interval.

    Parameters
    ----------
    codes : sequence of str
        Codes of the states.
    before, after : array [replicates, states]
        A number for each replicate and state, or whether something is true. Replicate r has the same random draws in
        both.

    Returns
    -------
    DataFrame
        One row per state: the means `before` and `after`, the mean `difference` with its interval from `low` to `high`,
        and whether it is `significant`: whether the interval excludes 0.
    """
    differences = [interval(column) for column in (after.astype(float) - before.astype(float)).T]
    return pd.DataFrame(
        {
            "before": before.mean(axis=0),
            "after": after.mean(axis=0),
            "difference": [each.mean for each in differences],
            "low": [each.low for each in differences],
            "high": [each.high for each in differences],
            "significant": [each.excludes_zero for each in differences],
        },
        index=pd.Index(codes, name="state"),
    )


def by_difference(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows sorted by the size of `difference`, largest first; equal ones keep their order."""
    return table.iloc[np.argsort(-table["difference"].abs().round(12), kind="stable")]
