"""From a file, or the name of a shipped scenario, to a checked Scenario, or to every mistake in it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from sim.errors import Mistake, ScenarioError
from sim.scenario.explain import explain
from sim.scenario.files import find_extended, find_scenario, take_text
from sim.scenario.merge import changed, inheritable
from sim.scenario.schema import Scenario
from sim.scenario.sense import sense
from sim.scenario.settings import read_setting, shown_setting
from sim.scenario.tree import Block, Entry, Leaf, Node, plain
from sim.scenario.yaml_file import read_tree

LONGEST_CHAIN = 20  # scenarios that extend one another
MOST_MISTAKES = 100  # told at once


def load_scenario(reference: str | Path, settings: Sequence[str] = ()) -> Scenario:
    """Return the scenario that the path or the name stands for, with the settings (`menu.troops.ask=40000`) applied.

    ScenarioError, with every mistake and its place, where it cannot be read or does not make sense.
    """
    path = find_scenario(reference)
    chain, mistakes = _chain(path)
    top = chain[0].place
    tree, more = _whole(chain, settings)
    mistakes += more
    if "name" not in tree.entries:
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).lstrip("_.-") or "scenario"
        tree.entries["name"] = Entry(top, Leaf(name, name, top))
    scenario = None
    try:
        scenario = Scenario.model_validate(plain(tree))
    except ValidationError as error:
        found = explain(error, tree, top, extends_nothing=len(chain) == 1, at_most=MOST_MISTAKES + 1)
        mistakes += _not_told(found, mistakes)
    mistakes += _not_told(sense(tree, at_most=MOST_MISTAKES + 1), mistakes)
    if scenario is None or mistakes:
        files = [block.place.source.name for block in chain]
        raise ScenarioError(_in_order(mistakes, [*files, *map(shown_setting, settings)]))
    return scenario


def _chain(path: Path) -> tuple[list[Block], list[Mistake]]:
    """Return the scenario and those that it extends, itself first; ScenarioError where one cannot be read."""
    chain: list[Block] = []
    mistakes: list[Mistake] = []
    paths: list[Path] = []
    while True:
        paths.append(path)
        try:
            tree, found = read_tree(str(path), take_text(path))
        except ScenarioError as error:
            raise ScenarioError([*mistakes, *error.mistakes]) from None
        mistakes += found
        chain.append(Block({key: entry for key, entry in tree.entries.items() if key != "extends"}, tree.place))
        if "extends" not in tree.entries:
            return chain, mistakes
        parent = tree.entries["extends"].node
        try:
            path = _extended_path(parent, paths)
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


def _whole(chain: Sequence[Block], settings: Iterable[str]) -> tuple[Block, list[Mistake]]:
    """Return the scenario with what it inherits and with single settings replaced."""
    tree = Block({}, chain[-1].place)
    mistakes: list[Mistake] = []
    for block in reversed(chain):
        tree, more = changed(inheritable(tree), by=block)
        mistakes += more
    for setting in settings:
        try:
            block, found = read_setting(setting)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            tree, more = changed(tree, by=block)
            mistakes += [*found, *more]
    return tree, mistakes


def _not_told(found: Iterable[Mistake], told: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes that concern no setting about which there is one already."""
    known = {(mistake.file, mistake.line, mistake.column, mistake.path) for mistake in told}
    return [each for each in found if (each.file, each.line, each.column, each.path) not in known]


def _in_order(mistakes: Sequence[Mistake], sources: Sequence[str]) -> list[Mistake]:
    """Return the mistakes in the order of their sources and as they stand there, and not too many of them."""

    def place(mistake: Mistake) -> tuple[int, int, int]:
        source = sources.index(mistake.file) if mistake.file in sources else len(sources)
        return source, mistake.line or 0, mistake.column or 0

    first = sorted(mistakes, key=place)[:MOST_MISTAKES]
    if len(mistakes) > MOST_MISTAKES:
        first.append(Mistake(file=sources[0], message=f"more than {MOST_MISTAKES} mistakes; mend these first"))
    return first
