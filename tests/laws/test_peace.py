"""Phases of a ceasefire have proper probabilities, and belief in it follows from observed violations."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.coalition import CoalitionModel
from sim.scenario import Scenario
from sim.theory import ceasefire, choice
from sim.theory.ceasefire import FIGHTING, LIMITED_TRUCE, PERMANENT_CEASEFIRE

type Ask = Callable[..., Scenario]

shares = st.floats(0, 1)
pairs = st.tuples(shares, shares).map(sorted)
hazards = st.floats(0, 10)
slowing = st.floats(0, 20)
weeks = st.floats(1 / 7, 52)
phases = st.sampled_from([FIGHTING, LIMITED_TRUCE, PERMANENT_CEASEFIRE])
draws = st.floats(0, 1, exclude_min=True, exclude_max=True)
odds = st.floats(1e-6, 1e6)
means = st.tuples(st.floats(0.1, 100), st.floats(1.1, 10)).map(lambda pair: (pair[0], pair[0] * pair[1]))


@given(hazard=hazards, opposition=pairs, troops=pairs, slows=slowing, troops_slow=slowing, weeks=weeks)
def test_moscow_and_the_troops_it_refuses_make_a_deal_less_likely(
    hazard: float, opposition: list[float], troops: list[float], slows: float, troops_slow: float, weeks: float
) -> None:
    def chance(opposed: float, share: float) -> float:
        return ceasefire.step_chance(hazard, opposed, share, slows, troops_slow, weeks)

    assert 0.0 <= chance(opposition[1], troops[1]) <= 1.0
    assert chance(opposition[1], troops[0]) <= chance(opposition[0], troops[0])
    assert chance(opposition[0], troops[1]) <= chance(opposition[0], troops[0])


@given(hazard=hazards, sincere=pairs, deterred=pairs, weeks=weeks)
def test_a_sincere_or_deterred_side_breaks_a_truce_less_often(
    hazard: float, sincere: list[float], deterred: list[float], weeks: float
) -> None:
    def chance(means_it: float, deterrence: float) -> float:
        return ceasefire.breakdown_chance(hazard, means_it, deterrence, weeks)

    assert 0.0 <= chance(sincere[0], deterred[0]) <= 1.0
    assert chance(sincere[1], deterred[0]) <= chance(sincere[0], deterred[0])
    assert chance(sincere[0], deterred[1]) <= chance(sincere[0], deterred[0])
    assert chance(1.0, deterred[0]) == chance(sincere[0], 1.0) == 0.0


@given(phase=phases, forward=shares, breakdown=shares, draw=draws)
def test_peace_moves_one_phase_on_or_back_to_fighting(
    phase: int, forward: float, breakdown: float, draw: float
) -> None:
    after = ceasefire.next_phase(phase, forward, breakdown, draw)
    assert after in {FIGHTING, phase, min(phase + 1, PERMANENT_CEASEFIRE)}
    assert ceasefire.next_phase(phase, 0.0, 0.0, draw) == phase
    assert ceasefire.next_phase(LIMITED_TRUCE, forward, 1.0, draw) == FIGHTING


@given(phase=phases, forward=shares, breakdown=shares)
def test_over_all_draws_each_phase_has_its_probability(phase: int, forward: float, breakdown: float) -> None:
    count = 2000
    after = [ceasefire.next_phase(phase, forward, breakdown, (place + 0.5) / count) for place in range(count)]
    breaks = 0.0 if phase == FIGHTING else breakdown
    steps_on = {FIGHTING: forward, LIMITED_TRUCE: (1.0 - breakdown) * forward, PERMANENT_CEASEFIRE: 0.0}[phase]
    if phase != FIGHTING:
        assert after.count(FIGHTING) / count == pytest.approx(breaks, abs=2.0 / count)
    if phase != PERMANENT_CEASEFIRE:
        assert after.count(phase + 1) / count == pytest.approx(steps_on, abs=2.0 / count)


@given(before=odds, prior=shares, mean=means, counts=st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted))
def test_more_violations_are_never_a_reason_to_believe_more(
    before: float, prior: float, mean: tuple[float, float], counts: list[int]
) -> None:
    few, many = (ceasefire.learnt_odds(before, count, *mean) for count in counts)
    assert 1e-6 <= many <= few <= 1e6
    if prior > 0.0:
        assert 0.0 <= ceasefire.believed_sincerity(prior, many) <= ceasefire.believed_sincerity(prior, few) <= 1.0


@given(before=st.floats(1e-3, 1e3), prior=st.floats(0.01, 0.99), mean=means)
def test_quiet_weeks_build_trust_and_bad_weeks_cost_it(before: float, prior: float, mean: tuple[float, float]) -> None:
    def believed(count: int) -> float:
        return ceasefire.believed_sincerity(prior, ceasefire.learnt_odds(before, count, *mean))

    indifferent = (mean[1] - mean[0]) / math.log(mean[1] / mean[0])
    trusted = ceasefire.believed_sincerity(prior, before)
    assert believed(math.ceil(indifferent)) <= trusted <= believed(math.floor(indifferent))
    assert believed(0) > trusted > believed(2 * math.ceil(mean[1]))


@given(prior=shares)
def test_before_anything_is_learnt_the_prior_is_believed(prior: float) -> None:
    assert ceasefire.believed_sincerity(prior, 1.0) == pytest.approx(prior, abs=1e-15)


def test_the_belief_is_bayes_rule() -> None:
    likely = [math.exp(-mean) * mean**4 / math.factorial(4) for mean in (3.0, 6.0)]
    believed = ceasefire.believed_sincerity(0.2, ceasefire.learnt_odds(1.0, 4, 3.0, 6.0))
    assert believed == pytest.approx(0.2 * likely[0] / (0.2 * likely[0] + 0.8 * likely[1]))


@pytest.mark.parametrize(("sincere_chance", "ends"), [(0.0, "disbelieved"), (1.0, "believed")])
def test_states_learn_whether_moscow_is_sincere(asked: Ask, sincere_chance: float, ends: str) -> None:
    scenario = asked(
        "rounds=40",
        "ceasefire.phase=limited_truce",
        "ceasefire.breakdown_hazard=0",
        "environment.sincerity=0.5",
        f"ceasefire.sincere_chance={sincere_chance}",
    )
    for seed in range(10):
        model = CoalitionModel(scenario, rng=seed, collects=False)
        for _ in range(40):
            model.step()
        believed = model.environment[choice.SINCERITY]
        assert believed > 0.95 if ends == "believed" else believed < 0.05


def test_during_fighting_states_learn_nothing(asked: Ask) -> None:
    model = CoalitionModel(asked("rounds=8", "ceasefire.truce_hazard=0"), collects=False)
    for _ in range(8):
        model.step()
    assert model.phase == FIGHTING
    assert model.sincerity_odds == 1.0
    assert model.environment[choice.SINCERITY] == pytest.approx(0.2)
