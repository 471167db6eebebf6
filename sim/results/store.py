"""Run folders: written completely or not at all, never overwritten, and checked when they are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sim.errors import ResultsError
from sim.results.atomic import remove_leftovers, temporary_file, temporary_folder
from sim.results.checksums import open_parquet, parquet_bytes, read_checked, reason
from sim.results.files import check_writable
from sim.results.manifest import FORMAT, Manifest
from sim.results.run import Run
from sim.results.tables import RunTables
from sim.scenario.checksum import checksum, read_sealed_json, seal_json

RUNS = Path("results") / "runs"  # where commands save runs, unless another folder is named
MANIFEST = "manifest.json"
FIGURES = "figures"
TABLES = ("rounds", "stances", "outcomes")
WEIGHTS = "weights"  # a fourth table where weights were drawn


def reserve(folder: Path, requested: Manifest) -> Run | None:
    """Return the run in the folder if it is the requested one; None if the folder does not exist.

    Raises ResultsError if the folder holds anything else, since nothing is ever overwritten.
    """
    if not os.path.lexists(folder):
        check_writable(folder)
        return None
    if not (folder / MANIFEST).is_file():
        raise ResultsError(f"{folder}: already exists and is not a Willing run; choose another folder with --out")
    differs = read_manifest(folder).differs_from(requested)
    if differs:
        raise ResultsError(
            f"{folder}: holds another run ({'; '.join(differs)}); choose another folder with --out, "
            "or move this one away"
        )
    run = read_run(folder)
    run.reused = True
    return run


def write_run(folder: Path, manifest: Manifest, tables: RunTables) -> Run:
    """Write a run, first into a temporary folder, which is renamed when it is complete.

    Figures may be added later. Raises ResultsError if the folder exists or cannot be created.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder.parent) as aside:
            checksums = {}
            for name in (*TABLES, *([] if tables.weights is None else [WEIGHTS])):
                content = parquet_bytes(getattr(tables, name))
                (aside / f"{name}.parquet").write_bytes(content)
                checksums[f"{name}.parquet"] = checksum(content)
            (aside / FIGURES).mkdir()
            sealed = manifest.with_checksums(checksums)
            (aside / MANIFEST).write_text(seal_json(sealed.as_dict()), "utf-8")
            aside.chmod(0o755)
            return _rename_to(aside, folder, Run(folder=folder, manifest=sealed, tables=tables))
    except OSError as error:
        raise _cannot_write(folder, error) from None


def figure_of(run: Run, name: str) -> Path:
    """Return the path of a figure of a saved run, whether it exists or not."""
    assert run.folder is not None
    return run.folder / FIGURES / f"{name}.png"


def keep_figure(run: Run, name: str, write: Callable[[Path], object]) -> None:
    """Add a figure to a saved run; `write` writes it to the path it gets. ResultsError if it cannot be written."""
    path = figure_of(run, name)
    try:
        path.parent.mkdir(exist_ok=True)
        remove_leftovers(path.parent)
        with temporary_file(path, suffix=path.suffix) as aside:
            write(aside)
            aside.replace(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot write there: {error.strerror}") from None


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in a run folder; ResultsError if it cannot be read or is not that of a run."""
    path = folder / MANIFEST
    try:
        kept = read_sealed_json(path)
        if kept.get("kind") == "sweep":
            raise ResultsError(f"{folder}: is the folder of a sweep, not of a run; `willing run` creates one")
        if kept.get("format") != FORMAT:
            raise ValueError(f"has format {kept.get('format')}, but this version reads format {FORMAT}")
        return Manifest.from_dict(kept)
    except FileNotFoundError:
        raise ResultsError(f"{folder}: not the folder of a run (no {MANIFEST}); `willing run` creates one") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ResultsError(f"{path}: {reason(error)}; move the folder away and run it again") from None


def read_run(folder: Path) -> Run:
    """Return a run after checking each table against its checksum; ResultsError if one is missing or was changed."""
    manifest = read_manifest(folder)
    tables = {}
    for name in (*TABLES, *([] if manifest.posterior is None else [WEIGHTS])):
        path = folder / f"{name}.parquet"
        if path.name not in manifest.checksums:
            raise ResultsError(f"{folder}: {path.name} was not saved with it; simulate it again: {manifest.command}")
        if not path.is_file():
            raise ResultsError(f"{path}: missing; the folder is no longer complete, so move it away and run it again")
        try:
            content = read_checked(path, manifest.checksums[path.name])
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: {reason(error)}; move the folder away and run it again") from None
        tables[name] = open_parquet(content).read().to_pandas()
    return Run(folder=folder, manifest=manifest, tables=RunTables(**tables))


def _rename_to(aside: Path, folder: Path, run: Run) -> Run:
    """Rename the temporary folder; if another process has written the same run meanwhile, return that one."""
    existing = reserve(folder, run.manifest)
    if existing is None:
        aside.rename(folder)
    return existing or run


def _cannot_write(folder: Path, error: OSError) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {error.strerror}; choose another folder with --out")
