"""Sharing work among processes, which answer no interruption themselves: the parent does, once."""

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
    given: tuple[Any, ...] = (),
) -> Iterator[Result]:
    """Yield what the task makes of each item, in their order, done by this many processes.

    at_a_time: items handed to a process at once. initializer is called with what is given in each process as it starts.
    On an interruption or an error, or when nobody wants more results, the processes are ended at once. A script that
    asks for more than one worker needs the usual `if __name__ == "__main__":`.
    """
    context = get_context("spawn")  # a fork of a process with threads, such as NumPy's, may hang
    others = set(active_children())
    with ProcessPoolExecutor(workers, context, initializer=_init_with, initargs=(initializer, given)) as pool:
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
    """Let no Ctrl-C reach the processes that are started now; this one hears it a moment later, and answers for all."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    resource_tracker.ensure_running()  # which would let it through again while it starts
    heard: list[int] = []  # by another thread of this process, for which the main one would have to answer at once
    here = threading.current_thread() is threading.main_thread()
    answer = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number)) if here else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        if here:
            signal.signal(signal.SIGINT, answer)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def init_worker() -> None:
    """Prepare a process that was just started to work for another: leave interruptions to it, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers, once
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    signal.raise_signal(signal.SIGTERM)


def _init_with(initializer: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    init_worker()
    if initializer is not None:
        initializer(*given)
