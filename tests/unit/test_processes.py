"""Processes of the environment, as the theory computes them and as scenarios give them."""

import datetime

import numpy as np
import pytest

from sim.errors import ModelError
from sim.model.draws import roll
from sim.model.setup import prepare
from sim.scenario import load_scenario, resolve
from sim.scenario.schema import Scenario
from sim.theory.choice import US_BACKING
from sim.theory.processes import logit_ar1, ramp, schedule

DAYS = np.array([0, 7, 14, 21, 28])


def _us_backing(process: object, *, rounds: int = 5, seed: int = 0, replicate: int = 0) -> np.ndarray:
    plain = resolve(load_scenario("base")) | {"rounds": rounds, "start": datetime.date(2025, 1, 6)}
    plain["environment"] |= {"us_backing": process}
    return roll(prepare(Scenario.model_validate(plain)), seed, replicate).paths[:, US_BACKING]


def test_a_schedule_holds_each_value_until_the_next_date() -> None:
    values = schedule(DAYS, np.array([7, 20]), np.array([0.2, 0.8]), linear=False)
    assert values.tolist() == [0.2, 0.2, 0.2, 0.8, 0.8]


def test_a_linear_schedule_draws_a_line_between_two_dates() -> None:
    values = schedule(DAYS, np.array([7, 21]), np.array([0.2, 0.8]), linear=True)
    np.testing.assert_allclose(values, [0.2, 0.2, 0.5, 0.8, 0.8])


def test_a_ramp_stays_before_it_begins_and_after_it_arrives() -> None:
    np.testing.assert_allclose(ramp(6, 0.1, 0.7, 2, 5), [0.1, 0.1, 0.3, 0.5, 0.7, 0.7])


def test_a_scenario_reads_its_schedule_by_its_calendar() -> None:
    path = _us_backing({"process": "schedule", "values": {"2025-01-01": 0.1, "2025-01-20": 0.6}})
    assert path.tolist() == [0.1, 0.1, 0.6, 0.6, 0.6]


def test_a_scenario_ramps_by_rounds() -> None:
    path = _us_backing({"process": "ramp", "start_value": 0.0, "end_value": 1.0, "end_round": 5})
    np.testing.assert_allclose(path, [0, 0.25, 0.5, 0.75, 1])


def test_an_ar1_without_random_moves_stays_at_its_level() -> None:
    nothing = np.zeros(50)
    np.testing.assert_allclose(logit_ar1(0.3, 0.9, 0.5, 0.1, 1.0, nothing, nothing + 1, nothing), 0.3, rtol=1e-15)


def test_an_ar1_keeps_the_part_of_a_deviation_that_persists() -> None:
    moves = np.array([9.0, 1.0, 0.0, 0.0])  # the first round stands at the level
    path = logit_ar1(0.5, 0.5, 0.4, 0.0, 0.0, moves, np.ones(4), np.zeros(4))
    np.testing.assert_allclose(np.log(path / (1 - path)), [0.0, 0.4, 0.2, 0.1], atol=1e-12)


def test_an_ar1_jumps_where_chance_has_it() -> None:
    path = logit_ar1(0.5, 0.0, 0.0, 0.2, 2.0, np.zeros(3), np.array([0.1, 0.1, 0.3]), np.array([1.0, -1.0, 1.0]))
    np.testing.assert_allclose(np.log(path / (1 - path)), [0.0, -2.0, 0.0], atol=1e-12)


def test_an_ar1_has_the_spread_of_its_stationary_distribution() -> None:
    """On the logit scale the standard deviation is volatility / sqrt(1 - persistence^2)."""
    process = {"process": "logit_ar1", "level": 0.4, "persistence": 0.6, "volatility": 0.5}
    path = _us_backing(process, rounds=10_000)
    logits = np.log(path / (1 - path))[100:]
    assert logits.mean() == pytest.approx(np.log(0.4 / 0.6), abs=0.05)
    assert logits.std() == pytest.approx(0.5 / np.sqrt(1 - 0.36), rel=0.05)


def test_each_replicate_has_an_environment_of_its_own() -> None:
    process = {"process": "logit_ar1", "level": 0.4, "persistence": 0.6, "volatility": 0.5}
    first, again, other = (_us_backing(process, replicate=replicate) for replicate in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first[1:] != other[1:]).all()


def test_a_calendar_that_runs_out_of_years_is_refused() -> None:
    with pytest.raises(ModelError, match="run past the year 9999; set fewer rounds"):
        prepare(load_scenario("base", ["rounds=10000", "round_days=366"]))


def test_more_violations_than_can_be_counted_are_refused() -> None:
    settings = ["round_days=366", "ceasefire.violations_sincere=15", "ceasefire.violations_insincere=16"]
    with pytest.raises(ModelError, match="16 a week are 837 in a round of 366 days"):
        prepare(load_scenario("base", settings))
