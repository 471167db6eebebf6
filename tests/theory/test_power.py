"""Power indices against published numbers, and against direct enumeration."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.power import least_sets, likeliest_set, power, wins

EEC_1958 = ([4, 4, 4, 2, 2, 1], 12)  # Germany, France, Italy, Netherlands, Belgium, Luxembourg
SECURITY_COUNCIL = ([7] * 5 + [1] * 10, 39)  # nine of fifteen, the five permanent members among them

games = st.tuples(
    st.lists(st.integers(0, 9), min_size=1, max_size=7),
    st.integers(0, 40),
    st.lists(st.booleans(), min_size=7, max_size=7),
)


def _pivots(weights: Sequence[int], quota: int, leads: Sequence[bool] | None) -> list[Fraction]:
    """Count the pivotal members over all orders by enumeration."""
    found = [0] * len(weights)
    for order in itertools.permutations(range(len(weights))):
        for number, place in enumerate(order):
            if wins(order[: number + 1], weights, quota, leads):
                if number or not wins((), weights, quota, leads):
                    found[place] += 1
                break
    return [Fraction(count, math.factorial(len(weights))) for count in found]


def _winning(weights: Sequence[int], quota: int, leads: Sequence[bool] | None) -> list[tuple[int, ...]]:
    sets = (each for size in range(len(weights) + 1) for each in itertools.combinations(range(len(weights)), size))
    return [each for each in sets if wins(each, weights, quota, leads)]


def test_the_council_of_the_six_of_1958_left_luxembourg_without_any_power() -> None:
    found = power(*EEC_1958)
    assert found.shapley_shubik == (*[Fraction(7, 30)] * 3, *[Fraction(3, 20)] * 2, 0)
    assert found.banzhaf == (*[Fraction(5, 21)] * 3, *[Fraction(1, 7)] * 2, 0)
    assert found.swings == (10, 10, 10, 6, 6, 0)


def test_the_security_council_gives_its_permanent_members_nearly_all_power() -> None:
    found = power(*SECURITY_COUNCIL)
    assert (round(float(found.shapley_shubik[0]), 5), round(float(found.shapley_shubik[-1]), 6)) == (0.19627, 0.001865)
    assert found.shapley_shubik[0] == Fraction(421, 2145)
    assert found.shapley_shubik[-1] == Fraction(4, 2145)
    assert (round(float(found.banzhaf[0]), 4), round(float(found.banzhaf[-1]), 4)) == (0.1669, 0.0165)
    assert found.swings[0] == 848
    assert found.swings[-1] == 84


def test_one_with_two_of_five_votes_turns_half_of_the_orders() -> None:
    assert power([2, 1, 1, 1], 3).shapley_shubik == (Fraction(1, 2), *[Fraction(1, 6)] * 3)


@given(games)
def test_power_equals_the_count_over_all_orders(game: tuple[list[int], int, list[bool]]) -> None:
    weights, quota, leads = game
    for those in (None, leads[: len(weights)]):
        found = power(weights, quota, those)
        assert list(found.shapley_shubik) == _pivots(weights, quota, those)
        winning = _winning(weights, quota, those)
        for place, count in enumerate(found.swings):
            turned = [s for s in winning if place in s and tuple(p for p in s if p != place) not in winning]
            assert count == len(turned)


@given(games)
def test_power_adds_up_to_one_wherever_a_set_wins(game: tuple[list[int], int, list[bool]]) -> None:
    weights, quota, leads = game
    those = leads[: len(weights)]
    found = power(weights, quota, those)
    can_win = wins(range(len(weights)), weights, quota, those)
    assert sum(found.shapley_shubik) == sum(found.banzhaf) == int(can_win)


@given(games)
def test_the_least_sets_are_all_there_are_of_the_least_size(game: tuple[list[int], int, list[bool]]) -> None:
    weights, quota, leads = game
    those = leads[: len(weights)]
    winning = _winning(weights, quota, those)
    found = least_sets(weights, quota, those)
    if not winning:
        assert found is None
        return
    assert found is not None
    least = min(map(len, winning))
    assert found.size == least
    assert sorted(found.sets) == [each for each in winning if len(each) == least]
    assert found.number == len(found.sets)


@given(games, st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=7, max_size=7))
def test_no_set_is_likelier_than_the_likeliest(game: tuple[list[int], int, list[bool]], chances: list[float]) -> None:
    weights, quota, leads = game
    those, chances = leads[: len(weights)], chances[: len(weights)]

    def chance(members: Sequence[int]) -> float:
        return math.prod(chances[place] for place in members)

    best = max((chance(each) for each in _winning(weights, quota, those)), default=0.0)
    found = likeliest_set(weights, quota, chances, those)
    if best == 0.0:
        assert found is None
        return
    assert found is not None
    assert wins(found, weights, quota, those)
    assert chance(found) == pytest.approx(best)
    assert not any(wins([p for p in found if p != place], weights, quota, those) for place in found)


def test_offers_of_whole_soldiers_are_counted_exactly_however_many_states_there_are() -> None:
    found = power([1] * 70, 36)
    assert set(found.shapley_shubik) == {Fraction(1, 70)}
    assert found.swings[0] == math.comb(69, 35)
