"""Who plays the shards: threads of this process, processes of this machine, or the workers of a Dask cluster.

Each executor is called with a plan and shards, and yields every shard with its file as it is done, in any order.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

import numpy as np

from sim.errors import ModelError, ResultsError
from sim.experiment.plan import Plan, Shard
from sim.experiment.shard import play_shard

type Done = Iterator[tuple[Shard, bytes]]
type Executor = Callable[[Plan, Sequence[Shard]], Done]

_MOST_DEATHS = 3  # of workers at the same shard, before it is held to be the shard's doing


def threads(number: int) -> Executor:
    """Return an executor of this many threads; the kernel lets them compute at the same time."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        stop = np.zeros(1, dtype=np.uint8)
        with ThreadPoolExecutor(number) as pool:
            try:
                yield from _as_they_come(pool, lambda shard: play_shard(plan, shard, stop), shards, 2 * number)
            except BaseException:
                stop[0] = 1
                pool.shutdown(cancel_futures=True)
                raise

    return execute


def processes(number: int) -> Executor:
    """Return an executor of this many processes; a worker that dies is replaced, and its shard played again."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        left = {shard.number: shard for shard in shards}
        deaths = dict.fromkeys(left, 0)
        while left:
            with _pool(number, plan) as pool:
                running: dict[Future[bytes], Shard] = {}
                try:
                    waiting = iter(list(left.values()))
                    while True:
                        for shard in waiting:
                            running[pool.submit(_play_here, shard)] = shard
                            if len(running) >= number:
                                break
                        if not running:
                            break
                        for future in wait(running, return_when=FIRST_COMPLETED).done:
                            content = future.result()
                            shard = running.pop(future)
                            del left[shard.number]
                            yield shard, content
                except BrokenProcessPool:
                    for shard in running.values():
                        deaths[shard.number] += 1
                        if deaths[shard.number] >= _MOST_DEATHS:
                            raise _deadly(shard) from None
                except BaseException:
                    _end(pool)
                    raise

    return execute


def dask(address: str) -> Executor:
    """Return an executor that hands the shards to a Dask cluster; local: one on this machine.

    ModelError if Dask is not there or the cluster does not answer.
    """

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        try:
            from distributed import Client, as_completed
        except ModuleNotFoundError:
            raise ModelError("--dask needs the library Dask; say pip install 'willing[cluster]'") from None
        try:
            client = Client(**_local()) if address == "local" else Client(address, timeout=20)
        except (OSError, ValueError, TimeoutError) as error:
            raise ModelError(f"--dask {address}: no cluster answers there ({error})") from None
        with client:
            (shared,) = client.scatter([plan], broadcast=True)
            # pure=False: the same work is done anew if it is asked for anew
            futures = client.map(_play_there, shards, plan=shared, pure=False, retries=_MOST_DEATHS)
            for future, content in as_completed(futures, with_results=True):
                yield shards[futures.index(future)], content
                future.release()

    return execute


def _local() -> dict[str, Any]:
    return {"processes": True, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}


def _as_they_come(
    pool: ThreadPoolExecutor, task: Callable[[Shard], bytes], shards: Sequence[Shard], at_once: int
) -> Done:
    """Yield what the task makes of each shard; few at once, so that results do not pile up."""
    waiting = iter(shards)
    running: dict[Future[bytes], Shard] = {}
    while True:
        for shard in waiting:
            running[pool.submit(task, shard)] = shard
            if len(running) >= at_once:
                break
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()


_table: dict[str, Plan] = {}  # what a worker was given when it sat down


def _pool(number: int, plan: Plan) -> ProcessPoolExecutor:
    # a fork of a process with threads, such as NumPy's, may hang
    return ProcessPoolExecutor(number, get_context("spawn"), initializer=_sit_down, initargs=(plan,))


def _sit_down(plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers, once
    _table["plan"] = plan


def _play_here(shard: Shard) -> bytes:
    return play_shard(_table["plan"], shard)


def _play_there(shard: Shard, plan: Plan) -> bytes:
    return play_shard(plan, shard)


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(cancel_futures=True)


def _deadly(shard: Shard) -> ResultsError:
    points = f"{shard.points.start} to {shard.points.stop - 1}"
    return ResultsError(
        f"points {points}: {_MOST_DEATHS} workers died at them, one after the other; is there enough memory? The rest "
        "that is done stays whole; give the same command to go on"
    )
