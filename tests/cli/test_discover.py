"""`willing discover` plays what is missing, finds a box, keeps it, and tells mistakes before anything is played."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Willing = Callable[..., Any]

SMALL = """\
question: Where do many send troops?
scenario: firm-us-backstop
rounds: 8
vary:
  environment.us_backing: {from: 0, to: 1}
  environment.clarity: {from: 0, to: 1}
design: {sobol: {points: 256}}
replicates: 4
outcomes: [headline, troop_states, viable]
"""
WHEN = ("--when", "troop_states >= 16")


@pytest.fixture
def small() -> str:
    Path("small.yaml").write_text(SMALL)
    return "small.yaml"


def test_it_says_where_how_densely_and_how_much_of_it(willing: Willing, small: str) -> None:
    answer = willing("discover", small, *WHEN, "--out", "found")
    assert answer.code == 0, answer.err
    out = " ".join(answer.out.split())
    assert out.startswith("Where ")
    assert "states that would send troops are at least 16 states at " in out or "are at least 16" in out
    assert "found on one half of the points and tested on the other" in out
    assert "coverage" in out
    assert sorted(path.name for path in Path("found").iterdir()) == [
        "answer.json",
        "box-1.png",
        "limits.csv",
        "trajectory.csv",
    ]
    assert Path("found/limits.csv").read_text().startswith("box,factor,unit,low,high,levels,from,to,quasi_p")


def test_a_sweep_that_is_done_is_taken_as_it_is_and_gives_the_same(willing: Willing, small: str) -> None:
    first = json.loads(willing("discover", small, *WHEN, "--json").out)
    assert first["result"].startswith("results/discover/small-troop_states-from-16-seed0-")
    again = willing("discover", first["sweep"], *WHEN, "--json")
    assert json.loads(again.out)["boxes"] == first["boxes"]
    assert "Playing" not in again.err
    refused = willing("discover", first["sweep"], *WHEN, "--replicates", 3)
    assert refused.code == 2
    assert "is a sweep, and is taken as it was played" in refused.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("small.yaml", "--when", "viabel < 0.5"), "did you mean 'viable'"),
        (("small.yaml", "--when", "viable"), "write it as OUTCOME < VALUE"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("small.yaml", *WHEN, "--density", "2"), "--density"),
        (("small.yaml", *WHEN, "--out", "taken"), "taken/answer.json: exists"),
    ],
)
def test_mistakes_are_told_before_anything_is_played(
    willing: Willing, small: str, arguments: tuple[str, ...], said: str
) -> None:
    Path("taken").mkdir()
    Path("taken/answer.json").write_text("mine")
    answer = willing("discover", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert not answer.out
    assert "Playing" not in answer.err
    assert Path("taken/answer.json").read_text() == "mine"


def test_a_condition_that_holds_nowhere_says_what_there_is(willing: Willing, small: str) -> None:
    answer = willing("discover", small, "--when", "troop_states > 38")
    assert answer.code == 2
    assert "holds at none of 256 points" in answer.err
    assert "troop_states goes from " in answer.err
