"""How rules are compiled, and where what was compiled is kept: nothing stale and nothing damaged is ever taken.

Numba's own cache looks at the file of a compiled function, not at what that takes from other files, and believes every
byte that it finds (docs/adr/0003).
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
from sim.source import code_hash

_VERSIONS = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
_DIGEST = hashlib.sha256().digest_size

_notes: list[str] = []


class _Watch(event.Listener):
    """Notifies its listeners when something is compiled rather than read from the cache."""

    def on_start(self, event: Any) -> None:
        compile_time.begin()

    def on_end(self, event: Any) -> None:
        compile_time.end()


event.register("numba:compile", _Watch())


def take_notes() -> list[str]:
    """Return messages about code found damaged or not kept since the last call."""
    found = list(dict.fromkeys(_notes))
    _notes.clear()
    return found


def njit(*, cache: bool = False, **options: Any) -> Callable[[Any], Any]:
    """Return a decorator that compiles a function as `numba.njit` does.

    Parameters
    ----------
    cache
        Whether to keep what was compiled for later processes.
    options
        Those of `numba.njit`.
    """

    def decorate(function: Any) -> Any:
        compiled = numba.njit(**options)(function)
        if cache:
            compiled._cache = KeptCode(function)
        return compiled

    return decorate


class KeptCode(FunctionCache):
    """What was compiled of one function: a file for each signature, with a checksum, in a folder for each text."""

    def __init__(self, function: Any) -> None:
        # not super().__init__, which fails where its own folders cannot be written to
        self._py_func = function
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._package = function.__module__.split(".")[1]
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder that is tried first."""
        return str(next(folders(self._package), ""))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, None if that is nowhere or damaged."""
        target_context.refresh()
        if self._enabled:
            for folder in folders(self._package):
                kept = _read(folder / self._file(sig, target_context.codegen()))
                if kept is not None:
                    return CompileResult._rebuild(target_context, *kept)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature in the first folder that can be written to."""
        if not self._enabled or data.lifted or data.library.has_dynamic_globals:
            return
        content, failed = dumps(data._reduce()), ""  # in words, why it could not be kept where it belongs
        for folder in folders(self._package):
            try:
                _write(folder / self._file(sig, data.codegen), content)
            except OSError as error:
                failed = failed or f"{folder}: cannot write there: {error.strerror}"
                continue
            if failed:
                _notes.append(f"{failed}; compiled code is kept in {folder}")
            return
        _notes.append(
            f"{failed or 'there is no cache folder'}; compiled code is not kept, and the next command compiles it again"
        )

    def flush(self) -> None:
        """Forget nothing: another text of the rules has another folder."""

    def _file(self, signature: Any, codegen: Any) -> str:
        key = repr(self._index_key(signature, codegen))  # with the processor, for which the code was made
        return f"{self._name}.{hashlib.sha256(key.encode()).hexdigest()[:24]}.code"


def folders(package: str) -> Iterator[Path]:
    """Yield where compiled functions of a subpackage are kept: the user's folder, then one for temporary files.

    Each ends with a hash of all that is compiled into them, and of the versions of what compiles it. NUMBA_CACHE_DIR,
    if it is set and not empty, stands for the user's cache folder. A folder that somebody else could have filled is
    passed over, unless the user names it.
    """
    own, home = os.environ.get("NUMBA_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    user, text = os.getuid() if hasattr(os, "getuid") else 0, _text_of(package)
    if own or os.path.isabs(home):  # it is not where a user has no home
        yield Path(own or home) / "willing" / text
    with suppress(OSError):  # where there is no folder for temporary files
        yield Path(tempfile.gettempdir()) / f"willing-{user}" / text


@cache
def _text_of(package: str) -> str:
    """Return a short hash of all that may be compiled into a function of a subpackage."""
    parts = code_hash(*{"theory", "ensemble", package}), *_VERSIONS
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(path: Path) -> Any:
    """Return what a file of compiled code holds; None if it is not there, or was damaged and has been removed."""
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
    """Write a file of compiled code with its checksum: aside first, then moved to its name; OSError if it cannot be."""
    home = path.parent.parent
    home.mkdir(parents=True, exist_ok=True, mode=0o777 if _is_named(home) else 0o700)
    if not _is_trusted(home):
        raise PermissionError(errno.EACCES, "it belongs to another user")
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.part")
    try:
        aside.write_bytes(_digest(path, content) + content)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


def _digest(path: Path, content: bytes) -> bytes:
    """Return a checksum of a file's content and name, so that none is taken for another."""
    return hashlib.sha256(path.name.encode() + content).digest()


def _is_named(home: Path) -> bool:
    """Return whether the user has named the folder that a folder for compiled code lies in."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return bool(named) and home.parent == Path(str(named))


def _is_trusted(home: Path) -> bool:
    """Return whether nobody else can have put code there: it is the user's, or the user has named it."""
    return _is_named(home) or not hasattr(os, "getuid") or home.stat().st_uid == os.getuid()
