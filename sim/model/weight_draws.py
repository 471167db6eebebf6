"""Weights drawn from a posterior: each draw is used for its share of the replicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.errors import ModelError
from sim.model.draws import addresses, checked_seed
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories, joined
from sim.scenario import Scenario
from sim.scenario.posterior import Posterior
from sim.scenario.suggestions import did_you_mean
from sim.theory import rng
from sim.theory.rng import address

type Array = np.ndarray

MOST_DRAWS = 100  # unless more are requested
REPLICATES_PER_DRAW = 4  # at least, unless more draws are requested: to separate random draws from weights


def drawn_weights(posterior: Posterior, *, seed: int, draws: int) -> Array:
    """Return weights [draws, weights] drawn from the posterior.

    Each draw of each weight has its own random number, addressed by seed, weight and number of the draw: more draws do
    not change the first ones.
    """
    who = addresses("consideration", posterior.names)
    normals = rng.normals(address("posterior"), who, draws, 0, checked_seed(seed))
    return posterior.draws(normals)


def setups_drawn(scenario: Scenario, posterior: Posterior, weights: Array) -> list[Setup]:
    """Return the scenario's setup with each draw of the weights [draws, weights]; other weights are unchanged.

    ModelError if the posterior has a weight that the scenario does not have.
    """
    unknown = [name for name in posterior.names if name not in scenario.weights]
    if unknown:
        hint = did_you_mean(unknown[0], scenario.weights)
        raise ModelError(
            f"{posterior.source}: {unknown[0]} is not a weight of {scenario.name}{hint}; it was fitted to "
            f"{posterior.scenario}: use that scenario, or fit this one with `willing fit --scenario`"
        )
    drawn = [dict(scenario.weights) | dict(zip(posterior.names, row, strict=True)) for row in weights.tolist()]
    return [prepare(scenario.model_copy(update={"weights": each})) for each in drawn]


def draws_for(replicates: int, draws: int | None = None) -> int:
    """Return the number of draws that share the replicates equally: as requested, or up to MOST_DRAWS.

    ModelError if the replicates cannot be shared equally by two or more draws, with two or more replicates each.
    """
    fitting = [number for number in range(2, replicates // 2 + 1) if replicates % number == 0]
    if draws is None:
        few = [number for number in fitting if number <= max(2, min(MOST_DRAWS, replicates // REPLICATES_PER_DRAW))]
        if few:
            return few[-1]
    elif draws in fitting:
        return draws
    near = -(-replicates // 2) * 2 if draws is None else max(2, round(replicates / draws)) * draws
    which = "draws of the weights" if draws is None else f"{draws} draws of the weights"
    raise ModelError(
        f"{replicates} replicates cannot be shared equally by {which}, with two or more each; "
        f"use {max(4, near)} replicates"
    )


def simulate_drawn(
    setups: Sequence[Setup], replicates: int, simulate: Callable[[Setup, range], Trajectories]
) -> Trajectories:
    """Return replicates 0, 1, ..., an equal share of which is simulated with each setup, in turn.

    simulate: simulates consecutive replicates of a setup. The random draws of a replicate depend on its number only.
    """
    each = replicates // len(setups)
    return joined([simulate(setup, range(index * each, (index + 1) * each)) for index, setup in enumerate(setups)])
