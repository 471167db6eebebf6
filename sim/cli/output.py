"""Where the answer of a command goes: to the screen as text or JSON, to a figure, and to files with its tables."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import console
from sim.cli.drawing import check_figure, draw, figure_option
from sim.cli.export_options import TableFiles, table_options

if TYPE_CHECKING:
    from sim.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How the user asked for the answer of a command."""

    as_json: bool = False
    tables: TableFiles = field(default_factory=TableFiles)
    figure: Path | None = None  # a file, drawing.NOWHERE, or None for the default
    figures: Path | None = None  # the folder of the default figure; None where the command draws none

    def answer(
        self,
        result: Result,
        *,
        kind: str | None = None,
        files: Mapping[str, Path | None] | None = None,
        only: str | None = None,
    ) -> None:
        """Draw the figure of a result, write its tables, and print it.

        Parameters
        ----------
        kind
            The kind of figure, if not the usual one.
        files
            Files that the command has written, by their key in JSON; None for one that was not written.
        only
            The key of the result whose value alone is printed as JSON.
        """
        drawn = None
        if self.figures is not None and (self.figure is not None or not self.as_json):
            drawn = draw(lambda: result.plot(kind), self.figure, self.figures / f"{result.file_name}.png")
        self.write_tables(result)
        all_files = {**(files or {}), **({} if self.figures is None else {"figure": drawn})}
        if self.as_json:
            paths = {key: None if path is None else str(path) for key, path in all_files.items()}
            answer = result.to_dict()
            console.print_json(answer | paths if only is None else answer[only])
            return
        console.show(result.view())
        for number, (key, path) in enumerate((key, path) for key, path in all_files.items() if path is not None):
            click.echo(f"{'' if number else '\n'}{key.capitalize()}: {path}")

    def write_tables(self, result: Result) -> None:
        """Write the tables of a result to the files of --csv and --xlsx."""
        from sim.report.registry import sheets

        self.tables.write(lambda: sheets(result))

    def report_file(self, name: str, path: Path) -> None:
        """Print where a file was written, unless JSON is printed."""
        if not self.as_json:
            click.echo(f"\n{name}: {path}")


def output_options(*, figures: Path | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --csv, --xlsx and --json to a command, and --figure and --no-figures if it draws figures into a folder.

    The command gets them as `output`, checked before it begins.
    """

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_output(
            *arguments: Any, tables: TableFiles, as_json: bool, figure: Path | None = None, **options: Any
        ) -> Any:
            if figures is not None:
                check_figure(figure, None if as_json else figures)
            output = Output(as_json=as_json, tables=tables, figure=figure, figures=figures)
            return command(*arguments, output=output, **options)

        wrapped: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(with_output)
        wrapped = table_options(wrapped)
        return wrapped if figures is None else figure_option(wrapped)

    return add_options
