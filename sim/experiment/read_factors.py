"""Read the factors of an experiment, and check each level with every scenario."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from sim.errors import Mistake, ScenarioError
from sim.experiment.factor import AS_IT_IS, Choices, Factor, Level, Levels, Range
from sim.experiment.overrides import Alternative, Change, OneSetting, Path, common
from sim.experiment.point_scenarios import SCENARIO
from sim.facts.numbers import is_counted
from sim.scenario.merge import OWN
from sim.scenario.parties import has_no_effect
from sim.scenario.scheduled_changes import changed_throughout
from sim.scenario.schema import Scenario
from sim.scenario.syntax_tree import Block, Items, Leaf, MappingEntry, Node, Place, joined, shortened
from sim.scenario.unchecked import UncheckedScenario

LONGEST_NAME = 80
_WITHOUT_EFFECT = (*OWN, "extends")  # keys that do not affect a run


@dataclass(slots=True, kw_only=True)
class Varied:
    """The factors, the settings that each replaces, the scenarios at their levels, and the mistakes."""

    factors: list[Factor] = field(default_factory=list)
    changes: dict[str, Change] = field(default_factory=dict)
    scenarios: list[Scenario] = field(default_factory=list)  # at single levels of choices
    mistakes: list[Mistake] = field(default_factory=list)


def read_factors(tree: Block, drafts: Mapping[str, UncheckedScenario], bases: Mapping[str, Scenario]) -> Varied:
    """Return the factors of an experiment, with every level of each checked with every scenario."""
    varied = Varied()
    if len(drafts) > 1:
        varied.factors.append(Choices(name=SCENARIO, levels=tuple(drafts)))
    vary = tree.entries["vary"].node if "vary" in tree.entries else None
    keys: dict[str, Place] = {}
    for key, entry in vary.entries.items() if isinstance(vary, Block) else ():
        name = str(key)
        reader = _FactorReader(name, entry, drafts, next(iter(bases.values())))
        factor = reader.read()
        varied.mistakes += reader.mistakes
        if reader.change is not None:
            varied.mistakes += _overlaps(reader, varied.changes, keys, tree)
            varied.changes[name] = reader.change
            keys[name] = entry.key
        if factor is not None:
            varied.factors.append(factor)
            varied.scenarios += reader.scenarios if isinstance(factor, Choices) else []
    return varied


def _overlaps(
    reader: _FactorReader, changes: Mapping[str, Change], keys: Mapping[str, Place], tree: Block
) -> list[Mistake]:
    """Return a mistake for each earlier factor, and for a key of the file, that sets the same setting."""
    assert reader.change is not None
    mistakes = []
    for other, change in changes.items():
        path = common(reader.change, change)
        if path is not None:
            where = _line(keys[other], ", in line {}")
            message = f"{'.'.join(path)} is changed by '{shortened(other)}' too{where}; vary it once"
            mistakes.append(reader.key.mistake(message, reader.path))
    if "rounds" in tree.entries and ("rounds",) in reader.change.touched:
        where = _line(tree.entries["rounds"].key, " in line {}")
        mistakes.append(reader.key.mistake(f"rounds are set{where} too; keep one of the two", reader.path))
    return mistakes


def _line(place: Place, text: str) -> str:
    """Return a text with the line of a place; empty if its source has no lines."""
    return text.format(place.line) if place.source.is_file else ""


class _FactorReader:
    """Reads one factor and gathers the mistakes in it."""

    def __init__(self, name: str, entry: MappingEntry, drafts: Mapping[str, UncheckedScenario], base: Scenario) -> None:
        self.name = name
        self.key = entry.key
        self.node = entry.node
        self.path = joined("vary", name)
        self.drafts = drafts
        self.base = base
        self.change: Change | None = None
        self.scenarios: list[Scenario] = []
        self.mistakes: list[Mistake] = []

    def read(self) -> Factor | None:
        """Return the factor; None if it cannot be read, for which mistakes have the reason."""
        if len(self.name) > LONGEST_NAME or not self.name.isprintable() or not self.name.strip():
            self._wrong(self.key, _name_error(self.name, "name"))
            return None
        if self.name == SCENARIO:
            self._wrong(self.key, "scenarios are compared by `scenario: [base, paris-march-2025]` at the top")
            return None
        match self.node:
            case Block(entries=entries) if "choices" in entries:
                return self._choices(entries["choices"].node)
            case Block(entries=entries):
                return self._range({str(key): entry.node for key, entry in entries.items()})
            case Items(items=items):
                return self._levels(items)
        return None

    # each returns None without a mistake if the schema finds the mistake

    def _choices(self, node: Node) -> Factor | None:
        blocks: dict[str, Block] = {}
        for key, entry in node.entries.items() if isinstance(node, Block) else ():
            label = str(key)
            inside = joined(f"{self.path}.choices", label)
            if label == AS_IT_IS or len(label) > LONGEST_NAME or not label.strip():
                means = "means a scenario without changes; choose another label"
                self._wrong(entry.key, means if label == AS_IT_IS else _name_error(label, "label"), inside)
            if not isinstance(entry.node, Block):
                continue
            refused = [each for each in entry.node.entries if each in _WITHOUT_EFFECT]
            for name in refused:
                message = "cannot be varied; name settings that affect a run"
                self._wrong(entry.node.entries[name].key, message, joined(inside, str(name)))
            if not refused:
                blocks[label] = entry.node
        if isinstance(node, Block) and len(node.entries) < 2:
            self._wrong(node.place, "give at least two choices")
        if not blocks:
            return None
        self.change = Alternative(blocks=blocks)
        for label, block in blocks.items():
            self._check(label, block.place, f"with '{shortened(label)}'")
        return Choices(name=self.name, levels=tuple(blocks))

    def _levels(self, items: Sequence[Node]) -> Factor | None:
        nodes: dict[Level, Node] = {}
        for node in items:
            level = _level(node)
            if level is None:
                message = "a level is a number or a word; for more, write {choices: {label: {...}, label: {...}}}"
                self._wrong(node.place, message)
            elif level in nodes:
                self._wrong(node.place, f"{shortened(str(level))} is given twice; keep one of the two")
            else:
                nodes[level] = node
        numeric = all(isinstance(level, (int, float)) for level in nodes)
        counts = _is_whole(_value([self.base], self.names)) or is_counted(self._meaning().get("unit", ""))
        commas = _commas_for_thousands(items) if counts else []
        for node, number in commas:
            meant = number.replace(",", "")
            self._wrong(node.place, f"{number} would be read as two levels; write {meant}, or a space after the comma")
        if commas:
            return None
        if not numeric:
            nodes = {_label(node): node for node in nodes.values()}
        if len(items) < 2:
            self._wrong(self.node.place, "give at least two levels; a single one is set in the scenario")
        if not nodes or not self._is_path(nodes):
            return None
        tried = [self._check(level, node.place, f"with {shortened(str(level))}") for level, node in nodes.items()]
        is_whole = numeric and _is_whole(_value(tried, self.names))
        levels: Any = tuple(nodes) if not numeric else tuple(map(int if is_whole else float, nodes))
        return Levels(name=self.name, levels=levels, is_numeric=numeric, is_whole=is_whole, **self._meaning())

    def _range(self, nodes: Mapping[str, Node]) -> Factor | None:
        ends: dict[float, Node] = {}
        for end in ("from", "to"):
            node = nodes.get(end)
            level = _level(node) if node is not None else None
            if node is None or not isinstance(level, (int, float)) or not math.isfinite(level):
                return None
            ends[level] = node
        if len(ends) < 2 or not self._is_path(dict(ends.items())):
            return None
        tried = [self._check(level, node.place, f"with {level:.12g}") for level, node in ends.items()]
        steps, scale = (_level(nodes[key]) if key in nodes else None for key in ("steps", "scale"))
        low, high = ends
        is_log = scale == "log"
        if low >= high or (is_log and low <= 0):
            return None
        is_whole = _is_whole(_value(tried, self.names))
        return Range(
            name=self.name,
            low=int(low) if is_whole else float(low),
            high=int(high) if is_whole else float(high),
            steps=int(steps) if isinstance(steps, (int, float)) and steps >= 2 and steps == int(steps) else None,
            scale="log" if is_log else "linear",
            is_whole=is_whole,
            **self._meaning(),
        )

    @property
    def names(self) -> Path:
        return tuple(self.name.split("."))

    def _is_path(self, listed: Mapping[Level, Node]) -> bool:
        """Return whether the name is the path of a setting that can be varied; if so, set the change."""
        if not all(name.strip() == name and name for name in self.names):
            self._wrong(self.key, "is not the path of a setting; give one such as menu.troops.ask")
            return False
        if self.names[0] in _WITHOUT_EFFECT:
            self._wrong(self.key, "cannot be varied; name a setting that affects a run")
            return False
        for name, draft in self.drafts.items():
            number = _number_on_the_way(draft.tree, self.names)
            if number is not None:
                path, leaf = number
                message = f"{path} is {leaf.text} in {name} and has nothing inside; vary {path} itself"
                self._wrong(self.key, message)
                return False
        if has_no_effect(self.name, self.base):
            self._wrong(self.key, f"has no effect: {self.base.name} has no opponent; vary another setting, or name one")
            return False
        if changed_throughout(self.name, self.base):
            self._wrong(self.key, f"has no effect: changes in {self.base.name} set it in every round; vary another")
            return False
        start = Place(self.key.source, self.key.line, self.key.column + _quote(self.key))
        self.change = OneSetting(path=self.names, key=start, value=next(iter(listed.values())).place, listed=listed)
        return True

    def _check(self, level: Level, place: Place, text: str) -> Scenario | None:
        """Return the scenario at the level; None, with mistakes, if it makes no sense."""
        assert self.change is not None
        block = self.change.block(level)
        tried = None
        for name, draft in self.drafts.items():
            try:
                tried = draft.changed(block).checked()
            except ScenarioError as error:
                for each in error.mistakes:
                    if each.file == place.source.name:
                        where = f"in {name}: " if len(self.drafts) > 1 else ""
                        self.mistakes.append(replace(each, message=where + each.message))
                    else:
                        about = f"{each.path}: {each.message}" if each.path else each.message
                        self._wrong(place, f"{text} in {name}: {about}")
            else:
                self.scenarios.append(tried)
        return tried

    def _meaning(self) -> dict[str, str]:
        """Return the unit and the description of the setting from the scenario's schema."""
        part: Any = self.base
        meaning: dict[str, str] = {}
        for name in self.names:
            field = type(part).model_fields.get(name) if isinstance(part, BaseModel) else None
            if field is not None:
                extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
                meaning = {"unit": str(extra.get("unit", "")), "about": field.description or ""}
            part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
        return meaning

    def _wrong(self, place: Place, message: str, path: str = "") -> None:
        self.mistakes.append(place.mistake(message, path or self.path))


def _name_error(text: str, what: str) -> str:
    """Return why a label or a name cannot be used."""
    if not text.strip():
        return f"a blank {what}; give one with visible characters"
    if not text.isprintable():
        return f"a {what} with a character that cannot be printed; leave it out"
    return f"a {what} of {len(text):,} characters; give at most {LONGEST_NAME}"


def _level(node: Node) -> Level | None:
    """Return a listed level; None if it is neither a number nor a word."""
    if not isinstance(node, Leaf) or node.value is None:
        return None
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        return _label(node)
    return None if math.isnan(node.value) else node.value


def _commas_for_thousands(items: Sequence[Node]) -> list[tuple[Node, str]]:
    """Return pairs of numbers that look like one number with a thousands comma, such as 25,000."""
    leaves = [item for item in items if isinstance(item, Leaf)]
    pairs: list[tuple[Node, str]] = []
    for before, leaf in itertools.pairwise(leaves):
        if not leaf.is_written:
            continue
        start = leaf.place.column - 1
        is_close = leaf.place.source.lines[leaf.place.line - 1][start - 1 : start] == "," if start else False
        if is_close and re.fullmatch(r"\d{3}", leaf.text) and re.fullmatch(r"[1-9]\d{0,2}", before.text):
            pairs.append((before, f"{before.text},{leaf.text}"))
    return pairs


def _label(node: Node) -> str:
    assert isinstance(node, Leaf)
    return str(node.value).lower() if isinstance(node.value, bool) else node.text or str(node.value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _value(scenarios: Sequence[Scenario | None], path: Path) -> Any:
    """Return the value at a path in the first scenario that makes sense."""
    part: Any = next((scenario for scenario in scenarios if scenario is not None), None)
    for name in path:
        part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
    return part


def _number_on_the_way(tree: Block, path: Path) -> tuple[str, Leaf] | None:
    """Return the number, with its path, that a longer path passes through."""
    node: Node = tree
    for index, name in enumerate(path[:-1]):
        if not isinstance(node, Block) or name not in node.entries:
            return None
        node = node.entries[name].node
        if isinstance(node, Leaf) and isinstance(node.value, (int, float)):
            return ".".join(path[: index + 1]), node
    return None


def _quote(key: Place) -> int:
    """Return 1 if the key is in quotes, else 0."""
    line = key.source.lines[key.line - 1] if 0 < key.line <= len(key.source.lines) else ""
    return int(line[key.column - 1 : key.column] in ("'", '"') and line != "")
