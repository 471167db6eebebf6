"""The map as SVG shapes for the browser: outlines, positions of labels, and the states beyond the map."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.path import Path

from sim import facts
from sim.plots.legend import miniature
from sim.plots.map import TILE_PAD, europe, extent
from sim.plots.map_labels import LabelRequest, place_labels
from sim.plots.map_states import STAR
from sim.plots.projection import WINDOW, area, shows

KM_PER_INCH = 570.0  # as on the map of a run
POINTS = 9.0  # of a label
TYPE = POINTS / 72 * KM_PER_INCH  # km, height of a label's text
STRIP = 560.0  # km, height of the strip for the states beyond the map
GAIN = 0.5  # km to which shapes are rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """The position of a state's label: its centre, and its box and the end of its leader if it is outside the state."""

    x: float
    y: float
    lines: int
    box: tuple[float, float] | None = None  # width, height
    leader: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """A map for the browser; x to the right, y downwards, in km."""

    width: float
    height: float
    floor: float  # y of the lower edge of the map; the states beyond it are below
    shapes: dict[str, str]  # SVG path by state code
    tags: dict[str, Tag]  # by code of the states that are asked
    beyond: tuple[str, ...]  # asked states that are drawn below the map


@lru_cache(maxsize=32)
def svg_map(asked: tuple[str, ...], leads: tuple[str, ...]) -> Atlas:
    """Return the map of Europe with labels for these states."""
    left, right, bottom, top = WINDOW
    land, rings, ground = europe()
    beyond = tuple(code for code in asked if code not in rings)
    on_map = sorted((code for code in asked if code in rings), key=lambda code: (-area(rings[code]), code))
    requests = [_label_request(code, leads) for code in on_map]
    tags = {}
    for label in place_labels(requests, ground, sorted(on_map)):
        outside = label.points_at is not None
        tags[label.code] = Tag(
            x=label.at[0] - left,
            y=top - label.at[1],
            lines=label.lines,
            box=label.size if outside else None,
            leader=None if label.points_at is None else (label.points_at[0] - left, top - label.points_at[1]),
        )
    shapes = {code: _as_svg(shape, left, top) for code, shape in land.items() if _is_seen(shape)}
    width, height = right - left, top - bottom
    cell = min(width / max(1, len(beyond)), 700.0)
    world = facts.outlines("world")
    for number, code in enumerate(beyond):
        middle = (number + 0.5) * cell, height + 0.42 * STRIP
        outline = miniature(world.get(code), (middle[0], -middle[1]), (0.8 * cell, 0.6 * STRIP))
        shapes[code] = _as_svg(outline, 0.0, 0.0)
        tags[code] = Tag(x=middle[0], y=height + 0.9 * STRIP, lines=1)
    return Atlas(
        width=width,
        height=height + (STRIP if beyond else 0.0),
        floor=height,
        shapes=shapes,
        tags=tags,
        beyond=beyond,
    )


def _label_request(code: str, leads: Collection[str]) -> LabelRequest:
    name = f"{STAR} {code}" if code in leads else code
    texts = {2: f"{name}\n100", 1: f"{name} 100"}
    return LabelRequest(
        code=code,
        ring=europe()[1][code],
        inside={lines: extent(text, POINTS, KM_PER_INCH, pad=0.02) for lines, text in texts.items()},
        tile={lines: extent(text, POINTS, KM_PER_INCH, pad=TILE_PAD) for lines, text in texts.items()},
    )


def _is_seen(shape: Path) -> bool:
    return any(shows(point) for point in np.asarray(shape.vertices))


def _as_svg(shape: Path, left: float, top: float) -> str:
    """Return the outline as an SVG path, with y downwards from the top."""
    parts = []
    for ring in shape.to_polygons(closed_only=True):
        corners = np.round((np.asarray(ring) - (left, top)) * (1.0, -1.0) / GAIN) * GAIN
        parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in corners[:-1]) + "Z")
    return "".join(parts)
