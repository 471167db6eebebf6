"""Whether a profile is stable: who would change it, alone or in a group, and where it leads if all go on changing.

Any game will do that is told as a payoff function: a profile, the option of every player, goes in, and what each
player then has comes out. The compiled audits, of every profile of a small game (every_profile) and of what the
replicates of a scenario came to (stability), answer the same questions and are held against this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

type Profile = tuple[int, ...]
type Payoff = Callable[[Profile], Sequence[float]]
type Change = tuple[tuple[int, int], ...]  # who goes to which option, by player

LARGEST_GROUP = 3
TOLERANCE = 1e-9  # a gain of no more is none: payoffs that are equal on paper differ in their last bits
SETTLES, CYCLES, UNFINISHED = "settles", "cycles", "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is to be said of the stability of one profile."""

    profile: Profile
    regrets: tuple[float, ...]  # [players] the largest gain by changing alone, 0 where there is none
    best: Profile  # [players] the option that brings it; the own one where there is none
    internal: tuple[bool, ...]  # [options] nobody who holds it would rather hold another
    external: tuple[bool, ...]  # [options] nobody who holds another would rather hold it
    is_individually_stable: bool  # nobody gains by going where all are no worse for its coming
    is_contractually_stable: bool  # nor while all whom it leaves are no worse either
    groups: tuple[Change, ...]  # joint changes from which all who make them gain, and no part of them would alone

    @property
    def is_nash(self) -> bool:
        """Whether nobody gains by changing alone."""
        return not any(self.regrets)

    @property
    def is_in_core(self) -> bool:
        """Whether no group of the sizes looked at gains by a joint change."""
        return not self.groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where a profile leads if players go on changing to their best replies."""

    ends: str  # SETTLES, CYCLES, or UNFINISHED: neither within the profiles allowed
    profiles: tuple[Profile, ...]  # as they were visited, the first where it starts
    cycle: tuple[Profile, ...]  # the profiles that follow one another for ever; none where it does not cycle


def audit(
    payoff: Payoff,
    profile: Sequence[int],
    options: int,
    *,
    largest_group: int = LARGEST_GROUP,
    alone: int | None = 0,
    tolerance: float = TOLERANCE,
) -> Audit:
    """Return the audit of one profile of a game in which every player has the same number of options.

    Internal and external stability are those of d'Aspremont et al. (1983), for two options; individual and
    contractual stability those of Bogomolnaia & Jackson (2002), the coalitions being who holds the same option.
    alone: the option whose holders are each on their own, so that no one is asked who comes or goes; None if all
    options are held together. The players of a group each change their option at the same time.
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
    """Yield the joint changes from which all gain and that hold no smaller one of the kind."""
    found: set[Change] = set()
    others = [move for move in _moves(start, options) if move not in gaining] if largest > 1 else []
    if largest >= 1:
        yield from ((move,) for move in sorted(gaining))
    for size in range(2, largest + 1):
        for change in combinations(others, size):
            players = [player for player, _ in change]
            parts = (part for smaller in range(2, size) for part in combinations(change, smaller))
            if len(set(players)) < size or any(part in found for part in parts):
                continue
            then = payoff(_changed(start, change))
            if all(then[player] > now[player] + tolerance for player in players):
                found.add(change)
                yield change


def best_reply(
    payoff: Payoff, profile: Sequence[int], player: int, options: int, *, tolerance: float = TOLERANCE
) -> int:
    """Return the option that is best for a player against the others; the own one where none is better."""
    held = tuple(profile)
    utility = [payoff(_changed(held, ((player, option),)))[player] for option in range(options)]
    best = max(range(options), key=lambda option: utility[option])
    return best if utility[best] > utility[held[player]] + tolerance else held[player]


def go_on(
    payoff: Payoff,
    profile: Sequence[int],
    options: int,
    *,
    at_once: bool = False,
    most: int = 10_000,
    tolerance: float = TOLERANCE,
) -> Path:
    """Return where best replies lead from a profile: players change in turn, or all at once.

    It ends where nobody changes any more, where a profile comes back at the start of a turn, so that all that came
    between comes back too, or when this many profiles have been visited.
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
    return [(player, option) for player, held in enumerate(profile) for option in range(options) if option != held]


def _changed(profile: Profile, change: Change) -> Profile:
    moved = list(profile)
    for player, option in change:
        moved[player] = option
    return tuple(moved)
