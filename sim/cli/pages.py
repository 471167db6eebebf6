"""Pages with files beside them that a command writes anew, and never over anything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def check_page(out: Path, *, mark: str, command: str, beside: Sequence[str]) -> None:
    """Raise ResultsError where the page would replace something that is no such page, or cannot be written.

    mark: how such a page begins; command: what makes it; beside: the endings of the files that go with it, as .png.
    """
    from sim.errors import ResultsError

    if out.suffix != ".md":
        raise ResultsError(f"{out}: the page is Markdown; name a file that ends in .md")
    if not out.parent.is_dir():
        raise ResultsError(f"{out}: there is no folder {out.parent}; make it, or name another")
    if out.is_file() and not out.read_text("utf-8", errors="replace").startswith(mark):
        raise ResultsError(f"{out}: exists and was not made by `{command}`; name another file with --out")
    for ending in beside:
        other = out.with_suffix(ending)
        if other.exists() and not out.is_file():
            raise ResultsError(f"{other}: exists, and would be written over; name another file with --out")
