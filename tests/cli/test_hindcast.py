"""`willing hindcast` says who was foreseen and who was not, and who does better."""

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


def test_it_names_hits_misses_what_is_left_out_and_who_is_ahead(willing: Willing) -> None:
    answer = willing("hindcast", *QUICK, "--figure", "h.png")
    assert answer.code == 0, answer.err
    for said in (
        "31 of 38 states on the roster have a stance",
        "7 undecided (DEU, NLD, BEL, NOR, CZE, AUT, NZL); 0 not on record",
        "12 of the 14 offers on record name conditions",
        "The 27 whose row has confidence 2 or 3",
        "the model in the Brier score by",
        "State by state",
    ):
        assert said in " ".join(answer.out.split()), said
    assert Path("h.png").read_bytes().startswith(b"\x89PNG")


def test_programs_get_scores_calibration_counts_and_a_row_a_state(willing: Willing) -> None:
    found = json.loads(willing("hindcast", *QUICK, "--json").out)
    assert set(found["scores"]["all"]) == {
        "model",
        "model_firm",
        "model_alone",
        "majority",
        "last_kept",
        "multinomial_logit",
        "binary_logit",
    }
    assert found["scores"]["all"]["majority"]["auc"] is None
    assert len(found["states"]) == 38
    verdicts = [state["verdict"] for state in found["states"].values()]
    assert verdicts.count("undecided") == 7
    assert verdicts.count("hit") == round(31 * found["scores"]["all"]["model"]["accuracy"])
    assert sum(each["count"] for each in found["calibration"]["model"]) == 4 * 31
    assert found["figure"] is None
    assert os.listdir() == []


def test_any_table_with_the_columns_of_the_shipped_one_works(willing: Willing) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    Path("mine.csv").write_text("\n".join([lines[0], *lines[30:48]]), "utf-8")
    found = json.loads(willing("hindcast", *QUICK, "--positions", "mine.csv", "--stances", "firm", "--json").out)
    assert found["positions"] == "mine.csv"
    assert found["stances"] == "firm"
    assert found["unknown"] != []
    assert len(found["decided"]) + len(found["undecided"]) + len(found["unknown"]) == 38


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nHUN,", "\nHUX,", "mine.csv:27: code: unknown state 'HUX'"),
        (",stance,", ",stans,", "mine.csv:1: unknown column 'stans'; did you mean 'stance'?"),
        (",stance,alternative,", ",alternative,", "mine.csv:1: column 'stance' is missing"),
        ("FRA,2025-03-27,", "FRA,27 March,", "mine.csv:4: date: not a date: '27 March'"),
        ("FRA,2025-03-27,troops", "FRA,2025-03-27,soldiers", "mine.csv:4: stance: unknown stance 'soldiers'"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_line(willing: Willing, old: str, new: str, said: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    Path("mine.csv").write_text(text.replace(old, new), "utf-8")
    answer = willing("hindcast", *QUICK, "--positions", "mine.csv")
    assert answer.code == 2
    assert said in answer.err
    assert os.listdir() == ["mine.csv"]


def test_a_table_that_cannot_be_read_and_a_day_outside_are_told(willing: Willing) -> None:
    answer = willing("hindcast", *QUICK, "--positions", "nowhere.csv")
    assert (answer.code, answer.err.startswith("nowhere.csv: no such table")) == (2, True)
    answer = willing("hindcast", *QUICK, "--positions", ".")
    assert (answer.code, "is not an ordinary file" in answer.err) == (2, True)
    answer = willing("hindcast", *QUICK, "--date", "2025-01-01")
    assert (answer.code, "is outside its rounds" in answer.err) == (2, True)


def test_a_figure_is_never_written_over(willing: Willing) -> None:
    Path("h.png").write_text("mine")
    answer = willing("hindcast", *QUICK, "--figure", "h.png")
    assert answer.code == 2
    assert Path("h.png").read_text() == "mine"
