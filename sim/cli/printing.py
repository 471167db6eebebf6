"""How answers are laid out on the screen: paragraphs and tables."""

from __future__ import annotations

import shutil
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

EXIT_CODE = "sim.exit_code"  # where a command keeps with which code it is going to leave
_WIDTH = 100  # characters, or the terminal if that is narrower


def paragraph(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped and set in from the left."""
    columns = min(shutil.get_terminal_size().columns, _WIDTH) if sys.stdout.isatty() else _WIDTH
    wrapped = click.wrap_text(f"{heading}: {text}", width=columns, initial_indent="", subsequent_indent="    ")
    click.echo(click.style(heading, bold=True) + wrapped[len(heading) :])


def print_table(table: Table, *, width: int = 10_000) -> None:
    """Print a table of at most this many characters across, without the space that rich leaves around it."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, width=width)
    with console.capture() as printed:
        console.print(table)
    click.echo(dedent("\n".join(line.rstrip() for line in printed.get().splitlines() if line.strip())))


def leave_with(code: int) -> None:
    """Let the command that is at work leave with this code when it is through."""
    click.get_current_context().meta[EXIT_CODE] = code
