"""A mean over replicates and how far luck may have moved it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean with the interval that holds the true one with 95 % confidence."""

    mean: float
    low: float
    high: float

    @property
    def is_positive(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0

    @property
    def is_negative(self) -> bool:
        """Whether the whole interval lies below zero."""
        return self.high < 0.0


def interval(values: Array) -> Interval:
    """Return the mean of values [replicates] with its 95 % interval (Student's t).

    Of two runs on common shocks give the differences by replicate: their interval is far narrower than that of two
    separate means. Values that are not a number are left out; not-a-number where none is left, and for the bounds
    where there is only one.
    """
    from scipy.stats import t  # here: half a second

    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan)
    mean = math.fsum(known) / known.size
    if known.size == 1:
        return Interval(mean=mean, low=math.nan, high=math.nan)
    reach = float(t.ppf(0.975, known.size - 1)) * float(known.std(ddof=1)) / math.sqrt(known.size)
    return Interval(mean=mean, low=mean - reach, high=mean + reach)


def rank_correlation(values: Array, sizes: Array) -> Array:
    """Return Spearman's rank correlation of values [replicates, states] with sizes [states], as [replicates].

    States whose value is not a number are left out of their replicate; not-a-number where fewer than three are left, or
    all of them are alike.
    """
    from scipy.stats import rankdata

    found = np.full(len(values), math.nan)
    for number, row in enumerate(values):
        known = ~np.isnan(row)
        if known.sum() >= 3 and np.ptp(row[known]) > 0.0:
            found[number] = np.corrcoef(rankdata(row[known]), rankdata(sizes[known]))[0, 1]
    return found


def share_interval(claims: Array) -> Interval:
    """Return the share of claims [replicates], each true or 1 or not, with its 95 % interval (Wilson 1927)."""
    from scipy.stats import binomtest

    found = binomtest(int(np.sum(claims)), len(claims))
    bounds = found.proportion_ci(0.95, method="wilson")
    return Interval(mean=float(found.statistic), low=float(bounds.low), high=float(bounds.high))


def ratio_interval(above: Array, below: Array) -> Interval:
    """Return the mean of one over the mean of the other, both [replicates] on common shocks, with its 95 % interval.

    Linearised around the ratio (Cochran 1977, Sampling Techniques, chapter 6); not-a-number where the lower mean is 0.
    """
    mean = float(np.mean(below))
    if mean == 0.0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan)
    ratio = float(np.mean(above)) / mean
    return interval(ratio + (above - ratio * below) / mean)
