"""`sim.explain` explains in memory, with the same answer as the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim

type Willing = Callable[..., Any]

NAME = "paris-march-2025"


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_explanation_has_a_table_a_dictionary_a_figure_and_a_text_and_writes_nothing() -> None:
    steps: list[tuple[int, int]] = []
    result = sim.explain(NAME, "Poland", round=5, seed=1, on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(number, 5) for number in range(1, 6)]
    terms = result.to_frame()
    assert terms.index.tolist() == ["abstain", "guarantee", "backstop", "troops"]
    assert terms.columns.tolist() == list(result.considerations)
    assert terms.sum(axis=1).to_numpy() == pytest.approx(result.utilities)
    assert repr(result).startswith(f"Poland (POL) in {NAME}, after round 5")
    assert len(repr(result).splitlines()) < 10
    assert "<table>" in result._repr_html_()
    assert "<tfoot>" in result._repr_html_()
    assert result.kinds == ("considerations",)
    assert result.plot().axes
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, ()),
        ({"round": 4, "seed": 2, "replicate": 3}, ("--round", 4, "--seed", 2, "--replicate", 3)),
        ({"conditional": True, "settings": {"revision": 0.5}}, ("--conditional", "--set", "revision=0.5")),
    ],
)
def test_the_dictionary_is_what_the_command_prints(
    willing: Willing, options: dict[str, Any], arguments: tuple[object, ...]
) -> None:
    answer = willing("explain", NAME, "DEU", *arguments, "--json")
    assert answer.code == 0, answer.err
    printed = json.loads(answer.out)
    assert printed.pop("figure") is None
    result = sim.explain(NAME, "DEU", **options).to_dict()
    assert json.loads(json.dumps(result)) == printed
    assert list(result) == list(printed)


def test_a_run_is_explained_after_its_last_round_or_an_earlier_one() -> None:
    run = sim.run(NAME, rounds=6, replicates=3, seed=2)
    expected = sim.explain(run.scenario, "DEU", round=6, seed=2).to_dict()
    assert sim.explain(run, "DEU").to_dict() == expected
    stances = run.stances[(run.stances["state"] == "DEU") & (run.stances["replicate"] == 2)].set_index("round")
    for number in (3, 6):
        assert sim.explain(run, "DEU", round=number, replicate=2).declared == stances.loc[number, "stance"]
    run.save("kept")
    assert sim.explain("kept", "DEU").to_dict() == expected


def test_a_run_that_other_agents_or_drawn_weights_have_made_is_not_explained() -> None:
    class Steadfast(sim.StateAgent):
        pass

    own = sim.run(NAME, rounds=2, replicates=1, agent_class=Steadfast)
    with pytest.raises(sim.ModelError, match=r"simulated by agents of .*Steadfast, so the standard agents do not"):
        sim.explain(own, "DEU")
    sim.fit("base").save("fitted.yaml")
    drawn = sim.run("base", rounds=2, replicates=4, posterior="fitted.posterior.yaml", draws=2)
    with pytest.raises(sim.ModelError, match="weights were drawn in the run"):
        sim.explain(drawn, "DEU")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 1}, "seed and replicate apply to a round"),
        ({"replicate": 1}, "seed and replicate apply to a round"),
        ({"round": 60}, "no round 60; there are rounds 1 to 52"),
        ({"round": 1, "state": "CHE"}, r"CHE \(Switzerland\) is not asked"),
    ],
)
def test_a_stance_that_does_not_exist_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sim.ModelError, match=message):
        sim.explain(NAME, **({"state": "POL"} | options))
