"""Bargaining: one replicate of a case, played round by round, and why a state stands where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import solara
from mesa.visualization.utils import force_update, update_counter

from sim.analysis.explain import Explanation
from sim.errors import WillingError
from sim.plots.explanation import explanation_title
from sim.plots.style import option_styles
from sim.scenario import Scenario
from sim.text.numbers import counted, percent, signed
from sim.text.words import (
    capitalised,
    consideration_name,
    date_text,
    listed,
    option_name,
    promise,
    state_name,
    with_parties,
)
from sim.theory.choice import ENVIRONMENT, US_BACKING
from sim.ui.case import mistakes
from sim.ui.components import Figures, Reasons, States
from sim.ui.live_model import LiveModel, Seen
from sim.ui.state_views import ByRound, MapOfStates

SEEN = 0.005  # smallest amount that two decimals show
MOST_PEERS = 8  # named
ITS_CHOICE = "what it chooses"


@solara.component
def Bargaining(model: LiveModel, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """Show the round last played: figures, map, the chosen state, how it came, and every state."""
    update_counter.get()
    seen = model.look()
    scenario, turns = seen.setup.scenario, sorted({turn.after for turn in model.case.turns})
    Figures(figures=_figures(seen))
    with solara.Div(classes=["willing-two"]):
        with solara.Div():
            MapOfStates(seen.setup, seen.chances, chosen, on_choose, True)
        ChosenState(model, seen, chosen, on_choose)
    ByRound(seen.rounds, scenario, turns)
    solara.v.Html(tag="h2", children=["Every state"])
    EveryState(seen, chosen, on_choose)


@solara.component
def EveryState(seen: Seen, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """List the states with their stance, firm and conditional, and what they would offer."""
    scenario, setup = seen.setup.scenario, seen.setup
    styles, deepest = option_styles(scenario), scenario.deepest
    rows = []
    for place, state in enumerate(setup.states):
        stance = str(seen.chances.loc[state.code, list(scenario.option_names)].idxmax())
        offers = setup.offers[place]
        rows.append(
            {
                "code": state.code,
                "name": state.name,
                "leads": bool(setup.leads[place]),
                "stance": setup.menu.place(stance),
                "conditional": "yes" if seen.chances.loc[state.code, f"{deepest}_conditional"] else "no",
                "offer": float(offers[setup.menu.place(stance)]),
                "deepest": float(offers[-1]),
                "colours": {"stance": styles[stance].colour},
                "shown": {
                    "stance": styles[stance].label,
                    "offer": f"{offers[setup.menu.place(stance)]:,.0f}",
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
        {"text": f"Soldiers it would bring to {option_name(deepest)}", "value": "deepest", "align": "end"},
    ]
    States(columns=columns, rows=rows, first="stance", descending=True, chosen=chosen, event_choose=on_choose)


@solara.component
def ChosenState(model: LiveModel, seen: Seen, chosen: str | None, on_choose: Callable[[str], None]) -> None:
    """Say why the chosen state stands where it stands, what it would offer and to whom it looks."""
    if_met, set_if_met = solara.use_state(False)
    names = {capitalised(state.name): state.code for state in sorted(seen.setup.states, key=lambda state: state.name)}
    known = next((name for name, code in names.items() if code == chosen), None)
    with solara.Div(classes=["willing-chosen-state"]):
        solara.Select("State", values=list(names), value=known, on_value=lambda name: on_choose(names[name or ""]))
        if chosen is None:
            solara.v.Html(
                tag="p", children=["Choose a state, here or on the map, to see why it stands where it stands."]
            ).key("hint")
            return
        try:
            explained = model.explain(chosen, conditional=if_met)
        except WillingError as error:
            solara.Error(str(error))
            return
        Forced(model, seen, explained)
        solara.v.Html(tag="h3", children=[explanation_title(explained, seen.setup.scenario)]).key("title")
        solara.Switch(label="as if the conditions were met", value=if_met, on_value=set_if_met)
        Why(explained, seen.setup.scenario)


@solara.component
def Forced(model: LiveModel, seen: Seen, explained: Explanation) -> None:
    """Force the chosen state to declare an option from now on, or let it decide for itself again."""
    trouble, set_trouble = solara.use_state("")
    styles = option_styles(seen.setup.scenario)
    options: dict[str, str | None] = {ITS_CHOICE: None, **{styles[name].label: name for name in explained.options}}

    def force(label: str) -> None:
        try:
            model.force(explained.code, options[label])
        except WillingError as error:
            set_trouble(mistakes(error))
        else:
            set_trouble("")
        force_update()

    held = model.forces_next(explained.code)
    solara.Select(
        "From the next round on it declares",
        values=list(options),
        value=ITS_CHOICE if held is None else styles[held].label,
        on_value=force,
    ).key(f"force {explained.code}")
    if trouble:
        solara.Error(trouble)


@solara.component
def Why(explained: Explanation, scenario: Scenario) -> None:
    """Show an explanation: considerations by option, chances, offers, peers, and the US backing that would do."""
    styles = option_styles(scenario)
    options = [
        {"name": name, "label": styles[name].label, "short": option_name(name), "colour": styles[name].colour}
        for name in explained.options
    ]
    rows = [
        {
            "name": name,
            "label": capitalised(consideration_name(name, scenario)),
            "amounts": explained.terms[:, place].tolist(),
        }
        for name in explained.between(explained.stance, explained.alternative)
        if (abs(explained.terms[:, (place := explained.considerations.index(name))]) >= SEEN).any()
    ]
    sums = [
        {"label": "Value, all in all", "texts": [signed(value) for value in explained.values.tolist()]},
        {"label": "Chance when it decides", "texts": [percent(chance) for chance in explained.chances.tolist()]},
        {"label": "Soldiers it would bring", "texts": [f"{offer:,.0f}" for offer in explained.offers.tolist()]},
    ]
    largest = max([SEEN, *(abs(amount) for row in rows for amount in row["amounts"])])
    Reasons(options=options, rows=rows, sums=sums, largest=largest)
    with solara.v.Html(tag="dl", class_="willing-said"):
        for label, text in said_of(explained, scenario).items():
            solara.v.Html(tag="dt", children=[label])
            solara.v.Html(tag="dd", children=[text])


def said_of(explained: Explanation, scenario: Scenario) -> Mapping[str, str]:
    """Return what is said of a state beside its considerations, by what it is about."""
    deepest = scenario.deepest
    now = explained.environment[ENVIRONMENT[US_BACKING]]
    enough = explained.enough_backing
    if enough is None:
        backing = f"none: at no US backing would {option_name(deepest)} be it, all else as it is"
    else:
        backing = f"{enough:.2f}, all else as it is (now {now:.2f})"
    peers = explained.peers[:MOST_PEERS]
    more = len(explained.peers) - len(peers)
    named = [f"{peer.code} {percent(peer.weight)} {option_name(peer.stance)}" for peer in peers]
    return {
        f"Least US backing at which {option_name(deepest)} would be its best option": backing,
        "Looks to": (", ".join(named) + (f", and {more} more" if more else "")) if named else "no other state",
    }


def _figures(seen: Seen) -> list[dict[str, str]]:
    scenario, chances = seen.setup.scenario, seen.chances
    deepest = scenario.deepest
    label = option_styles(scenario)[deepest].label
    firm = chances[deepest] > 0
    conditional = int(((chances[f"{deepest}_conditional"] > 0) & ~firm).sum())
    leads = [state_name(code, scenario) for code in scenario.leads if code in chances.index and firm[code]]
    began = seen.round > 0
    return [
        {
            "label": "Round",
            "value": f"{seen.round} of {scenario.rounds}",
            "unit": "",
            "note": date_text(seen.date) if began else f"begins {date_text(seen.date)}",
        },
        {
            "label": "Headline",
            "value": capitalised(option_name(seen.headline)),
            "unit": "",
            "note": f"changed {counted(seen.redimensioned, 'time')}" if seen.redimensioned else "as first proposed",
        },
        {
            "label": "Declared for it",
            "value": f"{seen.declared:,.0f}",
            "unit": "soldiers",
            "note": f"of {seen.ask:,.0f} asked" if seen.ask else "goes ahead without an ask",
        },
        {
            "label": label,
            "value": f"{int(firm.sum())}",
            "unit": "states firm",
            "note": f"{conditional} more if the conditions were met" + (f"; {listed(leads)} firm" if leads else ""),
        },
        {"label": "Ceasefire", "value": capitalised(seen.phase.replace("_", " ")), "unit": "", "note": "phase"},
        *_of_the_opponent(seen),
        {
            "label": "US backing",
            "value": f"{seen.environment['us_backing']:.2f}",
            "unit": "0 to 1",
            "note": _opposition(seen),
        },
    ]


def _of_the_opponent(seen: Seen) -> list[dict[str, str]]:
    """Return how far the stances deter, where there is somebody to deter."""
    if seen.setup.scenario.opponent is None:
        return []
    return [
        {
            "label": "Deterrence",
            "value": f"{seen.deterrence:.2f}",
            "unit": "0 to 1",
            "note": "1: a new attack is fully deterred",
        }
    ]


def _opposition(seen: Seen) -> str:
    scenario = seen.setup.scenario
    if scenario.opponent is None:
        return "no opponent"
    return f"{capitalised(with_parties('Russian opposition', scenario))} {seen.environment['russian_opposition']:.2f}"
