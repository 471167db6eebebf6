"""`--csv` and `--xlsx`: write the tables of a result to files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.results.spreadsheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The files for the tables of a result; none by default."""

    csv: Path | None = None
    xlsx: Path | None = None

    def check(self) -> None:
        """Raise ResultsError for a suffix that does not fit, and for a file that exists or cannot be written."""
        if self.csv is None and self.xlsx is None:
            return
        from sim.cli.suffixes import check_suffix
        from sim.results.files import check_free

        for flag, path, suffix in (("--csv", self.csv, ".csv"), ("--xlsx", self.xlsx, ".xlsx")):
            if path is not None:
                check_suffix(flag, path, (suffix,))
                check_free([path], flag=flag)

    def write(self, make: Callable[[], Mapping[str, Sheet]]) -> None:
        """Write the requested files, and print their paths on standard error."""
        if self.csv is None and self.xlsx is None:
            return
        from sim.results.spreadsheet import write_csv, write_workbook

        sheets = make()
        written = [] if self.csv is None else write_csv(self.csv, sheets)
        written += [] if self.xlsx is None else write_workbook(self.xlsx, sheets)
        for path in written:
            click.echo(f"Table: {path}", err=True)


_OPTIONS = (
    click.option(
        "--csv",
        type=click.Path(path_type=Path),
        metavar="FILE.csv",
        help="Also write the tables as CSV; further tables go beside it, each to a file of its own.",
    ),
    click.option(
        "--xlsx",
        type=click.Path(path_type=Path),
        metavar="FILE.xlsx",
        help="Also write the tables as an Excel workbook, one sheet per table.",
    ),
)


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --csv and --xlsx to a command, which gets them as `tables`, checked before it begins."""

    @functools.wraps(command)
    def with_tables(*arguments: Any, csv: Path | None, xlsx: Path | None, **options: Any) -> Any:
        tables = TableFiles(csv=csv, xlsx=xlsx)
        tables.check()
        return command(*arguments, tables=tables, **options)

    for option in reversed(_OPTIONS):
        with_tables = option(with_tables)
    return with_tables
