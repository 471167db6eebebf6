"""Files made of a run, such as figures and reports: written aside, moved to their names when all are whole."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from sim.errors import ResultsError
from sim.results.atomic import folder_aside

_RUN = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")  # which is no harm, and no text to a spreadsheet


def write_files(
    folder: Path,
    names: Sequence[str],
    write: Callable[[Path], object] = lambda aside: None,
    *,
    texts: Mapping[str, str] = MappingProxyType({}),
    overwrite: bool = False,
    flag: str = "--out",
) -> list[Path]:
    """Write files of these names, and texts by name, into a folder, made if it is missing, and return their paths.

    write is called with a folder aside and writes all of the names there. anew: what has such a name is replaced. flag:
    the option of the command that names the place. Raises ResultsError, before anything is written, where a name is
    taken or the folder cannot be written to.
    """
    paths = [folder / name for name in (*names, *texts)]
    check_free(paths, overwrite=overwrite, flag=flag)
    try:
        with folder_aside(_standing(folder)) as aside:
            write(aside)
            for name, text in texts.items():
                (aside / name).write_text(text, "utf-8")
            check_free(paths, overwrite=overwrite, flag=flag)  # what was made there meanwhile is not ours either
            folder.mkdir(parents=True, exist_ok=True)
            for path in paths:
                (aside / path.name).replace(path)
    except OSError as error:
        raise _cannot_write(folder, error.strerror, flag) from None
    return paths


def write_page(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a text file; otherwise as write_files."""
    write_files(path.parent, [], texts={path.name: text}, overwrite=overwrite)


def as_csv(table: pd.DataFrame, *, index: bool = False) -> str:
    """Return a table as the text of a CSV file, its index too if that says something; no text in it can be run."""
    return str(guarded(table, index=index).to_csv(index=index, lineterminator="\n"))


def guarded(table: pd.DataFrame, *, index: bool = False) -> pd.DataFrame:
    """Return a table in which no text begins as a formula of a spreadsheet does; numbers stay numbers.

    Such a text (=, +, -, @, a tab or a carriage return at its start) is led by an apostrophe, as OWASP advises against
    CSV injection.
    """
    table = table.rename(columns=harmless)
    texts = [name for name, kind in table.dtypes.items() if _holds_text(kind)]
    table = table.assign(**{str(name): table[name].astype(object).map(harmless) for name in texts})
    return table.rename(index=harmless) if index else table


def _holds_text(kind: Any) -> bool:
    types = pd.api.types
    return types.is_object_dtype(kind) or types.is_string_dtype(kind) or isinstance(kind, pd.CategoricalDtype)


def harmless(value: Any) -> Any:
    """Return a value, led by an apostrophe if it is a text that a spreadsheet would run."""
    runs = isinstance(value, str) and value[:1] in _RUN and not _NUMBER.fullmatch(value)
    return f"'{value}" if runs else value


def check_free(paths: Sequence[Path], *, overwrite: bool = False, flag: str = "--out") -> None:
    """Raise ResultsError if a path is taken or could not be written; anew: only if what is there cannot be replaced."""
    taken = [path for path in paths if os.path.lexists(path) and (path.is_dir() or not overwrite)]
    if taken:
        exists = "exists" if len(taken) == 1 else "exist"
        named = ", ".join(map(str, taken))
        raise ResultsError(f"{named}: {exists} and would be written over; name another with {flag}")
    for path in {path.parent: path for path in paths}.values():
        try_place(path, flag=flag, shown=path.parent, other="place")


def try_place(path: Path, *, flag: str = "--out", shown: Path | None = None, other: str = "folder") -> None:
    """Raise ResultsError if a file or folder could not be made: better now than when hours have been played.

    Something is made in the nearest folder above it that is there, and taken away again. shown: what the message names;
    other: what the reader may name instead.
    """
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()  # finds a name that is too long
        standing = _standing(path.parent)
        why = None if standing.is_dir() else f"{standing} is not a folder"
        if why is None and not os.access(standing, os.W_OK | os.X_OK):
            why = f"you may not write to {standing}"
        if why is None:
            with folder_aside(standing):
                pass
    except OSError as error:
        why = error.strerror
    if why is not None:
        raise ResultsError(f"{shown or path}: cannot write there: {why}; name another {other} with {flag}")


def _standing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    return next(above for above in (folder, *folder.absolute().parents) if os.path.lexists(above))


def _cannot_write(folder: Path, why: str | None, flag: str) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {why}; name another place with {flag}")
