"""Pages in Markdown, with a figure beside them, that commands write and renew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ResultsError
from sim.results.files import check_free, write_files

if TYPE_CHECKING:
    from sim.result import Result

type Texts = Callable[[str, Path], Mapping[str, str]]


def mark(command: str) -> str:
    """Return the first line of a page that the command writes."""
    return f"<!-- Made by `{command} --out`; change it there. -->"


def check_page(path: Path, *, command: str, beside: tuple[str, ...] = (".png",)) -> None:
    """Raise ResultsError if the page cannot be written, or would replace a file that is not such a page.

    beside: the suffixes of the files that are written beside it.
    """
    if path.suffix != ".md":
        raise ResultsError(f"{path}: the page is Markdown; name a file that ends in .md")
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: there is no folder {path.parent}; make it, or name another")
    if path.is_file() and not path.read_text("utf-8", errors="replace").startswith(mark(command)):
        raise ResultsError(f"{path}: exists and was not made by `{command}`; name another file with --out")
    check_free([path], overwrite=True)
    for suffix in beside:
        other = path.with_suffix(suffix)
        if other.exists() and not path.is_file():
            raise ResultsError(f"{other}: already exists; choose another file with --out")


def write_page(result: Result, path: Path, texts: Mapping[str, str]) -> None:
    """Write the texts, by the names of their files, and the figure of the result beside the page."""
    from sim.plots import save

    picture = path.with_suffix(".png").name

    def draw(aside: Path) -> None:
        save(result.plot(), aside / picture)

    write_files(path.parent, [picture], draw, texts=texts, overwrite=True)
