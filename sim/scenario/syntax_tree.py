"""The settings of a scenario as a tree in which every key and every value has its place."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from sim.errors import Mistake

WIDEST_LINE = 160  # characters of a line that an error shows
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAKING = re.compile("[\x85\u2028\u2029]")  # terminals may begin a new line after these

type Value = str | int | float | bool | datetime.date | None
type Key = str | datetime.date
type Node = Leaf | Items | Block


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The source of settings: a file, a mapping of a program, or one --set of the command line."""

    name: str
    lines: tuple[str, ...]
    is_file: bool = True  # otherwise its places have no line numbers
    is_setting: bool = False  # one --set

    @classmethod
    def of(cls, name: str, text: str, *, is_setting: bool = False) -> Source:
        """Return the source of a text, split into lines as YAML counts them."""
        return cls(name, lines_of(text), is_file=not is_setting, is_setting=is_setting)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source: line and column counted from 1."""

    source: Source
    line: int = 1
    column: int = 1

    def mistake(self, message: str, path: str = "") -> Mistake:
        """Return a mistake at this place, with the line to print under it."""
        lines = self.source.lines
        text = _shown_line(lines[self.line - 1]) if 0 < self.line <= len(lines) else ""
        return Mistake(
            file=self.source.name,
            message=_BREAKING.sub("?", message),
            path=_BREAKING.sub("?", path),
            line=self.line if self.source.is_file else None,
            column=self.column,
            text=text if text.strip() and self.column <= WIDEST_LINE else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One value: text, a number, true or false, a date, or null."""

    value: Value
    text: str  # as it is written, without quotes
    place: Place
    is_written: bool = True  # in a file or setting; not computed, such as the levels of a range


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class MappingEntry:
    """One key of a mapping: its place and its value."""

    key: Place
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A mapping, in the order of its file."""

    entries: dict[Key, MappingEntry]
    place: Place


def lines_of(text: str) -> tuple[str, ...]:
    r"""Return the lines of a text, which end only at \n, \r\n and \r, as in YAML 1.2."""
    lines = re.split(r"\r\n|\n|\r", text)
    return tuple(lines if lines[-1] else lines[:-1])


def to_builtins(node: Node) -> Any:
    """Return the tree as dicts, lists and values; keys that are dates as text."""
    match node:
        case Leaf(value=value):
            return value
        case Items(items=items):
            return [to_builtins(item) for item in items]
        case Block(entries=entries):
            return {str(key): to_builtins(entry.node) for key, entry in entries.items()}


def joined(path: str, name: str) -> str:
    """Return the path of a setting inside a block."""
    return f"{path}.{shortened(name)}" if path else shortened(name)


def shortened(text: str, longest: int = 40) -> str:
    """Return the text for a message: printable, on one line, and short."""
    shown = _BREAKING.sub("?", UNPRINTABLE.sub("?", text.replace("\n", " ")))
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def _shown_line(line: str) -> str:
    shown = _BREAKING.sub("?", UNPRINTABLE.sub("?", line.rstrip().replace("\t", " ")))
    return shown if len(shown) <= WIDEST_LINE else shown[: WIDEST_LINE - 3] + "..."
