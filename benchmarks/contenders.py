"""What is timed: the same scenario, played by everything that can play it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import mesa
import numpy as np

from sim.ensemble.arrays import game_of
from sim.ensemble.buffers import KernelOutput, output_for, workspace_for
from sim.ensemble.draws import roll, wander
from sim.ensemble.kernel import run_kernel
from sim.ensemble.simulate import EnsembleRunner
from sim.ensemble.simulate import simulate as simulate_ensemble
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, prepare
from sim.model.simulate import simulate
from sim.results.tables import tabulate
from sim.scenario import load_scenario

SCENARIO = "paris-march-2025"
EACH = 200  # replicates of a point of a sweep

SETUP: Setup = prepare(load_scenario(SCENARIO))


class PeerModel(CoalitionModel):
    """The model as mesa.batch_run wants it: parameters by keyword, a number for each replicate."""

    def __init__(self, replicate: int = 0, rng: int = 0) -> None:
        super().__init__(SETUP, rng=0, replicate=replicate)


def batch_run(replicates: int, processes: int) -> None:
    """Play the replicates the way Mesa offers, every row of every round collected."""
    mesa.batch_run(
        PeerModel,
        parameters={"replicate": list(range(replicates))},
        rng=[0],
        max_steps=SETUP.scenario.rounds,
        number_processes=processes,
        data_collection_period=1,
        display_progress=False,
    )


def agents(replicates: int, workers: int) -> None:
    """Play the replicates by agents, tables included."""
    tabulate(SETUP, simulate(SETUP, seed=0, replicates=range(replicates), workers=workers))


def ensemble(replicates: int, threads: int) -> None:
    """Play the replicates by the ensemble, every round kept; luck included, tables not."""
    simulate_ensemble(SETUP, seed=0, replicates=range(replicates), threads=threads)


def sweep(points: int) -> Sequence[Setup]:
    """Return the points of a sweep over the ask."""
    setups: list[Setup] = []
    for ask in np.linspace(5000, 60000, points).astype(int):
        setups.append(prepare(load_scenario(SCENARIO, [f"menu.troops.ask={ask}"]), setups[-1] if setups else None))
    return setups


def crowd(setups: Sequence[Setup], threads: int) -> None:
    """Play what many points come to on common luck, which is rolled once a thread."""
    with ThreadPoolExecutor(threads) as pool:
        parts = [setups[thread::threads] for thread in range(threads)]
        list(pool.map(lambda part: sum(1 for _ in EnsembleRunner(0, range(EACH)).end_states(part)), parts))


def kernel(setups: Sequence[Setup], replicates: int) -> tuple[Callable[[], None], KernelOutput]:
    """Return the bare kernel at these points, luck rolled beforehand, and the record that it writes."""
    game, draws, wandering = (
        game_of(setups),
        roll(setups[0], 0, 0, replicates),
        wander(setups, 0, 0, replicates, {}),
    )
    output, workspace, stop = output_for(game, replicates, 1), workspace_for(game), np.zeros(1, dtype=np.uint8)
    points = (0,) if len(setups) == 1 else np.arange(len(setups))
    return lambda: run_kernel(points, game, draws, wandering, output, False, workspace, stop), output


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
