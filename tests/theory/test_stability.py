"""The audit of stability reproduces published results for games with known stable coalitions."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from sim.errors import ModelError
from sim.games.exhaustive import every_profile, place_of, profile_at, table_by_size, table_of
from sim.games.participation import IN, OUT, Participation, mixed_roots, participation, stable_sizes
from sim.games.stability import CYCLES, SETTLES, UNFINISHED, audit, every, go_on


def linear(players: int, benefit: float, cost: float) -> Participation:
    """Every player has benefit * Q - cost * x; members choose x in {0, 1} for the good of all members."""

    def given(size: int) -> int:
        return size if size * benefit >= cost - 1e-12 else 0

    return participation(
        players,
        lambda size: benefit * given(size) - (cost if given(size) else 0.0),
        lambda size: benefit * given(size),
    )


def quadratic(players: int) -> Participation:
    """Every player has Q - x^2 / 2; members choose for the good of all members, others for their own."""

    def total(size: int) -> int:
        return size * size + (players - size)

    return participation(players, lambda size: total(size) - size**2 / 2, lambda size: total(size) - 0.5)


def barrett(players: int, a: float, b: float, c: float) -> Participation:
    """The agreement of Barrett (1994): benefits b (aQ - Q^2 / 2) / N, costs c q^2 / 2, members move first."""

    def played(size: int) -> tuple[float, float, float]:
        out = players - size
        answer = players * c / (players * c + out * b)  # how far a unit of theirs adds to the whole
        jointly = a * answer**2 * size**2 / (players * c / b + answer**2 * size**2)
        alone = b * (a - jointly) / (players * c + out * b)
        return jointly + out * alone, jointly / size if size else 0.0, alone

    def utility(total: float, own: float) -> float:
        return b * (a * total - total**2 / 2) / players - c * own**2 / 2

    return participation(
        players,
        lambda size: utility(played(size)[0], played(size)[1]),
        lambda size: utility(played(size)[0], played(size)[2]),
    )


def threshold(players: int, needed: int, cost: float) -> Participation:
    """The public good of Palfrey & Rosenthal (1984): 1 for all if enough contribute, without a refund."""
    return participation(players, lambda size: float(size >= needed) - cost, lambda size: float(size >= needed))


@pytest.mark.parametrize(("ratio", "largest"), [(1.5, 2), (3.2, 4), (7.9, 8), (2.0, 2)])
@pytest.mark.parametrize("players", [8, 11])
def test_a_linear_good_has_as_many_contributors_as_make_it_worthwhile(ratio: float, largest: int, players: int) -> None:
    game = linear(players, 1.0, ratio)
    assert largest == math.ceil(ratio)
    assert max(stable_sizes(game)) == largest
    verdicts = every_profile(table_by_size(game.inside, game.outside), 2)
    assert {sum(profile_at(place, players, 2)) for place in np.flatnonzero(verdicts.nash)} == set(stable_sizes(game))


@pytest.mark.parametrize("players", [3, 4, 5, 10, 20, 100, 1000])
def test_linear_benefits_and_quadratic_costs_keep_three_together(players: int) -> None:
    assert max(stable_sizes(quadratic(players))) == 3


@pytest.mark.parametrize(
    ("players", "c", "size"), [(10, 0.25, 4), (10, 0.5, 3), (10, 1.0, 3), (10, 5.0, 2), (10, 0.01, 10), (100, 0.25, 5)]
)
def test_the_table_of_barrett_1994(players: int, c: float, size: int) -> None:
    assert stable_sizes(barrett(players, 100.0, 1.0, c)) == [size]


@pytest.mark.parametrize("players", [3, 12, 20])
def test_the_exhaustive_search_finds_every_stable_profile_of_three_players(players: int) -> None:
    game = quadratic(players)
    verdicts = every_profile(table_by_size(game.inside, game.outside), 2, largest_group=1)
    joined = np.array([place.bit_count() for place in range(2**players)])
    assert np.array_equal(verdicts.nash, np.isin(joined, stable_sizes(game)))
    assert verdicts.nash[joined == 3].all()
    assert verdicts.nash.sum() >= math.comb(players, 3)
    assert np.array_equal(verdicts.nash, verdicts.internal.all(axis=1))
    assert np.array_equal(verdicts.nash, verdicts.external.all(axis=1))


def test_a_coalition_of_four_of_ten_is_stable_against_single_players_but_not_against_groups() -> None:
    game = barrett(10, 100.0, 1.0, 0.25)
    found = audit(game.payoff, [IN] * 4 + [OUT] * 6, 2)
    assert found.is_nash
    assert found.internal == found.external == (True, True)
    assert not any(found.regrets)
    assert all(len(group) > 1 and {option for _, option in group} == {IN} for group in found.groups)
    too_many = audit(game.payoff, [IN] * 6 + [OUT] * 4, 2)
    assert too_many.internal == (True, False)
    assert too_many.external == (False, True)
    assert too_many.best == (OUT,) * 10


@pytest.mark.parametrize(
    ("players", "needed", "cost", "roots"),
    [(5, 3, 0.2, (0.2403, 0.7597)), (10, 5, 0.2, (0.3282, 0.5650)), (30, 10, 0.1, (0.2325, 0.3961))],
)
def test_the_mixed_roots_of_palfrey_and_rosenthal_1984(
    players: int, needed: int, cost: float, roots: tuple[float, float]
) -> None:
    game = threshold(players, needed, cost)
    assert mixed_roots(game) == pytest.approx(roots, abs=5e-5)
    assert stable_sizes(game) == [0, needed]


def test_best_replies_of_a_chaser_and_a_fleer_cycle() -> None:
    def payoff(profile: tuple[int, ...]) -> list[float]:
        chaser, fleer = profile
        return [float(chaser == fleer), float(chaser != fleer)]

    assert not every_profile(table_of(payoff, 2, 2), 2).nash.any()
    for start, at_once in product(every(2, 2), (False, True)):
        path = go_on(payoff, start, 2, at_once=at_once)
        assert path.ends == CYCLES
        assert sorted(path.cycle) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert path.profiles[-1] == path.cycle[0]
    cut = go_on(payoff, (0, 0), 2, at_once=True, most=2)
    assert cut.ends == UNFINISHED
    assert cut.cycle == ()
    assert len(cut.profiles) <= 3


def test_a_coordination_game_converges_in_turn_and_cycles_at_once() -> None:
    def payoff(profile: tuple[int, ...]) -> list[float]:
        return [float(profile[0] == profile[1])] * 2

    assert go_on(payoff, (0, 1), 2).ends == SETTLES
    missed = go_on(payoff, (0, 1), 2, at_once=True)
    assert missed.ends == CYCLES
    assert set(missed.cycle) == {(0, 1), (1, 0)}


def test_prisoners_are_stable_alone_but_not_together() -> None:
    def payoff(profile: tuple[int, ...]) -> list[float]:
        return [2.0 * sum(profile) - 3.0 * own for own in profile]

    found = audit(payoff, (0, 0, 0), 2, largest_group=3)
    assert found.is_nash
    assert found.groups == (((0, 1), (1, 1)), ((0, 1), (2, 1)), ((1, 1), (2, 1)))
    assert audit(payoff, (0, 0, 0), 2, largest_group=1).is_in_core
    together = audit(payoff, (1, 1, 1), 2)
    assert together.regrets == (1.0, 1.0, 1.0)
    assert together.groups == (((0, 0),), ((1, 0),), ((2, 0),))


def test_players_that_are_not_welcome_stay_out_and_players_that_are_not_released_stay_in() -> None:
    """A third partner is one too many (Bogomolnaia & Jackson 2002): wanted by itself, by no one else."""

    def payoff(profile: tuple[int, ...]) -> list[float]:
        size = sum(profile)
        return [{0: 0.0, 1: 0.0, 2: 3.0, 3: 1.0}[size] if own else 0.0 for own in profile]

    pair = audit(payoff, (1, 1, 0), 2)
    assert not pair.is_nash
    assert pair.best == (1, 1, 1)
    assert pair.is_individually_stable
    assert not audit(payoff, (1, 1, 0), 2, alone=1).is_individually_stable

    def bound(profile: tuple[int, ...]) -> list[float]:
        """The second would rather be alone, which the first would suffer from."""
        return [1.0 if profile == (1, 1) else 0.0, 0.0 if profile[1] else 2.0]

    held = audit(bound, (1, 1), 2)
    assert not held.is_individually_stable
    assert held.is_contractually_stable


@pytest.mark.parametrize(("players", "options", "seed"), [(2, 2, 0), (3, 2, 1), (3, 3, 2), (4, 3, 3), (5, 2, 4)])
@pytest.mark.parametrize("alone", [0, None])
def test_the_exhaustive_search_agrees_with_the_audit_of_each_profile(
    players: int, options: int, seed: int, alone: int | None
) -> None:
    table = np.random.default_rng(seed).integers(0, 6, size=(options**players, players)).astype(float)
    verdicts = every_profile(table, options, alone=alone)

    def payoff(profile: tuple[int, ...]) -> list[float]:
        return table[place_of(profile, options)].tolist()

    assert np.array_equal(table_of(payoff, players, options), table)
    for place, profile in enumerate(every(players, options)):
        found = audit(payoff, profile, options, alone=alone)
        assert profile_at(place, players, options) == profile
        assert verdicts.nash[place] == found.is_nash
        assert tuple(verdicts.internal[place]) == found.internal
        assert tuple(verdicts.external[place]) == found.external
        assert verdicts.individual[place] == found.is_individually_stable
        assert verdicts.contractual[place] == found.is_contractually_stable
        assert verdicts.core[place] == found.is_in_core


def test_a_game_too_large_to_be_tried_throughout_is_refused() -> None:
    with pytest.raises(ModelError, match=r"38 players with 4 options have .* audit a single profile"):
        table_of(lambda profile: profile, 38, 4)
    with pytest.raises(ModelError, match="groups of 1 to 3"):
        every_profile(np.zeros((4, 2)), 2, largest_group=4)
