"""Mesa's own page: each of its buttons does what it says, and its sliders reach the model that Reset builds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sim.model.coalition import CoalitionModel
from sim.scenario import load_scenario
from tests.conftest import Answer
from tests.ui.conftest import PATIENCE, Server, start_server

SCENARIO = "us-opposes"


@pytest.fixture(scope="module")
def mesas_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Mesa's page of a scenario."""
    served = start_server(tmp_path_factory.mktemp("mesa"), SCENARIO, "--mesa")
    yield served
    assert served.stop() == 0
    assert served.process.stderr is not None
    assert "Traceback" not in served.process.stderr.read()


@pytest.fixture
def page(mesas_page: Server, browser: Browser) -> Iterator[Page]:
    """A visit that nothing may go wrong on."""
    wrong: list[str] = []
    opened = browser.new_context(viewport={"width": 1500, "height": 1400}).new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("response", lambda got: got.status >= 400 and wrong.append(f"{got.status}: {got.url}"))
    opened.goto(mesas_page.address)
    expect(title(opened)).to_have_text(re.compile("^Round 0 of 52"))
    yield opened
    opened.context.close()
    assert wrong == []


def title(page: Page) -> object:
    """What the card of the standing is headed."""
    return page.locator(".v-card__title", has_text="Round ")


def standing(page: Page) -> dict[str, str]:
    """What the model was built with, as the page says it."""
    rows = page.locator(".willing-standing tr").all()
    return {row.locator("td").nth(0).inner_text(): row.locator("td").nth(1).inner_text() for row in rows}


def moved(page: Page, label: str, part: float) -> float:
    """Click on a slider, this part of the way to its right end, and return where it stands then."""
    slider = page.locator(".v-input__slider", has=page.get_by_text(label, exact=True))
    track = slider.locator(".v-slider")
    before = slider.get_by_role("slider").get_attribute("aria-valuenow") or ""
    track.click(position={"x": part * (track.bounding_box() or {})["width"], "y": 16})
    expect(slider.get_by_role("slider")).not_to_have_attribute("aria-valuenow", before)
    return float(slider.get_by_role("slider").get_attribute("aria-valuenow") or "nan")


def test_step_play_and_reset_do_what_they_say(page: Page) -> None:
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


def test_a_slider_reaches_the_model_that_reset_builds(page: Page) -> None:
    before = standing(page)
    clarity = moved(page, "Clarity of the mission", 0.8)
    seed = moved(page, "Seed", 0.5)
    assert standing(page) == before  # a slider waits for Reset
    button = page.get_by_role("button")
    button.filter(has_text="Reset").click()
    expect(page.locator(".willing-standing")).to_contain_text(f"{clarity:g}")
    now = standing(page)
    assert (float(now["Clarity of the mission"]), float(now["Seed"])) == (clarity, seed)
    assert (seed, clarity) == (pytest.approx(50, abs=5), pytest.approx(0.8, abs=0.05))
    assert {name: value for name, value in now.items() if name not in ("Seed", "Clarity of the mission")} == {
        name: value for name, value in before.items() if name not in ("Seed", "Clarity of the mission")
    }
    model = CoalitionModel(SCENARIO, rng=int(seed), **{"environment.clarity": clarity})
    for number in range(1, 4):
        button.filter(has_text="Step").click()
        expect(title(page)).to_have_text(re.compile(f"^Round {number} of 52"))
        model.step()
    count = model.count("troops")
    expect(page.get_by_text(f"{count} {'state' if count == 1 else 'states'} would send troops")).to_be_visible()


def test_sliders_begin_where_the_scenario_stands_and_end_where_it_can_be_played() -> None:
    from sim.ui.mesa_app import sliders

    for name in (SCENARIO, "paris-march-2025", "replay-2025"):
        scenario = load_scenario(name)
        made = {path: slider.value for path, slider in sliders(scenario).items()}
        assert made["menu.troops.ask"] == scenario.menu["troops"].ask
        built = CoalitionModel(scenario, **made)
        plain = CoalitionModel(scenario, rng=0)
        assert built.setup.whole == plain.setup.whole
        for path, slider in sliders(scenario).items():
            for end in (slider.min, slider.max):
                assert CoalitionModel(scenario, **{path: end}).round == 0
    assert "environment.us_backing" not in made  # replay-2025 follows the record


def test_a_scenario_that_makes_no_sense_is_told_before_the_page_opens(willing: object, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: Mine?\nenviroment: {}\n")
    told: Answer = willing("ui", "mine.yaml", "--mesa")  # type: ignore[operator]
    assert told.code == 2
    assert "mine.yaml:3:1: enviroment" in told.err
