r"""The rows of a CSV text with the lines in which they begin. Lines end only at \n, \r\n and \r."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class MalformedCSV(ValueError):
    """A text is not a table of comma-separated values: the line and the reason."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row that is not blank."""

    line: int  # where it begins; a quoted cell may reach over several lines
    cells: tuple[str, ...]  # without the spaces around them


def csv_rows(text: str) -> Iterator[CsvRow]:
    """Yield the rows that are not blank, the header first; MalformedCSV if one cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise MalformedCSV(line, f"not a CSV line ({error}); check its quotes") from None
        if any(cells):
            yield CsvRow(line, cells)


def separator_trouble(header: Sequence[str], columns: Collection[str]) -> str | None:
    """Return an error message for a header whose columns are not separated by commas; None if they are."""
    if header and header[0].lower().startswith("sep="):
        return "a line that is meant for Excel; remove it, and separate the columns by commas"
    for separator, name in _SEPARATORS.items():
        parts = {part.strip().strip('"') for cell in header for part in cell.split(separator)}
        if len(header) < len(columns) and len(parts & {*columns}) > len({*header} & {*columns}):
            return f"the columns are separated by {name}; save the table with commas between the columns"
    return None


def twice_in(header: Sequence[str]) -> str | None:
    """Return an error message for a header that names a column twice; None if it does not."""
    for index, name in enumerate(header):
        if name in header[:index]:
            return f"column {name!r} appears twice, as columns {header.index(name) + 1} and {index + 1}; remove one"
    return None
