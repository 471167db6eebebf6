"""Reads a table of facts and says file, line and column of whatever is wrong with it."""

from __future__ import annotations

import csv
import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NoReturn

from sim.errors import FactsError

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: its cells by column, and where it stands."""

    file: str
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, what: str, what_next: str) -> NoReturn:
        """Raise the error that points at this row's cell."""
        raise FactsError(f"{self.file}:{self.line}: {column}: {what}; {what_next}")

    def text(self, column: str) -> str:
        """Return a text that must be there."""
        if not self.cells[column]:
            self.wrong(column, "empty", "write a text here")
        return self.cells[column]

    def note(self, column: str) -> str:
        """Return a text that may be empty."""
        return self.cells[column]

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell, separated by spaces."""
        return tuple(self.cells[column].split())

    def number(self, column: str, low: float | None = None, high: float | None = None) -> float | None:
        """Return a number within its range, or None where the cell is empty: unknown, never 0."""
        cell = self.cells[column]
        if not cell:
            return None
        value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        if not math.isfinite(value):
            self.wrong(column, f"not a number: {cell!r}", "write a plain decimal number, or nothing if unknown")
        if (low is not None and value < low) or (high is not None and value > high):
            allowed = f"{'-inf' if low is None else f'{low:g}'} to {'inf' if high is None else f'{high:g}'}"
            self.wrong(column, f"{cell} is out of range", f"allowed is {allowed}; check the unit")
        return value

    def known(self, column: str, low: float | None = None, high: float | None = None) -> float:
        """Return a number that must be there."""
        value = self.number(column, low, high)
        if value is None:
            self.wrong(column, "empty", "this table needs a number here")
        return value

    def flag(self, column: str) -> float | None:
        """Return 0 or 1, or None where the cell is empty."""
        value = self.number(column, 0, 1)
        if value not in (None, 0.0, 1.0):
            self.wrong(column, f"{self.cells[column]} is neither 0 nor 1", "write 0 for no and 1 for yes")
        return value

    def whole(self, column: str, low: int, high: int) -> int:
        """Return a whole number that must be there."""
        value = self.known(column, low, high)
        if not value.is_integer():
            self.wrong(column, f"{self.cells[column]} is not a whole number", f"write one from {low} to {high}")
        return int(value)

    def one_of(self, column: str, allowed: Collection[str], what: str) -> str:
        """Return a word that must be one of those allowed."""
        cell = self.text(column)
        if cell not in allowed:
            self.wrong(column, f"unknown {what} {cell!r}", did_you_mean(cell, allowed))
        return cell

    def date(self, column: str) -> datetime.date:
        """Return a date that must be there."""
        try:
            return datetime.date.fromisoformat(self.text(column))
        except ValueError:
            self.wrong(column, f"not a date: {self.cells[column]!r}", "write it as 2025-03-26")


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return what to write in place of a word that is not allowed."""
    from difflib import get_close_matches  # only needed once something is wrong

    words = list(allowed)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return "use one of " + ", ".join(words)


def names(record: type) -> list[str]:
    """Return the columns that a table of such records has: the names of their fields."""
    return [field.name for field in fields(record)]


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a CSV file that has exactly these columns, in any order."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FactsError(f"{path}: no such table; put it there or name another folder") from None
    except UnicodeDecodeError as error:
        raise FactsError(f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise FactsError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    header: list[str] = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if not header:
                header = cells
                _check_header(path, reader.line_num, header, columns)
                continue
            if len(cells) != len(header):
                raise FactsError(
                    f"{path}:{reader.line_num}: {len(cells)} cells under {len(header)} columns; "
                    "quote a cell that holds a comma, and leave unknown cells empty"
                )
            row = dict(zip(header, cells, strict=True))
            rows.append(Row(file=str(path), line=reader.line_num, cells=row))
    except csv.Error as error:
        raise FactsError(f"{path}:{reader.line_num}: not a CSV line ({error}); check its quotes") from None
    if not rows:
        raise FactsError(f"{path}: no rows; the first line names the columns, each further line is one row")
    return rows


def one_by_one[Record](rows: Iterable[Row], column: str, read: Callable[[Row], Record]) -> dict[str, Record]:
    """Return a record for each row by its code, refusing a code that comes twice."""
    lines: dict[str, int] = {}
    records: dict[str, Record] = {}
    for row in rows:
        code = row.text(column)
        if code in lines:
            row.wrong(column, f"{code} stands in line {lines[code]} already", "remove one of the two")
        lines[code] = row.line
        records[code] = read(row)
    return records


def _check_header(path: Path, line: int, header: Sequence[str], columns: Sequence[str]) -> None:
    for name in header:
        if name not in columns:
            raise FactsError(f"{path}:{line}: unknown column {name!r}; {did_you_mean(name, columns)}")
        if header.count(name) > 1:
            raise FactsError(f"{path}:{line}: column {name!r} stands there twice; remove one")
    missing = [name for name in columns if name not in header]
    if missing:
        raise FactsError(f"{path}:{line}: column {missing[0]!r} is missing; add it, with empty cells where unknown")
