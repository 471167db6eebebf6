"""The location of an error of the schema in a scenario, and the values that the schema allows there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from sim import facts
from sim.facts.numbers import is_counted
from sim.scenario.schema import Scenario
from sim.scenario.syntax_tree import Block, Items, Leaf, Node, Place, joined, to_builtins
from sim.scenario.tree_from_yaml import read_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The location of an error in the scenario, and the values that the schema allows there."""

    path: str
    name: str  # of the last key
    key: Place
    node: Node | None  # None where the key is missing
    siblings: tuple[str, ...] = ()  # fields beside it; none: any
    inside: tuple[str, ...] = ()  # fields that its value may have; none: any
    low: float | None = None
    high: float | None = None
    low_is_open: bool = False
    high_is_open: bool = False
    unit: str = ""
    is_whole: bool = False

    @property
    def place(self) -> Place:
        """The place of the value."""
        return self.node.place if self.node is not None else self.key

    @property
    def text(self) -> str:
        """The value as it is written."""
        return self.node.text if isinstance(self.node, Leaf) else ""

    @property
    def value(self) -> Any:
        """The value as it was read."""
        return to_builtins(self.node) if self.node is not None else None

    @property
    def bounds(self) -> str:
        """The range in words, with the unit: `from 0 to 1 (share)`."""
        parts = []
        low, high = (f"{end:,}" if isinstance(end, int) else f"{end:,.12g}" for end in (self.low or 0, self.high or 0))
        if self.low is not None and self.high is not None and not self.low_is_open:
            parts.append(f"from {low} to {'below ' if self.high_is_open else ''}{high}")
        else:
            if self.low is not None:
                parts.append(f"{'above' if self.low_is_open else 'of at least'} {low}")
            if self.high is not None:
                parts.append(f"{'below' if self.high_is_open else 'at most'} {high}")
        words = " and ".join(parts)
        if not self.unit or self.unit in words.replace("from ", ""):
            return words
        return f"{words} ({self.unit})" if words else f"({self.unit})"

    @property
    def counts(self) -> bool:
        """Whether the value is usually in thousands, such as soldiers."""
        return self.is_whole or is_counted(self.unit, self.high)

    @property
    def is_share(self) -> bool:
        """Whether the largest value is 1."""
        return self.high == 1


def find_spot(finding: Mapping[str, Any], tree: Block, main: Place, schema: type[BaseModel] = Scenario) -> Spot:
    """Return the location of an error of the schema in a scenario, or in a file of another schema.

    The schema's own names for the arms of a choice, such as the kind of a process, are not part of the path.
    """
    node: Node | None = tree
    kind: Any = schema
    key, path, name = main, "", ""
    siblings: tuple[str, ...] = ()
    field: FieldInfo | None = None
    limits: list[Any] = []
    loc = finding["loc"]
    for depth, part in enumerate(loc, start=1):
        here = _fields(kind)
        kind, own_field, limits = _inside(kind, part)
        field = own_field or field
        if isinstance(node, Block):
            entry = node.entries.get(str(part)) or node.entries.get(read_key(str(part)) or "")
            if entry is not None:
                key, node, name, siblings = entry.key, entry.node, str(part), here
                path = joined(path, name)
            elif depth == len(loc) and finding["type"] == "missing":
                node, name = None, str(part)
                path = joined(path, name)
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            key = node.place
    spot = Spot(path=path, name=name, key=key, node=node, siblings=siblings, inside=_fields(kind))
    if len(loc) == 4 and (loc[0], loc[2]) == ("states", "facts") and loc[3] in facts.columns():
        column = facts.columns()[loc[3]]
        return replace(spot, unit=column.unit, low=column.low, high=column.high)
    unit = (field.json_schema_extra or {}).get("unit", "") if field is not None else ""  # type: ignore[union-attr]
    return replace(spot, unit=str(unit), is_whole=_bare(kind)[0] is int, **_bounds(limits))


def _inside(kind: Any, part: int | str) -> tuple[Any, FieldInfo | None, list[Any]]:
    """Return the type of a part, its field if it is one, and its limits."""
    bare, _ = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        field = {each.alias or name: each for name, each in bare.model_fields.items()}.get(str(part))
        return (None, None, []) if field is None else (field.annotation, field, list(field.metadata))
    arms = get_args(bare)
    if get_origin(bare) is dict:
        return arms[1], None, _bare(arms[1])[1]
    if get_origin(bare) is tuple:
        return arms[0], None, _bare(arms[0])[1]
    for arm in arms:
        if any(isinstance(limit, Tag) and limit.tag == part for limit in _bare(arm)[1]):
            return arm, None, []
    for arm in arms:  # a path without the schema's names for its arms
        if part in _fields(arm) or (isinstance(part, int) and get_origin(_bare(arm)[0]) is tuple):
            return _inside(arm, part)
    return None, None, []


def _bare(kind: Any) -> tuple[Any, list[Any]]:
    """Return a type without its annotations and without None beside it, and the annotations."""
    if get_origin(kind) is not Annotated:
        arms = [arm for arm in get_args(kind) if arm is not type(None)]
        return _bare(arms[0]) if isinstance(kind, UnionType) and len(arms) == 1 else (kind, [])
    bare, *notes = get_args(kind)
    return bare, [inner for note in notes for inner in (note.metadata if isinstance(note, FieldInfo) else [note])]


def _fields(kind: Any) -> tuple[str, ...]:
    bare, _ = _bare(kind)
    if not isinstance(bare, type) or not issubclass(bare, BaseModel):
        return ()
    return tuple(field.alias or name for name, field in bare.model_fields.items())


def _bounds(limits: list[Any]) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for limit in limits:
        match limit:
            case Ge(ge=low):
                bounds |= {"low": low, "low_is_open": False}
            case Gt(gt=low):
                bounds |= {"low": low, "low_is_open": True}
            case Le(le=high):
                bounds |= {"high": high, "high_is_open": False}
            case Lt(lt=high):
                bounds |= {"high": high, "high_is_open": True}
    return bounds
