"""Changes during a run: the rounds in which each one applies, and the scenario that applies from each round on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from sim.errors import Mistake, ScenarioError
from sim.scenario.digest import resolve
from sim.scenario.error_messages import explain
from sim.scenario.merge import changed
from sim.scenario.schema import Scenario
from sim.scenario.setting_overrides import nested
from sim.scenario.syntax_tree import Block, Items, Leaf, MappingEntry, Node, Place, Source, to_builtins
from sim.scenario.tree_from_yaml import read_key

NOWHERE = Place(Source.of("", "", is_setting=True))


def round_on(scenario: Scenario, day: datetime.date) -> int:
    """Return the number of the first round on a day or later: at least 1, and possibly after the last round."""
    return max(1, 1 - (scenario.start - day).days // scenario.round_days)


def rounds_of(scenario: Scenario, begin: datetime.date | None, until: datetime.date | None) -> range:
    """Return the numbers of the rounds on the days from begin on and before until; None means no bound."""
    first = 1 if begin is None else round_on(scenario, begin)
    end = scenario.rounds + 1
    return range(first, end if until is None else min(end, round_on(scenario, until)))


def changed_throughout(path: str, scenario: Scenario) -> bool:
    """Return whether changes replace a setting in every round, so that its value in the scenario is never used.

    The value of an environment quantity still describes its fluctuation; only its level is not used.
    """
    part = path.removesuffix(".level") if path.startswith("environment.") else path
    spans = [rounds_of(scenario, change.at, change.until) for change in scenario.changes if part in change.set]
    return len({number for span in spans for number in span}) == scenario.rounds


def forced_rounds(scenario: Scenario) -> Iterator[tuple[str, str | None, range]]:
    """Yield each forced state with its option and its rounds; a later entry takes precedence.

    None in place of an option means that the state decides for itself again.
    """
    for code, force in scenario.force.items():
        yield code, force.option, rounds_of(scenario, force.from_, force.until)
    for change in scenario.changes:
        for code, option in change.force.items():
            yield code, option, rounds_of(scenario, change.at, change.until)


def stages(scenario: Scenario) -> list[tuple[int, Scenario]]:
    """Return the scenario as it is from round 1 on, and from each round on in which a setting changes.

    Settings that apply at once are merged in the order of `changes`, so the last one for a path counts. Blocks without
    a change are the same objects in all stages. ScenarioError if a change is not valid.
    """
    result = [(number, in_force(scenario, active)) for number, active in _active(scenario)]
    return result or [(1, scenario)]


def combinations(scenario: Scenario) -> list[tuple[int, ...]]:
    """Return the indices of the changes that apply at once at some time, and of each change by itself."""
    alone = [(index,) for index, change in enumerate(scenario.changes) if change.set]
    return list(dict.fromkeys([*(active for _, active in _active(scenario) if active), *alone]))


def in_force(scenario: Scenario, active: Sequence[int]) -> Scenario:
    """Return the scenario with the changes of these indices applied; ScenarioError if they are not valid."""
    if not active:
        return scenario
    tree = _as_node(resolve(scenario))
    assert isinstance(tree, Block)
    touched: set[str] = set()
    for index in active:
        for path, value in scenario.changes[index].set.items():
            touched.add(path.partition(".")[0])
            tree = with_setting(tree, path, _as_node(value), NOWHERE)[0]
    try:
        checked = Scenario.model_validate(to_builtins(tree))
    except ValidationError as error:
        mistakes = explain(error, tree, NOWHERE, at_most=20)
        raise ScenarioError(
            [Mistake(file=scenario.name, message=each.message, path=f"changes: {each.path}") for each in mistakes]
        ) from None
    return scenario.model_copy(update={name: getattr(checked, name) for name in touched})


def with_change(tree: Block, number: int) -> tuple[Block, list[Mistake]]:
    """Return the tree with one of its own changes applied, every value with its place in the file."""
    changes = tree.entries["changes"].node
    assert isinstance(changes, Items)
    change = changes.items[number]
    settings = change.entries["set"].node if isinstance(change, Block) else None
    mistakes: list[Mistake] = []
    for path, entry in settings.entries.items() if isinstance(settings, Block) else ():
        tree, more = with_setting(tree, str(path), entry.node, entry.key)
        mistakes += more
    return tree, mistakes


def with_setting(tree: Block, path: str, value: Node, place: Place) -> tuple[Block, list[Mistake]]:
    """Return the tree with a value set at a path during a run, and the mistakes in that.

    A number for a quantity that fluctuates is its level from then on.
    """
    names = path.split(".")
    return changed(tree, by=_around_levels(nested(names, value, place), tree))


def _active(scenario: Scenario) -> list[tuple[int, tuple[int, ...]]]:
    """Return the first rounds of the stages, and the indices of the changes of settings that apply in each."""
    spans = {
        index: rounds_of(scenario, change.at, change.until)
        for index, change in enumerate(scenario.changes)
        if change.set
    }
    bounds = {1, *(bound for span in spans.values() if span for bound in (span.start, span.stop))}
    result: list[tuple[int, tuple[int, ...]]] = []
    for number in sorted(bound for bound in bounds if bound <= scenario.rounds):
        active = tuple(index for index, span in spans.items() if number in span)
        if not result or result[-1][1] != active:
            result.append((number, active))
    return result


def _around_levels(block: Block, tree: Block) -> Block:
    """Return the block with numbers for quantities that fluctuate as their levels."""
    entry = block.entries.get("environment")
    before = tree.entries.get("environment")
    if entry is None or before is None or not isinstance(entry.node, Block) or not isinstance(before.node, Block):
        return block
    quantities = dict(entry.node.entries)
    for name, quantity in entry.node.entries.items():
        old = before.node.entries.get(name)
        if isinstance(quantity.node, Leaf) and old is not None and _wanders(old.node):
            level = Block({"level": MappingEntry(quantity.key, quantity.node)}, quantity.node.place)
            quantities[name] = MappingEntry(quantity.key, level)
    return Block(
        {**block.entries, "environment": MappingEntry(entry.key, Block(quantities, entry.node.place))}, block.place
    )


def _wanders(node: Node) -> bool:
    return isinstance(node, Block) and "level" in node.entries


def _as_node(value: Any) -> Node:
    match value:
        case dict():
            named = {read_key(str(key)) or str(key): _as_node(item) for key, item in value.items()}
            return Block({key: MappingEntry(NOWHERE, node) for key, node in named.items()}, NOWHERE)
        case list() | tuple():
            return Items(tuple(_as_node(item) for item in value), NOWHERE)
        case _:
            return Leaf(value, str(value), NOWHERE)
