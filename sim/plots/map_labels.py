"""Positions of labels on a map: inside a state if there is room, otherwise beside it with a leader."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.plots.projection import Points

type Window = tuple[float, float, float, float]  # left, right, bottom, top in km

GRID = 30  # positions tried across the width and height of a state
CELL = 15.0  # km, the resolution of the grid of land
REACH = np.arange(75.0, 1100.0, 30.0)  # km from a state to a label outside it
FARTHER = np.arange(1100.0, 6000.0, 60.0)  # tried only if nothing nearer is free
COMPASS = np.array([(math.cos(turn), math.sin(turn)) for turn in np.radians(np.arange(0.0, 360.0, 10.0))])
ASKED_LAND, OWN_LAND, OTHER_LAND = 900.0, 300.0, 60.0  # cost of covering land, in km of distance
OVER_MARKER, OVER_OWN_MARKER, CROSSED = 900.0, 120.0, 600.0
LEADER_POINTS = 20
HOLD = 0.9  # part of a label's box that must be inside a state, because text seldom fills the corners


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """A label to be placed: its state, the shape of the state, and its sizes on one line and on two, in km."""

    code: str
    ring: Points  # the state's largest ring in the window
    inside: Mapping[int, tuple[float, float]]  # lines -> width and height of the text
    tile: Mapping[int, tuple[float, float]]  # lines -> width and height in a tile outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A placed label: centre and size of its box in km, and the end of its leader if it is outside."""

    code: str
    at: tuple[float, float]
    size: tuple[float, float]
    lines: int
    points_at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The grid of land by state in the window; 0 is sea."""

    owners: NDArray[np.int16]  # [cells upward, cells across]
    numbers: Mapping[str, int]
    window: Window

    def under(self, spots: Points) -> NDArray[np.int16]:
        """Return the number of the state under each spot."""
        left, _, bottom, _ = self.window
        cells = ((spots - (left, bottom)) / CELL).astype(int)
        rows = np.clip(cells[:, 1], 0, self.owners.shape[0] - 1)
        columns = np.clip(cells[:, 0], 0, self.owners.shape[1] - 1)
        owners: NDArray[np.int16] = self.owners[rows, columns]
        return owners


def survey(land: Mapping[str, Path], window: Window) -> Ground:
    """Return the grid of land by state."""
    left, right, bottom, top = window
    across = np.arange(left + CELL / 2, right, CELL)
    up = np.arange(bottom + CELL / 2, top, CELL)
    owners = np.zeros((len(up), len(across)), dtype=np.int16)
    numbers = {code: number for number, code in enumerate(land, start=1)}
    for code, shape in land.items():
        corners = np.asarray(shape.vertices)
        low, high = corners.min(axis=0), corners.max(axis=0)
        columns = np.flatnonzero((across >= low[0]) & (across <= high[0]))
        rows = np.flatnonzero((up >= low[1]) & (up <= high[1]))
        if not len(columns) or not len(rows):
            continue
        grid = np.meshgrid(across[columns], up[rows])
        inside = shape.contains_points(np.column_stack([part.ravel() for part in grid])).reshape(grid[0].shape)
        part = owners[np.ix_(rows, columns)]
        owners[np.ix_(rows, columns)] = np.where(inside, numbers[code], part)
    return Ground(owners=owners, numbers=numbers, window=window)


def place_labels(
    labels: Sequence[LabelRequest], ground: Ground, asked: Sequence[str], *, outside: Collection[str] | None = None
) -> list[Placed]:
    """Place every label so that no two boxes overlap and all are in the window.

    Shapes with room have their label inside. The others, or only those in `outside`, have it at the nearest position
    that covers as little as possible of the states that are asked. The best of three orders of search is used.
    """
    placed: list[Placed] = []
    unplaced: list[LabelRequest] = []
    for label in labels:
        inside = _inside(label, ground.window, placed)
        if inside is not None:
            placed.append(inside)
        elif outside is None or label.code in outside:
            unplaced.append(label)
    middles = {label.code: centre_of(label.ring) for label in unplaced}
    density = {
        code: sum(1.0 / (200.0 + np.hypot(*(other - middle))) for other in middles.values())
        for code, middle in middles.items()
    }
    orders = (
        sorted(unplaced, key=lambda one: -density[one.code]),
        sorted(unplaced, key=lambda one: float(middles[one.code][0])),
        sorted(unplaced, key=lambda one: -float(middles[one.code][0])),
    )
    tried = [_arranged(order, middles, ground, asked, placed) for order in orders]
    return [*placed, *min(tried, key=lambda one: one[0])[1]]


def _arranged(
    order: Sequence[LabelRequest],
    middles: Mapping[str, Points],
    ground: Ground,
    asked: Sequence[str],
    inside: Sequence[Placed],
) -> tuple[float, list[Placed]]:
    """Place each label beside its shape in turn; return the total cost and the placed labels."""
    tiles: dict[str, Placed] = {}
    costs: dict[str, float] = {}
    for label in (*order, *order):  # again, now that all neighbours are placed
        tiles.pop(label.code, None)
        tiles[label.code], costs[label.code] = _beside(label, middles, ground, asked, [*inside, *tiles.values()])
    return sum(costs.values()), list(tiles.values())


def centre_of(ring: Points) -> Points:
    """Return the centre of gravity of a shape."""
    following = np.roll(ring, -1, axis=0)
    across = ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]
    if abs(across.sum()) < 1e-9:
        return np.asarray(ring.mean(axis=0))
    return np.asarray(((ring + following) * across[:, None]).sum(axis=0) / (3.0 * across.sum()))


def _inside(label: LabelRequest, window: Window, placed: Sequence[Placed]) -> Placed | None:
    """Return the position in the shape with most room for the label, two lines before one; None if there is none."""
    left, right, bottom, top = window
    shape = Path(label.ring)
    low = np.maximum(label.ring.min(axis=0), (left, bottom))
    high = np.minimum(label.ring.max(axis=0), (right, top))
    if (high <= low).any():
        return None
    grid = np.meshgrid(np.linspace(low[0], high[0], GRID), np.linspace(low[1], high[1], GRID))
    spots = np.column_stack([part.ravel() for part in grid])
    spots = spots[shape.contains_points(spots)]
    if not len(spots):
        return None
    clearance = np.hypot(*(spots[:, None, :] - label.ring[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    spots = spots[np.argsort(-clearance, kind="stable")]
    for lines in sorted(label.inside, reverse=True):
        size = label.inside[lines]
        corners = _samples(size, HOLD)
        holds = shape.contains_points((spots[:, None, :] + corners).reshape(-1, 2)).reshape(len(spots), -1).all(axis=1)
        for spot in spots[holds & _within(spots, size, window) & ~_taken(spots, size, placed)][:1]:
            return Placed(code=label.code, at=(float(spot[0]), float(spot[1])), size=size, lines=lines)
    return None


def _beside(
    label: LabelRequest, middles: Mapping[str, Points], ground: Ground, asked: Sequence[str], placed: Sequence[Placed]
) -> tuple[Placed, float]:
    """Return the best position for a tile near the shape and its cost; the search widens until one is free."""
    middle = middles[label.code]
    points_at = (float(middle[0]), float(middle[1]))
    markers = np.array([point for code, point in middles.items() if code != label.code]).reshape(-1, 2)
    prices = np.full(len(ground.numbers) + 1, OTHER_LAND)
    prices[0] = 0.0
    prices[[ground.numbers[code] for code in asked]] = ASKED_LAND
    prices[ground.numbers[label.code]] = OWN_LAND
    around = _neighbours(markers, placed)
    best: Placed | None = None
    lowest = np.inf
    for reach in (*REACH, *FARTHER):
        if reach >= lowest or (best is not None and reach >= FARTHER[0]):
            break
        spots = middle + reach * COMPASS
        for lines, size in label.tile.items():
            free = spots[_within(spots, size, ground.window) & ~_taken(spots, size, placed)]
            if not len(free):
                continue
            under = ground.under((free[:, None, :] + _samples(size, 1.1)).reshape(-1, 2)).reshape(len(free), -1)
            costs = reach + prices[under].mean(axis=1)
            for index in np.argsort(costs, kind="stable"):
                if costs[index] >= lowest:
                    break
                cost = float(costs[index]) + _penalty(free[index], size, points_at, around)
                if cost < lowest:
                    at = (float(free[index, 0]), float(free[index, 1]))
                    best = Placed(code=label.code, at=at, size=size, lines=lines, points_at=points_at)
                    lowest = cost
    if best is None:
        raise ValueError(f"no room on the map for the label of {label.code}")
    return best, lowest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Neighbours:
    """Markers, boxes of labels and leaders, which a new tile must not cover or cross."""

    markers: Points
    middles: Points
    halves: Points
    leaders: NDArray[np.float64]  # leader, point, coordinate


def _neighbours(markers: Points, placed: Sequence[Placed]) -> _Neighbours:
    return _Neighbours(
        markers=markers,
        middles=np.array([other.at for other in placed]).reshape(-1, 2),
        halves=np.array([other.size for other in placed]).reshape(-1, 2) / 2,
        leaders=np.array(
            [_leader(other.points_at, other.at) for other in placed if other.points_at is not None]
        ).reshape(-1, LEADER_POINTS, 2),
    )


def _penalty(at: Points, size: tuple[float, float], points_at: tuple[float, float], around: _Neighbours) -> float:
    """Return the cost of a position for covering markers and crossing labels and leaders."""
    half = np.array(size) / 2
    covered = (np.abs(around.markers - at) < half + 15.0).all(axis=1).sum()
    own = (np.abs(np.array(points_at) - at) < half + 15.0).all()
    leader = _leader(points_at, (float(at[0]), float(at[1])))
    boxes = (np.abs(leader[:, None, :] - around.middles) < around.halves + 8.0).all(axis=2).any(axis=0).sum()
    under = (np.abs(around.leaders - at) < half + 8.0).all(axis=2).any(axis=1)
    gaps = np.abs(leader[:, None, None, :] - around.leaders[None]).sum(axis=3)
    met = (gaps < 28.0).any(axis=(0, 2))
    return float(OVER_MARKER * covered + OVER_OWN_MARKER * own + CROSSED * (boxes + (under | met).sum()))


@lru_cache(maxsize=4096)
def _leader(start: tuple[float, float], end: tuple[float, float]) -> Points:
    return np.linspace(start, end, LEADER_POINTS)


def _taken(spots: Points, size: tuple[float, float], placed: Sequence[Placed]) -> NDArray[np.bool_]:
    """Return for each spot whether a box of this size around it would overlap a placed label."""
    middles = np.array([other.at for other in placed]).reshape(-1, 2)
    reaches = (np.array([other.size for other in placed]).reshape(-1, 2) + size) / 2
    return np.asarray((np.abs(spots[:, None, :] - middles) < reaches).all(axis=2).any(axis=1))


@lru_cache(maxsize=256)
def _samples(size: tuple[float, float], grown: float) -> NDArray[Any]:
    """Return points spread over a box around the origin, to find the land that it covers."""
    grid = np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 5))
    return np.column_stack([part.ravel() for part in grid]) * size * grown


def _within(spots: Points, size: tuple[float, float], window: Window) -> NDArray[np.bool_]:
    """Return for each spot whether a box of this size around it is in the window, with a margin."""
    left, right, bottom, top = window
    half = np.array(size) / 2 + 15.0
    return np.asarray(((spots > np.array((left, bottom)) + half) & (spots < np.array((right, top)) - half)).all(axis=1))
