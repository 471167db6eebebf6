"""Mesa's own page: its buttons work, and its sliders set the model that Reset creates."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sim.model.coalition import CoalitionModel
from sim.scenario import load_scenario
from tests.conftest import Answer
from tests.ui.conftest import TIMEOUT, Server, start_server

SCENARIO = "us-opposes"


@pytest.fixture(scope="module")
def mesa_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of Mesa's page."""
    served = start_server(tmp_path_factory.mktemp("mesa"), SCENARIO, "--mesa")
    yield served
    assert served.stop() == 0
    assert served.process.stderr is not None
    assert "Traceback" not in served.process.stderr.read()


@pytest.fixture
def page(mesa_page: Server, browser: Browser) -> Iterator[Page]:
    """Mesa's page in the browser; no error may occur on it."""
    errors: list[str] = []
    page = browser.new_context(viewport={"width": 1500, "height": 1400}).new_page()
    page.set_default_timeout(TIMEOUT)
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda answer: answer.status >= 400 and errors.append(f"{answer.status}: {answer.url}"))
    page.goto(mesa_page.address)
    expect(title(page)).to_have_text(re.compile("^Round 0 of 52"))
    yield page
    page.context.close()
    assert errors == []


def title(page: Page) -> object:
    """The title of the card with the current state."""
    return page.locator(".v-card__title", has_text="Round ")


def settings(page: Page) -> dict[str, str]:
    """The settings of the model on the page."""
    rows = page.locator(".willing-settings-table tr").all()
    return {row.locator("td").nth(0).inner_text(): row.locator("td").nth(1).inner_text() for row in rows}


def move_slider(page: Page, label: str, part: float) -> float:
    """Click on a slider at this part of its length, and return its new value."""
    slider = page.locator(".v-input__slider", has=page.get_by_text(label, exact=True))
    track = slider.locator(".v-slider")
    before = slider.get_by_role("slider").get_attribute("aria-valuenow") or ""
    track.click(position={"x": part * (track.bounding_box() or {})["width"], "y": 16})
    expect(slider.get_by_role("slider")).not_to_have_attribute("aria-valuenow", before)
    return float(slider.get_by_role("slider").get_attribute("aria-valuenow") or "nan")


def test_step_play_and_reset_work(page: Page) -> None:
    button = page.get_by_role("button")
    button.filter(has_text="Step").click()
    expect(title(page)).to_have_text("Round 1 of 52, 26 March 2025")
    button.filter(has_text="▶").click()
    expect(title(page)).to_have_text(re.compile(r"^Round ([3-9]|\d\d) of 52"))
    button.filter(has_text="❚❚").click()
    button.filter(has_text="Reset").click()
    expect(title(page)).to_have_text(re.compile("^Round 0 of 52"))
    assert page.locator("img").count() >= 4  # the map of Europe and three plots
    page.get_by_text("Page 1").click()  # the world
    expect(page.locator("img").first).to_be_visible()


def test_a_slider_sets_the_model_that_reset_creates(page: Page) -> None:
    before = settings(page)
    clarity = move_slider(page, "Clarity of the mission", 0.8)
    seed = move_slider(page, "Seed", 0.5)
    assert settings(page) == before  # sliders have effect at Reset
    button = page.get_by_role("button")
    button.filter(has_text="Reset").click()
    expect(page.locator(".willing-settings-table")).to_contain_text(f"{clarity:g}")
    after = settings(page)
    assert (float(after["Clarity of the mission"]), float(after["Seed"])) == (clarity, seed)
    assert (seed, clarity) == (pytest.approx(50, abs=5), pytest.approx(0.8, abs=0.05))
    assert {name: value for name, value in after.items() if name not in ("Seed", "Clarity of the mission")} == {
        name: value for name, value in before.items() if name not in ("Seed", "Clarity of the mission")
    }
    model = CoalitionModel(SCENARIO, rng=int(seed), **{"environment.clarity": clarity})
    for number in range(1, 4):
        button.filter(has_text="Step").click()
        expect(title(page)).to_have_text(re.compile(f"^Round {number} of 52"))
        model.step()
    count = model.count("troops")
    expect(page.get_by_text(f"{count} {'state' if count == 1 else 'states'} would send troops")).to_be_visible()


def test_sliders_start_at_the_values_of_the_scenario_and_end_at_valid_ones() -> None:
    from sim.ui.mesa_app import sliders

    for name in (SCENARIO, "paris-march-2025", "replay-2025"):
        scenario = load_scenario(name)
        values = {path: slider.value for path, slider in sliders(scenario).items()}
        assert values["menu.troops.ask"] == scenario.menu["troops"].ask
        built = CoalitionModel(scenario, **values)
        plain = CoalitionModel(scenario, rng=0)
        assert built.setup.whole == plain.setup.whole
        for path, slider in sliders(scenario).items():
            for end in (slider.min, slider.max):
                assert CoalitionModel(scenario, **{path: end}).round == 0
    assert "environment.us_backing" not in values  # replay-2025 has a schedule


def test_an_invalid_scenario_is_reported_before_the_page_opens(willing: object, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: Mine?\nenviroment: {}\n")
    answer: Answer = willing("ui", "mine.yaml", "--mesa")  # type: ignore[operator]
    assert answer.code == 2
    assert "mine.yaml:3:1: enviroment" in answer.err
