"""Odds: many replicates of a case at every change of a control, beside a case that was pinned."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pandas as pd
import solara
import solara.lab

from sim.analysis.interval import Interval
from sim.analysis.stance_shares import ShareDifference, StanceShares, difference, stance_shares
from sim.errors import WillingError
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import prepare
from sim.plots.style import option_styles
from sim.scenario import Scenario
from sim.text.numbers import percent, signed
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, option_name, promise
from sim.ui.case import Case, mistakes, path_of, read_offered, value_of, with_settings
from sim.ui.components import Figures, States
from sim.ui.state_views import ByRound, MapOfStates

REPLICATES = 1_000
MOST_ROUNDS = 200_000  # of all replicates together: what is played while somebody waits


def play(scenario: Scenario, seed: int) -> StanceShares:
    """Return the odds of a scenario; raises what preparing it raises."""
    setup = prepare(scenario)
    replicates = max(20, min(REPLICATES, MOST_ROUNDS // setup.scenario.rounds))
    return stance_shares(setup, seed=seed, replicates=replicates, threads=os.cpu_count() or 1)


def _tried(scenario: Callable[[], Scenario], seed: int) -> StanceShares | WillingError:
    """Return the odds of a scenario, or why there are none."""
    try:
        return play(scenario(), seed)
    except WillingError as error:
        return error


def _of(case: Case) -> Scenario:
    return with_settings(read_offered(case.scenario), case.in_force)


@solara.component
def ProbabilitiesView(
    case: Case,
    scenario: Scenario,
    pinned: Case | None,
    on_pin: Callable[[Case | None], None],
    chosen: str | None,
    on_choose: Callable[[str], None],
) -> None:
    """Play a case many times and show how likely what is, and what differs from the pinned case.

    scenario: the case's, with all its settings in force.
    """
    now = solara.lab.use_task(
        lambda: _tried(lambda: scenario, case.seed), dependencies=[case.scenario, case.in_force, case.seed]
    )
    before = solara.lab.use_task(
        lambda: None if pinned is None else _tried(lambda: _of(pinned), pinned.seed), dependencies=[pinned]
    )
    last = solara.use_ref(None)
    if now.finished and isinstance(now.value, StanceShares):
        last.current = now.value
    with solara.Div(classes=["willing-pin"]):
        if pinned is None:
            solara.Button(
                "Pin this case", icon_name="mdi-pin", on_click=lambda: on_pin(case.from_the_start()), outlined=True
            )
            solara.Text("Pin it, move a control, and see what differs, on the same luck.")
        else:
            solara.Button("Unpin", icon_name="mdi-pin-off", on_click=lambda: on_pin(None), outlined=True)
            solara.Text(f"Compared with {described(pinned, scenario)}.")
    for task in (now, before):
        if task.finished and isinstance(task.value, WillingError):
            solara.Error(children=[solara.v.Html(tag="pre", children=[mistakes(task.value)])])
    solara.ProgressLinear(bool(now.pending or before.pending))
    shown: StanceShares | None = last.current
    if shown is None:
        return
    against = before.value if before.finished and isinstance(before.value, StanceShares) else None
    Said(shown, against, chosen, on_choose)


@solara.component
def Said(
    shown: StanceShares, pinned: StanceShares | None, chosen: str | None, on_choose: Callable[[str], None]
) -> None:
    """Show the odds: figures, map, force with bands, and the states in order."""
    found = solara.use_memo(lambda: _against(shown, pinned), [id(shown), id(pinned)])
    changed, trouble = found
    if trouble:
        solara.Warning(trouble)
    scenario = shown.setup.scenario
    played = f"{shown.replicates:,} replicates of {scenario.rounds:,} rounds, seed {shown.seed}"
    solara.v.Html(tag="p", children=[played], class_="willing-note")
    Figures(figures=figures_of(shown, changed))
    with solara.Div(classes=["willing-two"]):
        with solara.Div():
            MapOfStates(shown.setup, shown.chances, chosen, on_choose, False)
        StatesInOrder(shown, changed, chosen, on_choose)
    ByRound(shown.rounds, scenario, [], over=", mean of all replicates")


@solara.component
def StatesInOrder(
    shown: StanceShares, changed: ShareDifference | None, chosen: str | None, on_choose: Callable[[str], None]
) -> None:
    """List the states, the likeliest to take the deepest option first, with the difference to the pinned case."""
    scenario, setup = shown.setup.scenario, shown.setup
    deepest, styles = scenario.deepest, option_styles(scenario)
    conditional = f"{deepest}_conditional"
    options = list(reversed(scenario.option_names))
    rows = []
    for place, state in enumerate(setup.states):
        chances = {str(option): float(chance) for option, chance in shown.chances.loc[state.code].to_dict().items()}
        row: dict[str, Any] = {
            "code": state.code,
            "name": state.name,
            "leads": bool(setup.leads[place]),
            **{_column(option): chance for option, chance in chances.items()},
            "shown": {_column(option): percent(chance) for option, chance in chances.items()},
        }
        if changed is not None and changed.deepest == deepest:
            known = state.code in changed.chances.index
            by: float = changed.chances[deepest].to_dict().get(state.code, 0.0)
            surely = state.code in changed.movers
            row |= {"change": by}
            row["shown"]["change"] = (signed(100 * by, 1) + (" *" if surely else "")) if known else "–"
        rows.append(row)
    columns: list[dict[str, Any]] = [{"text": "State", "value": "name"}]
    columns += [{"text": capitalised(option_name(deepest)), "value": _column(deepest), "align": "end"}]
    if changed is not None and changed.deepest == deepest:
        columns += [{"text": "Change, points", "value": "change", "align": "end"}]
    columns += [{"text": "If conditions met", "value": _column(conditional), "align": "end"}]
    columns += [
        {"text": capitalised(option_name(option)), "value": _column(option), "align": "end"}
        for option in options
        if option != deepest
    ]
    with solara.Div():
        solara.v.Html(tag="h3", children=[f"States in order of {styles[deepest].label}, share of replicates"])
        States(
            columns=columns, rows=rows, first=_column(deepest), descending=True, chosen=chosen, event_choose=on_choose
        )
        if changed is not None:
            solara.v.Html(
                tag="p", children=["* differs by more than luck: the 95% interval excludes 0."], class_="willing-note"
            )


def _column(option: str) -> str:
    """Return the column of an option's chance, which an option named `code` shares with no other."""
    return f"chance_{option}"


def figures_of(shown: StanceShares, changed: ShareDifference | None) -> list[dict[str, str]]:
    """Return the figures of the odds, each with its band, or with the difference to the pinned case."""
    scenario = shown.setup.scenario
    deepest, headline = scenario.deepest, scenario.proposal.headline
    label = option_styles(scenario)[deepest].label
    made = [
        _share(shown, changed, "viable", "Force viable", "the ask that was first put, and a lead"),
        _share(shown, changed, "viable_now", "Viable at the end", "the ask then in force, and a lead"),
        _share(shown, changed, "peace_holds", "Peace holds", "a permanent ceasefire stands at the end"),
        _amount(shown, changed, states_column(deepest), label, "states firm", 1),
        _amount(
            shown,
            changed,
            conditional_column(deepest),
            "If the conditions were met",
            f"states would {promise(deepest, scenario)}",
            1,
        ),
    ]
    if headline in scenario.menu and scenario.menu[headline].share > 0:
        made.append(
            _amount(shown, changed, personnel_column(headline), f"Soldiers for {option_name(headline)}", "soldiers", 0)
        )
    made.append(_amount(shown, changed, "ask", "Ask at the end", "soldiers", 0))
    if scenario.opponent is not None:
        made.append(_amount(shown, changed, "deterrence", "Deterrence", "0 to 1", 2))
    return made


def described(case: Case, scenario: Scenario) -> str:
    """Return a case in a few words; the scenario says what its options are called."""
    settings = [
        f"{setting_name(path_of(setting), scenario, unit='').phrase} {value_of(setting)}" for setting in case.in_force
    ]
    return f"{case.scenario} ({', '.join(settings) or 'as it stands'}; seed {case.seed})"


def _against(shown: StanceShares, pinned: StanceShares | None) -> tuple[ShareDifference | None, str]:
    if pinned is None:
        return None, ""
    try:
        return difference(shown, pinned), ""
    except WillingError as error:
        return None, f"Not compared: {error}"


def _share(shown: StanceShares, changed: ShareDifference | None, name: str, label: str, about: str) -> dict[str, str]:
    mean = shown.spreads[name]["mean"]
    note = about if changed is None else _with_interval(changed.outcomes[name], 100.0, 1, " points")
    return {
        "label": label,
        "value": "–" if mean is None else percent(mean),
        "unit": "of replicates",
        "note": note,
        "about": about,
    }


def _amount(
    shown: StanceShares, changed: ShareDifference | None, name: str, label: str, unit: str, digits: int
) -> dict[str, str]:
    spread = shown.spreads[name]
    mean, low, high = spread["mean"], spread["p05"], spread["p95"]
    if mean is None or low is None or high is None:
        return {"label": label, "value": "–", "unit": unit, "note": ""}
    note = f"90% of replicates: {low:,.{digits}f} to {high:,.{digits}f}"
    if changed is not None and name in changed.outcomes:
        note = _with_interval(changed.outcomes[name], 1.0, digits)
    return {"label": label, "value": f"{mean:,.{digits}f}", "unit": unit, "note": note}


def _with_interval(change: Interval, scale: float, digits: int, unit: str = "") -> str:
    """Return a change with its 95 % interval."""
    mean, low, high = (scale * value for value in (change.mean, change.low, change.high))
    if mean == low == high == 0.0:
        return "no difference to the pin"
    if unit:  # of shares, which cannot differ by more
        low, high = max(low, -scale), min(high, scale)
    if pd.isna(low):
        return f"{signed(mean, digits)}{unit}"
    return f"{signed(mean, digits)}{unit} against the pin ({signed(low, digits)} to {signed(high, digits)})"
