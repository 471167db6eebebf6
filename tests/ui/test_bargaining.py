"""Bargaining in the browser: a case is simulated, changed during the run, explained, linked to and saved."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sim.model.coalition import CoalitionModel
from sim.model.setup import prepare
from sim.scenario import digest, load_scenario, shipped
from tests.conftest import Answer
from tests.ui.conftest import Visit, field_of, figures

BACKING = "environment.us_backing.level"

proof = pytest.mark.proof  # reading of fields and addresses is also tested without a browser


def step(page: Page, times: int = 1) -> None:
    for _ in range(times):
        before = figures(page)["Round"]
        page.get_by_role("button", name="Step").click()
        expect(page.locator(".willing-value").first).not_to_have_text(before)


def stances(page: Page) -> dict[str, str]:
    """The stance of every state in the table."""
    rows = page.locator(".willing-states tbody tr")
    cells = [row.split("\t") for row in rows.all_inner_texts()]
    return {cell[1].strip(): cell[2].strip() for cell in cells}


def shows(page: Page, expected: dict[str, str]) -> bool:
    """Whether the table shows these stances within five seconds."""
    for _ in range(50):
        if stances(page) == expected:
            return True
        page.wait_for_timeout(100)
    return False


def simulated(rounds: int, *settings: str, seed: int = 0) -> dict[str, str]:
    """The stance of every state from the model, without the page."""
    model = CoalitionModel(prepare(load_scenario("paris-march-2025", settings)), rng=seed)
    for _ in range(rounds):
        model.step()
    labels = {name: option.label for name, option in model.setup.scenario.menu.items()} | {"abstain": "Abstain"}
    return {state.code: labels[state.stance_name] for state in model.states}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("paris-march-2025", "security-buffet", "replay-2025"), id="three"),
        pytest.param(tuple(shipped()), id="all", marks=pytest.mark.proof),
    ],
)
def test_a_scenario_opens_with_its_question_and_can_be_stepped(visit: Visit, names: tuple[str, ...]) -> None:
    page = visit()
    for name in names:
        page.goto(f"{visit.server.address}?scenario={name}")
        scenario = load_scenario(name)
        expect(page.locator("h1")).to_have_text(scenario.question)
        expect(page.locator(".willing-map [data-state]")).to_have_count(len(scenario.roster.asked))
        assert figures(page)["Round"] == f"0 of {scenario.rounds}"
        step(page)
        assert figures(page)["Round"] == f"1 of {scenario.rounds}"


def test_step_play_pause_and_reset(visit: Visit) -> None:
    page = visit()
    step(page, 3)
    assert shows(page, simulated(3))
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".willing-value").first).not_to_have_text("3 of 52")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".willing-value").first).to_have_text("0 of 52")
    assert shows(page, dict.fromkeys(simulated(0), "Abstain"))
    step(page, 3)
    assert shows(page, simulated(3))


def test_a_scenario_is_selected_from_the_list(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Scenario paris-march-2025").click()
    page.get_by_role("option", name="us-opposes").click()
    expect(page.locator("h1")).to_have_text(load_scenario("us-opposes").question)
    expect(page).to_have_url(visit.server.address + "?scenario=us-opposes")


def test_another_seed_gives_other_random_draws(visit: Visit) -> None:
    page = visit("?seed=3&round=12")
    assert shows(page, simulated(12, seed=3))
    assert simulated(12, seed=3) != simulated(12)


def test_a_change_of_us_backing_during_the_run_has_effect_from_then_on(visit: Visit) -> None:
    page = visit("?round=20&state=DEU")
    unchanged = visit("?round=40")
    field_of(page, BACKING)("0.9")
    expect(page.locator(".willing-change")).to_have_text("From round 21: the level of US backing 0.9")
    assert shows(page, simulated(20))  # earlier rounds do not change
    step(page, 20)
    page.wait_for_timeout(1_000)
    assert stances(page) != stances(unchanged)
    troops = [sum(stance == "Troops in Ukraine" for stance in stances(each).values()) for each in (page, unchanged)]
    assert troops[0] > troops[1]
    assert float(figures(page)["US backing"]) > 0.8
    expect(page).to_have_url(
        f"{visit.server.address}?scenario=paris-march-2025&then=20:{BACKING}=0.9&round=40&state=DEU"
    )
    again = visit(page.url.removeprefix(visit.server.address))
    assert shows(again, stances(page))
    assert figures(again) == figures(page)
    assert again.locator(".willing-reasons").inner_text() == page.locator(".willing-reasons").inner_text()


def test_a_slider_before_the_first_round_changes_a_setting_of_the_case(visit: Visit) -> None:
    page = visit()
    slider = page.locator(f'[data-setting="{BACKING}"] input[type=range]')
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    expect(page).to_have_url(f"{visit.server.address}?scenario=paris-march-2025&set={BACKING}=0.32")
    step(page, 8)
    assert shows(page, simulated(8, f"{BACKING}=0.32"))
    page.get_by_role("button", name="Restore US backing").click()
    expect(page.locator(".willing-change")).to_have_count(1)


def test_a_state_is_explained_as_on_the_command_line(visit: Visit, willing: Callable[..., Answer]) -> None:
    page = visit("?round=26&seed=1")
    page.locator(".willing-map [data-state=DEU] path").first.click()
    explanation = json.loads(willing("explain", "paris-march-2025", "DEU", "--round", 26, "--seed", 1, "--json").out)
    expect(page.locator(".willing-reasons tfoot tr")).to_have_count(3)
    cells = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator(".willing-reasons tbody tr").all()
    }
    options = explanation["options"].values()
    values = [f"{option['value']:+.2f}".replace("-", "−") for option in options]
    sums = page.locator(".willing-reasons tfoot tr").first.locator("td").all_inner_texts()
    assert sums[1:] == values[1:]
    solidarity = [option["considerations"]["solidarity"] for option in options]
    assert cells["Solidarity"] == ["" if abs(term) < 0.005 else f"{term:+.2f}".replace("-", "−") for term in solidarity]
    facts = page.locator(".willing-facts").inner_text()
    enough = explanation["enough_backing"]
    assert (f"{enough:.2f}, all else equal" if enough is not None else "none suffices") in facts
    page.get_by_role("button", name="Poland", exact=True).click()
    expect(page.locator(".willing-chosen-state h3")).to_contain_text("Poland would")


def test_only_the_visitor_changes_settings(visit: Visit) -> None:
    page = visit("?set=menu.troops.ask=25100")
    for group in page.locator(".willing-controls .v-expansion-panel-header").all()[1:]:
        group.click()
    expect(page.locator('[data-setting="deterrence.opponent_soldiers"]')).to_be_visible()
    page.wait_for_timeout(1_500)
    assert page.url == visit.server.address + "?scenario=paris-march-2025&set=menu.troops.ask=25100"
    field_of(page, BACKING)("0.333")
    expect(page).to_have_url(
        f"{visit.server.address}?scenario=paris-march-2025&set=menu.troops.ask=25100&set={BACKING}=0.333"
    )
    page.wait_for_timeout(1_500)
    expect(page.locator(f'[data-setting="{BACKING}"] input.willing-field')).to_have_value("0.333")
    field_of(page, "menu.troops.ask")("31,000")
    expect(page).to_have_url(
        f"{visit.server.address}?scenario=paris-march-2025&set={BACKING}=0.333&set=menu.troops.ask=31000"
    )


@pytest.mark.parametrize(
    "typed", ["0,5", "1e400", "", pytest.param("3.5.1", marks=proof), pytest.param("1,5", marks=proof)]
)
def test_text_that_is_not_a_number_is_rejected(visit: Visit, typed: str) -> None:
    page = visit("?set=weights.cost=-9")
    field_of(page, BACKING)(typed)
    expect(page.locator(".v-alert")).to_contain_text(BACKING)
    assert f"{BACKING}=" not in page.url


@pytest.mark.parametrize(
    "typed", ["-3", "abc", *(pytest.param(typed, marks=proof) for typed in ("1e5", "9007199254740993", ""))]
)
def test_an_invalid_seed_is_reported_and_the_old_one_stays(visit: Visit, typed: str) -> None:
    page = visit("?seed=7")
    field = page.get_by_label("Random seed")
    field.fill(typed)
    field.press("Enter")
    expect(page.locator(".v-alert")).to_contain_text("must be a whole number")
    expect(field).to_have_value("7")
    field.fill("8")
    field.press("Enter")
    expect(page).to_have_url(visit.server.address + "?scenario=paris-march-2025&seed=8")
    expect(page.locator(".v-alert")).to_have_count(0)


def test_an_invalid_value_is_reported_and_nothing_is_lost(visit: Visit) -> None:
    page = visit("?round=4")
    before = stances(page)
    for typed in ("7", "much"):
        field_of(page, BACKING)(typed)
        expect(page.locator(".v-alert")).to_contain_text(f"{BACKING}")
    assert stances(page) == before
    field_of(page, BACKING)("0.5")
    expect(page.locator(".v-alert")).to_have_count(0)
    step(page)


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("?scenario=nowhere", "no scenario 'nowhere'"),
        pytest.param("?set=environment.us_backing=7", "7 is out of range; give a number from 0 to 1", marks=proof),
        ("?set=menu.troops.aks=1", "unknown field; did you mean 'ask'?"),
        ("?state=XYZ", "no state 'XYZ' on the roster"),
        pytest.param("?page=elsewhere", "no page 'elsewhere'; the pages are", marks=proof),
        pytest.param("?round=zwölf", "round=zwölf: must be a whole number", marks=proof),
        ("?set=menu.troops.label=<img src=x onerror=alert(1)>", ""),
    ],
)
def test_a_mistake_in_the_address_is_reported_and_the_page_works(visit: Visit, search: str, message: str) -> None:
    page = visit(search)
    if message:
        expect(page.locator(".v-alert").first).to_contain_text(message)
    step(page, 2)
    assert page.locator(".willing-main img").count() == 0


def test_a_case_is_saved_as_an_equivalent_scenario(
    visit: Visit, willing: Callable[..., Answer], tmp_path: Path
) -> None:
    page = visit(f"?set={BACKING}=0.6&set=menu.troops.ask=40000")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Save as scenario").click()
    saved = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(saved)
    assert saved.name == "paris-march-2025-what-if.yaml"
    assert willing("check", saved).code == 0
    expected = load_scenario("paris-march-2025", (f"{BACKING}=0.6", "menu.troops.ask=40000"))
    assert digest(load_scenario(saved)) == digest(expected)
    assert willing("run", saved, "--replicates", 3, "--rounds", 4, "--json").code == 0


def test_a_state_is_forced_into_troops_during_the_run_and_released(visit: Visit) -> None:
    page = visit("?round=3&state=HUN")
    select = page.get_by_role("button", name="Declaration from the next round on")
    select.click()
    page.get_by_role("option", name="Troops in Ukraine").click()
    expect(page.locator(".willing-change")).to_have_text("From round 4: Hungary forced to declare troops")
    assert shows(page, simulated(3))
    step(page)
    # rounds begin on 26 March 2025, a week apart: round 4 on 16 April
    assert shows(page, simulated(4, "2025-04-16 force.HUN=troops"))
    assert stances(page)["HUN"] == "Troops in Ukraine"
    address = "?scenario=paris-march-2025&then=3:force.HUN=troops&round=4&state=HUN"
    expect(page).to_have_url(visit.server.address + address)
    select.click()
    page.get_by_role("option", name="its own choice").click()
    expect(page.locator(".willing-change")).to_have_count(2)
