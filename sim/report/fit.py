"""The text and the tables of fitted weights."""

from __future__ import annotations

from sim.analysis.fit import Fit
from sim.results.spreadsheet import Sheet
from sim.text.heading import heading
from sim.text.numbers import signed
from sim.text.words import consideration_name
from sim.view import Heading, Paragraph, TableColumn, TextTable, View

_SCORE_ROWS = {
    "before": "weights before",
    "fitted": "fitted",
    "left_out": "fitted without the state",
    "multinomial_logit": "multinomial logit without the state",
}
_WEIGHTS_NOTE = (
    "moved: in prior standard deviations; sd left: share of the prior's standard deviation; identified: at least half "
    "of the variance is gone"
)
_SCORES_NOTE = (
    "Probabilities of a single choice, with all other states at their recorded stances; `willing hindcast` simulates "
    "the whole bargaining."
)


def view(result: Fit) -> View:
    """Return the weights before and after, and how well each set of weights predicts the record."""
    known = result.record
    return View(
        (
            Heading(
                "Fit",
                f" of {heading(result.setup.scenario)} to {known.source}: {len(result.data.codes)} of "
                f"{len(known.codes)} states have a stance that counts, {len(known.undecided)} are undecided, "
                f"{len(known.unknown)} not on record",
            ),
            Paragraph("In short", f"{result.headline}. {_furthest(result)}"),
            _weights(result),
            Paragraph("", _WEIGHTS_NOTE),
            _scores(result),
            Paragraph("", _SCORES_NOTE),
        )
    )


def sheets(result: Fit) -> dict[str, Sheet]:
    """Return what is known of each weight, and how well the weights predict the record."""
    units = {"moved": "prior standard deviations", "left": "part of the prior's standard deviation"}
    return {"weights": Sheet(table=result.weights, units=units), "scores": Sheet(table=result.scores)}


def _weights(result: Fit) -> TextTable:
    heads = ("before", "prior", "fitted", "95% profile", "moved", "sd left")
    columns = [
        TableColumn(head="weight", is_number=False),
        *(TableColumn(head=head) for head in heads),
        TableColumn(head="", is_number=False),
    ]
    rows = []
    for row in result.weights.reset_index().to_dict("records"):
        name, before = consideration_name(row["weight"], result.setup.scenario), f"{row['before']:.2f}"
        if row["says"] == "held":
            rows.append([name, before, "", f"{row['mean']:.2f}", "", "", "", "held"])
            continue
        rows.append(
            [
                name,
                before,
                f"{row['prior_mean']:.2f} ± {row['prior_sd']:.2f}",
                f"{row['mean']:.2f} ± {row['sd']:.2f}",
                f"{row['low']:.2f} to {row['high']:.2f}",
                signed(row["moved"]),
                f"{row['left']:.0%}",
                row["says"],
            ]
        )
    return TextTable(columns=columns, rows=rows)


def _scores(result: Fit) -> TextTable:
    heads = ("hits", "Brier", "log", "RPS", f"AUC {result.setup.menu.names[-1]}")
    columns = [TableColumn(head="", is_number=False), *(TableColumn(head=head) for head in heads)]
    rows = []
    for row in result.scores.reset_index().to_dict("records"):
        area = f"{row['auc']:.3f}" if row["auc"] == row["auc"] else ""
        scores = [f"{row[column]:.3f}" for column in ("brier", "log", "rps")]
        rows.append([_SCORE_ROWS[row["weights"]], f"{row['accuracy']:.0%}", *scores, area])
    return TextTable(columns=columns, rows=rows)


def _furthest(result: Fit) -> str:
    moved = result.weights["moved"]
    name = str(moved.abs().idxmax())
    by = signed(float(moved.to_dict()[name]))
    return (
        f"The weight that moves furthest from its prior is {consideration_name(name, result.setup.scenario)}, by {by} "
        "prior standard deviations"
    )
