"""Summaries of the replicates of each point of a sweep, for tables larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from sim.experiment.experiment import Experiment
from sim.experiment.plan import Shard
from sim.experiment.shard_store import ShardStore
from sim.results.outcomes import is_share

type Array = np.ndarray

_BATCH = 16  # shards that are read at once, or those of one point if there are more
_Z = 1.959963984540054  # of the normal distribution, at 97.5 %


def summarise(store: ShardStore, on_progress: Callable[[int, int], object] | None = None) -> pd.DataFrame:
    """Summarise the runs of each point.

    Parameters
    ----------
    store : ShardStore
        A sweep whose shards are complete. A few shards are in memory at a time.
    on_progress : callable, optional
        Called with the number of shards done and in total.

    Returns
    -------
    DataFrame
        One row per point: its number `point`, the levels of the factors, the number of `runs`, and the outcomes. An
        outcome that is a number has its mean (`viable`), standard deviation (`viable.sd`), percentiles (`viable.p05`,
        `.p50`, `.p95`) and the 95 % interval of the mean (`viable.low`, `viable.high`; Student's t, or Wilson 1927 for
        outcomes that are true or false). An outcome that is an option has the most frequent option (`headline`) and
        the share of each option (`headline.troops`). A point that failed has 0 runs and missing outcomes.

    Raises
    ------
    ResultsError
        If a shard is missing or damaged.
    """
    experiment, shards = store.plan.experiment, store.plan.shards
    database = duckdb.connect(config={"threads": 1})  # sums in one order, so that they are the same each time
    columns = ", ".join(["point", "count(*) AS runs", *_columns(experiment)])
    query = f"SELECT {columns} FROM runs GROUP BY point ORDER BY point"
    parts, done = [], 0
    for batch in _batches(shards):
        # tables that were read and checked; a path could be a pattern that names other files, or add columns
        database.register("runs", _runs(store, batch, ["point", *experiment.outcomes]))
        try:
            parts.append(database.execute(query).df())
        except duckdb.InterruptException:  # DuckDB's error for a Ctrl-C during a query
            raise KeyboardInterrupt from None
        done += len(batch)
        if on_progress is not None:
            on_progress(done, len(shards))
    sums = pd.concat(parts).set_index("point").reindex(store.plan.table.index)
    summaries: dict[str, Any] = {"runs": sums["runs"].fillna(0).astype(np.int64)}
    for outcome in experiment.outcomes:
        summaries |= _options(experiment, sums, outcome) if experiment.is_word(outcome) else _numbers(sums, outcome)
    return pd.concat([store.plan.table, pd.DataFrame(summaries)], axis=1).rename_axis("point").reset_index()


def replicates_at(store: ShardStore, point: int, outcome: str) -> Array:
    """Return the values of a numeric outcome at one point.

    Parameters
    ----------
    store : ShardStore
        A sweep that holds the shards of the point.
    point : int
        The number of the point.
    outcome : str
        An outcome of the experiment that is a number.

    Returns
    -------
    array
        The values as [replicates]; not-a-number in runs where the outcome is not defined.

    Raises
    ------
    ResultsError
        If a shard of the point is missing or damaged.
    """
    values = np.full(store.plan.experiment.replicates, np.nan)
    shards = [shard for shard in store.plan.shards if point in shard.points]
    rows = _runs(store, shards, ["point", "replicate", outcome]).to_pandas()
    rows = rows[rows["point"] == point]
    values[rows["replicate"].to_numpy()] = rows[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _runs(store: ShardStore, shards: Sequence[Shard], columns: Sequence[str]) -> pa.Table:
    """Return these columns of the runs of some shards; ResultsError if one is missing or damaged."""
    return pa.concat_tables([store.require_shard(shard).file.read(columns=list(columns)) for shard in shards])


def _batches(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    """Yield the shards in small batches, each with all replicates of its points."""
    batch: list[Shard] = []
    for _, group in groupby(shards, key=lambda shard: shard.points.start):
        same_points = list(group)
        if batch and len(batch) + len(same_points) > _BATCH:
            yield batch
            batch = []
        batch = [*batch, *same_points]
    if batch:
        yield batch


def _columns(experiment: Experiment) -> Iterator[str]:
    for outcome in experiment.outcomes:
        name = _quoted(outcome)
        if experiment.is_word(outcome):
            for option in experiment.options:
                share = f"avg(CASE WHEN {name} = '{option}' THEN 1.0 WHEN {name} IS NOT NULL THEN 0.0 END)"
                yield f"{share} AS {_quoted(f'{outcome}.{option}')}"
            continue
        known = f"CASE WHEN isnan({name}::DOUBLE) THEN NULL ELSE {name}::DOUBLE END"
        yield f"count({known}) AS {_quoted(f'{outcome}.n')}"
        yield f"avg({known}) AS {name}"
        yield f"stddev_pop({known}) AS {_quoted(f'{outcome}.sd')}"
        for part, level in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
            yield f"quantile_cont({known}, {level}) AS {_quoted(f'{outcome}.{part}')}"


def _options(experiment: Experiment, sums: pd.DataFrame, outcome: str) -> dict[str, Any]:
    """Return the most frequent option, of equally frequent ones the one of the lowest rung, and all shares."""
    names = [f"{outcome}.{option}" for option in experiment.options]
    shares = sums[names].astype(float)
    known = shares.notna().any(axis=1)
    modes = [experiment.options[index] for index in shares.fillna(-1.0).to_numpy().argmax(axis=1)]
    return {outcome: pd.Series(modes, index=sums.index, dtype=object).where(known, None)} | {
        name: shares[name] for name in names
    }


def _numbers(sums: pd.DataFrame, outcome: str) -> dict[str, Any]:
    count = sums[f"{outcome}.n"].fillna(0).to_numpy(dtype=float)
    mean = sums[outcome].to_numpy(dtype=float)
    sd = sums[f"{outcome}.sd"].to_numpy(dtype=float)
    low, high = _share_interval(mean, count) if is_share(outcome) else _mean_interval(mean, sd, count)
    percentiles = {
        f"{outcome}.{part}": sums[f"{outcome}.{part}"].to_numpy(dtype=float) for part in ("p05", "p50", "p95")
    }
    columns = {outcome: mean, f"{outcome}.sd": sd, **percentiles, f"{outcome}.low": low, f"{outcome}.high": high}
    return {name: pd.Series(values, index=sums.index) for name, values in columns.items()}


def _mean_interval(mean: Array, sd: Array, count: Array) -> tuple[Array, Array]:
    from scipy.stats import t  # imported here, since it takes half a second

    with np.errstate(divide="ignore", invalid="ignore"):
        half_width = t.ppf(0.975, count - 1.0) * sd / np.sqrt(count - 1.0)
    return mean - half_width, mean + half_width


def _share_interval(share: Array, count: Array) -> tuple[Array, Array]:
    """Return the interval of shares (Wilson 1927)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = _Z**2 / count
        middle = (share + part / 2.0) / (1.0 + part)
        half_width = _Z * np.sqrt(share * (1.0 - share) / count + part / (4.0 * count)) / (1.0 + part)
    return np.maximum(middle - half_width, 0.0), np.minimum(middle + half_width, 1.0)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
