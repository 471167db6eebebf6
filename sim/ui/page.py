"""The Mesa page: choose a scenario, play it round by round, and watch who joins what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from sim.model.coalition import CoalitionModel
from sim.plots import option_styles, stance_map
from sim.results.columns import personnel_column, states_column
from sim.results.summary import stance_chances
from sim.scenario import load_scenario, shipped
from sim.theory.choice import ENVIRONMENT

FIRST = "paris-march-2025"


class WatchedModel(CoalitionModel):
    """The model with its parameters by keyword, as the page's controls set them."""

    def __init__(self, case: str = FIRST, rng: int = 0) -> None:
        """Seat the states of a shipped scenario."""
        super().__init__(load_scenario(case), rng=rng)


@solara.component
def StanceMap(model: CoalitionModel) -> None:
    """Show where each state stands in the round last played."""
    update_counter.get()
    scenario, names = model.setup.scenario, model.setup.menu.names
    if model.round == 0:
        solara.Markdown(f"### {scenario.question}\n\nPress **Step** or **Play**.")
        return
    collected = model.datacollector.get_agent_vars_dataframe().reset_index()
    stances = collected.rename(columns={"Step": "round"})
    drawn = stance_map(stance_chances(stances, names), scenario, replicates=1, seed=model.scenario.rng, date=model.date)
    solara.FigureMatplotlib(drawn)


def _states(model: CoalitionModel) -> dict[str, str]:
    return {states_column(name): colour for name, colour in _colours(model).items()}


def _soldiers(model: CoalitionModel) -> dict[str, str]:
    offering = {name: colour for name, colour in _colours(model).items() if model.setup.scenario.menu[name].share > 0}
    return {personnel_column(name): colour for name, colour in offering.items()} | {"ask": "black"}


def _environment(model: CoalitionModel) -> dict[str, str]:
    return dict(zip(ENVIRONMENT, ("C0", "C3", "C4", "C2", "C1", "C5"), strict=True))


def _colours(model: CoalitionModel) -> dict[str, str]:
    styles = option_styles(model.setup.scenario)
    return {name: styles[name].colour for name in model.setup.menu.names[1:]}


def _lines(columns: Callable[[CoalitionModel], dict[str, str]], unit: str) -> Callable[[CoalitionModel], Any]:
    """Return a component that plots columns of the DataCollector, each in its colour, round by round."""

    def finish(axes: Any) -> None:
        axes.set(xlabel="round", ylabel=unit)
        axes.set_ylim(bottom=0)

    return lambda model: make_plot_component(columns(model), post_process=finish)[0](model)


COMPONENTS = [StanceMap, _lines(_states, "states"), _lines(_soldiers, "soldiers"), _lines(_environment, "0 to 1")]


def controls() -> dict[str, dict[str, Any]]:
    """Return what can be set before a run: scenario and seed."""
    return {
        "case": {"type": "Select", "value": FIRST, "values": list(shipped()), "label": "Scenario"},
        "rng": {"type": "SliderInt", "value": 0, "min": 0, "max": 100, "step": 1, "label": "Seed"},
    }


@solara.component
def Page() -> None:
    """Lay out the page; every visitor has a model of their own."""
    model = solara.use_memo(WatchedModel, [])
    SolaraViz(
        model,
        components=COMPONENTS,
        model_params=controls(),
        name="Willing",
    )
