"""Who plays the shards: threads of this process, processes of this machine, or the workers of a Dask cluster.

Each executor is called with a plan and shards, and yields every shard with its file as it is done, in any order.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import wait as wait_here
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from multiprocessing import get_context

import numpy as np

from sim import facts
from sim.errors import ModelError, ResultsError
from sim.experiment.plan import Plan, Shard, code_hash
from sim.experiment.shard import play_shard
from sim.process_pool import init_worker, sigint_blocked

type Done = Generator[tuple[Shard, bytes]]  # closing it ends those who play
type Executor = Callable[[Plan, Sequence[Shard]], Done]

_SILENT = 51  # above any level of logging
_MOST_DEATHS = 3  # of workers at the same shard, before it is held to be the shard's doing
_PATIENCE = 20  # seconds until a cluster that does not answer is held to be none
_DESERTED = 120  # seconds without any worker until nobody is waited for any more
_GO_ON = "what is done stays whole; give the same command to go on"


def threads(number: int) -> Executor:
    """Return an executor of this many threads; the kernel lets them compute at the same time."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        stop = np.zeros(1, dtype=np.uint8)
        with ThreadPoolExecutor(number) as pool:
            try:
                yield from _as_they_come(lambda shard: pool.submit(play_shard, plan, shard, stop), shards, 2 * number)
            except BaseException:
                stop[0] = 1
                pool.shutdown(cancel_futures=True)
                raise

    return execute


def processes(number: int) -> Executor:
    """Return an executor of this many processes; a worker that dies is replaced, and its shard played again."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        left = list(shards)
        deaths = dict.fromkeys(shards, 0)
        while left:
            suspects = [shard for shard in left if deaths[shard]]  # each alone, so that it shows which one it was
            running: dict[Future[bytes], Shard] = {}
            pool = _pool(number, plan)
            try:
                at_once = 1 if suspects else number
                for shard, content in _as_they_come(_hand_out(pool), suspects or left, at_once, running):
                    left.remove(shard)
                    yield shard, content
            except BrokenProcessPool:
                for shard in running.values():
                    deaths[shard] += 1
                    if deaths[shard] >= _MOST_DEATHS:
                        raise _deadly(shard) from None
            except BaseException:
                _end(pool)
                raise
            finally:
                pool.shutdown()

    return execute


def dask(address: str) -> Executor:
    """Return an executor that hands the shards to a Dask cluster; local: one on this machine.

    A shard whose worker dies is played again by another. ModelError if Dask is not there, or if the cluster does not
    answer, goes away or has another version of the program.
    """

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        try:
            from distributed import Client, KilledWorker, wait
            from distributed.utils import silence_logging_cmgr
        except ModuleNotFoundError:
            raise ModelError("--dask needs the library Dask; say pip install 'willing[cluster]'") from None
        with ExitStack() as opened:
            opened.enter_context(silence_logging_cmgr(_SILENT))  # what goes wrong is told here, once
            try:
                with sigint_blocked():
                    if address == "local":
                        from sim.experiment.local_cluster import local_cluster

                        place = opened.enter_context(local_cluster(_SILENT))
                    else:
                        place = address
                    client = Client(place, timeout=_PATIENCE)
            except (OSError, ValueError) as error:
                raise ModelError(f"--dask {address}: no cluster answers there ({error})") from None
            opened.enter_context(client)
            try:
                client.wait_for_workers(1, timeout=_PATIENCE)
            except TimeoutError:
                raise ModelError(f"--dask {address}: no worker has come; start one: dask worker {address}") from None
            try:
                client.run(version, "willing")  # a worker that lacks the program would die of the first task
            except PackageNotFoundError:
                raise ModelError(f"--dask {address}: its workers lack this program; install it there, too") from None
            assert plan.identity  # goes with the plan, for the workers to compare with their own
            # as a task, not as data, so that it is handed out anew should all who have it die
            given = client.submit(_given, plan, pure=False)
            futures = client.map(_play_there, shards, plan=given, pure=False)
            left = dict(zip(futures, shards, strict=True))
            while left:
                try:
                    done = wait(list(left), timeout=_DESERTED, return_when="FIRST_COMPLETED").done
                    for future in done:
                        shard = left.pop(future)
                        yield shard, future.result()
                except KilledWorker:
                    raise _deadly(shard) from None
                except TimeoutError:
                    if not client.nthreads():
                        raise ModelError(f"--dask {address}: all workers are gone; {_GO_ON}") from None
                except (CancelledError, OSError):
                    raise ModelError(f"--dask {address}: the cluster went away; {_GO_ON}") from None

    return execute


def _as_they_come(
    submit: Callable[[Shard], Future[bytes]],
    shards: Sequence[Shard],
    at_once: int,
    running: dict[Future[bytes], Shard] | None = None,
) -> Iterator[tuple[Shard, bytes]]:
    """Yield each shard with its file as it is done; few are handed out at once, so that results do not pile up.

    running: where to note what is handed out.
    """
    running = {} if running is None else running
    waiting = iter(list(shards))
    while True:
        for shard in islice(waiting, at_once - len(running)):
            running[submit(shard)] = shard
        if not running:
            return
        for future in wait_here(running, return_when=FIRST_COMPLETED).done:
            content = future.result()
            yield running.pop(future), content


_table: dict[str, Plan] = {}  # what a worker was given when it sat down


def _pool(number: int, plan: Plan) -> ProcessPoolExecutor:
    # a fork of a process with threads, such as NumPy's, may hang
    return ProcessPoolExecutor(number, get_context("spawn"), initializer=_init_worker, initargs=(plan,))


def _hand_out(pool: ProcessPoolExecutor) -> Callable[[Shard], Future[bytes]]:
    def submit(shard: Shard) -> Future[bytes]:
        with sigint_blocked():
            return pool.submit(_play_here, shard)

    return submit


def _init_worker(plan: Plan) -> None:
    init_worker()
    _table["plan"] = plan


def _play_here(shard: Shard) -> bytes:
    return play_shard(_table["plan"], shard)


def _given(plan: Plan) -> Plan:
    return plan


def _play_there(shard: Shard, plan: Plan) -> bytes:
    if _make() != (plan.identity["code"], plan.identity["facts"]):
        raise ModelError(
            f"the worker on {socket.gethostname()} has another version of the program or of its tables; install the "
            f"same everywhere. {_GO_ON.capitalize()}"
        )
    return play_shard(plan, shard)


@cache
def _make() -> tuple[str, str]:
    return code_hash(), facts.data_hash()


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
