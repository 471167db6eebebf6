"""The Mesa page comes up and plays, without a browser."""

import ipyvuetify
import pytest
import solara

from sim.model.coalition import CoalitionModel
from sim.ui.page import COMPONENTS, Page, WatchedModel, controls


def test_the_page_comes_up() -> None:
    _, rendered = solara.render(Page(), handle_error=False)
    assert rendered.find(ipyvuetify.Tabs).widgets
    rendered.close()


@pytest.mark.parametrize("case", controls()["case"]["values"])
def test_every_component_shows_every_scenario_before_and_after_a_round(case: str) -> None:
    model: CoalitionModel = WatchedModel(case, rng=3)
    for round_played in (0, 1):
        for component in COMPONENTS:
            _, rendered = solara.render(component(model), handle_error=False)
            rendered.close()
        assert model.round == round_played
        model.step()
