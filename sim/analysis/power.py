"""Power indices and smallest sufficient sets of states for a viable force, exact by dynamic programming."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sim.errors import ModelError

type Array = np.ndarray

_INT64 = 62  # members up to which the number of sets fits into 64 bits
_CELLS = 2 * 10**8  # of the table of sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Power of each member in the weighted game with a quota, in the order of the weights."""

    shapley_shubik: tuple[Fraction, ...]  # share of the orders of joining in which its entry makes the set win
    banzhaf: tuple[Fraction, ...]  # its share of all swings
    swings: tuple[int, ...]  # sets of the others that win with it and not without it


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastSets:
    """The winning sets of smallest size, as indices in the order of the weights."""

    size: int
    number: int  # of them; every member of each is needed
    sets: tuple[tuple[int, ...], ...]  # all of them, or the first ones


def power(weights: Sequence[int], quota: int, leads: Sequence[bool] | None = None) -> Power:
    """Return the power of every member of the game in which a set wins if its weights reach the quota.

    leads: if given, a winning set needs one of them too, as a viable force does. Exact (Shapley & Shubik 1954; Banzhaf
    1965; sets are counted by size and sum as in Mann & Shapley 1962). All are 0 if no set wins, or the empty one does.
    """
    game = _Game.of(weights, quota, leads)
    swings = [game.swings(index) for index in range(len(weights))]
    total = sum(sum(by_size) for by_size in swings)
    members = len(game.weights)
    orders = [math.factorial(size) * math.factorial(max(members - 1 - size, 0)) for size in range(members + 1)]
    every = math.factorial(members)
    return Power(
        shapley_shubik=tuple(
            Fraction(sum(count * orders[size] for size, count in enumerate(by_size)), every) for by_size in swings
        ),
        banzhaf=tuple(Fraction(sum(by_size), total) if total else Fraction(0) for by_size in swings),
        swings=tuple(sum(by_size) << (len(weights) - members) for by_size in swings),
    )


def least_sets(
    weights: Sequence[int], quota: int, leads: Sequence[bool] | None = None, *, at_most: int = 10_000
) -> LeastSets | None:
    """Return the winning sets of smallest size, those with the heaviest members first; None if none wins.

    No winning set is smaller, so every member of these is needed.
    """
    game = _Game.of(weights, quota, leads)
    winning = game.winning()
    size = next((size for size, number in enumerate(winning) if number), None)
    if size is None:
        return None
    sets = []
    for chosen_set in _of_size(weights, quota, leads, size):
        sets.append(tuple(sorted(chosen_set)))
        if len(sets) == at_most:
            break
    return LeastSets(size=size, number=winning[size], sets=tuple(sets))


def likeliest_set(
    weights: Sequence[int], quota: int, chances: Sequence[float], leads: Sequence[bool] | None = None
) -> tuple[int, ...] | None:
    """Return the winning set with the largest product of its members' probabilities; None if it needs members at 0.

    It minimises the sum of -ln(probability), a knapsack problem that is solved exactly over sums of weights up to the
    quota. It has only members that are needed.
    """
    quota = max(quota, 0)
    leads = [True] * len(weights) if leads is None else leads
    members = [index for index, chance in enumerate(chances) if chance > 0.0 and (weights[index] or leads[index])]
    best = np.full((2, quota + 1), np.inf)  # [has a lead, sum cut at the quota]
    best[0, 0] = 0.0
    came: list[Array] = []  # by member: the sum and the lead that a state of the table came from, -1 without the member
    for index in members:
        cost, weight, lead = -math.log(chances[index]), min(weights[index], quota), int(leads[index])
        source = np.full((2, quota + 1), -1, dtype=np.int64)
        new = best.copy()
        for had in (0, 1):
            has = had | lead
            reached = best[had, : quota - weight] + cost
            _take(new[has, weight:quota], source[has, weight:quota], reached, np.arange(quota - weight) * 2 + had)
            full = best[had, quota - weight :] + cost
            start = int(full.argmin())
            _take(
                new[has, quota:], source[has, quota:], full[start : start + 1],
                np.array([(quota - weight + start) * 2 + had]),
            )  # fmt: skip
        best = new
        came.append(source)
    if not np.isfinite(best[1, quota]):
        return None
    chosen_set, has, total = [], 1, quota
    for index, source in zip(reversed(members), reversed(came), strict=True):
        if source[has, total] >= 0:
            chosen_set.append(index)
            total, has = divmod(int(source[has, total]), 2)
    return tuple(sorted(_without_spare(chosen_set, weights, quota, chances, leads)))


def wins(members: Sequence[int], weights: Sequence[int], quota: int, leads: Sequence[bool] | None = None) -> bool:
    """Return whether a set of indices wins."""
    led = leads is None or any(leads[index] for index in members)
    return led and sum(weights[index] for index in members) >= quota


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """The game without members that neither have weight nor lead, and so never matter."""

    weights: tuple[int, ...]
    quota: int
    leads: tuple[bool, ...] | None
    indices: tuple[int, ...]  # of its members among all
    below: Array  # [size, sum] sets of that size and sum, for sums below the quota
    leadless: Array  # the same for members that do not lead

    @classmethod
    def of(cls, weights: Sequence[int], quota: int, leads: Sequence[bool] | None) -> _Game:
        """Return the game; ModelError if its table of sums would be too large."""
        if min(weights, default=0) < 0:
            raise ValueError("weights must not be negative")
        indices = [index for index, weight in enumerate(weights) if weight > 0 or (leads is not None and leads[index])]
        positive = [int(weights[index]) for index in indices]
        quota = min(max(int(quota), 0), sum(positive) + 1)
        if (len(positive) + 1) * quota > _CELLS:
            raise ModelError(
                f"{len(positive)} states against an ask of {quota:,} soldiers: too many sums to count; lower the ask"
            )
        their_leads = None if leads is None else tuple(bool(leads[index]) for index in indices)
        others = [] if their_leads is None else [w for w, lead in zip(positive, their_leads, strict=True) if not lead]
        return cls(
            weights=tuple(positive),
            quota=quota,
            leads=their_leads,
            indices=tuple(indices),
            below=_counted(positive, quota),
            leadless=_counted(others, quota),
        )

    def swings(self, index: int) -> list[int]:
        """Return the number of sets of the others, by size, that win with a member and not without it."""
        if index not in self.indices:
            return []
        number = self.indices.index(index)
        weight, quota = self.weights[number], self.quota
        low = max(quota - weight, 0)
        counts = _summed(_without(self.below, weight)[:, low:])
        if self.leads is None:
            return counts
        if self.leads[number]:  # it also turns a set that has the soldiers and only lacks a lead
            return [count + led for count, led in zip(counts, self._enough(self.leadless), strict=False)] + counts[
                len(self.leadless) :
            ]
        never = _summed(_without(self.leadless, weight)[:, low:])
        return [count - (never[size] if size < len(never) else 0) for size, count in enumerate(counts)]

    def winning(self) -> list[int]:
        """Return the number of winning sets, by size."""
        enough = self._enough(self.below)
        if self.leads is None:
            return enough
        never = self._enough(self.leadless)
        return [count - (never[size] if size < len(never) else 0) for size, count in enumerate(enough)]

    def _enough(self, below: Array) -> list[int]:
        """Return the number of sets that reach the quota, by size, given the counts of sums below it."""
        members = len(below) - 1
        return [math.comb(members, size) - under for size, under in enumerate(_summed(below))]


def _counted(weights: Sequence[int], quota: int) -> Array:
    """Return the number of sets of each size with each sum below the quota."""
    table = np.zeros((len(weights) + 1, quota), dtype=np.int64 if len(weights) <= _INT64 else object)
    if quota:
        table[0, 0] = 1
    for number, weight in enumerate(weights):
        for size in range(number, -1, -1):
            table[size + 1, weight:] += table[size, : max(quota - weight, 0)]
    return table


def _without(table: Array, weight: int) -> Array:
    """Return the counts of a table without one member of this weight."""
    left = table[:-1].copy()
    for size in range(1, len(left)):
        left[size, weight:] -= left[size - 1, : max(left.shape[1] - weight, 0)]
    return left


def _summed(table: Array) -> list[int]:
    return [int(total) for total in table.sum(axis=1)]


def _of_size(weights: Sequence[int], quota: int, leads: Sequence[bool] | None, size: int) -> Iterator[tuple[int, ...]]:
    """Yield the winning sets of a size, the heaviest members first, skipping branches without any."""
    order = sorted(range(len(weights)), key=lambda index: -weights[index])
    sums = np.concatenate([[0], np.cumsum([weights[index] for index in order])])

    def go_on(start: int, chosen: tuple[int, ...], total: int) -> Iterator[tuple[int, ...]]:
        left = size - len(chosen)
        if left == 0:
            if wins(chosen, weights, quota, leads):
                yield chosen
            return
        for index in range(start, len(order) - left + 1):
            if total + sums[index + left] - sums[index] < quota:
                return
            yield from go_on(index + 1, (*chosen, order[index]), total + weights[order[index]])

    yield from go_on(0, (), 0)


def _take(best: Array, source: Array, offered: Array, origin: Array) -> None:
    """Replace entries by better ones, and record their origin."""
    better = offered < best
    best[better] = offered[better]
    source[better] = origin[better]


def _without_spare(
    members: list[int], weights: Sequence[int], quota: int, chances: Sequence[float], leads: Sequence[bool]
) -> list[int]:
    """Return the set without members that are not needed, removing the least likely and then the lightest first."""
    for index in sorted(members, key=lambda index: (chances[index], weights[index])):
        fewer = [other for other in members if other != index]
        if wins(fewer, weights, quota, leads):
            members = fewer
    return members
