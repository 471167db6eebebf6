"""Main reasons for the most frequent final stance of each state, on average over replicates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sim.analysis.explain import by_size
from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup

type Array = np.ndarray

MOST = 3  # reasons listed on either side


def main_reasons(
    setup: Setup, *, seed: int, replicates: int, on_progress: Callable[[int], object] = lambda done: None
) -> pd.DataFrame:
    """Return the considerations that favour the most frequent final stance of each state over the best alternative.

    Parameters
    ----------
    setup : Setup
        The arrays of the scenario.
    seed, replicates : int
        Random seed, and number of replicates to simulate with agents.
    on_progress : callable, optional
        Called with the number of replicates that were just finished.

    Returns
    -------
    DataFrame
        One row per state: `state`; `stance`, the most frequent final stance (of equally frequent ones the shallower);
        `chance`, the share of replicates that end in it; `alternative`, the other option with the highest mean utility;
        `for_` and `against`, at most MOST pairs (consideration, mean difference in utility), the largest first. Terms
        are those after the last round, given the stance that the state then holds.

    Raises
    ------
    ModelError
        If there are no replicates.
    """
    if replicates < 1:
        raise ModelError("no replicates to simulate; the number must be at least 1")
    names = setup.menu.names
    shares = np.zeros((len(setup.codes), len(names)))
    terms = np.zeros(setup.stakes.shape)
    for replicate in range(replicates):
        model = CoalitionModel(setup, rng=seed, replicate=replicate, collects=False)
        while model.running:
            model.step()
        for state in model.states:
            shares[state.index, state.stance] += 1.0
            terms[state.index] += state.terms(model.outlook, state.stance)
        on_progress(1)
    shares /= replicates
    terms /= replicates
    utilities = terms.sum(axis=2)
    rows = []
    for i, code in enumerate(setup.codes):
        stance = int(shares[i].argmax())
        alternative = int(np.where(np.arange(len(names)) == stance, -np.inf, utilities[i]).argmax())
        for_, against = _sides(by_size(setup.considerations, terms[i, stance] - terms[i, alternative]))
        rows.append((code, names[stance], shares[i, stance], names[alternative], for_, against))
    return pd.DataFrame(rows, columns=["state", "stance", "chance", "alternative", "for_", "against"])


def _sides(differences: dict[str, float]) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Split differences, sorted by size, into the first ones in favour and the first ones against."""
    for_ = [(name, difference) for name, difference in differences.items() if difference > 0.0]
    against = [(name, difference) for name, difference in differences.items() if difference < 0.0]
    return for_[:MOST], against[:MOST]
