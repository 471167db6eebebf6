"""Map projection: from longitude and latitude to km."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray

type Points = NDArray[np.float64]

EARTH_RADIUS = 6371.0  # km
EUROPE = (15.0, 52.0)  # longitude and latitude of the centre of the map of Europe
WINDOW = (-2330.0, 2480.0, -1960.0, 2230.0)  # km around it: left, right, bottom, top; Iceland to Türkiye


def azimuthal(lonlat: Points, centre: tuple[float, float]) -> Points:
    """Return the points in km east and north of the centre: Lambert azimuthal equal area (Snyder 1987, p. 185).

    lonlat in degrees, shape (points, 2), as the result.
    """
    longitude, latitude = np.radians(lonlat[:, 0] - centre[0]), np.radians(lonlat[:, 1])
    middle = np.radians(centre[1])
    cosine = np.sin(middle) * np.sin(latitude) + np.cos(middle) * np.cos(latitude) * np.cos(longitude)
    scale = EARTH_RADIUS * np.sqrt(2.0 / np.maximum(1.0 + cosine, 1e-9))
    east = scale * np.cos(latitude) * np.sin(longitude)
    north = scale * (np.cos(middle) * np.sin(latitude) - np.sin(middle) * np.cos(latitude) * np.cos(longitude))
    return np.column_stack([east, north])


def projected(rings: Sequence[Sequence[Sequence[float]]], centre: tuple[float, float]) -> list[Points]:
    """Return closed rings of longitude and latitude as rings in km around the centre."""
    return [azimuthal(np.asarray(ring, dtype=np.float64), centre) for ring in rings if len(ring) >= 3]


def area(ring: Points) -> float:
    """Return the area within the ring, in the square of its unit."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2.0


def outline(rings: Sequence[Points]) -> Path:
    """Return one path of all rings, so that islands and holes are drawn together."""
    closed = [Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings]
    return Path.make_compound_path(*closed)


def shows(point: Points, window: tuple[float, float, float, float] = WINDOW) -> bool:
    """Return whether the point lies in the window of the map."""
    left, right, bottom, top = window
    return bool(left <= point[0] <= right and bottom <= point[1] <= top)
