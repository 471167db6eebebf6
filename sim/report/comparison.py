"""The text and the tables of a comparison of runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.analysis.compare import FEW_REPLICATES, Comparison, Step
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.results.spreadsheet import Sheet
from sim.text.numbers import counted, percent, with_half_width
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import lower_first
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_MOVERS_LISTED = 8  # in either direction
_HEAD_WIDTH = 14  # characters; a longer label is broken into lines


def view(result: Comparison) -> View:
    """Return how many states hold the option in focus, and for each step the states that move and the outcomes."""
    counts = sorted({step.replicates for step in result.steps})
    replicates = counted(counts[0], "replicate") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} replicates"
    return View(
        (
            Heading(result.headline),
            Paragraph(
                "Compared",
                f"{replicates} with the same random draws, seed {result.runs[0].manifest.seed}. ± is the half-width of "
                "the 95% interval of a mean change; it covers sampling error only, not errors of the model.",
            ),
            *_few_replicates(counts[0]),
            *(Paragraph("Note", note) for note in result.notes),
            *(block for step in result.steps for block in _step(step)),
        )
    )


def sheets(result: Comparison) -> dict[str, Sheet]:
    """Return the states and the outcomes of every step."""
    states, share = result.states, "share of replicates"
    shares = [name for name in map(str, states) if name.startswith(("before_", "after_", "deepest_"))]
    units = dict.fromkeys([*shares, "moves", "likeliest_move"], share)
    units |= dict.fromkeys(("difference", "low", "high"), "rungs")
    return {"states": Sheet(table=states, units=units), "outcomes": Sheet(table=result.outcomes)}


def _few_replicates(least: int) -> Iterator[Block]:
    if least < FEW_REPLICATES:
        yield Paragraph(
            "Note",
            f"with fewer than {FEW_REPLICATES} replicates intervals may be much too narrow; use 100 or more",
        )


def _step(step: Step) -> Iterator[Block]:
    movers = step.movers
    deeper, less_deep = movers[movers["difference"] > 0.0], movers[movers["difference"] < 0.0]
    title = f"From {step.before.label} to {step.after.label}"
    if step.replicates == 1:
        yield Paragraph(title, "one replicate, so no change can be significant")
    else:
        number = f"{len(movers) or 'none'} of {counted(len(step.codes), 'state')}"
        text = f"{number} change{'' if len(movers) > 1 else 's'} significantly"
        if len(deeper) and len(less_deep):
            text += f", {len(deeper)} to a deeper commitment and {len(less_deep)} to a less deep one"
        yield Paragraph(title, text)
    for heading, table in (("Deeper, in rungs", deeper), ("Less deep, in rungs", less_deep)):
        if len(table):
            yield Paragraph(heading, _movers(table))
    yield _outcomes(step)


def _movers(table: pd.DataFrame) -> str:
    """Return the states with their mean changes, and the most frequent move of each."""
    listed = [
        f"{code} {with_half_width(row['difference'], row['high'] - row['difference'])} "
        f"({row['likeliest_from']} → {row['likeliest_to']} in {percent(row['likeliest_move'])})"
        for code, row in table.head(_MOVERS_LISTED).to_dict("index").items()
    ]
    more = len(table) - len(listed)
    return ", ".join(listed) + (f", and {more} more" if more else "")


def _outcomes(step: Step) -> TextTable:
    """Return the main outcomes of both runs side by side, with their difference."""
    labels = (step.before.label, step.after.label, "difference")
    measured = step.outcomes.to_dict("index")
    return TextTable(
        columns=[
            TableColumn(head="after the last round", is_number=False),
            *(TableColumn(head=_in_lines(label)) for label in labels),
            TableColumn(head="", is_number=False),
        ],
        rows=[
            [words, *_cells(measured[name], digits, scale)]
            for name, (words, digits, scale) in _main_outcomes(step).items()
            if name in measured
        ],
    )


def _in_lines(label: str) -> str:
    """Return a label in lines of at most _HEAD_WIDTH characters where it can be broken: at spaces, hyphens and dots."""
    lines = [""]
    for piece in re.split(r"(?<=[\s.-])(?=[^\d\s])", label):
        if lines[-1] and len(lines[-1] + piece.rstrip()) > _HEAD_WIDTH:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def _cells(row: Mapping[Any, Any], digits: int, scale: float) -> list[str]:
    """Return the means before and after, their difference, and the half-width of its interval."""
    means = [
        "undefined" if row[name] != row[name] else f"{scale * row[name]:{sign}z,.{digits}f}"
        for name, sign in (("before", ""), ("after", ""), ("difference", "+"))
    ]
    half_width = scale * (row["high"] - row["difference"])
    return [*means, "" if half_width != half_width else f"±{half_width:,.{digits}f}"]


def _main_outcomes(step: Step) -> dict[str, tuple[str, int, float]]:
    """Return the outcomes to print, with their name, their digits, and the factor of their unit."""
    scenario = step.after.scenario
    options = list(reversed(scenario.option_names[1:]))
    outcomes: dict[str, tuple[str, int, float]] = {}
    for option in options:
        outcomes[states_column(option)] = (f"states, {option.replace('_', ' ')}", 1, 1.0)
        if option in (step.before.scenario.deepest, scenario.deepest):
            outcomes[conditional_column(option)] = ("  if the conditions were met", 1, 1.0)
    for option in options:
        if scenario.menu[option].share > 0.0:
            outcomes[personnel_column(option)] = (f"soldiers, {option.replace('_', ' ')}", 0, 1.0)
    for name, digits in (("viable", 1), ("viable_now", 1), ("redimensioned", 1), ("deterrence", 2)):
        text = outcome_text(name, scenario)
        label = lower_first(text.title)
        outcomes[name] = (f"{label}, %", digits, 100.0) if text.is_share else (label, digits, 1.0)
    return outcomes
