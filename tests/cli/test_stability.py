"""`willing stability` says whether final profiles would hold, draws it, and writes over nothing of the user's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.stability import stability
from sim.model.setup import prepare
from sim.scenario import digest, load_scenario

type Willing = Callable[..., Any]

NAME = "paris-march-2025"
FEW = ("--replicates", 30, "--set", "rounds=8")


def answered(willing: Willing, *arguments: object) -> dict[str, Any]:
    answer = willing("stability", *arguments, "--json")
    assert answer.code == 0, answer.err
    assert not answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def test_the_answer_for_programs_is_that_of_the_audit(willing: Willing) -> None:
    told = answered(willing, NAME, *FEW, "--draws", 10, "--spread", 0.1, "--seed", 3)
    setup = prepare(load_scenario(NAME, ["rounds=8"]))
    found = stability(setup, seed=3, replicates=30, draws=10, spread=0.1)
    assert told["digest"] == digest(setup.scenario)
    assert told["stable"]["core"]["mean"] == found.verdicts["core"].mean
    assert list(told["states"]) == list(found.states.index)
    assert told["states"]["DEU"]["changes"] == found.states.at["DEU", "changes"]
    assert told["options"]["troops"]["external_drawn"] == found.options.at["troops", "external_drawn"]
    assert told["groups_found"] == len(found.groups)
    assert [tuple(group["moves"].items()) for group in told["groups"]] == found.groups["moves"].head(100).tolist()
    assert found.likelihood is not None
    assert told["likelihood"]["nash"]["high"] == found.likelihood.nash.high
    assert told["figure"] is None
    assert files() == []


def test_without_drawn_weights_nothing_is_said_of_them(willing: Willing) -> None:
    told = answered(willing, NAME, *FEW, "--draws", 0, "--groups", 1)
    assert told["likelihood"] is None
    assert told["states"]["DEU"]["keeps"] is None
    assert told["options"]["troops"]["internal_drawn"] is None
    assert told["groups"] == []
    assert list(told["group_sizes"]) == ["1"]
    said = willing("stability", NAME, *FEW, "--draws", 0, "--groups", 1).out
    assert "drawn" not in said
    assert "Core" not in said


def test_a_reader_is_told_all_of_it_and_where_the_figure_is(willing: Willing) -> None:
    answer = willing("stability", NAME, *FEW, "--draws", 10)
    short = digest(load_scenario(NAME, ["rounds=8"]))[:8]
    first = f"results/stability/{NAME}-30x-seed0-10draws0.2-{short}.png"
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == f"Figure: {first}"
    assert files() == [first]
    for heading in ("Nash:", "Regret:", "Individual:", "Contractual:", "Core:", "Going on in turn:", "Likelihood:"):
        assert f"\n{heading}" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 120
    assert willing("stability", NAME, *FEW, "--draws", 10).code == 0  # the same name, the same figure
    assert willing("stability", NAME, *FEW, "--draws", 10, "--groups", 2).code == 0
    assert files() == sorted([first, first.replace("seed0", "seed0-groups2")])


def test_one_profile_is_told_without_intervals_that_there_are_not(willing: Willing) -> None:
    told = answered(willing, NAME, "--replicates", 1, "--set", "rounds=3", "--draws", 1)
    assert told["movers"]["low"] is None
    said = willing("stability", NAME, "--replicates", 1, "--set", "rounds=3", "--draws", 1)
    assert said.code == 0
    assert "nan" not in said.out


def test_where_nobody_would_change_it_is_said(willing: Willing) -> None:
    alone = ("--set", "roster.states=[GBR]", "--set", "leads=[GBR]", "--set", "revision=1", "--set", "turnover=0")
    answer = willing("stability", NAME, "--replicates", 3, *alone, "--set", "environment.us_backing=0.4")
    assert answer.code == 0, answer.err
    assert "Nash: nobody would change alone in 100%" in answer.out
    assert "No state would change its stance in any profile." in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NAME, "--groups", 4), "'--groups': 4 is not in the range 1<=x<=3"),
        ((NAME, "--replicates", 0), "'--replicates': 0 is not in the range"),
        ((NAME, "--spread", -1), "'--spread': -1.0 is not in the range"),
        ((NAME, "--figure", "why.gif"), "a figure is written as png, svg or pdf; name a file such as why.png"),
        ((NAME, "--figure", "taken.png"), "taken.png: exists and would be written over; name another with --figure"),
        ((NAME, "--set", "weights.opinoin=4"), "did you mean 'opinion'?"),
        (("pariss-march-2025",), "did you mean 'paris-march-2025'?"),
        ((), "Missing argument 'SCENARIO'"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(willing: Willing, arguments: tuple[str, ...], said: str) -> None:
    Path("taken.png").write_bytes(b"mine")
    answer = willing("stability", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert files() == ["taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
