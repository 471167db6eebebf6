"""Exogenous processes of the environment's quantities."""

from __future__ import annotations

import math

import numpy as np

from sim.theory.ceasefire import believed_sincerity
from sim.theory.choice import CLARITY, RUSSIAN_OPPOSITION, SINCERITY, US_BACKING
from sim.theory.jit_cache import njit


def schedule(days: np.ndarray, dated: np.ndarray, values: np.ndarray, linear: bool) -> np.ndarray:
    """Return the value on each day [rounds] of a schedule: dated [events] in days, ascending, with values [events].

    The first value holds before the first date as well; between two dates the earlier value holds or, with linear, the
    value moves on a straight line.
    """
    if linear:
        return np.interp(days, dated, values)
    indices = np.searchsorted(dated, days, side="right") - 1
    return values[np.maximum(indices, 0)]


def ramp(rounds: int, start_value: float, end_value: float, start_round: int, end_round: int) -> np.ndarray:
    """Return the value [rounds] of a quantity that changes evenly between two rounds and is constant otherwise."""
    return np.interp(np.arange(1, rounds + 1), [start_round, end_round], [start_value, end_value])


@njit(cache=True)
def logit_ar1(
    level: float,
    persistence: float,
    volatility: float,
    jump_chance: float,
    jump_size: float,
    moves: np.ndarray,
    jumps: np.ndarray,
    jump_moves: np.ndarray,
) -> np.ndarray:
    """Return the value [rounds] of a quantity that fluctuates around level on the logit scale, starting at level.

    moves and jump_moves [rounds] are standard normal draws, jumps [rounds] uniform ones.
    """
    path = np.empty(moves.size)
    centre = math.log(level / (1.0 - level))
    deviation = 0.0
    for t in range(moves.size):
        if t > 0:
            deviation = persistence * deviation + volatility * moves[t]
            if jumps[t] < jump_chance:
                deviation += jump_size * jump_moves[t]
        path[t] = 1.0 / (1.0 + math.exp(-(centre + deviation)))
    return path


@njit(cache=True, inline="always")
def circumstances(
    path: np.ndarray, reaction: float, response: float, clarity_lost: float, sincerity_odds: float, now: np.ndarray
) -> None:
    """Write the environment [quantities] into now: the exogenous path, changed by the actions of states.

    reaction: rise of Russian opposition to declared troops; response: rise of US backing behind a solid offer;
    clarity_lost: by revisions of the proposal; sincerity_odds: learnt from violations.
    """
    for quantity in range(path.size):
        now[quantity] = path[quantity]
    now[RUSSIAN_OPPOSITION] = min(1.0, now[RUSSIAN_OPPOSITION] + reaction)
    now[US_BACKING] = min(1.0, now[US_BACKING] + response)
    now[CLARITY] = max(0.0, now[CLARITY] - clarity_lost)
    now[SINCERITY] = believed_sincerity(now[SINCERITY], sincerity_odds)
