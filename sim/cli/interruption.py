"""Ctrl-C, kill and a closed terminal end a command and its processes at once, and leave nothing half written.

A signal raises no exception here, because an exception inside a callback of a library, such as the compiler's, is lost.
A thread receives the signal instead, whatever the command is doing.
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

NOTHING_LOST = "Interrupted; no incomplete files are left."
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_SHOW_CURSOR = "\r\x1b[2K\x1b[?25h"  # after a progress bar, which hides it
_PATIENCE = 1.0  # seconds to wait for a reader of stderr

_messages: list[Callable[[], str]] = []
_received: list[int] = []  # signals
_cleaned_up: list[int] = []  # the signal, once the temporary files are removed
_forever = _thread.allocate_lock()


def watch() -> None:
    """Let a signal end this process, whatever it is doing; signals that are set to be ignored stay ignored.

    Only for the process of a command: a script or a notebook gets KeyboardInterrupt as usual, and so does Windows.
    """
    if os.name != "posix":
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    _forever.acquire()
    for number in (getattr(signal, name) for name in _SIGNALS):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _block_until_exit)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    _thread.start_new_thread(_listen, (reader,))


@contextmanager
def on_interruption(message: Callable[[], str]) -> Iterator[None]:
    """Print this message, composed at that moment, if the command is interrupted inside the block."""
    _messages.append(message)
    try:
        yield
    finally:
        _messages.pop()


def _listen(reader: int) -> None:
    while True:
        for number in os.read(reader, 64):
            if signal.getsignal(number) is _block_until_exit:  # otherwise another handler acts, as the page's server
                _exit(number)


def _block_until_exit(number: int, frame: FrameType | None) -> None:
    """Stop the main thread; a second signal ends the process without a message."""
    _received.append(number)
    if len(_received) > 1 and _cleaned_up:
        os._exit(128 + number)
    _forever.acquire()


def _exit(number: int) -> None:
    # use only modules that are imported already: the main thread may be stuck in the middle of an import
    try:
        for child in getattr(sys.modules.get("multiprocessing.process"), "active_children", tuple)():
            child.kill()
        getattr(sys.modules.get("sim.results.atomic"), "remove_all", tuple)()
        _cleaned_up.append(number)
        text = f"\n{_message()}\n"
        if os.isatty(2):
            text = _SHOW_CURSOR + text
        if select.select([], [2], [], _PATIENCE)[1]:
            os.write(2, text.encode(errors="replace"))
    finally:
        os._exit(128 + number)


def _message() -> str:
    try:
        return _messages[-1]()
    except (IndexError, OSError, RuntimeError, ValueError):
        return NOTHING_LOST
