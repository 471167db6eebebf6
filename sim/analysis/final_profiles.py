"""The final profiles of replicates, with everything that states would take into account in a next round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.ensemble.draws import roll
from sim.ensemble.simulate import simulate
from sim.errors import ModelError
from sim.model.setup import Setup

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalProfiles:
    """The final profiles of replicates, and the circumstances in them."""

    profiles: Array  # [replicates, states] index on the menu
    environment: Array  # [replicates, quantities] of the last round
    asks: Array  # [replicates, options] soldiers, as in force
    scaled_tastes: Array  # [replicates, states, options] taste shock / choice precision, after all turnovers


def check_no_own_drivers(setup: Setup) -> None:
    """Raise ModelError for a scenario with a driver of the user, which compiled code cannot call."""
    if setup.own_drivers:
        named = ", ".join(getattr(driver, "__name__", str(driver)) for driver in setup.own_drivers)
        raise ModelError(
            f"{setup.scenario.name}: driver {named} is a function of your own, which the audit of stability cannot "
            "call; take its consideration out of the scenario's weights"
        )


def final_profiles(
    setup: Setup,
    *,
    seed: int,
    replicates: range,
    threads: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> FinalProfiles:
    """Return the final profiles of consecutive replicates; ModelError if the setup needs agents."""
    check_no_own_drivers(setup)
    trajectories = simulate(setup, seed=seed, replicates=replicates, threads=threads, on_progress=on_progress)
    return FinalProfiles(
        profiles=trajectories.stances[:, -1].astype(np.int64),
        environment=trajectories.environment[:, -1].copy(),
        asks=_asks(setup, trajectories.headline, trajectories.asks),
        scaled_tastes=_tastes(setup, seed, replicates) / setup.scenario.sharpness,
    )


def _asks(setup: Setup, headlines: Array, asks: Array) -> Array:
    """Return the asks in force of all options, as [replicates, options].

    An option's ask changes only while it is the headline; so it is that of the last round in which it was.
    """
    asks_in_force = np.repeat(setup.menu.asks[None, :], len(headlines), axis=0)
    every = np.arange(len(headlines))
    for number in range(headlines.shape[1]):
        asks_in_force[every, headlines[:, number]] = asks[:, number]
    return asks_in_force


def _tastes(setup: Setup, seed: int, replicates: range) -> Array:
    """Return the taste shocks of states after all turnovers, as [replicates, states, options]."""
    draws = roll(setup, seed, replicates.start, len(replicates))
    tastes = draws.tastes.copy()
    renewals = np.flatnonzero(draws.turnover >= 0)  # in the order of rounds, so that the last one remains
    whose = np.searchsorted(draws.starts[:, -1], renewals, side="right"), draws.reviser[renewals]
    tastes[whose] = draws.new_tastes[draws.turnover[renewals]]
    return tastes
