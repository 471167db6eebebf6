"""The view of results shows what lies on the shelf, says what is wrong with it, and lives on; without a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path

import ipyvuetify
import pandas as pd
import pytest

from sim.errors import ResultsError
from sim.plots.style import option_styles
from sim.results.files import as_csv
from sim.scenario import load_scenario
from sim.ui.result_index import find
from sim.ui.result_reader import OUTCOMES, POINTS, SHARES, SPREADS, StoredResult, open_result
from sim.ui.results import ResultsView, _headed
from sim.ui.results_figures import drawn_over, read_pictures, redrawn
from sim.ui.results_table import ROWS, Looked, look
from sim.ui.results_words import words_of
from tests.small_results import laid_out
from tests.ui import widgets
from tests.ui.widgets import Shown

ROOT = Path("results")


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The addresses of a run and a sweep under results, where the test is called."""
    monkeypatch.chdir(tmp_path)
    return laid_out(tmp_path)


@contextmanager
def shown(chosen: str | None) -> Iterator[Shown]:
    """Show the view with something chosen."""
    picked: list[str] = []
    with widgets.shown(ResultsView(chosen, picked.append, ROOT)) as view:
        yield view


def test_a_run_is_headed_with_the_settings_that_differ(lying: tuple[str, str]) -> None:
    changed = replace(opened(lying[0]), scenario=load_scenario("base", ["rounds=5"]))
    assert _headed(changed).startswith("base with 5 rounds instead of 52 · ")


def opened(address: str) -> StoredResult:
    return open_result(find(ROOT, address))


def page(stored: StoredResult, name: str, order: tuple[str, bool], number: int = 0) -> Looked:
    table, words = stored.tables[name], words_of(stored)
    heads = {column: words.head(name, column) for column in table.columns}
    return look(table, list(table.columns), order, number, heads, words, by_row=name == SPREADS)


def column_of(looked: Looked, column: str) -> list[str]:
    place = [head["column"] for head in looked.heads].index(column)
    return [row[place]["text"] for row in looked.rows]


def test_an_empty_shelf_says_how_to_make_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with shown(None) as view:
        assert "willing run paris-march-2025" in view.text
        assert "willing sweep clarity-x-mandate" in view.text


def test_what_lies_on_the_shelf_is_listed_and_found_after_a_refresh(lying: tuple[str, str]) -> None:
    with shown(None) as view:
        assert {one["address"] for one in view.with_trait("entries").entries} == set(lying)
        shutil.rmtree(ROOT / lying[0])
        view.click("Refresh")
        assert [one["address"] for one in view.with_trait("entries").entries] == [lying[1]]


def test_a_run_shows_its_figures_tables_and_manifest(lying: tuple[str, str]) -> None:
    with shown(lying[0]) as view:
        view.wait_for(lambda: "Would three do?" in view.text)
        image = next(w for w in view.widgets() if isinstance(w, ipyvuetify.Html) and w.tag == "img")
        assert image.attributes["alt"].startswith("stances, a figure of own-")
        assert image.attributes["src"].startswith("data:image/png;base64,iVBORw0KGgo")
        view.turn_to(1)
        view.wait_for(lambda: len(view.with_trait("rows").rows) == ROWS)
        assert view.with_trait("rows").said == "1 to 25 of 30"
        view.turn_to(2)
        view.wait_for(lambda: "willing run own.yaml --seed 0 --replicates 30" in view.text)


def test_a_sweep_draws_any_two_factors(lying: tuple[str, str]) -> None:
    with shown(lying[1]) as view:
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)
        view.turn_to(1)
        view.wait_for(lambda: "Viable force over US backing and clarity of the mission" in view.text)


def test_a_bad_name_is_told_and_the_list_stays(lying: tuple[str, str]) -> None:
    with shown("runs/../../etc") as view:
        view.wait_for(lambda: "'runs/../../etc' names no run and no sweep" in view.text)
        assert len(view.with_trait("entries").entries) == 2


def test_a_folder_that_is_removed_while_it_is_open_is_told_and_found_again(lying: tuple[str, str]) -> None:
    with shown(lying[1]) as view:
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)
        view.turn_to(2)
        view.wait_for(lambda: bool(view.with_trait("rows").rows))
        (ROOT / lying[1]).rename("aside")
        view.click("Refresh")
        view.wait_for(lambda: f"{ROOT / lying[1]}: no sweep there" in view.text)
        Path("aside").rename(ROOT / lying[1])
        view.click("Refresh")
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)


def test_a_damaged_table_is_told_beside_figures_and_manifest(lying: tuple[str, str]) -> None:
    path = ROOT / lying[0] / "stances.parquet"
    path.write_bytes(path.read_bytes() + b"0")
    with shown(lying[0]) as view:
        view.wait_for(lambda: f"{path}: changed since it was written; move the folder away" in view.text)
        assert any(isinstance(w, ipyvuetify.Html) and w.tag == "img" for w in view.widgets())


@pytest.mark.parametrize("from_above", [False, True])
def test_a_table_is_sorted_over_all_its_rows_and_cut_into_pages(from_above: bool, lying: tuple[str, str]) -> None:
    stored = opened(lying[0])
    whole = stored.tables[OUTCOMES].read(None)
    pages = [page(stored, OUTCOMES, ("deterrence", from_above), number) for number in (0, 1)]
    assert [len(each.rows) for each in pages] == [25, 5]
    assert pages[0].last == 1
    expected = whole.sort_values("deterrence", ascending=not from_above, kind="stable")["replicate"]
    assert [int(text) for each in pages for text in column_of(each, "replicate")] == list(expected)
    told = {head["column"]: head["sorted"] for head in pages[0].heads}
    assert told["deterrence"] == ("descending" if from_above else "ascending")
    assert told["replicate"] == "none"


def test_a_page_is_written_with_units_labels_and_digits(lying: tuple[str, str]) -> None:
    stored = opened(lying[0])
    looked = page(stored, OUTCOMES, ("replicate", False))
    heads = {head["column"]: head for head in looked.heads}
    assert heads["personnel_troops"]["unit"] == "soldiers"
    assert heads["personnel_troops"]["number"]
    assert not heads["headline"]["number"]
    assert set(column_of(looked, "stances_kept")) == {"–"}  # three rounds are less than five months
    assert stored.scenario is not None
    styles = option_styles(stored.scenario)
    assert set(column_of(looked, "headline")) <= {style.label for style in styles.values()}
    assert all(re.fullmatch(r"[\d,]+", text) for text in column_of(looked, "ask"))
    shares = page(stored, SHARES, ("state", False))
    assert all(re.fullmatch(r"\d+\.\d%", text) for text in column_of(shares, "troops"))
    spread = page(stored, SPREADS, ("outcome", False))
    assert "Soldiers declared for troops in Ukraine" in column_of(spread, "outcome")


def test_a_sweep_without_its_experiment_is_shown_by_the_names_of_its_columns(lying: tuple[str, str]) -> None:
    Path("crossed.yaml").unlink()
    stored = opened(lying[1])
    assert "its experiment crossed.yaml cannot be read any more" in stored.note
    looked = page(stored, POINTS, ("viable", True))
    assert {head["column"]: head["text"] for head in looked.heads}["environment.clarity"] == "environment.clarity"
    with shown(lying[1]) as view:
        view.wait_for(lambda: "What lies in its folder is shown as it was written." in view.text)
        tabs = [w for w in view.widgets() if isinstance(w, ipyvuetify.Tab)]
        assert len(tabs) == 3  # no two factors without an experiment


def test_a_page_of_a_table_that_is_gone_says_so(lying: tuple[str, str]) -> None:
    stored = opened(lying[1])
    shutil.rmtree(ROOT / lying[1])
    looked = page(stored, POINTS, ("viable", True))
    assert looked.trouble == f"{ROOT / lying[1]}: no sweep there (no manifest.json); `willing sweep` makes one"
    assert looked.rows == []
    with pytest.raises(ResultsError, match="no sweep there"):
        drawn_over(stored, stored.experiment, "environment.clarity", "", "viable")  # type: ignore[arg-type]


def test_the_download_is_the_whole_table(lying: tuple[str, str]) -> None:
    text = as_csv(opened(lying[1]).tables[POINTS].read(None))
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(text)), pd.read_parquet(ROOT / lying[1] / "summary.parquet"))


def test_figures_that_were_removed_are_drawn_anew_as_they_were(lying: tuple[str, str]) -> None:
    stored = opened(lying[1])
    (name,) = lain = read_pictures(stored)
    shutil.rmtree(ROOT / lying[1] / "figures")
    assert read_pictures(stored) == {}
    again = redrawn(stored)
    assert list(again) == [name] == ["heat-viable"]
    assert _pixels(again[name]) == _pixels(lain[name])


def _pixels(content: bytes | str) -> bytes:
    """Return the content without what names the program that wrote it."""
    assert isinstance(content, bytes)
    return content[content.index(b"IDAT") :]
