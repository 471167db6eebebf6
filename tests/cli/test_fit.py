"""`willing fit` writes a scenario that can be played, and says how much of it comes from the record."""

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
    for said in ("31 of 38 states have a stance that counts", "prior only", "identified", "fitted without the state"):
        assert said in " ".join(answer.out.split())


def test_programs_get_every_weight_and_nothing_is_written_unasked(willing: Willing) -> None:
    found = json.loads(willing("fit", "--sure", "--stances", "firm", "--json").out)
    assert len(found["states"]) == 27
    assert set(found["weights"]) == set(load_scenario("base").weights)
    assert {row["says"] for row in found["weights"].values()} == {"identified", "prior only"}
    assert set(found["scores"]) == {"before", "fitted", "left_out", "multinomial_logit"}
    assert len(found["covariance"]) == len(found["weights"])
    assert os.listdir() == []


def test_priors_of_ones_own_hold_what_they_hold(willing: Willing) -> None:
    Path("p.yaml").write_text("part: 0\nweights: {opinion: {sd: 1}}\n")
    found = json.loads(willing("fit", "--priors", "p.yaml", "--json").out)
    base = load_scenario("base").weights
    for name, row in found["weights"].items():
        assert (row["says"] == "held") == (name != "opinion")
        assert (row["mean"] == base[name]) == (name != "opinion")


def test_a_scenario_of_ones_own_is_fitted_beside_itself(willing: Willing) -> None:
    Path("mine.yaml").write_text("extends: base\nquestion: What then?\nenvironment: {clarity: 0.5}\n")
    Path("other").mkdir()
    answer = willing("fit", "--scenario", "mine.yaml", "--out", "other/fitted.yaml")
    assert answer.code == 2
    assert "it has to lie beside that; name fitted.yaml" in answer.err
    assert willing("fit", "--scenario", "mine.yaml", "--out", "fitted.yaml", "--figure", "f.png").code == 0
    assert load_scenario("fitted.yaml").environment.clarity == load_scenario("mine.yaml").environment.clarity


def test_mistakes_are_told_before_anything_is_written(willing: Willing) -> None:
    Path("mine.csv").write_text(SHIPPED.read_text("utf-8").replace("\nHUN,", "\nHUX,"), "utf-8")
    Path("there.yaml").write_text("mine")
    for arguments, said in (
        (("--positions", "mine.csv"), "mine.csv:27: code: unknown state 'HUX'"),
        (("--positions", "nowhere.csv"), "nowhere.csv: no such table"),
        (("--priors", "nowhere.yaml"), "nowhere.yaml"),
        (("--out", "there.yaml"), "exists and would be written over"),
        (("--out", "fit.csv"), "a scenario is a YAML file"),
        (("--scenario", "nothing"), "nothing: there is no such file"),
    ):
        answer = willing("fit", *arguments)
        assert answer.code == 2, arguments
        assert said in answer.err
    assert sorted(os.listdir()) == ["mine.csv", "there.yaml"]
    assert Path("there.yaml").read_text() == "mine"
