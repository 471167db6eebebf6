"""Figures of scenario discovery: the limits of a box, coverage against density, and the points by main factors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.analysis.discover import DiscoveredBox, Discovery
from sim.analysis.discovery_text import (
    axis_of_factor,
    bounds,
    case_label,
    condition_text,
    factor_label,
    headline,
    limit_text,
    quasi_p_text,
    varied_range,
    view_of,
)
from sim.analysis.interval import share_interval
from sim.analysis.sweep_view import SweepView
from sim.experiment.factor import Range
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    type_width,
    under_defaults,
    wrapped,
)
from sim.plots.sweeps.axis import format_axis
from sim.plots.sweeps.layout import PlotArea, footer, format_values, frame_axes, room_for
from sim.text.factor_axis import Axis
from sim.text.numbers import counted, setting_number
from sim.text.outcome_names import outcome_text
from sim.text.words import capitalised
from sim.theory import rng

WIDE = 11.0  # inches
NAMES = 2.7  # inches for the name of a factor
ENDS = 0.55  # inches for the ends of its range, on either side of its bar
LIMITS = 1.75  # inches for the limit
QUASI_P = 0.7  # inches for its quasi-p
ROW = 0.34  # inches from factor to factor
HEAD = 0.3  # inches for a heading
KEY = 0.26  # inches for the legend of a panel
PANEL = 3.7  # height of the lower panels in inches
GAP = 0.45  # inches between panels
CASE, OTHER, LIMIT = "#C4512D", "#9AA3AB", "#1D3F63"
FAINT = 0.22  # of points outside the other limits

type Values = NDArray[np.float64]


def figures(result: Discovery) -> dict[str, Callable[[], Figure]]:
    """Return the functions that draw the boxes: ``"box-1"`` and so on."""
    return {f"box-{index + 1}": partial(discovered_box, result, index) for index in range(len(result.boxes))}


@under_defaults
def discovered_box(result: Discovery, number: int) -> Figure:
    """Draw a box: its limits above, coverage against density below, and the points beside that."""
    discovered, sweep = result.boxes[number], view_of(result)
    title = headline(result, discovered)
    searching, testing = counted(int((~result.is_test).sum()), "point"), f"{int(result.is_test.sum()):,}"
    subtitle = (
        f"The limits were found on {searching} and tested on the other {testing}; a case is a point where "
        f"{condition_text(result)}; all shares refer to the test points"
    )
    empty = 10.0 - content_top(figure(title, subtitle, size=(WIDE, 10.0)))
    rows = len(discovered.box.factors) * ROW
    fig = figure(title, subtitle, size=(WIDE, empty + HEAD + rows + GAP + HEAD + KEY + PANEL + FLOOR))
    top = content_top(fig)
    _draw_limits(fig, top, sweep, discovered)
    below = top - HEAD - rows - GAP
    half = (WIDE - 2 * MARGIN - GAP) / 2
    bottom = FLOOR + 0.05
    _draw_trade(
        fig, PlotArea(left=MARGIN, bottom=bottom, width=half, height=below - bottom), discovered, is_first=number == 0
    )
    beside = PlotArea(left=MARGIN + half + GAP, bottom=bottom, width=half, height=below - bottom)
    _draw_points(fig, beside, sweep, result, discovered)
    conditions = " and ".join(map(str, result.conditions))
    footer(fig, sweep, sweep, f"cases: {conditions}", f"halves: seed {result.seed}", hatched=False)
    return fig


def _draw_limits(fig: Figure, top: float, sweep: SweepView, discovered: DiscoveredBox) -> None:
    """Draw the part of the range of each factor that lies within the limits."""
    left, right = MARGIN + NAMES + ENDS, WIDE - MARGIN - QUASI_P - LIMITS - ENDS
    draw_text(fig, MARGIN, top, "Limits within the range that was varied", weight="bold", va="top")
    draw_text(fig, right + ENDS, top, "limit", weight="bold", va="top")
    draw_text(fig, WIDE - MARGIN, top, "quasi-p", weight="bold", va="top", ha="right")
    for row, factor in enumerate(discovered.box.factors):
        middle = top - HEAD - (row + 0.5) * ROW
        limits = discovered.box.of(factor)
        name = wrapped(factor_label(sweep, factor), NAMES - 0.1, BODY)
        size = SMALL if "\n" in name else BODY
        name = wrapped(factor_label(sweep, factor), NAMES - 0.1, size)
        draw_text(fig, MARGIN, middle, name, size=size, va="center", linespacing=1.05, gid="factor")
        axes = axes_at(fig, left, middle - 0.08, right - left, 0.16, xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        axis = axis_of_factor(sweep, factor)
        if limits[0].levels:
            width = 1.0 / len(axis.levels)
            parts = [(index * width, width, str(level) in limits[0].levels) for index, level in enumerate(axis.levels)]
            ends = ("", "")
        else:
            low, high = (_position(sweep, factor, limit) for limit in bounds(limits))
            parts = [(0.0, 1.0, False), (low, high - low, True)]
            ends = tuple(setting_number(end) for end in varied_range(sweep, factor))  # type: ignore[assignment]
        for start, length, within in parts:
            colour = LIMIT if within else RULE
            axes.add_patch(Rectangle((start, 0.0), length, 1.0, facecolor=colour, edgecolor="white", linewidth=0.5))
        for x, end, side in ((left - 0.08, ends[0], "right"), (right + 0.08, ends[1], "left")):
            draw_text(fig, x, middle, end, size=SMALL, color=QUIET, va="center", ha=side)
        text = wrapped(limit_text(sweep, limits), LIMITS - 0.1, BODY)
        draw_text(fig, right + ENDS, middle, text, va="center", gid="limit")
        quasi_ps = ", ".join(quasi_p_text(discovered.quasi_p[limit]) for limit in limits)
        draw_text(fig, WIDE - MARGIN, middle, quasi_ps, va="center", ha="right")


def _position(sweep: SweepView, factor: str, value: float) -> float:
    """Return the position of a value in the range of its factor, 0 to 1."""
    low, high = varied_range(sweep, factor)
    known = sweep.experiment.factor(factor)
    value = min(max(value, low), high)
    if isinstance(known, Range) and known.scale == "log":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def _draw_trade(fig: Figure, area: PlotArea, discovered: DiscoveredBox, *, is_first: bool) -> None:
    """Draw coverage against density along the trajectory, and of the selected box in both halves."""
    draw_text(
        fig, area.left, area.top, "Density gained and coverage lost along the trajectory", weight="bold", va="top"
    )
    marks = (("○", "trajectory", OTHER), ("○", "selected, search half", LIMIT), ("●", "selected, test half", LIMIT))
    _draw_key(fig, area.left, area.top - HEAD, marks)
    box = room_for(None, None, area.left, area.right, area.bottom + 0.2, area.top - HEAD - KEY)
    axes = axes_at(fig, box.left, box.bottom, box.width, box.height)
    trajectory = np.array([(each.coverage, each.density) for each in discovered.trajectory])
    axes.plot(*trajectory.T, color=RULE, linewidth=1.0, zorder=2)
    axes.plot(*trajectory.T, "o", markersize=4.2, markerfacecolor="white", markeredgecolor=OTHER, zorder=3)
    search = discovered.search
    axes.plot(
        search.coverage, search.density, "o", markersize=8.5, markerfacecolor="white", markeredgecolor=LIMIT,
        markeredgewidth=1.8, zorder=5,
    )  # fmt: skip
    test = discovered.test
    if test.inside:
        covered, dense = (_share(test.hits, of) for of in (test.cases, test.inside))
        axes.plot([covered[0], covered[1]], [test.density] * 2, color=LIMIT, linewidth=1.4, zorder=4)
        axes.plot([test.coverage] * 2, [dense[0], dense[1]], color=LIMIT, linewidth=1.4, zorder=4)
        axes.plot(test.coverage, test.density, "o", markersize=8.5, color=LIMIT, zorder=6)
    base = test.base_rate
    axes.axhline(base, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    all_points = "all points" if is_first else "all remaining points"
    axes.text(0.01, base + 0.012, all_points, size=SMALL, color=QUIET, va="bottom")
    low = max(
        0.0, math.floor(10.0 * (min(base, float(np.nanmin(trajectory[:, 1])), test.density or base) - 0.04)) / 10.0
    )
    _percent_axes(axes, low)
    axes.set_xlabel("Coverage (% of cases that lie in the box)", size=BODY, color=INK)
    axes.set_ylabel("Density (% of the box that are cases)", size=BODY, color=INK)


def _share(hits: int, of: int) -> tuple[float, float]:
    share = share_interval(np.arange(of) < hits)
    return share.low, share.high


def _percent_axes(axes: Axes, low: float) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(low - 0.01, 1.02))
    steps = np.linspace(0.0, 1.0, 6)
    axes.set_xticks(steps, [f"{100 * step:.0f}" for step in steps])
    upwards = [step for step in (steps if low < 0.5 else np.linspace(0.0, 1.0, 11)) if step >= low - 1e-9]
    axes.set_yticks(upwards, [f"{100 * step:.0f}" for step in upwards])
    axes.tick_params(labelsize=BODY, colors=INK, length=3, color=RULE, pad=3)
    axes.grid(color=RULE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    frame_axes(axes)


def _draw_points(fig: Figure, area: PlotArea, sweep: SweepView, result: Discovery, discovered: DiscoveredBox) -> None:
    """Draw the test points by the two most significant factors, or by one factor and the outcome."""
    factors = discovered.box.factors[:2]
    others = discovered.box.without(*(limit for factor in factors for limit in discovered.box.of(factor)))
    shown = result.is_test & result.outside(result.boxes.index(discovered))
    points, met = result.points[shown], result.met[shown]
    label = case_label(result)
    label = label if type_width(label, SMALL) < 2.4 else "Cases"
    heading = "Test points" + (" by the two most significant factors" if len(factors) > 1 else "")
    draw_text(fig, area.left, area.top, heading, weight="bold", va="top")
    marks = [("●", label, CASE), ("●", "otherwise", OTHER), ("□", "limits", LIMIT)]
    if others.limits:
        marks.append(("●", "pale: outside other limits", QUIET))
    _draw_key(fig, area.left, area.top - HEAD, marks)
    x = axis_of_factor(sweep, factors[0])
    y = axis_of_factor(sweep, factors[1]) if len(factors) > 1 else None
    box = room_for(x, y, area.left, area.right, area.bottom, area.top - HEAD - KEY)
    axes = axes_at(fig, box.left, box.bottom, box.width, box.height)
    format_axis(axes, x, "x", box.width)
    across = _positions(x, points[factors[0]], 1)
    if y is not None:
        format_axis(axes, y, "y", box.height)
        up = _positions(y, points[factors[1]], 2)
    else:
        measure = outcome_text(result.conditions[0].outcome, sweep.scenario)
        up = points[measure.column].to_numpy(dtype=np.float64)
        format_values(axes, measure, [up])
        axes.axhline(result.conditions[0].value, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    within = others.holds(points)
    for which, strength in ((~within, FAINT), (within, 0.9)):
        for case, colour in ((False, OTHER), (True, CASE)):
            drawn = which & (met == case)
            axes.scatter(across[drawn], up[drawn], s=9, color=colour, alpha=strength, linewidths=0, zorder=2 + case)
    _draw_outline(axes, discovered, x, y)
    frame_axes(axes)


def _positions(axis: Axis, values: pd.Series, seed: int) -> Values:
    """Return the positions of values on an axis; labels and few levels are jittered, so that all points are visible."""
    if axis.is_ranged:
        return values.to_numpy(dtype=np.float64)
    indices = axis.level_indices(values)
    edges = axis.edges
    jitter = 0.12 + 0.76 * rng.uniforms(rng.address("strewn"), np.arange(len(values)), 1, 0, seed)[0]
    return np.asarray(edges[indices] + jitter * (edges[indices + 1] - edges[indices]), dtype=np.float64)


def _draw_outline(axes: Axes, discovered: DiscoveredBox, x: Axis, y: Axis | None) -> None:
    """Draw the part of the plane within the limits of the two factors."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    for low, wide in _extents(discovered, x, left, right):
        for under, high in _extents(discovered, y, bottom, top) if y is not None else [(bottom, top - bottom)]:
            axes.add_patch(
                Rectangle(
                    (low, under), wide, high, facecolor="none", edgecolor=LIMIT, linewidth=2.0, zorder=6, clip_on=False
                )
            )


def _extents(discovered: DiscoveredBox, axis: Axis, first: float, last: float) -> list[tuple[float, float]]:
    """Return the start and the length of each part of an axis within the limits of its factor."""
    limits = discovered.box.of(axis.factor)
    if limits[0].levels:
        edges = axis.edges
        indices = [index for index, level in enumerate(axis.levels) if str(level) in limits[0].levels]
        return [(float(edges[index]), float(edges[index + 1] - edges[index])) for index in indices]
    low, high = bounds(limits)
    start, end = max(low, first), min(high, last)
    return [(start, end - start)]


def _draw_key(fig: Figure, x: float, y: float, marks: Sequence[tuple[str, str, str]]) -> None:
    """Draw a legend as a row: each marker in its colour, with its label."""
    for mark, label, colour in marks:
        draw_text(fig, x, y, mark, size=BODY, color=colour, va="top", gid="mark")
        draw_text(fig, x + 0.16, y, capitalised(label), size=SMALL, va="top", gid="key")
        x += 0.16 + type_width(capitalised(label), SMALL) + 0.22
