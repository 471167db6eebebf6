"""Mappings of a program as trees of settings: the same checks as for YAML files, with paths in place of lines.

Each setting is numbered; its place has the number as column, and `with_paths` turns it into a path.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from sim.errors import Mistake, ScenarioError
from sim.scenario.file_kinds import SCENARIO, FileKind
from sim.scenario.syntax_tree import (
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
from sim.scenario.tree_from_yaml import DEEPEST, read_key


def tree_of_mapping(mapping: Mapping[Any, Any], kind: FileKind = SCENARIO) -> tuple[Block, tuple[Mistake, ...]]:
    """Return the tree of a mapping with the keys of a YAML file, and mistakes for values that a setting cannot have.

    ScenarioError if the mapping is empty or nested too deeply.
    """
    reader = _MappingReader(Source(name=kind.name, lines=(), is_file=False))
    if not mapping:
        raise ScenarioError([Mistake(file=kind.name, message=f"holds no settings; begin with {kind.begin}")])
    return reader.block(mapping, "", 1, reader.next_place()), tuple(reader.mistakes)


def with_paths(mistakes: Sequence[Mistake], tree: Block) -> list[Mistake]:
    """Return mistakes in a mapping, given its tree, with paths that count the entries of lists: figures.1.outcome."""
    paths = dict(_paths(tree, ""))
    name = tree.place.source.name
    return [
        replace(each, path=_exact(each.path, paths.get(each.column or 0, "")), column=None)
        if each.file == name and each.line is None
        else each
        for each in mistakes
    ]


def _paths(node: Node, path: str) -> Iterator[tuple[int, str]]:
    yield node.place.column, path
    inside = f"{path}." if path else ""
    match node:
        case Items(items=items):
            for index, item in enumerate(items):
                yield from _paths(item, f"{inside}{index}")
        case Block(entries=entries):
            for key, entry in entries.items():
                yield from _paths(entry.node, f"{inside}{key}")


def _exact(path: str, counted: str) -> str:
    """Return the path of a mistake with the numbers of list entries on the way to its place."""
    names = ".".join(name for name in counted.split(".") if not name.isdecimal())
    if names and (path == names or path.startswith(f"{names}.")):
        return counted + path.removeprefix(names)
    return path


class _MappingReader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.mistakes: list[Mistake] = []

    def next_place(self) -> Place:
        self.count += 1
        return Place(self.source, 1, self.count)

    def block(self, mapping: Mapping[Any, Any], path: str, depth: int, place: Place) -> Block:
        entries: dict[Key, MappingEntry] = {}
        for name, value in mapping.items():
            key = _key(name)
            if key is None:
                self.mistakes.append(place.mistake(f"a key must be a name, not {shortened(repr(name))}", path))
            elif key in entries:
                self.mistakes.append(place.mistake("is given twice; keep one of the two", joined(path, str(key))))
            else:
                node = self.node(value, joined(path, str(key)), depth)
                entries[key] = MappingEntry(node.place, node)
        return Block(entries, place)

    def node(self, value: Any, path: str, depth: int) -> Node:
        place = self.next_place()
        if depth >= DEEPEST:
            raise ScenarioError([*self.mistakes, place.mistake(f"nested more than {DEEPEST} levels deep", path)])
        if hasattr(value, "tolist"):  # a number or an array of NumPy
            value = value.tolist()
        match value:
            case BaseModel():
                return self.block(value.model_dump(by_alias=True), path, depth + 1, place)
            case Mapping():
                return self.block(value, path, depth + 1, place)
            case list() | tuple():
                items = tuple(self.node(each, path, depth + 1) for each in value)
                return Items(items, place)
            case None | bool() | int() | float() | str() | datetime.date() if not isinstance(value, datetime.datetime):
                return Leaf(value, _text(value), place, is_written=False)
        message = f"{type(value).__name__} {shortened(repr(value))} is not a value of a setting"
        self.mistakes.append(place.mistake(message, path))
        return Leaf(None, "", place, is_written=False)


def _key(name: Any) -> Key | None:
    if isinstance(name, datetime.date):
        return None if isinstance(name, datetime.datetime) else name
    if not isinstance(name, str):
        return None
    key = read_key(name)  # 2025-03-26 is a date, as in YAML
    return key if isinstance(key, datetime.date) else name


def _text(value: Value) -> str:
    """Return a value as YAML writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float() if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
        case float() if math.isnan(value):
            return ".nan"
    return str(value)
