"""Priors of the weights: a normal distribution for each, from a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.errors import Mistake, ScenarioError
from sim.facts.csv_reader import did_you_mean
from sim.scenario.file_kinds import FileKind
from sim.scenario.files import take_text
from sim.scenario.syntax_tree import Block, Key, Leaf, MappingEntry
from sim.scenario.tree_from_yaml import read_tree

PRIORS = FileKind(name="prior file", article="a", begin="`part:` or `weights:`", folder="", packed="")
SHIPPED = Path(__file__).with_name("priors.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The prior of one weight; with a standard deviation of 0 the weight is fixed."""

    mean: float
    sd: float


def read_priors(path: Path, weights: Mapping[str, float]) -> dict[str, Prior]:
    """Read the prior of each weight.

    weights: their values in the scenario. Raises ScenarioError, with file and line, for a file that is not a prior file
    or names an unknown weight.
    """
    block, mistakes = read_tree(str(path), take_text(path, PRIORS), PRIORS)
    errors = list(mistakes)
    _only(block, ("part", "weights"), "", errors)
    part = _number(block.entries.get("part"), "part", errors, low=0.0)
    named = block.entries.get("weights")
    priors = {name: Prior(mean=size, sd=abs(size) * (0.5 if part is None else part)) for name, size in weights.items()}
    if named is not None and not isinstance(named.node, Block):
        errors.append(named.key.mistake("must be a mapping, such as `opinion: {mean: 2, sd: 0.5}`", "weights"))
    elif named is not None and isinstance(named.node, Block):
        _only(named.node, tuple(weights), "weights", errors)
        for key, entry in named.node.entries.items():
            name = str(key)
            if name in weights:
                priors[name] = _prior(entry, f"weights.{name}", priors[name], errors)
    if errors:
        raise ScenarioError(errors)
    return priors


def _prior(entry: MappingEntry, path: str, otherwise: Prior, errors: list[Mistake]) -> Prior:
    if not isinstance(entry.node, Block):
        errors.append(entry.key.mistake("must be a mapping, such as `{mean: 2, sd: 0.5}`", path))
        return otherwise
    _only(entry.node, ("mean", "sd"), path, errors)
    mean = _number(entry.node.entries.get("mean"), f"{path}.mean", errors)
    sd = _number(entry.node.entries.get("sd"), f"{path}.sd", errors, low=0.0)
    return Prior(mean=otherwise.mean if mean is None else mean, sd=otherwise.sd if sd is None else sd)


def _only(block: Block, allowed: tuple[str, ...], path: str, errors: list[Mistake]) -> None:
    """Add a mistake for every key that is not allowed."""
    for key, entry in block.entries.items():
        if key not in allowed:
            errors.append(entry.key.mistake(f"unknown; {did_you_mean(str(key), allowed)}", _below(path, key)))


def _below(path: str, key: Key) -> str:
    return f"{path}.{key}" if path else str(key)


def _number(entry: MappingEntry | None, path: str, errors: list[Mistake], low: float | None = None) -> float | None:
    if entry is None:
        return None
    value = entry.node.value if isinstance(entry.node, Leaf) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e6 <= value <= 1e6:
        errors.append(entry.node.place.mistake("is not a number; write one such as 0.5", path))
        return None
    if low is not None and value < low:
        errors.append(entry.node.place.mistake(f"{value:g} is below {low:g}; write a number from {low:g} on", path))
        return None
    return float(value)
