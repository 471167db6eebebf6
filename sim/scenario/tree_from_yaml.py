"""The tree of settings of a YAML text.

Only the parts of YAML that scenarios need are read: mappings, lists, text, numbers, true and false, null and dates, by
the rules of YAML 1.2 (so NO is Norway). Tags, aliases and merge keys are refused, and depth and size are limited: a
file cannot make the reader run code, or use much time or memory.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from sim.errors import Mistake, ScenarioError
from sim.facts.characters import odd_character
from sim.scenario.file_kinds import SCENARIO, FileKind
from sim.scenario.syntax_tree import (
    UNPRINTABLE,
    Block,
    Items,
    Key,
    Leaf,
    MappingEntry,
    Node,
    Place,
    Source,
    Value,
    joined,
    shortened,
)

DEEPEST = 32  # levels of nesting
MOST_VALUES = 20_000
MOST_LINES = 20_000
LONGEST_LINE = 20_000  # characters
LONGEST_NUMBER = 40  # characters

# ruamel ends lines at these characters too, as YAML 1.1 does, so they are replaced by others while it reads
_HIDDEN = {0x85: 0xE085, 0x2028: 0xE028, 0x2029: 0xE029}
_SHOWN = {hidden: shown for shown, hidden in _HIDDEN.items()}

_NULL = re.compile(r"~|null|Null|NULL|")
_FLAG = re.compile(r"true|True|TRUE|false|False|FALSE")
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]*")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@lru_cache(maxsize=32)
def read_tree(name: str, text: str, kind: FileKind = SCENARIO) -> tuple[Block, tuple[Mistake, ...]]:
    """Return the mapping in the text, and the mistakes that did not prevent reading it.

    ScenarioError if it cannot be read to its end. Results are cached, for sweeps.
    """
    source = Source.of(name, text)
    reader = _TreeReader(source, kind=kind)
    node = reader.read(text)
    top = Place(source)
    if node is None:
        raise ScenarioError([top.mistake(f"holds no settings; begin with {kind.begin}")])
    if not isinstance(node, Block):
        what = "a list" if isinstance(node, Items) else "a single value"
        message = f"holds {what}, not a mapping; begin with {kind.begin}"
        raise ScenarioError([*reader.mistakes, node.place.mistake(message)])
    return node, tuple(reader.mistakes)


def read_value(source: Source, text: str, path: str) -> tuple[Node, list[Mistake]]:
    """Return the value in a text that is a part of the source; ScenarioError if it is malformed."""
    reader = _TreeReader(source, path)
    node = reader.read(text)
    return node if node is not None else Leaf(None, "", Place(source, 1, len(text) + 1)), reader.mistakes


def read_key(text: str) -> Key | None:
    """Return the key that a plain word stands for; None if the word cannot be a key."""
    try:
        value = _value_of(text)
    except ValueError:
        return None
    return value if isinstance(value, (str, datetime.date)) else None


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    place: Place
    path: str
    is_block: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[Key, MappingEntry] = field(default_factory=dict)
    key: tuple[Key | None, Place] | None = None  # the key of the next value; with None inside, the value is dropped

    def closed(self) -> Node:
        return Block(self.entries, self.place) if self.is_block else Items(tuple(self.items), self.place)

    def path_of_next(self) -> str:
        name = self.key[0] if self.is_block and self.key is not None else None
        return joined(self.path, str(name)) if name is not None else self.path


class _TreeReader:
    """Builds the tree from the parser's events, without recursion, and stops at the first thing that is too large."""

    def __init__(self, source: Source, path: str = "", kind: FileKind = SCENARIO) -> None:
        self.source = source
        self.kind = kind
        self.path = path
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._root: Node | None = None

    def read(self, text: str) -> Node | None:
        """Return the tree of the only document, None for an empty one."""
        odd = UNPRINTABLE.search(text)
        if odd is not None:
            raise self._fatal(self._place_at(text, odd.start()), f"an unreadable character, U+{ord(odd[0]):04X}")
        self._check_bulk()
        documents = 0
        values = 0
        for event in self._events(text):
            place = Place(self.source, event.start_mark.line + 1, event.start_mark.column + 1)
            match event:
                case DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise self._fatal(place, f"a second document begins here; {self.kind} is one document")
                    if event.version not in (None, (1, 2)) or event.tags:
                        raise self._fatal(
                            place, f"leave out the lines that begin with %; {self.kind.name}s are YAML 1.2"
                        )
                case ScalarEvent() | AliasEvent():
                    values += 1
                    self._scalar(event, place)
                case MappingStartEvent() | SequenceStartEvent():
                    values += 1
                    self._begin(event, place)
                case CollectionEndEvent():
                    self._add(self._open.pop().closed(), place)
            if values > MOST_VALUES:
                raise self._fatal(place, f"more than {MOST_VALUES:,} keys and values; {self.kind} needs far fewer")
        return self._root

    def _check_bulk(self) -> None:
        """Refuse at once a text that would only be refused after a long time of reading."""
        lines = self.source.lines
        if len(lines) > MOST_LINES:
            raise self._fatal(Place(self.source, MOST_LINES + 1), f"more than {MOST_LINES:,} lines")
        for number, line in enumerate(lines, start=1):
            if len(line) > LONGEST_LINE:
                raise self._fatal(Place(self.source, number), f"a line of more than {LONGEST_LINE:,} characters")

    def _events(self, text: str) -> Iterator[Any]:
        try:
            yield from YAML(typ="safe", pure=True, plug_ins=[]).parse(text.translate(_HIDDEN))
        except MarkedYAMLError as error:
            place, message = self._syntax(error)
            raise self._fatal(place, message) from None
        except (ValueError, OverflowError):  # the parser passes every escape to chr()
            place = self._place_at(text, text.find("\\U"))
            raise self._fatal(place, "an escape that is not a character; characters end at \\U0010FFFF") from None

    def _begin(self, event: Any, place: Place) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and top.is_block and top.key is None:
            raise self._fatal(place, "a key must be a name, not a list or a mapping")
        if len(self._open) >= DEEPEST:
            raise self._fatal(place, f"nested more than {DEEPEST} levels deep")
        path = top.path_of_next() if top is not None else self.path
        self._check_tag(event, place, path)
        self._open.append(_Open(place, path, is_block=isinstance(event, MappingStartEvent)))

    def _scalar(self, event: Any, place: Place) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and top.is_block and top.key is None:
            top.key = (self._key(event, place, top), place)
            return
        path = top.path_of_next() if top is not None else self.path
        if not event.end_mark.index - event.start_mark.index and top is not None and top.key is not None:
            place = top.key[1]  # an empty value has the place of its key, not of the next event
        if isinstance(event, AliasEvent):
            message = f"aliases such as *{shortened(event.anchor)} are not read; write the value out"
            self._add(self._rejected(place, message, path), place)
            return
        self._check_tag(event, place, path)
        text = event.value.translate(_SHOWN)
        value: Value = text
        if event.style is None:
            try:
                value = _value_of(text)
            except ValueError as error:
                self._add(self._rejected(place, str(error), path), place)
                return
        self._add(Leaf(value, text, place), place)

    def _key(self, event: Any, place: Place, block: _Open) -> Key | None:
        """Return the key; None, and a mistake, if it is not valid."""
        if isinstance(event, AliasEvent):
            self._rejected(place, "an alias cannot be a key; write the name out", block.path)
            return None
        self._check_tag(event, place, block.path)
        plain_text = event.style is None
        text = event.value.translate(_SHOWN)
        if plain_text and text == "<<":
            self._rejected(place, "merge keys (<<) are not read; use `extends`, or write the values out", block.path)
            return None
        key: Key | None = read_key(text) if plain_text else text
        if key is None:
            self._rejected(place, _no_key(text), block.path)
            return None
        if key in block.entries:
            first = block.entries[key].key.line
            path = joined(block.path, str(key))
            self._rejected(place, f"given twice, first in line {first}; keep one of the two", path)
            return None
        return key

    def _add(self, node: Node, place: Place) -> None:
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        if not top.is_block:
            top.items.append(node)
            return
        if top.key is None:
            raise self._fatal(place, "a key must be a name, not a list or a mapping")
        key, key_place = top.key
        top.key = None
        if key is not None:
            top.entries[key] = MappingEntry(key_place, node)

    def _check_tag(self, event: Any, place: Place, path: str) -> None:
        if event.tag is not None:
            written = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self._rejected(place, f"tags such as {shortened(written)} are not read; leave it out", path)

    def _rejected(self, place: Place, message: str, path: str) -> Leaf:
        self.mistakes.append(place.mistake(message, path))
        return Leaf(None, "", place)

    def _fatal(self, place: Place, message: str) -> ScenarioError:
        return ScenarioError([*self.mistakes, place.mistake(message, self.path)])

    def _place_at(self, text: str, position: int) -> Place:
        before = re.split(r"\r\n|\n|\r", text[:position])
        return Place(self.source, len(before), len(before[-1]) + 1)

    def _syntax(self, error: MarkedYAMLError) -> tuple[Place, str]:
        """Return the place at which the parser stopped and the reason, in plain words."""
        place, problem = self._where_and_why(error)
        line = self.source.lines[place.line - 1] if place.line <= len(self.source.lines) else ""
        odd = odd_character(line, invisible_only=True) if "a tab" not in problem else ""
        return place, f"{problem}; the line holds {odd}" if odd else problem

    def _where_and_why(self, error: MarkedYAMLError) -> tuple[Place, str]:
        problem = error.problem or "not YAML"
        mark = error.problem_mark or error.context_mark
        for sign, words, where_it_began in _SYNTAX:
            if sign in f"{error.context or ''}: {problem}":
                problem = words
                if where_it_began and error.context_mark is not None:
                    mark = error.context_mark
                break
        if mark is None:
            return Place(self.source), problem
        lines = self.source.lines
        if mark.line >= len(lines) and lines:  # the end of the text
            return Place(self.source, len(lines), len(lines[-1]) + 1), problem
        return Place(self.source, mark.line + 1, mark.column + 1), problem


# part of the parser's message, our message, and whether to point to where the construct begins
_SYNTAX = (
    ("'\\t' that cannot start", "a tab; indent with spaces", False),
    ("quoted scalar: found unexpected end", "a quote that is never closed", True),
    ("quoted scalar: found unexpected document", "a quote that is never closed", True),
    ("expected ',' or ']'", "a [ that is never closed, or a comma that is missing", True),
    ("expected ',' or '}'", "a { that is never closed, or a comma that is missing", True),
    ("mapping values are not allowed", "a ':' does not fit here; fix the indentation, or quote the text", False),
    ("could not find expected ':'", "no ':' follows this key", True),
    ("expected <block end>", "does not line up with the lines above; look at the indentation", False),
    ("that cannot start any token", "text that begins with this character needs quotes", False),
    ("unknown escape", "a backslash in double quotes begins an escape; use single quotes", False),
    ("expected escape sequence", "a backslash in double quotes begins an escape; use single quotes", False),
    ("undefined tag handle", "tags (words that begin with !) are not read; leave it out or use quotes", False),
    ("undefined alias", "aliases (words that begin with *) are not read; write the value out or use quotes", False),
)


def _value_of(text: str) -> Value:
    """Return the value of a word without quotes in YAML 1.2; ValueError for a number out of all bounds."""
    if _NULL.fullmatch(text):
        return None
    if _FLAG.fullmatch(text):
        return text.lower() == "true"
    if _DATE.fullmatch(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text} is not a day of the calendar") from None
    if _INFINITE.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    if _NOT_A_NUMBER.fullmatch(text):
        return math.nan
    is_whole = _WHOLE.fullmatch(text) is not None
    is_based = not is_whole and _BASED.fullmatch(text) is not None
    if not (is_whole or is_based or _REAL.fullmatch(text)):
        return text
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} characters; give at most {LONGEST_NUMBER}")
    digits = text.replace("_", "")
    if is_whole:
        return int(digits)
    if is_based:
        return int(digits, 0)
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{text} is too large for a number")
    return number


def _no_key(text: str) -> str:
    if _DATE.fullmatch(text):
        return f"{text} is not a day of the calendar"
    if re.fullmatch(r"\d{3}", text):
        return f"a key must be a name, not {text}; write a number such as 25,000 without its comma"
    return f"a key must be a name, not {shortened(text) or 'nothing'}; put it in quotes if it is one"
