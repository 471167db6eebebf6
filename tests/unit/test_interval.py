"""A mean over replicates knows how far luck may have moved it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.analysis.interval import interval


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
