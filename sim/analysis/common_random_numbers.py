"""Variants of one setup that are played side by side on the same luck, by several threads, and measured at once."""

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

_A_GROUP = 250  # replicates that are played together at most


class CommonRandomNumbers:
    """Replicates 0, 1, ... under a seed, whose luck is rolled once and met by every setup that is played."""

    def __init__(self, seed: int, replicates: int, threads: int = 1) -> None:
        """Take the luck of this seed; ModelError where there is nothing to play."""
        if replicates < 1:
            raise ModelError("no replicates to play; ask for one at least")
        self.seed = seed
        self.replicates = replicates
        self.threads = threads
        self._stop = np.zeros(1, dtype=np.uint8)
        size = min(_A_GROUP, -(-replicates // threads))
        groups = [range(first, min(first + size, replicates)) for first in range(0, replicates, size)]
        self._runners = [EnsembleRunner(seed, group, self._stop) for group in groups]

    def measured(
        self, setups: Sequence[Setup], measure: Measure, on_progress: Callable[[int], object] = lambda done: None
    ) -> list[Array]:
        """Return what is measured of each setup, [replicates, ...]: replicate r has the same luck in each.

        measure is called from several threads. on_progress is called with the number of runs (setups times replicates)
        just finished. By the ensemble, or by agents where only they can play a setup.
        """
        parts: list[list[Array]] = []
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                for runner, part in zip(
                    self._runners, pool.map(partial(_of, setups, measure), self._runners), strict=True
                ):
                    parts.append(part)
                    on_progress(len(setups) * len(runner.replicates))
            except BaseException:
                self._stop[0] = 1  # Ctrl-C does not wait for what is being played
                pool.shutdown(cancel_futures=True)
                raise
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def _of(setups: Sequence[Setup], measure: Measure, runner: EnsembleRunner) -> list[Array]:
    return [measure(setup, ended) for setup, ended in zip(setups, _end_states(setups, runner), strict=True)]


def _end_states(setups: Sequence[Setup], runner: EnsembleRunner) -> Iterator[EndStates]:
    if not any(setup.own_drivers for setup in setups):
        yield from runner.end_states(setups)
        return
    for setup in setups:
        yield run_to_end(setup, seed=runner.seed, replicates=runner.replicates, stop=runner.stop)
