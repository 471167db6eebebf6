"""What lies on the shelf: the runs and sweeps under the folder of results, and nothing that leads out of it."""

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
LARGEST = 20_000_000  # bytes of a figure that is shown

_NAME = re.compile(r"[^./\\\0\ud800-\udfff][^/\\\0\ud800-\udfff]{0,199}")
_PARTS = (
    runs.MANIFEST,
    *(f"{name}.parquet" for name in runs.TABLES),
    *(sweeps.RUNS, sweeps.SUMMARY, sweeps.FAILED, sweeps.SHARDS, sweeps.FIGURES),
)
_PNG = b"\x89PNG\r\n\x1a\n"
_LOGS = ".logs"  # how a folder ends that lies beside a sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEntry:
    """A run or a sweep as it is listed."""

    kind: Kind
    folder: Path
    started: datetime.datetime  # of a folder that cannot be read: when it was last changed
    of: str = ""  # the scenario or the experiment
    replicates: int | None = None
    seed: int | None = None
    trouble: str = ""  # why it cannot be read

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def address(self) -> str:
        """Where it lies on the shelf: runs/NAME or sweeps/NAME."""
        return f"{self.kind}s/{self.name}"


def list_results(root: Path = ROOT) -> list[ResultEntry]:
    """Return all runs and sweeps under root, the newest first; ResultsError where it cannot be looked into.

    What cannot be read is there too, with its reason; what only seems to lie there, a link that leads out, is not.
    """
    found = []
    for place, kind in KINDS.items():
        try:
            names = os.listdir(root / place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise ResultsError(f"{root / place}: cannot be looked into: {error.strerror}; mend that") from None
        for name in names:
            folder = root / place / name
            if _NAME.fullmatch(name) and not name.endswith(_LOGS) and _lies_under(folder, root):
                found.append(_entry(kind, folder))
    return sorted(found, key=lambda entry: (entry.started, entry.address), reverse=True)


def find(root: Path, address: str) -> ResultEntry:
    """Return the run or sweep at runs/NAME or sweeps/NAME; ResultsError for any other address, or if it is gone."""
    place, _, name = address.partition("/")
    if place not in KINDS or not _NAME.fullmatch(name):
        told = address if len(address) <= 80 else f"{address[:80]}..."
        raise ResultsError(
            f"{told!r} names no run and no sweep; give it as runs/NAME or sweeps/NAME, as they lie under {root}"
        )
    kind, folder = KINDS[place], root / place / name
    if not _lies_under(folder, root):
        raise ResultsError(
            f"{folder}: no {kind} there; it was moved or removed, or never made; `willing {kind}` makes one"
        )
    return _entry(kind, folder)


def pictures(entry: ResultEntry) -> dict[str, Path]:
    """Return the figures that lie in the folder of a run or sweep as PNG, by name."""
    try:
        names = sorted(os.listdir(entry.folder / sweeps.FIGURES))
    except OSError:
        return {}
    found = {}
    for name in names:
        path = entry.folder / sweeps.FIGURES / name
        if path.suffix == ".png" and not name.startswith(".") and path.is_file() and not _leads_out(path, entry.folder):
            found[path.stem] = path
    return found


def read_picture(path: Path) -> bytes:
    """Return the content of a figure; ResultsError if it cannot be read, is no PNG or is too large to be shown."""
    try:
        content = read_file(path, LARGEST)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read ({error.strerror}); `willing plot` draws it anew") from None
    except ValueError as error:
        raise ResultsError(f"{path}: {error}, and not shown; open the file itself") from None
    if not content.startswith(_PNG):
        raise ResultsError(f"{path}: is no PNG; `willing plot` draws it anew")
    if not _is_whole(content):
        raise ResultsError(f"{path}: is damaged; `willing plot` draws it again")
    return content


def _is_whole(png: bytes) -> bool:
    """Return whether the checksum of every chunk of a PNG fits (W3C 2003, section 5.3), up to the end of the file."""
    start = len(_PNG)
    while start + 12 <= len(png):
        end = start + 12 + int.from_bytes(png[start : start + 4])
        kind, written = png[start + 4 : start + 8], png[end - 4 : end]
        if crc32(png[start + 4 : end - 4]) != int.from_bytes(written):
            return False
        if kind == b"IEND":
            return end == len(png)
        start = end
    return False


def _entry(kind: Kind, folder: Path) -> ResultEntry:
    known: dict[str, Any] = {"kind": kind, "folder": folder, "started": _changed(folder)}
    told: tuple[Any, Any, Any]
    try:
        for part in _PARTS:
            if _leads_out(folder / part, folder):
                raise ResultsError(f"{folder / part}: leads out of {folder.parents[1]} and is not read; put it there")
        if kind == "run":
            check_not_a_comparison(folder)
            manifest = runs.read_manifest(folder)
            started = _moment(manifest.started) or _changed(folder / runs.MANIFEST)
            told = (manifest.scenario, manifest.replicates, manifest.seed)
        else:
            kept = sweeps.read_manifest(folder)
            started = _changed(folder / sweeps.MANIFEST)
            told = (kept.get("name", ""), kept.get("replicates"), kept.get("seed"))
    except ResultsError as error:
        return ResultEntry(**known, trouble=str(error))
    of, replicates, seed = told
    return ResultEntry(
        **known | {"of": str(of), "started": started, "replicates": _whole(replicates), "seed": _whole(seed)}
    )


def _lies_under(folder: Path, root: Path) -> bool:
    return os.path.isdir(folder) and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(root))


def _leads_out(path: Path, folder: Path) -> bool:
    """Return whether a part of a run or sweep lies elsewhere than under the folder of results."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder.parents[1]))


def _changed(path: Path) -> datetime.datetime:
    try:
        seconds = path.stat().st_mtime
    except OSError:  # taken away while it was looked at
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
