"""The ceasefire: its phases, violations and breakdown, and how states update their belief in its sincerity."""

from __future__ import annotations

import math

from sim.theory.jit_cache import njit

FIGHTING, LIMITED_TRUCE, PERMANENT_CEASEFIRE = range(3)
PHASES = ("fighting", "limited_truce", "permanent_ceasefire")


@njit(cache=True)
def step_chance(
    hazard: float, opposition: float, troop_share: float, opposition_slows: float, troops_slow: float, weeks: float
) -> float:
    """Return the probability that the next phase of peace begins within a round of this many weeks.

    The hazard, per week, falls with Russian opposition and with the share of states that declare troops.
    """
    rate = hazard * math.exp(-opposition_slows * opposition - troops_slow * troop_share)
    return 1.0 - math.exp(-rate * weeks)


@njit(cache=True)
def breakdown_chance(hazard: float, sincere: float, deterrence: float, weeks: float) -> float:
    """Return the probability of a breakdown within a round: hazard per week * (1 - sincere) * (1 - deterrence)."""
    return 1.0 - math.exp(-hazard * (1.0 - sincere) * (1.0 - deterrence) * weeks)


@njit(cache=True)
def next_phase(phase: int, forward: float, breakdown: float, draw: float) -> int:
    """Return the phase after this round.

    forward and breakdown are probabilities, draw a uniform number. A breakdown, where there is a truce to break, is
    drawn before a step forward.
    """
    if phase == FIGHTING:
        return LIMITED_TRUCE if draw < forward else FIGHTING
    if draw < breakdown:
        return FIGHTING
    if phase == LIMITED_TRUCE and draw < breakdown + (1.0 - breakdown) * forward:
        return PERMANENT_CEASEFIRE
    return phase


@njit(cache=True)
def violations(mean: float, draw: float) -> int:
    """Return a Poisson number of violations with this mean from a uniform draw, by inversion."""
    count = 0
    chance = math.exp(-mean)
    reached = chance
    while draw > reached and count < 1000:
        count += 1
        chance *= mean / count
        reached += chance
    return count


@njit(cache=True)
def learnt_odds(odds: float, count: int, mean_sincere: float, mean_insincere: float) -> float:
    """Return the odds of sincerity after an update by the likelihood ratio of this many violations (Bayes).

    Bounded by 1e-6 and 1e6, so that later evidence can always change the belief.
    """
    log_ratio = count * math.log(mean_sincere / mean_insincere) - (mean_sincere - mean_insincere)
    return min(max(odds * math.exp(log_ratio), 1e-6), 1e6)


@njit(cache=True)
def believed_sincerity(prior: float, odds: float) -> float:
    """Return the believed sincerity in [0, 1] from a prior and the odds learnt since."""
    return prior * odds / (prior * odds + (1.0 - prior))
