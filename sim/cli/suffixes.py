"""Names of files and folders to write: one that promises another format than is written is refused before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

FILES = (".csv", ".xlsx", ".png", ".svg", ".pdf", ".html", ".htm", ".json", ".yaml", ".yml", ".md", ".parquet")


class FolderPath(click.Path):
    """A folder to write, which does not have the name of a file, such as report.pdf."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of the folder."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.suffix.lower() in FILES and not path.exists():
            self.fail(f"{path}: name a folder, such as {path.with_suffix('')}; the files in it have their own names")
        return path


def check_suffix(flag: str, path: Path, suffixes: Sequence[str], why: str = "") -> None:
    """Raise ResultsError where a file's name ends otherwise than the format that is written.

    flag: the option that names it; suffixes: those that fit; why: what else could be done.
    """
    from sim.errors import ResultsError

    if path.suffix.lower() in suffixes:
        return
    known = " or ".join(suffixes)
    named = path.with_suffix(suffixes[0]).name if path.stem else f"table{suffixes[0]}"
    raise ResultsError(f"{flag} {path}: the name must end in {known}; name a file such as {named}{why}")
