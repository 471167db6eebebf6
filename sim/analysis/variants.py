"""Variants of a scenario, with settings replaced or states forced, simulated with common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from sim.analysis.fixed_stance import force
from sim.ensemble.simulate import run_to_end
from sim.model.setup import Setup, prepare
from sim.results.tables import outcomes_table
from sim.scenario import load_scenario

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A scenario, by name or file, with some settings replaced and some states forced to hold an option."""

    scenario: str
    settings: tuple[str, ...] = ()  # PATH=VALUE
    forced: tuple[tuple[str, str], ...] = ()  # states by code, each with its option

    def with_settings(self, *settings: str) -> Variant:
        """Return the variant with further settings replaced."""
        return replace(self, settings=(*self.settings, *settings))

    def forcing(self, code: str, option: str) -> Variant:
        """Return the variant with a state forced to hold an option from before the first round on."""
        return replace(self, forced=(*self.forced, (code, option)))

    def setup(self) -> Setup:
        """Load and prepare the scenario of the variant."""
        setup = prepare(load_scenario(self.scenario, self.settings))
        for code, option in self.forced:
            setup = force(setup, setup.codes.index(code), setup.menu.index(option))
        return setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The state of a variant after the last round, by replicate."""

    setup: Setup
    outcomes: pd.DataFrame  # one row per replicate, the columns of results.outcomes.table_outcomes
    stances: Array  # [replicates, states] index on the menu
    conditional: Array  # [replicates, states]

    def outcome(self, name: str) -> Array:
        """Return an outcome, as [replicates]."""
        return self.outcomes[name].to_numpy(dtype=float)

    def count(self, option: str, states: Sequence[str] | None = None, *, conditional: bool = False) -> Array:
        """Return the number of these states, or of all, that hold the option, as [replicates]."""
        return self.holds(option, conditional=conditional)[:, self._indices(states)].sum(axis=1).astype(float)

    def share(self, option: str, states: Sequence[str] | None = None, *, conditional: bool = False) -> Array:
        """Return the share of these states, or of all, that holds the option, as [replicates]."""
        return self.holds(option, conditional=conditional)[:, self._indices(states)].mean(axis=1)

    def holds(self, option: str, *, conditional: bool = False) -> Array:
        """Return whether each state holds the option, as [replicates, states]."""
        return (self.conditional if conditional else self.stances) == self.setup.menu.index(option)

    def declared(self) -> Array:
        """Return the soldiers that each state offers to the option that it holds, as [replicates, states]."""
        held = self.stances[:, :, None].astype(np.int64)
        return np.take_along_axis(self.setup.offers[None, :, :], held, axis=2)[:, :, 0]

    def _indices(self, states: Sequence[str] | None) -> list[int]:
        return list(range(len(self.setup.codes))) if states is None else [self.setup.codes.index(s) for s in states]


def play_variants(
    situations: Iterable[Variant],
    *,
    seed: int,
    replicates: int,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda steps: None,
) -> Mapping[Variant, Played]:
    """Simulate variants with common random numbers: replicate r has the same random draws in each.

    on_progress is called with the number of variants just finished. Raises ScenarioError, FactsError or ModelError
    before anything is simulated.
    """
    requested = list(dict.fromkeys(situations))
    setups = [each.setup() for each in requested]
    stop = np.zeros(1, dtype=np.uint8)
    task = partial(run_to_end, seed=seed, replicates=range(replicates), stop=stop)
    played = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            for situation, setup, ended in zip(requested, setups, pool.map(task, setups), strict=True):
                outcomes = outcomes_table(setup, ended)
                played[situation] = Played(
                    setup=setup, outcomes=outcomes, stances=ended.stances, conditional=ended.conditional
                )
                on_progress(1)
        except BaseException:
            stop[0] = 1  # Ctrl-C does not wait for running simulations
            pool.shutdown(cancel_futures=True)
            raise
    return played
