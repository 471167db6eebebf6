"""Reader of tables of facts, whose errors give file, line and column."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NoReturn

from sim.errors import FactsError
from sim.facts.characters import holds_odd
from sim.facts.csv_rows import CsvRow, MalformedCSV, csv_rows, separator_trouble, twice_in
from sim.facts.numbers import number_meant, point_for_thousands, written
from sim.facts.state_codes import find_state, shown_state, states_beginning
from sim.ordinary_file import read_file

LARGEST = 1 << 26  # bytes of a table

_PLAIN_NUMBER = "write a plain decimal number, or leave it empty if unknown"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: its cells by column, and its location."""

    file: str
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, what: str, what_next: str) -> NoReturn:
        """Raise the error that names this row's cell."""
        raise FactsError(f"{self.file}:{self.line}: {column}: {what}; {what_next}")

    def text(self, column: str) -> str:
        """Return a text, which is required."""
        if not self.cells[column]:
            self.wrong(column, "empty", "write a text here")
        return self.cells[column]

    def note(self, column: str) -> str:
        """Return a text that may be empty."""
        return self.cells[column]

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell, separated by spaces."""
        return tuple(self.cells[column].split())

    def number(
        self, column: str, low: float | None = None, high: float | None = None, *, counts: bool = False
    ) -> float | None:
        """Return a number within its range, or None where the cell is empty: unknown, never 0.

        counts: whether the number is usually in thousands, such as soldiers; then 25.000 is refused.
        """
        cell = self.cells[column]
        if not cell:
            return None
        value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        if not math.isfinite(value):
            meant = number_meant(cell, whole=counts)
            hint = f"did you mean {written(meant)}?" if meant is not None else _PLAIN_NUMBER
            self.wrong(column, f"not a number: {cell!r}{holds_odd(cell)}", hint)
        trouble = point_for_thousands(cell, whole=False, low=low, high=high) if counts else None
        if trouble is not None:
            self.wrong(column, *trouble.rsplit("; ", 1))
        if (low is not None and value < low) or (high is not None and value > high):
            allowed = f"{'-inf' if low is None else f'{low:g}'} to {'inf' if high is None else f'{high:g}'}"
            self.wrong(column, f"{cell} is out of range", f"allowed is {allowed}; check the unit")
        return value

    def known(self, column: str, low: float | None = None, high: float | None = None) -> float:
        """Return a number, which is required."""
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
        """Return a whole number, which is required."""
        trouble = point_for_thousands(self.cells[column], whole=True, low=low, high=high)
        if trouble is not None:
            self.wrong(column, *trouble.rsplit("; ", 1))
        value = self.known(column, low, high)
        if not value.is_integer():
            self.wrong(column, f"{self.cells[column]} is not a whole number", f"write one from {low} to {high}")
        return int(value)

    def one_of(self, column: str, allowed: Collection[str], what: str) -> str:
        """Return one of the allowed words."""
        cell = self.text(column)
        if cell not in allowed:
            self.wrong(column, f"unknown {what} {cell!r}{holds_odd(cell)}", did_you_mean(cell, allowed))
        return cell

    def state(self, column: str, allowed: Collection[str]) -> str:
        """Return the code of a state, which may be written with two letters or by its name."""
        cell = self.text(column)
        code = cell if cell in allowed else find_state(cell)
        if code is None or code not in allowed:
            what = f"unknown state {cell!r}{holds_odd(cell)}"
            self.wrong(column, what, state_meant_among(cell, allowed))
        return code

    def date(self, column: str) -> datetime.date:
        """Return a date, which is required."""
        try:
            return datetime.date.fromisoformat(self.text(column))
        except ValueError:
            cell = self.cells[column]
            self.wrong(column, f"not a date: {cell!r}{holds_odd(cell)}", "write it as 2025-03-26")


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return a suggestion for a word that is not allowed."""
    from difflib import get_close_matches  # only needed once something is wrong

    words = list(allowed)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return "use one of " + ", ".join(words)


def state_meant_among(word: str, allowed: Collection[str]) -> str:
    """Return a suggestion for a word that is not an allowed state."""
    code = find_state(word)
    if code is not None and code not in allowed:
        return f"{shown_state(code)} is not one of the states: {', '.join(allowed)}"
    begun = [each for each in states_beginning(word) if each in allowed]
    if len(begun) > 1:
        return f"write {' or '.join(map(shown_state, begun))}"
    if begun:
        return f"did you mean {begun[0]!r}?"
    return did_you_mean(word, allowed) if len(word) > 2 else "use one of " + ", ".join(allowed)


def names(record: type) -> list[str]:
    """Return the columns of a table of such records: the names of their fields."""
    return [field.name for field in fields(record)]


def read_table(path: Path, columns: Sequence[str], optional: Collection[str] = ()) -> list[Row]:
    """Return the rows of a CSV file with exactly these columns, in any order; optional ones may be missing."""
    text = _text(path)
    rows: list[Row] = []
    header: CsvRow | None = None
    try:
        for row in csv_rows(text):
            if header is None:
                header = row
                _check_header(path, row, columns, optional)
                continue
            if len(row.cells) != len(header.cells):
                raise FactsError(
                    f"{path}:{row.line}: {len(row.cells)} cells under {len(header.cells)} columns; "
                    "quote a cell that holds a comma, and leave unknown cells empty"
                )
            rows.append(Row(file=str(path), line=row.line, cells=dict(zip(header.cells, row.cells, strict=True))))
    except MalformedCSV as error:
        raise FactsError(f"{path}:{error.line}: {error}") from None
    if not rows:
        raise FactsError(f"{path}: no rows; the first line names the columns, each further line is one row")
    return rows


def _text(path: Path) -> str:
    try:
        return read_file(path, LARGEST).decode("utf-8-sig")
    except FileNotFoundError:
        raise FactsError(f"{path}: no such table; put it there or name another folder") from None
    except UnicodeDecodeError as error:
        raise FactsError(f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8") from None
    except ValueError as error:
        raise FactsError(f"{path}: {error}; a table is a CSV file") from None
    except OSError as error:
        raise FactsError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None


def one_by_one[Record](rows: Iterable[Row], column: str, read: Callable[[Row], Record]) -> dict[str, Record]:
    """Return a record for each row by its code; each code may occur once."""
    records = [(row, row.text(column), read(row)) for row in rows]
    check_unique((row, code, (column,), code) for row, code, _ in records)
    return {code: record for _, code, record in records}


def check_unique(rows: Iterable[tuple[Row, Hashable, Sequence[str], str]]) -> None:
    """Raise an error for two rows with one key, with both lines and the difference between them.

    Each row comes with its key, the columns of the key, and a name such as `FRA on 2025-09-04`.
    """
    first: dict[Hashable, Row] = {}
    for row, key, columns, name in rows:
        before = first.setdefault(key, row)
        if before is row:
            continue
        differs = [each for each in row.cells if each not in columns and row.cells[each] != before.cells[each]]
        if not differs:
            row.wrong(columns[0], f"{name} is already in line {before.line}", "remove one of the two")
        one, other = (each.cells[differs[0]] or "empty" for each in (before, row))
        row.wrong(
            columns[0],
            f"{name} is already in line {before.line}, with {differs[0]} {one} there and {other} here",
            "keep one of the two",
        )


def _check_header(path: Path, header: CsvRow, columns: Sequence[str], optional: Collection[str]) -> None:
    location = f"{path}:{header.line}"
    trouble = separator_trouble(header.cells, columns) or twice_in(header.cells)
    if trouble is not None:
        raise FactsError(f"{location}: {trouble}")
    for name in header.cells:
        if name not in columns:
            raise FactsError(f"{location}: unknown column {name!r}{holds_odd(name)}; {did_you_mean(name, columns)}")
    missing = [name for name in columns if name not in header.cells and name not in optional]
    if missing:
        raise FactsError(f"{location}: column {missing[0]!r} is missing; add it, with empty cells where unknown")
