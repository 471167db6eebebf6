"""What the replicates of each point of a sweep say together, for tables larger than memory."""

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
from sim.experiment.store import SweepFolder

type Array = np.ndarray

_TOGETHER = 16  # shards that are read at once, or those of one point if there are more
_SHARES = ("viable", "viable_now", "peace_holds")  # and joins.*: claims, which are true or not
_Z = 1.959963984540054  # of the normal distribution, at 97.5 %


def summarise(sweep: SweepFolder, on_progress: Callable[[int], object] = lambda done: None) -> pd.DataFrame:
    """Return one row a point: its factors, `runs` that were played, and for each outcome what its replicates say.

    A number o: its mean `o`, `o.sd`, `o.p05`, `o.p50`, `o.p95`, and the 95 % interval of the mean from `o.low` to
    `o.high` (Student's t; Wilson 1927 for what is true or not). An option w: the likeliest `w`, and the share of each
    option as `w.troops`. A point that failed has no runs, and nothing is known of it.

    Reads the shards a few at a time, so it takes no more memory for many than for few. on_progress is called with the
    number of shards just summarised.
    """
    experiment = sweep.plan.experiment
    database = duckdb.connect(config={"threads": 1})  # sums in one order, so that they are the same each time
    asked = ", ".join(["point", "count(*) AS runs", *_columns(experiment)])
    query = f"SELECT {asked} FROM runs GROUP BY point ORDER BY point"
    parts = []
    for shards in _by_point(sweep.plan.shards):
        # tables that were read and checked; a path could be a pattern that names other files, or add columns
        database.register("runs", _runs(sweep, shards, ["point", *experiment.outcomes]))
        try:
            parts.append(database.execute(query).df())
        except duckdb.InterruptException:  # how DuckDB calls a Ctrl-C that it finds while it computes
            raise KeyboardInterrupt from None
        on_progress(len(shards))
    found = pd.concat(parts).set_index("point").reindex(sweep.plan.table.index)
    runs = found["runs"].fillna(0).astype(np.int64)
    columns: dict[str, Any] = {"runs": runs}
    for outcome in experiment.outcomes:
        columns |= _words(experiment, found, outcome) if experiment.is_word(outcome) else _numbers(found, outcome)
    return pd.concat([sweep.plan.table, pd.DataFrame(columns)], axis=1).rename_axis("point").reset_index()


def replicates_at(sweep: SweepFolder, point: int, outcome: str) -> Array:
    """Return an outcome that is a number at one point as [replicates], not-a-number where a run has none.

    Reads the shards of the point; ResultsError if one is missing or damaged.
    """
    found = np.full(sweep.plan.experiment.replicates, np.nan)
    shards = [shard for shard in sweep.plan.shards if point in shard.points]
    rows = _runs(sweep, shards, ["point", "replicate", outcome]).to_pandas()
    rows = rows[rows["point"] == point]
    found[rows["replicate"].to_numpy()] = rows[outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    return found


def _runs(sweep: SweepFolder, shards: Sequence[Shard], columns: Sequence[str]) -> pa.Table:
    """Return these columns of the runs of some shards; ResultsError if one is missing or damaged."""
    return pa.concat_tables([sweep.whole(shard).file.read(columns=list(columns)) for shard in shards])


def _by_point(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    """Yield the shards in groups that hold all replicates of their points, as small as that allows."""
    together: list[Shard] = []
    for _, group in groupby(shards, key=lambda shard: shard.points.start):
        same_points = list(group)
        if together and len(together) + len(same_points) > _TOGETHER:
            yield together
            together = []
        together = [*together, *same_points]
    if together:
        yield together


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


def _words(experiment: Experiment, found: pd.DataFrame, outcome: str) -> dict[str, Any]:
    """Return the likeliest option, of equally likely ones the one of the lowest rung, and all shares."""
    names = [f"{outcome}.{option}" for option in experiment.options]
    shares = found[names].astype(float)
    known = shares.notna().any(axis=1)
    likeliest = [experiment.options[place] for place in shares.fillna(-1.0).to_numpy().argmax(axis=1)]
    return {outcome: pd.Series(likeliest, index=found.index, dtype=object).where(known, None)} | {
        name: shares[name] for name in names
    }


def _numbers(found: pd.DataFrame, outcome: str) -> dict[str, Any]:
    count = found[f"{outcome}.n"].fillna(0).to_numpy(dtype=float)
    mean = found[outcome].to_numpy(dtype=float)
    spread = found[f"{outcome}.sd"].to_numpy(dtype=float)
    is_share = outcome in _SHARES or outcome.startswith("joins.")
    low, high = _share_interval(mean, count) if is_share else _mean_interval(mean, spread, count)
    parts = {f"{outcome}.{part}": found[f"{outcome}.{part}"].to_numpy(dtype=float) for part in ("p05", "p50", "p95")}
    columns = {outcome: mean, f"{outcome}.sd": spread, **parts, f"{outcome}.low": low, f"{outcome}.high": high}
    return {name: pd.Series(values, index=found.index) for name, values in columns.items()}


def _mean_interval(mean: Array, spread: Array, count: Array) -> tuple[Array, Array]:
    from scipy.stats import t  # here: half a second

    with np.errstate(divide="ignore", invalid="ignore"):
        reach = t.ppf(0.975, count - 1.0) * spread / np.sqrt(count - 1.0)
    return mean - reach, mean + reach


def _share_interval(share: Array, count: Array) -> tuple[Array, Array]:
    """Return the interval of shares (Wilson 1927)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        part = _Z**2 / count
        middle = (share + part / 2.0) / (1.0 + part)
        reach = _Z * np.sqrt(share * (1.0 - share) / count + part / (4.0 * count)) / (1.0 + part)
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
