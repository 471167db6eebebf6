"""`willing pivots` reports and draws the effects of forcing states, and refuses what cannot be forced."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Willing = Callable[..., Any]

QUICK = ("pivots", "paris-march-2025", "--replicates", "20", "--set", "rounds=8", "--workers", "1")
FEW = ("--state", "DEU", "--state", "gbr", "--state", "Poland")


def test_the_answer_has_the_effects_and_the_sufficient_sets(willing: Willing) -> None:
    answer = willing(*QUICK, *FEW)
    assert answer.code == 0, answer.err
    text = " ".join(answer.out.split())
    assert "3 states forced into troops, and out of every option; 20 replicates" in text
    assert "6 states can provide the 25,000 soldiers, with a lead among them, in 12 ways" in text
    (drawn,) = Path("results/pivots").iterdir()
    assert drawn.name.startswith("paris-march-2025-troops-DEU-GBR-POL-20x-seed0-")
    assert f"Figure: {drawn}" in answer.out


def test_json_has_every_effect_with_its_interval(willing: Willing) -> None:
    result = json.loads(willing(*QUICK, "--json", "--seed", 4).out)
    assert (result["option"], result["ask"], result["seed"], result["replicates"]) == ("troops", 25000, 4, 20)
    assert len(result["states"]) == 38
    assert sum(row["shapley_shubik"] for row in result["states"]) == pytest.approx(1.0)
    assert sum(row["banzhaf"] for row in result["states"]) == pytest.approx(1.0)
    for row in result["states"]:
        for way in ("in", "out", "swing"):
            for effect in ("others", "viable", "peace"):
                held = row[way][effect]
                assert held["low"] <= held["mean"] <= held["high"]
    assert result["smallest_sets"]["number"] == len(result["smallest_sets"]["sets"]) == 12
    assert result["figure"] is None
    assert not Path("results").exists()


def test_the_figure_goes_where_it_is_asked_for_and_over_nothing(willing: Willing) -> None:
    assert willing(*QUICK, *FEW, "--figure", "mine.svg").code == 0
    assert Path("mine.svg").read_bytes().startswith(b"<?xml")
    again = willing(*QUICK, *FEW, "--figure", "mine.svg")
    assert again.code == 2
    assert "already exists" in again.err


def test_an_option_nobody_is_asked_soldiers_for_needs_a_lead_alone(willing: Willing) -> None:
    answer = willing(*QUICK, *FEW, "--option", "guarantee")
    assert answer.code == 0, answer.err
    assert "Smallest sufficient sets: any lead alone: the proposal asks for no soldiers" in answer.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--option", "tanks"), "no option 'tanks' on the menu"),
        (("--option", "abstain"), "abstain is not an option to join"),
        (("--state", "CHN"), "CHN (China) is not asked"),
        (("--figure", "mine.bmp"), "figures are written as png, svg or pdf"),
        (("--set", "menu.troops.aks=3"), "did you mean 'ask'?"),
    ],
)
def test_what_cannot_be_forced_is_refused(willing: Willing, arguments: tuple[str, ...], message: str) -> None:
    answer = willing(*QUICK, *arguments)
    assert answer.code == 2
    assert message in answer.err
