"""Points that share their random draws are simulated side by side, with the results of each alone."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from sim.ensemble.draws import key_of
from sim.ensemble.simulate import EnsembleRunner
from sim.model import simulate as agents
from sim.model.setup import Setup, prepare
from sim.model.simulate import EndStates, end_states
from sim.scenario import Scenario, load_scenario
from tests.agreement.random_scenarios import random_scenario
from tests.changes import BASE as EVERY
from tests.changes import CHANGES

BLOCKS = ("weights", "environment", "couplings", "ceasefire", "conditions", "belief", "momentum", "deterrence")
NUMBERS = ("sharpness", "round_days", "start")


def other_point(scenario: Scenario, number: int) -> Scenario:
    """Return a point with the same draws at which nearly everything else is that of another random scenario."""
    other = random_scenario(number)
    menu = {
        name: option.model_copy(update={"rung": option.rung + number % 3, "ask": option.ask * (number % 4) // 2})
        for name, option in scenario.menu.items()
    }
    taken = {name: getattr(other, name) for name in (*BLOCKS, *NUMBERS)}
    proposal = other.proposal.model_copy(update={"headline": scenario.proposal.headline})
    opening = scenario.proposal.headline if number % 2 else "abstain"
    return scenario.model_copy(update={**taken, "menu": menu, "proposal": proposal, "opening": opening})


def differing(one: EndStates, other: EndStates) -> list[str]:
    """Return the columns that are not the same to the last bit."""

    def same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
        if a is None or b is None:
            return a is b
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()

    return [field.name for field in fields(one) if not same(getattr(one, field.name), getattr(other, field.name))]


def points(number: int, many: int) -> list[Setup]:
    scenario = random_scenario(number)
    return [prepare(scenario), *(prepare(other_point(scenario, number + step)) for step in range(1, many))]


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_points_side_by_side_have_the_results_of_agents(first: int) -> None:
    for number in range(first, first + 10):
        setups = points(number, 4)
        assert len({key_of(setup) for setup in setups}) == 1
        for place, (setup, ended) in enumerate(
            zip(setups, EnsembleRunner(number, range(2)).end_states(setups), strict=True)
        ):
            played = agents.simulate(setup, seed=number, replicates=range(2))
            assert differing(end_states(setup, played), ended) == [], f"points({number})[{place}]"


@pytest.mark.parametrize("number", range(100, 110))
def test_points_side_by_side_have_the_results_of_each_alone(number: int) -> None:
    setups, runner = points(number, 9), EnsembleRunner(number, range(3, 9))
    for place, (setup, ended) in enumerate(zip(setups, runner.end_states(setups), strict=True)):
        assert differing(EnsembleRunner(number, range(3, 9)).run(setup), ended) == [], f"points({number})[{place}]"


BASE = ("paris-march-2025", ("rounds=12", "activation=leads_first", "roster.states=[GBR, FRA, DEU, POL, ITA, SWE]"))
OTHER_DRAWS = {  # settings on which the draws of a replicate depend
    "rounds": ("rounds=9",),
    "revision": ("revision=0.35",),
    "turnover": ("turnover=0.4",),
    "activation": ("activation=random_sequence",),
    "one at a time": ("activation=one_at_a_time",),
    "leads": ("leads=[POL, SWE]",),
    "roster": ("roster.leave_out=[ITA]",),
    "another order of the roster": ("roster.states=[SWE, GBR, FRA, DEU, POL, ITA]",),
    "menu": ("menu.guarantee=null",),
}


def point(*settings: str, sharpness: float = 2.4) -> Setup:
    name, own = BASE
    return prepare(load_scenario(name, (*own, *settings)).model_copy(update={"sharpness": sharpness}))


@pytest.mark.parametrize("what", OTHER_DRAWS)
def test_points_that_do_not_share_their_draws_are_simulated_separately(what: str) -> None:
    setups = [
        point(*(OTHER_DRAWS[what] if place % 2 else ()), sharpness=1.0 + place / 5)
        for place in (0, 2, 4, 6, 1, 3, 5, 7, 8, 9)
    ]
    keys = [key_of(setup) for setup in setups]
    assert len({*keys[:4], keys[8]}) == len({*keys[4:8], keys[9]}) == 1
    assert keys[0] != keys[4]
    runner = EnsembleRunner(0, range(4))
    ended = list(runner.end_states(setups))
    assert len(ended) == len(setups)
    alone = [EnsembleRunner(0, range(4)).run(setup) for setup in setups]
    assert [differing(one, each) for one, each in zip(alone, ended, strict=True)] == [[]] * len(setups)


def test_settings_on_which_no_draw_depends_leave_points_together() -> None:
    """All settings except OTHER_DRAWS, taken from the list of every setting of a scenario."""
    apart = ("rounds", "revision", "turnover", "activation", "leads", "roster")
    base = prepare(EVERY)
    for path, update in CHANGES.items():
        if path.partition(".")[0] not in apart and not path.endswith(".rung"):  # rungs are the order of the menu
            assert key_of(prepare(EVERY.model_copy(update=update))) == key_of(base), path


def test_of_leads_only_those_that_go_first_matter_to_the_draws_and_not_their_order() -> None:
    first, swapped = point("leads=[GBR, FRA]"), point("leads=[FRA, GBR]")
    assert key_of(first) == key_of(swapped)
    at_once = "activation=simultaneous"
    assert key_of(point(at_once, "leads=[GBR]")) == key_of(point(at_once, "leads=[POL]"))
    assert key_of(point("leads=[GBR]")) != key_of(point("leads=[POL]"))


def test_more_levels_of_a_fluctuating_quantity_than_are_cached_have_the_results_of_each_alone() -> None:
    levels = [point(f"environment.us_backing.level={0.1 + place / 100}") for place in range(70)]
    runner = EnsembleRunner(3, range(2))
    for place, (setup, ended) in enumerate(zip(levels, runner.end_states(levels), strict=True)):
        if place % 9 == 0:
            assert differing(EnsembleRunner(3, range(2)).run(setup), ended) == [], place


def test_side_by_side_a_point_that_differs_is_noticed() -> None:
    changes = ([], ["weights.momentum=1.7"], ["menu.troops.ask=24000"], ["momentum.lead_factor=3"])
    setups = [prepare(load_scenario("paris-march-2025", change)) for change in changes]
    first, *others = EnsembleRunner(0, range(200)).end_states(setups)
    assert all(differing(first, other) for other in others)
