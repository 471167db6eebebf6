"""A mean over replicates knows how far luck may have moved it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analysis.interval import interval, ratio_interval, share_interval


def test_the_interval_is_students() -> None:
    """Student 1908, table II of the additional hours of sleep: mean 0.75, standard deviation 1.70 (n - 1: 1.79)."""
    found = interval(np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]))
    assert found.mean == pytest.approx(0.75)
    assert (found.low, found.high) == pytest.approx((-0.5298, 2.0298), abs=1e-4)
    assert not found.is_positive
    assert not found.is_negative


def test_it_covers_the_truth_19_times_in_20() -> None:
    draws = np.random.default_rng(0).normal(2.0, 3.0, size=(2000, 12))
    covered = np.mean([found.low <= 2.0 <= found.high for found in map(interval, draws)])
    assert 0.935 <= covered <= 0.965


def test_what_is_undefined_is_left_out() -> None:
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


def test_the_interval_of_a_ratio_covers_the_truth_19_times_in_20() -> None:
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(2000):
        below = rng.normal(4.0, 1.0, size=60)
        found = ratio_interval(0.5 * below + rng.normal(0.0, 1.0, size=60), below)
        covered.append(found.low <= 0.5 <= found.high)
    assert 0.935 <= np.mean(covered) <= 0.965


def test_a_ratio_to_nothing_is_undefined() -> None:
    assert np.isnan(ratio_interval(np.ones(3), np.array([-1.0, 0.0, 1.0])).mean)
