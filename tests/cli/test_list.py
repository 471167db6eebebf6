"""`willing list` lists what a user can choose from, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sim import facts
from sim.cli.list import KINDS
from sim.scenario import shipped
from sim.text import catalogue
from sim.theory.considerations import CONSIDERATIONS

type Willing = Callable[..., Any]

KEY_OF = {
    "scenarios": "scenario",
    "experiments": "experiment",
    "states": "state",
    "options": "option",
    "considerations": "consideration",
    "outcomes": "outcome",
    "parameters": "parameter",
}


def rows(willing: Willing, *arguments: str) -> dict[str, dict[str, Any]]:
    """The rows of a list in JSON, by their first column."""
    answer = willing("list", *arguments, "--json")
    assert answer.code == 0
    assert not answer.err
    listed = json.loads(answer.out)
    found = {row[KEY_OF[arguments[0]]]: row for row in listed}
    assert len(found) == len(listed) > 0
    return found


def test_keys_are_field_names(willing: Willing) -> None:
    for kind in KINDS:
        keys = {key for row in rows(willing, kind).values() for key in row}
        assert all(key.isidentifier() for key in keys), kind


def test_the_command_offers_the_kinds_of_the_library() -> None:
    assert KINDS == catalogue.KINDS
    assert set(KINDS) == set(KEY_OF)


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_and_the_json_have_the_same_entries(willing: Willing, kind: str) -> None:
    named = rows(willing, kind)
    answer = willing("list", kind)
    assert answer.code == 0
    assert not answer.err
    lines = answer.out.splitlines()
    starts = {line.split()[0] for line in lines if line.split()}
    assert KEY_OF[kind] in starts
    assert set(named) <= starts
    assert "…" not in answer.out


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_has_the_same_columns(willing: Willing, kind: str) -> None:
    assert len({tuple(row) for row in rows(willing, kind).values()}) == 1


def test_scenarios_are_listed_first_and_with_their_question(willing: Willing) -> None:
    listed = rows(willing, "scenarios")
    assert set(listed) == set(shipped())
    assert all(row["question"].endswith("?") for row in listed.values())
    assert willing("list").out == willing("list", "scenarios").out


def test_states_are_the_38_on_the_roster_with_their_offers(willing: Willing) -> None:
    states = rows(willing, "states")
    assert tuple(states) == facts.default_roster()
    assert len(states) == 38
    assert states["GBR"]["offer_troops"] == 5030
    assert states["GBR"]["lead"] is True
    assert states["DEU"]["lead"] is False
    assert "offer_guarantee" not in states["GBR"]
    assert states["ISL"]["offer_troops"] == 0
    line = next(line for line in willing("list", "states").out.splitlines() if line.strip().startswith("GBR"))
    assert "5,030" in line


def test_options_considerations_outcomes_and_parameters_are_complete(willing: Willing) -> None:
    assert list(rows(willing, "options")) == ["guarantee", "backstop", "troops"]
    assert list(rows(willing, "considerations")) == list(CONSIDERATIONS)
    assert {"viable", "troop_states", "personnel_backstop", "stances_kept"} <= set(rows(willing, "outcomes"))
    parameters = rows(willing, "parameters")
    assert parameters["menu.troops.ask"]["value"] == 25000
    assert parameters["menu.troops.ask"]["unit"] == "soldiers"
    assert parameters["weights"]["value"]["cost"] == -10
    assert parameters["start"]["value"] == "2025-03-26"


def test_a_list_can_be_of_another_scenario_or_setting(willing: Willing) -> None:
    assert rows(willing, "parameters", "--scenario", "us-opposes")["environment.us_backing.value"]["value"] == 0.05
    fewer = rows(willing, "states", "--set", "roster.states=[GBR, FRA, POL]", "--set", "forces.lead_factor=1")
    assert list(fewer) == ["GBR", "FRA", "POL"]
    assert fewer["GBR"]["offer_troops"] == 2515


def test_the_json_has_no_undefined_number(willing: Willing) -> None:
    sharpest = rows(willing, "parameters", "--set", "sharpness=.inf")["sharpness"]["value"]
    assert sharpest in ("inf", ".inf")
    unknown = rows(
        willing,
        "states",
        "--set",
        "states.POL.facts.parliament_veto=null",
        "--set",
        "weights.clarity=0",
        "--set",
        "weights.parliament=0",
        "--set",
        "weights.mandate=0",
    )
    assert unknown["POL"]["parliament_veto"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("states", "--scenario", "bsae"), "did you mean 'base'?"),
        (("states", "--set", "rosters.states=[GBR]"), "did you mean 'roster'?"),
        (("states", "--set", "states.POL.facts.land_forces=null"), "figures unknown that the scenario needs"),
    ],
)
def test_a_wrong_scenario_or_setting_is_reported(willing: Willing, arguments: tuple[str, ...], said: str) -> None:
    answer = willing("list", *arguments)
    assert answer.code == 2
    assert not answer.out
    assert said in answer.err
