"""The settings of a scenario that a level of a factor replaces, as parts of the experiment's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.experiment.factor import Level
from sim.scenario.setting_overrides import nested
from sim.scenario.syntax_tree import Block, Leaf, Node, Place

type Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSetting:
    """One setting, replaced by the level."""

    path: Path
    key: Place  # of the path
    value: Place  # of levels that are not listed
    listed: Mapping[Level, Node] = field(default_factory=dict)

    def block(self, level: Level) -> Block:
        """Return the level as a scenario with this setting only."""
        node = self.listed.get(level)
        if node is None:
            number = int(level) if float(level).is_integer() else float(level)
            node = Leaf(number, f"{level:.12g}", self.value, is_written=False)
        return nested(self.path, node, self.key)

    @property
    def touched(self) -> frozenset[Path]:
        """The paths of the settings that are replaced."""
        return frozenset([self.path])


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Sets of changes, by label."""

    blocks: Mapping[str, Block]

    def block(self, level: Level) -> Block:
        """Return the changes of a label."""
        return self.blocks[str(level)]

    @property
    def touched(self) -> frozenset[Path]:
        """The paths of the settings that one of the labels replaces."""
        return frozenset(path for block in self.blocks.values() for path in _leaves(block, ()))


type Change = OneSetting | Alternative


def common(one: Change, other: Change) -> Path | None:
    """Return a setting that both replace, or that is part of one that the other replaces; None if there is none."""
    for mine in sorted(one.touched):
        for theirs in sorted(other.touched):
            shorter = min(len(mine), len(theirs))
            if mine[:shorter] == theirs[:shorter]:
                return max(mine, theirs, key=len)
    return None


def _leaves(block: Block, path: Path) -> list[Path]:
    """Return the paths that a block replaces; a named process replaces the whole of the one before it."""
    paths: list[Path] = []
    for key, entry in block.entries.items():
        inside = (*path, str(key))
        if isinstance(entry.node, Block) and "process" not in entry.node.entries:
            paths += _leaves(entry.node, inside)
        else:
            paths.append(inside)
    return paths
