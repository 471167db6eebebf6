"""A message names the mistake itself, in exactly these words, and what to do: never another file or another setting."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.results.store import MANIFEST
from sim.scenario import load_scenario
from sim.scenario.checksum import seal_json
from tests.conftest import Answer

PARIS = "paris-march-2025"
EXPERIMENT = "question: x\nscenario: base\nreplicates: 1\nrounds: 1\noutcomes: [viable]\nvary:\n"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("us_backing=0.5",
         "us_backing: unknown field here; did you mean environment.us_backing, weights.us_backing or "
         "conditions.us_backing?"),
        ("environment.ask=3",
         "environment.ask: unknown field here; did you mean menu.guarantee.ask, menu.backstop.ask or menu.troops.ask?"),
        ("menu.troop.ask=40000",
         "menu.troop: no option 'troop' on the menu; did you mean 'troops'? A new one needs label, rung, share, "
         "home_tie_counts, deters, punishes, provokes, peer_norm, raises too"),
        ("menu.troops.label=' '", "menu.troops.label: empty; give some text"),
        ("states.DE.facts.land_forces=3", "states.DE: 'DE' is not the code of a state; did you mean DEU (Germany)?"),
        ("leads=[EL]", "leads: 'EL' is not the code of a state; did you mean GRC (Greece)?"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_blamed_and_nothing_else(willing: Callable[..., Answer], setting: str, message: str) -> None:
    said = willing("check", PARIS, "--set", setting)
    assert said.code == 2
    assert [line for line in said.err.splitlines() if not line.startswith("    ")] == [f"--set {setting}: {message}"]


@pytest.mark.parametrize(
    ("vary", "messages"),
    [
        ('  a: {choices: {"": {revision: 0}, b: {revision: 1}}}\n',
         ["x.yaml:7:17: vary.a.choices.: a blank label; give one with visible characters"]),
        ('  " ": [1, 2]\n', ["x.yaml:7:3: vary. : a blank name; give one with visible characters"]),
        ("  us_backing: [0, 1]\n",
         ["x.yaml:7:3: us_backing: unknown field here; did you mean environment.us_backing, weights.us_backing or "
          "conditions.us_backing?"]),
    ],
)  # fmt: skip
def test_a_wrong_factor_is_named(willing: Callable[..., Answer], vary: str, messages: list[str]) -> None:
    Path("x.yaml").write_text(EXPERIMENT + vary)
    said = willing("check", "x.yaml")
    assert [line for line in said.err.splitlines() if not line.startswith("    ")] == messages


def test_a_seed_below_0_names_the_largest_in_full(willing: Callable[..., Answer]) -> None:
    Path("x.yaml").write_text("seed: -1\n" + EXPERIMENT + "  revision: [0, 1]\n")
    assert willing("check", "x.yaml").err.splitlines()[0] == (
        "x.yaml:1:7: seed: -1 is out of range; give a number from 0 to 9,223,372,036,854,775,807"
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["run", ""], "'': is empty; give the name of a scenario, such as base, or a file"),
        (["sweep", " "], "' ': is empty; give the name of an experiment, such as ceasefire-dilemma, or a file"),
        (["check", "size-of-the-aks"],
         "size-of-the-aks: there is no such file, nor a shipped scenario of that name; did you mean 'size-of-the-ask', "
         "which is an experiment?"),
        (["sweep", PARIS],
         f"{PARIS}: this is a scenario, not an experiment; `willing run {PARIS}` simulates it, and an experiment "
         f"varies it with `scenario: {PARIS}` and `vary`"),
        (["sweep", "mine.yaml"],
         "mine.yaml:1:1: this is a scenario, not an experiment; `willing run mine.yaml` simulates it, and an "
         "experiment varies it with `scenario: mine` and `vary`"),
        (["run", "size-of-the-ask"],
         "size-of-the-ask: this is an experiment, which varies a scenario; `willing sweep size-of-the-ask` simulates "
         "it"),
        (["compare", PARIS, "x.yaml"],
         "x.yaml:6:1: this is an experiment, which varies a scenario; `willing sweep x.yaml` simulates it"),
        (["compare", PARIS, "swept"],
         "swept: is the folder of a sweep, not of a run; `willing run` creates one"),
        (["run", "swept"], "swept: is the folder of a run or a sweep; name a scenario, by its name or its file"),
    ],
)  # fmt: skip
def test_one_kind_of_thing_named_for_another_is_refused(
    willing: Callable[..., Answer], command: list[str], message: str
) -> None:
    Path("mine.yaml").write_text("extends: base\nquestion: x\n")
    Path("x.yaml").write_text(EXPERIMENT + "  revision: [0, 1]\n")
    Path("swept").mkdir()
    Path("swept", MANIFEST).write_text(seal_json({"kind": "sweep"}))
    said = willing(*command)
    assert (said.code, said.out, said.err.splitlines()[0]) == (2, "", message)


def test_unknown_lists_are_refused_with_the_nearest_word(willing: Callable[..., Answer]) -> None:
    said = willing("list", "state")
    assert said.code == 2
    assert said.err.rstrip().endswith("'state' cannot be listed; did you mean 'states'?")


def test_help_is_a_word_too(willing: Callable[..., Answer]) -> None:
    assert willing("help", "run") == willing("run", "--help")
    assert willing("help").out == willing("--help").out
    assert "unknown command 'rnu'; did you mean 'run'?" in willing("help", "rnu").err


# Settings that a program gives


@pytest.mark.parametrize(
    ("settings", "texts"),
    [
        ({"menu.troops.ask": 40_000, "leads": ["GBR"]}, ["menu.troops.ask=40000", "leads=[GBR]"]),
        ({"menu": {"troops": {"ask": np.int64(40_000)}}}, ["menu.troops.ask=40000"]),
        ({"sharpness": float("inf"), "momentum.budgets_count": True},
         ["sharpness=.inf", "momentum.budgets_count=true"]),
        ({"menu.guarantee": None, "proposal.headline": "troops"}, ["menu.guarantee=null", "proposal.headline=troops"]),
        ({"environment.us_backing": {"process": "schedule", "values": {datetime.date(2025, 3, 1): 0.125}}},
         ["environment.us_backing={process: schedule, values: {2025-03-01: 0.125}}"]),
        ({"environment": {"us_backing": {"process": "schedule", "values": {"2025-03-01": np.float64(0.125)}}}},
         ["environment.us_backing={process: schedule, values: {2025-03-01: 0.125}}"]),
        ({"forces.small_force": 2.125, "start": datetime.date(2025, 5, 1)},
         ["forces.small_force=2.1250", "start=2025-05-01"]),
        ("rounds=5", ["rounds=5"]),
        ({}, []),
    ],
)  # fmt: skip
def test_settings_may_be_a_mapping_from_paths_to_values(settings: Any, texts: list[str]) -> None:
    assert load_scenario("base", settings) == load_scenario("base", texts)


def test_a_block_of_another_scenario_is_a_value() -> None:
    other = load_scenario("us-opposes")
    assert load_scenario("base", {"environment": other.environment}).environment == other.environment


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rounds": object}, "settings: rounds: type <class 'object'> is not a value of a setting"),
        ({"menu": {"troops": {"aks": 1}}}, "--set menu.troops={\"aks\": 1}: menu.troops.aks: unknown field; did you"),
        ({"rounds": "5"}, "--set rounds=\"5\": rounds: '5' is text, not a number; remove the quotes"),
        ({"rounds": 0}, "--set rounds=0: rounds: 0 is out of range; give a number from 1 to 10,000 (rounds)"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_scenario("base", settings)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(("reference", "what"), [(None, "a NoneType"), (3, "a int"), (["base"], "a list")])
def test_a_reference_that_is_not_a_name_or_path_is_refused(reference: Any, what: str) -> None:
    with pytest.raises(ScenarioError, match=f"{what} is neither the name nor the path of a scenario"):
        load_scenario(reference)


def test_a_scenario_that_was_loaded_before_is_returned_as_it_is() -> None:
    scenario = load_scenario("base")
    assert load_scenario(scenario) is scenario
