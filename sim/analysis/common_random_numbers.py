"""Simulate variants of a setup with common random numbers, in several threads, and measure each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from sim.ensemble.simulate import EnsembleRunner, run_to_end
from sim.errors import ModelError
from sim.model.setup import Setup
from sim.model.simulate import EndStates

type Array = np.ndarray
type Measure = Callable[[Setup, EndStates], Array]

_GROUP_SIZE = 250  # most replicates that are simulated together


class CommonRandomNumbers:
    """Replicates 0, 1, ... of a seed: their random draws are made once and used for every setup."""

    def __init__(self, seed: int, replicates: int, threads: int = 1) -> None:
        """Prepare the random draws of a seed; ModelError if there are no replicates."""
        if replicates < 1:
            raise ModelError("no replicates to simulate; the number must be at least 1")
        self.seed = seed
        self.replicates = replicates
        self.threads = threads
        self._stop = np.zeros(1, dtype=np.uint8)
        size = min(_GROUP_SIZE, -(-replicates // threads))
        groups = [range(first, min(first + size, replicates)) for first in range(0, replicates, size)]
        self._runners = [EnsembleRunner(seed, group, self._stop) for group in groups]

    def measure(
        self, setups: Sequence[Setup], measure: Measure, on_progress: Callable[[int], object] = lambda done: None
    ) -> list[Array]:
        """Simulate every setup and return its measurements, one array [replicates, ...] per setup.

        Replicate r has the same random draws in each. `measure` is called from several threads, `on_progress` with the
        number of runs (setups times replicates) that were just finished. Setups with drivers of the user's own are
        simulated by agents, all others by the ensemble.
        """
        parts: list[list[Array]] = []
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                measured = pool.map(partial(_measure_group, setups, measure), self._runners)
                for runner, part in zip(self._runners, measured, strict=True):
                    parts.append(part)
                    on_progress(len(setups) * len(runner.replicates))
            except BaseException:
                self._stop[0] = 1  # Ctrl-C stops the runs in progress
                pool.shutdown(cancel_futures=True)
                raise
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def _measure_group(setups: Sequence[Setup], measure: Measure, runner: EnsembleRunner) -> list[Array]:
    return [measure(setup, ended) for setup, ended in zip(setups, _end_states(setups, runner), strict=True)]


def _end_states(setups: Sequence[Setup], runner: EnsembleRunner) -> Iterator[EndStates]:
    if not any(setup.own_drivers for setup in setups):
        yield from runner.end_states(setups)
        return
    for setup in setups:
        yield run_to_end(setup, seed=runner.seed, replicates=runner.replicates, stop=runner.stop)
