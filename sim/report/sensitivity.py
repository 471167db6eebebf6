"""How much an outcome hangs on each factor, in words: a sentence, the rows of a table, and what has settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.analysis.convergence import NARROW, NEGLIGIBLE, Convergence
from sim.analysis.sweep_view import SweepView
from sim.experiment import Experiment
from sim.experiment.schema import Morris, Saltelli
from sim.text.numbers import percent
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, listed

NAMED = 3  # factors in the sentence
RANK: Mapping[type, str] = {Saltelli: "total", Morris: "mu_star"}  # which column says how much; of swings it is swing


def rank(experiment: Experiment) -> str:
    """Return the column by which factors are ranked."""
    return RANK.get(type(experiment.design), "swing")


def what_matters(sweep: SweepView, outcome: str, table: pd.DataFrame) -> str:
    """Return which factors matter most and how many hardly do, in a sentence.

    table: a row a factor, the strongest first, as the analysis of the experiment's design gives them.
    """
    measure, column = sweep.as_number(outcome), rank(sweep.experiment)
    names = [setting_name(str(factor), sweep.scenario, unit="").phrase for factor in table.index[:NAMED]]
    first = table.iloc[0]
    match sweep.experiment.design:
        case Saltelli():
            totals = [percent(min(1.0, max(0.0, total))) for total in table["total"][:NAMED]]
            reaches_first = table["total"] + table["total.reach"] >= first["total"] - first["total.reach"]
            tied = int(reaches_first[:NAMED].cumprod().sum())
            hangs = f"{capitalised(measure.phrase)} {measure.verb('hangs', 'hang')} most on {listed(names[:tied])}"
            if tied > 1:
                said = f"{hangs}, which are not told apart: {listed(totals[:tied])} of the variance with interactions"
            else:
                alone = percent(min(1.0, max(0.0, first["first"])))
                said = f"{hangs}: {totals[0]} of the variance with interactions, {alone} alone"
            rest = [f"{name} ({total})" for name, total in zip(names[tied:], totals[tied:], strict=True)]
            weak = int((table[column] <= NEGLIGIBLE).sum())
        case Morris():
            effect = (
                f"{100.0 * first['mu_star']:.0f} points"
                if measure.is_share
                else measure.text_with_unit(first["mu_star"])
            )
            said = f"{capitalised(names[0])} moves {measure.phrase} most, by {effect} on average over its whole range"
            rest, weak = names[1:], int((table[column] <= NEGLIGIBLE * table[column].max()).sum())
        case _:
            said = (
                f"{capitalised(names[0])} moves {measure.phrase} most: from {measure.text(first['low'])} to "
                f"{measure.text_with_unit(first['high'])}, against {measure.text(first['baseline'])} as things are"
            )
            rest, weak = names[1:], int((table[column] <= NEGLIGIBLE * table[column].max()).sum())
    then = f"; then {listed(rest)}" if rest else ""
    hardly = f". {weak} of {len(table)} factors hardly matter{'s' if weak == 1 else ''}" if weak else ""
    return f"{said}{then}{hardly}."


def rows_of(sweep: SweepView, outcome: str, table: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the heads of a table and a row of cells for each factor."""
    measure = sweep.as_number(outcome)
    scale, unit = (100.0, "points") if measure.is_share else (1.0, measure.unit)
    heads: list[str]
    match sweep.experiment.design:
        case Saltelli():
            heads = ["total", "±", "alone", "±"]
        case Morris():
            heads = [f"mu*, {unit}" if unit else "mu*", "±", "mu", "sigma"]
        case _:
            heads = [f"swing, {unit}" if unit else "swing", "±", "lowest", "at", "highest", "at"]
    rows = []
    for factor, row in table.to_dict("index").items():
        match sweep.experiment.design:
            case Saltelli():
                cells = [f"{row[name]:z.3f}" for name in ("total", "total.reach", "first", "first.reach")]
            case Morris():
                cells = [_short(scale * row[name]) for name in ("mu_star", "mu_star.reach", "mu", "sigma")]
            case _:
                cells = [*(_short(scale * row[name]) for name in ("swing", "swing.reach")), *_ends(measure, row)]
        rows.append([setting_name(str(factor), sweep.scenario, unit="").label, *cells])
    return ["factor", *heads], rows


def convergence_clause(found: Convergence, experiment: Experiment) -> str:
    """Return what has settled, and what to say for more."""
    said = f"{found.said} (the widest 95% interval is {found.widest:.2f} wide; {NARROW:g} is narrow)"
    if all(found.converged.values()):
        return said
    size = found.sizes[-1]
    more = f"--base {2 * size}" if isinstance(experiment.design, Saltelli) else f"--trajectories {2 * size}"
    return f"{said}. For more, say {more}"


def _ends(measure: OutcomeText, row: Mapping[Any, Any]) -> list[str]:
    return [measure.text(row["low"]), _level(row["low.at"]), measure.text(row["high"]), _level(row["high.at"])]


def _level(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)


def _short(value: float) -> str:
    return f"{value:z,.0f}" if abs(value) >= 1000.0 else f"{value:z.2f}"
