"""Phases and breakdown of a ceasefire, and the states' learning from violations."""

import math

import numpy as np
import pytest
from scipy.stats import poisson

from sim.model.coalition import CoalitionModel
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.scenario import load_scenario
from sim.theory import ceasefire
from sim.theory.ceasefire import FIGHTING, LIMITED_TRUCE, PERMANENT_CEASEFIRE
from sim.theory.choice import SINCERITY


def test_a_hazard_per_week_becomes_a_probability_per_round() -> None:
    assert ceasefire.step_chance(0.1, 0, 0, 1, 2, 4.0) == pytest.approx(1 - math.exp(-0.4))


def test_opposition_and_troops_delay_a_deal() -> None:
    free = ceasefire.step_chance(0.1, 0.0, 0.0, 1.0, 2.0, 1.0)
    assert ceasefire.step_chance(0.1, 1.0, 0.0, 1.0, 2.0, 1.0) == pytest.approx(1 - (1 - free) ** math.exp(-1))
    assert ceasefire.step_chance(0.1, 0.0, 0.5, 1.0, 2.0, 1.0) == pytest.approx(1 - (1 - free) ** math.exp(-1))


def test_a_side_that_means_it_or_is_deterred_never_breaks_a_truce() -> None:
    assert ceasefire.breakdown_chance(0.5, 1.0, 0.0, 1.0) == 0.0
    assert ceasefire.breakdown_chance(0.5, 0.0, 1.0, 1.0) == 0.0
    assert ceasefire.breakdown_chance(0.5, 0.0, 0.5, 1.0) == pytest.approx(1 - math.exp(-0.25))


@pytest.mark.parametrize(
    ("phase", "draw", "then"),
    [
        (FIGHTING, 0.29, LIMITED_TRUCE),
        (FIGHTING, 0.31, FIGHTING),
        (LIMITED_TRUCE, 0.19, FIGHTING),
        (LIMITED_TRUCE, 0.21, PERMANENT_CEASEFIRE),
        (LIMITED_TRUCE, 0.2 + 0.8 * 0.3 + 0.01, LIMITED_TRUCE),
        (PERMANENT_CEASEFIRE, 0.19, FIGHTING),
        (PERMANENT_CEASEFIRE, 0.21, PERMANENT_CEASEFIRE),
    ],
)
def test_phases_follow_chance(phase: int, draw: float, then: int) -> None:
    assert ceasefire.next_phase(phase, 0.3, 0.2, draw) == then


@pytest.mark.parametrize("mean", [0.4, 3.0, 12.0])
def test_violations_are_poisson(mean: float) -> None:
    lucks = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([ceasefire.violations(mean, draw) for draw in lucks])
    np.testing.assert_array_equal(counts, poisson.ppf(lucks, mean))


def test_learning_is_bayes_rule() -> None:
    prior, seen = 0.3, [2, 5, 4]
    odds = 1.0
    for count in seen:
        odds = ceasefire.learnt_odds(odds, count, 3.0, 6.0)
    sincere = prior * np.prod(poisson.pmf(seen, 3.0))
    insincere = (1 - prior) * np.prod(poisson.pmf(seen, 6.0))
    assert ceasefire.believed_sincerity(prior, odds) == pytest.approx(sincere / (sincere + insincere), rel=1e-12)


def test_after_any_number_of_violations_the_belief_can_still_change() -> None:
    odds = 1.0
    for _ in range(100):
        odds = ceasefire.learnt_odds(odds, 30, 3.0, 6.0)
    assert odds == 1e-6
    assert ceasefire.believed_sincerity(0.5, odds) > 0


@pytest.mark.parametrize(("sincere_chance", "towards"), [(1, 1), (0, -1)])
def test_states_learn_whether_moscow_means_it(sincere_chance: int, towards: int) -> None:
    settings = [
        f"ceasefire.sincere_chance={sincere_chance}",
        "ceasefire.phase=permanent_ceasefire",
        "ceasefire.breakdown_hazard=0",
        "environment.sincerity=0.5",
        "rounds=12",
    ]
    model = CoalitionModel(load_scenario("base", settings), rng=0)
    for _ in range(12):
        model.step()
    assert towards * (model.environment[SINCERITY] - 0.5) > 0.4


def test_peace_breaks_at_the_rate_of_the_hazard() -> None:
    """Without deterrence and with an insincere side, fighting resumes at the rate of the hazard."""
    settings = [
        "ceasefire.sincere_chance=0",
        "ceasefire.phase=permanent_ceasefire",
        "ceasefire.breakdown_hazard=0.2",
        "ceasefire.truce_hazard=0",
        "deterrence.host_soldiers=0",
        "deterrence.us_soldiers=0",
        "deterrence.punishment=0",
        "menu.troops.deters=0",
        "menu.backstop.deters=0",
        "revision=0",
        "rounds=5",
    ]
    played = simulate(prepare(load_scenario("base", settings)), seed=2, replicates=range(2000))
    broken = (played.phase[:, -1] == FIGHTING).mean()
    assert broken == pytest.approx(1 - math.exp(-1.0), abs=4 * math.sqrt(0.25 / 2000))
