"""How a state chooses: drivers, values, and the choice among them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

US_BACKING, RUSSIAN_OPPOSITION, MANDATE, CLARITY, SINCERITY, BATTLEFIELD = range(6)
ENVIRONMENT = ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity", "battlefield")


@njit(cache=True, inline="always")
def belief(force: float, ask: float, spread: float, floor: float) -> float:
    """Return how likely it is taken to be that an option with this force goes ahead, in [floor, 1].

    force and ask in soldiers, spread as a share of the ask; 1 for an option that asks for nobody. An algebraic
    sigmoid: only correctly rounded operations, so that every engine and machine gives the same bits.
    """
    if ask <= 0.0:
        return 1.0
    x = (force - ask) / (spread * ask)
    return floor + (1.0 - floor) * (0.5 * (1.0 + x / math.sqrt(1.0 + x * x)))


@njit(cache=True, inline="always")
def effective_backing(us_backing: float, clarity: float) -> float:
    """Return US backing as far as it counts: a vague backstop counts half."""
    return us_backing * (0.5 + 0.5 * clarity)


@njit(cache=True)
def peers_at(
    weights: np.ndarray, profile: np.ndarray, rungs: np.ndarray, same_option: bool, shares: np.ndarray
) -> None:
    """Write the weighted share of peers that stand for each option into shares [options].

    weights [states] are the peers' of one state; profile [states] holds options. A peer stands for an option at or
    above whose rung its own stance lies or, with same_option, for its own option only.
    """
    for k in range(rungs.size):
        shares[k] = 0.0
    for j in range(profile.size):
        if weights[j] == 0.0:
            continue
        for k in range(rungs.size):
            stands = profile[j] == k if same_option else rungs[profile[j]] >= rungs[k]
            if stands:
                shares[k] += weights[j]


@njit(cache=True)
def drivers(
    environment: np.ndarray,
    forces: np.ndarray,
    asks: np.ndarray,
    offers: np.ndarray,
    held: int,
    peers: np.ndarray,
    peer_norms: np.ndarray,
    has_peers: bool,
    rungs: np.ndarray,
    multipliers: np.ndarray,
    deterrence: float,
    deterrence_slope: float,
    spread: float,
    floor: float,
    present: np.ndarray,
) -> None:
    """Write how present each driver is for one state into present [options, drivers], in the order of DRIVERS.

    environment in the order of ENVIRONMENT; forces [options] soldiers declared by all, asks [options] soldiers,
    offers [options] soldiers of this state, held its stance, multipliers [options] host soldiers' worth of a soldier.
    Row 0, abstaining, is 0 throughout.
    """
    clarity = environment[CLARITY]
    mandate = environment[MANDATE]
    backing = effective_backing(environment[US_BACKING], clarity)
    present[0, :] = 0.0
    for k in range(1, rungs.size):
        others = forces[k] - (offers[k] if held == k else 0.0)
        goes_ahead = belief(others + offers[k], asks[k], spread, floor)
        without_me = belief(others, asks[k], spread, floor)
        below = rungs[held] - rungs[k]
        present[k, 0] = 1.0
        present[k, 1] = goes_ahead
        present[k, 2] = backing - 0.5
        present[k, 3] = environment[RUSSIAN_OPPOSITION] * (1.0 - 0.5 * backing) * goes_ahead
        present[k, 4] = 1.0 - clarity
        present[k, 5] = 1.0 - mandate
        present[k, 6] = mandate
        present[k, 7] = environment[SINCERITY] - 0.4
        present[k, 8] = (1.0 - mandate) * (peers[k] - peer_norms[k]) if has_peers else 0.0
        brought_about = goes_ahead * deterrence_slope * multipliers[k] * offers[k]
        present[k, 9] = (goes_ahead - without_me) * deterrence + brought_about
        present[k, 10] = float(below) if below > 0 else 0.0


@njit(cache=True)
def values(stakes: np.ndarray, driver_of: np.ndarray, present: np.ndarray, worth: np.ndarray) -> None:
    """Write the value of each option into worth [options]: the sum over considerations of stake times driver.

    stakes [options, considerations] are weight * raised * felt, driver_of [considerations] places in DRIVERS.
    """
    for k in range(stakes.shape[0]):
        total = 0.0
        for c in range(driver_of.size):
            total += stakes[k, c] * present[k, driver_of[c]]
        worth[k] = total


@njit(cache=True)
def choose(worth: np.ndarray, taste: np.ndarray, sharpness: float) -> int:
    """Return the option of the largest value plus taste over sharpness; of equal ones the first on the menu.

    With standard Gumbel tastes the choice is a multinomial logit over replicates (McFadden 1974); with an infinite
    sharpness it is best reply.
    """
    best = 0
    most = worth[0] + taste[0] / sharpness
    for k in range(1, worth.size):
        here = worth[k] + taste[k] / sharpness
        if here > most:
            best = k
            most = here
    return best


@njit(cache=True)
def choice_chances(worth: np.ndarray, sharpness: float) -> np.ndarray:
    """Return the probability of each option under the multinomial logit, as [options]."""
    scaled = np.exp(sharpness * (worth - worth.max()))
    return scaled / scaled.sum()
