"""Means, shares and ratios have correct confidence intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.analysis.interval import interval, rank_correlation, ratio_interval, share_interval
from sim.analysis.paired_differences import paired_differences
from sim.results.summary import spread


def test_the_interval_of_a_mean_is_students() -> None:
    """Student 1908, table II of the additional hours of sleep: mean 0.75, standard deviation 1.70 (n - 1: 1.79)."""
    found = interval(np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]))
    assert found.mean == pytest.approx(0.75)
    assert (found.low, found.high) == pytest.approx((-0.5298, 2.0298), abs=1e-4)
    assert not found.is_positive
    assert not found.is_negative


def test_the_interval_covers_the_true_mean_19_times_in_20() -> None:
    draws = np.random.default_rng(0).normal(2.0, 3.0, size=(2000, 12))
    covered = np.mean([found.low <= 2.0 <= found.high for found in map(interval, draws)])
    assert 0.935 <= covered <= 0.965


def test_undefined_values_are_left_out() -> None:
    assert interval(np.array([1.0, np.nan, 3.0])).mean == 2.0
    assert np.isnan(interval(np.array([np.nan])).mean)
    alone = interval(np.array([4.0]))
    assert alone.mean == 4.0
    assert np.isnan(alone.low)
    assert not alone.is_positive


def test_the_interval_of_a_share_is_wilsons() -> None:
    """Agresti & Coull 1998: 0 of 10 gives 0 to 0.278; 2 of 10 0.057 to 0.510."""
    none, two = share_interval(np.zeros(10)), share_interval(np.array([1, 1] + [0] * 8))
    assert (none.mean, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.278, abs=5e-4)
    assert (two.mean, two.low, two.high) == pytest.approx((0.2, 0.0567, 0.5098), abs=5e-4)


def test_the_interval_covers_the_true_ratio_19_times_in_20() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(2000):
        below = rng.normal(4.0, 1.0, size=60)
        found = ratio_interval(0.5 * below + rng.normal(0.0, 1.0, size=60), below)
        covered.append(found.low <= 0.5 <= found.high)
    assert 0.935 <= np.mean(covered) <= 0.965


def test_a_ratio_with_a_mean_denominator_of_zero_is_undefined() -> None:
    assert np.isnan(ratio_interval(np.ones(3), np.array([-1.0, 0.0, 1.0])).mean)


# Undefined replicates count as if they had not been simulated

WITH_GAPS = np.array([0.4, np.nan, -1.2, 3.0, np.nan, 0.7, 2.2, np.nan])
WITHOUT_GAPS = np.array([0.4, -1.2, 3.0, 0.7, 2.2])


def test_undefined_replicates_change_neither_mean_nor_bounds() -> None:
    """Squares about the mean of 1.02 add up to 10.728, so 2.7764 * sqrt(10.728 / 4 / 5) = 2.0334 either way."""
    found = interval(WITH_GAPS)
    assert found == interval(WITHOUT_GAPS)
    assert found.mean == pytest.approx(1.02)
    assert (found.low, found.high) == pytest.approx((1.02 - 2.0334, 1.02 + 2.0334), abs=1e-4)


def test_a_spread_with_undefined_replicates_is_that_of_the_others() -> None:
    assert spread(pd.Series(WITH_GAPS)) == spread(pd.Series(WITHOUT_GAPS))
    assert spread(pd.Series(WITH_GAPS))["p50"] == 0.7


def test_a_pair_with_an_undefined_value_does_not_count_in_the_difference() -> None:
    first = np.array([[1.0, 2.0], [np.nan, 2.0], [3.0, 5.0], [4.0, 1.0]])
    then = np.array([[2.0, 2.5], [7.0, 2.5], [np.nan, 5.5], [6.5, 1.5]])
    table = paired_differences(["AAA", "BBB"], first, then)
    assert table.loc["AAA", "difference"] == interval(np.array([1.0, 2.5])).mean == 1.75
    assert table.loc["AAA", "low"] == interval(np.array([1.0, 2.5])).low
    assert table.loc["AAA", "high"] == interval(np.array([1.0, 2.5])).high
    assert table.loc["BBB", ["difference", "low", "high"]].tolist() == [0.5, 0.5, 0.5]


def test_a_difference_is_after_minus_before_and_significant_where_its_interval_excludes_zero() -> None:
    none, every = np.zeros((5, 1)), np.ones((5, 1))
    half = np.array([[0], [1], [0], [1], [1]])
    assert paired_differences(["AAA"], none, every).loc["AAA"].tolist() == [0.0, 1.0, 1.0, 1.0, 1.0, True]
    assert paired_differences(["AAA"], every, none).loc["AAA"].tolist() == [1.0, 0.0, -1.0, -1.0, -1.0, True]
    up, down = paired_differences(["AAA"], none, half).loc["AAA"], paired_differences(["AAA"], half, none).loc["AAA"]
    assert (up["difference"], down["difference"]) == (0.6, -0.6)
    assert (up["low"], up["high"]) == (-down["high"], -down["low"])
    assert not up["significant"]


def test_a_rank_correlation_leaves_out_states_with_undefined_values() -> None:
    sizes = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    values = np.array(
        [[5.0, np.nan, 3.0, 1.0, np.nan], [np.nan, 1.0, 2.0, 9.0, 3.0], [1.0, np.nan, 2.0, np.nan, np.nan]]
    )
    assert (
        rank_correlation(values[:1], sizes)[0] == rank_correlation(values[:1, [0, 2, 3]], sizes[[0, 2, 3]])[0] == -1.0
    )
    assert rank_correlation(values[1:2], sizes)[0] == pytest.approx(0.8)
    assert np.isnan(rank_correlation(values[2:], sizes)[0])
