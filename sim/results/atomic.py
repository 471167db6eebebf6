"""Files and folders that are written aside before they are moved to their names, and what dead processes left of them.

Each carries the machine and the process in its name and is locked while that process lives, so that the next command
can remove what a killed one left, and never what somebody is writing.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # on Windows, where leftovers stay
    fcntl = None  # type: ignore[assignment]

MARK = ".willing-"  # how the name of a folder aside begins
_MACHINE = re.sub(r"[^\w-]", "_", socket.gethostname())
_LEFTOVER = re.compile(rf"\.willing-{_MACHINE}-(\d+)-\w+|\..+\.{_MACHINE}-(\d+)\.part(?:\.\w+)?", re.DOTALL)
_TRIES = 3

_held: dict[Path, int] = {}  # what this process is writing, with the descriptor that holds its lock; -1: none


@contextmanager
def folder_aside(parent: Path) -> Iterator[Path]:
    """Give a new folder in another one, to be filled and moved to its name; what is left of it goes away.

    Leftovers of dead processes in the same place are removed. Raises OSError where no folder can be made.
    """
    clear_leftovers(parent)
    for _ in range(_TRIES):
        aside = Path(tempfile.mkdtemp(prefix=f"{MARK}{_MACHINE}-{os.getpid()}-", dir=parent))
        if _hold(aside):
            break
    try:
        yield aside
    finally:
        _let_go(aside)


@contextmanager
def file_aside(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Give the path of a new file beside another one, to be written and moved to its name; what is left goes away.

    suffix: how its name ends, where that tells the format. Raises OSError where no file can be made.
    """
    aside = path.with_name(f".{path.name}.{_MACHINE}-{os.getpid()}.part{suffix}")
    aside.touch()
    _hold(aside)
    try:
        yield aside
    finally:
        _let_go(aside)


def clear_leftovers(folder: Path) -> None:
    """Remove what processes of this machine that have ended left half written in a folder."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _LEFTOVER.fullmatch(entry.name)
            if match and Path(entry.path) not in _held and not entry.is_symlink():
                _remove_if_dead(Path(entry.path), int(match[1] or match[2]))


def remove_all() -> None:
    """Remove whatever this process is writing aside; for a process that is about to end."""
    for path in list(_held):
        for _ in range(_TRIES):  # another thread may be writing there
            _remove(path)
            if not os.path.lexists(path):
                break


def _hold(path: Path) -> bool:
    """Lock what is being written; False if another process took it for a leftover in the meantime."""
    _held[path] = -1
    if fcntl is None:
        return True
    try:
        _held[path] = os.open(path, os.O_RDONLY)
        fcntl.flock(_held[path], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        _let_go(path)
        return False
    except OSError:  # a file system without locks
        pass
    return True


def _let_go(path: Path) -> None:
    _remove(path)
    descriptor = _held.pop(path, -1)
    if descriptor >= 0:
        os.close(descriptor)


def _remove_if_dead(path: Path, process: int) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lives = False
    except BlockingIOError:
        lives = True
    except OSError:  # a file system without locks
        lives = _lives(process)
    if not lives:
        _remove(path)
    os.close(descriptor)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
