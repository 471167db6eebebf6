"""How fast each engine is, beside mesa.batch_run and plain C, in one run on this machine.

    make bench

Every row plays the March 2025 scenario; the medians of a few turns, taken in rotation so that a slow moment of the
machine falls on all of them.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

import numpy as np
from contenders import EACH, SETUP, agents, batch_run, crowd, ensemble, kernel, seconds, sweep
from twin import compiled

from sim.ensemble.arrays import game_of
from sim.ensemble.buffers import output_for
from sim.ensemble.draws import roll, wander

FEW, SOME, MANY = 120, 2000, 4000  # replicates: by agents, by agents in two processes, by the ensemble
POINTS = 64
TURNS = 5
BASELINE = "mesa.batch_run, 2 processes"
ALONE, SIDE_BY_SIDE, TWIN = "kernel, one point", "kernel, 32 points side by side", "the same in C (gcc -O3)"


def twin() -> Callable[[], None] | None:
    """Return the work of the kernel in C, once it was seen to write the same record; None without a compiler."""
    bargain = compiled()
    if bargain is None:
        return None
    game, draws, wandering = game_of([SETUP]), roll(SETUP, 0, 0, EACH), wander([SETUP], 0, 0, EACH, {})
    written = output_for(game, EACH, 1)
    bargain(game, draws, wandering, written, False)
    work, expected = kernel([SETUP], EACH)
    work()
    for name, one, other in zip(expected._fields, expected, written, strict=True):
        if not np.array_equal(one, other):
            raise SystemExit(f"the twin in C writes another {name}; benchmarks/kernel.c does not follow the kernel")
    return lambda: bargain(game, draws, wandering, written, False)


def main() -> None:
    """Print the table."""
    points = sweep(POINTS)
    alone, _ = kernel([SETUP], EACH)
    side_by_side, _ = kernel(points[:32], EACH)
    contenders: dict[str, tuple[Callable[[], object], int]] = {
        "mesa.batch_run, 1 process": (lambda: batch_run(FEW, 1), FEW),
        BASELINE: (lambda: batch_run(FEW, 2), FEW),
        "agents, 1 process": (lambda: agents(FEW, 1), FEW),
        "agents, 2 processes": (lambda: agents(SOME, 2), SOME),
        "ensemble, 1 thread": (lambda: ensemble(MANY, 1), MANY),
        "ensemble, 2 threads": (lambda: ensemble(MANY, 2), MANY),
        "ensemble, sweep, 1 thread": (lambda: crowd(points, 1), POINTS * EACH),
        "ensemble, sweep, 2 threads": (lambda: crowd(points, 2), POINTS * EACH),
        ALONE: (alone, EACH),
        SIDE_BY_SIDE: (side_by_side, 32 * EACH),
    }
    in_c = twin()
    if in_c is not None:
        contenders[TWIN] = in_c, EACH
    for name in (ALONE, SIDE_BY_SIDE, "ensemble, 1 thread", "agents, 1 process"):
        contenders[name][0]()  # compile first
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, (work, replicates) in contenders.items():
            rates[name].append(replicates / seconds(work))
    _print(rates, {name: replicates for name, (_, replicates) in contenders.items()})


def _print(rates: dict[str, list[float]], replicates: dict[str, int]) -> None:
    scenario, middle = SETUP.scenario, {name: statistics.median(measured) for name, measured in rates.items()}
    print(
        f"{scenario.name}: {len(SETUP.codes)} states, {len(SETUP.menu.names)} options, {scenario.rounds} rounds; "
        f"{os.cpu_count()} processors, medians of {TURNS} turns\n"
    )
    print(f"{'':32} {'replicates':>10} {'replicates/s':>13} {'ratio to batch_run, 2 processes':>32}")
    for name, rate in middle.items():
        print(f"{name:32} {replicates[name]:10,} {rate:13,.0f} {rate / middle[BASELINE]:32,.1f}")
    if TWIN not in middle:
        print(f"{TWIN:32} not measured: there is no gcc on this machine")
        return
    for name in (ALONE, SIDE_BY_SIDE):
        shares = [one / other for one, other in zip(rates[name], rates[TWIN], strict=True)]
        print(f"\n{name}: {statistics.median(shares):.2f} of the rate in C, one thread each", end="")
    print()


if __name__ == "__main__":
    main()
