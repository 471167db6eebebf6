"""Games of joining or not in which only the number who join matters: stable sizes, and how likely each joins."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.games.stability import TOLERANCE, Payoff, Profile

type Array = np.ndarray

OUT, IN = 0, 1
_STEPS = 4000  # in which roots are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """What who joins and who does not has, by how many join in all, as arrays [players + 1]."""

    inside: Array
    outside: Array

    @property
    def players(self) -> int:
        """How many may join."""
        return len(self.inside) - 1

    @property
    def payoff(self) -> Payoff:
        """The payoff function of the game."""

        def of(profile: Profile) -> list[float]:
            joined = sum(profile)
            return [float((self.inside if option == IN else self.outside)[joined]) for option in profile]

        return of


def participation(players: int, inside: Callable[[int], float], outside: Callable[[int], float]) -> Participation:
    """Return the game of this many players; inside is asked for 1 to all of them, outside for 0 to all but one."""
    return Participation(
        inside=np.array([math.nan, *(inside(size) for size in range(1, players + 1))]),
        outside=np.array([*(outside(size) for size in range(players)), math.nan]),
    )


def stable_sizes(game: Participation, *, tolerance: float = TOLERANCE) -> list[int]:
    """Return the sizes that are stable internally and externally (d'Aspremont et al. 1983), of any number of players.

    Nobody who is in gains by leaving, nobody who is out by joining; all profiles of one size are alike.
    """
    inside, outside = game.inside, game.outside
    return [
        size
        for size in range(game.players + 1)
        if (size == 0 or outside[size - 1] <= inside[size] + tolerance)
        and (size == game.players or inside[size + 1] <= outside[size] + tolerance)
    ]


def mixed_roots(game: Participation) -> list[float]:
    """Return the probabilities at which all join independently and none gains by joining or not, between 0 and 1.

    Where the expected gain crosses zero (Palfrey & Rosenthal 1984); two crossings within 1/4000 are missed.
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
    return [float(brentq(gain, grid[place], grid[place + 1], xtol=1e-14)) for place in crossings]
