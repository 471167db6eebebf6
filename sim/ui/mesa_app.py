"""Mesa's own page for a scenario: map, plots, sliders, Play, Step and Reset.

`willing ui --mesa` serves it, and so does `solara run sim/ui/mesa_app.py`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import solara
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from mesa.visualization import Slider, SolaraViz, make_plot_component, make_space_component
from mesa.visualization.components import AgentPortrayalStyle
from mesa.visualization.utils import update_counter

from sim import facts
from sim.model.agent import StateAgent
from sim.model.coalition import CoalitionModel
from sim.model.columns import personnel_column, states_column
from sim.plots.style import NOT_ASKED, SEA, option_styles
from sim.scenario import Scenario, load_scenario
from sim.scenario.environment_process import Constant, LogitAR1
from sim.text.numbers import counted
from sim.text.words import date_text, promise
from sim.ui.catalogue import first_scenario, references
from sim.ui.controls import groups

type Region = Literal["europe", "world"]

WINDOWS = {"europe": ((-25.0, 45.0), (34.0, 70.0)), "world": ((-180.0, 180.0), (-58.0, 85.0))}  # degrees east, north


@solara.component
def Page() -> None:
    """Show the scenario that the page was started with; every visitor has a model of their own."""
    scenario = solara.use_memo(lambda: load_scenario(references()[first_scenario()]), [])
    model = solara.use_memo(lambda: CoalitionModel(scenario, rng=0), [])
    controls = solara.use_memo(lambda: sliders(scenario), [])
    components = solara.use_memo(lambda: [*components_of(model), partial(CurrentState, labels=controls)], [])
    SolaraViz(model, components=components, model_params=controls, name=scenario.name, play_interval=200)


@solara.component
def CurrentState(model: CoalitionModel, labels: dict[str, Slider]) -> None:
    """Show the round, the states that hold the headline, and the settings of the model."""
    update_counter.get()  # a step changes the model in place
    headline = model.setup.menu.names[model.headline]
    with solara.Card(f"Round {model.round} of {model.setup.scenario.rounds}, {date_text(model.date)}"):
        solara.Text(f"{counted(model.count(headline), 'state')} would {promise(headline, model.setup.scenario)}")
        with solara.v.Html(tag="table", class_="willing-settings-table"):
            for path, slider in labels.items():
                value = getattr(model.scenario, path)
                solara.v.Html(
                    tag="tr",
                    children=[solara.v.Html(tag="td", children=[text]) for text in (slider.label, f"{value:,}")],
                )


def sliders(scenario: Scenario) -> dict[str, Slider]:
    """Return a slider for the seed and for each number of the situation, by path."""
    result = {"rng": Slider("Seed", 0, 0, 100, 1)}
    for control in groups(scenario, scenario)[0]["settings"]:
        quantity = getattr(scenario.environment, control["path"].split(".")[1], None)
        if "low" in control and isinstance(quantity, Constant | LogitAR1 | None):  # not a schedule
            kind = int if isinstance(control["value"], int) else float
            numbers = (kind(control[name]) for name in ("value", "low", "high", "step"))
            result[control["path"]] = Slider(control["label"], *numbers)
    return result


def components_of(model: CoalitionModel) -> list[Any]:
    """Return the components: Europe, states by option, soldiers, deterrence; and on a second tab the world."""
    styles = option_styles(model.setup.scenario)
    options = {name: style.colour for name, style in styles.items() if name in model.setup.menu.names[1:]}

    def portrayal(state: StateAgent) -> AgentPortrayalStyle:
        now, if_met = styles[state.stance_name].colour, styles[state.conditional_stance_name].colour
        return AgentPortrayalStyle(color=now, edgecolors=if_met, linewidths=2.5, size=90 if state.is_lead else 50)

    return [
        make_space_component(portrayal, post_process=partial(draw_map, model, "europe")),
        make_plot_component({states_column(name): colour for name, colour in options.items()}, from_round_1),
        make_plot_component({personnel_column(name): colour for name, colour in options.items()}, from_round_1),
        make_plot_component("deterrence", from_round_1),
        (make_space_component(portrayal, post_process=partial(draw_map, model, "world")), 1),
    ]


def draw_map(model: CoalitionModel, region: Region, axes: Axes) -> None:
    """Draw the land under the states, their codes beside them, and a legend."""
    for rings in facts.outlines(region).values():
        for ring in rings:
            axes.fill(*zip(*ring, strict=True), facecolor=NOT_ASKED, edgecolor="white", linewidth=0.5, zorder=0)
    for state in model.states:
        if state.pos is not None and (region == "europe" or not _lies_in_europe(*state.pos)):
            axes.annotate(state.code, state.pos, (0, 6), textcoords="offset points", ha="center", size=6, clip_on=True)
    styles = option_styles(model.setup.scenario).values()
    handles = [Line2D([], [], marker="o", linestyle="", color=each.colour, label=each.label) for each in styles]
    axes.legend(handles=handles, loc="upper right" if region == "europe" else "lower left", fontsize=6)
    axes.set(xlim=WINDOWS[region][0], ylim=WINDOWS[region][1], aspect=1.6, facecolor=SEA, xticks=[], yticks=[])
    axes.set_title("Declared stances; rings: if the conditions were met", size=9)


def from_round_1(axes: Axes) -> None:
    """Number the rows of the DataCollector from round 1."""
    for line in axes.lines:
        line.set_xdata(np.asarray(line.get_xdata(), dtype=float) + 1)
    axes.relim()
    axes.autoscale()


def _lies_in_europe(east: float, north: float) -> bool:
    (west_end, east_end), (south_end, north_end) = WINDOWS["europe"]
    return west_end <= east <= east_end and south_end <= north <= north_end
