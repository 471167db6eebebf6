"""Run folders: written whole or not at all, never written over, and checked when they are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sim.errors import ResultsError
from sim.model.setup import Setup, prepare
from sim.results.atomic import clear_leftovers, file_aside, folder_aside
from sim.results.checksums import open_parquet, parquet_bytes, read_checked, reason
from sim.results.files import try_place
from sim.results.manifest import FORMAT, Manifest
from sim.results.tables import RunTables
from sim.scenario import Scenario
from sim.scenario.checksum import checksum, read_sealed_json, seal_json

MANIFEST = "manifest.json"
FIGURES = "figures"
TABLES = ("rounds", "stances", "outcomes")
WEIGHTS = "weights"  # a fourth table where weights were drawn


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """A run as it lies on the shelf."""

    folder: Path
    manifest: Manifest
    tables: RunTables

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was played."""
        return self.manifest.as_scenario()

    @cached_property
    def setup(self) -> Setup:
        """The arrays that it was played on."""
        return prepare(self.scenario)


def reserve(folder: Path, wanted: Manifest) -> StoredRun | None:
    """Return the run that already lies in the folder if it is the wanted one; None if the folder is free.

    Raises ResultsError where something else lies there: nothing is written over.
    """
    if not os.path.lexists(folder):
        try_place(folder)
        return None
    if not (folder / MANIFEST).is_file():
        raise ResultsError(f"{folder}: exists and is no run of ours; name another folder with --out")
    differs = read_manifest(folder).differs_from(wanted)
    if differs:
        raise ResultsError(
            f"{folder}: holds another run ({'; '.join(differs)}); name another folder with --out, or move this one away"
        )
    return read_run(folder)


def write_run(folder: Path, manifest: Manifest, tables: RunTables) -> StoredRun:
    """Write a run: into a folder beside it first, renamed when it is whole; figures may be added later.

    Raises ResultsError where the folder is taken or cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder_aside(folder.parent) as aside:
            checksums = {}
            for name in (*TABLES, *([] if tables.weights is None else [WEIGHTS])):
                content = parquet_bytes(getattr(tables, name))
                (aside / f"{name}.parquet").write_bytes(content)
                checksums[f"{name}.parquet"] = checksum(content)
            (aside / FIGURES).mkdir()
            sealed = manifest.with_checksums(checksums)
            (aside / MANIFEST).write_text(seal_json(sealed.as_dict()), "utf-8")
            aside.chmod(0o755)
            return _settled(aside, StoredRun(folder=folder, manifest=sealed, tables=tables))
    except OSError as error:
        raise _cannot_write(folder, error) from None


def figure_of(run: StoredRun, name: str) -> Path:
    """Return where a figure of a run lies, or would lie."""
    return run.folder / FIGURES / f"{name}.png"


def keep_figure(run: StoredRun, name: str, write: Callable[[Path], object]) -> None:
    """Add a figure, which write writes to the path that it is given, to a run; ResultsError where it cannot be kept."""
    path = figure_of(run, name)
    try:
        path.parent.mkdir(exist_ok=True)
        clear_leftovers(path.parent)
        with file_aside(path, suffix=path.suffix) as aside:
            write(aside)
            aside.replace(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot write there: {error.strerror}") from None


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run folder; ResultsError if it cannot be read or is of another make."""
    path = folder / MANIFEST
    try:
        kept = read_sealed_json(path)
        if kept.get("kind") == "sweep":
            raise ResultsError(f"{folder}: is the folder of a sweep, and one run is needed; `willing run` makes one")
        if kept.get("format") != FORMAT:
            raise ValueError(f"is of format {kept.get('format')}, and this version reads {FORMAT}")
        return Manifest.from_dict(kept)
    except FileNotFoundError:
        raise ResultsError(f"{folder}: no run there (no {MANIFEST}); `willing run` makes one") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ResultsError(f"{path}: {reason(error)}; move the folder away and run it again") from None


def read_run(folder: Path) -> StoredRun:
    """Return a run, every table checked against its checksum; ResultsError if a part is missing or was changed."""
    manifest = read_manifest(folder)
    read = {}
    for name in (*TABLES, *([] if manifest.posterior is None else [WEIGHTS])):
        path = folder / f"{name}.parquet"
        if path.name not in manifest.checksums:
            raise ResultsError(f"{folder}: its {path.name} was not kept; play it anew: {manifest.command}")
        if not path.is_file():
            raise ResultsError(f"{path}: missing; the folder is no longer whole, move it away and run it anew")
        try:
            content = read_checked(path, manifest.checksums[path.name])
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: {reason(error)}; move the folder away and run it again") from None
        read[name] = open_parquet(content).read().to_pandas()
    return StoredRun(folder=folder, manifest=manifest, tables=RunTables(**read))


def _settled(aside: Path, run: StoredRun) -> StoredRun:
    """Return the run in its place; where somebody else was quicker, theirs if it is the same, or ResultsError."""
    theirs = reserve(run.folder, run.manifest)
    if theirs is None:
        aside.rename(run.folder)
    return theirs or run


def _cannot_write(folder: Path, error: OSError) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {error.strerror}; name another folder with --out")
