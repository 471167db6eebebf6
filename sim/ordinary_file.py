"""Reading a file that was named: only an ordinary one, since a pipe may never answer and a device never end."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_file(path: Path, largest: int | None = None) -> bytes:
    """Return the content of a file; ValueError if it is not an ordinary one or too large, OSError if it is not there.

    largest: bytes that it may have.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # before opening: to open a pipe is to wait
        raise ValueError("is not an ordinary file")
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is not an ordinary file")
        if largest is None:
            return file.read()
        content = file.read(largest + 1) if found.st_size <= largest else b""
    if (size := max(found.st_size, len(content))) > largest:
        raise ValueError(f"is {size:,} bytes long; at most {largest:,} are read")
    return content
