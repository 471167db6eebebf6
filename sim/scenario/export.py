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
from sim.scenario.setting_overrides import read_setting
from sim.scenario.syntax_tree import Block, Items, Key, Leaf, MappingEntry, Node
from sim.scenario.unchecked import UncheckedScenario

type Touched = dict[Key, Touched]

_HEAD = ("name", "sources")  # besides the question and the notes
_PROCESS = "process"  # a block with this key replaces the one before and is not merged with it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_WIDTH = 118
_LONG = 100  # characters that need more than a line


def extending(base: str, settings: Sequence[str], *, question: str, about: str = "") -> str:
    """Return the text of a file that extends the base and means the same as the base with the settings applied.

    base is a name or a path as `load_scenario` takes it. A file extends another by its name, so a base that is not a
    shipped one has to be in the same folder. Of settings of one path the last one counts. ScenarioError where
    `load_scenario(base, settings)` raises it, for a base that a file cannot extend, and for settings that remove
    entries that a file cannot remove.
    """
    if not question:
        raise ScenarioError(
            [Mistake(file=base, message="is missing; give the question of the new scenario", path="question")]
        )
    path = find_scenario(base)
    before, after = read_unchecked(path), read_unchecked(path, settings)
    intended = digest(after.checked())
    block = _difference(after.tree, before.tree, _touched(settings), ())
    if _means(before.changed(block)) != intended:
        message = "the settings remove an entry that a file extending it cannot remove; write a whole scenario"
        raise ScenarioError([Mistake(file=base, message=message)])
    values = _plain_values(block)
    head = {
        "extends": _extended(base),
        "question": question,
        **{key: values.pop(key) for key in _HEAD if key in values},
    }
    text = dumped(head, _InBlocks)
    if about:
        text += _about(about)
    rest = {key: values[key] for key in Scenario.model_fields if key in values}
    return f"{text}\n{dumped(rest, _InBlocks)}" if rest else text


def _extended(base: str) -> str:
    """Return the name by which a file extends the base; ScenarioError if it cannot."""
    if base in shipped():
        return base
    path = Path(base)
    if path.suffix != SUFFIX or not _NAME.fullmatch(path.stem):
        message = f"a file cannot extend it; give it a plain name that ends in {SUFFIX}, such as mine{SUFFIX}"
        raise ScenarioError([Mistake(file=base, message=message)])
    return path.stem


def _touched(settings: Sequence[str]) -> Touched:
    """Return the paths of settings, nested, without the question and notes that the caller gives."""
    paths: Touched = {}
    for setting in settings:
        block, _ = read_setting(setting)
        _note(block, paths)
    return {key: inside for key, inside in paths.items() if key not in ("question", "about")}


def _note(block: Block, paths: Touched) -> None:
    for key, entry in block.entries.items():
        inside = paths.setdefault(key, {})
        if isinstance(entry.node, Block):
            _note(entry.node, inside)


def _difference(after: Block, before: Block, touched: Touched, path: tuple[Key, ...]) -> Block:
    """Return the block that turns the one before into the one after when merged, for the touched settings.

    Removed entries are null. A block that was replaced includes the removal of entries that no setting touched.
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
    """Return the node that turns the one before into the one after when written over it."""
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
    """Return the digest of a draft; None if it makes no sense."""
    try:
        return digest(draft.checked())
    except ScenarioError:
        return None


def _plain_values(node: Node) -> Any:
    match node:
        case Leaf(value=value):
            return value
        case Items(items=items):
            return [_plain_values(item) for item in items]
        case Block(entries=entries):
            return {key: _plain_values(entry.node) for key, entry in entries.items()}


def _about(text: str) -> str:
    """Return the notes on the scenario, folded if they are one long paragraph."""
    body = text.removesuffix("\n")
    is_one_paragraph = body.isprintable() and body.split() == body.split(" ")
    if not is_one_paragraph or (body == text and len(text) <= _LONG):
        return dumped({"about": text}, _InBlocks)
    wrapped = textwrap.wrap(body, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"about: {'>-' if body == text else '>'}\n" + "".join(f"  {line}\n" for line in wrapped)


class _InBlocks(Representer):
    """Writes one key a line, as in scenarios written by hand."""

    def represent_mapping(self, tag: Any, mapping: Any, flow_style: Any = None) -> MappingNode:
        """Return the mapping as a block, in its own order."""
        return super().represent_mapping(tag, mapping, flow_style=False)
