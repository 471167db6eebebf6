"""`willing report` writes a run as one page, beside its tables or elsewhere, and writes over nothing else."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.reasons import main_reasons
from sim.results.open_run import open_run
from sim.text.words import consideration_name
from tests.checksums import rewrite
from tests.conftest import below

type Willing = Callable[..., Any]

OWN = "extends: base\nquestion: Would <i>three</i> & no more do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"


@pytest.fixture
def folder(willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of own.yaml in the folder one; few pictures are drawn."""
    monkeypatch.setattr("sim.plots.run.FIGURES", {})
    (tmp_path / "own.yaml").write_text(OWN)
    assert willing("run", "own.yaml", "--replicates", "4", "--out", "one").code == 0
    return tmp_path / "one"


def test_a_report_lies_beside_the_tables_and_the_run_stays_whole(willing: Willing, folder: Path) -> None:
    before = below(folder)
    answer = willing("report", "one")
    assert (answer.code, answer.out) == (0, f"{Path('one') / 'report.html'}\n")
    page = (folder / "report.html").read_text("utf-8")
    assert "<h1>Would &lt;i&gt;three&lt;/i&gt; &amp; no more do?</h1>" in page
    assert {name: content for name, content in below(folder).items() if name != "report.html"} == before
    assert open_run(folder).manifest.replicates == 4
    assert stat.S_IMODE((folder / "report.html").stat().st_mode) & 0o600 == 0o600


def test_a_report_in_the_run_is_replaced_and_the_same_run_gives_the_same_page(willing: Willing, folder: Path) -> None:
    (folder / "report.html").write_text("older")
    assert willing("report", "one").code == 0
    first = (folder / "report.html").read_bytes()
    answer = willing("report", "one", "--out", "new/place/mail.html", "--json")
    path = Path("new") / "place" / "mail.html"
    assert json.loads(answer.out) == {"result": "one", "report": str(path)}
    assert path.read_bytes() == first
    assert os.listdir(path.parent) == ["mail.html"]


def test_the_reasons_on_the_page_are_the_main_ones_of_the_run(willing: Willing, folder: Path) -> None:
    assert willing("report", "one").code == 0
    page = (folder / "report.html").read_text("utf-8")
    run = open_run(folder)
    for _, row in main_reasons(run.setup, seed=0, replicates=4).iterrows():
        for said, side in (("For", row["for_"]), ("Against", row["against"])):
            if side:
                told = "; ".join(f"{consideration_name(name)} {amount:+.2f}".replace("-", "−") for name, amount in side)
                assert f"<b>{said}:</b> {told}." in page


def test_the_figures_are_in_the_page(willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.plots.stance_shares import probabilities_by_state

    monkeypatch.setattr("sim.plots.run.FIGURES", {"probabilities": probabilities_by_state})
    assert willing("report", "one").code == 0
    page = (folder / "report.html").read_text("utf-8")
    assert page.count("<img ") == page.count('src="data:image/svg+xml;base64,') == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("paris-march-2025",),
            "paris-march-2025: not the folder of a run; `willing run paris-march-2025` creates one",
        ),
        (("nowhere",), "nowhere: not the folder of a run; `willing run SCENARIO` creates one"),
        (("one/manifest.json",), "one/manifest.json: is a file"),
        (("one", "--out", "taken.html"), "taken.html: already exists; choose another path with --out"),
        (
            ("one", "--out", "one"),
            "--out one: the name must end in .html or .htm, such as one.html",
        ),
        (("one", "--out", "taken.html/report.html"), "cannot write there"),
        (("empty",), "empty: not the folder of a run"),
        ((), "Missing argument 'RESULT'"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_what_the_user_can_mend_is_told_and_nothing_is_written(
    willing: Willing, folder: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "taken.html").write_text("years of work")
    (tmp_path / "empty").mkdir()
    before = below(tmp_path)
    answer = willing("report", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert below(tmp_path) == before


def test_a_run_of_another_version_is_refused(willing: Willing, folder: Path) -> None:
    rewrite(folder / "manifest.json", code="0" * 64)
    answer = willing("report", "one", "--as-played")
    assert answer.code == 2
    assert "another version of the program simulated it" in answer.err
    assert not (folder / "report.html").exists()


def test_a_scenario_that_changed_since_is_reported_only_as_it_was_played(willing: Willing, folder: Path) -> None:
    Path("own.yaml").write_text(OWN.replace("POL", "EST"))
    answer = willing("report", "one")
    assert answer.code == 2
    assert "own.yaml has changed since it was simulated" in answer.err
    assert willing("report", "one", "--as-played").code == 0
    assert "Poland" in (folder / "report.html").read_text("utf-8")


def test_half_a_run_is_refused(willing: Willing, folder: Path) -> None:
    (folder / "rounds.parquet").unlink()
    answer = willing("report", "one")
    assert answer.code == 2
    assert "rounds.parquet: missing; the folder is no longer complete" in answer.err


def test_a_taken_place_is_told_before_anything_is_weighed(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object, **settings: object) -> None:
        raise AssertionError("weighed for minutes before the place was tried")

    monkeypatch.setattr("sim.analysis.reasons.main_reasons", never)
    Path("taken.html").write_text("years of work")
    assert willing("report", "one", "--out", "taken.html").code == 2
    assert willing("report", "one", "--out", "taken.html/report.html").code == 2


def test_an_interrupted_report_leaves_nothing(willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.report.page.main_reasons", interrupted)
    before = below(folder.parent)
    assert willing("report", "one").code == 130
    assert below(folder.parent) == before
