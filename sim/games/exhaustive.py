"""Stability of every profile of a small game, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import ModelError
from sim.games.stability import LARGEST_GROUP, TOLERANCE, Payoff, Profile, every
from sim.theory.jit_cache import njit

type Array = np.ndarray

MOST_PLAYERS = 20
_MOST_PAYOFFS = 2**25  # of a table: a quarter of a gigabyte


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The stable profiles in each sense, as arrays over profiles (see profile_at); see stability.Audit."""

    nash: Array  # [profiles]
    internal: Array  # [profiles, options]
    external: Array  # [profiles, options]
    individual: Array  # [profiles]
    contractual: Array  # [profiles]
    core: Array  # [profiles] no group of the tested sizes gains by a joint deviation


def profile_at(place: int, players: int, options: int) -> Profile:
    """Return the profile of an index: the options are the digits of the index, the first player's the last."""
    return tuple(place // options**player % options for player in range(players))


def place_of(profile: Sequence[int], options: int) -> int:
    """Return the index of a profile in tables and verdicts."""
    return sum(option * options**player for player, option in enumerate(profile))


def table_of(payoff: Payoff, players: int, options: int) -> Array:
    """Return all payoffs of a game as [profiles, players]; ModelError for a game that is too large."""
    check_size(players, options)
    return np.array([payoff(profile) for profile in every(players, options)], dtype=float)


def table_by_size(inside: Array, outside: Array) -> Array:
    """Return all payoffs of a participation game, in which only the number of participants matters.

    inside and outside [players + 1] are the payoffs of participants and of others, by the number of participants.
    """
    check_size(len(inside) - 1, 2)
    return _by_size(np.asarray(inside, dtype=float), np.asarray(outside, dtype=float))


def check_size(players: int, options: int) -> None:
    """Raise ModelError for a game with too many profiles."""
    if players > MOST_PLAYERS or players * options**players > _MOST_PAYOFFS:
        raise ModelError(
            f"{players} players with {options} options have {float(options) ** players:,.0f} profiles, too many to try "
            f"all; ask for fewer players or options (20 with 2 can be tried), or audit a single profile"
        )


def every_profile(
    table: Array,
    options: int,
    *,
    largest_group: int = LARGEST_GROUP,
    alone: int | None = 0,
    tolerance: float = TOLERANCE,
) -> Verdicts:
    """Return the verdicts on every profile of a game, given as a table [profiles, players]; groups up to three."""
    if not 1 <= largest_group <= LARGEST_GROUP:
        raise ModelError(f"groups of {largest_group}: every profile can be tried with groups of 1 to {LARGEST_GROUP}")
    size = len(table)
    internal, external = np.ones((size, options), dtype=np.bool_), np.ones((size, options), dtype=np.bool_)
    found = np.ones((4, size), dtype=np.bool_)
    _judge(
        np.ascontiguousarray(table, dtype=float),
        options,
        largest_group,
        -1 if alone is None else alone,
        tolerance,
        internal,
        external,
        found,
    )
    nash, individual, contractual, core = found
    return Verdicts(
        nash=nash, internal=internal, external=external, individual=individual, contractual=contractual, core=core
    )


@njit(cache=True, nogil=True)
def _by_size(inside: Array, outside: Array) -> Array:
    players = inside.size - 1
    table = np.empty((1 << players, players))
    for place in range(table.shape[0]):
        joined = 0
        for player in range(players):
            joined += (place >> player) & 1
        for player in range(players):
            table[place, player] = inside[joined] if (place >> player) & 1 else outside[joined]
    return table


@njit(cache=True, nogil=True)
def _judge(
    table: Array,
    options: int,
    largest_group: int,
    alone: int,
    tolerance: float,
    internal: Array,
    external: Array,
    found: Array,
) -> None:
    """Write the verdicts into [4, profiles]: Nash, individual, contractual and core stability."""
    players = table.shape[1]
    steps = np.ones(players, dtype=np.int64)
    for player in range(1, players):
        steps[player] = steps[player - 1] * options
    held = np.empty(players, dtype=np.int64)
    for place in range(table.shape[0]):
        now = table[place]
        for player in range(players):
            held[player] = place // steps[player] % options
        for player in range(players):
            for option in range(options):
                then = table[place + (option - held[player]) * steps[player]]
                if option == held[player] or then[player] <= now[player] + tolerance:
                    continue
                internal[place, held[player]] = external[place, option] = found[0, place] = False
                welcome = released = True
                for other in range(players):
                    if other != player and then[other] < now[other] - tolerance:
                        welcome = welcome and (held[other] != option or option == alone)
                        released = released and (held[other] != held[player] or held[player] == alone)
                if welcome:
                    found[1, place] = False
                if welcome and released:
                    found[2, place] = False
        found[3, place] = found[0, place] and not (
            largest_group > 1 and _some_group_gains(table, place, steps, held, options, largest_group, tolerance)
        )


@njit(cache=True, nogil=True)
def _some_group_gains(
    table: Array, place: int, steps: Array, held: Array, options: int, largest_group: int, tolerance: float
) -> bool:
    """Return whether two or three players all gain by a joint deviation."""
    players, now = table.shape[1], table[place]
    for one in range(players):
        for to_one in range(options):
            if to_one == held[one]:
                continue
            first = place + (to_one - held[one]) * steps[one]
            for two in range(one + 1, players):
                for to_two in range(options):
                    if to_two == held[two]:
                        continue
                    both = first + (to_two - held[two]) * steps[two]
                    if table[both, one] > now[one] + tolerance and table[both, two] > now[two] + tolerance:
                        return True
                    if largest_group < 3:
                        continue
                    for three in range(two + 1, players):
                        for to_three in range(options):
                            if to_three == held[three]:
                                continue
                            then = table[both + (to_three - held[three]) * steps[three]]
                            if (
                                then[one] > now[one] + tolerance
                                and then[two] > now[two] + tolerance
                                and then[three] > now[three] + tolerance
                            ):
                                return True
    return False
