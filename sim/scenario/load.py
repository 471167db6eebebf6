"""Load a scenario from a name, a file or a mapping: a checked Scenario, or every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import Mistake, ScenarioError
from sim.scenario.cross_checks import Parties, parties_in
from sim.scenario.differences import Difference, as_given, differences, joined
from sim.scenario.digest import to_yaml
from sim.scenario.file_kinds import SCENARIO
from sim.scenario.files import find_extended, find_scenario, take_text
from sim.scenario.merge import changed, inheritable
from sim.scenario.no_effect import warnings
from sim.scenario.parties import renamed
from sim.scenario.schema import Scenario
from sim.scenario.setting_overrides import apply_setting, shown_setting
from sim.scenario.setting_text import settings_of
from sim.scenario.syntax_tree import Block, Leaf, MappingEntry, Node
from sim.scenario.tree_from_mapping import tree_of_mapping, with_paths
from sim.scenario.tree_from_yaml import read_tree
from sim.scenario.unchecked import UncheckedScenario

LONGEST_CHAIN = 20  # scenarios that extend one another


def load_scenario(
    scenario: str | Path | Mapping[str, Any] | Scenario, settings: Sequence[str] | Mapping[str, Any] = ()
) -> Scenario:
    """Load a scenario and replace settings in it.

    Parameters
    ----------
    scenario : str, Path, mapping or Scenario
        The name of a shipped scenario, the path of a YAML file, a mapping with the keys of such a file, or a scenario
        that was loaded before. A scenario that a mapping extends is looked for in the working folder and among the
        shipped ones.
    settings : sequence of str, or mapping of str to values, optional
        Settings to replace: texts such as `menu.troops.ask=40000`, or values by path.

    Returns
    -------
    Scenario
        The checked scenario.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read or makes no sense. The error lists every mistake: in a file with line and
        column, in a mapping with the path of the key.

    Examples
    --------
    >>> load_scenario("paris-march-2025", {"menu.troops.ask": 40_000, "leads": ["GBR"]}).leads
    ('GBR',)
    >>> own = load_scenario({"extends": "base", "question": "Does clarity matter?", "environment": {"clarity": 0.5}})
    >>> own.environment.clarity.value
    0.5
    """
    settings = settings_of(settings)
    if isinstance(scenario, Scenario):
        return with_settings(scenario, settings)
    if isinstance(scenario, Mapping):
        return _load_mapping(scenario, settings)
    path = find_scenario(scenario)
    return _recorded(read_unchecked(path, settings).checked(), path, settings).with_origin(str(scenario), settings)


def _load_mapping(mapping: Mapping[str, Any], settings: Sequence[str]) -> Scenario:
    tree, _ = tree_of_mapping(mapping)
    try:
        return _recorded(read_unchecked(mapping, settings).checked(), mapping, settings)
    except ScenarioError as error:
        raise ScenarioError(with_paths(error.mistakes, tree)) from None


def load_and_warn(reference: str | Path, settings: Sequence[str] = ()) -> tuple[Scenario, list[Mistake]]:
    """Return the scenario, and its settings that can have no effect.

    Settings of the file are reported only if they have no effect without the replaced settings either, because those
    may switch them off on purpose. Forced stances and changes are always reported.
    """
    path = find_scenario(reference)
    draft = read_unchecked(path, settings)
    scenario = draft.checked()
    doubts = warnings(draft, scenario)
    if settings:
        alone = read_unchecked(path)
        try:
            before = warnings(alone, alone.checked())
        except ScenarioError:
            before = []
        known = {(each.file, each.line, each.path) for each in before}
        doubts = [
            each
            for each in doubts
            if each.line is None
            or (each.file, each.line, each.path) in known
            or each.path.split(".")[0] in ("force", "changes")  # which fewer rounds can remove as a whole
        ]
    return _recorded(scenario, path, settings).with_origin(str(reference), settings), doubts


def _recorded(scenario: Scenario, source: Path | Mapping[str, Any], settings: Sequence[str]) -> Scenario:
    """Return the scenario with its differences from the one without the settings."""
    if not settings:
        return scenario
    return scenario.with_differences(differences_from_named(scenario, read_unchecked(source), settings))


def differences_from_named(scenario: Scenario, named: UncheckedScenario, settings: Sequence[str]) -> list[Difference]:
    """Return the differences of a scenario from the one in which settings were replaced.

    If that one makes no sense by itself, each setting is returned as it was given.
    """
    try:
        return differences(scenario, named.checked())
    except ScenarioError:
        return [as_given(setting) for setting in settings]


def with_settings(scenario: Scenario, settings: Sequence[str]) -> Scenario:
    """Return a scenario that was loaded before, with the settings (`menu.troops.ask=40000`) applied.

    ScenarioError, with every mistake, if the result makes no sense.
    """
    if not settings:
        return scenario
    tree, mistakes = read_tree(scenario.name, to_yaml(scenario))
    changed_tree, more, given_for = _whole([tree], settings)
    after = UncheckedScenario(
        tree=changed_tree,
        top=tree.place,
        sources=(scenario.name, *map(shown_setting, settings)),
        extends_nothing=True,
        mistakes=(*mistakes, *more),
        given_for=given_for,
    ).checked()
    after = renamed(after, scenario).with_differences(joined(scenario.differences, differences(after, scenario)))
    if scenario.origin is None:
        return after
    return after.with_origin(scenario.origin.reference, (*scenario.origin.settings, *settings))


def read_unchecked(source: Path | Mapping[str, Any], settings: Sequence[str] = ()) -> UncheckedScenario:
    """Return the scenario of a file or mapping with all that it inherits, before it is checked.

    ScenarioError if it, or a scenario that it extends, cannot be read.
    """
    chain, mistakes = _chain(source)
    top = chain[0].place
    tree, more, given_for = _whole(chain, settings)
    if "name" not in tree.entries:
        name = name_of(_path_of(source), SCENARIO.name)
        tree.entries["name"] = MappingEntry(top, Leaf(name, name, top))
    return UncheckedScenario(
        tree=tree,
        top=top,
        sources=(*(block.place.source.name for block in chain), *map(shown_setting, settings)),
        extends_nothing=len(chain) == 1,
        mistakes=(*mistakes, *more),
        inherited=tuple(block.place.source.name for block in chain[1:]),
        given_for=given_for,
    )


def name_of(path: Path, otherwise: str) -> str:
    """Return the name of a scenario or an experiment that follows from the name of its file."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).lstrip("_.-") or otherwise


def _path_of(source: Path | Mapping[str, Any]) -> Path:
    """Return the path of a file; for a mapping that of a file in the working folder."""
    return source if isinstance(source, Path) else Path(SCENARIO.name)


def _read(source: Path | Mapping[str, Any]) -> tuple[Block, tuple[Mistake, ...]]:
    """Return the settings of one file or mapping; ScenarioError if it cannot be read or is an experiment."""
    if isinstance(source, Path):
        tree, mistakes = read_tree(str(source), take_text(source))
        remedy = f"`willing sweep {source}` simulates it"
    else:
        tree, mistakes = tree_of_mapping(source)
        remedy = "simulate it with sim.sweep"
    if "vary" in tree.entries:
        message = f"this is an experiment, which varies a scenario; {remedy}"
        raise ScenarioError([tree.entries["vary"].key.mistake(message)])
    return tree, mistakes


def _chain(source: Path | Mapping[str, Any]) -> tuple[list[Block], list[Mistake]]:
    """Return the scenario and those that it extends, itself first; ScenarioError if one cannot be read."""
    chain: list[Block] = []
    mistakes: list[Mistake] = []
    paths: list[Path] = []
    while True:
        paths.append(_path_of(source))
        try:
            tree, more = _read(source)
        except ScenarioError as error:
            raise ScenarioError([*mistakes, *error.mistakes]) from None
        mistakes += more
        chain.append(Block({key: entry for key, entry in tree.entries.items() if key != "extends"}, tree.place))
        if "extends" not in tree.entries:
            return chain, mistakes
        parent = tree.entries["extends"].node
        try:
            source = _extended_path(parent, paths)
        except ScenarioError as error:
            raise ScenarioError([*mistakes, *error.mistakes]) from None


def _extended_path(name: Node, paths: Sequence[Path]) -> Path:
    """Return the scenario that the last of the paths extends."""
    if not isinstance(name, Leaf) or not isinstance(name.value, str):
        raise ScenarioError([name.place.mistake("must be the name of one scenario, such as base", "extends")])
    parent = find_extended(name.value, paths[-1], name.place)
    chain = " -> ".join(path.stem for path in (*paths, parent))
    if parent.resolve() in (path.resolve() for path in paths):
        raise ScenarioError([name.place.mistake(f"goes round in a circle: {chain}", "extends")])
    if len(paths) >= LONGEST_CHAIN:
        message = f"more than {LONGEST_CHAIN} scenarios extend one another: {chain}"
        raise ScenarioError([name.place.mistake(message, "extends")])
    return parent


def _whole(chain: Sequence[Block], settings: Sequence[str]) -> tuple[Block, list[Mistake], dict[str, Parties]]:
    """Return the scenario with its inherited and replaced settings, and the host and opponent in each of its sources.

    All settings count as one source.
    """
    tree = Block({}, chain[-1].place)
    mistakes: list[Mistake] = []
    given_for: dict[str, Parties] = {}
    for block in reversed(chain):
        tree, more = changed(inheritable(tree), by=block)
        mistakes += more
        given_for[block.place.source.name] = parties_in(tree)
    for setting in settings:
        try:
            tree, more = apply_setting(tree, setting)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            mistakes += more
    return tree, mistakes, given_for | dict.fromkeys(map(shown_setting, settings), parties_in(tree))
