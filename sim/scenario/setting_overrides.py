"""Single settings from the command line: `menu.troops.ask=40000`, or `2025-10-01 environment.us_backing=0.1`.

A setting with a date, or with two as in `2025-10-01..2025-12-01`, applies from that date on, until the other: it is a
further entry of the scenario's `changes`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.errors import Mistake, ScenarioError
from sim.scenario.merge import changed
from sim.scenario.syntax_tree import Block, Items, Leaf, MappingEntry, Node, Place, Source, joined, shortened
from sim.scenario.tree_from_yaml import DEEPEST, read_key, read_value

_EXAMPLE = "give it as path=value, such as menu.troops.ask=40000"


_FORCED = re.compile(r"force\.\w+=\w+")
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))? (?=\S)")


def apply_setting(tree: Block, setting: str) -> tuple[Block, list[Mistake]]:
    """Return a scenario with a setting replaced, or with a further change; ScenarioError if it is malformed."""
    block, mistakes = read_setting(setting)
    if _DATED.match(setting):
        before = tree.entries.get("changes")
        earlier = before.node.items if before is not None and isinstance(before.node, Items) else ()
        change = block.entries["changes"]
        assert isinstance(change.node, Items)
        every = Items((*earlier, *change.node.items), change.node.place)
        return Block({**tree.entries, "changes": MappingEntry(change.key, every)}, tree.place), mistakes
    tree, more = changed(tree, by=block)
    return tree, [*mistakes, *more]


def read_setting(setting: str) -> tuple[Block, list[Mistake]]:
    """Return the setting as a scenario with this setting only; ScenarioError if it is malformed.

    A setting with a date becomes a scenario with one change.
    """
    source = Source.of(shown_setting(setting), setting, is_setting=True)
    dated = _DATED.match(setting)
    if dated is not None:
        return _one_change(dated, setting, source)
    return _read(setting, source, 0)


def as_options(settings: Sequence[str]) -> list[str]:
    """Return settings as the words of a command line."""
    words: list[str] = []
    for setting in settings:
        dated = _DATED.match(setting)
        if dated:
            words += ["--at", dated[0].strip(), setting[dated.end() :]]
        elif _FORCED.fullmatch(setting):
            words += ["--force", setting.removeprefix("force.")]
        else:
            words += ["--set", setting]
    return words


def _one_change(dated: re.Match[str], setting: str, source: Source) -> tuple[Block, list[Mistake]]:
    """Return a scenario with one change, which sets a value or forces a state from a date on."""
    start = Place(source)
    place = Place(source, 1, dated.end() + 1)
    block, mistakes = _read(setting[dated.end() :], source, dated.end())
    path = setting[dated.end() :].partition("=")[0]
    node: Node = block
    for _ in path.split("."):
        assert isinstance(node, Block)
        node = next(iter(node.entries.values())).node
    kind, key = ("force", path.removeprefix("force.")) if path.startswith("force.") else ("set", path)
    entries: dict[str, Node] = {"at": _date(dated[1], start)}
    if dated[2]:
        entries["until"] = _date(dated[2], Place(source, 1, dated.start(2) + 1))
    entries[kind] = Block({key: MappingEntry(place, node)}, place)
    change = Block({name: MappingEntry(entry.place, entry) for name, entry in entries.items()}, start)
    return Block({"changes": MappingEntry(start, Items((change,), start))}, start), mistakes


def _date(text: str, place: Place) -> Leaf:
    value = read_key(text)
    return Leaf(value if value is not None else text, text, place)


def _read(setting: str, source: Source, before: int) -> tuple[Block, list[Mistake]]:
    """Return PATH=VALUE as a scenario with this setting only; before: characters of its source before it."""
    path, equals, value = setting.partition("=")
    names = path.split(".")
    if not equals:
        raise _malformed(source, before + len(setting), f"no '=' in it; {_EXAMPLE}")
    if not all(name.strip() == name and name for name in names):
        raise _malformed(source, before, f"{path[:40]!r} is not the path of a setting; {_EXAMPLE}")
    if len(names) > DEEPEST:
        raise _malformed(source, before, f"the path has {len(names):,} names, more than any setting; {_EXAMPLE}")
    if names[0] == "extends":
        raise _malformed(source, before, "cannot be set here; write a scenario file that extends another scenario")
    node, mistakes = read_value(source, " " * (before + len(path) + 1) + value, joined("", path))
    return nested(names, node, Place(source, 1, before + 1)), mistakes


def shown_setting(setting: str) -> str:
    """Return the setting as it appears in messages."""
    if _FORCED.fullmatch(setting):
        return f"--force {shortened(setting.removeprefix('force.'), 80)}"
    option = "--at" if _DATED.match(setting) else "--set"
    return f"{option} {shortened(' '.join(setting.split()), 80)}"


def nested(names: Sequence[str], node: Node, start: Place) -> Block:
    """Return the node inside one mapping per name of a path that begins at a place, each key with its own place."""
    column = start.column + len(".".join(names)) + 1
    for name in reversed(names):
        column -= len(name) + 1
        place = Place(start.source, start.line, column)
        node = Block({read_key(name) or name: MappingEntry(place, node)}, place)
    assert isinstance(node, Block)
    return node


def _malformed(source: Source, column: int, message: str) -> ScenarioError:
    return ScenarioError([Place(source, 1, column + 1).mistake(message)])
