"""Stability of a profile: deviations of single players and groups, and paths of best replies.

A game is a payoff function from a profile, the option of every player, to the payoff of every player. The tests compare
the compiled analyses, of every profile of a small game (exhaustive) and of the final profiles of a scenario
(sim.analysis.stability), with this readable version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

type Profile = tuple[int, ...]
type Payoff = Callable[[Profile], Sequence[float]]
type Change = tuple[tuple[int, int], ...]  # pairs of player and new option, by player

LARGEST_GROUP = 3
TOLERANCE = 1e-9  # smaller gains are ignored, since equal payoffs may differ in their last bits
SETTLES, CYCLES, UNFINISHED = "settles", "cycles", "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The stability of one profile."""

    profile: Profile
    regrets: tuple[float, ...]  # [players] the largest gain by deviating alone, 0 if there is none
    best: Profile  # [players] the option with this gain; the current one if there is none
    internal: tuple[bool, ...]  # [options] no player at it gains by leaving
    external: tuple[bool, ...]  # [options] no other player gains by entering
    is_individually_stable: bool  # no player gains by entering where no member loses
    is_contractually_stable: bool  # nor where in addition no member of the left coalition loses
    groups: tuple[Change, ...]  # joint deviations from which all gain, without a smaller one among them

    @property
    def is_nash(self) -> bool:
        """Whether no player gains by deviating alone."""
        return not any(self.regrets)

    @property
    def is_in_core(self) -> bool:
        """Whether no group of the tested sizes gains by a joint deviation."""
        return not self.groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The path of best replies from a profile."""

    ends: str  # SETTLES, CYCLES, or UNFINISHED within the number of profiles
    profiles: tuple[Profile, ...]  # in the order visited, the first is the start
    cycle: tuple[Profile, ...]  # the profiles that recur for ever; empty if there is no cycle


def audit(
    payoff: Payoff,
    profile: Sequence[int],
    options: int,
    *,
    largest_group: int = LARGEST_GROUP,
    alone: int | None = 0,
    tolerance: float = TOLERANCE,
) -> Audit:
    """Return the stability of one profile of a game in which every player has the same number of options.

    Internal and external stability are those of d'Aspremont et al. (1983), for two options; individual and contractual
    stability those of Bogomolnaia & Jackson (2002), with the players at one option as a coalition. alone: the option
    whose players are each on their own, so that others need not agree to entry or exit; None if there is no such
    option. The players of a group deviate at the same time.
    """
    start = tuple(profile)
    now = payoff(start)
    gains: dict[tuple[int, int], float] = {}
    welcome, released = set(), set()
    for player, option in _moves(start, options):
        moved = _changed(start, ((player, option),))
        then = payoff(moved)
        gains[player, option] = then[player] - now[player]
        worse = {other for other in range(len(start)) if other != player and then[other] < now[other] - tolerance}
        if option == alone or not any(start[other] == option for other in worse):
            welcome.add((player, option))
        if start[player] == alone or not any(start[other] == start[player] for other in worse):
            released.add((player, option))
    gaining = {move for move, gain in gains.items() if gain > tolerance}
    best = list(start)
    regrets = [0.0] * len(start)
    for (player, option), gain in gains.items():
        if gain > tolerance and gain > regrets[player]:
            best[player], regrets[player] = option, gain
    return Audit(
        profile=start,
        regrets=tuple(regrets),
        best=tuple(best),
        internal=tuple(all(start[player] != k for player, _ in gaining) for k in range(options)),
        external=tuple(all(option != k for _, option in gaining) for k in range(options)),
        is_individually_stable=not gaining & welcome,
        is_contractually_stable=not gaining & welcome & released,
        groups=tuple(_groups(payoff, start, now, options, gaining, largest_group, tolerance)),
    )


def _groups(
    payoff: Payoff,
    start: Profile,
    now: Sequence[float],
    options: int,
    gaining: set[tuple[int, int]],
    largest: int,
    tolerance: float,
) -> Iterator[Change]:
    """Yield the joint deviations from which all players gain and that contain no smaller one of this kind."""
    gaining_changes: set[Change] = set()
    others = [move for move in _moves(start, options) if move not in gaining] if largest > 1 else []
    if largest >= 1:
        yield from ((move,) for move in sorted(gaining))
    for size in range(2, largest + 1):
        for change in combinations(others, size):
            players = [player for player, _ in change]
            parts = (part for smaller in range(2, size) for part in combinations(change, smaller))
            if len(set(players)) < size or any(part in gaining_changes for part in parts):
                continue
            then = payoff(_changed(start, change))
            if all(then[player] > now[player] + tolerance for player in players):
                gaining_changes.add(change)
                yield change


def best_reply(
    payoff: Payoff, profile: Sequence[int], player: int, options: int, *, tolerance: float = TOLERANCE
) -> int:
    """Return a player's best option against the others; the current one if none is better."""
    start = tuple(profile)
    utility = [payoff(_changed(start, ((player, option),)))[player] for option in range(options)]
    best = max(range(options), key=lambda option: utility[option])
    return best if utility[best] > utility[start[player]] + tolerance else start[player]


def go_on(
    payoff: Payoff,
    profile: Sequence[int],
    options: int,
    *,
    at_once: bool = False,
    most: int = 10_000,
    tolerance: float = TOLERANCE,
) -> Path:
    """Return the path of best replies from a profile: players change in turn, or all at once.

    It ends when no player changes, when a profile recurs at the start of a turn, since everything after it then recurs
    as well, or when this many profiles have been visited.
    """
    now = tuple(profile)
    visited, seen = [now], {now: 0}
    while len(visited) <= most:
        before = now
        if at_once:
            now = tuple(best_reply(payoff, before, player, options, tolerance=tolerance) for player in range(len(now)))
            visited += [now] if now != before else []
        else:
            for player in range(len(now)):
                reply = best_reply(payoff, now, player, options, tolerance=tolerance)
                if reply != now[player]:
                    now = _changed(now, ((player, reply),))
                    visited.append(now)
        if now == before:
            return Path(ends=SETTLES, profiles=tuple(visited), cycle=())
        if now in seen:
            return Path(ends=CYCLES, profiles=tuple(visited), cycle=tuple(visited[seen[now] : -1]))
        seen[now] = len(visited) - 1
    return Path(ends=UNFINISHED, profiles=tuple(visited), cycle=())


def every(players: int, options: int) -> Iterator[Profile]:
    """Yield every profile, the option of the first player changing fastest."""
    yield from (profile[::-1] for profile in product(range(options), repeat=players))


def _moves(profile: Profile, options: int) -> list[tuple[int, int]]:
    return [
        (player, option) for player, current in enumerate(profile) for option in range(options) if option != current
    ]


def _changed(profile: Profile, change: Change) -> Profile:
    moved = list(profile)
    for player, option in change:
        moved[player] = option
    return tuple(moved)
