"""Names of files and folders to write: a suffix that does not fit the format is an error before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

FILES = (".csv", ".xlsx", ".png", ".svg", ".pdf", ".html", ".htm", ".json", ".yaml", ".yml", ".md", ".parquet")


class FolderPath(click.Path):
    """A folder to write; a name such as report.pdf is an error."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or fail if it looks like a file."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.suffix.lower() in FILES and not path.exists():
            self.fail(f"{path} is the name of a file; give a folder, such as {path.with_suffix('')}")
        return path


def check_suffix(flag: str, path: Path, suffixes: Sequence[str], hint: str = "") -> None:
    """Raise ResultsError if the suffix of a file does not fit the format that is written.

    flag: the option that names the file; suffixes: those that fit; hint: an alternative, added to the message.
    """
    from sim.errors import ResultsError

    if path.suffix.lower() in suffixes:
        return
    known = " or ".join(suffixes)
    example = path.with_suffix(suffixes[0]).name if path.stem else f"table{suffixes[0]}"
    raise ResultsError(f"{flag} {path}: the name must end in {known}, such as {example}{hint}")
