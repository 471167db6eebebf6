"""Compilation of the rules with numba, and a cache of compiled code that is never stale or damaged.

Numba's own cache checks the file of a compiled function, but not the other files that it is compiled from, and has no
checksums (docs/adr/0003).
"""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import event
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from sim import compile_time
from sim.source_hash import code_hash

_VERSIONS = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
_DIGEST = hashlib.sha256().digest_size

_notes: list[str] = []


class _Watch(event.Listener):
    """Measures the time during which numba compiles."""

    def on_start(self, event: Any) -> None:
        compile_time.begin()

    def on_end(self, event: Any) -> None:
        compile_time.end()


event.register("numba:compile", _Watch())


def take_notes() -> list[str]:
    """Return the messages since the last call about compiled code that was damaged or could not be stored."""
    notes = list(dict.fromkeys(_notes))
    _notes.clear()
    return notes


def njit(*, cache: bool = False, **options: Any) -> Callable[[Any], Any]:
    """Return a decorator that compiles a function as `numba.njit` does.

    Parameters
    ----------
    cache
        Whether to store the compiled code for later processes.
    options
        Options of `numba.njit`.
    """

    def decorate(function: Any) -> Any:
        compiled = numba.njit(**options)(function)
        if cache:
            compiled._cache = KeptCode(function)
        return compiled

    return decorate


class KeptCode(FunctionCache):
    """The stored code of one function: a file with a checksum per signature, in a folder per version of the code."""

    def __init__(self, function: Any) -> None:
        # not super().__init__, which fails where its own folders cannot be written to
        self._py_func = function
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._package = function.__module__.split(".")[1]
        self.enable()

    @property
    def cache_path(self) -> str:
        """The first folder that is tried."""
        return str(next(folders(self._package), ""))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled code for a signature; None if it is not stored or is damaged."""
        target_context.refresh()
        if self._enabled:
            for folder in folders(self._package):
                stored = _read(folder / self._file(sig, target_context.codegen()))
                if stored is not None:
                    return CompileResult._rebuild(target_context, *stored)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store the compiled code for a signature in the first writable folder."""
        if not self._enabled or data.lifted or data.library.has_dynamic_globals:
            return
        content, failed = dumps(data._reduce()), ""  # the reason why the first folder could not be used
        for folder in folders(self._package):
            try:
                _write(folder / self._file(sig, data.codegen), content)
            except OSError as error:
                failed = failed or f"{folder}: cannot write there: {error.strerror}"
                continue
            if failed:
                _notes.append(f"{failed}; compiled code is stored in {folder}")
            return
        _notes.append(
            f"{failed or 'there is no cache folder'}; compiled code is not stored; the next command compiles it again"
        )

    def flush(self) -> None:
        """Do nothing: each version of the code has a folder of its own."""

    def _file(self, signature: Any, codegen: Any) -> str:
        key = repr(self._index_key(signature, codegen))  # includes the processor
        return f"{self._name}.{hashlib.sha256(key.encode()).hexdigest()[:24]}.code"


def folders(package: str) -> Iterator[Path]:
    """Yield the folders for the compiled functions of a subpackage: in the user's cache, then among temporary files.

    The last part is a hash of all code that is compiled into them and of the versions of the compilers.
    NUMBA_CACHE_DIR, if set and not empty, replaces the user's cache folder. A folder that another user could have
    written to is skipped, unless NUMBA_CACHE_DIR names it.
    """
    own, home = os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    user, text = os.getuid() if hasattr(os, "getuid") else 0, _text_of(package)
    if own or os.path.isabs(home):  # not absolute if the user has no home folder
        yield Path(own or home) / "willing" / text
    with suppress(OSError):  # raised if there is no folder for temporary files
        yield Path(tempfile.gettempdir()) / f"willing-{user}" / text


@cache
def _text_of(package: str) -> str:
    """Return a short hash of all code that may be compiled into a function of a subpackage."""
    parts = code_hash(*{"theory", "ensemble", package}), *_VERSIONS
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(path: Path) -> Any:
    """Return the content of a file of compiled code; None if it does not exist, or was damaged and is now removed."""
    try:
        if not _is_trusted(path.parent.parent):
            return None
        content = path.read_bytes()
    except OSError:
        return None
    if _digest(path, content[_DIGEST:]) != content[:_DIGEST]:
        _notes.append(f"{path}: compiled code was damaged; it is compiled again")
        with suppress(OSError):
            path.unlink()
        return None
    return pickle.loads(content[_DIGEST:])


def _write(path: Path, content: bytes) -> None:
    """Write a file of compiled code with its checksum, first under a temporary name; OSError if that fails."""
    home = path.parent.parent
    home.mkdir(parents=True, exist_ok=True, mode=0o777 if _is_named(home) else 0o700)
    if not _is_trusted(home):
        raise PermissionError(errno.EACCES, "it belongs to another user")
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    try:
        temporary.write_bytes(_digest(path, content) + content)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _digest(path: Path, content: bytes) -> bytes:
    """Return a checksum of the content and the name of a file, so that files cannot be exchanged."""
    return hashlib.sha256(path.name.encode() + content).digest()


def _is_named(home: Path) -> bool:
    """Return whether the parent folder is the one that NUMBA_CACHE_DIR names."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return bool(named) and home.parent == Path(str(named))


def _is_trusted(home: Path) -> bool:
    """Return whether only this user can have written to the folder, or NUMBA_CACHE_DIR names it."""
    return _is_named(home) or not hasattr(os, "getuid") or home.stat().st_uid == os.getuid()
