"""Results in the browser: a run and a sweep are opened, sorted, downloaded and removed without errors."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.small_results import copy_results
from tests.ui.conftest import Visit


@pytest.fixture
def addresses(visit: Visit) -> tuple[str, str]:
    shutil.rmtree(visit.server.folder / "results", ignore_errors=True)
    return copy_results(visit.server.folder)


def test_without_results_the_view_says_how_to_create_some(visit: Visit) -> None:
    shutil.rmtree(visit.server.folder / "results", ignore_errors=True)
    page = visit("results")
    expect(page.get_by_text("willing run paris-march-2025")).to_be_visible()


def test_a_sweep_is_opened_drawn_over_two_factors_sorted_and_downloaded(
    visit: Visit, addresses: tuple[str, str], tmp_path: Path
) -> None:
    page = visit("results")
    page.locator(f'.willing-result[data-result="{addresses[1]}"]').click()
    expect(page.locator("h1")).to_have_text("Do backing and clarity do the same?")
    expect(page.locator("img").first).to_be_visible()
    page.get_by_role("tab", name="Two factors").click()
    expect(page.get_by_alt_text("Viable force over")).to_be_visible()
    page.get_by_role("tab", name="Table").click()
    page.locator('.willing-table th button[data-column="troop_states"]').click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as CSV").click()
    saved = tmp_path / "table.csv"
    downloading.value.save_as(saved)
    assert len(pd.read_csv(saved)) == 30
    page.get_by_role("tab", name="Manifest").click()
    expect(page.locator(".willing-manifest")).to_contain_text("willing sweep")
    expect(page).to_have_url(f"{visit.server.address}results?scenario=paris-march-2025&result={addresses[1]}")
    again = visit(page.url.removeprefix(visit.server.address))
    expect(again.locator("h1")).to_have_text("Do backing and clarity do the same?")


def test_a_result_removed_while_it_is_open_is_reported_and_the_page_works(
    visit: Visit, addresses: tuple[str, str]
) -> None:
    page = visit(f"results?result={addresses[0]}")
    expect(page.locator("h1")).to_have_text("Would three do?")
    shutil.rmtree(visit.server.folder / "results" / addresses[0])
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".v-alert")).to_contain_text(addresses[0].split("/")[1])
    page.locator(f'.willing-result[data-result="{addresses[1]}"]').click()
    expect(page.locator("h1")).to_have_text("Do backing and clarity do the same?")


@pytest.mark.parametrize("result", ["../secret", "runs/../../secret", "/etc/passwd", "runs/%00", "sweeps/nowhere"])
def test_no_address_leads_out_of_the_results(visit: Visit, addresses: tuple[str, str], result: str) -> None:
    page = visit(f"results?result={result}")
    expect(page.locator(".v-alert").first).to_be_visible()
    assert "root:" not in page.content()
