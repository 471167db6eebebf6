"""`willing thresholds` says how far levers have to move, and how near it came where they cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Willing = Callable[..., Any]

QUICK = ("thresholds", "base", "--replicates", "40", "--set", "rounds=8", "--workers", "1")
VIABLE = ("--target", "viable>=0.5")


def test_it_says_how_far_one_lever_two_and_each_state_have_to_go(willing: Willing) -> None:
    answer = willing(*QUICK, *VIABLE, "--levers", "us_backing,ask")
    assert answer.code == 0, answer.err
    opening = "What it takes in base with 8 rounds instead of 52 for viable >= 0.5: 40 replicates on common"
    assert f"{opening} shocks, seed 0" in " ".join(answer.out.split())
    assert "As things are: viable is 0.000 (0.000 to " in answer.out
    assert "us_backing, ask" in answer.out
    assert "greatest ask" in answer.out
    assert "cost carried by others" in answer.out
    (drawn,) = Path("results/thresholds").iterdir()
    assert drawn.name.startswith("base-viable-from-0.5-us_backing-ask-40x-seed0-")
    assert f"Figure: {drawn}" in answer.out


def test_programs_get_the_curves_the_frontier_and_the_states(willing: Willing) -> None:
    found = json.loads(willing(*QUICK, *VIABLE, "--levers", "us_backing,ask", "--json").out)
    backing, ask = found["levers"]
    assert ask["nearest_end"] >= ask["answer"] >= ask["farthest_end"]
    assert ask["outcome"]["mean"] >= 0.5
    assert [row["value"] for row in ask["curve"]] == sorted(row["value"] for row in ask["curve"])
    assert backing["path"] == "environment.us_backing"
    (pair,) = found["pairs"]
    assert (pair["levers"], pair["least_is"]) == (["us_backing", "ask"], "highest")
    assert len(pair["frontier"]) == 10
    assert {row["state"] for row in found["states"]} >= {"GBR", "DEU"}
    assert found["figure"] is None
    assert not Path("results").exists()


def test_pairs_and_states_can_be_left_out(willing: Willing) -> None:
    found = json.loads(willing(*QUICK, *VIABLE, "--levers", "clarity,ask", "--no-pairs", "--no-states", "--json").out)
    assert found["pairs"] == []
    assert found["states"] is None


def test_what_is_there_already_takes_nothing(willing: Willing) -> None:
    answer = willing(*QUICK, "--target", "viable<=0.9", "--levers", "ask", "--no-states")
    assert answer.code == 0, answer.err
    assert "which is enough" in answer.out
    assert "as it is" in answer.out


def test_the_scenarios_own_path_gives_way_to_a_lever_and_that_is_said(willing: Willing) -> None:
    replay = ("thresholds", "replay-2025", "--replicates", "20", "--workers", "1", "--no-states")
    answer = willing(*replay, "--target", "troop_states>=9", "--levers", "us_backing")
    assert answer.code == 0, answer.err
    assert "us_backing: held throughout, in place of its schedule; now is its last value" in answer.out


def test_a_target_out_of_reach_is_an_error_that_says_how_near_it_came(willing: Willing) -> None:
    answer = willing(*QUICK, "--target", "troop_states>=38", "--levers", "us_backing,mandate")
    assert answer.code == 2
    assert "base: troop_states >= 38 is out of reach of us_backing from 0.000 to 1.000" in answer.err
    assert "the nearest is " in answer.err
    assert "as things are it is " in answer.err
    assert ". Ask for less" in answer.err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--target", "viable>=0.5", "--levers", "us_baking"), "did you mean 'us_backing'?"),
        (("--target", "viabel>=0.5"), "did you mean 'viable'?"),
        (("--target", "viable=0.5"), "write it as OUTCOME>=VALUE"),
        ((), "Missing option '--target'"),
        (
            ("--target", "viable>=0.5", "--set", "proposal.headline=guarantee", "--levers", "ask"),
            "no soldiers are asked",
        ),
        (("--target", "viable>=0.5", "--figure", "mine.bmp"), "a figure is written as png, svg or pdf"),
    ],
)
def test_what_cannot_be_asked_is_told(willing: Willing, asked: tuple[str, ...], said: str) -> None:
    answer = willing(*QUICK, *asked)
    assert answer.code == 2
    assert said in answer.err
