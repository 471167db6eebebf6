"""Refusing a file whose name promises another format than the one that is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def refuse_suffix(flag: str, path: Path, suffixes: Sequence[str], why: str = "") -> None:
    """Raise ResultsError where a file's name ends otherwise than the format that is written.

    flag: the option that names it; suffixes: those that fit; why: what else could be done.
    """
    from sim.errors import ResultsError

    if path.suffix.lower() in suffixes:
        return
    known = " or ".join(suffixes)
    named = path.with_suffix(suffixes[0]).name if path.stem else f"table{suffixes[0]}"
    raise ResultsError(f"{flag} {path}: what is written there ends in {known}; name a file such as {named}{why}")


def refuse_file_name(flag: str, path: Path, suffixes: Sequence[str]) -> None:
    """Raise ResultsError where a folder is to be made and the name is that of a file, as `figures.png`."""
    from sim.errors import ResultsError

    if path.suffix.lower() in suffixes and not path.is_dir():
        raise ResultsError(f"{flag} {path}: a folder is made there; name one such as {path.with_suffix('')}")
