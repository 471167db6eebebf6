"""Headlines of planes and of options: where the likeliest option changes, and where a share crosses one half."""

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
type Options = NDArray[np.str_]  # by cell, "" where nothing was simulated

CLEAR = 0.8  # least share of the cells of a row that one boundary explains
MOSTLY = 0.6  # least share of the cells of an option that is said to be in most of them
NEARLY = 0.9  # least share of the cells of an option that is said to be nearly everywhere
EVEN = 0.02  # largest share of differing cells where an option is said to be nearly throughout
BOXED = 0.4  # least share of a corner that an option fills if it is said to lie there


def plane_headline(x: Axis, y: Axis, values: Values, outcome: OutcomeText) -> str:
    """Return a sentence about a heat map of a number: where it crosses one half, or where it is highest."""
    if outcome.is_share and np.nanmin(values) < HALF <= np.nanmax(values):
        sides = np.where(np.isfinite(values), np.where(values >= HALF, "above", "below"), "")
        boundary = find_boundary(x, y, sides)
        if boundary is not None:
            verb = "falls below" if boundary.first == "above" else "rises above"
            end = {side: f"it is {side} one half" for side in ("above", "below")}
            return f"{capitalised(outcome.phrase)} {verb} one half {_passing(boundary, end)}"
        part = float((values[np.isfinite(values)] >= HALF).mean())
        highest = _highest(x, y, values, outcome)
        return f"{capitalised(outcome.phrase)} is above one half in {percent(part)} of the cells; {highest}"
    if outcome.is_share and np.isfinite(values).any():
        side = "below" if np.nanmax(values) < HALF else "above"
        if changes_visibly(values, outcome):
            return f"{capitalised(outcome.phrase)} stays {side} one half: {_highest(x, y, values, outcome)}"
    if not changes_visibly(values, outcome):
        value = outcome.text_with_unit(float(np.nanmean(values)))
        return f"{capitalised(outcome.phrase)} {outcome.verb('is', 'are')} {value} for all values of the two settings"
    return f"{capitalised(outcome.phrase)}: {_highest(x, y, values, outcome)}"


def options_headline(x: Axis, y: Axis, options: Options, labels: Mapping[str, str], name: str, focus: str) -> str:
    """Return a sentence about where the likeliest option changes on a plane.

    Parameters
    ----------
    x, y : Axis
        The axes of the plane.
    options : ndarray of str, [levels of y, levels of x]
        The likeliest option of each cell; empty for a cell without runs.
    labels : mapping of str to str
        The name of each option within a sentence.
    name : str
        The name of the outcome.
    focus : str
        The option that the sentence is about if no single boundary describes the plane.
    """
    counts = Counter(options[options != ""].tolist())
    total = sum(counts.values())
    (most, cells), *rest = counts.most_common()
    likeliest = f"the likeliest {name}"
    if not rest or cells / total > 1.0 - EVEN:
        nearly = "" if not rest else "nearly "
        return capitalised(f"{likeliest} is {labels[most]} {nearly}throughout")
    boundary = find_boundary(x, y, options)
    if cells / total >= MOSTLY and (boundary is None or None in boundary.at) and not (x.is_labelled or y.is_labelled):
        other = rest[0][0]
        corner = _corner(x, y, options == other)
        if corner:
            where = "nearly everywhere" if cells / total >= NEARLY else "in most cells"
            return capitalised(f"{likeliest} is {labels[most]} {where}, {labels[other]} only where {corner}")
    if boundary is not None:
        clauses = {option: f"it is {label}" for option, label in labels.items()}
        change = f"changes from {labels[boundary.first]} to {labels[boundary.then]}"
        return capitalised(f"{likeliest} {change} {_passing(boundary, clauses)}")
    focus = focus if counts[focus] else most
    boundary = find_boundary(x, y, np.where(options == "", "", np.where(options == focus, "it is", "it is not")))
    if boundary is not None:
        bound = "at least" if boundary.then == "it is" else "at most"
        end = {"it is": f"it is {labels[focus]}", "it is not": "it is something else"}
        return capitalised(f"{likeliest} is {labels[focus]} {_reaching(boundary, bound, end)}")
    parts = [f"{labels[option]} in {percent(count / total)}" for option, count in counts.most_common(4)]
    return capitalised(f"{likeliest} is {listed(parts)} of the cells")


def _corner(x: Axis, y: Axis, cells: NDArray[np.bool_]) -> str:
    """Return the corner or side of the plane in which these cells lie as a clause; "" if they lie in none."""
    clauses = []
    box = 1
    for axis, occupied in ((x, cells.any(axis=0)), (y, cells.any(axis=1))):
        first, last = np.flatnonzero(occupied)[[0, -1]]
        box *= int(last - first + 1)
        if first == 0 and last == len(occupied) - 1:
            continue
        if first == 0:
            clauses.append(f"{axis.named.phrase} is {position_text(axis, axis.middles[last])} or less")
        elif last == len(occupied) - 1:
            clauses.append(f"{axis.named.phrase} is {position_text(axis, axis.middles[first])} or more")
        else:
            return ""
    return " and ".join(clauses) if cells.sum() >= BOXED * box else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A boundary between two options on a plane: its position along one axis, at both ends of the other axis.

    at: None for an end where one option holds throughout.
    """

    along: Axis
    across: Axis
    first: str
    then: str
    at: tuple[float | None, float | None]
    stays: tuple[str, str]  # the first option at each end; that of a row without a boundary


def find_boundary(x: Axis, y: Axis, options: Options) -> Boundary | None:
    """Return the boundary between two options of a plane, along the axis that explains more cells, if there is one."""
    candidates = []
    for along, across, table in ((x, y, options), (y, x, options.T)):
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
        constant = [row[0] for row in rows if row[2] is None]
        if any(option not in (first, then) for option in constant):
            continue
        at = tuple(None if row[2] is None else float(along.edges[row[2]]) for row in rows)
        candidates.append(
            (
                len(turns),
                float(np.mean(fits)),
                Boundary(
                    along=along,
                    across=across,
                    first=first,
                    then=then,
                    at=(at[0], at[1]),
                    stays=(rows[0][0], rows[1][0]),
                ),
            )
        )
    return max(candidates, key=lambda candidate: candidate[:2])[2] if candidates else None


def _split(row: Options) -> tuple[str, str, int | None, float]:
    """Return the options before and after the best boundary of a row, its index, and the share of cells it explains.

    The index is None if one option explains the row as well.
    """
    known = np.flatnonzero(row != "")
    if not len(known):
        return "", "", None, 0.0
    cells = row[known]
    whole, count = Counter(cells.tolist()).most_common(1)[0]
    best: tuple[str, str, int | None, float] = (whole, whole, None, count / len(cells))
    for index in range(1, len(cells)):
        first, before = Counter(cells[:index].tolist()).most_common(1)[0]
        then, after = Counter(cells[index:].tolist()).most_common(1)[0]
        if first != then and (before + after) / len(cells) > best[3] + 1e-9:
            best = (first, then, int(known[index]), (before + after) / len(cells))
    return best


def _passing(boundary: Boundary, clauses: Mapping[str, str]) -> str:
    """Return the positions of the boundary as a clause; clauses: by option, for an end where it holds throughout."""
    return f"as {boundary.along.named.phrase} passes about {_positions(boundary, clauses)}"


def _reaching(boundary: Boundary, bound: str, clauses: Mapping[str, str]) -> str:
    """Return the range on one side of the boundary as a clause."""
    return f"where {boundary.along.named.phrase} is {bound} about {_positions(boundary, clauses)}"


def _positions(boundary: Boundary, clauses: Mapping[str, str]) -> str:
    across, (one, other) = boundary.across, boundary.at
    ends = [position_text(across, position) for position in across.middles[[0, -1]]]
    with_ = ["with"] * 2 if across.is_labelled else [f"with {across.named.phrase} at", "with it at"]
    values = ["" if at is None else rounded(boundary.along, at) for at in boundary.at]
    unit = boundary.along.named.unit
    if one is not None and other is not None:
        if values[0] == values[1]:
            return with_unit(values[0], unit)
        return f"{values[0]} {with_[0]} {ends[0]}, {with_unit(values[1], unit)} {with_[1]} {ends[1]}"
    end = 0 if one is not None else 1
    value = with_unit(values[end], unit)
    return f"{value} {with_[0]} {ends[end]}; {with_[1]} {ends[1 - end]} {clauses[boundary.stays[1 - end]]} throughout"


def shares_headline(
    axis: Axis, options: Sequence[str], labels: Sequence[str], shares: Values, outcome: OutcomeText
) -> str:
    """Return a sentence about where the likeliest option changes along an axis."""
    known = np.isfinite(shares).all(axis=0)
    names = np.array(["", *options])
    likeliest_options = names[np.where(known, np.where(known, shares, 0.0).argmax(axis=0) + 1, 0)]
    by_option = dict(zip(options, labels, strict=True))
    likeliest = f"the likeliest {outcome.bare}"
    if not axis.is_labelled and (changes := _changes(axis, likeliest_options, by_option)):
        return capitalised(f"{likeliest} {changes}")
    counts = Counter(likeliest_options[likeliest_options != ""].tolist()).most_common()
    most = counts[0][0]
    row = shares[list(options).index(most)]
    low, high = percent(float(np.nanmin(row))), percent(float(np.nanmax(row)))
    if len(counts) == 1:
        spread = f" ({low} of replicates)" if low == high else f", in {low} to {high} of replicates"
        return capitalised(f"{likeliest} is {by_option[most]} throughout{spread}")
    if axis.is_labelled:
        parts = [
            f"{by_option[option]} with "
            + listed([axis.words[index] for index in np.flatnonzero(likeliest_options == option)[:4]])
            for option, _ in counts[:3]
        ]
        return capitalised(f"{likeliest} is {'; '.join(parts)}")
    parts = [f"{by_option[option]} at {count} of {int(known.sum())} levels" for option, count in counts[:3]]
    return capitalised(f"{likeliest} is {listed(parts)}")


def _changes(axis: Axis, options: Options, labels: Mapping[str, str]) -> str:
    """Return the changes of the likeliest option along an axis as a clause; "" if there is no clear sequence."""
    known = np.flatnonzero(options != "")
    starts = [known[0], *(index for before, index in itertools.pairwise(known) if options[before] != options[index])]
    runs = [str(options[index]) for index in starts]
    unit = axis.named.unit
    if len(runs) != len(set(runs)):
        first, then, index, fit = _split(options)
        if index is None or fit < CLEAR:
            return ""
        runs, starts = [first, then], [0, index]
    if len(runs) < 2:
        return ""
    positions = [rounded(axis, float(axis.edges[index])) for index in starts[1:]]
    change = f"changes from {labels[runs[0]]} to {labels[runs[1]]} as {axis.named.phrase} passes about {positions[0]}"
    more = [f"to {labels[option]} at {position}" for option, position in zip(runs[2:], positions[1:], strict=True)]
    return with_unit(listed([change, *more]), unit)


def _highest(x: Axis, y: Axis, values: Values, outcome: OutcomeText) -> str:
    high = np.unravel_index(np.nanargmax(values), values.shape)
    low = np.unravel_index(np.nanargmin(values), values.shape)

    def position(cell: Sequence[np.intp]) -> str:
        return f"{_at(x, int(cell[1]))} and {_at(y, int(cell[0]))}"

    return (
        f"highest ({outcome.text(values[high])}) at {position(high)}, "
        f"lowest ({outcome.text(values[low])}) at {position(low)}"
    )


def _at(axis: Axis, level: int) -> str:
    if axis.is_labelled:
        return axis.words[level]
    return f"{axis.named.bare} {position_text(axis, axis.middles[level])}"
