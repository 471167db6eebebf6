"""The text and the tables of a hindcast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.analysis.baselines import RIDGE
from sim.analysis.hindcast import FITTED, KINDS, Hindcast, by_forecast
from sim.analysis.positions import option_of
from sim.analysis.scores import FLOOR
from sim.results.spreadsheet import Sheet
from sim.scenario import Scenario
from sim.text.forecasts import forecast_name
from sim.text.heading import heading
from sim.text.numbers import percent, signed
from sim.text.words import capitalised, consideration_name, date_text
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_REASONS_LISTED = 2  # on either side
_COMPARED = ("multinomial_logit", "binary_logit", "last_kept", "majority", "model_alone")
_SCORES_NOTE = (
    f"*: each state is predicted from the others, logits with ridge {RIDGE:g}. Lower is better but for hits and AUC. "
    f"Log score: no probability counts as less than {FLOOR:g}."
)
_STATES_NOTE = (
    "Why: the considerations that most favour the most probable stance over the one on record (for a hit, over the "
    "next best), and those against it. ?: confidence 1."
)


def view(result: Hindcast) -> View:
    """Return the scores of the model and of its rivals, the counts, and the states one by one."""
    known, spec, scenario = result.record, result.spec, result.setup.scenario
    decided = len(known.decided())
    last = ", the last one" if result.round == scenario.rounds else f" of {scenario.rounds}"
    return View(
        (
            Heading(
                "Hindcast",
                f" of {heading(scenario)} against {known.source}: {decided} of {len(known.codes)} states on the roster "
                "have a known stance",
            ),
            Paragraph("Left out", _left_out(result)),
            Paragraph(
                "Model",
                f"stances on {date_text(result.day)} (round {result.round}{last}), {spec.replicates:,} replicates, "
                f"seed {spec.seed}; {_which_stances(result)}",
            ),
            _scores(result, result.scores, f"All {decided} states with a stance on record"),
            *_confident(result),
            Paragraph("", _SCORES_NOTE),
            *(_comparison(result, forecast) for forecast in _COMPARED),
            _counts(result, decided),
            Paragraph("", "Range: 5th to 95th percentile of replicates. !: the record lies outside."),
            _states(result),
            Paragraph("", _STATES_NOTE),
        )
    )


def sheets(result: Hindcast) -> dict[str, Sheet]:
    """Return the states against the record, the scores of every forecast, and the counts."""
    chances = [name for name in map(str, result.states.columns) if name.startswith("chance_")]
    tables = {
        "states": Sheet(table=result.states, units=dict.fromkeys(chances, "share of replicates")),
        "scores": Sheet(table=result.scores),
        "counts": Sheet(table=result.counts),
    }
    return tables if result.sure is None else tables | {"scores of confident rows": Sheet(table=result.sure)}


def _left_out(result: Hindcast) -> str:
    known = result.record
    parts = [
        f"{len(known.undecided)} undecided ({', '.join(known.undecided)})" if known.undecided else "0 undecided",
        f"{len(known.unknown)} not on record ({', '.join(known.unknown)})" if known.unknown else "0 not on record",
    ]
    if known.not_asked:
        parts.append(f"not on the roster: {', '.join(known.not_asked)}")
    if known.later:
        parts.append(f"{known.later} rows of a later date")
    return "; ".join(parts)


def _which_stances(result: Hindcast) -> str:
    known = result.record
    offers = [known.said[code] for code in known.decided() if known.stance(code) > 0]
    conditional = sum(bool(position.conditions) for position in offers)
    named = f"{conditional} of the {len(offers)} offers on record name conditions"
    if result.spec.which == "conditional":
        return f"conditional stances, because {named}; the same choice for all rows, so that the record does not choose"
    return f"firm stances, although {named}"


def _confident(result: Hindcast) -> Iterator[Block]:
    if result.sure is None:
        yield Paragraph("", "Too few rows have confidence 2 or 3 to be scored separately.")
    else:
        rows = len(result.record.decided(sure=True))
        yield _scores(result, result.sure, f"The {rows} states whose row has confidence 2 or 3")


def _scores(result: Hindcast, table: pd.DataFrame, title: str) -> TextTable:
    option = result.deepest
    heads = ("hits", "Brier", "log", "RPS", f"AUC {option}", f"Brier {option}", f"log {option}")
    rows = []
    for row in table.reset_index().to_dict("records"):
        area = f"{row['auc']:.2f}" if row["auc"] == row["auc"] else ""
        area += f" ± {row['auc_error']:.2f}" if row["auc_error"] > 0.0 else ""  # an error of 0 would claim certainty
        rows.append(
            [
                forecast_name(row["forecast"], result.spec.which) + (" *" if row["forecast"] in FITTED else ""),
                f"{row['accuracy']:.0%}" if row["accuracy"] == row["accuracy"] else "",
                *(f"{row[score]:.3f}" if row[score] == row[score] else "" for score in ("brier", "log", "rps")),
                area,
                f"{row['brier_deepest']:.3f}",
                f"{row['log_deepest']:.3f}",
            ]
        )
    columns = [TableColumn(head="", is_number=False), *(TableColumn(head=head) for head in heads)]
    return TextTable(columns=columns, rows=rows, title=title)


def _comparison(result: Hindcast, forecast: str) -> Paragraph:
    """Return by how much a forecast scores better or worse than the model."""
    scores = by_forecast(result.scores)
    row, own = scores[forecast], scores["model"]
    column = "worse_brier_deepest" if row["worse_brier"] is None else "worse_brier"
    worse, low, high = (row[f"{column}{end}"] for end in ("", "_low", "_high"))
    score = "Brier score" if column == "worse_brier" else f"Brier score of {result.deepest} or not"
    significant = "not significant" if low <= 0.0 <= high else "significant"
    text = f"{score} {'worse' if worse > 0.0 else 'better'} than the model's by {abs(worse):.3f} "
    text += f"(95% interval {signed(low, 3)} to {signed(high, 3)}: {significant})"
    if row["auc"] is not None:
        by = row["auc"] - own["auc"]
        ranks = "as well" if abs(by) < 0.005 else "better" if by > 0 else "worse"
        text += f"; ranks {result.deepest} against the rest {ranks} (AUC {row['auc']:.2f} against {own['auc']:.2f})"
    return Paragraph(capitalised(forecast_name(forecast, result.spec.which)), text)


def _counts(result: Hindcast, decided: int) -> TextTable:
    columns = [TableColumn(head="", is_number=False), TableColumn(head="on record")]
    for which in KINDS:
        columns += [TableColumn(head=f"{which}: mean (range)"), TableColumn(head="error")]
    rows = []
    for counted, group in result.counts.groupby("counted", sort=False):
        digits = 0 if str(counted).startswith("soldiers") else 1
        low, high = group["recorded_low"].iloc[0], group["recorded_high"].iloc[0]
        cells = [_counted(str(counted)), f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"]
        for row in group.to_dict("records"):
            mark = "" if row["inside"] else " !"
            cells.append(f"{row['mean']:,.{digits}f} ({row['low']:,.0f} to {row['high']:,.0f}){mark}")
            cells.append(signed(row["error"], digits))
        rows.append(cells)
    return TextTable(columns=columns, rows=rows, title=f"Counts of the {decided} states, and soldiers")


def _counted(name: str) -> str:
    if name == "soldiers":
        return "soldiers, together"
    if name.startswith("soldiers_"):
        return f"soldiers of {name.removeprefix('soldiers_')}"
    return f"{name.removesuffix('_states').replace('_', ' ')} states"


def _states(result: Hindcast) -> TextTable:
    option = result.deepest
    columns = [
        TableColumn(head="state", is_number=False),
        TableColumn(head="date", is_number=False),
        TableColumn(head="on record", is_number=False),
        TableColumn(head="probability"),
        TableColumn(head="most probable", is_number=False),
        TableColumn(head=option),
        TableColumn(head="", is_number=False),
        TableColumn(head="why", is_number=False),
    ]
    rows = []
    for row in result.states.reset_index().to_dict("records"):
        undecided = row["verdict"] == "undecided"
        rows.append(
            [
                row["state"],
                row["date"].isoformat(),
                row["recorded"] + ("" if row["confidence"] > 1 else " ?"),
                "" if undecided else percent(row[f"chance_{option_of(row['recorded'])}"]),
                f"{row['likeliest']} {percent(row[f'chance_{row["likeliest"]}'])}",
                percent(row[f"chance_{option}"]),
                row["verdict"],
                _why(row, result.setup.scenario),
            ]
        )
    return TextTable(columns=columns, rows=rows, title="State by state")


def _why(row: Mapping[Any, Any], scenario: Scenario) -> str:
    for_, against = (
        ", ".join(f"{consideration_name(name, scenario)} {signed(by)}" for name, by in row[side][:_REASONS_LISTED])
        for side in ("for_", "against")
    )
    return f"over {row['over']}: {for_ or 'nothing'}" + (f"; against {against}" if against else "")
