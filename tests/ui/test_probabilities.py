"""Odds in the browser: what many replicates say, equal to the command line, and beside a pinned case."""

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from sim import facts
from sim.text.numbers import percent
from tests.conftest import Answer
from tests.ui.conftest import Visit, field_of, figures

BACKING = "environment.us_backing.level"


def shown(page: Page) -> dict[str, list[str]]:
    """The rows of the table of states, by name."""
    rows = [row.split("\t") for row in page.locator(".willing-states tbody tr").all_inner_texts()]
    return {cells[0].strip().removeprefix("★ "): [cell.strip() for cell in cells[1:]] for cells in rows}


def told(willing: Callable[..., Answer], *settings: str) -> dict:
    chosen = [word for setting in settings for word in ("--set", setting)]
    return json.loads(willing("run", "us-opposes", "--replicates", 1000, "--seed", 2, "--json", *chosen).out)


def test_the_odds_are_those_of_the_command_line(visit: Visit, willing: Callable[..., Answer]) -> None:
    page = visit("probabilities?scenario=us-opposes&seed=2")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
    answer = told(willing)
    rows = shown(page)
    for code, held in answer["states"].items():
        wanted = [held[name] for name in ("troops", "troops_conditional", "backstop", "guarantee", "abstain")]
        assert rows[facts.states()[code].name] == [percent(share) for share in wanted]
    told_of = answer["outcomes"]
    assert figures(page)["Force viable"] == percent(told_of["viable"]["mean"])
    assert figures(page)["Soldiers for troops"] == f"{told_of['personnel_troops']['mean']:,.0f}"
    assert figures(page)["Deterrence"] == f"{told_of['deterrence']['mean']:.2f}"


def test_a_pinned_case_is_compared_on_the_same_luck_and_linked_to(visit: Visit, willing: Callable[..., Answer]) -> None:
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
    first, then = told(willing), told(willing, f"{path}=0.6")
    rows = shown(page)
    for code, held in then["states"].items():
        cells = rows[facts.states()[code].name]
        points = 100 * (held["troops"] - first["states"][code]["troops"])
        assert cells[0] == percent(held["troops"])
        change = cells[1].removesuffix(" *")
        assert change == ("0" if abs(points) < 0.05 else f"{points:+.1f}".replace("-", "−"))
    again = visit(page.url.removeprefix(visit.server.address))
    expect(again.get_by_role("button", name="Unpin")).to_be_visible()
    expect(again.locator(".willing-states thead")).to_contain_text("Change, points")
    assert shown(again) == rows
    assert figures(again) == figures(page)


def test_a_case_with_settings_of_mid_run_is_shown_and_moved_as_it_stands_at_the_end(visit: Visit) -> None:
    page = visit(f"probabilities?then=10:{BACKING}=0.9")
    typed = page.locator(f'[data-setting="{BACKING}"] input.willing-field')
    expect(typed).to_have_value("0.9")
    field_of(page, BACKING)("0.2")
    expect(typed).to_have_value("0.2")
    expect(page).to_have_url(f"{visit.server.address}probabilities?scenario=paris-march-2025&set={BACKING}=0.2")


def test_the_case_goes_along_from_view_to_view(visit: Visit) -> None:
    page = visit(f"?set={BACKING}=0.6&state=POL")
    case = f"?scenario=paris-march-2025&set={BACKING}=0.6&state=POL"
    page.get_by_role("link", name="Probabilities").click()
    expect(page).to_have_url(f"{visit.server.address}probabilities{case}")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
    page.get_by_role("link", name="Bargaining").click()
    expect(page.locator(".willing-chosen-state h3")).to_contain_text("Poland")
    expect(page).to_have_url(f"{visit.server.address}{case}")  # before that there is no step to go back
    page.go_back()
    expect(page.locator(".willing-states thead")).to_contain_text("If conditions met")


def test_a_mistake_in_a_pinned_case_is_told_and_the_odds_are_shown_without_it(visit: Visit) -> None:
    page = visit("probabilities?pin=scenario%3Dbase%26set%3Dweights.cost%3Dmuch")
    expect(page.locator(".v-alert")).to_contain_text("weights.cost")
    expect(page.locator(".willing-states tbody tr")).to_have_count(38)
