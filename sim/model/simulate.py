"""Simulate replicates with agents and record every round."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, frozen
from sim.process_pool import process_map

type Array = np.ndarray

STABILITY_WINDOW = 152  # days

_LEAST_PER_PROCESS = 1000  # replicates per worker, below which starting it takes longer than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """A number of replicates, round by round, from either engine."""

    replicates: Array  # [replicates] their numbers
    environment: Array  # [replicates, rounds, quantities]
    phase: Array  # [replicates, rounds]
    headline: Array  # [replicates, rounds] index on the menu
    asks: Array  # [replicates, rounds] soldiers asked for the headline
    deterrence: Array  # [replicates, rounds]
    redimensioned: Array  # [replicates, rounds] times so far
    stances: Array  # [replicates, rounds, states] index on the menu
    conditional: Array  # [replicates, rounds, states]

    def between(self, rounds: range) -> Trajectories:
        """Return consecutive rounds, counted from 0."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return Trajectories(
            **{
                name: values if name == "replicates" else values[:, rounds.start : rounds.stop]
                for name, values in parts.items()
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStates:
    """The state of a number of replicates after the last round, from either engine."""

    replicates: Array  # [replicates] their numbers
    environment: Array  # [replicates, quantities]
    phase: Array  # [replicates]
    headline: Array  # [replicates] index on the menu
    asks: Array  # [replicates] soldiers asked for the headline
    deterrence: Array  # [replicates]
    redimensioned: Array  # [replicates] times
    stances: Array  # [replicates, states] index on the menu
    conditional: Array  # [replicates, states]
    earlier: Array | None  # [replicates, states] the stances five months before; None in a shorter run
    last_change: Array  # [replicates] last round in which a state changed its stance; 0 if none did


def simulate(
    setup: Setup,
    *,
    seed: int,
    replicates: Sequence[int],
    agent_class: type[StateAgent] = StateAgent,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Trajectories:
    """Simulate replicates by number and return them in this order, for any number of workers.

    Parameters
    ----------
    setup : Setup
        The arrays of the scenario, from `prepare`.
    seed : int
        Random seed.
    replicates : sequence of int
        The numbers of the replicates. Each number has its own random draws.
    agent_class : type, optional
        The class of the states.
    workers : int, optional
        Number of processes (see `useful_workers`). A script that uses more than one needs the usual
        `if __name__ == "__main__":`.
    on_progress : callable, optional
        Called with the number of replicates just finished.

    Returns
    -------
    Trajectories
        Every round of each replicate.
    """
    if not replicates:
        raise ModelError("no replicates to simulate; the number must be at least 1")
    parts: list[Trajectories] = []
    for part in _parts(setup, seed, replicates, agent_class, workers):
        parts.append(part)
        on_progress(len(part.replicates))
    return joined(parts)


def simulate_one(setup: Setup, seed: int, replicate: int, agent_class: type[StateAgent] = StateAgent) -> Trajectories:
    """Simulate one replicate."""
    model = CoalitionModel(setup, rng=seed, replicate=replicate, agent_class=agent_class, collects=False)
    result = _empty(setup, replicate)
    for index in range(setup.scenario.rounds):
        model.step()
        result.environment[0, index] = model.environment
        result.phase[0, index] = model.phase
        result.headline[0, index] = model.headline
        result.asks[0, index] = model.asks[model.headline]
        result.deterrence[0, index] = model.deterrence
        result.redimensioned[0, index] = model.redimensioned
        result.stances[0, index] = model.outlook.profile
        result.conditional[0, index] = model.supposed.profile
    return result


def stability_window(setup: Setup) -> int:
    """Return the number of rounds in five months."""
    return round(STABILITY_WINDOW / setup.scenario.round_days)


def end_states(setup: Setup, trajectories: Trajectories) -> EndStates:
    """Return the states of the replicates after the last round."""
    stances, back = trajectories.stances, stability_window(setup)
    before = np.concatenate([np.broadcast_to(setup.opening, stances[:, :1].shape), stances[:, :-1]], axis=1)
    moved = (stances != before).any(axis=2)
    rounds = moved.shape[1]
    return EndStates(
        replicates=trajectories.replicates,
        environment=trajectories.environment[:, -1],
        phase=trajectories.phase[:, -1],
        headline=trajectories.headline[:, -1],
        asks=trajectories.asks[:, -1],
        deterrence=trajectories.deterrence[:, -1],
        redimensioned=trajectories.redimensioned[:, -1],
        stances=stances[:, -1],
        conditional=trajectories.conditional[:, -1],
        earlier=stances[:, -1 - back] if back < rounds else None,
        last_change=np.where(moved.any(axis=1), rounds - moved[:, ::-1].argmax(axis=1), 0).astype(np.int32),
    )


def useful_workers(setup: Setup, replicates: int) -> int:
    """Return the number of processes that saves time on this machine for this number of replicates."""
    if setup.own_drivers:
        return 1  # another process may not know a function of the user's
    return max(1, min(os.cpu_count() or 1, replicates // _LEAST_PER_PROCESS))


def joined(parts: Sequence[Trajectories]) -> Trajectories:
    """Return the replicates of all parts together."""
    return Trajectories(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Trajectories)}
    )


def _empty(setup: Setup, replicate: int) -> Trajectories:
    rounds, states = setup.scenario.rounds, len(setup.codes)
    return Trajectories(
        replicates=np.array([replicate]),
        environment=np.empty((1, rounds, setup.fixed_paths.shape[1])),
        phase=np.empty((1, rounds), dtype=np.int8),
        headline=np.empty((1, rounds), dtype=np.int8),
        asks=np.empty((1, rounds)),
        deterrence=np.empty((1, rounds)),
        redimensioned=np.empty((1, rounds), dtype=np.int32),
        stances=np.empty((1, rounds, states), dtype=np.int8),
        conditional=np.empty((1, rounds, states), dtype=np.int8),
    )


def _parts(
    setup: Setup, seed: int, replicates: Sequence[int], agent_class: type[StateAgent], workers: int
) -> Iterator[Trajectories]:
    if workers <= 1:
        for replicate in replicates:
            yield simulate_one(setup, seed, replicate, agent_class)
        return
    size = max(1, min(20, len(replicates) // (4 * workers)))
    given = setup, agent_class
    yield from process_map(
        workers, partial(_simulate_here, seed), replicates, at_a_time=size, initializer=_init_worker, arguments=given
    )


_worker: dict[str, Any] = {}  # the setup and the class of agents of this process


def _init_worker(setup: Setup, agent_class: type[StateAgent]) -> None:
    _worker.update(setup=frozen(setup), agent_class=agent_class)


def _simulate_here(seed: int, replicate: int) -> Trajectories:
    return simulate_one(_worker["setup"], seed, replicate, _worker["agent_class"])
