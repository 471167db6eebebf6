"""Probabilities: many replicates of a case after every change of a setting, compared with a pinned case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import solara
import solara.lab

from sim import api
from sim.analysis.interval import Interval
from sim.analysis.stance_shares import ShareDifference, StanceShares, difference, stance_shares
from sim.errors import WillingError
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import prepare
from sim.plots.style import option_styles
from sim.results.outcomes import OUTCOMES
from sim.scenario import Scenario
from sim.text.numbers import percent, signed
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, option_name, promise
from sim.ui.case import Case, error_text, path_of, read_listed, value_of, with_settings
from sim.ui.components import Figures, States
from sim.ui.state_views import ByRound, MapOfStates

REPLICATES = 1_000
MAX_ROUNDS = 200_000  # over all replicates, because a visitor waits for them


def simulate(scenario: Scenario, seed: int) -> StanceShares:
    """Simulate a scenario and summarise the run; raises the errors of `sim.run`."""
    replicates = max(20, min(REPLICATES, MAX_ROUNDS // scenario.rounds))
    engine = "agents" if prepare(scenario).own_drivers else "ensemble"
    return stance_shares(api.run(scenario, replicates=replicates, seed=seed, engine=engine))


def _simulate_or_error(load: Callable[[], Scenario], seed: int) -> StanceShares | WillingError:
    try:
        return simulate(load(), seed)
    except WillingError as error:
        return error


def _scenario_of(case: Case) -> Scenario:
    return with_settings(read_listed(case.scenario), case.in_force)


@solara.component
def ProbabilitiesView(
    case: Case,
    scenario: Scenario,
    pinned: Case | None,
    on_pin: Callable[[Case | None], None],
    chosen: str | None,
    on_choose: Callable[[str], None],
) -> None:
    """Simulate a case many times and show the probabilities, and the differences from the pinned case.

    scenario: that of the case, with all settings in force.
    """
    task = solara.lab.use_task(
        lambda: _simulate_or_error(lambda: scenario, case.seed), dependencies=[case.scenario, case.in_force, case.seed]
    )
    pinned_task = solara.lab.use_task(
        lambda: None if pinned is None else _simulate_or_error(lambda: _scenario_of(pinned), pinned.seed),
        dependencies=[pinned],
    )
    last = solara.use_ref(None)
    if task.finished and isinstance(task.value, StanceShares):
        last.current = task.value
    with solara.Div(classes=["willing-pin"]):
        if pinned is None:
            solara.Button(
                "Pin this case", icon_name="mdi-pin", on_click=lambda: on_pin(case.from_the_start()), outlined=True
            )
            solara.Text("Pin the case, then change a setting to see the differences under the same random draws.")
        else:
            solara.Button("Unpin", icon_name="mdi-pin-off", on_click=lambda: on_pin(None), outlined=True)
            solara.Text(f"Compared with {case_text(pinned, scenario)}.")
    for each in (task, pinned_task):
        if each.finished and isinstance(each.value, WillingError):
            solara.Error(children=[solara.v.Html(tag="pre", children=[error_text(each.value)])])
    solara.ProgressLinear(bool(task.pending or pinned_task.pending))
    current: StanceShares | None = last.current
    if current is None:
        return
    is_pinned = pinned_task.finished and isinstance(pinned_task.value, StanceShares)
    Summary(current, pinned_task.value if is_pinned else None, chosen, on_choose)


@solara.component
def Summary(
    current: StanceShares, pinned: StanceShares | None, chosen: str | None, on_choose: Callable[[str], None]
) -> None:
    """Show the probabilities: figures, map, table of states, and charts by round."""
    changed, warning = solara.use_memo(lambda: _compare(current, pinned), [id(current), id(pinned)])
    if warning:
        solara.Warning(warning)
    scenario = current.setup.scenario
    size = f"{current.replicates:,} replicates of {scenario.rounds:,} rounds, seed {current.seed}"
    solara.v.Html(tag="p", children=[size], class_="willing-note")
    Figures(figures=figures_of(current, changed))
    with solara.Div(classes=["willing-two"]):
        with solara.Div():
            MapOfStates(current.setup, current.chances, chosen, on_choose, False)
        StatesByProbability(current, changed, chosen, on_choose)
    ByRound(current.rounds, scenario, [], over=", mean over replicates")


@solara.component
def StatesByProbability(
    current: StanceShares, changed: ShareDifference | None, chosen: str | None, on_choose: Callable[[str], None]
) -> None:
    """List the states by the probability of the deepest option, with the difference from the pinned case."""
    scenario, setup = current.setup.scenario, current.setup
    deepest, styles = scenario.deepest, option_styles(scenario)
    conditional = f"{deepest}_conditional"
    options = list(reversed(scenario.option_names))
    rows = []
    for index, state in enumerate(setup.states):
        chances = {str(option): float(chance) for option, chance in current.chances.loc[state.code].to_dict().items()}
        row: dict[str, Any] = {
            "code": state.code,
            "name": state.name,
            "leads": bool(setup.leads[index]),
            **{_column(option): chance for option, chance in chances.items()},
            "texts": {_column(option): percent(chance) for option, chance in chances.items()},
        }
        if changed is not None and changed.deepest == deepest:
            is_compared = state.code in changed.chances.index
            change: float = changed.chances[deepest].to_dict().get(state.code, 0.0)
            mark = " *" if state.code in changed.movers else ""
            row |= {"change": change}
            row["texts"]["change"] = signed(100 * change, 1) + mark if is_compared else "–"
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
        solara.v.Html(tag="h3", children=[f"States by probability of {styles[deepest].label}, in % of replicates"])
        States(
            columns=columns, rows=rows, first=_column(deepest), descending=True, chosen=chosen, event_choose=on_choose
        )
        if changed is not None:
            solara.v.Html(
                tag="p",
                children=["* Significant: the 95% interval of the change excludes 0."],
                class_="willing-note",
            )


def _column(option: str) -> str:
    """Return the column of an option's probability, which an option named `code` shares with no other column."""
    return f"chance_{option}"


def figures_of(current: StanceShares, changed: ShareDifference | None) -> list[dict[str, str]]:
    """Return the main figures, each with its range over replicates or its difference from the pinned case."""
    scenario = current.setup.scenario
    deepest, headline = scenario.deepest, scenario.proposal.headline
    label = option_styles(scenario)[deepest].label
    figures = [
        _share(current, changed, "viable"),
        _share(current, changed, "viable_now"),
        _share(current, changed, "peace_holds"),
        _amount(current, changed, states_column(deepest), label, "states, firm", 1),
        _amount(
            current,
            changed,
            conditional_column(deepest),
            "If the conditions were met",
            f"states would {promise(deepest, scenario)}",
            1,
        ),
    ]
    if headline in scenario.menu and scenario.menu[headline].share > 0:
        soldiers = f"Soldiers for {option_name(headline)}"
        figures.append(_amount(current, changed, personnel_column(headline), soldiers, "soldiers", 0))
    figures.append(_amount(current, changed, "ask", outcome_text("ask", scenario).title, "soldiers", 0))
    if scenario.opponent is not None:
        figures.append(_amount(current, changed, "deterrence", "Deterrence", "0 to 1", 2))
    return figures


def case_text(case: Case, scenario: Scenario) -> str:
    """Return a case in words; the scenario provides the names of options."""
    settings = [
        f"{setting_name(path_of(setting), scenario, unit='').phrase} {value_of(setting)}" for setting in case.in_force
    ]
    return f"{case.scenario} ({', '.join(settings) or 'no setting changed'}; seed {case.seed})"


def _compare(current: StanceShares, pinned: StanceShares | None) -> tuple[ShareDifference | None, str]:
    """Return the difference from the pinned case, or a warning that the cases cannot be compared."""
    if pinned is None:
        return None, ""
    try:
        return difference(current, pinned), ""
    except WillingError as error:
        return None, f"Not compared: {error}"


def _share(current: StanceShares, changed: ShareDifference | None, name: str) -> dict[str, str]:
    label, about = outcome_text(name, current.setup.scenario).title, OUTCOMES[name].about
    mean = current.spreads[name]["mean"]
    note = about if changed is None else _with_interval(changed.outcomes[name], 100.0, 1, " points")
    return {
        "label": label,
        "value": "–" if mean is None else percent(mean),
        "unit": "of replicates",
        "note": note,
        "about": about,
    }


def _amount(
    current: StanceShares, changed: ShareDifference | None, name: str, label: str, unit: str, digits: int
) -> dict[str, str]:
    spread = current.spreads[name]
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
        return "same as the pinned case"
    if unit:  # of shares, which cannot differ by more
        low, high = max(low, -scale), min(high, scale)
    if pd.isna(low):
        return f"{signed(mean, digits)}{unit}"
    return f"{signed(mean, digits)}{unit} vs. pinned ({signed(low, digits)} to {signed(high, digits)})"
