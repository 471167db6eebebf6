"""`willing patterns` measures the patterns that are named, and overwrites nothing but its own page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.pattern_catalogue import PATTERNS

type Willing = Callable[..., Any]

QUICK = ("16", "--replicates", "4", "--workers", "1")


def test_the_answer_has_each_measure_with_its_criterion(willing: Willing) -> None:
    answer = willing("patterns", *QUICK)
    assert answer.code == 0, answer.err
    assert "4 replicates of each situation with common random numbers" in answer.out
    assert "16 " in answer.out
    assert "troop states lost to Moscow's reaction" in answer.out
    assert "above 0" in answer.out


def test_json_has_every_measure_with_its_interval(willing: Willing) -> None:
    (result,) = json.loads(willing("patterns", *QUICK, "--seed", 3, "--json").out)
    assert (result["pattern"], result["replicates"], result["seed"]) == (16, 4, 3)
    (reading,) = result["readings"]
    assert reading["low"] <= reading["mean"] <= reading["high"]
    assert reading["holds"] == (reading["low"] > 0.0)
    assert result["verdict"] == ("holds" if reading["holds"] else "fails")


def test_json_has_all_patterns(willing: Willing) -> None:
    result = json.loads(willing("patterns", "--replicates", 2, "--json").out)
    assert [pattern["pattern"] for pattern in result] == [pattern.number for pattern in PATTERNS]


def test_an_unknown_pattern_is_refused(willing: Willing) -> None:
    answer = willing("patterns", 16, 99)
    assert answer.code == 2
    assert "no pattern 99; there are 1, 2, 3," in answer.err
    assert str(PATTERNS[-1].number) in answer.err


def test_the_page_and_its_figure_are_written_and_renewed(willing: Willing) -> None:
    assert willing("patterns", *QUICK, "--out", "page.md").code == 0
    first = Path("page.md").read_text()
    assert "![The measures of all patterns" in first
    assert Path("page.png").read_bytes().startswith(b"\x89PNG")
    assert willing("patterns", *QUICK, "--seed", 1, "--out", "page.md").code == 0
    assert "under seed 1" in Path("page.md").read_text()
    assert sorted(os.listdir()) == ["page.md", "page.png"]


@pytest.mark.parametrize(
    ("there", "out", "message"),
    [
        ("page.md", "page.md", "was not made by `willing patterns`"),
        ("page.png", "page.md", "already exists"),
        ("other", "page.txt", "name a file that ends in .md"),
        ("other", "nowhere/page.md", "there is no folder nowhere"),
    ],
)
def test_nothing_is_overwritten(willing: Willing, there: str, out: str, message: str) -> None:
    Path(there).write_text("mine")
    answer = willing("patterns", *QUICK, "--out", out)
    assert answer.code == 2
    assert message in answer.err
    assert os.listdir() == [there]
    assert Path(there).read_text() == "mine"
