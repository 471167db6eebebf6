"""Write tables for spreadsheets: CSV in UTF-8 with a byte-order mark, and Excel workbooks (XLSX)."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import ResultsError
from sim.results.files import check_free, escape_formulas, write_files

MOST_ROWS = 1_048_575  # of a sheet under its head: what Excel can hold
_LONGEST_NAME = 31  # characters of a sheet's name
_WIDEST = 60  # characters that a column is wide at most
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with the units of its columns; a named index is a column too."""

    table: pd.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)  # by column

    def headed(self) -> pd.DataFrame:
        """Return the table with its index as columns, and with units in brackets after the names of columns."""
        named = any(name is not None for name in self.table.index.names)
        table = self.table.reset_index() if named else self.table.reset_index(drop=True)
        units = {name: self.units.get(str(name), "") for name in table.columns}
        return table.set_axis([f"{name} ({unit})" if unit else str(name) for name, unit in units.items()], axis=1)


def write_csv(path: Path, sheets: Mapping[str, Sheet]) -> list[Path]:
    """Write tables as CSV files and return their paths.

    The first has the given name, and each further one adds its own, such as `run.csv` and `run-outcomes.csv`. They
    begin with a byte-order mark, without which Excel does not recognise UTF-8; `pandas.read_csv` skips it. Raises
    ResultsError if a file exists or cannot be written.
    """
    texts = {
        target.name: "\ufeff" + str(escape_formulas(_cells(sheet)).to_csv(index=False, lineterminator="\n"))
        for target, sheet in zip(csv_paths(path, list(sheets)), sheets.values(), strict=True)
    }
    return write_files(path.parent, [], texts=texts, flag="--csv")


def csv_paths(path: Path, names: list[str]) -> list[Path]:
    """Return the paths of the files of tables with these names."""
    return [path, *(path.with_name(f"{path.stem}-{name.replace(' ', '-')}{path.suffix}") for name in names[1:])]


def write_workbook(path: Path, sheets: Mapping[str, Sheet]) -> list[Path]:
    """Write tables as the sheets of a workbook, numbers as numbers and dates as dates, and return its path.

    Text that begins with an equals sign stays text. Raises ResultsError for a table with more rows than a sheet can
    hold, and if the file exists or cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    check_free([path], flag="--xlsx")
    tables = {name: _cells(sheet) for name, sheet in sheets.items()}
    for name, table in tables.items():
        if len(table) > MOST_ROWS:
            raise ResultsError(
                f"--xlsx {path}: {name} has {len(table):,} rows, but a sheet can hold only {MOST_ROWS:,}; use --csv"
            )
    book = Workbook(write_only=True)
    for name, table in tables.items():
        page = book.create_sheet(name[:_LONGEST_NAME])
        page.freeze_panes = "A2"
        for number, column in enumerate(table.columns, start=1):
            longest = max([len(column), *(len(str(value)) for value in table[column].head(200))])
            page.column_dimensions[get_column_letter(number)].width = min(longest, _WIDEST) + 2

        def cell(value: Any, *, bold: bool = False) -> Any:
            written = WriteOnlyCell(page, _NOT_IN_XML.sub(" ", value) if isinstance(value, str) else value)  # noqa: B023
            if isinstance(value, str):
                written.data_type = "s"  # never a formula
            elif isinstance(value, datetime.date):
                written.number_format = "yyyy-mm-dd"
            if bold:
                written.font = Font(bold=True)
            return written

        page.append([cell(column, bold=True) for column in table.columns])
        for row in table.itertuples(index=False, name=None):
            page.append([cell(value) for value in row])
    return write_files(path.parent, [path.name], lambda aside: book.save(aside / path.name), flag="--xlsx")


def _cells(sheet: Sheet) -> pd.DataFrame:
    """Return the table with cells that are numbers, booleans, dates, texts or empty."""
    table = sheet.headed().astype(object)
    return table.map(_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return ", ".join(f"{part[0]} {part[1]}" if isinstance(part, tuple) else str(part) for part in value)
    if isinstance(value, datetime.datetime):
        return value.date()
    if value is None or value != value:
        return None
    value = value.item() if hasattr(value, "item") else value  # a number of NumPy
    is_known = isinstance(value, (bool, int, str, datetime.date)) or (isinstance(value, float) and math.isfinite(value))
    return value if is_known else str(value)
