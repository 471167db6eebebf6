"""How fast the agents engine is, beside mesa.batch_run, in one run on this machine.

    make bench

Every row plays the same scenario; the medians of three turns, taken in rotation so that a slow moment of the machine
falls on all of them.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import mesa

from sim.model.coalition import CoalitionModel
from sim.model.play import play, play_one
from sim.model.setup import Setup, prepare
from sim.results.tables import tabulate
from sim.scenario import load_scenario

SCENARIO = "paris-march-2025"
REPLICATES = 120
TURNS = 3


class PeerModel(CoalitionModel):
    """The model as mesa.batch_run wants it: parameters by keyword, a number for each replicate."""

    def __init__(self, replicate: int = 0, rng: int = 0) -> None:
        super().__init__(SETUP, rng=0, replicate=replicate)


SETUP: Setup = prepare(load_scenario(SCENARIO))


def batch_run(processes: int) -> None:
    """Play the replicates the way Mesa offers."""
    mesa.batch_run(
        PeerModel,
        parameters={"replicate": list(range(REPLICATES))},
        rng=[0],
        max_steps=SETUP.scenario.rounds,
        number_processes=processes,
        data_collection_period=1,
        display_progress=False,
    )


def agents(workers: int) -> None:
    """Play the replicates with our own runner, tables included."""
    tabulate(SETUP, play(SETUP, seed=0, replicates=range(REPLICATES), workers=workers))


def seconds(work: Callable[[], None]) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    play_one(SETUP, 0, 0)  # compile first
    contenders: dict[str, Callable[[], None]] = {
        "mesa.batch_run, 1 process": lambda: batch_run(1),
        "mesa.batch_run, 2 processes": lambda: batch_run(2),
        "agents engine, 1 worker": lambda: agents(1),
        "agents engine, 2 workers": lambda: agents(2),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, work in contenders.items():
            times[name].append(seconds(work))
    scenario = SETUP.scenario
    print(
        f"{scenario.name}: {len(SETUP.codes)} states, {len(SETUP.menu.names)} options, {scenario.rounds} rounds, "
        f"{REPLICATES} replicates, tables included; {os.cpu_count()} processors\n"
    )
    baseline = statistics.median(times["mesa.batch_run, 2 processes"])
    print(f"{'':28} {'replicates/s':>12} {'ratio to batch_run, 2 processes':>32}")
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:28} {REPLICATES / middle:12.1f} {baseline / middle:32.2f}")


if __name__ == "__main__":
    main()
