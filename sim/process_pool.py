"""A pool of processes that ignore Ctrl-C, which the parent process alone handles."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process, resource_tracker
from typing import Any


def process_map[Item, Result](
    workers: int,
    task: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    at_a_time: int = 1,
    initializer: Callable[..., None] | None = None,
    arguments: tuple[Any, ...] = (),
) -> Iterator[Result]:
    """Yield the results of a task for each item, in order, computed by this many processes.

    Parameters
    ----------
    workers : int
        Number of processes. With more than one, a script needs the usual ``if __name__ == "__main__":``.
    task : callable
        Function of one item; it must be picklable.
    items : sequence
        The items.
    at_a_time : int, optional
        Number of items that a process receives at once.
    initializer : callable, optional
        Called with `arguments` when a process starts.
    arguments : tuple, optional
        Arguments of the initializer.

    Notes
    -----
    After an interruption or an error, or when no more results are taken, the processes are ended at once.
    """
    context = get_context("spawn")  # a fork of a process with threads, such as NumPy's, may hang
    others = set(active_children())
    with ProcessPoolExecutor(workers, context, initializer=_init_with, initargs=(initializer, arguments)) as pool:
        with sigint_blocked():
            results = pool.map(task, items, chunksize=at_a_time)
            children = set(active_children()) - others
        try:
            yield from results
        except BaseException:
            for process in children:
                process.kill()
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def sigint_blocked() -> Iterator[None]:
    """Shield the processes that are started in this block from Ctrl-C; this process receives it when the block ends."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    resource_tracker.ensure_running()  # now, since its start unblocks the signal
    received: list[int] = []  # signals that another thread received, which the main thread would handle at once
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, frame: received.append(number)) if is_main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if received:
            signal.raise_signal(signal.SIGINT)


def init_worker() -> None:
    """Prepare a new worker process: it ignores Ctrl-C, which the parent handles, and ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles it, once
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    signal.raise_signal(signal.SIGTERM)


def _init_with(initializer: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    init_worker()
    if initializer is not None:
        initializer(*arguments)
