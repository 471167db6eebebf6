"""Pages that a command makes of many situations: how these are played, and where the page may be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--replicates", type=click.IntRange(2, 1_000_000), default=400, show_default=True, help="Of each situation."
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from."
    ),
    click.option(
        "--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor."
    ),
)


def situation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how situations are played."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_page(out: Path, *, mark: str, command: str, beside: Sequence[str]) -> None:
    """Raise ResultsError where the page would replace something that is no such page, or cannot be written.

    mark: how such a page begins; command: what makes it; beside: the endings of the files that go with it, as .png.
    """
    from sim.errors import ResultsError
    from sim.results.files import check_free

    if out.suffix != ".md":
        raise ResultsError(f"{out}: the page is Markdown; name a file that ends in .md")
    if not out.parent.is_dir():
        raise ResultsError(f"{out}: there is no folder {out.parent}; make it, or name another")
    if out.is_file() and not out.read_text("utf-8", errors="replace").startswith(mark):
        raise ResultsError(f"{out}: exists and was not made by `{command}`; name another file with --out")
    check_free([out], overwrite=True)
    for ending in beside:
        other = out.with_suffix(ending)
        if other.exists() and not out.is_file():
            raise ResultsError(f"{other}: exists, and would be written over; name another file with --out")
