"""Bargaining: one replicate of a case, simulated round by round, and the explanation of each stance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.analysis.explain import Explanation
from sim.errors import WillingError
from sim.plots.style import option_styles
from sim.scenario import Scenario
from sim.scenario.field_types import as_label
from sim.text.numbers import counted, percent, signed
from sim.text.words import (
    capitalised,
    consideration_name,
    date_text,
    listed,
    option_name,
    promise,
    quantity_name,
    state_name,
)
from sim.theory.choice import ENVIRONMENT, US_BACKING
from sim.ui.case import error_text
from sim.ui.components import Figures, Reasons, States
from sim.ui.live_model import LiveModel, Snapshot
from sim.ui.state_views import ByRound, MapOfStates

VISIBLE = 0.005  # smallest amount that two decimals show
MAX_PEERS = 8  # listed by name
OWN_CHOICE = "its own choice"


@solara.component
def Bargaining(model: LiveModel, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """Show the last simulated round: figures, map, the chosen state, charts by round, and all states."""
    update_counter.get()
    snapshot = model.snapshot()
    scenario, changes = snapshot.setup.scenario, sorted({change.after for change in model.case.changes})
    Figures(figures=_figures(snapshot))
    with solara.Div(classes=["willing-two"]):
        with solara.Div():
            MapOfStates(snapshot.setup, snapshot.chances, chosen, on_choose, True)
        ChosenState(model, snapshot, chosen, on_choose)
    ByRound(snapshot.rounds, scenario, changes)
    solara.v.Html(tag="h2", children=["All states"])
    AllStates(snapshot, chosen, on_choose)


@solara.component
def AllStates(snapshot: Snapshot, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """List the states with their firm and conditional stances and the soldiers that they would contribute."""
    scenario, setup = snapshot.setup.scenario, snapshot.setup
    styles, deepest = option_styles(scenario), scenario.deepest
    rows = []
    for index, state in enumerate(setup.states):
        stance = str(snapshot.chances.loc[state.code, list(scenario.option_names)].idxmax())
        offers = setup.offers[index]
        rows.append(
            {
                "code": state.code,
                "name": state.name,
                "leads": bool(setup.leads[index]),
                "stance": setup.menu.index(stance),
                "conditional": "yes" if snapshot.chances.loc[state.code, f"{deepest}_conditional"] else "no",
                "offer": float(offers[setup.menu.index(stance)]),
                "deepest": float(offers[-1]),
                "colours": {"stance": styles[stance].colour},
                "texts": {
                    "stance": styles[stance].label,
                    "offer": f"{offers[setup.menu.index(stance)]:,.0f}",
                    "deepest": f"{offers[-1]:,.0f}",
                },
            }
        )
    columns = [
        {"text": "State", "value": "name"},
        {"text": "Code", "value": "code"},
        {"text": "Stance", "value": "stance"},
        {"text": f"Would {promise(deepest, scenario)} if the conditions were met", "value": "conditional"},
        {"text": "Soldiers declared", "value": "offer", "align": "end"},
        {"text": f"Soldiers for {option_name(deepest)}, if it joined", "value": "deepest", "align": "end"},
    ]
    States(columns=columns, rows=rows, first="stance", descending=True, chosen=chosen, event_choose=on_choose)


@solara.component
def ChosenState(model: LiveModel, snapshot: Snapshot, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """Explain the stance of the chosen state, and let it be forced into another."""
    if_met, set_if_met = solara.use_state(False)
    names = {
        capitalised(state.name): state.code for state in sorted(snapshot.setup.states, key=lambda state: state.name)
    }
    name = next((name for name, code in names.items() if code == chosen), None)
    with solara.Div(classes=["willing-chosen-state"]):
        solara.Select("State", values=list(names), value=name, on_value=lambda name: on_choose(names[name or ""]))
        if chosen is None:
            solara.v.Html(
                tag="p", children=["Choose a state here or on the map to see the reasons for its stance."]
            ).key("hint")
            return
        try:
            explained = model.explain(chosen, conditional=if_met)
        except WillingError as error:
            solara.Error(str(error))
            return
        ForcedStance(model, snapshot, explained)
        solara.v.Html(tag="h3", children=[explained.headline]).key("title")
        solara.Switch(label="If the conditions were met", value=if_met, on_value=set_if_met)
        Reasoning(explained, snapshot.setup.scenario)


@solara.component
def ForcedStance(model: LiveModel, snapshot: Snapshot, explained: Explanation) -> None:
    """Force the chosen state to declare an option from the next round on, or end this."""
    error, set_error = solara.use_state("")
    styles = option_styles(snapshot.setup.scenario)
    options: dict[str, str | None] = {OWN_CHOICE: None, **{styles[name].label: name for name in explained.options}}

    def force(label: str) -> None:
        try:
            model.force(explained.code, options[label])
        except WillingError as mistake:
            set_error(error_text(mistake))
        else:
            set_error("")
        force_update()

    forced = model.forces_next(explained.code)
    solara.Select(
        "Declaration from the next round on",
        values=list(options),
        value=OWN_CHOICE if forced is None else styles[forced].label,
        on_value=force,
    ).key(f"force {explained.code}")
    if error:
        solara.Error(error)


@solara.component
def Reasoning(explained: Explanation, scenario: Scenario) -> None:
    """Show an explanation: considerations by option, probabilities, offers, peers and the required US backing."""
    styles = option_styles(scenario)
    options = [
        {"name": name, "label": styles[name].label, "short": option_name(name), "colour": styles[name].colour}
        for name in explained.options
    ]
    rows = [
        {
            "name": name,
            "label": capitalised(consideration_name(name, scenario)),
            "amounts": explained.terms[:, index].tolist(),
        }
        for name in explained.differences(explained.stance, explained.alternative)
        if (abs(explained.terms[:, (index := explained.considerations.index(name))]) >= VISIBLE).any()
    ]
    sums = [
        {"label": "Utility", "texts": [signed(utility) for utility in explained.utilities.tolist()]},
        {
            "label": "Probability when it decides",
            "texts": [percent(probability) for probability in explained.probabilities.tolist()],
        },
        {"label": "Soldiers it would contribute", "texts": [f"{offer:,.0f}" for offer in explained.offers.tolist()]},
    ]
    largest = max([VISIBLE, *(abs(amount) for row in rows for amount in row["amounts"])])
    Reasons(options=options, rows=rows, sums=sums, largest=largest)
    with solara.v.Html(tag="dl", class_="willing-facts"):
        for label, text in further_facts(explained, scenario).items():
            solara.v.Html(tag="dt", children=[label])
            solara.v.Html(tag="dd", children=[text])


def further_facts(explained: Explanation, scenario: Scenario) -> Mapping[str, str]:
    """Return the US backing that the deepest option requires, and the peers of the state, by label."""
    deepest = scenario.deepest
    now = explained.environment[ENVIRONMENT[US_BACKING]]
    enough = explained.enough_backing
    if enough is None:
        backing = f"none suffices, all else equal (now {now:.2f})"
    else:
        backing = f"{enough:.2f}, all else equal (now {now:.2f})"
    peers = explained.peers[:MAX_PEERS]
    further = len(explained.peers) - len(peers)
    texts = [f"{peer.code} {percent(peer.weight)} {option_name(peer.stance)}" for peer in peers]
    return {
        f"US backing required for {option_name(deepest)} to be its best option": backing,
        "Peers by weight, and their stances": (", ".join(texts) + (f", and {further} more" if further else ""))
        if texts
        else "none",
    }


def _figures(snapshot: Snapshot) -> list[dict[str, str]]:
    scenario, chances = snapshot.setup.scenario, snapshot.chances
    deepest = scenario.deepest
    label = option_styles(scenario)[deepest].label
    firm = chances[deepest] > 0
    conditional = int(((chances[f"{deepest}_conditional"] > 0) & ~firm).sum())
    leads = [state_name(code, scenario) for code in scenario.leads if code in chances.index and firm[code]]
    has_begun = snapshot.round > 0
    return [
        {
            "label": "Round",
            "value": f"{snapshot.round} of {scenario.rounds}",
            "unit": "",
            "note": date_text(snapshot.date) if has_begun else f"begins {date_text(snapshot.date)}",
        },
        {
            "label": "Headline",
            "value": capitalised(option_name(snapshot.headline)),
            "unit": "",
            "note": f"changed {counted(snapshot.redimensioned, 'time')}"
            if snapshot.redimensioned
            else "as first proposed",
        },
        {
            "label": "Soldiers declared",
            "value": f"{snapshot.declared:,.0f}",
            "unit": "",
            "note": f"of {snapshot.ask:,.0f} asked" if snapshot.ask else "no ask",
        },
        {
            "label": label,
            "value": f"{int(firm.sum())}",
            "unit": "states, firm",
            "note": f"{conditional} more if the conditions were met" + (f"; {listed(leads)} firm" if leads else ""),
        },
        {"label": "Ceasefire", "value": capitalised(snapshot.phase.replace("_", " ")), "unit": "", "note": "phase"},
        *_deterrence(snapshot),
        {
            "label": as_label(quantity_name("us_backing", snapshot.setup.scenario)),
            "value": f"{snapshot.environment['us_backing']:.2f}",
            "unit": "0 to 1",
            "note": _opposition_text(snapshot),
        },
    ]


def _deterrence(snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the figure of deterrence; none if there is no opponent."""
    if snapshot.setup.scenario.opponent is None:
        return []
    return [
        {
            "label": "Deterrence",
            "value": f"{snapshot.deterrence:.2f}",
            "unit": "0 to 1",
            "note": "1: a new attack is fully deterred",
        }
    ]


def _opposition_text(snapshot: Snapshot) -> str:
    scenario = snapshot.setup.scenario
    if scenario.opponent is None:
        return "no opponent"
    return f"{as_label(quantity_name('russian_opposition', scenario))} {snapshot.environment['russian_opposition']:.2f}"
