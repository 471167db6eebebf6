"""One part of a sweep, played and written down as a table that can tell whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.ensemble.simulate import EnsembleRunner, check_supported
from sim.errors import WillingError
from sim.experiment.experiment import Experiment
from sim.experiment.plan import Plan, Shard, versions
from sim.model.setup import Setup, prepare
from sim.model.simulate import EndStates, end_states, play
from sim.results.checksums import open_sealed_parquet, sealed_parquet
from sim.results.columns import outcomes
from sim.results.measures import measures

type Array = np.ndarray

UNPLAYABLE = (WillingError, ArithmeticError, LookupError, ValueError)  # what is wrong with a point, not with the sweep

_KEYS = "willing.plan", "willing.shard", "willing.failed", "willing.versions"
_TO_BIT = {"viable", "viable_now", "peace_holds", "phase", "headline_rung"}
_TO_COUNT = {"redimensioned", "rounds_to_settle"}


class Stopped(Exception):
    """The work was given up half way, because somebody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedShard:
    """A shard as it was read back."""

    file: pq.ParquetFile
    failed: dict[int, str]  # point -> why it could not be played

    @property
    def table(self) -> pa.Table:
        """Its runs."""
        return self.file.read()


def play_shard(plan: Plan, shard: Shard, stop: Array | None = None) -> bytes:
    """Play a shard and return the Parquet file that holds it: the same bytes whoever plays it.

    A point that cannot be played is left out of the table and named, with its reason, in the file's footer. Raises
    Stopped once stop[0] is set.
    """
    asked = plan.table.iloc[shard.points.start : shard.points.stop]
    rows = [{str(name): level for name, level in row.items()} for row in asked.to_dict("records")]
    failed: dict[int, str] = {}
    setups: dict[int, Setup] = {}
    setup = None
    for point, row in zip(shard.points, rows, strict=True):
        try:
            setup = setups[point] = _prepared(plan, row, setup)
        except UNPLAYABLE as error:
            kind = "" if isinstance(error, WillingError) else f"{type(error).__name__}: "
            failed[point] = f"{kind}{error}"
        if stop is not None and stop[0]:
            raise Stopped
    came = ended(plan, setups.values(), shard.replicates, stop)
    measured = [_measured(plan.experiment, *each) for each in zip(setups.values(), came, strict=True)]
    return _written(plan, shard, _table(plan, shard, list(setups), measured), failed)


def read_shard(plan: Plan, shard: Shard, content: bytes) -> PlayedShard:
    """Return the shard that a file holds; ValueError says what is wrong if it is not whole or not the planned one."""
    file, notes = open_sealed_parquet(content)
    digest, place, failed = (notes.get(key) for key in _KEYS[:3])
    if digest != plan.digest:
        raise ValueError("is of another sweep")
    if place != _place(shard) or failed is None:
        raise ValueError("is another part of the sweep")
    reasons = {int(point): why for point, why in json.loads(failed).items()}
    return PlayedShard(file=file, failed=reasons)


def schema(plan: Plan) -> pa.Schema:
    """Return the columns of the table of runs: point, replicate, factors, outcomes."""
    experiment = plan.experiment
    factors = [
        pa.field(name, pa.dictionary(pa.int32(), pa.string()) if kind.kind == "O" else pa.from_numpy_dtype(kind))
        for name, kind in plan.table.dtypes.items()
    ]
    measured = [pa.field(name, _kind(experiment, name)) for name in experiment.outcomes]
    return pa.schema([pa.field("point", pa.int32()), pa.field("replicate", pa.int64()), *factors, *measured])


def _prepared(plan: Plan, row: dict[str, Any], like: Setup | None) -> Setup:
    setup = prepare(plan.experiment.scenario_at(row), like)
    if plan.engine == "ensemble":
        check_supported(setup)
    return setup


def ended(plan: Plan, setups: Iterable[Setup], replicates: range, stop: Array | None = None) -> Iterator[EndStates]:
    """Yield what the replicates come to at each point, by the engine of the plan."""
    seed = plan.experiment.seed
    if plan.engine == "ensemble":
        yield from EnsembleRunner(seed, replicates, stop).end_states(setups)
        return
    for setup in setups:
        yield end_states(setup, play(setup, seed=seed, replicates=replicates))


def _measured(experiment: Experiment, setup: Setup, ended: EndStates) -> dict[str, Array]:
    """Return the outcomes that there are at this point; options by their place among all of the experiment's."""
    found = measures(setup, ended, [name for name in experiment.outcomes if _is_there(setup, name)])
    if setup.menu.names == experiment.options:
        return found
    places = np.array([experiment.options.index(option) for option in setup.menu.names], dtype=np.int8)
    return {name: places[values] if experiment.is_word(name) else values for name, values in found.items()}


def _is_there(setup: Setup, name: str) -> bool:
    """Return whether an outcome can be measured: its option is on the menu, its state on the roster."""
    kind, _, code = name.partition(".")
    if kind in ("stance", "conditional", "joins") and code:
        return code in setup.codes
    return name in _known(setup.menu.names)


@cache
def _known(options: tuple[str, ...]) -> frozenset[str]:
    return frozenset(outcomes(options[1:])) | {"headline"}


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
            place = {word: number for number, word in enumerate(words)}
            codes = np.repeat(np.array([place[str(level)] for level in levels], dtype=np.int32), each)
            filled[name] = pa.DictionaryArray.from_arrays(codes, pa.array(words, pa.string()))
        else:
            filled[name] = pa.array(np.repeat(levels, each))
    for name in plan.experiment.outcomes:
        filled[name] = _column(plan.experiment, columns.field(name).type, [part.get(name) for part in measured], each)
    return pa.table([filled[name].cast(columns.field(name).type) for name in columns.names], schema=columns)


def _column(experiment: Experiment, kind: pa.DataType, parts: list[Array | None], each: int) -> pa.Array:
    """Return an outcome over the points; null where a point does not know it."""
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
    if name in _TO_BIT or name.startswith("joins."):
        return pa.int8()
    if name in _TO_COUNT or (name.endswith(("_states", "_conditional")) and not name.startswith("personnel_")):
        return pa.int32()
    return pa.float64()


def _written(plan: Plan, shard: Shard, table: pa.Table, failed: dict[int, str]) -> bytes:
    """Return the file of a shard, sealed by a checksum over all of it that stands in its own footer."""
    reasons = json.dumps({str(point): why for point, why in failed.items()})
    notes = plan.digest, _place(shard), reasons, json.dumps(versions())
    return sealed_parquet(table, dict(zip(_KEYS, notes, strict=True)))


def _place(shard: Shard) -> str:
    return (
        f"points {shard.points.start}-{shard.points.stop}, replicates {shard.replicates.start}-{shard.replicates.stop}"
    )
