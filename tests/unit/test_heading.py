"""Every heading says which settings differ from the scenario that is named."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from sim.results.manifest import Manifest, create_manifest
from sim.scenario import Scenario, load_scenario, to_yaml
from sim.scenario.load import with_settings
from sim.text.heading import heading, with_heading


def stored(made: Manifest) -> dict[str, Any]:
    """Return what a manifest holds once it has been written and read."""
    kept: dict[str, Any] = json.loads(json.dumps(made.as_dict()))
    return kept


def manifest(scenario: Scenario, **more: object) -> Manifest:
    known = {"reference": "base", "seed": 0, "replicates": 2, "engine": "agents", "started": ""}
    return create_manifest(scenario, **(known | more))  # type: ignore[arg-type]


# Values before are those of scenarios/base.yaml, which paris-march-2025 extends.
@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ([], "paris-march-2025"),
        (["menu.troops.ask=25000"], "paris-march-2025"),  # as it is
        (["menu.troops.ask=10000"], "paris-march-2025 with the ask for troops in Ukraine at 10,000 instead of 25,000"),
        (["rounds=5"], "paris-march-2025 with 5 rounds instead of 52"),
        (
            ["rounds=5", "menu.troops.ask=10000"],
            "paris-march-2025 with 5 rounds instead of 52 and the ask for troops in Ukraine at "
            "10,000 instead of 25,000",
        ),
        (["environment.us_backing=0.6"], "paris-march-2025 with US backing at 0.6 instead of fluctuating around 0.27"),
        (["menu.guarantee=null"], "paris-march-2025 with no option guarantee"),
        (["roster.leave_out=[DEU]"], "paris-march-2025 with DEU left out"),
        (["states.DEU.feels.cost=2"], "paris-march-2025 with the sensitivity of Germany to cost at 2"),
    ],
)
def test_a_heading_names_the_settings_that_differ(settings: list[str], says: str) -> None:
    assert heading(load_scenario("paris-march-2025", settings)) == says


def test_processes_with_the_same_level_are_written_in_full() -> None:
    said = heading(load_scenario("paris-march-2025", ["environment.us_backing.volatility=0.4"]))
    assert "moves of 0.4 logits a round" in said
    assert "moves of 0.2 logits a round" in said


def test_a_scenario_of_a_file_that_extends_another_has_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "small-ask.yaml"
    file.write_text("extends: paris-march-2025\nquestion: And with a small ask?\nmenu: {troops: {ask: 10000}}\n")
    assert heading(load_scenario(file)) == "small-ask"
    changed = load_scenario(file, ["menu.troops.ask=9000"])
    assert heading(changed) == "small-ask with the ask for troops in Ukraine at 9,000 instead of 10,000"


def test_settings_of_a_scenario_that_was_loaded_before_are_named_too() -> None:
    once = with_settings(load_scenario("base"), ["rounds=5", "menu.troops.ask=10000"])
    again = with_settings(once, ["rounds=52", "menu.troops.ask=9000"])  # rounds are back where they were
    assert heading(again) == "base with the ask for troops in Ukraine at 9,000 instead of 25,000"


def test_a_stored_run_keeps_its_heading() -> None:
    scenario = load_scenario("base", ["menu.troops.ask=10000"])
    kept = Manifest.from_dict(stored(manifest(scenario, settings=["menu.troops.ask=10000"])))
    assert heading(kept.as_scenario()) == heading(scenario) != "base"


def test_weights_that_were_drawn_belong_to_the_heading() -> None:
    drawn = manifest(load_scenario("base"), posterior={"reference": "a/fitted.yaml", "sha256": "0", "draws": 50})
    assert heading(drawn.as_scenario()) == "base with weights drawn 50 times from fitted.yaml"


def test_settings_that_correct_a_scenario_are_named_as_given(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("extends: base\nquestion: Is this one wrong?\nrounds: 0\n")
    assert heading(load_scenario(file, ["rounds=7"])) == "wrong with 7 rounds"


def test_where_a_scenario_was_changed_from_is_no_part_of_its_meaning() -> None:
    changed = load_scenario("base", ["rounds=5"])
    assert changed == Scenario.model_validate(changed.model_dump())
    assert "differences" not in to_yaml(changed)
    assert pickle.loads(pickle.dumps(changed)).differences == changed.differences


def test_a_subtitle_begins_with_the_heading_only_where_settings_differ() -> None:
    assert with_heading(load_scenario("base"), "Stances of 38 states") == "Stances of 38 states"
    changed = load_scenario("base", ["rounds=5"])
    assert with_heading(changed, "Stances of 38 states") == f"{heading(changed)}. Stances of 38 states"
