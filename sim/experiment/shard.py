"""One part of a sweep: simulated, and written as a table with a checksum."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.ensemble.simulate import EnsembleRunner, check_supported
from sim.errors import WillingError
from sim.experiment.experiment import Experiment
from sim.experiment.plan import Plan, Shard, versions
from sim.model.setup import Setup, prepare
from sim.model.simulate import EndStates, end_states, simulate
from sim.results.checksums import open_sealed_parquet, sealed_parquet
from sim.results.outcomes import find_outcome, measure_outcomes

type Array = np.ndarray

POINT_ERRORS = (WillingError, ArithmeticError, LookupError, ValueError)  # a fault of one point, not of the sweep

_KEYS = "willing.plan", "willing.shard", "willing.failed", "willing.versions"


class Stopped(Exception):
    """The simulation of a shard was stopped before its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredShard:
    """A shard that was read from its file."""

    file: pq.ParquetFile
    failed: dict[int, str]  # point -> why it could not be simulated

    @property
    def table(self) -> pa.Table:
        """The runs."""
        return self.file.read()


def simulate_shard(plan: Plan, shard: Shard, stop: Array | None = None) -> bytes:
    """Simulate a shard and return its Parquet file: the same bytes on every worker.

    A point that cannot be simulated is left out of the table; the file's footer names it, with the reason. Raises
    Stopped once stop[0] is set.
    """
    levels = plan.table.iloc[shard.points.start : shard.points.stop]
    rows = [{str(name): level for name, level in row.items()} for row in levels.to_dict("records")]
    failed: dict[int, str] = {}
    setups: dict[int, Setup] = {}
    setup = None
    for point, row in zip(shard.points, rows, strict=True):
        try:
            setup = setups[point] = _prepared(plan, row, setup)
        except POINT_ERRORS as error:
            kind = "" if isinstance(error, WillingError) else f"{type(error).__name__}: "
            failed[point] = f"{kind}{error}"
        if stop is not None and stop[0]:
            raise Stopped
    simulated = end_states_of(plan, setups.values(), shard.replicates, stop)
    measured = [_measured(plan.experiment, *each) for each in zip(setups.values(), simulated, strict=True)]
    return _sealed(plan, shard, _table(plan, shard, list(setups), measured), failed)


def read_shard(plan: Plan, shard: Shard, content: bytes) -> StoredShard:
    """Return the shard that a file holds; ValueError, with the reason, if it is damaged or not the planned one."""
    file, notes = open_sealed_parquet(content)
    digest, part, failed = (notes.get(key) for key in _KEYS[:3])
    if digest != plan.digest:
        raise ValueError("belongs to another sweep")
    if part != _part(shard) or failed is None:
        raise ValueError("is another part of the sweep")
    reasons = {int(point): reason for point, reason in json.loads(failed).items()}
    return StoredShard(file=file, failed=reasons)


def schema(plan: Plan) -> pa.Schema:
    """Return the columns of the table of runs: point, replicate, factors, outcomes."""
    experiment = plan.experiment
    factors = [
        pa.field(name, pa.dictionary(pa.int32(), pa.string()) if kind.kind == "O" else pa.from_numpy_dtype(kind))
        for name, kind in plan.table.dtypes.items()
    ]
    measured = [pa.field(name, _kind(experiment, name)) for name in experiment.outcomes]
    return pa.schema([pa.field("point", pa.int32()), pa.field("replicate", pa.int64()), *factors, *measured])


def end_states_of(
    plan: Plan, setups: Iterable[Setup], replicates: range, stop: Array | None = None
) -> Iterator[EndStates]:
    """Yield the end states of the replicates at each point, simulated by the engine of the plan."""
    seed = plan.experiment.seed
    if plan.engine == "ensemble":
        yield from EnsembleRunner(seed, replicates, stop).end_states(setups)
        return
    for setup in setups:
        yield end_states(setup, simulate(setup, seed=seed, replicates=replicates))


def _prepared(plan: Plan, row: dict[str, Any], like: Setup | None) -> Setup:
    setup = prepare(plan.experiment.scenario_at(row), like)
    if plan.engine == "ensemble":
        check_supported(setup)
    return setup


def _measured(experiment: Experiment, setup: Setup, ended: EndStates) -> dict[str, Array]:
    """Return the outcomes that are defined at this point; options by their index among all of the experiment's."""
    values = measure_outcomes(setup, ended, [name for name in experiment.outcomes if _is_defined(setup, name)])
    if setup.menu.names == experiment.options:
        return values
    indices = np.array([experiment.options.index(option) for option in setup.menu.names], dtype=np.int8)
    return {name: indices[column] if experiment.is_word(name) else column for name, column in values.items()}


def _is_defined(setup: Setup, name: str) -> bool:
    """Return whether an outcome can be measured: its option is on the menu, its state on the roster."""
    outcome = find_outcome(name, setup.menu.names)
    return outcome is not None and (not outcome.state or outcome.state in setup.codes)


def _table(plan: Plan, shard: Shard, points: list[int], measured: list[dict[str, Array]]) -> pa.Table:
    columns, each = schema(plan), len(shard.replicates)
    rows = plan.table.iloc[points]
    filled: dict[str, pa.Array] = {
        "point": pa.array(np.repeat(np.array(points, dtype=np.int32), each)),
        "replicate": pa.array(np.tile(np.arange(shard.replicates.start, shard.replicates.stop), len(points))),
    }
    for name in plan.table.columns:
        levels = rows[name].to_numpy()
        if levels.dtype == object:
            words = [str(level) for level in plan.table[name].unique()]
            index = {word: number for number, word in enumerate(words)}
            codes = np.repeat(np.array([index[str(level)] for level in levels], dtype=np.int32), each)
            filled[name] = pa.DictionaryArray.from_arrays(codes, pa.array(words, pa.string()))
        else:
            filled[name] = pa.array(np.repeat(levels, each))
    for name in plan.experiment.outcomes:
        filled[name] = _column(plan.experiment, columns.field(name).type, [part.get(name) for part in measured], each)
    return pa.table([filled[name].cast(columns.field(name).type) for name in columns.names], schema=columns)


def _column(experiment: Experiment, kind: pa.DataType, parts: list[Array | None], each: int) -> pa.Array:
    """Return an outcome over the points; null at points where it is not defined."""
    if not parts:
        return pa.array([], kind)
    missing = np.repeat([part is None for part in parts], each)
    values = np.concatenate([np.zeros(each) if part is None else part for part in parts])
    mask = missing if missing.any() else None
    if pa.types.is_dictionary(kind):
        codes = pa.array(values.astype(np.int8), mask=mask)
        return pa.DictionaryArray.from_arrays(codes, pa.array(experiment.options, pa.string()))
    return pa.array(values.astype(kind.to_pandas_dtype()), mask=mask)


def _kind(experiment: Experiment, name: str) -> pa.DataType:
    if experiment.is_word(name):
        return pa.dictionary(pa.int8(), pa.string())
    outcome = find_outcome(name, experiment.options)
    assert outcome is not None
    return pa.from_numpy_dtype(outcome.dtype)


def _sealed(plan: Plan, shard: Shard, table: pa.Table, failed: dict[int, str]) -> bytes:
    """Return the file of a shard, whose footer holds a checksum over all of it."""
    reasons = json.dumps({str(point): reason for point, reason in failed.items()})
    notes = plan.digest, _part(shard), reasons, json.dumps(versions())
    return sealed_parquet(table, dict(zip(_KEYS, notes, strict=True)))


def _part(shard: Shard) -> str:
    return (
        f"points {shard.points.start}-{shard.points.stop}, replicates {shard.replicates.start}-{shard.replicates.stop}"
    )
