"""Where shards are simulated: in threads, in processes of this machine, or by the workers of a Dask cluster.

Each executor is called with a plan and shards, and yields every shard with its file as it is done, in any order.
"""

from __future__ import annotations

import os
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
from typing import TYPE_CHECKING

import numpy as np

from sim import facts
from sim.errors import ModelError, ResultsError
from sim.experiment.plan import Plan, Shard, code_hash
from sim.experiment.shard import simulate_shard
from sim.process_pool import init_worker, sigint_blocked

if TYPE_CHECKING:
    from distributed import Client

type Done = Generator[tuple[Shard, bytes]]  # closing it ends the workers
type Executor = Callable[[Plan, Sequence[Shard]], Done]

_SILENT = 51  # above any level of logging
_MOST_DEATHS = 3  # of workers at the same shard, after which the shard is taken for the cause
_TIMEOUT = 20  # seconds to wait for a cluster that does not answer
_DESERTED = 120  # seconds without any worker after which the sweep gives up
_RESUME = "the runs that are done are kept; run the same command to resume"


def executor_of(executor: str | Client = "threads", workers: int | None = None) -> Executor:
    """Return an executor by name.

    Parameters
    ----------
    executor : str or Client
        ``"threads"``, ``"processes"``, a Dask client, or the address of a Dask cluster: ``"tcp://HOST:PORT"``, or
        ``"local"`` for one that is started on this machine.
    workers : int, optional
        Number of threads or processes, by default one per processor. A Dask cluster has its own workers.
    """
    if executor in ("threads", "processes"):
        return (threads if executor == "threads" else processes)(workers or os.cpu_count() or 1)
    return dask(executor)


def threads(workers: int) -> Executor:
    """Return an executor of this many threads; compiled code lets them run at the same time."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        stop = np.zeros(1, dtype=np.uint8)
        with ThreadPoolExecutor(workers) as pool:
            try:
                yield from _as_completed(
                    lambda shard: pool.submit(simulate_shard, plan, shard, stop), shards, 2 * workers
                )
            except BaseException:
                stop[0] = 1
                pool.shutdown(cancel_futures=True)
                raise

    return execute


def processes(workers: int) -> Executor:
    """Return an executor of this many processes; a worker that dies is replaced, and its shard simulated again."""

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        left = list(shards)
        deaths = dict.fromkeys(shards, 0)
        while left:
            suspects = [shard for shard in left if deaths[shard]]  # one at a time, to find the one that kills
            running: dict[Future[bytes], Shard] = {}
            pool = _pool(workers, plan)
            try:
                at_once = 1 if suspects else workers
                for shard, content in _as_completed(_submit(pool), suspects or left, at_once, running):
                    left.remove(shard)
                    yield shard, content
            except BrokenProcessPool:
                for shard in running.values():
                    deaths[shard] += 1
                    if deaths[shard] >= _MOST_DEATHS:
                        raise _deadly(shard) from None
            except BaseException:
                _kill(pool)
                raise
            finally:
                pool.shutdown()

    return execute


def dask(cluster: str | Client) -> Executor:
    """Return an executor that uses a Dask cluster: a client, an address, or "local" for a cluster on this machine.

    A shard whose worker dies is simulated again by another. ModelError if Dask is not installed, or if the cluster does
    not answer, disappears or has another version of the program.
    """

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        try:
            from distributed import KilledWorker, wait
            from distributed.utils import silence_logging_cmgr
        except ModuleNotFoundError:
            raise ModelError("a Dask cluster needs the library Dask; run pip install 'willing[cluster]'") from None
        name = cluster if isinstance(cluster, str) else str(cluster.scheduler_info()["address"])
        with ExitStack() as stack:
            stack.enter_context(silence_logging_cmgr(_SILENT))  # an error is reported once, here
            client = cluster if not isinstance(cluster, str) else _client(cluster, stack)
            try:
                client.wait_for_workers(1, timeout=_TIMEOUT)
            except TimeoutError:
                raise ModelError(f"Dask cluster {name}: has no workers; start one: dask worker {name}") from None
            try:
                client.run(version, "willing")  # a worker without the program would die of the first task
            except PackageNotFoundError:
                raise ModelError(f"Dask cluster {name}: its workers lack this program; install it there, too") from None
            assert plan.identity  # computed here, for the workers to compare with their own
            # a task rather than data, so that it is computed again if all workers that hold it die
            shared_plan = client.submit(_identity, plan, pure=False)
            futures = client.map(_simulate_remotely, shards, plan=shared_plan, pure=False)
            if client is cluster:  # whose work would go on after an interruption
                stack.callback(client.cancel, futures)
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
                        raise ModelError(f"Dask cluster {name}: all workers have gone; {_RESUME}") from None
                except (CancelledError, OSError):
                    raise ModelError(f"Dask cluster {name}: has gone; {_RESUME}") from None

    return execute


def _client(address: str, stack: ExitStack) -> Client:
    """Return a client, closed with the stack, for an address, or for a cluster that is started on this machine."""
    from distributed import Client

    try:
        with sigint_blocked():
            if address == "local":
                from sim.experiment.local_cluster import local_cluster

                return stack.enter_context(Client(stack.enter_context(local_cluster(_SILENT)), timeout=_TIMEOUT))
            return stack.enter_context(Client(address, timeout=_TIMEOUT))
    except (OSError, ValueError) as error:
        raise ModelError(f"Dask cluster {address}: does not answer ({error})") from None


def _as_completed(
    submit: Callable[[Shard], Future[bytes]],
    shards: Sequence[Shard],
    at_once: int,
    running: dict[Future[bytes], Shard] | None = None,
) -> Iterator[tuple[Shard, bytes]]:
    """Yield each shard with its file as it is done; at most `at_once` are submitted, so that results do not pile up.

    running: filled with the shards that are submitted and not yet done.
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


_worker_state: dict[str, Plan] = {}  # per process, set by the initializer of the pool


def _pool(workers: int, plan: Plan) -> ProcessPoolExecutor:
    # spawned, since a fork of a process with threads, such as NumPy's, may hang
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_init_worker, initargs=(plan,))


def _submit(pool: ProcessPoolExecutor) -> Callable[[Shard], Future[bytes]]:
    def submit(shard: Shard) -> Future[bytes]:
        with sigint_blocked():
            return pool.submit(_simulate_here, shard)

    return submit


def _init_worker(plan: Plan) -> None:
    init_worker()
    _worker_state["plan"] = plan


def _simulate_here(shard: Shard) -> bytes:
    return simulate_shard(_worker_state["plan"], shard)


def _identity(plan: Plan) -> Plan:
    return plan


def _simulate_remotely(shard: Shard, plan: Plan) -> bytes:
    if _version() != (plan.identity["code"], plan.identity["facts"]):
        raise ModelError(
            f"the worker on {socket.gethostname()} has another version of the program or of its tables; install the "
            f"same everywhere. {_RESUME.capitalize()}"
        )
    return simulate_shard(plan, shard)


@cache
def _version() -> tuple[str, str]:
    return code_hash(), facts.data_hash()


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(cancel_futures=True)


def _deadly(shard: Shard) -> ResultsError:
    points = f"{shard.points.start} to {shard.points.stop - 1}"
    return ResultsError(
        f"points {points}: {_MOST_DEATHS} workers died at these points, one after another; is there enough memory? "
        f"{_RESUME.capitalize()}"
    )
