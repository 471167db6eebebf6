"""Points that share their luck are played side by side, and come to what each comes to alone."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from sim.ensemble.luck import key_of
from sim.ensemble.play import Crowd
from sim.model import play as agents
from sim.model.play import Endings, endings
from sim.model.setup import Setup, prepare
from sim.scenario import Scenario, load_scenario
from tests.agreement.random_scenarios import random_scenario

BLOCKS = ("weights", "environment", "couplings", "ceasefire", "conditions", "belief", "momentum", "deterrence")
NUMBERS = ("sharpness", "round_days", "start")


def other_point(scenario: Scenario, number: int) -> Scenario:
    """Return a point of the same luck at which nearly everything else is that of another scenario made up by chance."""
    other = random_scenario(number)
    menu = {
        name: option.model_copy(update={"rung": option.rung + number % 3, "ask": option.ask * (number % 4) // 2})
        for name, option in scenario.menu.items()
    }
    taken = {name: getattr(other, name) for name in (*BLOCKS, *NUMBERS)}
    proposal = other.proposal.model_copy(update={"headline": scenario.proposal.headline})
    opening = scenario.proposal.headline if number % 2 else "abstain"
    return scenario.model_copy(update={**taken, "menu": menu, "proposal": proposal, "opening": opening})


def differing(one: Endings, other: Endings) -> list[str]:
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
def test_points_side_by_side_come_to_what_agents_come_to(first: int) -> None:
    for number in range(first, first + 10):
        setups = points(number, 4)
        assert len({key_of(setup) for setup in setups}) == 1
        for place, (setup, ended) in enumerate(zip(setups, Crowd(number, range(2)).endings(setups), strict=True)):
            played = agents.play(setup, seed=number, replicates=range(2))
            assert differing(endings(setup, played), ended) == [], f"points({number})[{place}]"


@pytest.mark.parametrize("number", range(100, 110))
def test_points_side_by_side_come_to_what_each_comes_to_alone(number: int) -> None:
    setups, crowd = points(number, 9), Crowd(number, range(3, 9))
    for place, (setup, ended) in enumerate(zip(setups, crowd.endings(setups), strict=True)):
        assert differing(Crowd(number, range(3, 9)).play(setup), ended) == [], f"points({number})[{place}]"


def test_points_of_different_luck_are_taken_apart() -> None:
    base = load_scenario("paris-march-2025", ["rounds=12"])
    shorter = load_scenario("paris-march-2025", ["rounds=9"])
    setups = [
        prepare((base, base, shorter)[place % 3].model_copy(update={"sharpness": 0.5 + place / 10}))
        for place in (*range(0, 90, 3), *range(30), *range(1, 90, 3))
    ]
    crowd = Crowd(0, range(4))
    ended = list(crowd.endings(setups))
    assert len(ended) == len(setups)
    assert [differing(crowd.play(setup), each) for setup, each in zip(setups, ended, strict=True)] == [[]] * len(setups)


def test_side_by_side_a_point_that_differs_is_noticed() -> None:
    changes = ([], ["weights.momentum=1.7"], ["menu.troops.ask=24000"], ["momentum.lead_factor=3"])
    setups = [prepare(load_scenario("paris-march-2025", change)) for change in changes]
    first, *others = Crowd(0, range(200)).endings(setups)
    assert all(differing(first, other) for other in others)
