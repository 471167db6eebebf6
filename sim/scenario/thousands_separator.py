"""Numbers such as 25.000 where soldiers, rounds or years are counted: a point marks decimals, so this would be 25."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from sim.errors import Mistake
from sim.facts.numbers import point_for_thousands
from sim.scenario.locate import find_spot
from sim.scenario.schema import Scenario
from sim.scenario.syntax_tree import Block, Items, Leaf, Node


def points_for_thousands(tree: Block, schema: type[BaseModel] = Scenario) -> Iterator[Mistake]:
    """Yield a mistake for each number that is probably meant as thousands and would be read as a decimal."""
    for loc, leaf in _three_decimals(tree, ()):
        spot = find_spot({"loc": loc, "type": ""}, tree, tree.place, schema)
        if spot.node is leaf and spot.counts:
            trouble = point_for_thousands(leaf.text, whole=spot.is_whole, low=spot.low, high=spot.high)
            if trouble is not None:
                yield leaf.place.mistake(trouble, spot.path)


def _three_decimals(node: Node, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Leaf]]:
    """Yield the decimal numbers of a tree that end in a point and three digits, with their paths."""
    match node:
        case Leaf(value=float(), is_written=True) if node.text[-4:-3] == ".":
            yield loc, node
        case Items(items=items):
            for place, item in enumerate(items):
                yield from _three_decimals(item, (*loc, place))
        case Block(entries=entries):
            for key, entry in entries.items():
                yield from _three_decimals(entry.node, (*loc, str(key)))
