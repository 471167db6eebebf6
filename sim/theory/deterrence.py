"""Deterrence by the declared forces: denial on the ground and punishment behind it."""

from __future__ import annotations

import math

import numpy as np

from sim.theory.jit_cache import njit


@njit(cache=True)
def strength(
    battlefield: float,
    host_soldiers: float,
    forces: np.ndarray,
    multipliers: np.ndarray,
    backing: float,
    us_soldiers: float,
) -> float:
    """Return the strength of the host's side in host soldiers; forces and multipliers are [options]."""
    total = battlefield * host_soldiers + backing * us_soldiers
    for k in range(forces.size):
        total += multipliers[k] * forces[k]
    return total


@njit(cache=True)
def denial(mass: float, opposing: float, decisiveness: float) -> float:
    """Return the probability of denying a quick gain, in [0, 1]: a contest of the two masses, in soldiers."""
    if mass <= 0.0:
        return 0.0
    ratio = (mass / opposing) ** decisiveness
    return ratio / (1.0 + ratio)


@njit(cache=True)
def punishment(economic_weight: float, reach: float) -> float:
    """Return the deterrence by a threat of punishment that this share of the roster's GDP backs, in [0, 1]."""
    return 1.0 - math.exp(-reach * economic_weight)


@njit(cache=True)
def deterrence(denied: float, punished: float, punishment_limit: float) -> float:
    """Return total deterrence in [0, 1]; tripwires alone deter little (Reiter & Poast 2021), hence the limit."""
    return 1.0 - (1.0 - denied) * (1.0 - punishment_limit * punished)


@njit(cache=True)
def deterrence_slope(
    mass: float, denied: float, punished: float, punishment_limit: float, decisiveness: float
) -> float:
    """Return the increase of deterrence by one more unit of mass, to first order."""
    if mass <= 0.0:
        return 0.0
    return decisiveness * denied * (1.0 - denied) / mass * (1.0 - punishment_limit * punished)
