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
FEW = 120
MANY = 2000  # from here on `willing run` starts a second process by itself
TURNS = 3


class PeerModel(CoalitionModel):
    """The model as mesa.batch_run wants it: parameters by keyword, a number for each replicate."""

    def __init__(self, replicate: int = 0, rng: int = 0) -> None:
        super().__init__(SETUP, rng=0, replicate=replicate)


SETUP: Setup = prepare(load_scenario(SCENARIO))


def batch_run(replicates: int, processes: int) -> None:
    """Play the replicates the way Mesa offers."""
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
    """Play the replicates with our own runner, tables included."""
    tabulate(SETUP, play(SETUP, seed=0, replicates=range(replicates), workers=workers))


def rate(work: Callable[[int, int], None], replicates: int, processes: int) -> float:
    """Return how many replicates a second some work plays."""
    started = time.perf_counter()
    work(replicates, processes)
    return replicates / (time.perf_counter() - started)


def main() -> None:
    """Print the table."""
    play_one(SETUP, 0, 0)  # compile first
    contenders: dict[str, tuple[Callable[[int, int], None], int, int]] = {
        "mesa.batch_run, 1 process": (batch_run, FEW, 1),
        "mesa.batch_run, 2 processes": (batch_run, FEW, 2),
        "agents engine, 1 process": (agents, FEW, 1),
        "agents engine, 2 processes": (agents, MANY, 2),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, contender in contenders.items():
            rates[name].append(rate(*contender))
    scenario = SETUP.scenario
    print(
        f"{scenario.name}: {len(SETUP.codes)} states, {len(SETUP.menu.names)} options, {scenario.rounds} rounds, "
        f"tables included; {os.cpu_count()} processors, medians of {TURNS} turns\n"
    )
    baseline = statistics.median(rates["mesa.batch_run, 2 processes"])
    print(f"{'':28} {'replicates':>10} {'replicates/s':>13} {'ratio to batch_run, 2 processes':>32}")
    for name, measured in rates.items():
        middle = statistics.median(measured)
        print(f"{name:28} {contenders[name][1]:10,} {middle:13.1f} {middle / baseline:32.2f}")


if __name__ == "__main__":
    main()
