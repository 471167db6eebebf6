"""A scenario with some settings changed, written as a file that extends it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode

from sim.errors import Mistake, ScenarioError
from sim.scenario.digest import Representer, digest, dumped
from sim.scenario.files import SUFFIX, find_scenario, shipped
from sim.scenario.load import read_unchecked
from sim.scenario.schema import Scenario
from sim.scenario.settings import read_setting
from sim.scenario.tree import Block, Items, Key, Leaf, MappingEntry, Node
from sim.scenario.unchecked import UncheckedScenario

type Touched = dict[Key, Touched]

_HEAD = ("name", "sources")  # besides the question and what is said about it
_PROCESS = "process"  # a block that names it replaces the one before, and is not merged with it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_WIDTH = 118
_LONG = 100  # characters that need more than a line


def extending(base: str, settings: Sequence[str], *, question: str, about: str = "") -> str:
    """Return the text of a file that extends the base and means what the base means with the settings applied.

    base is a name or a path as `load_scenario` takes it; a file extends another by its name, so where it is no shipped
    one, the text has to be kept beside it. Of settings of one path the last one counts. ScenarioError where
    `load_scenario(base, settings)` raises it, for a base that no file can extend, and for settings that take away what
    a file cannot take away.
    """
    if not question:
        raise ScenarioError([Mistake(file=base, message="is missing; say what the new scenario asks", path="question")])
    path = find_scenario(base)
    before, after = read_unchecked(path), read_unchecked(path, settings)
    wanted = digest(after.checked())
    block = _difference(after.tree, before.tree, _touched(settings), ())
    if _means(before.changed(block)) != wanted:
        message = "the settings take away what a file that extends it cannot take away; write the whole scenario out"
        raise ScenarioError([Mistake(file=base, message=message)])
    told = _told(block)
    head = {"extends": _extended(base), "question": question, **{key: told.pop(key) for key in _HEAD if key in told}}
    text = dumped(head, _InBlocks)
    if about:
        text += _about(about)
    rest = {key: told[key] for key in Scenario.model_fields if key in told}
    return f"{text}\n{dumped(rest, _InBlocks)}" if rest else text


def _extended(base: str) -> str:
    """Return what a file that extends the base calls it; ScenarioError where it cannot."""
    if base in shipped():
        return base
    path = Path(base)
    if path.suffix != SUFFIX or not _NAME.fullmatch(path.stem):
        message = f"no file can extend it; give it a plain name that ends in {SUFFIX}, such as mine{SUFFIX}"
        raise ScenarioError([Mistake(file=base, message=message)])
    return path.stem


def _touched(settings: Sequence[str]) -> Touched:
    """Return the paths that settings name, nested, but for the words that the caller gives."""
    found: Touched = {}
    for setting in settings:
        block, _ = read_setting(setting)
        _note(block, found)
    return {key: inside for key, inside in found.items() if key not in ("question", "about")}


def _note(block: Block, found: Touched) -> None:
    for key, entry in block.entries.items():
        inside = found.setdefault(key, {})
        if isinstance(entry.node, Block):
            _note(entry.node, inside)


def _difference(after: Block, before: Block, touched: Touched, path: tuple[Key, ...]) -> Block:
    """Return the block that, merged into the one before, gives the one after, as far as they differ by what is touched.

    What was taken off is null, in a block that was given anew also where nothing touched it.
    """
    entries: dict[Key, MappingEntry] = {}
    gone = [key for key in before.entries if key not in after.entries] if path else []
    for key in dict.fromkeys((*touched, *gone)):
        old, new = before.entries.get(key), after.entries.get(key)
        if new is not None:
            node = _rewritten(new.node, old.node if old else None, touched.get(key, {}), (*path, key))
            if not (_is_empty(node) and old is not None and isinstance(old.node, Block)):
                entries[key] = MappingEntry(new.key, node)
        elif old is not None:
            entries[key] = MappingEntry(old.key, Leaf(None, "null", old.key))
    return Block(entries, after.place)


def _rewritten(after: Node, before: Node | None, touched: Touched, path: tuple[Key, ...]) -> Node:
    """Return the node that, written over the one before, gives the one after."""
    if not isinstance(after, Block) or not isinstance(before, Block):
        return after
    if _PROCESS in touched or (path[0] == "relations" and "others" in touched):
        return after
    if path[0] == "environment" and len(path) == 2 and not before.entries.keys() <= after.entries.keys():
        constant = MappingEntry(after.place, Leaf("constant", "constant", after.place))
        return Block({_PROCESS: constant, **after.entries}, after.place)
    return _difference(after, before, touched, path)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Block) and not node.entries


def _means(draft: UncheckedScenario) -> str | None:
    """Return the digest of a draft, None where it does not make sense."""
    try:
        return digest(draft.checked())
    except ScenarioError:
        return None


def _told(node: Node) -> Any:
    match node:
        case Leaf(value=value):
            return value
        case Items(items=items):
            return [_told(item) for item in items]
        case Block(entries=entries):
            return {key: _told(entry.node) for key, entry in entries.items()}


def _about(text: str) -> str:
    """Return what is said about the scenario, folded where it is one long paragraph."""
    body = text.removesuffix("\n")
    is_one_paragraph = body.isprintable() and body.split() == body.split(" ")
    if not is_one_paragraph or (body == text and len(text) <= _LONG):
        return dumped({"about": text}, _InBlocks)
    wrapped = textwrap.wrap(body, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"about: {'>-' if body == text else '>'}\n" + "".join(f"  {line}\n" for line in wrapped)


class _InBlocks(Representer):
    """Writes a key a line, as scenarios are written by hand."""

    def represent_mapping(self, tag: Any, mapping: Any, flow_style: Any = None) -> MappingNode:
        """Return the mapping as a block, in its own order."""
        return super().represent_mapping(tag, mapping, flow_style=False)
