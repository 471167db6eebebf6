"""Participation games, in which only the number of participants matters: stable sizes and mixed equilibria."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.games.stability import TOLERANCE, Payoff, Profile

type Array = np.ndarray

OUT, IN = 0, 1
_STEPS = 4000  # of the grid for roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """The payoffs of participants and of others, by the number of participants, as arrays [players + 1]."""

    inside: Array
    outside: Array

    @property
    def players(self) -> int:
        """The number of players."""
        return len(self.inside) - 1

    @property
    def payoff(self) -> Payoff:
        """The payoff function of the game."""

        def of(profile: Profile) -> list[float]:
            joined = sum(profile)
            return [float((self.inside if option == IN else self.outside)[joined]) for option in profile]

        return of


def participation(players: int, inside: Callable[[int], float], outside: Callable[[int], float]) -> Participation:
    """Return the game of this many players; inside is called with 1 to all of them, outside with 0 to all but one."""
    return Participation(
        inside=np.array([math.nan, *(inside(size) for size in range(1, players + 1))]),
        outside=np.array([*(outside(size) for size in range(players)), math.nan]),
    )


def stable_sizes(game: Participation, *, tolerance: float = TOLERANCE) -> list[int]:
    """Return the sizes that are stable internally and externally (d'Aspremont et al. 1983), of any number of players.

    No participant gains by leaving and no other player by joining; all profiles of one size are equivalent.
    """
    inside, outside = game.inside, game.outside
    return [
        size
        for size in range(game.players + 1)
        if (size == 0 or outside[size - 1] <= inside[size] + tolerance)
        and (size == game.players or inside[size + 1] <= outside[size] + tolerance)
    ]


def mixed_roots(game: Participation) -> list[float]:
    """Return the probabilities strictly between 0 and 1 of symmetric mixed equilibria.

    These are the zeros of the expected gain from joining (Palfrey & Rosenthal 1984); two zeros within 1/4000 are
    missed.
    """
    from scipy.optimize import brentq
    from scipy.stats import binom

    gains = game.inside[1:] - game.outside[:-1]
    others = np.arange(game.players)

    def gain(chance: float) -> float:
        return float(binom.pmf(others, game.players - 1, chance) @ gains)

    grid = (np.arange(_STEPS) + 0.5) / _STEPS
    values = binom.pmf(others[None, :], game.players - 1, grid[:, None]) @ gains
    crossings = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0.0)
    return [float(brentq(gain, grid[index], grid[index + 1], xtol=1e-14)) for index in crossings]
