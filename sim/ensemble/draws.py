"""The random draws of many replicates, made once and shared by every point of a sweep with the same states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.model.draws import addresses, checked_replicate, checked_seed
from sim.model.setup import Setup
from sim.scenario.environment_process import LogitAR1
from sim.theory import processes, rng
from sim.theory.choice import ENVIRONMENT
from sim.theory.jit_cache import njit
from sim.theory.rng import address

type Array = np.ndarray

_SIMULTANEOUS, _LEADS_FIRST, _RANDOM_SEQUENCE, _ONE_AT_A_TIME = range(4)
_ORDERS = ("simultaneous", "leads_first", "random_sequence", "one_at_a_time")
_NOBODY = np.zeros(1, dtype=np.int64)


class DrawArrays(NamedTuple):
    """The random draws of replicates: the states that revise in each round, and the taste shocks."""

    tastes: Array  # [replicates, states, options] standard Gumbel: the first type of a state
    new_tastes: Array  # [turnovers, options] the types after turnovers
    starts: Array  # [replicates, rounds + 1] begin of each round in the two arrays that follow
    reviser: Array  # [revisions] index of the state, in the order of declaring
    turnover: Array  # [revisions] row of new_tastes, -1: the state keeps its type
    peace: Array  # [replicates, rounds]
    violations: Array  # [replicates, rounds]
    sincerity: Array  # [replicates]


class Fluctuations(NamedTuple):
    """The paths of fluctuating quantities in each replicate."""

    paths: Array  # [paths, replicates, rounds]
    rows: Array  # [quantities, points] index of the path; -1 where a quantity does not fluctuate


type Key = tuple[object, ...]


def key_of(setup: Setup) -> Key:
    """Return everything besides number and seed that determines the draws of a replicate, from round to round."""
    found = [(1, key_in_force(setup))]
    for first, later in setup.later:
        if (key := key_in_force(later)) != found[-1][1]:
            found.append((first, key))
    return tuple(found)


def key_in_force(setup: Setup) -> Key:
    """Return everything that determines the draws of a replicate while a setup is in force."""
    scenario = setup.scenario
    leads = scenario.leads if scenario.activation == "leads_first" else ()
    chances = scenario.revision, scenario.turnover
    return setup.codes, setup.menu.names, scenario.rounds, scenario.activation, chances, tuple(sorted(leads))


def roll(setup: Setup, seed: int, first: int, replicates: int) -> DrawArrays:
    """Return the draws of the replicates from the first on: those of sim.model.draws that affect the results."""
    seed, scenario = checked_seed(seed), setup.scenario
    for number in (first, first + max(replicates, 1) - 1):
        checked_replicate(number)
    who = addresses("state", setup.codes)
    tastes = addresses("taste", setup.menu.names)
    order = _ORDERS.index(scenario.activation)
    chances = float(scenario.revision), float(scenario.turnover)
    what = np.array([address("revision"), address("turnover"), address("order")])
    starts = np.empty((replicates, scenario.rounds + 1), dtype=np.int64)
    room = (
        replicates * scenario.rounds * (1 if order == _ONE_AT_A_TIME else who.size) + 1
    )  # one is written, not counted
    reviser, turnover = np.empty(room, dtype=np.int16), np.empty(room, dtype=np.int32)
    turnovers = _revisions(who, what, order, setup.leads, *chances, first, seed, starts, reviser, turnover)
    reviser, turnover = reviser[: starts[-1, -1]].copy(), turnover[: starts[-1, -1]].copy()
    new = np.empty((turnovers, tastes.size))
    _new_tastes(tastes, who, starts, reviser, turnover, first, seed, new)
    peace = np.empty((replicates, scenario.rounds))
    violations = np.empty((replicates, scenario.rounds))
    sincerity = np.empty(replicates)
    kinds = np.array([address("peace"), address("violations"), address("sincerity")])
    _of_the_peace(kinds, first, seed, peace, violations, sincerity)
    return DrawArrays(
        tastes=_first_tastes(tastes, who, first, replicates, seed),
        new_tastes=new,
        starts=starts,
        reviser=reviser,
        turnover=turnover,
        peace=peace,
        violations=violations,
        sincerity=sincerity,
    )


def wander(setups: Sequence[Setup], seed: int, first: int, replicates: int, known: dict[object, Array]) -> Fluctuations:
    """Return the fluctuating quantities at each of the points; known caches draws and paths between calls."""
    shape = replicates, setups[0].scenario.rounds
    rows = np.full((len(ENVIRONMENT), len(setups)), -1)
    places: dict[int, int] = {}
    paths: list[Array] = []
    for point, setup in enumerate(setups):
        for place, quantity in enumerate(ENVIRONMENT):
            process = getattr(setup.scenario.environment, quantity)
            if isinstance(process, LogitAR1):
                path = _path(quantity, process, seed, first, shape, known)
                if id(path) not in places:
                    places[id(path)] = len(paths)
                    paths.append(path)
                rows[place, point] = places[id(path)]
    return Fluctuations(paths=np.stack(paths) if paths else np.empty((0, *shape)), rows=rows)


def _path(
    quantity: str, process: LogitAR1, seed: int, first: int, shape: tuple[int, int], known: dict[object, Array]
) -> Array:
    name = quantity, process, seed, first, shape
    if name not in known:
        draws = quantity, seed, first, shape
        if draws not in known:
            known[draws] = _moves(address("quantity", quantity), _MOVES, seed, first, *shape)
        if len(known) > 64:  # a sweep over a level would store each
            kept = known[draws]
            known.clear()
            known[draws] = kept
        known[name] = _wandered(
            process.level,
            process.persistence,
            process.volatility,
            process.jump_chance,
            process.jump_size,
            *known[draws],
        )
    return known[name]


_MOVES = np.array([address("move"), address("jump"), address("jump size")])


@njit(cache=True, nogil=True)
def _moves(who: int, what: Array, seed: int, first: int, replicates: int, rounds: int) -> Array:
    """Return moves, jumps and the sizes of jumps, as [3, replicates, rounds]."""
    drawn = np.empty((3, replicates, rounds))
    for r in range(replicates):
        for t in range(rounds):
            drawn[0, r, t] = rng.normal(what[0], who, t + 1, first + r, seed)
            drawn[1, r, t] = rng.uniform(what[1], who, t + 1, first + r, seed)
            drawn[2, r, t] = rng.normal(what[2], who, t + 1, first + r, seed)
    return drawn


@njit(cache=True, nogil=True)
def _wandered(
    level: float,
    persistence: float,
    volatility: float,
    jump_chance: float,
    jump_size: float,
    moves: Array,
    jumps: Array,
    jump_moves: Array,
) -> Array:
    paths = np.empty(moves.shape)
    for r in range(moves.shape[0]):
        paths[r] = processes.logit_ar1(
            level, persistence, volatility, jump_chance, jump_size, moves[r], jumps[r], jump_moves[r]
        )
    return paths


@njit(cache=True, nogil=True)
def _first_tastes(what: Array, who: Array, first: int, replicates: int, seed: int) -> Array:
    drawn = np.empty((replicates, who.size, what.size))
    for r in range(replicates):
        for i in range(who.size):
            for k in range(what.size):
                drawn[r, i, k] = rng.gumbel(what[k], who[i], 0, first + r, seed)
    return drawn


@njit(cache=True, nogil=True)
def _of_the_peace(what: Array, first: int, seed: int, peace: Array, violations: Array, sincerity: Array) -> None:
    for r in range(sincerity.size):
        sincerity[r] = rng.uniform(what[2], 0, 0, first + r, seed)
        for t in range(peace.shape[1]):
            peace[r, t] = rng.uniform(what[0], 0, t + 1, first + r, seed)
            violations[r, t] = rng.uniform(what[1], 0, t + 1, first + r, seed)


@njit(cache=True, nogil=True)
def _revisions(
    who: Array,
    what: Array,
    order: int,
    leads: Array,
    revision: float,
    turnover: float,
    first: int,
    seed: int,
    starts: Array,
    reviser: Array,
    turned: Array,
) -> int:
    """Write starts, reviser and turnover of DrawArrays; return the number of turnovers.

    what [revision, turnover, order] are addresses of purposes.
    """
    states = who.size
    found, renewed = 0, 0
    drawn, asked = np.empty(states), np.empty(states, dtype=np.int64)
    for r in range(starts.shape[0]):
        replicate = first + r
        for t in range(starts.shape[1] - 1):
            starts[r, t] = found
            _uniforms(what[2] if order == _ONE_AT_A_TIME else what[0], who, states, t + 1, replicate, seed, drawn)
            if order == _ONE_AT_A_TIME:
                chosen = 0
                for i in range(1, states):
                    chosen = i if drawn[i] < drawn[chosen] else chosen
                reviser[found] = chosen
                found += 1
            else:
                for i in range(states):
                    reviser[found] = i
                    found += drawn[i] < revision
            group = reviser[starts[r, t] : found]
            if order == _LEADS_FIRST:
                _leads_to_the_front(group, leads)
            elif order == _RANDOM_SEQUENCE:
                for n in range(group.size):
                    asked[n] = who[group[n]]
                _uniforms(what[2], asked, group.size, t + 1, replicate, seed, drawn)
                _sort_by(drawn, group)
            for n in range(group.size):
                asked[n] = who[group[n]]
            _uniforms(what[1], asked, group.size, t + 1, replicate, seed, drawn)
            for n in range(group.size):
                turns = drawn[n] < turnover
                turned[starts[r, t] + n] = renewed if turns else -1
                renewed += turns
        starts[r, -1] = found
    return renewed


@njit(cache=True, nogil=True)
def _new_tastes(
    what: Array, who: Array, starts: Array, reviser: Array, turned: Array, first: int, seed: int, drawn: Array
) -> None:
    """Draw the types of turnovers into drawn [turnovers, options]."""
    for r in range(starts.shape[0]):
        for t in range(starts.shape[1] - 1):
            for n in range(starts[r, t], starts[r, t + 1]):
                if turned[n] >= 0:
                    for k in range(what.size):
                        drawn[turned[n], k] = rng.gumbel(what[k], who[reviser[n]], t + 1, first + r, seed)


@njit(cache=True)
def _uniforms(what: int, who: Array, number: int, when: int, replicate: int, seed: int, drawn: Array) -> None:
    """Draw for the first addresses; a separate loop, which the processor vectorises."""
    for n in range(number):
        drawn[n] = rng.uniform(what, who[n], when, replicate, seed)


@njit(cache=True)
def _leads_to_the_front(group: Array, leads: Array) -> None:
    """Move the leads to the front, otherwise keeping the order."""
    front = 0
    for n in range(group.size):
        if leads[group[n]] > 0.0:
            lead = group[n]
            for m in range(n, front, -1):
                group[m] = group[m - 1]
            group[front] = lead
            front += 1


@njit(cache=True)
def _sort_by(turns: Array, group: Array) -> None:
    """Sort the group by its turns; states with equal turns keep their order."""
    for n in range(1, group.size):
        turn, state = turns[n], group[n]
        m = n
        while m > 0 and turns[m - 1] > turn:
            turns[m], group[m] = turns[m - 1], group[m - 1]
            m -= 1
        turns[m], group[m] = turn, state
