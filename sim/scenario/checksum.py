"""Checksums inside text files: a SHA-256 over all bytes of the file, with zeros in place of the checksum."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.ordinary_file import read_file

ZEROS = "0" * 64
LARGEST_MANIFEST = 1 << 26  # bytes
_IN_JSON = re.compile(rb'"seal": "([0-9a-f]{64})"')
_IN_YAML = re.compile(rb"^seal: '([0-9a-f]{64})'$", re.MULTILINE)


def checksum(content: bytes) -> str:
    """Return the SHA-256 of the content of a file, as hex digits."""
    return hashlib.sha256(content).hexdigest()


def sealed(content: bytes) -> bytes:
    """Return the content of a file with its checksum in place of the last 64 zeros."""
    start = content.rindex(ZEROS.encode())
    return content[:start] + checksum(content).encode() + content[start + len(ZEROS) :]


def check_seal(content: bytes, where: re.Pattern[bytes]) -> None:
    """Raise ValueError, with the reason, if the checksum that the pattern finds is not that of the content."""
    seals = list(where.finditer(content))
    if not seals:
        raise ValueError("has no checksum: it is cut short, damaged, or of an older version")
    seal = seals[-1]
    unsealed = content[: seal.start(1)] + ZEROS.encode() + content[seal.end(1) :]
    if checksum(unsealed).encode() != seal[1]:
        raise ValueError("is damaged: its checksum does not fit")


def seal_json(entries: Mapping[str, Any]) -> str:
    """Return entries as the text of a JSON file that ends with its own checksum."""
    text = json.dumps({**entries, "seal": ZEROS}, indent=2, ensure_ascii=False) + "\n"
    return sealed(text.encode()).decode()


def read_sealed_json(path: Path) -> dict[str, Any]:
    """Return the entries of a JSON file with a checksum; ValueError with the reason if it is damaged."""
    content = read_file(path, LARGEST_MANIFEST).replace(b"\r\n", b"\n")  # a checkout may change line ends
    check_seal(content, _IN_JSON)
    entries: dict[str, Any] = json.loads(content)
    return entries


def seal_yaml(text: str) -> str:
    """Return the text of a YAML file with its own checksum as a further key."""
    return sealed(f"{text}seal: '{ZEROS}'\n".encode()).decode()


def check_yaml(text: str) -> None:
    """Raise ValueError, with the reason, if the text of a YAML file does not match its checksum."""
    check_seal(text.replace("\r\n", "\n").encode(), _IN_YAML)
