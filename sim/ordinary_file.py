"""Reading of ordinary files only: a pipe may never answer, and a device never end."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_file(path: Path, largest: int | None = None) -> bytes:
    """Return the content of a file of at most `largest` bytes.

    Raises ValueError if it is not an ordinary file or too large, and OSError if it cannot be opened.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # before opening, since opening a pipe blocks
        raise ValueError("is not an ordinary file")
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is not an ordinary file")
        if largest is None:
            return file.read()
        content = file.read(largest + 1) if status.st_size <= largest else b""
    if (size := max(status.st_size, len(content))) > largest:
        raise ValueError(f"is {size:,} bytes long; at most {largest:,} are read")
    return content
