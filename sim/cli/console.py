"""What commands print: results as text or JSON, progress, and where files were written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sim.cli import printing
from sim.cli import progress as progress_bars

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.view import TextTable, View


@contextmanager
def progress(what: str, unit: str = "") -> Iterator[Callable[[int, int], None]]:
    """Show progress on standard error from the first call of the callback until the steps done are the total.

    The callback is called with (steps done, steps in total).

    unit: what the steps are called, such as runs; if given, their rate is shown.
    """
    from contextlib import ExitStack

    with ExitStack() as stack:
        advance: Callable[[int], None] | None = None
        before = 0

        def on_progress(done: int, total: int) -> None:
            nonlocal advance, before
            if advance is None:
                advance = stack.enter_context(progress_bars.progress(what, total, unit))
            advance(done - before)
            before = done
            if done >= total:
                stack.close()

        yield on_progress


def load_scenario(reference: str, settings: Sequence[str] = ()) -> Scenario:
    """Load a scenario, and print a warning for everything in it that can have no effect."""
    from sim.scenario.load import load_and_warn

    scenario, warnings = load_and_warn(reference, settings)
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
    return scenario


def warn(reference: str, settings: Sequence[str] = ()) -> None:
    """Print a warning for everything in a scenario that can have no effect; nothing for the folder of a run."""
    from pathlib import Path

    from sim.results.open_run import check_is_not_a_file
    from sim.scenario import shipped

    if reference not in shipped():
        check_is_not_a_file(Path(reference))
        if Path(reference).is_dir():
            return
    load_scenario(reference, settings)


def print_json(answer: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def show(view: View) -> None:
    """Print the blocks of a view, with an empty line around each table."""
    from sim.view import Heading, Paragraph, TextTable

    gap = False
    for number, block in enumerate(view):
        if number and (gap or isinstance(block, TextTable)):
            click.echo()
        gap = isinstance(block, TextTable)
        match block:
            case Heading(title, text):
                printing.opening(f"{click.style(title, bold=True)}{text}")
            case Paragraph("", text):
                printing.opening(text)
            case Paragraph(title, text):
                printing.paragraph(title, text)
            case TextTable():
                _show_table(block)


def _show_table(table: TextTable) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    if table.title:
        click.echo(click.style(table.title, bold=True))
    rich_table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        rich_table.add_column(
            column.head,
            justify="right" if column.is_number else "left",
            no_wrap=column.is_number,
            min_width=column.width,
        )
    for row in table.rows:
        rich_table.add_row(*row)
    if table.footer:
        rich_table.show_footer = True
        for rich_column, text in zip(rich_table.columns, table.footer, strict=True):
            rich_column.footer = text
    printing.print_table(rich_table)
