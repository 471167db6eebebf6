"""The time that this process has spent compiling, and a clock that stops meanwhile, for rates and estimates."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_lock = threading.Lock()
_listeners: list[Callable[[], object]] = []
_depth = 0  # functions that are being compiled: one may need another
_since = 0.0
_seconds = 0.0


def listen(listener: Callable[[], object]) -> None:
    """Register a listener that is called whenever compilation begins."""
    _listeners.append(listener)


def begin() -> None:
    """Record that the compilation of a function begins."""
    global _depth, _since
    with _lock:
        _depth += 1
        first = _depth == 1
        if first:
            _since = time.monotonic()
    for listener in _listeners if first else ():
        listener()


def end() -> None:
    """Record that the compilation of a function has ended."""
    global _depth, _seconds
    with _lock:
        _depth -= 1
        if _depth == 0:
            _seconds += time.monotonic() - _since


def seconds() -> float:
    """Return the seconds that this process has spent compiling so far."""
    with _lock:
        return _seconds + (time.monotonic() - _since if _depth else 0.0)


def clock() -> float:
    """Return the seconds of a clock that stops during compilation."""
    return time.monotonic() - seconds()
