"""Play what is missing of a sweep, and say what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from sim.experiment.executors import Executor
from sim.experiment.plan import Plan, Shard, shards_for_worker
from sim.experiment.shard import UNPLAYABLE, ended
from sim.experiment.store import SweepFolder
from sim.model.setup import prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a sweep has come."""

    played: int  # runs that were played now
    missing: int  # runs that are still missing, others' shares included


def run(
    sweep: SweepFolder,
    executor: Executor,
    *,
    share: tuple[int, int] | None = None,
    begin: Callable[[Sequence[Shard], dict[Shard, str]], Callable[[int], object]],
) -> Progress:
    """Play the shards that are missing, or of them one's share: (which, of how many) that share the work.

    begin is called with the shards that are going to be played and those that were found damaged, with what is wrong;
    what it returns is called with the runs just finished. The folder has to be held meanwhile (see
    store.lock_folder). Raises ResultsError where a shard cannot be written; what is done stays.
    """
    played = 0
    sweep.remove_temp_files(alone=share is None)
    missing, damaged = sweep.verify_shards()
    mine = set(shards_for_worker(sweep.plan.shards, share))
    todo = [shard for shard in missing if shard in mine]
    on_progress = begin(todo, {shard: why for shard, why in damaged.items() if shard in mine})
    if todo:
        with closing(executor(sweep.plan, todo)) as done:  # whatever ends this ends those who play, too
            for shard, content in done:
                sweep.write_shard(shard, content)
                played += shard.runs
                on_progress(shard.runs)
    left, _ = sweep.verify_shards() if share is not None else ([], {})
    return Progress(played=played, missing=sum(shard.runs for shard in left))


def seconds_a_run(plan: Plan) -> float | None:
    """Return about how long one run takes on one worker, from playing a few; None where the points tried fail."""
    few, points = (20, 32) if plan.engine == "ensemble" else (2, 1)
    replicates = range(min(plan.experiment.replicates, few))
    for first in (plan.points // 2, 0, plan.points - 1):
        try:
            setups = [prepare(plan.experiment.scenario_at(row)) for _, row in plan.table[first:][:points].iterrows()]
            if plan.engine == "ensemble":
                list(ended(plan, setups, replicates))  # compiles
            clock = time.perf_counter()
            list(ended(plan, setups, replicates))
            return (time.perf_counter() - clock) / (len(setups) * len(replicates))
        except UNPLAYABLE:
            continue
    return None
