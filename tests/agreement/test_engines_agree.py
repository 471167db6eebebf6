"""The two engines give the same rounds, to the last bit of every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest

from sim.ensemble.simulate import EnsembleRunner, run_to_end
from sim.ensemble.simulate import simulate as simulate_ensemble
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.setup import Setup, prepare
from sim.model.simulate import EndStates, Trajectories, end_states
from sim.results.tables import tabulate
from sim.scenario import load_scenario, shipped
from sim.theory.considerations import CONSIDERATIONS, Consideration
from tests.agreement.random_scenarios import random_scenario

RANDOM = 200
AT_ONCE = 10  # random scenarios a test
ORDERS = ("simultaneous", "leads_first", "random_sequence", "one_at_a_time")


def differing(one: Trajectories | EndStates, other: Trajectories | EndStates) -> list[str]:
    """Return the columns that are not the same to the last bit, including the type of number."""

    def same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
        if a is None or b is None:
            return a is b
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()

    return [field.name for field in fields(one) if not same(getattr(one, field.name), getattr(other, field.name))]


def disagreement(setup: Setup, seed: int, replicates: range) -> list[str]:
    """Return the columns in which the engines differ: round by round, and in the end."""
    played = agents.simulate(setup, seed=seed, replicates=replicates)
    round_by_round = differing(played, simulate_ensemble(setup, seed=seed, replicates=replicates))
    return round_by_round + differing(end_states(setup, played), EnsembleRunner(seed, replicates).run(setup))


@pytest.mark.parametrize("name", shipped())
def test_the_engines_agree_on_shipped_scenarios(name: str) -> None:
    assert disagreement(prepare(load_scenario(name)), 0, range(3)) == []


@pytest.mark.parametrize("order", ORDERS)
def test_the_engines_agree_in_every_order_of_activation(order: str) -> None:
    assert disagreement(prepare(load_scenario("paris-march-2025", [f"activation={order}"])), 2**40, range(7, 9)) == []


@pytest.mark.parametrize("first", range(0, RANDOM, AT_ONCE))
def test_the_engines_agree_on_scenarios_made_up_by_chance(first: int) -> None:
    for number in range(first, first + AT_ONCE):
        setup = prepare(random_scenario(number))
        assert disagreement(setup, number, range(number, number + 2)) == [], f"random_scenario({number})"


def test_scenarios_made_up_by_chance_are_of_every_kind() -> None:
    made = [random_scenario(number) for number in range(RANDOM)]
    assert {scenario.activation for scenario in made} == set(ORDERS)
    assert {scenario.ceasefire.phase for scenario in made} == {"fighting", "limited_truce", "permanent_ceasefire"}
    kinds = {scenario.environment.us_backing.process for scenario in made}
    assert kinds == {"constant", "schedule", "ramp", "logit_ar1"}
    assert {len(scenario.menu) for scenario in made} >= {1, 2, 3, 5, 8}
    assert min(len(scenario.roster.asked) for scenario in made) == 1
    assert any(scenario.sharpness == float("inf") for scenario in made)
    assert any(not scenario.leads for scenario in made)


def test_scenarios_made_up_by_chance_are_lively() -> None:
    """A test that compared only standstill would find nothing."""
    moved = cut = 0
    phases: set[int] = set()
    for number in range(0, RANDOM, 4):
        setup = prepare(random_scenario(number))
        ended = run_to_end(setup, seed=number, replicates=range(2))
        moved += bool((ended.last_change > 0).any())
        cut += bool((ended.redimensioned > 0).any())
        phases |= set(ended.phase.tolist())
    assert moved > 30
    assert cut > 10
    assert phases == {0, 1, 2}


def test_another_seed_or_replicate_is_noticed() -> None:
    setup = prepare(load_scenario("paris-march-2025"))
    one = simulate_ensemble(setup, seed=0, replicates=range(2))
    assert "stances" in differing(one, simulate_ensemble(setup, seed=1, replicates=range(2)))
    assert "stances" in differing(one, simulate_ensemble(setup, seed=0, replicates=range(1, 3)))


@pytest.mark.parametrize("change", ["weights.momentum=1.601", "menu.troops.ask=25001", "environment.mandate=0.1001"])
def test_a_rule_that_is_a_little_different_is_noticed(change: str) -> None:
    played = simulate_ensemble(prepare(load_scenario("base")), seed=0, replicates=range(300))
    assert differing(played, simulate_ensemble(prepare(load_scenario("base", [change])), seed=0, replicates=range(300)))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_number_of_threads_changes_nothing(threads: int) -> None:
    setup = prepare(load_scenario("paris-march-2025"))
    told: list[int] = []
    whole = simulate_ensemble(setup, seed=3, replicates=range(130), threads=threads, on_progress=told.append)
    assert sum(told) == 130
    parts = [simulate_ensemble(setup, seed=3, replicates=range(first, first + 65)) for first in (0, 65)]
    assert differing(whole, agents.joined(parts)) == []


def test_a_runner_can_simulate_one_scenario_after_another() -> None:
    asked: Sequence[tuple[str, list[str]]] = (
        ("paris-march-2025", []),
        ("base", ["rounds=9", "revision=0.7"]),
        ("security-buffet", ["turnover=0.5"]),
        ("paris-march-2025", ["environment.us_backing.level=0.6"]),
        ("base", ["activation=leads_first", "leads=[POL, DEU]"]),
        ("base", ["activation=leads_first", "leads=[POL, FRA]"]),
        ("base", ["roster.leave_out=[ISL, MLT]"]),
        ("paris-march-2025", []),
    )
    runner = EnsembleRunner(11, range(5, 12))
    for name, settings in asked:
        setup = prepare(load_scenario(name, settings))
        assert differing(runner.run(setup), EnsembleRunner(11, range(5, 12)).run(setup)) == [], (name, settings)


def test_the_tables_agree_too() -> None:
    setup = prepare(load_scenario("security-buffet"))
    one = tabulate(setup, agents.simulate(setup, seed=4, replicates=range(4)))
    other = tabulate(setup, simulate_ensemble(setup, seed=4, replicates=range(4)))
    for table in ("rounds", "stances", "outcomes"):
        assert getattr(one, table).equals(getattr(other, table))


def test_a_driver_of_ones_own_is_left_to_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    def weather(observation: object) -> float:
        return 0.5

    own = replace(CONSIDERATIONS["seat"], driver=weather)
    assert isinstance(own, Consideration)
    monkeypatch.setitem(CONSIDERATIONS, "seat", own)
    setup = prepare(load_scenario("base", ["rounds=3"]))
    with pytest.raises(ModelError, match=r"driver weather is a function of your own, .* use the engine .agents."):
        simulate_ensemble(setup, seed=0, replicates=range(2))
    played = agents.simulate(setup, seed=0, replicates=range(2))
    assert differing(end_states(setup, played), run_to_end(setup, seed=0, replicates=range(2))) == []


def test_a_run_without_replicates_is_refused() -> None:
    with pytest.raises(ModelError, match="no replicates to simulate"):
        simulate_ensemble(prepare(load_scenario("base")), seed=0, replicates=range(0))
