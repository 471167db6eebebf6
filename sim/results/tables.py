"""Trajectories as tidy tables: a row per round, per state and round, and per replicate."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.model.setup import Setup
from sim.model.simulate import EndStates, Trajectories, end_states
from sim.results.outcomes import measure_outcomes, table_outcomes
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTables:
    """The tables of a run."""

    rounds: pd.DataFrame  # a row per replicate and round
    stances: pd.DataFrame  # a row per replicate, round and state
    outcomes: pd.DataFrame  # a row per replicate, after the last round
    weights: pd.DataFrame | None = None  # a row per draw of the weights: its number and the weights

    def under(self, weights: pd.DataFrame) -> RunTables:
        """Return the tables with the drawn weights, each of which was used for the same number of replicates, in turn.

        The outcomes get a column `draw`, the number of the draw.
        """
        each = len(self.outcomes) // len(weights)
        outcomes = self.outcomes.copy()
        outcomes.insert(1, "draw", np.repeat(weights["draw"].to_numpy(), each))
        return replace(self, outcomes=outcomes, weights=weights)


def tabulate(setup: Setup, trajectories: Trajectories) -> RunTables:
    """Return the tables of simulated replicates.

    Parameters
    ----------
    setup : Setup
        The arrays that were simulated, from `prepare`.
    trajectories : Trajectories
        The replicates, from either engine.

    Returns
    -------
    RunTables
        `rounds`, `stances` and `outcomes` as data frames, the same as in the Parquet files of a run.
    """
    return RunTables(
        rounds=_rounds(setup, trajectories),
        stances=_stances(setup, trajectories),
        outcomes=outcomes_table(setup, end_states(setup, trajectories)),
    )


def outcomes_table(setup: Setup, ended: EndStates) -> pd.DataFrame:
    """Return the table of outcomes: a row per replicate."""
    columns = {"replicate": ended.replicates} | measure_outcomes(setup, ended)
    return pd.DataFrame(_in_words(setup, columns))


def _rounds(setup: Setup, trajectories: Trajectories) -> pd.DataFrame:
    replicates, rounds = trajectories.phase.shape
    dates = pd.to_datetime([setup.date_of(number) for number in range(1, rounds + 1)]).to_numpy()
    columns: dict[str, Array] = {
        "replicate": np.repeat(trajectories.replicates, rounds),
        "round": np.tile(np.arange(1, rounds + 1, dtype=np.int32), replicates),
        "date": np.tile(dates.astype("datetime64[ms]"), replicates),
    }
    for index, quantity in enumerate(ENVIRONMENT):
        columns[quantity] = trajectories.environment[:, :, index].ravel()
    columns["phase"] = trajectories.phase.ravel()
    stages = [(setup.at(part.start + 1), trajectories.between(part)) for part in _stages(setup, rounds)]
    columns |= {
        name: np.concatenate([outcome.measure(current, part) for current, part in stages], axis=1).ravel()
        for name, outcome in table_outcomes(setup.menu.names, in_rounds=True).items()
    }
    return pd.DataFrame(_in_words(setup, columns))


def _stages(setup: Setup, rounds: int) -> list[range]:
    """Return the rounds, counted from 0, of each stage in which the setup does not change."""
    bounds = [0, *(first - 1 for first, _ in setup.later), rounds]
    return [range(first, end) for first, end in itertools.pairwise(bounds)]


def _stances(setup: Setup, trajectories: Trajectories) -> pd.DataFrame:
    replicates, rounds, states = trajectories.stances.shape
    return pd.DataFrame(
        {
            "replicate": np.repeat(trajectories.replicates, rounds * states),
            "round": np.tile(np.repeat(np.arange(1, rounds + 1, dtype=np.int32), states), replicates),
            "state": _named(np.tile(np.arange(states), replicates * rounds), setup.codes),
            "stance": _named(trajectories.stances.ravel(), setup.menu.names),
            "conditional": _named(trajectories.conditional.ravel(), setup.menu.names),
        }
    )


def _in_words(setup: Setup, columns: dict[str, Array]) -> dict[str, Array | pd.Categorical[str]]:
    """Return the columns with the names of options instead of their indices."""
    options = {name for name, outcome in table_outcomes(setup.menu.names).items() if outcome.is_option}
    return {name: _named(values, setup.menu.names) if name in options else values for name, values in columns.items()}


def _named(indices: Array, names: Iterable[str]) -> pd.Categorical[str]:
    """Return names by index, stored as indices: a run has a million of them."""
    return pd.Categorical.from_codes(indices.astype(np.int16), categories=pd.Index(names))
