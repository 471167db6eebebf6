"""What differs between two runs on common shocks, replicate by replicate, and how surely."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.analysis.interval import interval

type Array = np.ndarray


def changes(codes: Sequence[str], first: Array, then: Array) -> pd.DataFrame:
    """Return by state the means of [replicates, states] before and after, and the paired difference, surely or not."""
    found = [interval(column) for column in (then.astype(float) - first.astype(float)).T]
    return pd.DataFrame(
        {
            "before": first.mean(axis=0),
            "after": then.mean(axis=0),
            "difference": [change.mean for change in found],
            "low": [change.low for change in found],
            "high": [change.high for change in found],
            "surely": [change.is_positive or change.is_negative for change in found],
        },
        index=pd.Index(codes, name="state"),
    )


def by_difference(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the largest `difference` first, whatever its sign; equal ones keep their order."""
    return table.iloc[np.argsort(-table["difference"].abs().round(12), kind="stable")]
