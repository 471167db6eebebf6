"""A setup that reuses arrays of another one equals a setup made from the scenario alone, after any change."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from sim.errors import FactsError
from sim.model.setup import Setup, prepare
from sim.scenario import Scenario
from sim.scenario.schema import StateOverride
from tests.changes import BASE, CHANGES


def parts(thing: Any) -> dict[str, Any]:
    """Return the arrays of a setup as bytes with their shape, and everything else as it is."""
    found = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if isinstance(value, np.ndarray):
            found[field.name] = (value.dtype, value.shape, value.tobytes())
        else:
            found[field.name] = parts(value) if is_dataclass(value) else value
    if isinstance(thing, Setup):
        found["later"] = [(first, parts(setup)) for first, setup in thing.later]
    return found


def differing(one: Setup, wanted: Setup) -> list[str]:
    """Return the parts of a setup that are not those of another, to the last bit."""
    found, due = parts(one), parts(wanted)
    return [name for name in due if found[name] != due[name]]


@pytest.fixture(scope="module")
def base() -> Setup:
    return prepare(BASE)


def test_the_list_of_changes_has_every_block_of_a_scenario() -> None:
    blocks = {path.partition(".")[0] for path in CHANGES}
    assert blocks == set(Scenario.model_fields)
    assert len(CHANGES) > 100


def test_a_setup_that_reuses_arrays_equals_a_new_one_after_any_single_change(base: Setup) -> None:
    wrong, moved = {}, {}
    for path, update in CHANGES.items():
        scenario = BASE.model_copy(update=update)
        alone = prepare(scenario)
        if stale := differing(prepare(scenario, base), alone):
            wrong[path] = stale
        if stale := differing(prepare(BASE, alone), base):
            wrong[f"{path}, back"] = stale
        moved[path] = [name for name in differing(alone, base) if name not in ("scenario", "whole")]
    assert wrong == {}
    seen = {name for names in moved.values() for name in names}
    known = {field.name for field in fields(Setup)} - {
        "scenario",
        "whole",
        "considerations",
        "driver_of",
        "own_drivers",
    }
    assert seen == known  # each of them is moved by some setting, so that an old one would have been noticed


def test_a_setting_may_change_at_every_step_of_a_chain(base: Setup) -> None:
    like, scenario, wrong = base, BASE, {}
    for path, update in CHANGES.items():
        if path in ("roster.states", "roster.leave_out"):
            continue  # both leave too few, with what follows
        (name, value), *_ = update.items()
        now = getattr(scenario, name)
        block = value if now is getattr(BASE, name) else now
        scenario = scenario.model_copy(update={name: block})
        like = prepare(scenario, like)
        if stale := differing(like, prepare(scenario)):
            wrong[path] = stale
    assert wrong == {}


@pytest.mark.parametrize("without", [{"opponent": None}, {"host": "POL", "opponent": None}])
def test_a_scenario_without_an_opponent_takes_nothing_over_from_one_that_has_it(
    base: Setup, without: dict[str, Any]
) -> None:
    alone = prepare(BASE.model_copy(update=without))
    assert differing(prepare(BASE.model_copy(update=without), base), alone) == []
    assert differing(prepare(BASE, alone), base) == []
    assert not alone.characteristics.front.any()


def test_a_consideration_that_is_dropped_or_added_is_not_taken_over(base: Setup) -> None:
    fewer = BASE.model_copy(update={"weights": {k: v for k, v in BASE.weights.items() if k != "cost"}})
    assert differing(prepare(fewer, base), prepare(fewer)) == []
    assert differing(prepare(BASE, prepare(fewer)), base) == []


@pytest.mark.parametrize(
    ("without", "asks"),
    [
        ({"weights": BASE.weights | {"opinion": 0.0}}, "weights.opinion"),
        ({"momentum": BASE.momentum.model_copy(update={"budgets_count": False})}, "momentum.budgets_count"),
        ({"deterrence": BASE.deterrence.model_copy(update={"punishment": 0.0})}, "deterrence.punishment"),
    ],
)
def test_a_figure_that_only_the_new_scenario_needs_is_missed_all_the_same(without: dict[str, Any], asks: str) -> None:
    column = {"weights.opinion": "peacekeeping_support_pct", "momentum.budgets_count": "defence_budget_busd"}
    unknown = column.get(asks, "gdp_busd")
    states = {**BASE.states, "SWE": StateOverride(facts={unknown: None})}
    careless = dict.fromkeys(BASE.weights, 0.0) if unknown == "defence_budget_busd" else BASE.weights
    menu = BASE.menu
    if unknown == "defence_budget_busd":
        menu = {name: option.model_copy(update={"share": 0.0}) for name, option in menu.items()}
    lacking = BASE.model_copy(update={"states": states, "weights": careless, "menu": menu})
    like = prepare(lacking.model_copy(update=without))
    with pytest.raises(FactsError, match=asks):
        prepare(lacking)
    with pytest.raises(FactsError, match=asks):
        prepare(lacking, like)
