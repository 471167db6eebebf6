"""`willing thresholds` finds how far levers have to change, and gives the nearest value where none suffices."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Willing = Callable[..., Any]

QUICK = ("thresholds", "base", "--replicates", "40", "--set", "rounds=8", "--workers", "1")
VIABLE = ("--target", "viable>=0.5")


def test_the_answer_has_thresholds_of_levers_pairs_and_states(willing: Willing) -> None:
    answer = willing(*QUICK, *VIABLE, "--levers", "us_backing,ask")
    assert answer.code == 0, answer.err
    text = " ".join(answer.out.split())
    assert "Thresholds of base with 8 rounds instead of 52 for viable >= 0.5: 40 replicates with common random" in text
    assert "Current value: viable is 0.000 (0.000 to " in answer.out
    assert "us_backing, ask" in answer.out
    assert "greatest" in answer.out
    assert "cost carried" in answer.out
    (drawn,) = Path("results/thresholds").iterdir()
    assert drawn.name.startswith("base-viable-from-0.5-us_backing-ask-40x-seed0-")
    assert f"Figure: {drawn}" in answer.out


def test_json_has_the_curves_the_frontier_and_the_states(willing: Willing) -> None:
    result = json.loads(willing(*QUICK, *VIABLE, "--levers", "us_backing,ask", "--json").out)
    backing, ask = result["levers"]
    assert ask["nearest_end"] >= ask["answer"] >= ask["farthest_end"]
    assert ask["outcome"]["mean"] >= 0.5
    assert [row["value"] for row in ask["curve"]] == sorted(row["value"] for row in ask["curve"])
    assert backing["path"] == "environment.us_backing"
    (pair,) = result["pairs"]
    assert (pair["levers"], pair["least_is"]) == (["us_backing", "ask"], "highest")
    assert len(pair["frontier"]) == 10
    assert {row["state"] for row in result["states"]} >= {"GBR", "DEU"}
    assert result["figure"] is None
    assert not Path("results").exists()


def test_pairs_and_states_can_be_left_out(willing: Willing) -> None:
    result = json.loads(willing(*QUICK, *VIABLE, "--levers", "clarity,ask", "--no-pairs", "--no-states", "--json").out)
    assert result["pairs"] == []
    assert result["states"] is None


def test_a_target_that_is_met_needs_no_change(willing: Willing) -> None:
    answer = willing(*QUICK, "--target", "viable<=0.9", "--levers", "ask", "--no-states")
    assert answer.code == 0, answer.err
    assert "which meets the target" in answer.out
    assert "met already" in answer.out


def test_a_lever_replaces_the_path_of_the_scenario_and_the_answer_says_so(willing: Willing) -> None:
    replay = ("thresholds", "replay-2025", "--replicates", "20", "--workers", "1", "--no-states")
    answer = willing(*replay, "--target", "troop_states>=9", "--levers", "us_backing")
    assert answer.code == 0, answer.err
    assert "us_backing: held throughout, in place of its schedule; now is its last value" in answer.out


def test_a_target_out_of_reach_is_an_error_with_the_nearest_value(willing: Willing) -> None:
    answer = willing(*QUICK, "--target", "troop_states>=38", "--levers", "us_backing,mandate")
    assert answer.code == 2
    assert "base: troop_states >= 38 is out of reach of us_backing from 0.000 to 1.000" in answer.err
    assert "the nearest is " in answer.err
    assert "without changes it is " in answer.err
    assert ". Lower the target" in answer.err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--target", "viable>=0.5", "--levers", "us_baking"), "did you mean 'us_backing'?"),
        (("--target", "viabel>=0.5"), "did you mean 'viable'?"),
        (("--target", "viable=0.5"), "write it as OUTCOME>=VALUE"),
        ((), "Missing option '--target'"),
        (
            ("--target", "viable>=0.5", "--set", "proposal.headline=guarantee", "--levers", "ask"),
            "there is no ask",
        ),
        (("--target", "viable>=0.5", "--figure", "mine.bmp"), "figures are written as png, svg or pdf"),
    ],
)
def test_an_impossible_request_is_refused(willing: Willing, arguments: tuple[str, ...], message: str) -> None:
    answer = willing(*QUICK, *arguments)
    assert answer.code == 2
    assert message in answer.err
