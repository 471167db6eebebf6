"""Temporary files and folders, renamed when they are complete; those of dead processes are removed.

Each has the machine and the process in its name and is locked while that process lives, so that the next command
removes what a killed one left behind, but never what another process is writing.
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

MARK = ".willing-"  # prefix of the name of a temporary folder
_MACHINE = re.sub(r"[^\w-]", "_", socket.gethostname())
_LEFTOVER = re.compile(rf"\.willing-{_MACHINE}-(\d+)-\w+|\..+\.{_MACHINE}-(\d+)\.part(?:\.\w+)?", re.DOTALL)
_TRIES = 3

_locked: dict[Path, int] = {}  # what this process is writing, with the file descriptor of its lock; -1: no lock


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Yield a new temporary folder, to be filled and renamed; what is left of it is removed.

    Leftovers of dead processes in the parent folder are removed too. Raises OSError if no folder can be created.
    """
    remove_leftovers(parent)
    for _ in range(_TRIES):
        aside = Path(tempfile.mkdtemp(prefix=f"{MARK}{_MACHINE}-{os.getpid()}-", dir=parent))
        if _lock(aside):
            break
    try:
        yield aside
    finally:
        _release(aside)


@contextmanager
def temporary_file(path: Path, *, suffix: str = "") -> Iterator[Path]:
    """Yield the path of a new temporary file beside the given one, to be written and renamed; what is left is removed.

    suffix: of its name, where the suffix decides the format. Raises OSError if no file can be created.
    """
    aside = path.with_name(f".{path.name}.{_MACHINE}-{os.getpid()}.part{suffix}")
    aside.touch()
    _lock(aside)
    try:
        yield aside
    finally:
        _release(aside)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that dead processes of this machine left in a folder."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _LEFTOVER.fullmatch(entry.name)
            if match and Path(entry.path) not in _locked and not entry.is_symlink():
                _remove_if_dead(Path(entry.path), int(match[1] or match[2]))


def remove_all() -> None:
    """Remove all temporary files of this process, which is about to end."""
    for path in list(_locked):
        for _ in range(_TRIES):  # another thread may still be writing there
            _remove(path)
            if not os.path.lexists(path):
                break


def _lock(path: Path) -> bool:
    """Lock a temporary file or folder; False if another process has removed it as a leftover."""
    _locked[path] = -1
    if fcntl is None:
        return True
    try:
        _locked[path] = os.open(path, os.O_RDONLY)
        fcntl.flock(_locked[path], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        _release(path)
        return False
    except OSError:  # a file system without locks
        pass
    return True


def _release(path: Path) -> None:
    _remove(path)
    descriptor = _locked.pop(path, -1)
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
