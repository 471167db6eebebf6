"""Means, shares and ratios over replicates, with their 95 % confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its 95 % confidence interval."""

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

    @property
    def excludes_zero(self) -> bool:
        """Whether the estimate differs significantly from zero."""
        return self.is_positive or self.is_negative


def interval(values: Array) -> Interval:
    """Return the mean of values [replicates] with its 95 % interval (Student's t).

    To compare two runs with common random numbers, pass the differences by replicate: their interval is much narrower
    than that of a difference of two separate means. Undefined values (NaN) are left out. The mean is NaN if no value is
    left, and the bounds are NaN if only one is left.
    """
    from scipy.stats import t  # here because the import takes half a second

    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan)
    mean = math.fsum(known) / known.size
    if known.size == 1:
        return Interval(mean=mean, low=math.nan, high=math.nan)
    half_width = float(t.ppf(0.975, known.size - 1)) * float(known.std(ddof=1)) / math.sqrt(known.size)
    return Interval(mean=mean, low=mean - half_width, high=mean + half_width)


def rank_correlation(values: Array, sizes: Array) -> Array:
    """Return Spearman's rank correlation of values [replicates, states] with sizes [states], as [replicates].

    In each replicate, states with an undefined value (NaN) are left out. The correlation is NaN where fewer than three
    states are left or all values are equal.
    """
    from scipy.stats import rankdata

    correlations = np.full(len(values), math.nan)
    for number, row in enumerate(values):
        known = ~np.isnan(row)
        if known.sum() >= 3 and np.ptp(row[known]) > 0.0:
            correlations[number] = np.corrcoef(rankdata(row[known]), rankdata(sizes[known]))[0, 1]
    return correlations


def share_interval(claims: Array) -> Interval:
    """Return the share of replicates in which a claim [replicates] is true, with its 95 % interval (Wilson 1927)."""
    from scipy.stats import binomtest

    test = binomtest(int(np.sum(claims)), len(claims))
    bounds = test.proportion_ci(0.95, method="wilson")
    return Interval(mean=float(test.statistic), low=float(bounds.low), high=float(bounds.high))


def ratio_interval(numerator: Array, denominator: Array) -> Interval:
    """Return a ratio of two means with its 95 % interval, both [replicates] with common random numbers.

    The interval is linearised around the ratio (Cochran 1977, Sampling Techniques, chapter 6). NaN if the mean of the
    denominator is 0.
    """
    mean = float(np.mean(denominator))
    if mean == 0.0:
        return Interval(mean=math.nan, low=math.nan, high=math.nan)
    ratio = float(np.mean(numerator)) / mean
    return interval(ratio + (numerator - ratio * denominator) / mean)
