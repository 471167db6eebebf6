"""`willing stability` tests final profiles, draws the result, and never overwrites a file of the user."""

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
    result: dict[str, Any] = json.loads(answer.out)
    return result


def files() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*") if path.is_file())


def test_json_holds_the_result_of_the_library(willing: Willing) -> None:
    printed = answered(willing, NAME, *FEW, "--draws", 10, "--spread", 0.1, "--seed", 3)
    setup = prepare(load_scenario(NAME, ["rounds=8"]))
    result = stability(setup, seed=3, replicates=30, draws=10, spread=0.1)
    assert printed["digest"] == digest(setup.scenario)
    assert printed["stable"]["core"]["mean"] == result.verdicts["core"].mean
    assert list(printed["states"]) == list(result.states.index)
    assert printed["states"]["DEU"]["changes"] == result.states.at["DEU", "changes"]
    assert printed["options"]["troops"]["external_drawn"] == result.options.at["troops", "external_drawn"]
    assert printed["groups_found"] == len(result.groups)
    assert [tuple(group["moves"].items()) for group in printed["groups"]] == result.groups["moves"].head(100).tolist()
    assert result.likelihood is not None
    assert printed["likelihood"]["nash"]["high"] == result.likelihood.nash.high
    assert printed["figure"] is None
    assert files() == []


def test_without_drawn_weights_the_answer_does_not_mention_them(willing: Willing) -> None:
    printed = answered(willing, NAME, *FEW, "--draws", 0, "--groups", 1)
    assert printed["likelihood"] is None
    assert printed["states"]["DEU"]["keeps"] is None
    assert printed["options"]["troops"]["internal_drawn"] is None
    assert printed["groups"] == []
    assert list(printed["group_sizes"]) == ["1"]
    text = willing("stability", NAME, *FEW, "--draws", 0, "--groups", 1).out
    assert "drawn" not in text
    assert "Core" not in text


def test_the_text_has_every_part_and_names_the_figure(willing: Willing) -> None:
    answer = willing("stability", NAME, *FEW, "--draws", 10)
    short = digest(load_scenario(NAME, ["rounds=8"]))[:8]
    first = f"results/stability/{NAME}-30x-seed0-10draws0.2-{short}.png"
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == f"Figure: {first}"
    assert files() == [first]
    for heading in (
        "Nash:",
        "Regret:",
        "Individual:",
        "Contractual:",
        "Core:",
        "Further revisions, one state at a time:",
        "Likelihood:",
    ):
        assert f"\n{heading}" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 120
    assert willing("stability", NAME, *FEW, "--draws", 10).code == 0  # the same name, the same figure
    assert willing("stability", NAME, *FEW, "--draws", 10, "--groups", 2).code == 0
    assert files() == sorted([first, first.replace("seed0", "seed0-groups2")])


def test_a_single_profile_has_no_intervals(willing: Willing) -> None:
    printed = answered(willing, NAME, "--replicates", 1, "--set", "rounds=3", "--draws", 1)
    assert printed["movers"]["low"] is None
    text = willing("stability", NAME, "--replicates", 1, "--set", "rounds=3", "--draws", 1)
    assert text.code == 0
    assert "nan" not in text.out


def test_the_answer_says_when_no_state_would_change(willing: Willing) -> None:
    alone = ("--set", "roster.states=[GBR]", "--set", "leads=[GBR]", "--set", "revision=1", "--set", "turnover=0")
    answer = willing("stability", NAME, "--replicates", 3, *alone, "--set", "environment.us_backing=0.4")
    assert answer.code == 0, answer.err
    assert "Nash: no state would change alone in 100%" in answer.out
    assert "No state would change its stance in any profile." in answer.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((NAME, "--groups", 4), "'--groups': 4 is not in the range 1<=x<=3"),
        ((NAME, "--replicates", 0), "'--replicates': 0 is not in the range"),
        ((NAME, "--spread", -1), "'--spread': -1.0 is not in the range"),
        ((NAME, "--figure", "why.gif"), "figures are written as png, svg or pdf; give a file such as why.png"),
        ((NAME, "--figure", "taken.png"), "taken.png: already exists; choose another path with --figure"),
        ((NAME, "--set", "weights.opinoin=4"), "did you mean 'opinion'?"),
        (("pariss-march-2025",), "did you mean 'paris-march-2025'?"),
        ((), "Missing argument 'SCENARIO'"),
    ],
)
def test_a_mistake_is_reported_and_nothing_is_written(
    willing: Willing, arguments: tuple[str, ...], message: str
) -> None:
    Path("taken.png").write_bytes(b"mine")
    answer = willing("stability", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert files() == ["taken.png"]
    assert Path("taken.png").read_bytes() == b"mine"
