"""What is written and drawn in a figure, as the tests of figures read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

type Array = np.ndarray


def texts(made: Figure) -> list[Text]:
    """Return everything that is written in a figure and seen; ticks beyond the end of an axis are not."""
    beyond = {
        id(tick.label1)
        for axes in made.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    found = [text for text in made.findobj(Text) if isinstance(text, Text) and id(text) not in beyond]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar as it is drawn, in the units of its axes."""

    left: float
    width: float
    middle: float  # of its height
    height: float
    colour: str


def bars(axes: Axes) -> list[Bar]:
    """Return the bars of a panel in the order in which they were drawn."""
    return [
        Bar(
            left=float(patch.get_x()),
            width=float(patch.get_width()),
            middle=float(patch.get_y() + patch.get_height() / 2),
            height=round(float(patch.get_height()), 9),
            colour=to_hex(patch.get_facecolor()),
        )
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_hatch() is None
    ]


def points(line: Line2D) -> Array:
    """Return where a line or a mark is drawn, as [points, 2]; a date in days, as matplotlib counts them."""
    return np.column_stack(
        [np.asarray(values, dtype=float) for values in (line.get_xdata(False), line.get_ydata(False))]
    )


def strokes(axes: Axes) -> list[tuple[Array, str]]:
    """Return the lines of a panel that are no marks, each as [points, 2] with its colour."""
    return [(points(line), to_hex(line.get_color())) for line in axes.lines if line.get_marker() in ("None", None, "")]


def marks(axes: Axes) -> list[tuple[float, float, str]]:
    """Return where single marks are drawn, each with the colour of its face."""
    return [
        (*map(float, points(line)[0]), to_hex(line.get_markerfacecolor()))
        for line in axes.lines
        if line.get_marker() not in ("None", None, "") and len(points(line)) == 1
    ]


def bands(axes: Axes) -> Iterator[tuple[dict[float, tuple[float, float]], str]]:
    """Yield each filled band as its lower and upper edge at every place along the axis, with its colour."""
    for drawn in axes.collections:
        if not isinstance(drawn, FillBetweenPolyCollection):
            continue
        edges: dict[float, tuple[float, float]] = {}
        for path in drawn.get_paths():
            for x, y in np.asarray(path.vertices):
                low, high = edges.get(float(x), (np.inf, -np.inf))
                edges[float(x)] = min(low, float(y)), max(high, float(y))
        yield edges, to_hex(drawn.get_facecolor()[0])
