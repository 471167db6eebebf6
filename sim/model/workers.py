"""Sharing work among processes, which answer no interruption themselves: the parent does, once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from typing import Any


def shared[Item, Result](
    workers: int,
    task: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    at_a_time: int = 1,
    sit_down: Callable[..., None] | None = None,
    given: tuple[Any, ...] = (),
) -> Iterator[Result]:
    """Yield what the task makes of each item, in their order, done by this many processes.

    at_a_time: items handed to a process at once. sit_down is called with what is given in each process as it starts.
    On an interruption or an error, or when nobody wants more results, the processes are ended at once. A script that
    asks for more than one worker needs the usual `if __name__ == "__main__":`.
    """
    context = get_context("spawn")  # a fork of a process with threads, such as NumPy's, may hang
    others = set(active_children())
    with ProcessPoolExecutor(workers, context, initializer=sit_down, initargs=given) as pool:
        with _deaf_to_interruptions():
            results = pool.map(task, items, chunksize=at_a_time)
            hands = set(active_children()) - others
        try:
            yield from results
        except BaseException:
            with _deaf_to_interruptions():  # a second Ctrl-C, of somebody impatient, must not leave them behind
                for process in hands:
                    process.terminate()
                pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _deaf_to_interruptions() -> Iterator[None]:
    """Ignore Ctrl-C for a while, and let processes that start now ignore it from their first breath."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
