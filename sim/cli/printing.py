"""Print paragraphs and tables that fit the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Column, Table

EXIT_CODE = "sim.exit_code"  # key of the exit code of the current command
_LONGEST = 120  # characters of a first line
_WIDTH = 100  # characters, or the terminal if that is narrower


def paragraph(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped, with further lines indented."""
    columns = min(screen() or _WIDTH, _WIDTH)
    wrapped = click.wrap_text(f"{heading}: {text}", width=columns, initial_indent="", subsequent_indent="    ")
    end, left = 0, len("".join(heading.split()))  # a long heading is wrapped too
    while left:
        left -= not wrapped[end].isspace()
        end += 1
    click.echo(click.style(wrapped[:end], bold=True) + wrapped[end:])


def opening(text: str) -> None:
    """Print the first line of a result, wrapped if changed settings in its heading make it long."""
    click.echo(click.wrap_text(text, width=min(screen() or _LONGEST, _LONGEST)))


def screen() -> int | None:
    """Return the width of the terminal in characters; None if standard output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(table: Table, *, width: int = 10_000) -> None:
    """Print a table without the space that rich adds around it.

    On a narrow terminal, texts are wrapped between words; if that is not enough, further columns follow in further
    tables, each with the first column, so that no number is cut and no column is lost. Elsewhere the table is at most
    `width` characters wide.
    """
    columns = screen()
    parts = [table] if columns is None else _fitting(table, columns)
    for number, part in enumerate(parts):
        if number:
            click.echo()
        click.echo(_rendered(part, width if columns is None else 10_000))


def _rendered(table: Table, width: int) -> str:
    from rich.console import Console

    console = Console(markup=False, highlight=False, width=width)
    with console.capture() as printed:
        console.print(table)
    return dedent("\n".join(line.rstrip() for line in printed.get().splitlines() if line.strip()))


def _fitting(table: Table, columns: int) -> list[Table]:
    """Split a table into tables that are not wider than this number of characters."""
    from rich.cells import cell_len

    if max(map(cell_len, _rendered(table, 10_000).splitlines()), default=0) <= columns:
        return [table]
    gutter = max(sum(table.padding[1::2]) + (0 if table.box is None else 1), 1)
    room = columns - 1  # some terminals add an empty line after a line that fills them
    widths = [_widths(column) for column in table.columns]
    for index, column in enumerate(table.columns):  # the preferred width, where it fits beside the first column
        preferred = max(widths[index][0], column.min_width or 0)
        if index and widths[0][0] + preferred + 2 * gutter <= room:
            widths[index] = preferred, max(preferred, widths[index][1])

    def least(indices: Sequence[int]) -> int:
        return sum(widths[index][0] for index in indices) + gutter * len(indices)

    groups: list[list[int]] = [[0]]
    for index in range(1, len(widths)):
        if len(groups[-1]) > 1 and least([*groups[-1], index]) > room:
            groups.append([0])
        groups[-1].append(index)
    return [_part(table, indices, widths, room - gutter * len(indices)) for indices in groups]


def _widths(column: Column) -> tuple[int, int]:
    """Return the least width of a column, at which no number and no word is cut, and its full width."""
    from rich.cells import cell_len

    if column.width is not None:
        return column.width, column.width
    cells = [str(cell) for cell in column._cells]
    whole = [*cells, str(column.footer)] if column.justify == "right" else [str(column.footer)]
    words = [str(column.header), *([] if column.justify == "right" else cells)]
    least = max(map(cell_len, [line for text in whole for line in text.splitlines()] or [""]))
    least = max([least, *(cell_len(word) for text in words for word in text.split())])
    return least, max([least, *(cell_len(line) for text in [*cells, str(column.header)] for line in text.splitlines())])


def _part(table: Table, indices: Sequence[int], widths: Sequence[tuple[int, int]], room: int) -> Table:
    """Return a table of some of the columns; the room that is left goes to the columns that need it most."""
    given = {index: widths[index][0] for index in indices}
    texts = [index for index in indices if table.columns[index].justify != "right"]
    if texts and sum(given.values()) > room:  # long words are broken, numbers never
        longest = max(texts, key=lambda index: given[index])
        given[longest] = max(1, given[longest] - (sum(given.values()) - room))
    for _ in range(room - sum(given.values())):
        narrow = [index for index in indices if given[index] < widths[index][1]]
        if not narrow:
            break
        given[max(narrow, key=lambda index: widths[index][1] / given[index])] += 1
    part = copy(table)
    part.columns = [
        replace(table.columns[index], _index=number, width=given[index], min_width=None, no_wrap=False)
        for number, index in enumerate(indices)
    ]
    return part


def leave_with(code: int) -> None:
    """Make the current command exit with this code when it finishes."""
    click.get_current_context().meta[EXIT_CODE] = code
