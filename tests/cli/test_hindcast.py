"""`willing hindcast` scores the model state by state, beside simpler forecasts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.positions import SHIPPED

type Willing = Callable[..., Any]

QUICK = ("--replicates", "40", "--set", "rounds=5", "--workers", "1")


def test_the_answer_has_hits_misses_exclusions_and_comparisons(willing: Willing) -> None:
    answer = willing("hindcast", *QUICK, "--figure", "h.png")
    assert answer.code == 0, answer.err
    for text in (
        "31 of 38 states on the roster have a known stance",
        "7 undecided (DEU, NLD, BEL, NOR, CZE, AUT, NZL); 0 not on record",
        "12 of the 14 offers on record name conditions",
        "The 27 states whose row has confidence 2 or 3",
        "than the model's by",
        "State by state",
    ):
        assert text in " ".join(answer.out.split()), text
    assert Path("h.png").read_bytes().startswith(b"\x89PNG")


def test_json_has_scores_calibration_counts_and_every_state(willing: Willing) -> None:
    result = json.loads(willing("hindcast", *QUICK, "--json").out)
    assert set(result["scores"]["all"]) == {
        "model",
        "model_firm",
        "model_alone",
        "majority",
        "last_kept",
        "multinomial_logit",
        "binary_logit",
    }
    assert result["scores"]["all"]["majority"]["auc"] is None
    assert len(result["states"]) == 38
    verdicts = [state["verdict"] for state in result["states"].values()]
    assert verdicts.count("undecided") == 7
    assert verdicts.count("hit") == round(31 * result["scores"]["all"]["model"]["accuracy"])
    assert sum(each["count"] for each in result["calibration"]["model"]) == 4 * 31
    assert result["figure"] is None
    assert os.listdir() == []


def test_any_table_with_the_columns_of_the_shipped_one_works(willing: Willing) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    Path("mine.csv").write_text("\n".join([lines[0], *lines[30:48]]), "utf-8")
    result = json.loads(willing("hindcast", *QUICK, "--positions", "mine.csv", "--stances", "firm", "--json").out)
    assert result["positions"] == "mine.csv"
    assert result["stances"] == "firm"
    assert result["unknown"] != []
    assert len(result["decided"]) + len(result["undecided"]) + len(result["unknown"]) == 38


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\nHUN,", "\nHUX,", "mine.csv:27: code: unknown state 'HUX'"),
        (",stance,", ",stans,", "mine.csv:1: unknown column 'stans'; did you mean 'stance'?"),
        (",stance,alternative,", ",alternative,", "mine.csv:1: column 'stance' is missing"),
        ("FRA,2025-03-27,", "FRA,27 March,", "mine.csv:4: date: not a date: '27 March'"),
        ("FRA,2025-03-27,troops", "FRA,2025-03-27,soldiers", "mine.csv:4: stance: unknown stance 'soldiers'"),
    ],
)
def test_a_mistake_in_a_table_is_reported_with_its_line(willing: Willing, old: str, new: str, message: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    Path("mine.csv").write_text(text.replace(old, new), "utf-8")
    answer = willing("hindcast", *QUICK, "--positions", "mine.csv")
    assert answer.code == 2
    assert message in answer.err
    assert os.listdir() == ["mine.csv"]


def test_an_unreadable_table_and_a_day_outside_are_refused(willing: Willing) -> None:
    answer = willing("hindcast", *QUICK, "--positions", "nowhere.csv")
    assert (answer.code, answer.err.startswith("nowhere.csv: no such table")) == (2, True)
    answer = willing("hindcast", *QUICK, "--positions", ".")
    assert (answer.code, "is not an ordinary file" in answer.err) == (2, True)
    answer = willing("hindcast", *QUICK, "--date", "2025-01-01")
    assert (answer.code, "is outside its rounds" in answer.err) == (2, True)


def test_a_figure_is_never_overwritten(willing: Willing) -> None:
    Path("h.png").write_text("mine")
    answer = willing("hindcast", *QUICK, "--figure", "h.png")
    assert answer.code == 2
    assert Path("h.png").read_text() == "mine"
