"""Simulate the missing shards of a sweep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from sim.compile_time import clock
from sim.experiment.executors import Executor
from sim.experiment.plan import Plan, Shard, shards_for_worker
from sim.experiment.shard import POINT_ERRORS, end_states_of
from sim.experiment.shard_store import ShardStore
from sim.model.setup import prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How much of a sweep was simulated, and how much is missing."""

    runs: int  # that were simulated now
    missing: int  # runs that are still missing, those of other workers included
    seconds: float  # without the time for compiling


def run(
    store: ShardStore,
    executor: Executor,
    *,
    share: tuple[int, int] | None = None,
    on_start: Callable[[Sequence[Shard], dict[Shard, str]], object] | None = None,
    on_progress: Callable[[int, int], object] | None = None,
) -> Progress:
    """Simulate the missing shards of a sweep, or one worker's share of them.

    share: (which, of how many) workers. on_start is called with the shards to simulate and, of these, the damaged ones
    with the reasons; on_progress with the number of runs done and in total. A folder has to be locked meanwhile (see
    store.lock_folder). ResultsError if a shard cannot be written; the shards before it are kept.
    """
    started = clock()
    store.remove_temp_files(alone=share is None)
    missing, damaged = store.verify_shards()
    own = set(shards_for_worker(store.plan.shards, share))
    todo = [shard for shard in missing if shard in own]
    if on_start is not None:
        on_start(todo, {shard: reason for shard, reason in damaged.items() if shard in own})
    done, total = 0, sum(shard.runs for shard in todo)
    if todo:
        if on_progress is not None:
            on_progress(0, total)
        with closing(executor(store.plan, todo)) as simulated:  # however this ends, the workers end, too
            for shard, content in simulated:
                store.write_shard(shard, content)
                done += shard.runs
                if on_progress is not None:
                    on_progress(done, total)
    left, _ = store.verify_shards() if share is not None else ([], {})
    return Progress(runs=done, missing=sum(shard.runs for shard in left), seconds=clock() - started)


def seconds_per_run(plan: Plan) -> float | None:
    """Return the approximate time of a run on one worker, measured on a few points; None if these points fail."""
    few, points = (20, 32) if plan.engine == "ensemble" else (2, 1)
    replicates = range(min(plan.experiment.replicates, few))
    for first in (plan.points // 2, 0, plan.points - 1):
        try:
            setups = [prepare(plan.experiment.scenario_at(row)) for _, row in plan.table[first:][:points].iterrows()]
            if plan.engine == "ensemble":
                list(end_states_of(plan, setups, replicates))  # compiles
            started = time.perf_counter()
            list(end_states_of(plan, setups, replicates))
            return (time.perf_counter() - started) / (len(setups) * len(replicates))
        except POINT_ERRORS:
            continue
    return None
