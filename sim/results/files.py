"""Files made from results, such as figures and reports: written to a temporary folder, then moved together."""

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
from sim.results.atomic import temporary_folder

_FORMULA = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")  # escape_formula: a spreadsheet reads it as a number


def write_files(
    folder: Path,
    names: Sequence[str],
    write: Callable[[Path], object] = lambda aside: None,
    *,
    texts: Mapping[str, str] = MappingProxyType({}),
    overwrite: bool = False,
    flag: str = "--out",
) -> list[Path]:
    """Write files into a folder, which is created if it is missing, and return their paths.

    Parameters
    ----------
    folder, names
        The folder and the names of the files.
    write
        Called with a temporary folder, into which it writes a file of each name.
    texts
        Texts to write as further files, by name.
    overwrite
        Whether to replace files that exist.
    flag
        The command-line option that the messages of errors name.

    Raises
    ------
    ResultsError
        If a file exists or the folder cannot be written, before anything is written.
    """
    paths = [folder / name for name in (*names, *texts)]
    check_free(paths, overwrite=overwrite, flag=flag)
    try:
        with temporary_folder(_nearest_parent(folder)) as aside:
            write(aside)
            for name, text in texts.items():
                (aside / name).write_text(text, "utf-8")
            check_free(paths, overwrite=overwrite, flag=flag)  # another process may have written there meanwhile
            folder.mkdir(parents=True, exist_ok=True)
            for path in paths:
                (aside / path.name).replace(path)
    except OSError as error:
        raise _cannot_write(folder, error.strerror, flag) from None
    return paths


def write_page(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a text file as `write_files` does."""
    write_files(path.parent, [], texts={path.name: text}, overwrite=overwrite)


def as_csv(table: pd.DataFrame, *, index: bool = False) -> str:
    """Return a table as the text of a CSV file, without texts that a spreadsheet would run as formulas."""
    return str(escape_formulas(table, index=index).to_csv(index=index, lineterminator="\n"))


def escape_formulas(table: pd.DataFrame, *, index: bool = False) -> pd.DataFrame:
    """Return a table in which no text begins as a formula of a spreadsheet does; numbers are unchanged.

    A text that begins with =, +, -, @, a tab or a carriage return gets an apostrophe in front, as OWASP recommends
    against CSV injection.
    """
    table = table.rename(columns=escape_formula)
    texts = [name for name, kind in table.dtypes.items() if _holds_text(kind)]
    table = table.assign(**{str(name): table[name].astype(object).map(escape_formula) for name in texts})
    return table.rename(index=escape_formula) if index else table


def _holds_text(kind: Any) -> bool:
    types = pd.api.types
    return types.is_object_dtype(kind) or types.is_string_dtype(kind) or isinstance(kind, pd.CategoricalDtype)


def escape_formula(value: Any) -> Any:
    """Return a value, with an apostrophe in front if it is a text that a spreadsheet would run."""
    is_formula = isinstance(value, str) and value[:1] in _FORMULA and not _NUMBER.fullmatch(value)
    return f"'{value}" if is_formula else value


def check_free(paths: Sequence[Path], *, overwrite: bool = False, flag: str = "--out") -> None:
    """Raise ResultsError if a path exists or cannot be written; with overwrite, only if it cannot be replaced."""
    existing = [path for path in paths if os.path.lexists(path) and (path.is_dir() or not overwrite)]
    if existing:
        exists = "exists" if len(existing) == 1 else "exist"
        raise ResultsError(f"{', '.join(map(str, existing))}: already {exists}; choose another path with {flag}")
    for path in {path.parent: path for path in paths}.values():
        check_writable(path, flag=flag, shown=path.parent, other="path")


def check_writable(path: Path, *, flag: str = "--out", shown: Path | None = None, other: str = "folder") -> None:
    """Raise ResultsError if a file or folder cannot be created: better now than after hours of simulation.

    A temporary folder is created in the nearest parent that exists, and removed again. shown: the path in the message;
    other: what the user can choose instead.
    """
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()  # raises OSError for a name that is too long
        parent = _nearest_parent(path.parent)
        why = None if parent.is_dir() else f"{parent} is not a folder"
        if why is None and not os.access(parent, os.W_OK | os.X_OK):
            why = f"you may not write to {parent}"
        if why is None:
            with temporary_folder(parent):
                pass
    except OSError as error:
        why = error.strerror
    if why is not None:
        raise ResultsError(f"{shown or path}: cannot write there: {why}; choose another {other} with {flag}")


def _nearest_parent(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    return next(above for above in (folder, *folder.absolute().parents) if os.path.lexists(above))


def _cannot_write(folder: Path, why: str | None, flag: str) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {why}; choose another path with {flag}")
