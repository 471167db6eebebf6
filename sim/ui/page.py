"""The Mesa page: choose a scenario, play it round by round, and watch who joins what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from mesa.visualization import SolaraViz
from mesa.visualization.utils import update_counter

from sim.model.coalition import CoalitionModel
from sim.model.columns import personnel_column, states_column
from sim.plots import option_styles, stance_map
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


@solara.component
def Lines(model: CoalitionModel, title: str, unit: str, lines: dict[str, tuple[str, str]]) -> None:
    """Show columns of the DataCollector round by round; lines gives the label and the colour of each column."""
    update_counter.get()
    if model.round == 0:
        return
    kept = model.datacollector.get_model_vars_dataframe()
    drawn = Figure(figsize=(7.0, 4.6), layout="constrained")
    axes = drawn.subplots()
    for column, (label, colour) in lines.items():
        axes.plot(kept["round"], kept[column], color=colour, label=label, linewidth=2)
    axes.set_title(title, loc="left", weight="bold")
    axes.set(xlabel=f"round of {model.setup.scenario.round_days} days", ylabel=unit)
    axes.set_ylim(bottom=0)
    axes.set_xlim(1, max(2, model.round))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.spines[["top", "right"]].set_visible(False)
    drawn.legend(loc="outside lower center", ncols=3, frameon=False)
    solara.FigureMatplotlib(drawn)


def _states(model: CoalitionModel) -> Any:
    styles = option_styles(model.setup.scenario)
    lines = {states_column(name): (styles[name].label, styles[name].colour) for name in model.setup.menu.names[1:]}
    return Lines(model, "States by option", "states", lines)


def _soldiers(model: CoalitionModel) -> Any:
    scenario, styles = model.setup.scenario, option_styles(model.setup.scenario)
    offering = [name for name in model.setup.menu.names[1:] if scenario.menu[name].share > 0]
    lines = {personnel_column(name): (styles[name].label, styles[name].colour) for name in offering}
    return Lines(model, "Soldiers declared, and asked for", "soldiers", {**lines, "ask": ("Ask in force", "black")})


def _environment(model: CoalitionModel) -> Any:
    lines = {
        quantity: (quantity.replace("_", " ").capitalize().replace("Us ", "US "), f"C{place}")
        for place, quantity in enumerate(ENVIRONMENT)
    }
    return Lines(model, "Environment", "0 to 1", lines)


COMPONENTS: list[Callable[[CoalitionModel], Any]] = [StanceMap, _states, _soldiers, _environment]


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
