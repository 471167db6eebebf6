"""`willing fit` writes a scenario that can be simulated, and reports how much the record says of each weight."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.analysis.positions import SHIPPED
from sim.scenario import load_scenario
from sim.scenario.posterior import read_posterior

type Willing = Callable[..., Any]


def test_the_fitted_scenario_extends_the_one_that_was_fitted(willing: Willing) -> None:
    answer = willing("fit", "--out", "mine.yaml", "--figure", "mine.png")
    assert answer.code == 0, answer.err
    assert Path("mine.yaml").read_text().startswith("extends: base\n")
    assert willing("check", "mine.yaml").code == 0
    fitted, base = load_scenario("mine.yaml"), load_scenario("base")
    assert fitted.weights != base.weights
    assert fitted.menu == base.menu
    kept = read_posterior(Path("mine.posterior.yaml"))
    assert list(kept.names) == list(fitted.weights)
    assert Path("mine.png").read_bytes().startswith(b"\x89PNG")
    for text in ("31 of 38 states have a stance that counts", "prior only", "identified", "fitted without the state"):
        assert text in " ".join(answer.out.split())


def test_json_has_every_weight_and_writes_nothing(willing: Willing) -> None:
    result = json.loads(willing("fit", "--sure", "--stances", "firm", "--json").out)
    assert len(result["states"]) == 27
    assert set(result["weights"]) == set(load_scenario("base").weights)
    assert {row["says"] for row in result["weights"].values()} == {"identified", "prior only"}
    assert set(result["scores"]) == {"before", "fitted", "left_out", "multinomial_logit"}
    assert len(result["covariance"]) == len(result["weights"])
    assert os.listdir() == []


def test_own_priors_hold_the_weights_that_they_name_no_deviation_for(willing: Willing) -> None:
    Path("p.yaml").write_text("part: 0\nweights: {opinion: {sd: 1}}\n")
    result = json.loads(willing("fit", "--priors", "p.yaml", "--json").out)
    base = load_scenario("base").weights
    for name, row in result["weights"].items():
        assert (row["says"] == "held") == (name != "opinion")
        assert (row["mean"] == base[name]) == (name != "opinion")


def test_an_own_scenario_is_fitted_in_its_own_folder(willing: Willing) -> None:
    Path("mine.yaml").write_text("extends: base\nquestion: What then?\nenvironment: {clarity: 0.5}\n")
    Path("other").mkdir()
    answer = willing("fit", "--scenario", "mine.yaml", "--out", "other/fitted.yaml")
    assert answer.code == 2
    assert "it must lie in the same folder; name fitted.yaml" in answer.err
    assert willing("fit", "--scenario", "mine.yaml", "--out", "fitted.yaml", "--figure", "f.png").code == 0
    assert load_scenario("fitted.yaml").environment.clarity == load_scenario("mine.yaml").environment.clarity


def test_mistakes_are_reported_before_anything_is_written(willing: Willing) -> None:
    Path("mine.csv").write_text(SHIPPED.read_text("utf-8").replace("\nHUN,", "\nHUX,"), "utf-8")
    Path("there.yaml").write_text("mine")
    for arguments, message in (
        (("--positions", "mine.csv"), "mine.csv:27: code: unknown state 'HUX'"),
        (("--positions", "nowhere.csv"), "nowhere.csv: no such table"),
        (("--priors", "nowhere.yaml"), "nowhere.yaml"),
        (("--out", "there.yaml"), "already exists"),
        (("--out", "fit.csv"), "a scenario is a YAML file"),
        (("--scenario", "nothing"), "nothing: there is no such file"),
    ):
        answer = willing("fit", *arguments)
        assert answer.code == 2, arguments
        assert message in answer.err
    assert sorted(os.listdir()) == ["mine.csv", "there.yaml"]
    assert Path("there.yaml").read_text() == "mine"
