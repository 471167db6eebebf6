"""Weights drawn around those of a scenario, to see what of an answer hangs on their exact size."""

from __future__ import annotations

import numpy as np

from sim.model.draws import addresses, checked_seed
from sim.model.setup import Setup
from sim.theory import rng
from sim.theory.rng import address

type Array = np.ndarray


def factors(setup: Setup, *, seed: int, draws: int, spread: float) -> Array:
    """Return what every weight is multiplied by in every draw, as [draws, considerations]: exp(spread * normal).

    So a weight keeps its sign, and its median is that of the scenario. Every draw has an address of its own (seed,
    consideration, number of the draw): more draws, or another consideration, leave the others as they are.
    """
    who = addresses("consideration", setup.considerations)
    drawn = rng.normals(address("weight"), who, draws, 0, checked_seed(seed))
    return np.exp(spread * drawn)


def pulls_of(setup: Setup, factor: Array) -> Array:
    """Return the stakes added up by driver with the weights multiplied, as [draws, states, options, drivers]."""
    found = np.zeros((len(factor), *setup.pulls.shape))
    for c, driver in enumerate(setup.driver_of):
        found[..., driver] += setup.stakes[None, :, :, c] * factor[:, c, None, None]
    return found
