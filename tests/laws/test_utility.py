"""Utilities: terms that add up, taste shocks that decide without weights, and exact sums of peers and offers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import facts
from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world
from sim.model.setup import Setup, prepare
from sim.scenario import Scenario
from sim.theory import choice, deterrence
from sim.theory.considerations import CONSIDERATIONS

type Ask = Callable[..., Scenario]

NOTHING_WEIGHS = tuple(f"weights.{name}=0" for name in CONSIDERATIONS)
ROSTER = facts.default_roster()

seeds = st.integers(0, 2**63 - 1)
shares = st.floats(0, 1)
soldiers = st.integers(0, 200_000).map(float)


@given(
    seed=seeds, rounds=st.integers(0, 6), backing=shares, mandate=shares, opening=st.sampled_from(["abstain", "troops"])
)
def test_the_terms_of_a_state_sum_to_the_utility_of_its_options(
    asked: Ask, seed: int, rounds: int, backing: float, mandate: float, opening: str
) -> None:
    scenario = asked(f"environment.us_backing={backing}", f"environment.mandate={mandate}", f"opening={opening}")
    model = CoalitionModel(scenario, rng=seed, collects=False)
    for _ in range(rounds):
        model.step()
    for state in model.states:
        for outlook, held in ((model.outlook, state.stance), (model.supposed, state.conditional_stance)):
            utility = state.weigh(state.perceive(outlook, held))
            terms = state.terms(outlook, held)
            assert terms.shape == (4, len(model.setup.considerations))
            assert terms.sum(axis=1) == pytest.approx(utility, abs=1e-12)
            assert utility[0] == 0.0
            assert not terms[0].any()


@given(seed=seeds, backing=shares, sharpness=st.sampled_from(["0.1", "2.4", "50"]))
def test_without_weights_only_taste_shocks_decide(asked: Ask, seed: int, backing: float, sharpness: str) -> None:
    scenario = asked(
        *NOTHING_WEIGHS,
        "rounds=3",
        "revision=1",
        "turnover=1",
        f"sharpness={sharpness}",
        f"environment.us_backing={backing}",
    )
    model = CoalitionModel(scenario, rng=seed, collects=False)
    for number in (1, 2, 3):
        model.step()
        liked = model.draws.tastes[number].argmax(axis=1)
        assert np.array_equal(model.profile, liked)
        assert np.array_equal(model.conditional_profile, liked)


def test_without_weights_and_taste_shocks_every_state_abstains(asked: Ask) -> None:
    scenario = asked(*NOTHING_WEIGHS, "rounds=1", "revision=1", "sharpness=.inf", "opening=troops")
    model = CoalitionModel(scenario, rng=0, collects=False)
    model.step()
    assert not model.profile.any()


def test_a_state_that_cannot_revise_keeps_its_stance(asked: Ask) -> None:
    model = CoalitionModel(asked("rounds=5", "revision=0", "opening={GBR: troops, DEU: backstop}"), collects=False)
    for _ in range(5):
        model.step()
    standing = {state.code: state.stance_name for state in model.states if state.stance}
    assert standing == {"GBR": "troops", "DEU": "backstop"}


@given(share=shares, factor=st.floats(0, 10), budget=st.floats(1, 1e6), home=shares)
def test_offers_are_whole_numbers_of_available_soldiers(
    asked: Ask, share: float, factor: float, budget: float, home: float
) -> None:
    setup = prepare(
        asked(
            f"menu.troops.share={share}",
            f"forces.lead_factor={factor}",
            f"forces.sustaining_budget={budget}",
            f"geography.home_tie_base={home}",
        )
    )
    assert np.array_equal(setup.offers, np.rint(setup.offers))
    assert (setup.offers >= 0.0).all()
    assert not setup.offers[:, 0].any()
    land = np.array([state.land_forces for state in setup.states])
    allowed = np.where(setup.leads > 0.0, max(factor, 1.0), 1.0) * land
    assert (setup.offers <= np.rint(allowed)[:, None]).all()


@given(
    left_out=st.sets(st.sampled_from(ROSTER), max_size=36),
    formats=st.sampled_from(["all", "everyone", "[JEF, NB8]", "[V4]"]),
    budgets=st.booleans(),
)
def test_a_state_gives_its_peers_all_its_attention_or_none(
    asked: Ask, left_out: set[str], formats: str, budgets: bool
) -> None:
    setup = prepare(
        asked(
            "leads=[]",
            f"roster.leave_out=[{', '.join(sorted(left_out))}]",
            f"momentum.formats={formats}",
            f"momentum.budgets_count={str(budgets).lower()}",
        )
    )
    weights = setup.peer_weights
    sums = weights.sum(axis=1)
    assert (np.isclose(sums, 1.0, rtol=0.0, atol=1e-10) | (sums == 0.0)).all()
    assert np.array_equal(sums > 0.0, setup.has_peers)
    assert (weights >= 0.0).all()
    assert not np.diag(weights).any()
    if formats == "[V4]":
        assert set(np.array(setup.codes)[setup.has_peers]) <= {"POL", "CZE", "SVK", "HUN"}


@given(forces=st.tuples(soldiers, soldiers), ask=soldiers, spread=st.floats(0.01, 10), floor=shares)
def test_belief_lies_above_its_floor_and_rises_with_the_force(
    forces: tuple[float, float], ask: float, spread: float, floor: float
) -> None:
    less, more = (choice.belief(force, ask, spread, floor) for force in sorted(forces))
    assert floor <= less <= more <= 1.0
    if ask == 0.0:
        assert less == 1.0


def test_belief_turns_at_the_ask() -> None:
    at_the_ask = choice.belief(25_000.0, 25_000.0, 0.4, 0.25)
    assert at_the_ask == 0.25 + 0.75 / 2.0
    assert choice.belief(24_000.0, 25_000.0, 0.4, 0.25) < at_the_ask < choice.belief(26_000.0, 25_000.0, 0.4, 0.25)


@pytest.fixture(scope="module")
def base(asked: Ask) -> Setup:
    return prepare(asked())


@given(data=st.data(), backing=st.tuples(shares, shares).map(sorted), clarity=shares)
def test_deterrence_rises_with_every_state_that_steps_up_and_with_us_backing(
    base: Setup, data: st.DataObject, backing: list[float], clarity: float
) -> None:
    profile = np.array(data.draw(st.lists(st.integers(0, 3), min_size=38, max_size=38)))
    one = data.draw(st.integers(0, 37))
    stepped_up = profile.copy()
    stepped_up[one] = 3

    def deterred(stances: np.ndarray, us_backing: float) -> float:
        environment = np.array([us_backing, 1.0, 0.1, clarity, 0.2, 0.6])
        return perceive_world(base, environment, stances, base.menu.asks).deterrence

    before = deterred(profile, backing[0])
    assert 0.0 <= before <= deterred(profile, backing[1]) <= 1.0
    # a backstop of many soldiers may outweigh troops of few, so that only stepping up from below it must gain
    if profile[one] < 2:
        assert deterred(stepped_up, backing[0]) >= before


@given(masses=st.tuples(st.floats(0, 1e7), st.floats(0, 1e7)).map(sorted), punished=shares, limit=shares)
def test_deterrence_is_a_chance_that_rises_with_mass_and_with_punishment(
    masses: list[float], punished: float, limit: float
) -> None:
    less, more = (deterrence.denial(mass, 600_000.0, 1.3) for mass in masses)
    assert 0.0 <= less <= more < 1.0
    assert 0.0 <= deterrence.deterrence(less, punished, limit) <= deterrence.deterrence(more, punished, limit) <= 1.0
    assert deterrence.deterrence(less, 0.0, limit) <= deterrence.deterrence(less, punished, limit)


@given(mass=st.floats(1e4, 1e7), punished=shares)
def test_the_slope_of_deterrence_is_the_effect_of_one_more_soldier(mass: float, punished: float) -> None:
    def total(soldiers: float) -> float:
        return deterrence.deterrence(deterrence.denial(soldiers, 600_000.0, 1.3), punished, 0.3)

    slope = deterrence.deterrence_slope(mass, deterrence.denial(mass, 600_000.0, 1.3), punished, 0.3, 1.3)
    step = mass * 1e-4
    assert slope == pytest.approx((total(mass + step) - total(mass - step)) / (2.0 * step), rel=1e-4)
