"""`willing ablations` leaves out the parts that are named, and overwrites nothing but its own page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Willing = Callable[..., Any]

QUICK = ("security", "--replicates", "3", "--workers", "1")


def test_the_answer_has_patterns_scores_and_conclusions(willing: Willing) -> None:
    answer = willing("ablations", *QUICK)
    assert answer.code == 0, answer.err
    assert "1 part left out, one at a time; 3 replicates of each situation with common random" in answer.out
    assert "log score, change" in answer.out
    assert "makes the largest difference to the log score" in answer.out


def test_json_has_the_parts_in_the_order_of_the_model(willing: Willing) -> None:
    result = json.loads(willing("ablations", "turnover", *QUICK, "--seed", 2, "--json").out)
    assert [part["without"] for part in result] == [None, "security", "turnover"]


def test_an_unknown_part_is_refused(willing: Willing) -> None:
    answer = willing("ablations", "momentun")
    assert answer.code == 2
    assert "no part 'momentun'; did you mean 'momentum'?" in answer.err


def test_the_page_its_figure_and_its_numbers_are_written_and_renewed(willing: Willing) -> None:
    for seed in (0, 1):
        assert willing("ablations", *QUICK, "--seed", seed, "--out", "page.md").code == 0
    assert "under seed 1" in " ".join(Path("page.md").read_text().split())
    assert Path("page.png").read_bytes().startswith(b"\x89PNG")
    assert Path("page.csv").read_text().startswith("without,pattern,verdict,reading,unit,mean,low,high,change")
    assert sorted(os.listdir()) == ["page.csv", "page.md", "page.png"]


@pytest.mark.parametrize(
    ("there", "out", "message"),
    [
        ("page.md", "page.md", "was not made by `willing ablations`"),
        ("page.csv", "page.md", "page.csv: already exists"),
        ("other", "nowhere/page.md", "there is no folder nowhere"),
    ],
)
def test_nothing_is_overwritten(willing: Willing, there: str, out: str, message: str) -> None:
    Path(there).write_text("mine")
    answer = willing("ablations", *QUICK, "--out", out)
    assert answer.code == 2
    assert message in answer.err
    assert os.listdir() == [there]
