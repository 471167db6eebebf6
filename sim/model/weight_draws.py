"""A scenario under weights that are drawn from what a fit leaves open: each draw plays its share of the replicates."""

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

MOST_DRAWS = 100  # unless more are asked for
A_DRAW = 4  # replicates of a draw at least, unless more draws are asked for: so that luck is told from weights


def drawn_weights(posterior: Posterior, *, seed: int, draws: int) -> Array:
    """Return weights [draws, weights] drawn from the posterior.

    Each draw of each weight has luck of its own, found by seed, weight and number of the draw: more draws leave the
    first ones as they are.
    """
    who = addresses("consideration", posterior.names)
    normals = rng.normals(address("posterior"), who, draws, 0, checked_seed(seed))
    return posterior.draws(normals)


def setups_drawn(scenario: Scenario, posterior: Posterior, weights: Array) -> list[Setup]:
    """Return the scenario's setup under each draw of the weights [draws, weights]; weights not drawn stay.

    ModelError where the posterior is about weights that the scenario does not have.
    """
    unknown = [name for name in posterior.names if name not in scenario.weights]
    if unknown:
        hint = did_you_mean(unknown[0], scenario.weights)
        raise ModelError(
            f"{posterior.source}: {unknown[0]} is no weight of {scenario.name}{hint}; it was fitted to "
            f"{posterior.scenario}: name that scenario, or fit this one with `willing fit --scenario`"
        )
    drawn = [dict(scenario.weights) | dict(zip(posterior.names, row, strict=True)) for row in weights.tolist()]
    return [prepare(scenario.model_copy(update={"weights": each})) for each in drawn]


def draws_for(replicates: int, draws: int | None = None) -> int:
    """Return how many draws share so many replicates equally: as many as are asked for, or else up to MOST_DRAWS.

    ModelError where replicates cannot be shared equally by two draws or more, two replicates each.
    """
    fitting = [number for number in range(2, replicates // 2 + 1) if replicates % number == 0]
    if draws is None:
        few = [number for number in fitting if number <= max(2, min(MOST_DRAWS, replicates // A_DRAW))]
        if few:
            return few[-1]
    elif draws in fitting:
        return draws
    near = -(-replicates // 2) * 2 if draws is None else max(2, round(replicates / draws)) * draws
    said = "draws of the weights" if draws is None else f"{draws} draws of the weights"
    raise ModelError(
        f"{replicates} replicates cannot be shared equally by {said}, two or more each; "
        f"give --replicates {max(4, near)}"
    )


def play_drawn(setups: Sequence[Setup], replicates: int, play: Callable[[Setup, range], Trajectories]) -> Trajectories:
    """Return replicates 0, 1, ... of which each setup has played its share, in turn.

    play: plays consecutive replicates of a setup. A replicate's luck is that of its number, whatever its weights.
    """
    each = replicates // len(setups)
    return joined([play(setup, range(place * each, (place + 1) * each)) for place, setup in enumerate(setups)])
