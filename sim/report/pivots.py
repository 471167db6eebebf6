"""The text and the tables of pivotal states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.analysis.pivots import Pivots
from sim.results.spreadsheet import Sheet
from sim.text.heading import heading
from sim.text.numbers import counted, percent, signed, with_half_width
from sim.text.words import option_name
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_SETS_LISTED = 5
_MOVERS_LISTED = 5
_MOVED_LISTED = 4  # states that one state moves
_HEADS = (
    "offers", "joins", "in:\nothers", "in: viable,\npoints", "in: peace,\npoints", "out:\nothers",
    "out: viable,\npoints", "out: peace,\npoints", "in - out:\nothers", "Shapley-\nShubik", "Banzhaf",
)  # fmt: skip
_EFFECTS = (
    *((f"{way}.{effect}", 1.0 if effect == "others" else 100.0)
      for way in ("in", "out") for effect in ("others", "viable", "peace")),
    ("swing.others", 1.0),
)  # fmt: skip


def view(result: Pivots) -> View:
    """Return the effects of forcing each state, whom the largest movers move, and which sets of states suffice."""
    scenario, alone = result.setup.scenario, result.alone
    return View(
        (
            Heading(
                "Pivotal states",
                f" of {heading(scenario)}: {counted(len(result.states), 'state')} forced into "
                f"{option_name(result.option)}, and out of every option; {result.replicates:,} replicates with common "
                f"random numbers, seed {result.seed}",
            ),
            Paragraph(
                "Nobody forced",
                f"{alone['states'].mean:.1f} states at {option_name(result.option)}, viable in "
                f"{percent(alone['viable'].mean)}, permanent ceasefire in {percent(alone['peace'].mean)}. The table "
                "shows the changes from this, ± the half-width of their 95% intervals.",
            ),
            _table(result),
            *_moves(result),
            *_sets(result),
        )
    )


def sheets(result: Pivots) -> dict[str, Sheet]:
    """Return the effects of forcing each state, and which others each state moves significantly."""
    share = "share of replicates"
    units = {"offer": "soldiers", "joins": share}
    for name in map(str, result.states.columns):
        if "." in name:
            units[name] = "states" if ".others" in name else "difference of shares"
    tables = [table.reset_index(names="moved").assign(forced=code) for code, table in result.moved.items()]
    moved = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if len(moved.columns):
        moved.insert(0, "forced", moved.pop("forced"))
    return {
        "states": Sheet(table=result.states, units=units),
        "moved": Sheet(table=moved, units=dict.fromkeys(("before", "after"), share)),
    }


def _table(result: Pivots) -> TextTable:
    rows = [
        [
            str(code),
            f"{row['offer']:,}",
            percent(row["joins"]),
            *(_effect(row, name, scale) for name, scale in _EFFECTS),
            *(f"{row[index]:.4f}" for index in ("shapley_shubik", "banzhaf")),
        ]
        for code, row in result.states.to_dict("index").items()
    ]
    columns = [TableColumn(head="", is_number=False), *(TableColumn(head=head) for head in _HEADS)]
    return TextTable(columns=columns, rows=rows)


def _effect(row: Mapping[Any, float], name: str, scale: float) -> str:
    digits = 2 if scale == 1.0 else 1
    mean, half_width = scale * row[name], scale * (row[f"{name}.high"] - row[name])
    if mean == 0.0 and half_width == 0.0:
        return "0"
    return with_half_width(mean, half_width, digits)


def _moves(result: Pivots) -> Iterator[Block]:
    for code in map(str, result.states.index[:_MOVERS_LISTED]):
        differences = result.moved[code]["difference"].head(_MOVED_LISTED)
        text = ", ".join(f"{other} {signed(change)}" for other, change in differences.items())
        yield Paragraph(f"States that {code} moves significantly (in against out)", text or "none")


def _sets(result: Pivots) -> Iterator[Block]:
    sets, ask = result.sets, result.ask
    if sets.least is None:
        reason = f"all states together offer less than {ask:,}" if result.setup.leads.any() else "there is no lead"
        yield Paragraph("Smallest sufficient sets", f"none: {reason}")
        return
    if not ask:
        yield Paragraph("Smallest sufficient sets", "any lead alone: the proposal asks for no soldiers")
        return
    forced_all = len(result.states) == len(result.setup.codes)
    of_all = f" of the {int(result.states['offer'].sum()):,} that all states offer" if forced_all else ""
    number = sets.least.number
    yield Paragraph(
        "Smallest sufficient sets",
        f"{counted(sets.least.size, 'state')} can provide the {ask:,} soldiers{of_all}, with a lead among them, in "
        f"{counted(number, 'way')}" + ("; the most probable first" if number > 1 else ""),
    )
    for members, share in list(zip(sets.least_named, sets.least_chances, strict=True))[:_SETS_LISTED]:
        yield Paragraph("", f"    {', '.join(members)} (all of them join in {percent(share)} of replicates)")
    if sets.likeliest is None or sets.likeliest_chance is None:
        yield Paragraph("Most probable set", "none: each sufficient set has a state that joins in no replicate")
    else:
        yield Paragraph(
            "Most probable set",
            f"{', '.join(sets.likeliest)}: of all sufficient sets, the one with the highest product of probabilities; "
            f"all of them join in {percent(sets.likeliest_chance)} of replicates",
        )
    short = ask - int(sets.likely_soldiers)
    yield Paragraph(
        "Likely to join",
        f"{', '.join(sets.likely) or 'no state'}, in at least half of the replicates; together they offer "
        f"{sets.likely_soldiers:,.0f} soldiers, " + (f"{short:,} short of the ask" if short > 0 else "which is enough"),
    )
