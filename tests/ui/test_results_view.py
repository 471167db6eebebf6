"""The results view shows stored runs and sweeps and reports what is wrong with them; without a browser."""

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
from sim.ui.results import ResultsView, _summary_line
from sim.ui.results_figures import draw_over, read_pictures, redraw
from sim.ui.results_labels import labels_of
from sim.ui.results_table import ROWS, TableView, view_page
from tests.small_results import copy_results
from tests.ui import widgets
from tests.ui.widgets import RenderedView

ROOT = Path("results")


@pytest.fixture
def addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The addresses of a run and a sweep under results/ in the working folder."""
    monkeypatch.chdir(tmp_path)
    return copy_results(tmp_path)


@contextmanager
def render(chosen: str | None) -> Iterator[RenderedView]:
    """Render the view with a result that is chosen."""
    clicked: list[str] = []
    with widgets.render(ResultsView(chosen, clicked.append, ROOT)) as view:
        yield view


def test_the_summary_line_of_a_run_names_the_settings_that_differ(addresses: tuple[str, str]) -> None:
    changed = replace(opened(addresses[0]), scenario=load_scenario("base", ["rounds=5"]))
    assert _summary_line(changed).startswith("base with 5 rounds instead of 52 · ")


def opened(address: str) -> StoredResult:
    return open_result(find(ROOT, address))


def page(stored: StoredResult, name: str, order: tuple[str, bool], number: int = 0) -> TableView:
    table, labels = stored.tables[name], labels_of(stored)
    heads = {column: labels.head(name, column) for column in table.columns}
    return view_page(table, list(table.columns), order, number, heads, labels, by_row=name == SPREADS)


def column_of(table: TableView, column: str) -> list[str]:
    index = [head["column"] for head in table.heads].index(column)
    return [row[index]["text"] for row in table.rows]


def test_without_results_the_view_says_how_to_create_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with render(None) as view:
        assert "willing run paris-march-2025" in view.text
        assert "willing sweep clarity-x-mandate" in view.text


def test_the_list_of_results_is_renewed_by_refresh(addresses: tuple[str, str]) -> None:
    with render(None) as view:
        assert {entry["address"] for entry in view.with_trait("entries").entries} == set(addresses)
        shutil.rmtree(ROOT / addresses[0])
        view.click("Refresh")
        assert [entry["address"] for entry in view.with_trait("entries").entries] == [addresses[1]]


def test_a_run_shows_its_figures_tables_and_manifest(addresses: tuple[str, str]) -> None:
    with render(addresses[0]) as view:
        view.wait_for(lambda: "Would three do?" in view.text)
        image = next(w for w in view.widgets() if isinstance(w, ipyvuetify.Html) and w.tag == "img")
        assert image.attributes["alt"].startswith("stances, a figure of own-")
        assert image.attributes["src"].startswith("data:image/png;base64,iVBORw0KGgo")
        view.select_tab(1)
        view.wait_for(lambda: len(view.with_trait("rows").rows) == ROWS)
        assert view.with_trait("rows").range == "1 to 25 of 30"
        view.select_tab(2)
        view.wait_for(lambda: "willing run own.yaml --seed 0 --replicates 30" in view.text)


def test_a_sweep_draws_any_two_factors(addresses: tuple[str, str]) -> None:
    with render(addresses[1]) as view:
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)
        view.select_tab(1)
        view.wait_for(lambda: "Viable force over US backing and clarity of the mission" in view.text)


def test_an_invalid_address_is_reported_and_the_list_stays(addresses: tuple[str, str]) -> None:
    with render("runs/../../etc") as view:
        view.wait_for(lambda: "'runs/../../etc' is not the address of a run or sweep" in view.text)
        assert len(view.with_trait("entries").entries) == 2


def test_a_folder_that_is_removed_while_it_is_open_is_reported_and_found_again(addresses: tuple[str, str]) -> None:
    with render(addresses[1]) as view:
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)
        view.select_tab(2)
        view.wait_for(lambda: bool(view.with_trait("rows").rows))
        (ROOT / addresses[1]).rename("aside")
        view.click("Refresh")
        view.wait_for(lambda: f"{ROOT / addresses[1]}: no such sweep" in view.text)
        Path("aside").rename(ROOT / addresses[1])
        view.click("Refresh")
        view.wait_for(lambda: "Do backing and clarity do the same?" in view.text)


def test_a_damaged_table_is_reported_beside_figures_and_manifest(addresses: tuple[str, str]) -> None:
    path = ROOT / addresses[0] / "stances.parquet"
    path.write_bytes(path.read_bytes() + b"0")
    with render(addresses[0]) as view:
        view.wait_for(lambda: f"{path}: changed since it was written; move the folder away" in view.text)
        assert any(isinstance(w, ipyvuetify.Html) and w.tag == "img" for w in view.widgets())


@pytest.mark.parametrize("descending", [False, True])
def test_a_table_is_sorted_over_all_its_rows_and_cut_into_pages(descending: bool, addresses: tuple[str, str]) -> None:
    stored = opened(addresses[0])
    whole = stored.tables[OUTCOMES].read(None)
    pages = [page(stored, OUTCOMES, ("deterrence", descending), number) for number in (0, 1)]
    assert [len(each.rows) for each in pages] == [25, 5]
    assert pages[0].last == 1
    expected = whole.sort_values("deterrence", ascending=not descending, kind="stable")["replicate"]
    assert [int(text) for each in pages for text in column_of(each, "replicate")] == list(expected)
    order = {head["column"]: head["sorted"] for head in pages[0].heads}
    assert order["deterrence"] == ("descending" if descending else "ascending")
    assert order["replicate"] == "none"


def test_a_page_has_units_labels_and_decimals(addresses: tuple[str, str]) -> None:
    stored = opened(addresses[0])
    view = page(stored, OUTCOMES, ("replicate", False))
    heads = {head["column"]: head for head in view.heads}
    assert heads["personnel_troops"]["unit"] == "soldiers"
    assert heads["personnel_troops"]["number"]
    assert not heads["headline"]["number"]
    assert set(column_of(view, "stances_kept")) == {"–"}  # three rounds are less than five months
    assert stored.scenario is not None
    styles = option_styles(stored.scenario)
    assert set(column_of(view, "headline")) <= {style.label for style in styles.values()}
    assert all(re.fullmatch(r"[\d,]+", text) for text in column_of(view, "ask"))
    shares = page(stored, SHARES, ("state", False))
    assert all(re.fullmatch(r"\d+\.\d%", text) for text in column_of(shares, "troops"))
    spread = page(stored, SPREADS, ("outcome", False))
    assert "Soldiers declared for troops in Ukraine" in column_of(spread, "outcome")


def test_a_sweep_without_its_experiment_is_shown_by_the_names_of_its_columns(addresses: tuple[str, str]) -> None:
    Path("crossed.yaml").unlink()
    stored = opened(addresses[1])
    assert "its experiment crossed.yaml can no longer be read" in stored.note
    view = page(stored, POINTS, ("viable", True))
    assert {head["column"]: head["text"] for head in view.heads}["environment.clarity"] == "environment.clarity"
    with render(addresses[1]) as view:
        view.wait_for(lambda: "The content of its folder is shown as it was saved." in view.text)
        tabs = [w for w in view.widgets() if isinstance(w, ipyvuetify.Tab)]
        assert len(tabs) == 3  # the tab of two factors needs the experiment


def test_a_page_of_a_removed_table_gives_the_error(addresses: tuple[str, str]) -> None:
    stored = opened(addresses[1])
    shutil.rmtree(ROOT / addresses[1])
    view = page(stored, POINTS, ("viable", True))
    assert view.error == f"{ROOT / addresses[1]}: no sweep there (no manifest.json); `willing sweep` creates one"
    assert view.rows == []
    with pytest.raises(ResultsError, match="no sweep there"):
        draw_over(stored, stored.experiment, "environment.clarity", "", "viable")  # type: ignore[arg-type]


def test_the_download_is_the_whole_table(addresses: tuple[str, str]) -> None:
    text = as_csv(opened(addresses[1]).tables[POINTS].read(None))
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(text)), pd.read_parquet(ROOT / addresses[1] / "summary.parquet"))


def test_removed_figures_are_redrawn_identically(addresses: tuple[str, str]) -> None:
    stored = opened(addresses[1])
    (name,) = saved = read_pictures(stored)
    shutil.rmtree(ROOT / addresses[1] / "figures")
    assert read_pictures(stored) == {}
    again = redraw(stored)
    assert list(again) == [name] == ["heat-viable"]
    assert _pixels(again[name]) == _pixels(saved[name])


def _pixels(content: bytes | str) -> bytes:
    """Return the content without the name of the program that wrote it."""
    assert isinstance(content, bytes)
    return content[content.index(b"IDAT") :]
