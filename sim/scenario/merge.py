"""Merging of a scenario with the one that it extends.

Mappings are merged key by key; numbers, words and lists are replaced. A quantity with the key `process` is a new
process and replaces the old one as a whole, and so does a relation with the key `others`. Null removes entries that
can be removed.
"""

from __future__ import annotations

import datetime

from sim.errors import Mistake
from sim.scenario.suggestions import did_you_mean
from sim.scenario.syntax_tree import Block, Key, Leaf, MappingEntry, Node, joined

# never inherited: each scenario has its own question
OWN = ("name", "question", "about", "sources")

_TAKEN_OFF_BY_NULL = (
    ("menu", "*"),
    ("menu", "*", "raises", "*"),
    ("relations", "*"),
    ("relations", "*", "*"),
    ("states", "*"),
    ("states", "*", "feels", "*"),
    ("weights", "*"),
    ("force", "*"),
)


def inheritable(tree: Block) -> Block:
    """Return the settings that a scenario passes on to those that extend it."""
    return Block({key: entry for key, entry in tree.entries.items() if key not in OWN}, tree.place)


def changed(tree: Block, by: Block) -> tuple[Block, list[Mistake]]:
    """Return the tree with the settings of another merged into it, and mistakes for removals of missing entries."""
    mistakes: list[Mistake] = []
    return _merged(by, tree, (), mistakes), mistakes


def _merged(by: Block, before: Block | None, path: tuple[str, ...], mistakes: list[Mistake]) -> Block:
    entries: dict[Key, MappingEntry] = dict(before.entries) if before is not None else {}
    for key, entry in by.entries.items():
        inside = (*path, str(key))
        if _is_null(entry.node) and can_be_taken_off(inside):
            if entries.pop(key, None) is None and path != ("force",):  # a state may be free already
                known = did_you_mean(str(key), map(str, entries))
                mistakes.append(entry.key.mistake(f"nothing to remove{known}", joined(".".join(path), str(key))))
        else:
            old = entries.get(key)
            entries[key] = MappingEntry(entry.key, _node(entry.node, old.node if old else None, inside, mistakes))
    if before is not None and all(isinstance(key, datetime.date) for key in entries):
        entries = dict(sorted(entries.items(), key=lambda item: str(item[0])))
    return Block(entries, by.place)


def _node(node: Node, before: Node | None, path: tuple[str, ...], mistakes: list[Mistake]) -> Node:
    if not isinstance(node, Block):
        return node
    is_whole = path[:1] == ("relations",) and len(path) == 2 and "others" in node.entries
    if not isinstance(before, Block) or "process" in node.entries or is_whole:
        before = None
    return _merged(node, before, path, mistakes)


def _is_null(node: Node) -> bool:
    return isinstance(node, Leaf) and node.value is None


def can_be_taken_off(path: tuple[str, ...]) -> bool:
    """Return whether null removes the entry at a path; * stands for any name."""
    return any(
        len(path) == len(pattern) and all(part in ("*", name) for part, name in zip(pattern, path, strict=True))
        for pattern in _TAKEN_OFF_BY_NULL
    )
