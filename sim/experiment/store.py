"""The folder of a sweep: what was planned, the shards that are done, and what is made of them when all are.

manifest.json       what is played: experiment, points, replicates, versions
shards/00000.parquet, ...
runs.parquet        all shards as one table: point, replicate, factors, outcomes
summary.parquet     one row a point: means, intervals, shares
failed.csv          points that could not be played, and why; only if there are any
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
from sim.experiment.shard import PlayedShard, read_shard, schema
from sim.ordinary_file import read_file
from sim.results.atomic import MARK, clear_leftovers, file_aside, folder_aside
from sim.results.checksums import open_sealed_parquet, parquet_writer, reason, sealed_parquet
from sim.results.files import as_csv, harmless
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
class SweepFolder:
    """A sweep as it lies on the shelf, done or not."""

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
        """Return where a shard lies when it is done."""
        return self.folder / SHARDS / f"{shard.number:05}.parquet"

    def read(self, shard: Shard) -> PlayedShard:
        """Return a shard that is done; ValueError says what is wrong with the file, OSError if there is none."""
        return read_shard(self.plan, shard, read_file(self.path(shard)))

    def verify_shards(self) -> tuple[list[Shard], dict[Shard, str]]:
        """Return the shards that are to be played, and of those that lie there damaged what is wrong with each."""
        missing, damaged = [], {}
        for shard in self.plan.shards:
            try:
                self.read(shard)
            except FileNotFoundError:
                missing.append(shard)
            except (OSError, ValueError) as error:
                missing.append(shard)
                damaged[shard] = str(error)
        return missing, damaged

    def write_shard(self, shard: Shard, content: bytes) -> None:
        """Write a shard: aside first, then moved to its name; ResultsError where it cannot be written."""
        path = self.path(shard)
        try:
            with file_aside(path) as aside:
                aside.write_bytes(content)
                aside.replace(path)
        except OSError as error:
            raise self._cannot_write(error) from None

    def remove_temp_files(self, *, alone: bool) -> None:
        """Remove what was left half written by processes of this machine that have ended; alone: by any others, too."""
        for folder in (self.folder, self.folder / SHARDS, self.folder / FIGURES):
            clear_leftovers(folder)
            for left in folder.glob(".*.part*") if alone else ():
                with suppress(OSError):
                    left.unlink()

    def collect(self) -> dict[int, str]:
        """Join all shards into one table of runs and return the points that failed, with their reasons.

        One shard after the other, so that it takes no more memory for ten million runs than for one. ResultsError if a
        shard is missing or damaged.
        """
        failed: dict[int, str] = {}
        try:
            with file_aside(self.runs) as aside:
                # an open file, since a library could take a path for an address or a pattern
                with aside.open("wb") as file, parquet_writer(file, schema(self.plan)) as writer:
                    for shard in self.plan.shards:
                        played = self.whole(shard)
                        failed |= played.failed
                        writer.write_table(self._table(shard, played))
                self._write_failed(failed)
                aside.replace(self.runs)
        except OSError as error:
            raise self._cannot_write(error) from None
        return failed

    def _table(self, shard: Shard, played: PlayedShard) -> pa.Table:
        """Return the runs of a shard with the columns as planned; ResultsError if one is of another kind."""
        columns, table = schema(self.plan), played.table
        for name, column in zip(columns.names, table.columns, strict=True):
            if column.type != columns.field(name).type:
                raise ResultsError(f"{self.path(shard)}: its column {name} has the wrong type; remove the file")
        return pa.table(table.columns, schema=columns)

    def whole(self, shard: Shard) -> PlayedShard:
        """Return a shard; ResultsError, which counts all that are missing or damaged, if it is one of them."""
        try:
            return self.read(shard)
        except (OSError, ValueError) as error:
            why = "is not there" if isinstance(error, FileNotFoundError) else str(error)
        others = len(self.verify_shards()[0]) - 1
        more = f", and {others:,} more" if others > 0 else ""
        command = shlex.join(["willing", "sweep", self.plan.reference, "--out", str(self.folder)])
        raise ResultsError(f"{self.path(shard)}: {why}{more}; `{command}` plays what is missing")

    def keep_summary(self, summary: pd.DataFrame) -> None:
        """Write the table of points, sealed as shards are; ResultsError where it cannot be written."""
        try:
            with file_aside(self.summary) as aside:
                aside.write_bytes(sealed_parquet(summary, self._notes()))
                aside.replace(self.summary)
        except OSError as error:
            raise self._cannot_write(error) from None

    def _notes(self) -> dict[str, str]:
        """Return what the summary says in its footer: its sweep, and the checksum of the failed points."""
        failed = self.folder / FAILED
        return {OF_PLAN: self.plan.digest, OF_FAILED: checksum(failed.read_bytes()) if failed.is_file() else ""}

    def keep_figure(self, name: str, write: Callable[[Path], object]) -> Path:
        """Return where a figure lies that write has written to the path it is given; ResultsError where it cannot."""
        path = self.folder / FIGURES / name
        try:
            path.parent.mkdir(exist_ok=True)
            with file_aside(path, suffix=path.suffix) as aside:
                write(aside)
                aside.replace(path)
        except OSError as error:
            raise self._cannot_write(error) from None
        return path

    def write_csv(self, path: Path) -> None:
        """Write the table of runs as CSV, one shard after the other; ResultsError where it cannot be written."""
        try:
            with file_aside(path) as aside:
                with aside.open("wb") as file, CSVWriter(file, schema(self.plan)) as writer:
                    for shard in self.plan.shards:
                        writer.write_table(_harmless(self._table(shard, self.whole(shard))))
                aside.replace(path)
        except OSError as error:
            raise ResultsError(f"{path}: cannot write there: {_reason(error)}; name another with --csv") from None

    def table_of_runs(self) -> pd.DataFrame:
        """Return the table of runs, of shards that are checked."""
        return pa.concat_tables([self._table(shard, self.whole(shard)) for shard in self.plan.shards]).to_pandas()

    def _write_failed(self, failed: dict[int, str]) -> None:
        path = self.folder / FAILED
        if not failed:
            path.unlink(missing_ok=True)
            return
        rows = self.plan.table.iloc[sorted(failed)].rename_axis("point").reset_index()
        reasons = [failed[point] for point in rows["point"]]
        with file_aside(path) as aside:
            aside.write_text(as_csv(rows.assign(reason=reasons)), "utf-8")
            aside.replace(path)

    def _cannot_write(self, error: OSError) -> ResultsError:
        """Return what to say where something cannot be written into the folder."""
        if not (self.folder / SHARDS).is_dir():
            return ResultsError(f"{self.folder}: was taken away while it was being written to; run the sweep anew")
        advice = "make room" if error.errno in _FULL else "fix that"
        return ResultsError(
            f"{self.folder}: cannot write there: {_reason(error)}; what is done stays whole, {advice} and give the "
            "same command to go on"
        )


def open_folder(folder: Path, plan: Plan, *, fresh: bool = False) -> SweepFolder:
    """Return the folder of a sweep, made if it is not there; ResultsError if it holds something else.

    fresh: where the folder is taken, a new one beside it.
    """
    if fresh:
        folder = _free(folder)
    if not os.path.lexists(folder / MANIFEST):
        if os.path.lexists(folder) and not _is_empty(folder):
            raise ResultsError(f"{folder}: exists and is no sweep of ours; name another folder with --out")
        _make(folder, plan)
    differs = differences(read_manifest(folder)["identity"], plan)
    if differs:
        raise ResultsError(
            f"{folder}: holds another sweep ({'; '.join(differs)}); start anew beside it with --fresh, or name another "
            "folder with --out"
        )
    try:
        (folder / SHARDS).mkdir(exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return SweepFolder(folder=folder, plan=plan)


def folder_for_logs(folder: Path) -> Path:
    """Return the folder for the logs of those who share a sweep, beside its own, made if it is not there."""
    logs = folder.with_name(f"{folder.name}.logs")
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"{logs}: cannot be made: {error.strerror}; name another folder with --out") from None
    return logs


def is_sweep(folder: Path) -> bool:
    """Return whether the folder is that of a sweep."""
    try:
        return json.loads(read_file(folder / MANIFEST, LARGEST_MANIFEST)).get("kind") == "sweep"
    except (OSError, ValueError, AttributeError):
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a sweep is; ResultsError if it cannot be read."""
    path = folder / MANIFEST
    try:
        kept = read_sealed_json(path)
        if kept.get("kind") != "sweep":
            raise ResultsError(f"{folder}: holds no sweep, but something else; name another folder with --out")
        if not isinstance(kept.get("identity"), dict):
            raise ValueError("does not say what is played")
        return kept
    except FileNotFoundError:
        raise ResultsError(f"{folder}: no sweep there (no {MANIFEST}); `willing sweep` makes one") from None
    except (OSError, ValueError, RecursionError) as error:
        again = "start again beside it with `willing sweep EXPERIMENT --fresh`"
        raise ResultsError(f"{path}: {reason(error)}; {again}") from None


@contextmanager
def lock_folder(folder: Path, *, shared: bool) -> Iterator[None]:
    """Hold the folder while it is written to; ResultsError if somebody else holds it.

    shared: with others who hold it so, each at shards of its own. The system lets go of it whatever ends the process.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # no such thing on Windows: there, shards that are renamed when whole must do
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
                f"{folder}: somebody is at work there; wait for the end, or let several share the work from the start "
                "with --shard"
            ) from None
        except OSError:  # a file system without locks
            pass
        yield


def _harmless(table: pa.Table) -> pa.Table:
    """Return a table of runs whose words are none that a spreadsheet would run."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            chunks = [
                pa.DictionaryArray.from_arrays(
                    chunk.indices, pa.array(map(harmless, chunk.dictionary.to_pylist()), field.type.value_type)
                )
                for chunk in table.column(place).chunks
            ]
            table = table.set_column(place, field, pa.chunked_array(chunks, field.type))
    return table


def _reason(error: OSError) -> str:
    """Return what the system says of it, in its own words and no library's."""
    return os.strerror(error.errno) if error.errno else str(error)


def _cannot_write(folder: Path, error: OSError) -> ResultsError:
    return ResultsError(f"{folder}: cannot write there: {_reason(error)}; name another folder with --out")


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
    """Make the folder with its manifest, whole or not at all."""
    try:
        place = folder.resolve()  # it may be a link
        stands = place.is_dir()
        place.parent.mkdir(parents=True, exist_ok=True)
        with folder_aside(place if stands else place.parent) as aside:
            (aside / SHARDS).mkdir()
            (aside / MANIFEST).write_text(seal_json(plan.as_dict()), "utf-8")
            if stands:  # not put in its place: somebody may be in it, or a disk of its own begin there
                (aside / MANIFEST).replace(place / MANIFEST)
            else:
                aside.chmod(0o755)
                aside.rename(place)
    except OSError as error:
        if os.path.lexists(folder / MANIFEST):
            return  # somebody who shares the work was quicker
        raise _cannot_write(folder, error) from None


def read_summary(folder: Path, reference: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of points of a sweep, or some of its columns; ResultsError where there is none, or damaged."""
    found = open_summary(folder, reference)[0].read(columns=columns).to_pandas()
    return found if columns is None else found[list(columns)]


def open_summary(folder: Path, reference: str) -> tuple[ParquetFile, dict[str, str]]:
    """Return the table of points with its notes; ResultsError if it is not there, damaged, or of another sweep."""
    path = folder / SUMMARY
    kept = read_manifest(folder)
    try:
        file, notes = open_sealed_parquet(read_file(path))
        if notes.get(OF_PLAN) != kept.get("digest"):
            raise ValueError("is of another sweep")
    except FileNotFoundError:
        raise ResultsError(f"{folder}: not summed up yet; `willing sweep {reference}` resumes it") from None
    except (OSError, ValueError) as error:
        raise summary_damaged(path, error) from None
    return file, notes


def summary_damaged(path: Path, error: OSError | ValueError) -> ResultsError:
    """Return the error of a table of points that is damaged, with the command that writes it again."""
    command = shlex.join(["willing", "collect", str(path.parent)])
    return ResultsError(f"{path}: {reason(error)}; `{command}` writes it again")
