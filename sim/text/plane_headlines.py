"""What the titles of planes and of words say: where the likeliest word turns, where a share crosses one half."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.text.factor_axis import Axis
from sim.text.headlines import HALF, changes_visibly, position_text, rounded
from sim.text.numbers import percent, with_unit
from sim.text.outcome_names import OutcomeText
from sim.text.words import capitalised, listed

type Values = NDArray[np.float64]
type Words = NDArray[np.str_]  # by cell, "" where nothing was played

CLEAR = 0.8  # part of a row's cells that one turning point has to explain
MOSTLY = 0.6  # part of the cells from which on a word is in most of them
NEARLY = 0.9  # part of the cells from which on it is nearly everywhere
EVEN = 0.02  # part of the cells that may differ where one word is said to be nearly throughout
BOXED = 0.4  # part of a corner that a word has to fill to be said to lie in it


def plane_headline(x: Axis, y: Axis, values: Values, measure: OutcomeText) -> str:
    """Return in a sentence what a heat map of a number shows: where it crosses one half, or where it is highest."""
    if measure.is_share and np.nanmin(values) < HALF <= np.nanmax(values):
        words = np.where(np.isfinite(values), np.where(values >= HALF, "above", "below"), "")
        turn = find_turn(x, y, words)
        if turn is not None:
            verb = "falls below" if turn.first == "above" else "rises above"
            end = {side: f"it is {side} one half" for side in ("above", "below")}
            return f"{capitalised(measure.phrase)} {verb} one half {_passing(turn, end)}"
        part = float((values[np.isfinite(values)] >= HALF).mean())
        highest = _highest(x, y, values, measure)
        return f"{capitalised(measure.phrase)} is above one half in {percent(part)} of the cells; {highest}"
    if measure.is_share and np.isfinite(values).any():
        side = "below" if np.nanmax(values) < HALF else "above"
        if changes_visibly(values, measure):
            return f"{capitalised(measure.phrase)} stays {side} one half: {_highest(x, y, values, measure)}"
    if not changes_visibly(values, measure):
        value = measure.text_with_unit(float(np.nanmean(values)))
        return f"{capitalised(measure.phrase)} {measure.verb('is', 'are')} {value} wherever the two settings stand"
    return f"{capitalised(measure.phrase)}: {_highest(x, y, values, measure)}"


def options_headline(x: Axis, y: Axis, words: Words, labels: Mapping[str, str], name: str, asked: str) -> str:
    """Return in a sentence where the likeliest word turns on a plane; asked: the word that matters most if it is there.

    labels: what each word is called within a sentence; name: of the outcome.
    """
    counts = Counter(words[words != ""].tolist())
    total = sum(counts.values())
    (most, cells), *rest = counts.most_common()
    likeliest = f"the likeliest {name}"
    if not rest or cells / total > 1.0 - EVEN:
        nearly = "" if not rest else "nearly "
        return capitalised(f"{likeliest} is {labels[most]} {nearly}throughout")
    turn = find_turn(x, y, words)
    if cells / total >= MOSTLY and (turn is None or None in turn.at) and not (x.is_labelled or y.is_labelled):
        other = rest[0][0]
        corner = _corner(x, y, words == other)
        if corner:
            where = "nearly everywhere" if cells / total >= NEARLY else "in most cells"
            return capitalised(f"{likeliest} is {labels[most]} {where}, {labels[other]} only where {corner}")
    if turn is not None:
        said = f"turns from {labels[turn.first]} to {labels[turn.then]}"
        return capitalised(f"{likeliest} {said} {_passing(turn, {word: f'it is {labels[word]}' for word in labels})}")
    focus = asked if counts[asked] else most
    turn = find_turn(x, y, np.where(words == "", "", np.where(words == focus, "it is", "it is not")))
    if turn is not None:
        bound = "at least" if turn.then == "it is" else "at most"
        end = {"it is": f"it is {labels[focus]}", "it is not": "it is something else"}
        return capitalised(f"{likeliest} is {labels[focus]} {_reaching(turn, bound, end)}")
    parts = [f"{labels[word]} in {percent(count / total)}" for word, count in counts.most_common(4)]
    return capitalised(f"{likeliest} is {listed(parts)} of the cells")


def _corner(x: Axis, y: Axis, cells: NDArray[np.bool_]) -> str:
    """Return in words the corner or side of the plane in which these cells lie; "" where they lie otherwise."""
    said = []
    box = 1
    for axis, there in ((x, cells.any(axis=0)), (y, cells.any(axis=1))):
        first, last = np.flatnonzero(there)[[0, -1]]
        box *= int(last - first + 1)
        if first == 0 and last == len(there) - 1:
            continue
        if first == 0:
            said.append(f"{axis.named.phrase} is {position_text(axis, axis.middles[last])} or less")
        elif last == len(there) - 1:
            said.append(f"{axis.named.phrase} is {position_text(axis, axis.middles[first])} or more")
        else:
            return ""
    return " and ".join(said) if cells.sum() >= BOXED * box else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordChange:
    """Where a plane turns from one word to another along one axis, at either end of the other axis.

    at: None where that row has one word throughout, which is then that of the side it is on.
    """

    along: Axis
    across: Axis
    first: str
    then: str
    at: tuple[float | None, float | None]
    stays: tuple[str, str]  # the word of a row that does not turn


def find_turn(x: Axis, y: Axis, words: Words) -> WordChange | None:
    """Return where the words of a plane turn, along the axis on which one turning point explains more; None if none."""
    tried = []
    for along, across, table in ((x, y, words), (y, x, words.T)):
        if along.is_labelled or len(along.levels) < 3:
            continue
        rows = [_split(table[number]) for number in (0, len(table) - 1)]
        fits = [_split(row)[3] for row in table]
        if min(row[3] for row in rows) < CLEAR or float(np.mean(fits)) < CLEAR:
            continue
        turns = [(row[0], row[1]) for row in rows if row[2] is not None]
        if not turns or len(set(turns)) > 1:
            continue
        first, then = turns[0]
        stay = [row[0] for row in rows if row[2] is None]
        if any(word not in (first, then) for word in stay):
            continue
        at = tuple(None if row[2] is None else float(along.edges[row[2]]) for row in rows)
        tried.append(
            (
                len(turns),
                float(np.mean(fits)),
                WordChange(
                    along=along,
                    across=across,
                    first=first,
                    then=then,
                    at=(at[0], at[1]),
                    stays=(rows[0][0], rows[1][0]),
                ),
            )
        )
    return max(tried, key=lambda one: one[:2])[2] if tried else None


def _split(row: Words) -> tuple[str, str, int | None, float]:
    """Return the words before and after the best turning point of a row, its place, and the part it explains.

    The place is None where one word explains the row as well.
    """
    known = np.flatnonzero(row != "")
    if not len(known):
        return "", "", None, 0.0
    cells = row[known]
    whole, count = Counter(cells.tolist()).most_common(1)[0]
    best: tuple[str, str, int | None, float] = (whole, whole, None, count / len(cells))
    for place in range(1, len(cells)):
        first, before = Counter(cells[:place].tolist()).most_common(1)[0]
        then, after = Counter(cells[place:].tolist()).most_common(1)[0]
        if first != then and (before + after) / len(cells) > best[3] + 1e-9:
            best = (first, then, int(known[place]), (before + after) / len(cells))
    return best


def _passing(turn: WordChange, stays: Mapping[str, str]) -> str:
    """Return at which places of an axis the turn lies; stays: what is said of a row that does not turn."""
    return f"as {turn.along.named.phrase} passes about {_places(turn, stays)}"


def _reaching(turn: WordChange, bound: str, stays: Mapping[str, str]) -> str:
    """Return from or up to which places of an axis something holds."""
    return f"where {turn.along.named.phrase} is {bound} about {_places(turn, stays)}"


def _places(turn: WordChange, stays: Mapping[str, str]) -> str:
    across, (one, other) = turn.across, turn.at
    ends = [position_text(across, place) for place in across.middles[[0, -1]]]
    there = ["with"] * 2 if across.is_labelled else [f"with {across.named.phrase} at", "with it at"]
    shown = [None if at is None else rounded(turn.along, at) for at in turn.at]
    unit = turn.along.named.unit
    if one is not None and other is not None:
        if shown[0] == shown[1]:
            return with_unit(str(shown[0]), unit)
        return f"{shown[0]} {there[0]} {ends[0]}, {with_unit(str(shown[1]), unit)} {there[1]} {ends[1]}"
    turns = 0 if one is not None else 1
    value = with_unit(str(shown[turns]), unit)
    return f"{value} {there[0]} {ends[turns]}; {there[1]} {ends[1 - turns]} {stays[turn.stays[1 - turns]]} throughout"


def shares_headline(
    axis: Axis, options: Sequence[str], labels: Sequence[str], shares: Values, worded: OutcomeText
) -> str:
    """Return in a sentence where the likeliest word turns along an axis."""
    known = np.isfinite(shares).all(axis=0)
    names = np.array(["", *options])
    words = names[np.where(known, np.where(known, shares, 0.0).argmax(axis=0) + 1, 0)]
    called = dict(zip(options, labels, strict=True))
    likeliest = f"the likeliest {worded.bare}"
    if not axis.is_labelled and (turns := _turns(axis, words, called)):
        return capitalised(f"{likeliest} {turns}")
    counts = Counter(words[words != ""].tolist()).most_common()
    most = counts[0][0]
    row = shares[list(options).index(most)]
    low, high = percent(float(np.nanmin(row))), percent(float(np.nanmax(row)))
    if len(counts) == 1:
        spread = f" ({low} of replicates)" if low == high else f", in {low} to {high} of replicates"
        return capitalised(f"{likeliest} is {called[most]} throughout{spread}")
    if axis.is_labelled:
        parts = [
            f"{called[word]} with {listed([axis.words[place] for place in np.flatnonzero(words == word)[:4]])}"
            for word, _ in counts[:3]
        ]
        return capitalised(f"{likeliest} is {'; '.join(parts)}")
    parts = [f"{called[word]} at {count} of {int(known.sum())} levels" for word, count in counts[:3]]
    return capitalised(f"{likeliest} is {listed(parts)}")


def _turns(axis: Axis, words: Words, called: Mapping[str, str]) -> str:
    """Return from which word to which it turns where along an axis; "" where a word comes back or hardly any turn."""
    known = np.flatnonzero(words != "")
    starts = [known[0], *(place for before, place in itertools.pairwise(known) if words[before] != words[place])]
    runs = [str(words[place]) for place in starts]
    unit = axis.named.unit
    if len(runs) != len(set(runs)):
        first, then, place, fit = _split(words)
        if place is None or fit < CLEAR:
            return ""
        runs, starts = [first, then], [0, place]
    if len(runs) < 2:
        return ""
    places = [rounded(axis, float(axis.edges[place])) for place in starts[1:]]
    said = f"turns from {called[runs[0]]} to {called[runs[1]]} as {axis.named.phrase} passes about {places[0]}"
    more = [f"to {called[word]} at {place}" for word, place in zip(runs[2:], places[1:], strict=True)]
    return with_unit(listed([said, *more]), unit)


def _highest(x: Axis, y: Axis, values: Values, measure: OutcomeText) -> str:
    high = np.unravel_index(np.nanargmax(values), values.shape)
    low = np.unravel_index(np.nanargmin(values), values.shape)

    def place(cell: Sequence[np.intp]) -> str:
        return f"{_at(x, int(cell[1]))} and {_at(y, int(cell[0]))}"

    return (
        f"highest ({measure.text(values[high])}) at {place(high)}, lowest ({measure.text(values[low])}) at {place(low)}"
    )


def _at(axis: Axis, level: int) -> str:
    if axis.is_labelled:
        return axis.words[level]
    return f"{axis.named.bare} {position_text(axis, axis.middles[level])}"
