"""The folder of a sweep: its plan, the shards that are done, and the tables and figures made of them.

manifest.json       what is simulated: experiment, points, replicates, versions
shards/00000.parquet, ...
runs.parquet        all shards as one table: point, replicate, factors, outcomes
summary.parquet     one row per point: means, intervals, shares
failed.csv          points that could not be simulated, with reasons; only if there are any
figures/
"""

from __future__ import annotations

import errno
import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow.csv import CSVWriter
from pyarrow.parquet import ParquetFile

from sim.errors import ResultsError
from sim.experiment.plan import Plan, Shard, differences
from sim.experiment.shard import schema
from sim.experiment.shard_store import ShardStore
from sim.ordinary_file import read_file
from sim.results.atomic import MARK, remove_leftovers, temporary_file, temporary_folder
from sim.results.checksums import open_sealed_parquet, parquet_writer, reason, sealed_parquet
from sim.results.files import as_csv, escape_formula
from sim.scenario.checksum import LARGEST_MANIFEST, checksum, read_sealed_json, seal_json

MANIFEST = "manifest.json"
SHARDS = "shards"
RUNS = "runs.parquet"
SUMMARY = "summary.parquet"
FAILED = "failed.csv"
FIGURES = "figures"
OF_PLAN, OF_FAILED = "willing.plan", "willing.failed"  # in the footer of the summary
_LOCK = ".lock"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepFolder(ShardStore):
    """A sweep in a folder, complete or not."""

    folder: Path
    plan: Plan

    @property
    def runs(self) -> Path:
        """The table of all runs."""
        return self.folder / RUNS

    @property
    def summary(self) -> Path:
        """The table of points."""
        return self.folder / SUMMARY

    def path(self, shard: Shard) -> Path:
        """Return the path of a shard's file."""
        return self.folder / SHARDS / f"{shard.number:05}.parquet"

    def content(self, shard: Shard) -> bytes:
        """Return the file of a shard; FileNotFoundError if it is not done, another OSError if it cannot be read."""
        return read_file(self.path(shard))

    def write_shard(self, shard: Shard, content: bytes) -> None:
        """Write a shard under a temporary name, then rename it; ResultsError if it cannot be written."""
        self._write(self.path(shard), lambda aside: aside.write_bytes(content))

    def remove_temp_files(self, *, alone: bool) -> None:
        """Remove files left half written by dead processes of this machine; alone: by processes of any machine."""
        for folder in (self.folder, self.folder / SHARDS, self.folder / FIGURES):
            remove_leftovers(folder)
            for left in folder.glob(".*.part*") if alone else ():
                with suppress(OSError):
                    left.unlink()

    def collect(self) -> dict[int, str]:
        """Join all shards into one table of runs and return the points that failed, with their reasons.

        One shard is in memory at a time, so ten million runs need no more memory than one shard. ResultsError if a
        shard is missing or damaged.
        """
        failed: dict[int, str] = {}

        def write(aside: Path) -> None:
            # an open file, since a library could take a path for an address or a pattern
            with aside.open("wb") as file, parquet_writer(file, schema(self.plan)) as writer:
                for shard in self.plan.shards:
                    stored = self.require_shard(shard)
                    failed.update(stored.failed)
                    writer.write_table(self.runs_of(shard, stored))
            self._write_failed(failed)

        self._write(self.runs, write)
        return failed

    def write_summary(self, summary: pd.DataFrame) -> None:
        """Write the table of points with a checksum, as shards have one; ResultsError if it cannot be written."""
        self._write(self.summary, lambda aside: aside.write_bytes(sealed_parquet(summary, self._notes())))

    def summary_table(self) -> pd.DataFrame:
        """Return the table of points; ResultsError if there is none, or it is damaged."""
        return read_summary(self.folder, self.plan.reference)

    def _notes(self) -> dict[str, str]:
        """Return the footer of the summary: its sweep, and the checksum of the failed points."""
        failed = self.folder / FAILED
        return {OF_PLAN: self.plan.digest, OF_FAILED: checksum(failed.read_bytes()) if failed.is_file() else ""}

    def write_figure(self, name: str, write: Callable[[Path], object]) -> Path:
        """Write a figure and return its path; write is called with a temporary path. ResultsError if that fails."""
        path = self.folder / FIGURES / name
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise self._cannot_write(error) from None
        self._write(path, write, suffix=path.suffix)
        return path

    def write_csv(self, path: Path) -> None:
        """Write the table of runs as CSV, one shard at a time; ResultsError if it cannot be written."""
        try:
            with temporary_file(path) as aside:
                with aside.open("wb") as file, CSVWriter(file, schema(self.plan)) as writer:
                    for shard in self.plan.shards:
                        writer.write_table(_without_formulas(self.runs_of(shard)))
                aside.replace(path)
        except OSError as error:
            raise ResultsError(f"{path}: cannot write there: {_reason(error)}; name another with --csv") from None

    def _write(self, path: Path, write: Callable[[Path], object], *, suffix: str = "") -> None:
        try:
            with temporary_file(path, suffix=suffix) as aside:
                write(aside)
                aside.replace(path)
        except OSError as error:
            raise self._cannot_write(error) from None

    def _write_failed(self, failed: dict[int, str]) -> None:
        path = self.folder / FAILED
        if not failed:
            path.unlink(missing_ok=True)
            return
        with temporary_file(path) as aside:
            aside.write_text(as_csv(failed_points(self.plan, failed)), "utf-8")
            aside.replace(path)

    def _incomplete(self, shard: Shard, reason: str) -> ResultsError:
        command = shlex.join(["willing", "sweep", self.plan.reference, "--out", str(self.folder)])
        return ResultsError(f"{self.path(shard)}: {reason}; `{command}` simulates the missing runs")

    def _cannot_write(self, error: OSError) -> ResultsError:
        """Return the error of a failed attempt to write into the folder."""
        if not (self.folder / SHARDS).is_dir():
            return ResultsError(f"{self.folder}: was removed while it was being written; run the sweep again")
        remedy = "make room" if error.errno in _FULL else "fix this"
        return ResultsError(
            f"{self.folder}: cannot write there: {_reason(error)}; the runs that are done are kept; {remedy} and run "
            "the same command to resume"
        )


def failed_points(plan: Plan, failed: dict[int, str]) -> pd.DataFrame:
    """Return the points that failed, one row each: point, factors, reason."""
    rows = plan.table.iloc[sorted(failed)].rename_axis("point").reset_index()
    return rows.assign(reason=[failed[point] for point in rows["point"]])


def open_folder(folder: Path, plan: Plan, *, fresh: bool = False) -> SweepFolder:
    """Return the folder of a sweep, created if it does not exist; ResultsError if it holds something else.

    fresh: if the folder exists, create another one beside it.
    """
    if fresh:
        folder = _free(folder)
    if not os.path.lexists(folder / MANIFEST):
        if os.path.lexists(folder) and not _is_empty(folder):
            raise ResultsError(f"{folder}: already exists and is not a Willing sweep; choose another folder with --out")
        _make(folder, plan)
    differs = differences(read_manifest(folder)["identity"], plan)
    if differs:
        raise ResultsError(
            f"{folder}: holds another sweep ({'; '.join(differs)}); start again beside it with --fresh, or choose "
            "another folder with --out"
        )
    try:
        (folder / SHARDS).mkdir(exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return SweepFolder(folder=folder, plan=plan)


def folder_for_logs(folder: Path) -> Path:
    """Return the folder for the logs of a sweep's tasks, beside the sweep's own, created if it does not exist."""
    logs = folder.with_name(f"{folder.name}.logs")
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"{logs}: cannot be created: {error.strerror}; choose another folder with --out") from None
    return logs


def is_sweep(folder: Path) -> bool:
    """Return whether the folder is that of a sweep."""
    try:
        return json.loads(read_file(folder / MANIFEST, LARGEST_MANIFEST)).get("kind") == "sweep"
    except (OSError, ValueError, AttributeError):
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a sweep; ResultsError if it cannot be read."""
    path = folder / MANIFEST
    try:
        manifest = read_sealed_json(path)
        if manifest.get("kind") != "sweep":
            raise ResultsError(f"{folder}: is not a Willing sweep; choose another folder with --out")
        if not isinstance(manifest.get("identity"), dict):
            raise ValueError("does not say which sweep this is")
        return manifest
    except FileNotFoundError:
        raise ResultsError(f"{folder}: no sweep there (no {MANIFEST}); `willing sweep` creates one") from None
    except (OSError, ValueError, RecursionError) as error:
        again = "start again beside it with `willing sweep EXPERIMENT --fresh`"
        raise ResultsError(f"{path}: {reason(error)}; {again}") from None


@contextmanager
def lock_folder(folder: Path, *, shared: bool) -> Iterator[None]:
    """Lock the folder while it is written to; ResultsError if another process holds the lock.

    shared: with other processes that lock it so, each of which writes other shards. The operating system releases the
    lock however the process ends.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # on Windows; there, shards that are renamed when complete have to do
        yield
        return
    try:
        lock = (folder / _LOCK).open("a+")
    except OSError as error:
        raise _cannot_write(folder, error) from None
    with lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ResultsError(
                f"{folder}: another process is writing to it; wait until it ends, or share the work from the start "
                "with --shard"
            ) from None
        except OSError:  # a file system without locks
            pass
        yield


def read_summary(folder: Path, reference: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of points of a sweep, or some of its columns; ResultsError if there is none or it is damaged."""
    table = open_summary(folder, reference)[0].read(columns=columns).to_pandas()
    return table if columns is None else table[list(columns)]


def open_summary(folder: Path, reference: str) -> tuple[ParquetFile, dict[str, str]]:
    """Return the table of points with its footer; ResultsError if it is missing, damaged, or of another sweep."""
    path = folder / SUMMARY
    manifest = read_manifest(folder)
    try:
        file, notes = open_sealed_parquet(read_file(path))
        if notes.get(OF_PLAN) != manifest.get("digest"):
            raise ValueError("belongs to another sweep")
    except FileNotFoundError:
        raise ResultsError(f"{folder}: has no summary yet; `willing sweep {reference}` resumes it") from None
    except (OSError, ValueError) as error:
        raise summary_damaged(path, error) from None
    return file, notes


def summary_damaged(path: Path, error: OSError | ValueError) -> ResultsError:
    """Return the error of a table of points that is damaged, with the command that writes it again."""
    command = shlex.join(["willing", "collect", str(path.parent)])
    return ResultsError(f"{path}: {reason(error)}; `{command}` writes it again")


def _without_formulas(table: pa.Table) -> pa.Table:
    """Return a table of runs without texts that a spreadsheet would take for a formula."""
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            chunks = [
                pa.DictionaryArray.from_arrays(
                    chunk.indices, pa.array(map(escape_formula, chunk.dictionary.to_pylist()), field.type.value_type)
                )
                for chunk in table.column(index).chunks
            ]
            table = table.set_column(index, field, pa.chunked_array(chunks, field.type))
    return table


def _reason(error: OSError) -> str:
    """Return the operating system's description of an error."""
    return os.strerror(error.errno) if error.errno else str(error)


def _cannot_write(folder: Path, error: OSError) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {_reason(error)}; choose another folder with --out")


def _is_empty(folder: Path) -> bool:
    try:
        return folder.is_dir() and all(path.name.startswith(MARK) for path in folder.iterdir())
    except OSError as error:
        raise _cannot_write(folder, error) from None


def _free(folder: Path) -> Path:
    number = 2
    free = folder
    while os.path.lexists(free):
        free = folder.with_name(f"{folder.name}-{number}")
        number += 1
    return free


def _make(folder: Path, plan: Plan) -> None:
    """Create the folder with its manifest, complete or not at all."""
    try:
        target = folder.resolve()  # it may be a link
        exists = target.is_dir()
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target if exists else target.parent) as aside:
            (aside / SHARDS).mkdir()
            (aside / MANIFEST).write_text(seal_json(plan.as_dict()), "utf-8")
            if exists:  # not replaced: it may be a working directory or a mount point
                (aside / MANIFEST).replace(target / MANIFEST)
            else:
                aside.chmod(0o755)
                aside.rename(target)
    except OSError as error:
        if os.path.lexists(folder / MANIFEST):
            return  # another process that shares the work was faster
        raise _cannot_write(folder, error) from None
