"""Designs that are given point by point: a CSV file beside the experiment's, with one row per point."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from sim.errors import Mistake, ScenarioError
from sim.experiment.factor import AS_IT_IS, Factor, Level, Range
from sim.experiment.schema import MOST_POINTS
from sim.facts.characters import holds_odd
from sim.facts.csv_rows import CsvRow, MalformedCSV, csv_rows, separator_trouble, twice_in
from sim.facts.numbers import is_counted, number_meant, point_for_thousands, written
from sim.scenario.error_messages import MOST_MISTAKES
from sim.scenario.field_types import SettingsBlock
from sim.scenario.file_kinds import EXPERIMENT, FileKind
from sim.scenario.files import check_inside, take_text
from sim.scenario.suggestions import did_you_mean
from sim.scenario.syntax_tree import Place, shortened

POINT = "point"  # a column with the numbers of the points, which is ignored
TABLE = FileKind(
    name="table of points", article="a", begin="", folder="", packed="", suffix=".csv", largest=1 << 28
)  # fmt: skip

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|\.?inf", re.ASCII | re.IGNORECASE)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Table(SettingsBlock):
    """The points of a design, one by one."""

    rows: tuple[tuple[Level, ...], ...]  # one level per factor, in the order of the factors


def read_table(name: str, experiment: Path, place: Place, factors: Sequence[Factor]) -> Table:
    """Return the points of a table beside the experiment's file; ScenarioError with all mistakes in it.

    place: of the name of the table.
    """
    if not _FILE.fullmatch(name):
        message = f"'{shortened(name)}' is not the name of a file beside this one, such as points.csv"
        raise ScenarioError([place.mistake(message, "design.table")])
    path = experiment.parent / name
    if not path.exists():
        near = sorted(each.name for each in experiment.parent.glob("*.csv"))[:1000]
        message = f"there is no file '{name}' beside this one{did_you_mean(name, near)}"
        raise ScenarioError([place.mistake(message, "design.table")])
    check_inside(path, experiment.parent, place, "design.table", EXPERIMENT)
    return _TableReader(str(path), factors).read(take_text(path, TABLE))


class _TableReader:
    """Reads the rows of a table and gathers the mistakes."""

    def __init__(self, file: str, factors: Sequence[Factor]) -> None:
        self.file = file
        self.factors = factors
        self.mistakes: list[Mistake] = []

    def read(self, text: str) -> Table:
        rows: list[tuple[Level, ...]] = []
        lines = csv_rows(text)
        try:
            header = next(lines, CsvRow(1, ()))
            self._check_header(header)
            for row in lines:
                if len(self.mistakes) > MOST_MISTAKES:
                    break
                rows.append(self._row(row, header.cells))
                if len(rows) > MOST_POINTS:
                    self._wrong(row.line, f"more than {MOST_POINTS:,} points")
                    break
        except MalformedCSV as error:
            self._wrong(error.line, str(error))
        if not rows and not self.mistakes:
            self._wrong(1, "has no points; give one per row, below the names of the factors")
        if self.mistakes:
            raise ScenarioError(self.mistakes[:MOST_MISTAKES])
        return Table(rows=tuple(rows))

    def _check_header(self, header: CsvRow) -> None:
        names = [factor.name for factor in self.factors]
        trouble = separator_trouble(header.cells, names)
        if trouble is not None:
            self._wrong(header.line, trouble)
            raise ScenarioError(self.mistakes)
        for column in dict.fromkeys(header.cells):
            if column not in (*names, POINT):
                hint = holds_odd(column) or did_you_mean(column, names)
                self._wrong(header.line, f"no factor '{shortened(column)}' is varied{hint}")
        repeated = twice_in(header.cells)
        if repeated is not None:
            self._wrong(header.line, repeated)
        for name in names:
            if name not in header.cells:
                self._wrong(header.line, f"no column for the factor '{name}'; add one")
        if self.mistakes:
            raise ScenarioError(self.mistakes)

    def _row(self, row: CsvRow, header: Sequence[str]) -> tuple[Level, ...]:
        if len(row.cells) != len(header):
            self._wrong(row.line, f"{len(row.cells)} cells, where the first line names {len(header)} columns")
            return ()
        cells = dict(zip(header, row.cells, strict=True))
        return tuple(self._level(factor, cells[factor.name], row.line) for factor in self.factors)

    def _level(self, factor: Factor, cell: str, line: int) -> Level:
        if not factor.is_numeric:
            if cell not in factor.levels and cell != AS_IT_IS:
                hint = did_you_mean(cell, map(str, factor.levels))
                self._wrong(line, f"no level '{shortened(cell)}'{hint}", factor.name)
            return cell
        number = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        counts = factor.is_whole or is_counted(factor.unit)
        if not math.isfinite(number) and not (number == math.inf and math.inf in factor.levels):
            meant = number_meant(cell, whole=counts)
            hint = f"; did you mean {written(meant)}?" if meant is not None else ""
            self._wrong(line, f"'{shortened(cell)}' is not a number{holds_odd(cell)}{hint}", factor.name)
        elif counts and (trouble := self._point_for_thousands(factor, cell)) is not None:
            self._wrong(line, trouble, factor.name)
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

    @staticmethod
    def _point_for_thousands(factor: Factor, cell: str) -> str | None:
        numbers = (factor.low, factor.high) if isinstance(factor, Range) else factor.levels
        low, high = (edge(float(number) for number in numbers) for edge in (min, max))
        return point_for_thousands(cell, whole=factor.is_whole, low=low, high=high)

    def _wrong(self, line: int, message: str, factor: str = "") -> None:
        self.mistakes.append(Mistake(file=self.file, line=line, message=message, path=factor))
