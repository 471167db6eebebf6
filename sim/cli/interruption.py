"""Ctrl-C, kill and a closed terminal: the command leaves at once with its processes, and nothing stays half written.

No exception is thrown for it, since one that is raised inside a callback of a library, such as the compiler's, is
lost. A thread hears of the signal instead, which needs no help from whatever the command is doing.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NOTHING_LOST = "Interrupted; nothing was left half written."
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_SHOW_THE_CURSOR = "\r\x1b[2K\x1b[?25h"  # after a bar of progress, which hides it
_PATIENCE = 1.0  # seconds that somebody who reads stderr is given

_words: list[Callable[[], str]] = []
_heard: list[int] = []  # signals
_cleared: list[int] = []  # the signal, once nothing is left to be cleared away
_for_ever = _thread.allocate_lock()


def watch() -> None:
    """Let an interruption end this process, whatever it is doing; signals that were set to be ignored stay ignored.

    For the process of a command only: a script or a notebook gets KeyboardInterrupt as usual. Windows does, too.
    """
    if os.name != "posix":
        return
    hears, tells = os.pipe()
    os.set_blocking(tells, False)
    _for_ever.acquire()
    for number in (getattr(signal, name) for name in _SIGNALS):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _wait_for_the_end)
    signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
    _thread.start_new_thread(_listen, (hears,))


@contextmanager
def last_words(words: Callable[[], str]) -> Iterator[None]:
    """Print this text, composed only then, if the command is interrupted meanwhile."""
    _words.append(words)
    try:
        yield
    finally:
        _words.pop()


def _listen(hears: int) -> None:
    while True:
        for number in os.read(hears, 64):
            if (
                signal.getsignal(number) is _wait_for_the_end
            ):  # else somebody else answers it, as the page's server does
                _leave(number)


def _wait_for_the_end(number: int, frame: FrameType | None) -> None:
    """Keep the main thread from continuing; a second signal ends the process without a message."""
    _heard.append(number)
    if len(_heard) > 1 and _cleared:
        os._exit(128 + number)
    _for_ever.acquire()


def _leave(number: int) -> None:
    # only what was imported before: the main thread may be in the middle of an import, and never leave it
    try:
        for child in getattr(sys.modules.get("multiprocessing.process"), "active_children", tuple)():
            child.kill()
        getattr(sys.modules.get("sim.results.atomic"), "remove_all", tuple)()
        _cleared.append(number)
        text = f"\n{_said()}\n"
        if os.isatty(2):
            text = _SHOW_THE_CURSOR + text
        if select.select([], [2], [], _PATIENCE)[1]:
            os.write(2, text.encode(errors="replace"))
    finally:
        os._exit(128 + number)


def _said() -> str:
    try:
        return _words[-1]()
    except (IndexError, OSError, RuntimeError, ValueError):
        return NOTHING_LOST
