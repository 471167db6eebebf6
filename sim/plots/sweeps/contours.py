"""Contour lines over a plane of two factors."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sim.plots.style import INK, SMALL
from sim.plots.sweeps.layout import PlotArea, tick
from sim.plots.sweeps.scenario_markers import Mark
from sim.text.factor_axis import Axis
from sim.text.outcome_names import OutcomeText

type Values = NDArray[np.float64]

HALF = 0.5
WHOLE = 0.75  # share of the cells with values from which on there are lines
SHARES = (0.25, HALF, 0.75)
FINE = 8  # levels in both directions from which on the lines are smoothed
KERNEL = (0.25, 0.5, 0.25)


def contour_levels(x: Axis, y: Axis, values: Values, shown: OutcomeText) -> tuple[float, ...]:
    """Return the levels of contour lines: 25, 50 and 75 % for a share, otherwise round numbers.

    There are none over labelled levels, with fewer than three levels in a direction, or with many gaps.
    """
    if x.is_labelled or y.is_labelled or min(values.shape) < 3 or np.isfinite(values).mean() < WHOLE:
        return ()
    smooth = smoothed(values) if is_fine(values) else values
    low, high = float(np.nanmin(smooth)), float(np.nanmax(smooth))
    levels = SHARES if shown.is_share else MaxNLocator(nbins=5).tick_values(low, high)
    return tuple(float(level) for level in levels if low < level < high)


def draw_contours(
    axes: Axes,
    box: PlotArea,
    x: Axis,
    y: Axis,
    values: Values,
    shown: OutcomeText,
    levels: Sequence[float],
    marks: Sequence[Mark] = (),
) -> None:
    """Draw contour lines at these levels with labels; that of one half is heavier."""
    if not levels:
        return
    smooth = smoothed(values) if is_fine(values) else values
    widths = [1.9 if shown.is_share and level == HALF else 0.9 for level in levels]
    lines = axes.contour(
        _to_edges(x), _to_edges(y), np.ma.masked_invalid(_to_frame(smooth, shown)), levels=list(levels), colors=INK,
        linewidths=widths, linestyles="solid", zorder=5,
    )  # fmt: skip
    lines.set_path_effects([effects.withStroke(linewidth=max(widths) + 1.2, foreground="white", alpha=0.65)])
    texts = axes.clabel(
        lines, manual=_label_places(lines, box, x, y, marks), fontsize=SMALL, inline=True, inline_spacing=3, zorder=6,
        fmt=lambda level: f"{100 * level:.0f}%" if shown.is_share else tick(level),
    )  # fmt: skip
    for text in texts:
        text.set_fontweight("bold")
        text.set_gid("contour")
        text.set_path_effects([effects.withStroke(linewidth=2.6, foreground="white")])


def _label_places(
    lines: ContourSet, box: PlotArea, x: Axis, y: Axis, marks: Sequence[Mark]
) -> list[tuple[float, float]]:
    """Return the positions of the labels of lines: away from the frame, from dots and from other labels."""

    def inches(points: Values) -> Values:
        return np.column_stack([x.scaled(points[:, 0]) * box.width, y.scaled(points[:, 1]) * box.height])

    taken = [inches(np.array([[mark.x, mark.y]]))[0] for mark in marks]
    positions = []
    for segments in lines.allsegs:
        long = [segment for segment in segments if len(segment) > 2]
        if not long:
            continue
        points = max(long, key=lambda segment: float(np.hypot(*np.diff(inches(segment), axis=0).T).sum()))
        halves = np.column_stack([(points[1:, 0] + points[:-1, 0]) / 2, (points[1:, 1] + points[:-1, 1]) / 2])
        places = inches(halves)
        room = np.minimum.reduce(
            [places[:, 0], box.width - places[:, 0], places[:, 1] + 0.1, box.height - places[:, 1] + 0.1]
        )
        for other in taken:
            room = np.minimum(room, np.hypot(*(places - other).T))
        middle = np.abs(np.arange(len(places)) / len(places) - 0.5)
        best = int(np.argmax(np.minimum(room, 0.6) - 0.1 * middle))
        taken.append(places[best])
        positions.append((float(halves[best, 0]), float(halves[best, 1])))
    return positions


def is_fine(values: Values) -> bool:
    """Return whether a plane has so many levels that its contours are smoothed."""
    return min(values.shape) >= FINE


def smoothed(values: Values) -> Values:
    """Return the values with less sampling noise: weighted means of each cell and its neighbours."""
    known = np.isfinite(values)
    filled, weight = np.where(known, values, 0.0), known.astype(np.float64)
    for axis in (0, 1):
        filled, weight = _blurred(filled, axis), _blurred(weight, axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, filled / weight, np.nan)


def _blurred(values: Values, axis: int) -> Values:
    padded = np.pad(values, [(1, 1) if axis == each else (0, 0) for each in (0, 1)], mode="edge")
    parts = [np.take(padded, range(start, start + values.shape[axis]), axis=axis) for start in range(3)]
    return np.asarray(sum(part * weight for part, weight in zip(parts, KERNEL, strict=True)), dtype=np.float64)


def _to_frame(values: Values, shown: OutcomeText) -> Values:
    """Return the values, extrapolated by half a cell to the frame on all sides."""
    for axis in (0, 1):
        ends = [np.take(values, [index], axis=axis) for index in (0, 1, -2, -1)]
        before, after = ends[0] + (ends[0] - ends[1]) / 2, ends[3] + (ends[3] - ends[2]) / 2
        before, after = np.where(np.isfinite(before), before, ends[0]), np.where(np.isfinite(after), after, ends[3])
        values = np.concatenate([before, values, after], axis=axis)
    return values if shown.bounds is None else np.clip(values, *shown.bounds)


def _to_edges(axis: Axis) -> Values:
    """Return the middles of the cells between the outermost edges, so that lines reach the frame."""
    edges = axis.edges
    return np.concatenate([[edges[0]], axis.middles, [edges[-1]]])
