"""Index of the runs and sweeps in the results folder. Links that leave the folder are ignored."""

from __future__ import annotations

import datetime
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from zlib import crc32

from sim.errors import ResultsError
from sim.experiment import store as sweeps
from sim.ordinary_file import read_file
from sim.results import store as runs
from sim.results.comparison import check_not_a_comparison

type Kind = Literal["run", "sweep"]

ROOT = Path("results")
KINDS: MappingProxyType[str, Kind] = MappingProxyType({"runs": "run", "sweeps": "sweep"})
MAX_BYTES = 20_000_000  # of a figure

_NAME = re.compile(r"[^./\\\0\ud800-\udfff][^/\\\0\ud800-\udfff]{0,199}")
_PARTS = (
    runs.MANIFEST,
    *(f"{name}.parquet" for name in runs.TABLES),
    *(sweeps.RUNS, sweeps.SUMMARY, sweeps.FAILED, sweeps.SHARDS, sweeps.FIGURES),
)
_PNG = b"\x89PNG\r\n\x1a\n"
_LOGS = ".logs"  # suffix of the folder of logs beside a sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEntry:
    """A run or a sweep in the list."""

    kind: Kind
    folder: Path
    started: datetime.datetime  # of a folder that cannot be read: its last change
    of: str = ""  # the scenario or the experiment
    replicates: int | None = None
    seed: int | None = None
    error: str = ""  # the reason why it cannot be read

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def address(self) -> str:
        """Its address: runs/NAME or sweeps/NAME."""
        return f"{self.kind}s/{self.name}"


def list_results(root: Path = ROOT) -> list[ResultEntry]:
    """Return all runs and sweeps under root, the newest first; ResultsError if a folder cannot be listed.

    Results that cannot be read are included with the reason; links that lead out of root are not.
    """
    entries = []
    for parent, kind in KINDS.items():
        try:
            names = os.listdir(root / parent)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ResultsError(f"{root / parent}: cannot be listed ({error.strerror}); fix its permissions") from None
        for name in names:
            folder = root / parent / name
            if _NAME.fullmatch(name) and not name.endswith(_LOGS) and _is_under(folder, root):
                entries.append(_entry(kind, folder))
    return sorted(entries, key=lambda entry: (entry.started, entry.address), reverse=True)


def find(root: Path, address: str) -> ResultEntry:
    """Return the run or sweep at runs/NAME or sweeps/NAME; ResultsError for any other address, or if it is gone."""
    parent, _, name = address.partition("/")
    if parent not in KINDS or not _NAME.fullmatch(name):
        text = address if len(address) <= 80 else f"{address[:80]}..."
        raise ResultsError(
            f"{text!r} is not the address of a run or sweep; use runs/NAME or sweeps/NAME, relative to {root}"
        )
    kind, folder = KINDS[parent], root / parent / name
    if not _is_under(folder, root):
        raise ResultsError(f"{folder}: no such {kind}; it may have been moved or removed; `willing {kind}` creates one")
    return _entry(kind, folder)


def pictures(entry: ResultEntry) -> dict[str, Path]:
    """Return the PNG figures in the folder of a run or sweep, by name."""
    try:
        names = sorted(os.listdir(entry.folder / sweeps.FIGURES))
    except OSError:
        return {}
    paths = {}
    for name in names:
        path = entry.folder / sweeps.FIGURES / name
        if (
            path.suffix == ".png"
            and not name.startswith(".")
            and path.is_file()
            and not _leaves_results(path, entry.folder)
        ):
            paths[path.stem] = path
    return paths


def read_picture(path: Path) -> bytes:
    """Return the content of a figure; ResultsError if it cannot be read, is not a PNG file or is too large."""
    try:
        content = read_file(path, MAX_BYTES)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read ({error.strerror}); `willing plot` draws it again") from None
    except ValueError as error:
        raise ResultsError(f"{path}: {error} and cannot be shown; open the file itself") from None
    if not content.startswith(_PNG):
        raise ResultsError(f"{path}: is not a PNG file; `willing plot` draws it again")
    if not _is_intact(content):
        raise ResultsError(f"{path}: is damaged; `willing plot` draws it again")
    return content


def _is_intact(png: bytes) -> bool:
    """Return whether the checksums of all chunks of a PNG file are correct (W3C 2003, section 5.3)."""
    start = len(_PNG)
    while start + 12 <= len(png):
        end = start + 12 + int.from_bytes(png[start : start + 4])
        kind, stored = png[start + 4 : start + 8], png[end - 4 : end]
        if crc32(png[start + 4 : end - 4]) != int.from_bytes(stored):
            return False
        if kind == b"IEND":
            return end == len(png)
        start = end
    return False


def _entry(kind: Kind, folder: Path) -> ResultEntry:
    known: dict[str, Any] = {"kind": kind, "folder": folder, "started": _changed(folder)}
    described: tuple[Any, Any, Any]
    try:
        for part in _PARTS:
            if _leaves_results(folder / part, folder):
                raise ResultsError(f"{folder / part}: is outside {folder.parents[1]} and is not read; move it there")
        if kind == "run":
            check_not_a_comparison(folder)
            manifest = runs.read_manifest(folder)
            started = _moment(manifest.started) or _changed(folder / runs.MANIFEST)
            described = (manifest.scenario, manifest.replicates, manifest.seed)
        else:
            stored = sweeps.read_manifest(folder)
            started = _changed(folder / sweeps.MANIFEST)
            described = (stored.get("name", ""), stored.get("replicates"), stored.get("seed"))
    except ResultsError as error:
        return ResultEntry(**known, error=str(error))
    of, replicates, seed = described
    return ResultEntry(
        **known | {"of": str(of), "started": started, "replicates": _whole(replicates), "seed": _whole(seed)}
    )


def _is_under(folder: Path, root: Path) -> bool:
    return os.path.isdir(folder) and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root))


def _leaves_results(path: Path, folder: Path) -> bool:
    """Return whether a file of a run or sweep is outside the results folder."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder.parents[1]))


def _changed(path: Path) -> datetime.datetime:
    try:
        seconds = path.stat().st_mtime
    except OSError:  # removed in the meantime
        seconds = 0.0
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _moment(text: Any) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None
