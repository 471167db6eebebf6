"""A design that is written down point by point: a CSV file beside the experiment's, one row a point."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.errors import Mistake, ScenarioError
from sim.experiment.factor import AS_IT_IS, Factor, Level, Range
from sim.experiment.written import MOST_POINTS
from sim.scenario.files import take_text
from sim.scenario.kind import FileKind
from sim.scenario.meant import did_you_mean, number_meant, written
from sim.scenario.part import Part
from sim.scenario.telling import MOST_MISTAKES
from sim.scenario.tree import Place, shortened

POINT = "point"  # a column that numbers the points; may stand in a table, and is not read
TABLE = FileKind(
    name="table of points", article="a", begin="", folder="", packed="", suffix=".csv", largest=1 << 28
)  # fmt: skip

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Table(Part):
    """Points as they are written down."""

    rows: tuple[tuple[Level, ...], ...]  # a level a factor, in the order of the factors


def read_table(name: str, experiment: Path, place: Place, factors: Sequence[Factor]) -> Table:
    """Return the points of a table beside the experiment's file; ScenarioError with every mistake in it.

    place is where the table is named.
    """
    if not _FILE.fullmatch(name):
        message = f"'{shortened(name)}' is not the name of a file beside this one, such as points.csv"
        raise ScenarioError([place.mistake(message, "design.table")])
    path = experiment.parent / name
    if not path.exists():
        near = sorted(each.name for each in experiment.parent.glob("*.csv"))[:1000]
        message = f"there is no file '{name}' beside this one{did_you_mean(name, near)}"
        raise ScenarioError([place.mistake(message, "design.table")])
    lines = csv.reader(io.StringIO(take_text(path, TABLE), newline=""), strict=True)
    return _Reader(str(path), factors).read(lines)


class _Reader:
    """Reads the rows of a table and gathers what is wrong with them."""

    def __init__(self, file: str, factors: Sequence[Factor]) -> None:
        self.file = file
        self.factors = factors
        self.mistakes: list[Mistake] = []

    def read(self, lines: Any) -> Table:
        rows: list[tuple[Level, ...]] = []
        try:
            header = [cell.strip() for cell in next(lines, [])]
            self._check_header(header)
            for cells in lines:
                if len(self.mistakes) > MOST_MISTAKES:
                    break
                if any(cell.strip() for cell in cells):
                    row = self._row(dict(zip(header, cells, strict=False)), len(cells), len(header), lines.line_num)
                    rows.append(row)
                if len(rows) > MOST_POINTS:
                    self._wrong(lines.line_num, f"more than {MOST_POINTS:,} points")
                    break
        except csv.Error as error:
            self._wrong(lines.line_num, f"not CSV: {error}")
        if not rows and not self.mistakes:
            self._wrong(1, "holds no point; give one a row, below the names of the factors")
        if self.mistakes:
            raise ScenarioError(self.mistakes[:MOST_MISTAKES])
        return Table(rows=tuple(rows))

    def _check_header(self, header: Sequence[str]) -> None:
        names = [factor.name for factor in self.factors]
        for place, column in enumerate(header):
            if column not in (*names, POINT):
                self._wrong(1, f"no factor '{shortened(column)}' is varied{did_you_mean(column, names)}")
            elif column in header[:place]:
                self._wrong(1, f"the column '{column}' is given twice; keep one of the two")
        for name in names:
            if name not in header:
                self._wrong(1, f"no column for the factor '{name}'; add one")
        if self.mistakes:
            raise ScenarioError(self.mistakes)

    def _row(self, cells: dict[str, str], given: int, wanted: int, line: int) -> tuple[Level, ...]:
        if given != wanted:
            self._wrong(line, f"{given} cells, where the first line names {wanted} columns")
            return ()
        return tuple(self._level(factor, cells[factor.name].strip(), line) for factor in self.factors)

    def _level(self, factor: Factor, cell: str, line: int) -> Level:
        if not factor.is_numeric:
            if cell not in factor.levels and cell != AS_IT_IS:
                hint = did_you_mean(cell, map(str, factor.levels))
                self._wrong(line, f"no level '{shortened(cell)}'{hint}", factor.name)
            return cell
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) and not (number == math.inf and math.inf in factor.levels):
            meant = number_meant(cell, whole=factor.is_whole)
            hint = f"; did you mean {written(meant)}?" if meant is not None else ""
            self._wrong(line, f"'{shortened(cell)}' is not a number{hint}", factor.name)
        elif factor.is_whole and not number.is_integer():
            self._wrong(line, f"{cell} is not a whole number", factor.name)
        elif isinstance(factor, Range) and not factor.low <= number <= factor.high:
            message = f"{cell} is out of range; the experiment varies it from {factor.low:.12g} to {factor.high:.12g}"
            self._wrong(line, message, factor.name)
        elif not isinstance(factor, Range) and number not in factor.levels:
            self._wrong(line, f"no level {cell}; there are {', '.join(map(str, factor.levels[:20]))}", factor.name)
        else:
            return int(number) if factor.is_whole else number
        return number

    def _wrong(self, line: int, message: str, factor: str = "") -> None:
        self.mistakes.append(Mistake(file=self.file, line=line, message=message, path=factor))
