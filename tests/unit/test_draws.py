"""Random draws by address: the published generator, open uniforms, the right distributions, and no two draws alike."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.draws import MOST_REPLICATES, MOST_SEED, roll
from sim.model.setup import prepare
from sim.scenario import Scenario
from sim.theory import rng
from sim.theory.rng import address

WHO = np.arange(200)
DRAWN = 20_000


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_known_answers_of_random123(
    counter: tuple[int, int, int, int], key: tuple[int, int], words: tuple[int, int, int, int]
) -> None:
    seed = np.uint64(key[0] | key[1] << 32)
    assert tuple(int(word) for word in rng.philox(*counter, seed)) == words


def test_uniforms_stay_inside_the_open_interval_even_for_the_extreme_words() -> None:
    ends = [rng._open_unit(word, word) for word in (0, 0xFFFFFFFF)]
    assert 0.0 < ends[0] < 1e-15
    assert 1.0 - 1e-15 < ends[1] < 1.0
    assert all(math.isfinite(-math.log(-math.log(end))) for end in ends)


def test_uniform_draws_are_uniform() -> None:
    drawn = rng.uniforms(address("revision"), WHO, DRAWN // WHO.size, 0, 0).ravel()
    assert ((drawn > 0.0) & (drawn < 1.0)).all()
    assert drawn.mean() == pytest.approx(0.5, abs=4.0 / math.sqrt(12 * DRAWN))
    assert drawn.var() == pytest.approx(1.0 / 12.0, rel=0.03)
    assert stats.kstest(drawn, "uniform").pvalue > 0.01


def test_normal_draws_are_normal() -> None:
    drawn = rng.normals(address("move"), WHO, DRAWN // WHO.size, 0, 0).ravel()
    assert stats.kstest(drawn, "norm").pvalue > 0.01


def test_tastes_are_standard_gumbel() -> None:
    drawn = rng.gumbels(np.array([address("taste", "troops")]), WHO, DRAWN // WHO.size - 1, 0, 0).ravel()
    assert drawn.mean() == pytest.approx(np.euler_gamma, abs=4.0 * math.pi / math.sqrt(6 * DRAWN))
    assert drawn.var() == pytest.approx(math.pi**2 / 6.0, rel=0.06)
    assert stats.kstest(drawn, "gumbel_r").pvalue > 0.01


@pytest.mark.parametrize(
    "other",
    [
        (address("turnover"), 0, 0, 0),
        (address("revision"), 1 << 20, 0, 0),
        (address("revision"), 0, 1, 0),
        (address("revision"), 0, 0, 1),
        (address("revision"), 0, 0, 1 << 32),
    ],
    ids=["another purpose", "other states", "another replicate", "the next seed", "a seed with another upper half"],
)
def test_draws_at_different_addresses_are_independent(other: tuple[int, int, int, int]) -> None:
    def drawn(purpose: int, first: int, replicate: int, seed: int) -> np.ndarray:
        return rng.uniforms(purpose, WHO + first, DRAWN // WHO.size, replicate, seed).ravel()

    here, there = drawn(address("revision"), 0, 0, 0), drawn(*other)
    assert not np.intersect1d(here, there).size
    assert abs(np.corrcoef(here, there)[0, 1]) < 4.0 / math.sqrt(DRAWN)


def test_rounds_and_states_are_independent_of_each_other() -> None:
    drawn = rng.uniforms(address("revision"), np.arange(2000), 10, 0, 0)
    between_rounds = np.corrcoef(drawn)[~np.eye(10, dtype=bool)]
    assert np.abs(between_rounds).max() < 4.5 / math.sqrt(2000)
    assert np.unique(drawn).size == drawn.size


def test_an_address_is_the_same_in_every_process() -> None:
    assert address("taste", "troops") == 0x3CB603DD
    assert address("state", "GBR") != address("state", "FRA")


def test_the_draws_of_many_are_the_draws_of_each() -> None:
    many = rng.gumbels(np.array([7, 9]), np.array([3, 5]), 2, 11, 13)
    assert many[2, 1, 0] == rng.gumbel(7, 5, 2, 11, 13)
    assert rng.uniforms(7, np.array([3, 5]), 2, 11, 13)[1, 0] == rng.uniform(7, 3, 2, 11, 13)


def test_seed_0_is_a_seed_and_not_a_missing_seed(asked: Callable[..., Scenario]) -> None:
    setup = prepare(asked("rounds=4"))
    zero, one = roll(setup, 0, 0), roll(setup, 1, 0)
    assert np.array_equal(zero.tastes, roll(setup, 0, 0).tastes)
    assert not np.intersect1d(zero.tastes, one.tastes).size
    assert np.array_equal(CoalitionModel(setup, rng=0).draws.tastes, zero.tastes)


@pytest.mark.parametrize(("seed", "replicate"), [(-1, 0), (MOST_SEED + 1, 0), (0, -1), (0, MOST_REPLICATES)])
def test_a_seed_or_replicate_that_would_share_its_draws_is_refused(
    asked: Callable[..., Scenario], seed: int, replicate: int
) -> None:
    with pytest.raises(ModelError, match="must be a whole number from 0 to"):
        roll(prepare(asked("rounds=4")), seed, replicate)
