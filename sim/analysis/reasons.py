"""What separates the likeliest stance of each state from the best alternative, on average over replicates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sim.analysis.explain import by_size
from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup

type Array = np.ndarray

MOST = 3  # reasons named on either side


def main_reasons(
    setup: Setup, *, seed: int, replicates: int, on_progress: Callable[[int], object] = lambda done: None
) -> pd.DataFrame:
    """Return for each state what speaks for its likeliest final stance against the best alternative, and what against.

    One row a state: state, stance, chance (the share of replicates that end in it; of equal ones the shallower),
    alternative (the option of the highest mean value but for the stance), for_ and against. These two are lists of
    (consideration, mean difference), the largest first, at most MOST each. Terms are those after the last round,
    with the stance that the state then holds. on_progress is called with the number of replicates just played.
    """
    if replicates < 1:
        raise ModelError("no replicates to play; ask for one at least")
    names = setup.menu.names
    held = np.zeros((len(setup.codes), len(names)))
    terms = np.zeros(setup.stakes.shape)
    for replicate in range(replicates):
        model = CoalitionModel(setup, rng=seed, replicate=replicate, collects=False)
        while model.running:
            model.step()
        for state in model.states:
            held[state.place, state.stance] += 1.0
            terms[state.place] += state.terms(model.outlook, state.stance)
        on_progress(1)
    held /= replicates
    terms /= replicates
    values = terms.sum(axis=2)
    rows = []
    for place, code in enumerate(setup.codes):
        stance = int(held[place].argmax())
        alternative = int(np.where(np.arange(len(names)) == stance, -np.inf, values[place]).argmax())
        for_, against = _sides(by_size(setup.considerations, terms[place, stance] - terms[place, alternative]))
        rows.append((code, names[stance], held[place, stance], names[alternative], for_, against))
    return pd.DataFrame(rows, columns=["state", "stance", "chance", "alternative", "for_", "against"])


def _sides(differences: dict[str, float]) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Return what speaks for and what against, from differences of which the largest stand first."""
    for_ = [(name, difference) for name, difference in differences.items() if difference > 0.0]
    against = [(name, difference) for name, difference in differences.items() if difference < 0.0]
    return for_[:MOST], against[:MOST]
