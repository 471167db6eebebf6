"""The choice of a state: drivers, utilities, and the option with the highest utility plus taste shock."""

from __future__ import annotations

import math

import numpy as np

from sim.theory.jit_cache import njit

US_BACKING, RUSSIAN_OPPOSITION, MANDATE, CLARITY, SINCERITY, BATTLEFIELD = range(6)
ENVIRONMENT = ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity", "battlefield")
COMMON = 6  # drivers that are the same for all states
FREE = -1  # instead of the index of a forced option: the state decides for itself


@njit(cache=True, inline="always")
def belief(force: float, ask: float, spread: float, floor: float) -> float:
    """Return the believed probability that an option with this force goes ahead, in [floor, 1].

    force and ask in soldiers, spread as a share of the ask; 1 for an option without an ask. An algebraic sigmoid: it
    uses correctly rounded operations only, so that every engine and machine gives the same bits.
    """
    if ask <= 0.0:
        return 1.0
    x = (force - ask) / (spread * ask)
    return floor + (1.0 - floor) * (0.5 * (1.0 + x / math.sqrt(1.0 + x * x)))


@njit(cache=True, inline="always")
def effective_backing(us_backing: float, clarity: float) -> float:
    """Return US backing discounted for vagueness: without clarity it counts half."""
    return us_backing * (0.5 + 0.5 * clarity)


@njit(cache=True)
def peers_at(
    weights: np.ndarray, profile: np.ndarray, rungs: np.ndarray, same_option: bool, shares: np.ndarray
) -> None:
    """Write the weighted share of peers that support each option into shares [options].

    weights [states] are those of one state's peers; profile [states] holds indices of options. A peer supports an
    option if its own stance is on the same or a higher rung or, with same_option, if it is that option.
    """
    for k in range(rungs.size):
        shares[k] = 0.0
    for j in range(profile.size):
        if weights[j] == 0.0:
            continue
        for k in range(rungs.size):
            supports = profile[j] == k if same_option else rungs[profile[j]] >= rungs[k]
            if supports:
                shares[k] += weights[j]


@njit(cache=True, inline="always")
def common_to_all(environment: np.ndarray) -> tuple[float, float, float, float, float, float]:
    """Return the drivers that are the same for all states and all options but abstaining, in the order of DRIVERS.

    environment [quantities] in the order of ENVIRONMENT.
    """
    clarity, mandate = environment[CLARITY], environment[MANDATE]
    backing = effective_backing(environment[US_BACKING], clarity)
    return 1.0, backing - 0.5, 1.0 - clarity, 1.0 - mandate, mandate, environment[SINCERITY] - 0.4


@njit(cache=True, inline="always")
def common_drivers(environment: np.ndarray, present: np.ndarray) -> None:
    """Write the drivers that are the same for all states and options into present [options, drivers].

    environment in the order of ENVIRONMENT, the columns in the order of considerations.DRIVERS. Row 0, abstaining, is
    left unchanged, since its utility is 0.
    """
    common = common_to_all(environment)
    for k in range(1, present.shape[0]):
        for d in range(len(common)):
            present[k, d] = common[d]


@njit(cache=True, inline="always")
def threat(environment: np.ndarray) -> float:
    """Return the threat to states whose offer is called in: Russian opposition, up to half removed by US backing."""
    backing = effective_backing(environment[US_BACKING], environment[CLARITY])
    return environment[RUSSIAN_OPPOSITION] * (1.0 - 0.5 * backing)


@njit(cache=True, inline="always")
def own_to_one(
    goes_ahead: float,
    without_me: float,
    threatened: float,
    openness: float,
    peers: float,
    peer_norm: float,
    deterrence: float,
    deterrence_slope: float,
    multiplier: float,
    offer: float,
    rung: float,
    held_rung: float,
) -> tuple[float, float, float, float, float]:
    """Return the drivers of one state for one option, in the order of DRIVERS after the common ones.

    goes_ahead, without_me: belief with and without this state's offer; threatened as threat() returns it; openness to
    peers in [0, 1]; multiplier in host soldiers per soldier; offer in soldiers; rung of the option, and held_rung of
    the current stance.
    """
    brought_about = goes_ahead * deterrence_slope * multiplier * offer
    return (
        goes_ahead,
        threatened * goes_ahead,
        openness * (peers - peer_norm),
        (goes_ahead - without_me) * deterrence + brought_about,
        rung if rung < held_rung else held_rung,
    )


@njit(cache=True, inline="always")
def state_drivers(
    forces: np.ndarray,
    beliefs: np.ndarray,
    asks: np.ndarray,
    offers: np.ndarray,
    held: int,
    peers: np.ndarray,
    peer_norms: np.ndarray,
    openness: float,
    rungs: np.ndarray,
    multipliers: np.ndarray,
    threatened: float,
    deterrence: float,
    deterrence_slope: float,
    spread: float,
    floor: float,
    present: np.ndarray,
) -> None:
    """Write the drivers of one state into present [options, drivers], after the common ones.

    forces [options] soldiers declared by all states, beliefs [options] in them, asks [options] soldiers, offers
    [options] soldiers of this state, held its current stance, openness to peers in [0, 1], multipliers [options] host
    soldiers per soldier, threatened as threat() returns it.
    """
    for k in range(1, rungs.size):
        if held == k:
            goes_ahead = beliefs[k]
            without_me = belief(forces[k] - offers[k], asks[k], spread, floor)
        else:
            goes_ahead = belief(forces[k] + offers[k], asks[k], spread, floor)
            without_me = beliefs[k]
        own = own_to_one(
            goes_ahead,
            without_me,
            threatened,
            openness,
            peers[k],
            peer_norms[k],
            deterrence,
            deterrence_slope,
            multipliers[k],
            offers[k],
            float(rungs[k]),
            float(rungs[held]),
        )
        for d in range(len(own)):
            present[k, COMMON + d] = own[d]


@njit(cache=True, inline="always")
def values(pulls: np.ndarray, present: np.ndarray, utility: np.ndarray) -> None:
    """Write the utility of each option into utility [options]: the sum over drivers of coefficient times driver.

    pulls [options, drivers] are weight * loading * sensitivity, summed over the considerations of a driver.
    """
    for k in range(pulls.shape[0]):
        total = 0.0
        for d in range(pulls.shape[1]):
            total += pulls[k, d] * present[k, d]
        utility[k] = total


@njit(cache=True, inline="always")
def choose(utility: np.ndarray, scaled_taste: np.ndarray) -> int:
    """Return the option with the largest utility plus scaled taste shock; of equal ones the first on the menu.

    scaled_taste [options] is the taste shock divided by the choice precision. With standard Gumbel taste shocks the
    choice is a multinomial logit over replicates (McFadden 1974); with an infinite precision it is the best reply.
    """
    best = 0
    most = utility[0] + scaled_taste[0]
    for k in range(1, utility.size):
        total = utility[k] + scaled_taste[k]
        if total > most:
            best = k
            most = total
    return best


@njit(cache=True)
def choice_chances(utility: np.ndarray, choice_precision: float) -> np.ndarray:
    """Return the probability of each option under the multinomial logit, as [options]."""
    scaled = np.exp(choice_precision * (utility - utility.max()))
    return scaled / scaled.sum()
