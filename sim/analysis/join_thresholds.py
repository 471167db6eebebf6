"""Thresholds at which each state joins: of each lever, and of the part of its costs that others would have to carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.analysis.lever import Lever
from sim.analysis.thresholds import GRID, Evaluation, Evaluator, crossing
from sim.model.setup import Setup, frozen

type Array = np.ndarray

HALF = 0.5  # share of replicates in which a state has to declare the headline to count as one that joins
COST = "cost"  # the consideration that others may take off a state
_PARTS = 8  # in which its costs are taken off
_Z = 1.959963984540054  # of the normal distribution, at 97.5 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Thresholds at which each state joins the headline in at least half of the replicates."""

    levers: tuple[Lever, ...]
    helps: Mapping[str, int]  # by lever: 1 if more of it brings more states in, -1 if less does
    states: pd.DataFrame  # a row a state; see joining
    shares_costs: bool  # whether costs could be shared at all: the scenario weighs them


def joining(evaluator: Evaluator, levers: Sequence[Lever]) -> Joining:
    """Return by state the threshold of each lever, and of its costs carried by others, at which it joins.

    Columns: joins (share of replicates in which it declares the headline, unchanged), and for each lever, by its name,
    and for cost the threshold with its 95 % interval in .low and .high, and the largest share in the range in .most;
    the threshold is not-a-number if the state joins nowhere in the range. It is the first value in the direction that
    helps, from the end of the range that helps least; all states respond to each other as the lever changes. The
    interval holds the values at which one half is in the interval of the share (Wilson 1927).
    """
    (now,) = evaluator.read([()])
    columns: dict[str, Array] = {"joins": now.joins}
    helps = {}
    for lever in levers:
        grid = lever.grid(GRID)
        evaluations = evaluator.read([((lever, value),) for value in grid])
        helps[lever.name] = 1 if evaluations[-1].joins.sum() >= evaluations[0].joins.sum() else -1
        order = range(len(grid))[:: helps[lever.name]]
        shares = np.stack([evaluations[index].joins for index in order])
        columns |= _columns(lever.name, [grid[index] for index in order], shares, evaluator.common_draws.replicates)
    shares_costs = COST in evaluator.setup.considerations
    if shares_costs:
        columns |= _costs(evaluator, now)
    return Joining(
        levers=tuple(levers),
        helps=helps,
        states=pd.DataFrame(columns, index=pd.Index(evaluator.setup.codes, name="state")),
        shares_costs=shares_costs,
    )


def plays(states: int) -> int:
    """Return the approximate number of simulations that the sharing of costs needs."""
    return states + _PARTS


def relieved(setup: Setup, state: int, part: float) -> Setup:
    """Return the setup in which others carry a part of the costs of one state, given by its index on the roster."""
    index = setup.considerations.index(COST)
    pulls = setup.pulls.copy()
    pulls[state, :, setup.driver_of[index]] -= part * setup.stakes[state, :, index]
    return frozen(replace(setup, pulls=pulls))


def _costs(evaluator: Evaluator, now: Evaluation) -> dict[str, Array]:
    """Return the part of its costs that others would have to carry for each state to join."""
    setup, number = evaluator.setup, len(now.joins)
    columns = {name: np.full(number, np.nan) for name in (COST, f"{COST}.low", f"{COST}.high")}
    already = now.joins >= HALF
    for values in columns.values():
        values[already] = 0.0
    columns[f"{COST}.most"] = now.joins.copy()
    others = np.flatnonzero(~already).tolist()
    free = dict(zip(others, evaluator.of([relieved(setup, state, 1.0) for state in others]), strict=True))
    for state, evaluation in free.items():
        columns[f"{COST}.most"][state] = max(now.joins[state], evaluation.joins[state])
    won = [state for state in others if free[state].joins[state] >= HALF]
    parts = np.linspace(0.0, 1.0, _PARTS + 1).tolist()
    tried = evaluator.of([relieved(setup, state, part) for state in won for part in parts[1:-1]])
    for index, state in enumerate(won):
        inner = tried[index * (_PARTS - 1) : (index + 1) * (_PARTS - 1)]
        shares = np.array([evaluation.joins[state] for evaluation in (now, *inner, free[state])])[:, None]
        for name, values in _columns(COST, parts, shares, evaluator.common_draws.replicates).items():
            columns[name][state] = values[0]
    return columns


def _columns(name: str, values: Sequence[float], shares: Array, replicates: int) -> dict[str, Array]:
    """Return where the shares [values, states] first reach one half, with the ends of the interval."""
    low, high = _wilson(shares, replicates)
    lines = [
        np.array([crossing(values, (HALF - of[:, i]).tolist()) for i in range(of.shape[1])])
        for of in (shares, high, low)
    ]
    first, last = np.fmin(lines[1], lines[2]), np.where(np.isnan(lines[2]), np.nan, np.fmax(lines[1], lines[2]))
    return {name: lines[0], f"{name}.low": first, f"{name}.high": last, f"{name}.most": shares.max(axis=0)}


def _wilson(share: Array, count: int) -> tuple[Array, Array]:
    part = _Z**2 / count
    middle = (share + part / 2.0) / (1.0 + part)
    reach = _Z * np.sqrt(share * (1.0 - share) / count + part / (4.0 * count)) / (1.0 + part)
    return middle - reach, middle + reach
