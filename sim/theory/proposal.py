"""Revision of the proposal by the leads (the article: re-dimensioning), and the size of the force."""

from __future__ import annotations

import numpy as np

from sim.theory.jit_cache import njit

UNCHANGED, CUT, MOVED_DOWN, MOVED_UP = range(4)


@njit(cache=True)
def declared_forces(profile: np.ndarray, offers: np.ndarray, forces: np.ndarray) -> None:
    """Write the soldiers declared for each option into forces [options]; offers are [states, options]."""
    forces[:] = 0.0
    for i in range(profile.size):
        forces[profile[i]] += offers[i, profile[i]]


@njit(cache=True)
def added_up(profile: np.ndarray, sizes: np.ndarray, by_option: np.ndarray) -> None:
    """Write the sum of the sizes [states] of the states at each option into by_option [options].

    Sizes are whole numbers, or shares rounded so that their sums are exact in any order.
    """
    by_option[:] = 0.0
    for i in range(profile.size):
        by_option[profile[i]] += sizes[i]


@njit(cache=True, inline="always")
def weight_behind(by_option: np.ndarray, option_weights: np.ndarray) -> float:
    """Return the sum over options of by_option [options] times option_weights [options]."""
    total = 0.0
    for k in range(option_weights.size):
        total += option_weights[k] * by_option[k]
    return total


@njit(cache=True)
def is_viable(force: float, ask: float, profile: np.ndarray, leads: np.ndarray, option: int) -> bool:
    """Return whether an option has the soldiers that it asks for and at least one lead."""
    if force < ask:
        return False
    for i in range(profile.size):
        if leads[i] > 0.0 and profile[i] == option:
            return True
    return False


@njit(cache=True)
def viability(
    stances: np.ndarray, headlines: np.ndarray, asks: np.ndarray, offers: np.ndarray, leads: np.ndarray
) -> np.ndarray:
    """Return whether the headline is viable, 0 or 1, as [replicates, rounds].

    stances [replicates, rounds, states], headlines and asks [replicates, rounds], offers [states, options] soldiers.
    """
    viable = np.zeros(headlines.shape, dtype=np.int8)
    forces = np.empty(offers.shape[1])
    for r in range(headlines.shape[0]):
        for t in range(headlines.shape[1]):
            option = headlines[r, t]
            declared_forces(stances[r, t], offers, forces)
            viable[r, t] = is_viable(forces[option], asks[r, t], stances[r, t], leads, option)
    return viable


@njit(cache=True)
def redimension(
    headline: int,
    asks: np.ndarray,
    first_asks: np.ndarray,
    forces: np.ndarray,
    rounds_below: int,
    backing_rises: bool,
    patience: int,
    cut: float,
    floor: float,
    rise: float,
) -> tuple[int, float, int, int]:
    """Return (headline, its ask, rounds below the ask, kind of revision) after the leads have compared forces and asks.

    Current asks, first asks and forces are [options], in soldiers. After `patience` rounds below the ask, the leads cut
    it by the part `cut`. If that would go below the floor, or an ask of a few soldiers cannot be cut, they move the
    headline one option down. When US backing rises they reverse these steps: one option up once that option's force
    exceeds `rise` times its ask; on the deepest option they raise the ask itself, up to its first value.
    """
    ask = asks[headline]
    rounds_below = rounds_below + 1 if forces[headline] < ask else 0
    if rounds_below >= patience:
        smaller = np.rint(ask * (1.0 - cut))
        if floor <= smaller < ask:
            return headline, smaller, 0, CUT
        if headline > 1:
            return headline - 1, asks[headline - 1], 0, MOVED_DOWN
        return headline, ask, rounds_below, UNCHANGED
    if not backing_rises:
        return headline, ask, rounds_below, UNCHANGED
    if headline < asks.size - 1:
        if forces[headline + 1] > rise * asks[headline + 1]:
            return headline + 1, asks[headline + 1], 0, MOVED_UP
    elif forces[headline] > rise * ask:
        larger = min(first_asks[headline], np.rint(ask / (1.0 - cut)))
        if larger > ask:
            return headline, larger, 0, MOVED_UP
    return headline, ask, rounds_below, UNCHANGED
