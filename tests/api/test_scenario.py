"""`sim.load_scenario` takes names, files, mappings and scenarios, with the same checks and messages."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import sim

OWN: dict[str, Any] = {
    "extends": "base",
    "question": "Does clarity matter?",
    "environment": {
        "clarity": 0.5,
        "us_backing": {"process": "ramp", "start_value": 0.2, "end_value": 0.8, "end_round": 9},
    },
    "menu": {"troops": {"ask": 40_000}},
    "leads": ["GBR"],
    "weights": {"momentum": 2},
    "force": {"DEU": {"option": "troops", "from": datetime.date(2025, 4, 1)}},
    "changes": [{"at": datetime.date(2025, 5, 1), "set": {"conditions": {"us_backing": 0.3}}}],
}


@pytest.fixture(autouse=True)
def _working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_mapping_and_a_file_with_the_same_keys_give_the_same_scenario() -> None:
    Path("scenario.yaml").write_text(yaml.safe_dump(OWN))
    from_file, from_mapping = sim.load_scenario("scenario.yaml"), sim.load_scenario(OWN)
    assert from_mapping == from_file
    assert sim.scenario.digest(from_mapping) == sim.scenario.digest(from_file)
    assert from_mapping.name == "scenario"
    assert from_mapping.origin is None


def test_numbers_of_numpy_tuples_dates_as_text_and_parts_of_other_scenarios_are_accepted() -> None:
    shipped = sim.load_scenario("paris-march-2025")
    own = OWN | {
        "environment": {
            "clarity": np.float64(0.5),
            "us_backing": {
                "process": np.str_("ramp"),
                "start_value": 0.2,
                "end_value": np.float64(0.8),
                "end_round": np.int32(9),
            },
        },
        "menu": {"troops": {"ask": np.int64(40_000)}},
        "leads": ("GBR",),
        "force": {"DEU": {"option": "troops", "from": "2025-04-01"}},
        "changes": ({"at": "2025-05-01", "set": {"conditions": {"us_backing": 0.3}}},),
    }
    assert sim.load_scenario(own | {"leads": np.array(["GBR"])}).leads == ("GBR",)
    assert sim.load_scenario(own) == sim.load_scenario(OWN)
    other = sim.load_scenario({"extends": "base", "question": "?", "force": shipped.force, "menu": shipped.menu})
    assert (other.force, other.menu) == (shipped.force, shipped.menu)


def test_every_resolved_scenario_is_a_mapping_that_loads_to_the_same_scenario() -> None:
    for scenario in map(sim.load_scenario, sim.scenario.shipped()):
        assert sim.load_scenario(scenario.model_dump(by_alias=True)) == scenario


def test_a_mapping_extends_a_scenario_in_the_working_folder() -> None:
    Path("mine.yaml").write_text("extends: base\nquestion: What if?\nrounds: 7\n")
    assert sim.load_scenario({"extends": "mine", "question": "And then?"}).rounds == 7


def test_settings_are_replaced_in_a_mapping_and_recorded_as_differences() -> None:
    scenario = sim.load_scenario(OWN, {"environment.clarity": 0.9})
    assert scenario == sim.load_scenario(OWN | {"environment": OWN["environment"] | {"clarity": 0.9}})
    assert [each.path for each in scenario.differences] == ["environment.clarity"]
    assert sim.load_scenario(sim.load_scenario(OWN), {"environment.clarity": 0.9}) == scenario


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"environmnt": {}}, "scenario: environmnt: unknown field; did you mean 'environment'?"),
        (
            {"environment": {"clarty": 0.5}},
            "scenario: environment.clarty: unknown field; did you mean 'clarity'?",
        ),
        (
            {"environment": {"clarity": 1.5}},
            "scenario: environment.clarity: 1.5 is out of range; give a number from 0 to 1 (share)",
        ),
        ({"rounds": "many"}, "scenario: rounds: 'many' is not a number; give a whole number from 1 to 10,000 (rounds)"),
        ({"leads": "GBR"}, "scenario: leads: must be a list; write [GBR]"),
        ({"leads": ["GBR", "XXX"]}, "scenario: leads.1: no state 'XXX' in the table; a state of your own needs an "
         "entry under `states`"),
        ({"extends": "bsae"}, "scenario: extends: there is no scenario 'bsae' in the working folder or among the "
         "shipped ones; did you mean 'base'?"),
        ({"extends": ["base"]}, "scenario: extends: must be the name of one scenario, such as base"),
        ({"vary": {}}, "scenario: this is an experiment, which varies a scenario; simulate it with sim.sweep"),
        ({5: 1}, "scenario: a key must be a name, not 5"),
        ({"weights": {("a", "b"): 2}}, "scenario: weights: a key must be a name, not ('a', 'b')"),
        ({"rounds": {1, 2}}, "scenario: rounds: set {1, 2} is not a value of a setting"),
        ({"start": pd.Timestamp("2025-03-01")}, "scenario: start: Timestamp Timestamp('2025-03-01 00:00:00') is not a "
         "value of a setting"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_reported_with_its_path(change: Mapping[Any, Any], message: str) -> None:
    with pytest.raises(sim.ScenarioError) as error:
        sim.load_scenario(OWN | change)
    assert str(error.value).splitlines()[0] == message
    assert {(each.file, each.line, each.column, each.text) for each in error.value.mistakes} == {
        ("scenario", None, None, None)
    }


def test_an_empty_mapping_is_refused_and_a_question_is_required() -> None:
    with pytest.raises(sim.ScenarioError, match="scenario: holds no settings; begin with `question:`"):
        sim.load_scenario({})
    with pytest.raises(sim.ScenarioError, match="scenario: question: missing; say in one sentence what"):
        sim.load_scenario({"extends": "base"})
    with pytest.raises(sim.ScenarioError, match="put `extends: base` at the top"):
        sim.load_scenario({"question": "?"})


def test_several_mistakes_are_those_of_the_file_with_paths_in_place_of_lines() -> None:
    wrong = OWN | {
        "environment": {"clarty": 0.5, "mandate": 3},
        "leads": ["GBR", "FRB"],
        "momentum": {"formats": ["EU", "NTO"]},
        "rounds": 0,
    }
    Path("wrong.yaml").write_text(yaml.safe_dump(wrong, sort_keys=False))
    with pytest.raises(sim.ScenarioError) as in_a_file:
        sim.load_scenario("wrong.yaml")
    with pytest.raises(sim.ScenarioError) as in_a_mapping:
        sim.load_scenario(wrong)
    mistakes = in_a_mapping.value.mistakes
    assert sorted((re.sub(r"\.\d+", "", each.path), each.message) for each in mistakes) == sorted(
        (each.path, each.message) for each in in_a_file.value.mistakes
    )
    assert len(mistakes) == 5
    assert "scenario: momentum.formats.1: no such format; did you mean 'NATO'?" in str(in_a_mapping.value)


def test_a_mistake_in_the_settings_names_the_setting_and_one_in_an_extended_file_its_line() -> None:
    with pytest.raises(sim.ScenarioError, match=r"--set rounds=0: rounds: 0 is out of range"):
        sim.load_scenario(OWN, {"rounds": 0})
    Path("mine.yaml").write_text("extends: base\nquestion: What if?\nrounds: 0\n")
    with pytest.raises(sim.ScenarioError, match=r"mine\.yaml:3:9: rounds: 0 is out of range"):
        sim.load_scenario({"extends": "mine", "question": "And then?"})


def test_a_run_of_a_mapping_is_saved_and_read_back_with_its_whole_scenario() -> None:
    run = sim.run(OWN, settings={"rounds": 3}, replicates=2)
    assert run.manifest.reference == ""
    assert run.manifest.command == "sim.run(scenario, replicates=2, seed=0)"
    run.save("saved")
    opened = sim.open_results("saved")
    assert opened.scenario == run.scenario == sim.load_scenario(OWN, {"rounds": 3})
    assert sim.run(opened.scenario, replicates=2).outcomes.equals(run.outcomes)
