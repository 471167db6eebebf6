"""Play replicates with agents and keep what happened."""

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

_WORTH_A_PROCESS = 1000  # replicates a worker at least, below which starting it takes longer than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """What happened in a number of replicates, round by round; whichever engine played them."""

    replicates: Array  # [replicates] their numbers
    environment: Array  # [replicates, rounds, quantities]
    phase: Array  # [replicates, rounds]
    headline: Array  # [replicates, rounds] place on the menu
    asks: Array  # [replicates, rounds] soldiers asked for the headline
    deterrence: Array  # [replicates, rounds]
    redimensioned: Array  # [replicates, rounds] times so far
    stances: Array  # [replicates, rounds, states] place on the menu
    conditional: Array  # [replicates, rounds, states]

    def between(self, rounds: range) -> Trajectories:
        """Return what happened in some consecutive rounds, counted from 0."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return Trajectories(
            **{
                name: values if name == "replicates" else values[:, rounds.start : rounds.stop]
                for name, values in parts.items()
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStates:
    """What a number of replicates came to after the last round; whichever engine played them."""

    replicates: Array  # [replicates] their numbers
    environment: Array  # [replicates, quantities]
    phase: Array  # [replicates]
    headline: Array  # [replicates] place on the menu
    asks: Array  # [replicates] soldiers asked for the headline
    deterrence: Array  # [replicates]
    redimensioned: Array  # [replicates] times
    stances: Array  # [replicates, states] place on the menu
    conditional: Array  # [replicates, states]
    earlier: Array | None  # [replicates, states] the stances five months before; None in a shorter run
    settled: Array  # [replicates] last round in which any state changed its stance, 0 if none ever did


def play(
    setup: Setup,
    *,
    seed: int,
    replicates: Sequence[int],
    agent_class: type[StateAgent] = StateAgent,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Trajectories:
    """Play the replicates of these numbers and return them in this order, whatever the number of workers.

    workers: processes that share the work (see useful_workers); a script that asks for more than one needs the usual
    `if __name__ == "__main__":`. on_progress is called with the number of replicates just finished.
    """
    if not replicates:
        raise ModelError("no replicates to play; ask for one at least")
    played: list[Trajectories] = []
    for part in _parts(setup, seed, replicates, agent_class, workers):
        played.append(part)
        on_progress(len(part.replicates))
    return joined(played)


def play_one(setup: Setup, seed: int, replicate: int, agent_class: type[StateAgent] = StateAgent) -> Trajectories:
    """Play one replicate."""
    model = CoalitionModel(setup, rng=seed, replicate=replicate, agent_class=agent_class, collects=False)
    kept = _empty(setup, replicate)
    for place in range(setup.scenario.rounds):
        model.step()
        kept.environment[0, place] = model.environment
        kept.phase[0, place] = model.phase
        kept.headline[0, place] = model.headline
        kept.asks[0, place] = model.asks[model.headline]
        kept.deterrence[0, place] = model.deterrence
        kept.redimensioned[0, place] = model.redimensioned
        kept.stances[0, place] = model.outlook.profile
        kept.conditional[0, place] = model.supposed.profile
    return kept


def stability_window(setup: Setup) -> int:
    """Return how many rounds make five months."""
    return round(STABILITY_WINDOW / setup.scenario.round_days)


def end_states(setup: Setup, played: Trajectories) -> EndStates:
    """Return what the replicates came to."""
    stances, back = played.stances, stability_window(setup)
    before = np.concatenate([np.broadcast_to(setup.opening, stances[:, :1].shape), stances[:, :-1]], axis=1)
    moved = (stances != before).any(axis=2)
    rounds = moved.shape[1]
    return EndStates(
        replicates=played.replicates,
        environment=played.environment[:, -1],
        phase=played.phase[:, -1],
        headline=played.headline[:, -1],
        asks=played.asks[:, -1],
        deterrence=played.deterrence[:, -1],
        redimensioned=played.redimensioned[:, -1],
        stances=stances[:, -1],
        conditional=played.conditional[:, -1],
        earlier=stances[:, -1 - back] if back < rounds else None,
        settled=np.where(moved.any(axis=1), rounds - moved[:, ::-1].argmax(axis=1), 0).astype(np.int32),
    )


def useful_workers(setup: Setup, replicates: int) -> int:
    """Return how many processes are worth starting on this machine for this many replicates."""
    if setup.own_drivers:
        return 1  # a function of the user's own may not be known to another process
    return max(1, min(os.cpu_count() or 1, replicates // _WORTH_A_PROCESS))


def joined(parts: Sequence[Trajectories]) -> Trajectories:
    """Return the replicates of all parts as one."""
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
            yield play_one(setup, seed, replicate, agent_class)
        return
    size = max(1, min(20, len(replicates) // (4 * workers)))
    given = setup, agent_class
    yield from process_map(
        workers, partial(_play_here, seed), replicates, at_a_time=size, initializer=_init_worker, arguments=given
    )


_table: dict[str, Any] = {}  # what a worker was given when it sat down


def _init_worker(setup: Setup, agent_class: type[StateAgent]) -> None:
    _table.update(setup=frozen(setup), agent_class=agent_class)


def _play_here(seed: int, replicate: int) -> Trajectories:
    return play_one(_table["setup"], seed, replicate, _table["agent_class"])
