"""The situation in which states decide: environment, declared stances, and the effects of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.setup import Setup
from sim.theory import choice, deterrence, proposal

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One view of the situation: the present one, or the one in which the conditions of the proposal are met."""

    environment: Array  # [quantities] in the order of theory.choice.ENVIRONMENT
    profile: Array  # [states] the stance that each has declared
    asks: Array  # [options] soldiers, as in force
    forces: Array  # [options] soldiers declared
    beliefs: Array  # [options] believed probability that each goes ahead with these forces
    deterrence: float
    deterrence_slope: float  # increase per unit of mass


def perceive_world(setup: Setup, environment: Array, profile: Array, asks: Array) -> Outlook:
    """Return the outlook in an environment [quantities] with a profile [states] and these asks [options]."""
    settings, belief = setup.scenario.deterrence, setup.scenario.belief
    forces = np.empty(len(setup.menu.names))
    economies = np.empty_like(forces)
    proposal.declared_forces(profile, setup.offers, forces)
    proposal.added_up(profile, setup.economy, economies)
    backing = choice.effective_backing(environment[choice.US_BACKING], environment[choice.CLARITY])
    mass = deterrence.strength(
        environment[choice.BATTLEFIELD],
        settings.host_soldiers,
        forces,
        setup.menu.multipliers,
        backing,
        settings.us_soldiers,
    )
    denied = deterrence.denial(mass, settings.opponent_soldiers, settings.decisiveness)
    behind = proposal.weight_behind(economies, setup.menu.punishes)
    punished = deterrence.punishment(behind, settings.economic_reach)
    return Outlook(
        environment=environment,
        profile=profile,
        asks=asks,
        forces=forces,
        beliefs=np.array(
            [choice.belief(f, ask, belief.spread, belief.floor) for f, ask in zip(forces, asks, strict=True)]
        ),
        deterrence=deterrence.deterrence(denied, punished, settings.punishment),
        deterrence_slope=deterrence.deterrence_slope(
            mass, denied, punished, settings.punishment, settings.decisiveness
        ),
    )


def suppose_conditions(setup: Setup, environment: Array) -> Array:
    """Return the environment [quantities] with every condition of the proposal met."""
    conditions = setup.scenario.conditions
    supposed = environment.copy()
    for index, least in (
        (choice.US_BACKING, conditions.us_backing),
        (choice.SINCERITY, conditions.sincerity),
        (choice.CLARITY, conditions.clarity),
    ):
        supposed[index] = max(supposed[index], least)
    return supposed
