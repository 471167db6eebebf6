"""The shards of a sweep and the tables that are made of them, wherever they are kept; one implementation in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pandas as pd
import pyarrow as pa

from sim.errors import ResultsError
from sim.experiment.plan import Plan, Shard
from sim.experiment.shard import StoredShard, read_shard, schema
from sim.results.checksums import open_sealed_parquet, sealed_parquet


class ShardStore(ABC):
    """The shards of a sweep that are done, and its summary."""

    plan: Plan

    @abstractmethod
    def content(self, shard: Shard) -> bytes:
        """Return the file of a shard; FileNotFoundError if it is not done."""

    @abstractmethod
    def write_shard(self, shard: Shard, content: bytes) -> None:
        """Keep the file of a shard; ResultsError if it cannot be written."""

    @abstractmethod
    def write_summary(self, summary: pd.DataFrame) -> None:
        """Keep the table of points; ResultsError if it cannot be written."""

    @abstractmethod
    def summary_table(self) -> pd.DataFrame:
        """Return the table of points; ResultsError if there is none."""

    def collect(self) -> dict[int, str]:
        """Return the points that failed, with their reasons; ResultsError if a shard is missing or damaged."""
        failed: dict[int, str] = {}
        for shard in self.plan.shards:
            failed |= self.require_shard(shard).failed
        return failed

    def remove_temp_files(self, *, alone: bool) -> None:  # noqa: B027, a store in memory has none
        """Remove files that other processes left half written; alone: no other process uses the store."""

    def read(self, shard: Shard) -> StoredShard:
        """Return a shard; FileNotFoundError if it is not done, ValueError with the reason if it is damaged."""
        return read_shard(self.plan, shard, self.content(shard))

    def verify_shards(self) -> tuple[list[Shard], dict[Shard, str]]:
        """Return the shards that still have to be simulated, and the reasons for those of them that are damaged."""
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

    def require_shard(self, shard: Shard) -> StoredShard:
        """Return a shard; ResultsError, with the number of shards that are missing or damaged, if it is one of them."""
        try:
            return self.read(shard)
        except (OSError, ValueError) as error:
            reason = "is not there" if isinstance(error, FileNotFoundError) else str(error)
        others = len(self.verify_shards()[0]) - 1
        raise self._incomplete(shard, f"{reason}{f', and {others:,} more' if others > 0 else ''}")

    def runs_of(self, shard: Shard, stored: StoredShard | None = None) -> pa.Table:
        """Return the runs of a shard with the columns of the plan; ResultsError if it is missing or damaged."""
        columns, table = schema(self.plan), (stored or self.require_shard(shard)).table
        for name, column in zip(columns.names, table.columns, strict=True):
            if column.type != columns.field(name).type:
                raise self._incomplete(shard, f"its column {name} has the wrong type")
        return pa.table(table.columns, schema=columns)

    def table_of_runs(self) -> pd.DataFrame:
        """Return the runs of all shards; ResultsError if one is missing or damaged."""
        return pa.concat_tables([self.runs_of(shard) for shard in self.plan.shards]).to_pandas()

    def _incomplete(self, shard: Shard, reason: str) -> ResultsError:
        """Return the error of a shard that is missing or damaged."""
        return ResultsError(f"{self.plan.experiment.name}: shard {shard.number}: {reason}")


class SweepMemory(ShardStore):
    """A sweep in memory: the same files as in a folder, as bytes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._shards: dict[Shard, bytes] = {}
        self._summary: bytes | None = None

    def content(self, shard: Shard) -> bytes:
        """Return the file of a shard; FileNotFoundError if it is not done."""
        try:
            return self._shards[shard]
        except KeyError:
            raise FileNotFoundError from None

    def write_shard(self, shard: Shard, content: bytes) -> None:
        """Keep the file of a shard."""
        self._shards[shard] = content

    def write_summary(self, summary: pd.DataFrame) -> None:
        """Keep the table of points."""
        self._summary = sealed_parquet(summary, {})

    def summary_table(self) -> pd.DataFrame:
        """Return the table of points; ResultsError if there is none."""
        if self._summary is None:
            raise ResultsError(f"{self.plan.experiment.name}: has no summary yet; its shards are not complete")
        return open_sealed_parquet(self._summary)[0].read().to_pandas()
