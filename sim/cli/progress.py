"""Progress of a long command on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim import compile_time
from sim.compile_time import clock

_PATIENCE = 2.0  # seconds before the first line
_EVERY = 10.0  # seconds between two lines
_WORTH_A_WORD = 0.5  # seconds


@contextmanager
def progress(what: str, total: int, unit: str = "") -> Iterator[Callable[[int], None]]:
    """Yield a callback for the number of steps that were just finished, and show progress meanwhile.

    unit: the name of a step; if given, the rate is shown.
    """
    compiled_before = compile_time.seconds()
    if sys.stderr.isatty():
        with _bar(what, total, unit) as on_progress:
            yield on_progress
    else:
        yield _plain_lines(what, total, unit)
    say_compiled(compile_time.seconds() - compiled_before)


def say_compiled(seconds: float) -> None:
    """Print the duration of compilation, if it was noticeable."""
    if seconds >= _WORTH_A_WORD:
        _say(f"Compiled in {seconds:.0f} s.")


def _say_compiling() -> None:
    """Explain once why nothing seems to happen."""
    if not _said:
        _said.append(True)
        _say("Compiling the rules, once after installation or a change of the code; about half a minute ...")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")  # line and newline in one call, so that an interruption cannot separate them
    sys.stderr.flush()


_said: list[bool] = []
compile_time.listen(_say_compiling)


@contextmanager
def _bar(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = (TextColumn("{task.fields[rate]}"),) if unit else ()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *rate, TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, get_time=clock) as bar:
        task = bar.add_task(what, total=total, rate="")
        started = clock()

        def on_progress(done: int) -> None:
            bar.advance(task, done)
            seconds = max(clock() - started, 1e-9)
            bar.update(task, rate=f"{bar.tasks[task].completed / seconds:,.0f} {unit}/s")

        yield on_progress


def _plain_lines(what: str, total: int, unit: str) -> Callable[[int], None]:
    started = clock()
    last, finished = started + _PATIENCE - _EVERY, 0

    def on_progress(done: int) -> None:
        nonlocal last, finished
        finished += done
        now = clock()
        if now - last >= _EVERY and finished < total:
            last = now
            left = (now - started) / finished * (total - finished)
            estimate = f", about {left:.0f} s left" if finished >= total / 20 else ""  # earlier estimates mislead
            rate = f" {unit}, {finished / (now - started):,.0f}/s" if unit else ""
            print(f"{what}: {finished:,} of {total:,}{rate}{estimate}", file=sys.stderr, flush=True)

    return on_progress
