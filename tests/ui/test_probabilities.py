"""Probabilities in the browser: equal to those of the command line, and compared with a pinned case."""

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from sim import facts
from sim.text.numbers import percent
from tests.conftest import Answer
from tests.ui.conftest import Visit, field_of, figures

BACKING = "environment.us_backing.level"


def rows_of(page: Page) -> dict[str, list[str]]:
    """The rows of the table of states, by name."""
    rows = [row.split("\t") for row in page.locator(".willing-states tbody tr").all_inner_texts()]
    return {cells[0].strip().removeprefix("★ "): [cell.strip() for cell in cells[1:]] for cells in rows}


def answer_of(willing: Callable[..., Answer], *settings: str) -> dict:
    options = [word for setting in settings for word in ("--set", setting)]
    return json.loads(willing("run", "us-opposes", "--replicates", 1000, "--seed", 2, "--json", *options).out)


def test_the_probabilities_are_those_of_the_command_line(visit: Visit, willing: Callable[..., Answer]) -> None:
    page = visit("probabilities?scenario=us-opposes&seed=2")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
    answer = answer_of(willing)
    rows = rows_of(page)
    for code, shares in answer["states"].items():
        expected = [shares[name] for name in ("troops", "troops_conditional", "backstop", "guarantee", "abstain")]
        assert rows[facts.states()[code].name] == [percent(share) for share in expected]
    outcomes = answer["outcomes"]
    assert figures(page)["Viable force"] == percent(outcomes["viable"]["mean"])
    assert figures(page)["Soldiers for troops"] == f"{outcomes['personnel_troops']['mean']:,.0f}"
    assert figures(page)["Deterrence"] == f"{outcomes['deterrence']['mean']:.2f}"


def test_a_pinned_case_is_compared_with_the_same_random_draws_and_linked_to(
    visit: Visit, willing: Callable[..., Answer]
) -> None:
    page = visit("probabilities?scenario=us-opposes&seed=2")
    page.get_by_role("button", name="Pin this case").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    expect(page.locator(".willing-states thead")).to_contain_text("Change, points")
    before = figures(page)
    value = page.locator('[data-setting^="environment.us_backing"] input.willing-field')
    path = page.locator('[data-setting^="environment.us_backing"]').get_attribute("data-setting")
    field_of(page, str(path))("0.6")
    expect(page.locator(".willing-value").nth(3)).not_to_have_text(before["Troops in Ukraine"])
    assert value.input_value() == "0.6"
    pinned, current = answer_of(willing), answer_of(willing, f"{path}=0.6")
    rows = rows_of(page)
    for code, shares in current["states"].items():
        cells = rows[facts.states()[code].name]
        points = 100 * (shares["troops"] - pinned["states"][code]["troops"])
        assert cells[0] == percent(shares["troops"])
        change = cells[1].removesuffix(" *")
        assert change == ("0" if abs(points) < 0.05 else f"{points:+.1f}".replace("-", "−"))
    again = visit(page.url.removeprefix(visit.server.address))
    expect(again.get_by_role("button", name="Unpin")).to_be_visible()
    expect(again.locator(".willing-states thead")).to_contain_text("Change, points")
    assert rows_of(again) == rows
    assert figures(again) == figures(page)


def test_settings_changed_during_the_run_apply_from_the_start(visit: Visit) -> None:
    page = visit(f"probabilities?then=10:{BACKING}=0.9")
    field = page.locator(f'[data-setting="{BACKING}"] input.willing-field')
    expect(field).to_have_value("0.9")
    field_of(page, BACKING)("0.2")
    expect(field).to_have_value("0.2")
    expect(page).to_have_url(f"{visit.server.address}probabilities?scenario=paris-march-2025&set={BACKING}=0.2")


def test_the_case_is_kept_from_view_to_view(visit: Visit) -> None:
    page = visit(f"?set={BACKING}=0.6&state=POL")
    case = f"?scenario=paris-march-2025&set={BACKING}=0.6&state=POL"
    page.get_by_role("link", name="Probabilities").click()
    expect(page).to_have_url(f"{visit.server.address}probabilities{case}")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
    page.get_by_role("link", name="Bargaining").click()
    expect(page.locator(".willing-chosen-state h3")).to_contain_text("Poland")
    expect(page).to_have_url(f"{visit.server.address}{case}")  # the history has no earlier step
    page.go_back()
    expect(page.locator(".willing-states thead")).to_contain_text("If conditions met")


def test_a_mistake_in_a_pinned_case_is_reported_and_the_probabilities_are_shown(visit: Visit) -> None:
    page = visit("probabilities?pin=scenario%3Dbase%26set%3Dweights.cost%3Dmuch")
    expect(page.locator(".v-alert")).to_contain_text("weights.cost")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
