"""The scores are those of their authors: numbers by hand, and published ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.scores import (
    brier,
    brier_yes_no,
    calibration,
    hits,
    log_score,
    log_yes_no,
    ranked_probability,
    ranking,
    ranking_error,
)

type Array = np.ndarray

RUNGS = np.array([0, 1, 2, 3])


def _epstein(chances: Array, came: int) -> float:
    """The score as Epstein (1969) writes it, where a perfect forecast has 1."""
    classes = len(chances)
    upwards = sum(chances[: i + 1].sum() ** 2 + chances[i + 1 :].sum() ** 2 for i in range(classes - 1))
    away = sum(abs(i - came) * chances[i] for i in range(classes))
    return float(1.5 - upwards / (2 * (classes - 1)) - away / (classes - 1))


def test_brier_1950_ten_forecasts_of_rain() -> None:
    rain = np.array([0.7, 0.9, 0.8, 0.4, 0.2, 0.0, 0.0, 0.0, 0.0, 0.1])
    fell = np.array([0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    both = np.column_stack([1.0 - rain, rain])
    assert brier(both, fell).mean() == pytest.approx(0.19, abs=1e-12)
    assert brier_yes_no(rain, fell).mean() == pytest.approx(0.095, abs=1e-12)


def test_brier_log_and_hits_by_hand() -> None:
    chances = np.array([[0.5, 0.25, 0.25, 0.0], [0.1, 0.2, 0.3, 0.4]])
    came = np.array([0, 2])
    assert brier(chances, came).tolist() == pytest.approx([0.25 + 2 * 0.0625, 0.01 + 0.04 + 0.49 + 0.16])
    assert log_score(chances, came).tolist() == pytest.approx([math.log(2), -math.log(0.3)])
    assert hits(chances, came).tolist() == [True, False]
    assert hits(np.array([[0.4, 0.4, 0.2]]), np.array([0])).tolist() == [True]


def test_what_was_held_impossible_costs_the_floor_and_no_more() -> None:
    sure = np.array([[1.0, 0.0]])
    assert log_score(sure, np.array([1]))[0] == pytest.approx(math.log(1000))
    assert log_score(sure, np.array([1]), floor=0.1)[0] == pytest.approx(math.log(10))
    assert log_yes_no(np.array([0.0, 0.25]), np.array([True, False])).tolist() == pytest.approx(
        [math.log(1000), -math.log(0.75)]
    )


@given(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4), st.integers(0, 3))
def test_the_ranked_probability_score_is_one_less_epsteins(weights: list[float], came: int) -> None:
    chances = np.array(weights) / sum(weights)
    score = ranked_probability(chances[None, :], np.array([came]), RUNGS)[0]
    assert score == pytest.approx(1.0 - _epstein(chances, came), abs=1e-12)


def test_the_further_off_the_rung_the_worse_and_options_on_one_rung_are_one() -> None:
    sure = np.eye(4)
    assert [ranked_probability(sure[k : k + 1], np.array([0]), RUNGS)[0] for k in range(4)] == pytest.approx(
        [0.0, 1 / 3, 2 / 3, 1.0]
    )
    level = np.array([0, 1, 1, 2])
    one = ranked_probability(np.array([[0.2, 0.5, 0.1, 0.2]]), np.array([1]), level)
    other = ranked_probability(np.array([[0.2, 0.1, 0.5, 0.2]]), np.array([1]), level)
    assert one == pytest.approx(other)


@given(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4), st.lists(st.floats(0.02, 1.0), min_size=4, max_size=4))
def test_nothing_is_gained_by_saying_other_chances_than_one_believes(said: list[float], held: list[float]) -> None:
    told, believed = np.array(said) + 1e-3, np.array(held) / sum(held)
    told /= told.sum()
    options = np.arange(4)
    for score in (brier, log_score, lambda p, came: ranked_probability(p, came, RUNGS)):
        honest, other = (float(believed @ score(np.tile(chances, (4, 1)), options)) for chances in (believed, told))
        assert honest <= other + 1e-9


def test_hanley_and_mcneil_1982_the_area_and_its_error() -> None:
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    rating = np.repeat([1, 2, 3, 4, 5, 1, 2, 3, 4, 5], [*normal, *abnormal]).astype(float)
    ill = np.repeat([False, True], [sum(normal), sum(abnormal)])
    area = ranking(rating, ill)
    assert area == pytest.approx(0.893, abs=5e-4)
    assert ranking_error(area, int(ill.sum()), int((~ill).sum())) == pytest.approx(0.032, abs=5e-4)


def test_who_ranks_nobody_is_blind_and_where_all_came_there_is_nothing_to_rank() -> None:
    assert ranking(np.full(5, 0.3), np.array([True, False, True, False, False])) == 0.5
    assert math.isnan(ranking(np.array([0.1, 0.9]), np.array([True, True])))
    assert math.isnan(ranking_error(0.5, 3, 0))


def test_calibration_counts_each_case_once_and_leaves_empty_bins_out() -> None:
    chance = np.array([0.0, 0.1, 0.2, 0.95, 1.0])
    came = np.array([False, False, True, True, True])
    first, second, last = calibration(chance, came, np.linspace(0.0, 1.0, 6))
    assert (first.count, second.count, last.count) == (2, 1, 2)
    assert (first.foreseen, last.foreseen) == pytest.approx((0.05, 0.975))
    assert (first.came.mean, second.came.mean, last.came.mean) == (0.0, 1.0, 1.0)
    assert first.came.low <= first.came.mean <= first.came.high
