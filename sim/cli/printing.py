"""How answers are laid out on the screen: paragraphs and tables."""

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

EXIT_CODE = "sim.exit_code"  # where a command keeps with which code it is going to leave
_LONGEST = 120  # characters of a first line
_WIDTH = 100  # characters, or the terminal if that is narrower


def paragraph(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped and set in from the left."""
    columns = min(screen() or _WIDTH, _WIDTH)
    wrapped = click.wrap_text(f"{heading}: {text}", width=columns, initial_indent="", subsequent_indent="    ")
    end, left = 0, len("".join(heading.split()))  # a long heading is wrapped too
    while left:
        left -= not wrapped[end].isspace()
        end += 1
    click.echo(click.style(wrapped[:end], bold=True) + wrapped[end:])


def opening(text: str) -> None:
    """Print the first line of an answer, wrapped where changed settings in its heading make it long."""
    click.echo(click.wrap_text(text, width=min(screen() or _LONGEST, _LONGEST)))


def screen() -> int | None:
    """Return how many characters a line of the terminal holds; None where the answer goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(table: Table, *, width: int = 10_000) -> None:
    """Print a table without the space that rich leaves around it.

    On a terminal that is too narrow, texts are wrapped between words; where that is not enough, columns follow in
    further tables under it, each with the first column, so that no number is cut and no column is lost. Elsewhere the
    table is at most `width` characters wide.
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
    """Return a table as one or more of which none is wider than that."""
    from rich.cells import cell_len

    if max(map(cell_len, _rendered(table, 10_000).splitlines()), default=0) <= columns:
        return [table]
    gutter = max(sum(table.padding[1::2]) + (0 if table.box is None else 1), 1)
    room = columns - 1  # a line that fills the terminal is followed by an empty one on some
    widths = [_widths(column) for column in table.columns]
    for place, column in enumerate(table.columns):  # as wide as is wished for, where that fits beside the first
        wished = max(widths[place][0], column.min_width or 0)
        if place and widths[0][0] + wished + 2 * gutter <= room:
            widths[place] = wished, max(wished, widths[place][1])

    def least(places: Sequence[int]) -> int:
        return sum(widths[place][0] for place in places) + gutter * len(places)

    groups: list[list[int]] = [[0]]
    for place in range(1, len(widths)):
        if len(groups[-1]) > 1 and least([*groups[-1], place]) > room:
            groups.append([0])
        groups[-1].append(place)
    return [_part(table, places, widths, room - gutter * len(places)) for places in groups]


def _widths(column: Column) -> tuple[int, int]:
    """Return the least width of a column, at which no number and no word is cut, and the one that it would like."""
    from rich.cells import cell_len

    if column.width is not None:
        return column.width, column.width
    cells = [str(cell) for cell in column._cells]
    whole = [*cells, str(column.footer)] if column.justify == "right" else [str(column.footer)]
    words = [str(column.header), *([] if column.justify == "right" else cells)]
    least = max(map(cell_len, [line for text in whole for line in text.splitlines()] or [""]))
    least = max([least, *(cell_len(word) for text in words for word in text.split())])
    return least, max([least, *(cell_len(line) for text in [*cells, str(column.header)] for line in text.splitlines())])


def _part(table: Table, places: Sequence[int], widths: Sequence[tuple[int, int]], room: int) -> Table:
    """Return a table of some of the columns, with what is left of the room given to those that would like more."""
    given = {place: widths[place][0] for place in places}
    texts = [place for place in places if table.columns[place].justify != "right"]
    if texts and sum(given.values()) > room:  # words that are too long for the terminal are broken, numbers never
        longest = max(texts, key=lambda place: given[place])
        given[longest] = max(1, given[longest] - (sum(given.values()) - room))
    for _ in range(room - sum(given.values())):
        wanting = [place for place in places if given[place] < widths[place][1]]
        if not wanting:
            break
        given[max(wanting, key=lambda place: widths[place][1] / given[place])] += 1
    part = copy(table)
    part.columns = [
        replace(table.columns[place], _index=index, width=given[place], min_width=None, no_wrap=False)
        for index, place in enumerate(places)
    ]
    return part


def leave_with(code: int) -> None:
    """Make the current command exit with this code when it is done."""
    click.get_current_context().meta[EXIT_CODE] = code
