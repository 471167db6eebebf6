"""Single settings from the command line, such as `menu.troops.ask=40000`."""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import Mistake, ScenarioError
from sim.scenario.tree import Block, Entry, Node, Place, Source, joined, shortened
from sim.scenario.yaml_file import DEEPEST, read_key, read_value

_EXAMPLE = "give it as path=value, such as menu.troops.ask=40000"


def read_setting(setting: str) -> tuple[Block, list[Mistake]]:
    """Return the setting as a scenario that holds nothing else; ScenarioError where it is malformed."""
    source = Source.of(shown_setting(setting), setting, numbered=False)
    path, equals, value = setting.partition("=")
    names = path.split(".")
    if not equals:
        raise _malformed(source, len(setting), f"no '=' in it; {_EXAMPLE}")
    if not all(name.strip() == name and name for name in names):
        raise _malformed(source, 0, f"{path[:40]!r} is not the path of a setting; {_EXAMPLE}")
    if len(names) > DEEPEST:
        raise _malformed(source, 0, f"a path of {len(names):,} names; {_EXAMPLE}")
    if names[0] == "extends":
        raise _malformed(source, 0, "what a scenario extends is said in its file; write one that extends another")
    node, mistakes = read_value(source, " " * (len(path) + 1) + value, joined("", path))
    return nested(names, node, Place(source)), mistakes


def shown_setting(setting: str) -> str:
    """Return what messages call the setting."""
    return f"--set {shortened(' '.join(setting.split()), 80)}"


def nested(names: Sequence[str], node: Node, start: Place) -> Block:
    """Return the node inside one mapping per name of a path that begins at a place, each key where its name stands."""
    column = start.column + len(".".join(names)) + 1
    for name in reversed(names):
        column -= len(name) + 1
        place = Place(start.source, start.line, column)
        node = Block({read_key(name) or name: Entry(place, node)}, place)
    assert isinstance(node, Block)
    return node


def _malformed(source: Source, column: int, message: str) -> ScenarioError:
    return ScenarioError([Place(source, 1, column + 1).mistake(message)])
