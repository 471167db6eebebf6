"""The text and the tables of thresholds: of single levers, of pairs, and of the states that join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.analysis.interval import Interval
from sim.analysis.join_thresholds import COST, Joining
from sim.analysis.lever import Lever
from sim.analysis.thresholds import Frontier, LeverCurve, Thresholds, interval_text
from sim.results.spreadsheet import Sheet
from sim.text.heading import heading
from sim.text.numbers import percent
from sim.text.words import option_name
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

_LEGEND = (
    "any: every value tried suffices; -: no value suffices, with the largest share of replicates reached; brackets "
    "hold 95% intervals; beyond: outside the range"
)


def view(result: Thresholds) -> View:
    """Return the threshold of each lever, the least changes of pairs, and the thresholds at which states join."""
    target, now = result.target, result.now.outcome
    met = ", which meets the target" if result.is_met_now else ""
    return View(
        (
            Heading(
                "Thresholds",
                f" of {heading(result.setup.scenario)} for {target}: {result.replicates:,} replicates with common "
                f"random numbers, seed {result.seed}",
            ),
            Paragraph("Current value", f"{target.outcome} is {interval_text(now)}{met}"),
            _levers(result),
            *_remarks(result),
            *_pairs(result),
            *_joining(result),
        )
    )


def sheets(result: Thresholds) -> dict[str, Sheet]:
    """Return the thresholds of levers, of pairs and of states as tables."""
    levers = pd.DataFrame([_lever_row(curve) for curve in result.curves])
    pairs = pd.DataFrame(
        [
            {"lever": pair.across.name, "value": x, "other": pair.up.name, "least": y, "until": until}
            for pair in result.frontiers
            for x, y, until in zip(pair.values, pair.least, pair.until, strict=True)
        ]
    )
    tables = {"levers": Sheet(table=levers), "pairs": Sheet(table=pairs)}
    if result.joining is not None:
        tables["states"] = Sheet(table=result.joining.states, units={"joins": "share of replicates"})
    return {name: sheet for name, sheet in tables.items() if len(sheet.table.columns)}


def _lever_row(curve: LeverCurve) -> dict[str, Any]:
    lever = curve.lever
    return {
        "lever": lever.name,
        "path": lever.path,
        "now": lever.now,
        "from": lever.low,
        "to": lever.high,
        "answer": curve.answer,
        "nearest_end": curve.nearest_end,
        "farthest_end": curve.farthest_end,
        **_interval_columns(curve.there, "outcome_there"),
        "best": curve.best,
        **_interval_columns(curve.best_there, "outcome_at_best"),
    }


def _interval_columns(value: Interval | None, name: str) -> dict[str, float | None]:
    ends = {"": "mean", "_low": "low", "_high": "high"}
    return {f"{name}{end}": None if value is None else getattr(value, part) for end, part in ends.items()}


def _levers(result: Thresholds) -> TextTable:
    columns = [
        TableColumn(head="single lever", is_number=False),
        *(TableColumn(head=head) for head in ("now", "threshold", "95% interval")),
        TableColumn(head=f"{result.target.outcome} at the threshold", is_number=False),
    ]
    rows = []
    for curve in result.curves:
        lever = curve.lever
        if result.is_met_now:
            cells = ["met already", "", interval_text(result.now.outcome)]
        elif curve.answer is None or curve.there is None:
            best = f"at best {interval_text(curve.best_there)}, at {lever.shown(curve.best)}"
            cells = ["out of reach", "", best]
        else:
            cells = [lever.shown(curve.answer), _ends(curve), interval_text(curve.there)]
        rows.append([lever.name, lever.shown(lever.now), *cells])
    return TextTable(columns=columns, rows=rows)


def _ends(curve: LeverCurve) -> str:
    """Return the interval of a threshold in ascending order; an end that is not reached is left open."""
    near, far = (None if end is None else curve.lever.shown(end) for end in (curve.nearest_end, curve.farthest_end))
    ends = ["?" if near is None else near, "beyond" if far is None else far]
    return " to ".join(ends if curve.rises else ends[::-1])


def _remarks(result: Thresholds) -> Iterator[Paragraph]:
    for curve in result.curves:
        if curve.lever.how:
            yield Paragraph(curve.lever.name, curve.lever.how)
        if curve.fails_again is not None:
            where = curve.lever.shown(curve.fails_again)
            yield Paragraph(curve.lever.name, f"the target is significantly missed again from {where} on")


def _pairs(result: Thresholds) -> Iterator[TextTable]:
    if not result.frontiers:
        return
    heads = ("two levers", "smallest joint change", "trade-off between the two")
    columns = [TableColumn(head=head, is_number=False) for head in heads]
    yield TextTable(columns=columns, rows=[_pair_row(frontier) for frontier in result.frontiers])


def _pair_row(frontier: Frontier) -> list[str]:
    across, up = frontier.across, frontier.up
    name = f"{across.name}, {up.name}"
    if frontier.cheapest is None:
        where = f"{across.shown(frontier.best[0])}, {up.shown(frontier.best[1])}"
        return [name, "out of reach", f"at best {interval_text(frontier.best_there)}, at {where}"]
    x, y = frontier.cheapest
    return [name, f"{across.shown(x)}, {up.shown(y)}", _trade_off(frontier)]


def _trade_off(frontier: Frontier) -> str:
    """Return the frontier at its ends and in its middle."""
    known = [(x, y) for x, y in zip(frontier.values, frontier.least, strict=True) if y == y]
    chosen = dict.fromkeys([known[0], known[len(known) // 2], known[-1]])
    bound = "at least" if frontier.helps > 0 else "at most"
    return "; ".join(f"{frontier.across.shown(x)}: {bound} {frontier.up.shown(y)}" for x, y in chosen)


def _joining(result: Thresholds) -> Iterator[Block]:
    joining = result.joining
    if joining is None:
        return
    option = option_name(result.setup.menu.names[result.setup.headline])
    bounds = ["least" if joining.helps[lever.name] > 0 else "greatest" for lever in joining.levers]
    columns = [
        TableColumn(head=f"state at {option}\nin half of replicates", is_number=False),
        TableColumn(head="joins\nnow"),
        *(TableColumn(head=f"{bound}\n{lever.name}") for bound, lever in zip(bounds, joining.levers, strict=True)),
        *([TableColumn(head="cost carried\nby others")] if joining.shares_costs else []),
    ]
    rows, never = [], []
    ordered = joining.states.sort_values("joins", ascending=False, kind="stable")
    for code, row in ordered.to_dict("index").items():
        cells = _join_cells(row, joining)
        if all(cell.startswith("-") for cell in cells):
            never.append(str(code))
        else:
            rows.append([str(code), percent(row["joins"]), *cells])
    yield TextTable(columns=columns, rows=rows)
    if never:
        costs = f", nor full sharing of their {COST}," if joining.shares_costs else ""
        yield Paragraph("Out of reach", f"no single lever{costs} brings in {', '.join(never)}")
    yield Paragraph("", _LEGEND)


def _join_cells(row: Mapping[Any, float], joining: Joining) -> list[str]:
    cells = [_joins_at(row, lever, joining.helps[lever.name]) for lever in joining.levers]
    return [*cells, _joins_at_cost(row)] if joining.shares_costs else cells


def _joins_at(row: Mapping[Any, float], lever: Lever, helps: int) -> str:
    value, low, high = row[lever.name], row[f"{lever.name}.low"], row[f"{lever.name}.high"]
    if value != value:
        return f"- {percent(row[f'{lever.name}.most'])}"
    if value == (lever.low if helps > 0 else lever.high):
        return "any"
    ends = [lever.shown(low), lever.shown(high) if high == high else "beyond"]
    return f"{lever.shown(value)} ({' to '.join(ends if helps > 0 else ends[::-1])})"


def _joins_at_cost(row: Mapping[Any, float]) -> str:
    value, low, high = row["cost"], row["cost.low"], row["cost.high"]
    if value != value:
        return f"- {percent(row['cost.most'])}"
    if value == 0.0:
        return "none"
    return f"{percent(value)} ({percent(low)} to {percent(high) if high == high else 'beyond'})"
