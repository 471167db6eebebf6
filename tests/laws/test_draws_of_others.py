"""Random draws belong to a state: order, absence, number of rounds and of workers change no other state's draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import facts
from sim.model.draws import Draws, roll
from sim.model.setup import prepare
from sim.model.simulate import Trajectories, joined, simulate
from sim.results.tables import RunTables, tabulate
from sim.scenario import Scenario, digest

type Ask = Callable[..., Scenario]

ROSTER = facts.default_roster()
LIVELY = (
    "rounds=12",
    "environment.us_backing={process: logit_ar1, level: 0.4, persistence: 0.8, volatility: 0.4, jump_chance: 0.1, "
    "jump_size: 1.0}",
    "ceasefire.phase=limited_truce",
    "proposal.patience=2",
    "turnover=0.3",
)
TRAINING = (
    "menu.training={label: Training, rung: 2, ask: 500, share: 0.02, home_tie_counts: 0, deters: 1, punishes: 0.3, "
    "provokes: 0, peer_norm: 0.4, raises: {constant: -0.3, solidarity: 0.5}}"
)
PER_STATE = ("revision", "turnover", "order")
OF_NOBODY = ("paths", "peace", "violations", "sincerity")

seeds = st.integers(0, 2**63 - 1)
activations = st.sampled_from(["simultaneous", "random_sequence", "leads_first", "one_at_a_time"])


def tables_of(scenario: Scenario, seed: int = 0, replicates: int = 2) -> RunTables:
    setup = prepare(scenario)
    return tabulate(setup, simulate(setup, seed=seed, replicates=range(replicates), workers=1))


def by_state(stances: pd.DataFrame) -> pd.DataFrame:
    """The table of stances in the alphabetical order of states."""
    plain = stances.assign(state=stances["state"].astype(str))
    return plain.sort_values(["replicate", "round", "state"], ignore_index=True)


def assert_same(one: RunTables, other: RunTables) -> None:
    for name in ("rounds", "stances", "outcomes"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def assert_same_luck(one: Draws, other: Draws, names: tuple[str, ...]) -> None:
    for name in names:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@given(order=st.permutations(ROSTER), seed=seeds, activation=activations)
def test_the_order_of_the_roster_changes_no_stance(asked: Ask, order: list[str], seed: int, activation: str) -> None:
    activated = f"activation={activation}"
    usual = tables_of(asked(*LIVELY, activated), seed)
    shuffled = tables_of(asked(*LIVELY, activated, f"roster.states=[{', '.join(order)}]"), seed)
    pd.testing.assert_frame_equal(by_state(shuffled.stances), by_state(usual.stances), check_exact=True)
    pd.testing.assert_frame_equal(shuffled.rounds, usual.rounds, check_exact=True)
    pd.testing.assert_frame_equal(shuffled.outcomes, usual.outcomes, check_exact=True)


@given(order=st.permutations(ROSTER))
def test_the_order_of_the_roster_changes_nothing_about_a_state(asked: Ask, order: list[str]) -> None:
    usual, shuffled = prepare(asked()), prepare(asked(f"roster.states=[{', '.join(order)}]"))
    places = [shuffled.codes.index(code) for code in usual.codes]
    assert np.array_equal(shuffled.stakes[places], usual.stakes)
    assert np.array_equal(shuffled.offers[places], usual.offers)
    assert np.array_equal(shuffled.peer_weights[np.ix_(places, places)], usual.peer_weights)
    assert np.array_equal(shuffled.economy[places], usual.economy)


@given(order=st.permutations(ROSTER), leads=st.permutations(["GBR", "FRA", "POL"]))
def test_an_order_that_changes_nothing_keeps_the_digest(asked: Ask, order: list[str], leads: list[str]) -> None:
    settled = asked(f"leads=[{', '.join(leads)}]", f"roster.states=[{', '.join(order)}]")
    assert digest(settled) == digest(asked("leads=[GBR, FRA, POL]"))
    assert digest(settled) != digest(asked())


@given(left_out=st.sets(st.sampled_from(ROSTER), min_size=1, max_size=30), seed=seeds)
def test_leaving_states_out_keeps_the_draws_of_the_others(asked: Ask, left_out: set[str], seed: int) -> None:
    everybody = prepare(asked(*LIVELY))
    fewer = prepare(asked(*LIVELY, "leads=[]", f"roster.leave_out=[{', '.join(sorted(left_out))}]"))
    whole, rest = roll(everybody, seed, 3), roll(fewer, seed, 3)
    stay = [everybody.codes.index(code) for code in fewer.codes]
    assert len(stay) == len(ROSTER) - len(left_out)
    for name in (*PER_STATE, "tastes"):
        assert np.array_equal(getattr(whole, name)[:, stay], getattr(rest, name)), name
    assert_same_luck(whole, rest, OF_NOBODY)


@given(seed=seeds, replicate=st.integers(0, 2**32 - 1))
def test_one_more_option_keeps_the_draws_of_the_others(asked: Ask, seed: int, replicate: int) -> None:
    short, long = prepare(asked(*LIVELY)), prepare(asked(*LIVELY, TRAINING))
    before, after = roll(short, seed, replicate), roll(long, seed, replicate)
    kept = [long.menu.names.index(option) for option in short.menu.names]
    assert len(long.menu.names) == len(short.menu.names) + 1
    assert np.array_equal(after.tastes[:, :, kept], before.tastes)
    assert_same_luck(before, after, (*PER_STATE, *OF_NOBODY))


@given(seed=seeds, fewer=st.integers(1, 11))
def test_more_rounds_only_append(asked: Ask, seed: int, fewer: int) -> None:
    whole = simulate(prepare(asked(*LIVELY)), seed=seed, replicates=range(2), workers=1)
    short = simulate(prepare(asked(*LIVELY, f"rounds={fewer}")), seed=seed, replicates=range(2), workers=1)
    for field in fields(Trajectories):
        start = getattr(whole, field.name)
        cut = start if field.name == "replicates" else start[:, :fewer]
        assert np.array_equal(cut, getattr(short, field.name)), field.name


@given(numbers=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=5, unique=True), seed=seeds)
def test_a_replicate_is_the_same_alone_and_among_others(asked: Ask, numbers: list[int], seed: int) -> None:
    setup = prepare(asked(*LIVELY))
    together = simulate(setup, seed=seed, replicates=numbers, workers=1)
    alone = joined([simulate(setup, seed=seed, replicates=[number], workers=1) for number in numbers])
    assert_same(tabulate(setup, together), tabulate(setup, alone))


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_nothing(asked: Ask, workers: int) -> None:
    setup = prepare(asked(*LIVELY))
    told: list[int] = []
    one = simulate(setup, seed=5, replicates=range(11), workers=1)
    several = simulate(setup, seed=5, replicates=range(11), workers=workers, on_progress=told.append)
    assert_same(tabulate(setup, one), tabulate(setup, several))
    assert sum(told) == 11


@settings(max_examples=8)
@given(seed=seeds)
def test_the_same_seed_gives_the_same_tables_and_another_seed_others(asked: Ask, seed: int) -> None:
    one, again = tables_of(asked(*LIVELY), seed), tables_of(asked(*LIVELY), seed)
    other = tables_of(asked(*LIVELY), seed ^ 1)
    assert_same(one, again)
    assert not one.rounds["us_backing"].equals(other.rounds["us_backing"])
    assert not one.stances["stance"].equals(other.stances["stance"])
