"""Weights drawn around those of a scenario, to test how far a result depends on their exact values."""

from __future__ import annotations

import numpy as np

from sim.model.draws import addresses, checked_seed
from sim.model.setup import Setup
from sim.theory import rng
from sim.theory.rng import address

type Array = np.ndarray


def factors(setup: Setup, *, seed: int, draws: int, spread: float) -> Array:
    """Return the factor of every weight in every draw, as [draws, considerations]: exp(spread * normal).

    A weight keeps its sign, and its median is that of the scenario. Every draw has its own address (seed,
    consideration, number of the draw), so more draws or another consideration do not change the others.
    """
    who = addresses("consideration", setup.considerations)
    drawn = rng.normals(address("weight"), who, draws, 0, checked_seed(seed))
    return np.exp(spread * drawn)


def pulls_of(setup: Setup, factor: Array) -> Array:
    """Return the coefficients summed by driver for the drawn weights, as [draws, states, options, drivers]."""
    pulls = np.zeros((len(factor), *setup.pulls.shape))
    for c, driver in enumerate(setup.driver_of):
        pulls[..., driver] += setup.stakes[None, :, :, c] * factor[:, c, None, None]
    return pulls
