"""The text and the table of what a user can choose from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.results.spreadsheet import Sheet
from sim.text.catalogue import Catalogue
from sim.view import TableColumn, TextTable, View

_NAMES = ("scenario", "experiment", "state", "name", "option", "consideration", "outcome", "parameter")
_WIDEST = 30  # characters that a text column gets before its texts are wrapped


def view(result: Catalogue) -> View:
    """Return the entries as a table."""
    columns = [_column(name, [row[name] for row in result.rows], result) for name in result.rows[0]]
    rows = [[_cell(value) for value in row.values()] for row in result.rows]
    return View((TextTable(columns=columns, rows=rows),))


def sheets(result: Catalogue) -> dict[str, Sheet]:
    """Return the entries as a sheet."""
    return {result.kind: Sheet(table=pd.DataFrame(list(result.rows)), units=result.units)}


def _column(name: str, values: list[Any], result: Catalogue) -> TableColumn:
    is_number = all(isinstance(value, int | float | None) and not isinstance(value, bool) for value in values)
    widest = max(len(_cell(value)) for value in values)
    return TableColumn(
        head=result.heads.get(name, name),
        is_number=is_number,
        width=widest if name in _NAMES else min(_WIDEST, widest),
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else ""
        case float():
            return f"{value:,.0f}" if value == round(value) and abs(value) >= 100 else f"{value:g}"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(str, value))
    return str(value)
