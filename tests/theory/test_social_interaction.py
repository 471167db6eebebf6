"""Identical states that observe one another: the equilibria of Brock and Durlauf (2001) and the law of Blume (1993)."""

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.scenario.schema import Scenario
from sim.theory.choice import choice_chances
from tests.theory.society import codes, option, society

PEOPLE = 401


def _identical(h: float, j: float, people: int = PEOPLE, **settings: object) -> Scenario:
    """Return states that join with probability logistic(h + j (2p - 1)) if a share p of the others has joined."""
    return society(
        codes(people),
        menu={"join": option(1, {"constant": 1, "momentum": 1}, peer_norm=0.5)},
        weights={"constant": h, "momentum": 2 * j},
        sharpness=1.0,
        **settings,
    )


def _response(model: CoalitionModel, joined: int) -> float:
    """Return the probability that a state which has not joined would, given this many others that have."""
    profile = np.zeros(PEOPLE, dtype=np.int64)
    profile[1 : joined + 1] = 1
    outlook = perceive_world(model.setup, model.environment, profile, model.asks)
    state = model.states[0]
    return float(choice_chances(state.weigh(state.perceive(outlook, 0)), model.setup.scenario.sharpness)[1])


def _fixed_points(model: CoalitionModel) -> list[float]:
    """Return the shares at which the response, read off between whole people, equals the share."""
    shares = np.arange(PEOPLE) / (PEOPLE - 1)
    gaps = np.array([_response(model, joined) for joined in range(PEOPLE)]) - shares
    crossings = np.flatnonzero(np.sign(gaps[:-1]) != np.sign(gaps[1:]))
    return [
        float(brentq(lambda p: np.interp(p, shares, gaps), shares[at], shares[at + 1], xtol=1e-12))
        for at in crossings
        if gaps[at] != 0.0 or at == 0 or gaps[at - 1] != 0.0
    ]


@pytest.mark.parametrize(
    ("h", "published"), [(0.0, [0.0707, 0.5, 0.9293]), (0.2, [0.0995, 0.397, 0.9469]), (0.5, [0.9638])]
)
def test_brock_and_durlauf_2001_equilibria(h: float, published: list[float]) -> None:
    found = _fixed_points(CoalitionModel(_identical(h, 3.0), rng=0))
    distinct = [point for place, point in enumerate(found) if place == 0 or point - found[place - 1] > 1e-6]
    np.testing.assert_allclose(distinct, published, atol=6e-5)


@pytest.mark.parametrize(("opening", "share"), [("abstain", 0.0707), ("join", 0.9293)])
def test_agents_converge_to_the_equilibrium_on_their_side(opening: str, share: float) -> None:
    scenario = _identical(0.0, 3.0, opening=opening, turnover=1, rounds=40)
    played = simulate(prepare(scenario), seed=5, replicates=[0])
    late = (played.stances[0, 15:] == 1).mean()
    assert abs(late - share) < 0.01


MEMBERS, SHARPNESS, PULL = codes(3), 1.3, 0.9
LIKES = {
    MEMBERS[0]: {"constant": 0.3, "hub": -0.2},
    MEMBERS[1]: {"constant": -0.4, "hub": 0.1},
    MEMBERS[2]: {"constant": 0.1, "hub": 0.5},
}
PROFILES = list(itertools.product(range(3), repeat=3))


def _trio(rounds: int) -> Scenario:
    """Return three states and three options; each state is attracted by its own option, and one revises a round."""
    return society(
        MEMBERS,
        menu={"one": option(1, {"constant": 1, "momentum": 1}), "two": option(2, {"hub": 1, "momentum": 1})},
        weights={"constant": 1, "hub": 1, "momentum": PULL},
        feels=LIKES,
        same_option=True,
        activation="one_at_a_time",
        turnover=1,
        sharpness=SHARPNESS,
        rounds=rounds,
    )


def _stationary_law() -> np.ndarray:
    """Return exp(lambda Phi) / Z over PROFILES, Phi being the potential of the trio."""

    def potential(profile: tuple[int, ...]) -> float:
        own = ((0.0, LIKES[code]["constant"], LIKES[code]["hub"])[k] for code, k in zip(MEMBERS, profile, strict=True))
        together = (0.5 * PULL for a, b in itertools.combinations(profile, 2) if a == b and a > 0)
        return sum(own) + sum(together)

    weights = np.exp([SHARPNESS * potential(profile) for profile in PROFILES])
    return weights / weights.sum()


def test_blume_1993_law_is_kept_by_a_round_of_the_model() -> None:
    """The chances of each state's next stance, as the agents weigh them, leave exp(lambda Phi) / Z as it is."""
    model = CoalitionModel(_trio(1), rng=0)
    moves = np.zeros((27, 27))
    for here, profile in enumerate(PROFILES):
        outlook = perceive_world(model.setup, model.environment, np.array(profile), model.asks)
        for state in model.states:
            chances = choice_chances(state.weigh(state.perceive(outlook, profile[state.index])), SHARPNESS)
            for stance, chance in enumerate(chances):
                there = PROFILES.index((*profile[: state.index], stance, *profile[state.index + 1 :]))
                moves[here, there] += chance / 3
    law = _stationary_law()
    np.testing.assert_allclose(law @ moves, law, atol=1e-13)


def test_the_agents_follow_the_law_of_blume_1993() -> None:
    """The share of time in each profile lies within five standard errors, told from sixteen independent runs."""
    played = simulate(prepare(_trio(3000)), seed=3, replicates=range(16)).stances[:, 50:].astype(np.int64)
    places = played @ [9, 3, 1]
    shares = np.array([np.bincount(run, minlength=27) / run.size for run in places])
    errors = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
    assert (np.abs(shares.mean(axis=0) - _stationary_law()) < 5 * errors).all()
    assert errors.max() < 0.004
