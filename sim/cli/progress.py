"""How far a long command has come: a bar on a terminal, a plain line now and then elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PATIENCE = 2.0  # seconds before anything is said
_EVERY = 10.0  # seconds between two plain lines


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many steps were just finished, and show how far they have come."""
    if sys.stderr.isatty():
        with _bar(what, total) as tell:
            yield tell
    else:
        yield _plain_lines(what, total)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _plain_lines(what: str, total: int) -> Callable[[int], None]:
    started = time.monotonic()
    said, finished = started + _PATIENCE - _EVERY, 0

    def tell(done: int) -> None:
        nonlocal said, finished
        finished += done
        now = time.monotonic()
        if now - said >= _EVERY and finished < total:
            said = now
            left = (now - started) / finished * (total - finished)
            guess = f", about {left:.0f} s left" if finished >= total / 20 else ""  # earlier ones mislead
            print(f"{what}: {finished:,} of {total:,}{guess}", file=sys.stderr, flush=True)

    return tell
