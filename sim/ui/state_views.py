"""The map of states with its legend, and the charts by round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import solara

from sim.model.setup import Setup
from sim.plots.legend import party_key
from sim.plots.map import party_grounds
from sim.plots.map_states import StateOnMap, shown_states
from sim.plots.style import NOT_ASKED, SEA, ink_on, option_styles
from sim.plots.svg_map import TYPE, svg_map
from sim.scenario import Scenario
from sim.text.numbers import percent
from sim.text.state_counts import count_text, is_certain, mean_states, states_headline
from sim.text.words import capitalised, conditions_text, promise, state_name
from sim.ui import charts
from sim.ui.components import Chart, StateMap


@solara.component
def MapOfStates(
    setup: Setup, chances: pd.DataFrame, chosen: str | None, on_choose: Callable[[str], None], certain: bool
) -> None:
    """Draw the map of stances, with its legend under it."""
    scenario = setup.scenario
    land = solara.use_memo(
        lambda: _land(scenario), [scenario.roster.asked, scenario.leads, scenario.host, scenario.opponent]
    )
    states = {
        code: _state(code, shown, scenario, certain=certain) for code, shown in shown_states(chances, scenario).items()
    }
    styles = option_styles(scenario)
    label = f"Map of Europe. {states_headline(chances, scenario)}. The table of states has the same content."
    hatch = styles[scenario.deepest].colour
    StateMap(land=land, states=states, hatch=hatch, chosen=chosen, label=label, event_choose=on_choose)
    MapLegend(scenario, chances)


@solara.component
def MapLegend(scenario: Scenario, chances: pd.DataFrame) -> None:
    """Explain the colours and marks of the map, with the mean number of states in each stance."""
    certain = is_certain(chances)
    styles = option_styles(scenario)
    entries = []
    for name in reversed(scenario.option_names):
        count = count_text(mean_states(chances, name), certain=certain)
        entries.append(_entry({"background": styles[name].colour}, f"{styles[name].label}: {count}"))
    conditional = count_text(mean_states(chances, f"{scenario.deepest}_conditional"), certain=certain)
    colour = styles[scenario.deepest].colour
    stripes = f"repeating-linear-gradient(45deg, {colour} 0 3px, white 3px 6px)"
    text = f"would {promise(scenario.deepest, scenario)} if the conditions were met: {conditional}"
    entries.append(_entry({"background": stripes}, text, conditions_text(scenario)))
    entries.append(_entry({"border": "2px solid #22262B"}, "★ leads the proposal"))
    for ground, words in party_key(scenario):
        entries.append(_entry({"background": ground}, words))
    if not certain:
        entries.append(
            _entry(
                {}, "paler: lower share; numbers on the map: share of replicates in %; counts: means over replicates"
            )
        )
    solara.v.Html(tag="div", class_="willing-key", children=entries)


def _entry(swatch: dict[str, str], words: str, about: str = "") -> Any:
    css = ";".join(f"{name}:{value}" for name, value in swatch.items())
    mark = [solara.v.Html(tag="span", class_="willing-swatch", style_=css)] if swatch else []
    return solara.v.Html(tag="span", children=[*mark, words], attributes={"title": about} if about else {})


@solara.component
def ByRound(rounds: pd.DataFrame, scenario: Scenario, changes: Sequence[int], over: str = "") -> None:
    """Show charts by round.

    changes: rounds after which a setting was changed; over: a note on what the lines show.
    """
    with solara.Div(classes=["willing-three"]):
        for title, chart in (
            ("States by option", charts.stances),
            ("Soldiers declared and asked for", charts.soldiers),
            ("Environment and deterrence", charts.environment),
        ):
            option = chart(rounds, scenario, changes)
            with solara.Div(classes=["willing-chart"]):
                solara.v.Html(tag="h3", children=[f"{title}{over}"])
                label = f"{title}, by round. Last values: {charts.text_of(option)}."
                Chart(option=option, label=label, height=charts.height(option))


def _land(scenario: Scenario) -> dict[str, Any]:
    atlas = svg_map(scenario.roster.asked, scenario.leads)
    special = party_grounds(scenario)
    others = {code: special.get(code, NOT_ASKED) for code in atlas.shapes if code not in atlas.tags}
    return {
        "width": atlas.width,
        "height": atlas.height,
        "floor": atlas.floor,
        "type": TYPE,
        "sea": SEA,
        "shapes": atlas.shapes,
        "others": others,
        "host": scenario.host if scenario.host in atlas.shapes else None,
        "beyond": list(atlas.beyond),
        "tags": {
            code: {"x": tag.x, "y": tag.y, "lines": tag.lines, "box": tag.box, "leader": tag.leader}
            for code, tag in atlas.tags.items()
        },
    }


def _state(code: str, shown: StateOnMap, scenario: Scenario, *, certain: bool) -> dict[str, Any]:
    styles = option_styles(scenario)
    lines = [styles[shown.stance].label + ("" if certain else f": {percent(shown.chance)} of replicates")]
    if shown.hatched is not None:
        lines.append(f"would {promise(scenario.deepest, scenario)} if the conditions were met")
    return {
        "name": capitalised(state_name(code, scenario).removeprefix("the ")),
        "fill": shown.ground,
        "ink": ink_on(shown.ground),
        "hatched": shown.hatched is not None,
        "leads": shown.leads,
        "text": shown.text(certain=certain, joint="\n").splitlines(),
        "lines": lines,
    }
