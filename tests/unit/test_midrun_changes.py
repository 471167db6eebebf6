"""A model can continue with another scenario from the next round on, with its history and its random draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario
from sim.theory import choice
from tests.agreement.random_scenarios import random_scenario

FEW = "roster.states=[GBR, FRA, DEU, POL, SWE, HUN, CAN, AUS]"
PARIS = "paris-march-2025"


def setup_of(name: str, *settings: str) -> Setup:
    return prepare(load_scenario(name, (FEW, "rounds=20", *settings)))


def standing(model: CoalitionModel) -> dict[str, Any]:
    """Everything that the next round depends on, as it can be compared."""
    seen = {
        f"{name}.{part}": getattr(getattr(model, name), part)
        for name in ("outlook", "supposed")
        for part in ("environment", "profile", "asks", "forces", "beliefs", "deterrence", "deterrence_slope")
    }
    plain = ("round", "headline", "redimensioned", "rounds_below", "clarity_lost", "sincerity_odds", "phase")
    held = {
        "tastes": [state.taste for state in model.states],
        "offers": [state.offers for state in model.states],
        "stakes": [state.stakes for state in model.states],
        "pulls": [state.pulls for state in model.states],
        "profile": model.profile,
        "conditional": model.conditional_profile,
        "environment": model.environment,
        "asks": model.asks,
    }
    also = {name: getattr(model, name) for name in (*plain, "moscow_means_it", "running", "date", "replicate", "seed")}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else np.array(value).tolist()
        for name, value in {**seen, **held, **also}.items()
    }


def play_on(model: CoalitionModel, until: int | None = None) -> list[dict[str, Any]]:
    """Simulate up to a round, or to the end, and return the state of the model after each round."""
    stood = []
    while model.round < (model.setup.scenario.rounds if until is None else until):
        model.step()
        stood.append(standing(model))
    return stood


CASES = [
    (PARIS, (), 0),
    (PARIS, ("activation=random_sequence", "turnover=0.2"), 1),
    ("permanent-ceasefire", ("ceasefire.breakdown_hazard=0.3",), 2),
    ("limited-truce", ("opening=troops", "activation=one_at_a_time"), 3),
    ("security-buffet", ("activation=leads_first",), 4),
]


@pytest.mark.parametrize(("name", "settings", "seed"), CASES)
@pytest.mark.parametrize("after", [0, 1, 9, 20])
def test_a_change_to_the_same_setup_changes_nothing(
    name: str, settings: tuple[str, ...], seed: int, after: int
) -> None:
    plain, changed = (CoalitionModel(setup_of(name, *settings), rng=seed, replicate=3) for _ in range(2))
    assert play_on(plain, until=after) == play_on(changed, until=after)
    changed.change(setup_of(name, *settings))
    assert standing(changed) == standing(plain)
    assert play_on(changed) == play_on(plain)


@pytest.mark.parametrize("number", [1, 5, 8, 13])
def test_a_change_to_the_same_setup_changes_nothing_whatever_the_scenario(number: int) -> None:
    scenario = random_scenario(number)
    plain, changed = (CoalitionModel(scenario, rng=number) for _ in range(2))
    play_on(plain, until=scenario.rounds // 2)
    play_on(changed, until=scenario.rounds // 2)
    changed.change(prepare(scenario))
    assert play_on(changed) == play_on(plain)


OTHER = (
    "environment.us_backing=0.7",
    "ceasefire.phase=limited_truce",
    "ceasefire.sincere_chance=1",
    "opening={GBR: troops, FRA: backstop}",
    "menu.troops.ask=9000",
    "menu.troops.share=0.09",
    "proposal.headline=backstop",
    "weights.cost=-3",
    "rounds=25",
    "leads=[POL]",
    "start=2025-05-05",
)


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("name", [PARIS, "un-mandate"])
def test_before_the_first_round_a_changed_model_is_a_new_one(name: str, seed: int) -> None:
    changed = CoalitionModel(setup_of(name), rng=seed, replicate=2)
    fresh = CoalitionModel(setup_of(name, *OTHER), rng=seed, replicate=2)
    assert standing(changed) != standing(fresh)
    changed.change(setup_of(name, *OTHER))
    assert standing(changed) == standing(fresh)
    assert play_on(changed) == play_on(fresh)
    assert [(state.is_lead, state.name) for state in changed.states] == [(s.is_lead, s.name) for s in fresh.states]
    assert changed.datacollector.model_vars == fresh.datacollector.model_vars


@pytest.mark.parametrize("seed", [0, 7])
def test_the_history_is_kept(seed: int) -> None:
    plain, model = (CoalitionModel(setup_of("limited-truce", "turnover=0.3"), rng=seed) for _ in range(2))
    play_on(plain, until=8)
    play_on(model, until=8)
    kept = model.datacollector.get_model_vars_dataframe()
    other = setup_of("limited-truce", "turnover=0.3", *OTHER)
    model.change(other)
    was, now = standing(plain), standing(model)
    assert now["moscow_means_it"] == 1.0
    differing = {name for name in was if was[name] != now[name]}
    assert differing <= {"asks", "offers", "stakes", "pulls", "moscow_means_it", "date", "headline", "rounds_below"}
    assert {"asks", "offers", "stakes", "pulls", "date", "headline"} <= differing
    model.step()
    assert model.datacollector.get_model_vars_dataframe().iloc[:8].equals(kept)
    assert model.round == 9
    assert model.date == other.date_of(9)


def test_the_states_weigh_by_the_new_scenario_from_the_next_round_on() -> None:
    model = CoalitionModel(setup_of(PARIS, "revision=1"), rng=1)
    play_on(model, until=5)
    assert model.count("troops") < 8
    model.change(setup_of(PARIS, "revision=1", "menu.troops.raises.constant=100"))
    model.step()
    assert model.count("troops") == 8


def test_us_backing_rises_with_the_next_round() -> None:
    model = CoalitionModel(setup_of(PARIS), rng=3)
    play_on(model, until=6)
    before = model.environment.copy()
    model.change(setup_of(PARIS, "environment.us_backing=0.9"))
    assert model.environment.tolist() == before.tolist()
    assert model.outlook.environment[choice.US_BACKING] == before[choice.US_BACKING] < 0.9
    model.step()
    assert model.environment[choice.US_BACKING] == model.outlook.environment[choice.US_BACKING] == 0.9


def test_us_backing_rises_at_once_before_the_first_round() -> None:
    model = CoalitionModel(setup_of(PARIS), rng=3)
    model.change(setup_of(PARIS, "environment.us_backing=0.9"))
    assert model.environment[choice.US_BACKING] == model.outlook.environment[choice.US_BACKING] == 0.9


def test_the_environment_continues_along_the_paths_of_the_new_scenario() -> None:
    level = "environment.us_backing.level=0.6"
    other = CoalitionModel(setup_of(PARIS, level), rng=4, replicate=1)
    model = CoalitionModel(setup_of(PARIS), rng=4, replicate=1)
    play_on(model, until=7)
    play_on(other, until=7)
    model.change(setup_of(PARIS, level))
    for _ in range(13):
        model.step()
        other.step()
        assert model.environment[choice.US_BACKING] == other.environment[choice.US_BACKING]


def test_only_an_ask_that_the_new_scenario_changes_is_renewed() -> None:
    cuts = ("proposal.patience=1", "proposal.floor=0", "menu.troops.ask=80000", "menu.backstop.ask=100")
    model = CoalitionModel(setup_of(PARIS, *cuts), rng=0)
    play_on(model, until=6)
    troops, in_force = model.setup.menu.index("troops"), model.asks.copy()
    assert in_force[troops] < 80_000
    model.change(setup_of(PARIS, *cuts, "weights.cost=-2"))
    assert model.asks.tolist() == in_force.tolist()
    model.change(setup_of(PARIS, *cuts[:3], "menu.backstop.ask=200"))
    assert (model.asks[troops], model.asks[model.setup.menu.index("backstop")]) == (in_force[troops], 200.0)
    model.change(setup_of(PARIS, *cuts[:2], "menu.troops.ask=70000", "menu.backstop.ask=200"))
    assert model.asks[troops] == 70_000.0


def test_only_a_headline_and_a_phase_that_the_new_scenario_changes_are_taken_over() -> None:
    model = CoalitionModel(setup_of(PARIS, "proposal.patience=4", "ceasefire.truce_hazard=0"), rng=0)
    play_on(model, until=3)
    assert (model.headline, model.phase, model.rounds_below) == (3, 0, 3)
    model.change(setup_of(PARIS, "proposal.headline=backstop", "ceasefire.phase=limited_truce"))
    assert (model.headline, model.phase, model.rounds_below) == (2, 1, 0)
    model.headline, model.phase = 1, 2
    model.change(setup_of(PARIS, "proposal.headline=backstop", "ceasefire.phase=limited_truce", "weights.cost=-2"))
    assert (model.headline, model.phase) == (1, 2)


def test_the_leads_see_forces_with_the_new_offers() -> None:
    rules = ("proposal.patience=1", "revision=0", "opening=troops", "proposal.rise=1", "menu.troops.ask=1000")
    model = CoalitionModel(setup_of(PARIS, *rules), rng=0)
    play_on(model, until=3)
    assert (model.redimensioned, model.rounds_below) == (0, 0)
    nobody = setup_of(PARIS, *rules, "menu.troops.share=0")
    model.change(nobody)
    assert model.forces[-1] > 1000.0
    model.step()
    assert model.redimensioned == 1
    expected = perceive_world(nobody, model.environment, model.profile, model.asks)
    assert model.forces.tolist() == expected.forces.tolist()
    assert model.forces[-1] == 0.0


def test_rounds_may_increase_and_decrease_to_those_simulated() -> None:
    model = CoalitionModel(setup_of(PARIS), rng=0)
    play_on(model)
    assert not model.running
    model.change(setup_of(PARIS, "rounds=30"))
    assert model.running
    assert len(play_on(model)) == 10
    model.change(setup_of(PARIS, "rounds=31"))
    model.change(setup_of(PARIS, "rounds=30"))
    assert not model.running
    model.step()
    assert model.round == 30


@pytest.mark.parametrize("played", [0, 4])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            ("roster.leave_out=[HUN]",),
            "the bargaining cannot continue with it: other states, without HUN; build a new model with it",
        ),
        (("roster.states=[GBR, FRA, DEU, POL, SWE, HUN, CAN, NZL]",), "other states, without AUS and with NZL"),
        (("roster.states=[FRA, GBR, DEU, POL, SWE, HUN, CAN, AUS]",), "the same states, but in the order FRA, GBR,"),
        (("menu.backstop=null",), "other options, without backstop; build a new model with it"),
        (("menu.backstop.rung=9",), "the same options, but in the order abstain, guarantee, troops, backstop"),
    ],
)
def test_another_roster_or_menu_is_refused(played: int, settings: tuple[str, ...], said: str) -> None:
    plain, model = (CoalitionModel(setup_of(PARIS), rng=5) for _ in range(2))
    play_on(plain, until=played)
    play_on(model, until=played)
    with pytest.raises(ModelError) as error:
        model.change(setup_of(PARIS, *settings))
    assert str(error.value).startswith(f"{PARIS}: ")
    assert said in str(error.value)
    assert play_on(model) == play_on(plain)  # and nothing was changed


def test_fewer_rounds_than_were_simulated_are_refused() -> None:
    model = CoalitionModel(setup_of(PARIS), rng=5)
    play_on(model, until=4)
    model.change(setup_of(PARIS, "rounds=4"))
    with pytest.raises(ModelError, match=f"{PARIS}: rounds: 4 were already simulated, so 3 are too few; set 4 or"):
        model.change(setup_of(PARIS, "rounds=3"))
