"""Files made of a run, such as figures and reports: written aside, moved to their names when all are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from sim.errors import ResultsError


def write_files(
    folder: Path,
    names: Sequence[str],
    write: Callable[[Path], object] = lambda aside: None,
    *,
    texts: Mapping[str, str] = MappingProxyType({}),
    anew: bool = False,
    flag: str = "--out",
) -> list[Path]:
    """Write files of these names, and texts by name, into a folder, made if it is missing, and return their paths.

    write is called with a folder aside and writes all of the names there. anew: what has such a name is replaced. flag:
    the option of the command that names the place. Raises ResultsError, before anything is written, where a name is
    taken or the folder cannot be written to.
    """
    paths = [folder / name for name in (*names, *texts)]
    refuse_taken(paths, anew=anew, flag=flag)
    try:
        aside = Path(tempfile.mkdtemp(prefix=".willing-", dir=_standing(folder)))
        try:
            write(aside)
            for name, text in texts.items():
                (aside / name).write_text(text, "utf-8")
            refuse_taken(paths, anew=anew, flag=flag)  # what was made there meanwhile is not ours either
            folder.mkdir(parents=True, exist_ok=True)
            for path in paths:
                (aside / path.name).replace(path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(folder, error.strerror, flag) from None
    return paths


def write_page(path: Path, text: str, *, anew: bool = False) -> None:
    """Write a text file; otherwise as write_files."""
    write_files(path.parent, [], texts={path.name: text}, anew=anew)


def as_csv(table: pd.DataFrame, *, index: bool = False) -> str:
    """Return a table as the text of a CSV file, its index too if that says something."""
    return str(table.to_csv(index=index, lineterminator="\n"))


def refuse_taken(paths: Sequence[Path], *, anew: bool = False, flag: str = "--out") -> None:
    """Raise ResultsError if a path is taken or could not be written; anew: only if what is there cannot be replaced."""
    try:
        taken = [path for path in paths if os.path.lexists(path) and (path.is_dir() or not anew)]
        standing = {path.parent: _standing(path.parent) for path in paths}
    except OSError as error:
        raise _cannot_write(paths[0].parent, error.strerror, flag) from None
    if taken:
        exists = "exists" if len(taken) == 1 else "exist"
        named = ", ".join(map(str, taken))
        raise ResultsError(f"{named}: {exists} and would be written over; name another with {flag}")
    for folder, above in standing.items():
        if not above.is_dir():
            raise _cannot_write(folder, f"{above} is no folder", flag)
        if not os.access(above, os.W_OK | os.X_OK):
            raise _cannot_write(folder, f"{above} is closed to you", flag)


def _standing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next(above for above in (folder, *folder.absolute().parents) if os.path.lexists(above))


def _cannot_write(folder: Path, why: str | None, flag: str) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {why}; name another place with {flag}")
