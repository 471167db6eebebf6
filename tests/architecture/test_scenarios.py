"""Every scenario that comes with the program is whole: it loads, says what it asks and why, and can be played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.model.coalition import CoalitionModel
from sim.model.play import play
from sim.model.setup import prepare
from sim.results.tables import tabulate
from sim.scenario import digest, load_scenario, shipped
from sim.theory.considerations import CONSIDERATIONS

ROOT = Path(__file__).parents[2]
NAMES = sorted(shipped())

every_scenario = pytest.mark.parametrize("name", NAMES)


def test_the_promised_scenarios_are_there() -> None:
    assert set(NAMES) >= {
        "base",
        "paris-march-2025",
        "february-2025-optimism",
        "firm-us-backstop",
        "us-opposes",
        "un-mandate",
    }
    assert {path.stem for path in (ROOT / "scenarios").iterdir()} == set(NAMES)


def test_no_two_scenarios_mean_the_same() -> None:
    assert len({digest(load_scenario(name)) for name in NAMES}) == len(NAMES)


@every_scenario
def test_a_scenario_reads_like_a_brief(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.question.endswith("?")
    assert scenario.about
    assert scenario.sources
    text = shipped()[name].read_text("utf-8")
    if name != "base":
        assert text.startswith("extends: ")
        assert len(text.splitlines()) <= 40


@every_scenario
def test_a_source_in_the_project_is_where_it_is_said_to_be(name: str) -> None:
    for source in load_scenario(name).sources:
        for word in source.replace(":", " ").replace(",", " ").split():
            if word.startswith("sim/"):
                assert (ROOT / word).is_file(), word


@every_scenario
def test_a_scenario_can_be_played_to_its_end(name: str) -> None:
    scenario = load_scenario(name)
    setup = prepare(scenario)
    tables = tabulate(setup, play(setup, seed=0, replicates=[0], workers=1))
    assert len(tables.rounds) == scenario.rounds
    numbers = tables.rounds.select_dtypes("number").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()


@every_scenario
def test_the_model_can_be_used_alone(name: str) -> None:
    model = CoalitionModel(load_scenario(name), rng=1)
    model.step()
    model.step()
    kept = model.datacollector.get_model_vars_dataframe()
    assert kept["round"].tolist() == [1, 2]
    assert len(model.datacollector.get_agent_vars_dataframe()) == 2 * len(model.states)
    assert model.count("troops") == (model.profile == 3).sum()


def test_the_base_weighs_every_consideration_and_only_known_ones() -> None:
    scenario = load_scenario("base")
    assert set(scenario.weights) == set(CONSIDERATIONS)
    raised = {name for option in scenario.menu.values() for name in option.raises}
    assert raised == set(CONSIDERATIONS)
