"""A box that was discovered: its limits, what it trades against other boxes, and the points by its main factors."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    headed,
    in_a_sentence,
    limit_said,
    looked_for,
    quasi_p,
    span_of,
    sweep_of,
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
from sim.plots.sweeps.layout import PlotArea, footer, frame_axes, room_for, values_up
from sim.text.factor_axis import Axis
from sim.text.numbers import counted, setting_number
from sim.text.outcome_names import outcome_text
from sim.text.words import capitalised
from sim.theory import rng

WIDE = 11.0  # inches
NAMES = 2.7  # inches for the name of a factor
ENDS = 0.55  # inches for the ends of its range, on either side of its bar
SAID = 1.75  # inches for what the limit says
SURE = 0.7  # inches for its quasi-p
ROW = 0.34  # inches from factor to factor
HEAD = 0.3  # inches for a heading
KEY = 0.26  # inches for the key of a panel
PANEL = 3.7  # inches that the lower panels are high
GAP = 0.45  # inches between panels
CASE, OTHER, LIMIT = "#C4512D", "#9AA3AB", "#1D3F63"
FAINT = 0.22  # of points outside the other limits

type Values = NDArray[np.float64]


@under_defaults
def discovered_box(found: Discovery, number: int) -> Figure:
    """Return one of the boxes: its limits above, coverage against density below, and the points beside that."""
    one, sweep = found.boxes[number], sweep_of(found)
    title = in_a_sentence(found, one)
    finding, testing = counted(int((~found.tests).sum()), "point"), f"{int(found.tests.sum()):,}"
    subtitle = (
        f"The limits were found on {finding} and tested on the {testing} others; a case is a point where "
        f"{looked_for(found)}; shares are of those that test"
    )
    empty = 10.0 - content_top(figure(title, subtitle, size=(WIDE, 10.0)))
    rows = len(one.box.factors) * ROW
    made = figure(title, subtitle, size=(WIDE, empty + HEAD + rows + GAP + HEAD + KEY + PANEL + FLOOR))
    top = content_top(made)
    _draw_limits(made, top, sweep, one)
    below = top - HEAD - rows - GAP
    half = (WIDE - 2 * MARGIN - GAP) / 2
    bottom = FLOOR + 0.05
    _draw_trade(
        made, PlotArea(left=MARGIN, bottom=bottom, width=half, height=below - bottom), one, is_first=number == 0
    )
    beside = PlotArea(left=MARGIN + half + GAP, bottom=bottom, width=half, height=below - bottom)
    _draw_points(made, beside, sweep, found, one)
    said = " and ".join(map(str, found.conditions))
    footer(made, sweep, sweep, f"cases: {said}", f"halves by seed {found.seed}", hatched=False)
    return made


def _draw_limits(made: Figure, top: float, sweep: SweepView, one: DiscoveredBox) -> None:
    """Draw the part of each factor's range that lies within the limits."""
    left, right = MARGIN + NAMES + ENDS, WIDE - MARGIN - SURE - SAID - ENDS
    draw_text(made, MARGIN, top, "What is limited, within the range that was varied", weight="bold", va="top")
    draw_text(made, right + ENDS, top, "limit", weight="bold", va="top")
    draw_text(made, WIDE - MARGIN, top, "quasi-p", weight="bold", va="top", ha="right")
    for row, factor in enumerate(one.box.factors):
        middle = top - HEAD - (row + 0.5) * ROW
        limits = one.box.of(factor)
        name = wrapped(headed(sweep, factor), NAMES - 0.1, BODY)
        size = SMALL if "\n" in name else BODY
        name = wrapped(headed(sweep, factor), NAMES - 0.1, size)
        draw_text(made, MARGIN, middle, name, size=size, va="center", linespacing=1.05, gid="factor")
        axes = axes_at(made, left, middle - 0.08, right - left, 0.16, xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        axis = axis_of_factor(sweep, factor)
        if limits[0].levels:
            width = 1.0 / len(axis.levels)
            parts = [(place * width, width, str(level) in limits[0].levels) for place, level in enumerate(axis.levels)]
            ends = ("", "")
        else:
            low, high = (_place(sweep, factor, limit) for limit in bounds(limits))
            parts = [(0.0, 1.0, False), (low, high - low, True)]
            ends = tuple(setting_number(end) for end in span_of(sweep, factor))  # type: ignore[assignment]
        for start, length, within in parts:
            colour = LIMIT if within else RULE
            axes.add_patch(Rectangle((start, 0.0), length, 1.0, facecolor=colour, edgecolor="white", linewidth=0.5))
        for x, text, side in ((left - 0.08, ends[0], "right"), (right + 0.08, ends[1], "left")):
            draw_text(made, x, middle, text, size=SMALL, color=QUIET, va="center", ha=side)
        said = wrapped(limit_said(sweep, limits), SAID - 0.1, BODY)
        draw_text(made, right + ENDS, middle, said, va="center", gid="limit")
        sure = ", ".join(quasi_p(one.quasi_p[limit]) for limit in limits)
        draw_text(made, WIDE - MARGIN, middle, sure, va="center", ha="right")


def _place(sweep: SweepView, factor: str, value: float) -> float:
    """Return where a value stands in its factor's range, 0 to 1."""
    low, high = span_of(sweep, factor)
    known = sweep.experiment.factor(factor)
    value = min(max(value, low), high)
    if isinstance(known, Range) and known.scale == "log":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def _draw_trade(made: Figure, place: PlotArea, one: DiscoveredBox, *, is_first: bool) -> None:
    """Draw coverage against density of all boxes on the way, and the one that was taken, found and tested."""
    draw_text(made, place.left, place.top, "What smaller boxes gain and lose", weight="bold", va="top")
    marks = (("○", "on the way", OTHER), ("○", "taken, as found", LIMIT), ("●", "taken, as tested", LIMIT))
    _draw_key(made, place.left, place.top - HEAD, marks)
    box = room_for(None, None, place.left, place.right, place.bottom + 0.2, place.top - HEAD - KEY)
    axes = axes_at(made, box.left, box.bottom, box.width, box.height)
    trail = np.array([(each.coverage, each.density) for each in one.trail])
    axes.plot(*trail.T, color=RULE, linewidth=1.0, zorder=2)
    axes.plot(*trail.T, "o", markersize=4.2, markerfacecolor="white", markeredgecolor=OTHER, zorder=3)
    axes.plot(
        one.here.coverage, one.here.density, "o", markersize=8.5, markerfacecolor="white", markeredgecolor=LIMIT,
        markeredgewidth=1.8, zorder=5,
    )  # fmt: skip
    there = one.there
    if there.inside:
        covered, dense = (_share(there.hits, of) for of in (there.cases, there.inside))
        axes.plot([covered[0], covered[1]], [there.density] * 2, color=LIMIT, linewidth=1.4, zorder=4)
        axes.plot([there.coverage] * 2, [dense[0], dense[1]], color=LIMIT, linewidth=1.4, zorder=4)
        axes.plot(there.coverage, there.density, "o", markersize=8.5, color=LIMIT, zorder=6)
    base = there.base_rate
    axes.axhline(base, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    all_points = "all points" if is_first else "all points that are left"
    axes.text(0.01, base + 0.012, all_points, size=SMALL, color=QUIET, va="bottom")
    low = max(0.0, math.floor(10.0 * (min(base, float(np.nanmin(trail[:, 1])), there.density or base) - 0.04)) / 10.0)
    _percent_axes(axes, low)
    axes.set_xlabel("Coverage (% of cases that lie in the box)", size=BODY, color=INK)
    axes.set_ylabel("Density (% of the box that are cases)", size=BODY, color=INK)


def _share(hits: int, of: int) -> tuple[float, float]:
    found = share_interval(np.arange(of) < hits)
    return found.low, found.high


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


def _draw_points(made: Figure, place: PlotArea, sweep: SweepView, found: Discovery, one: DiscoveredBox) -> None:
    """Draw the points that test by the two factors that matter most, or by the one and the outcome itself."""
    factors = one.box.factors[:2]
    others = one.box.without(*(limit for factor in factors for limit in one.box.of(factor)))
    shown_points = found.tests & found.outside(found.boxes.index(one))
    points, met = found.points[shown_points], found.met[shown_points]
    label = case_label(found)
    label = label if type_width(label, SMALL) < 2.4 else "Cases"
    heading = "The points that test" + (", by the two factors that matter most" if len(factors) > 1 else "")
    draw_text(made, place.left, place.top, heading, weight="bold", va="top")
    marks = [("●", label, CASE), ("●", "otherwise", OTHER), ("□", "limits", LIMIT)]
    if others.limits:
        marks.append(("●", "faint: outside other limits", QUIET))
    _draw_key(made, place.left, place.top - HEAD, marks)
    x = axis_of_factor(sweep, factors[0])
    y = axis_of_factor(sweep, factors[1]) if len(factors) > 1 else None
    box = room_for(x, y, place.left, place.right, place.bottom, place.top - HEAD - KEY)
    axes = axes_at(made, box.left, box.bottom, box.width, box.height)
    format_axis(axes, x, "x", box.width)
    across = _places(x, points[factors[0]], 1)
    if y is not None:
        format_axis(axes, y, "y", box.height)
        up = _places(y, points[factors[1]], 2)
    else:
        of = outcome_text(found.conditions[0].outcome, sweep.scenario)
        up = points[of.column].to_numpy(dtype=np.float64)
        values_up(axes, of, [up])
        axes.axhline(found.conditions[0].value, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    within = others.holds(points)
    for which, strength in ((~within, FAINT), (within, 0.9)):
        for case, colour in ((False, OTHER), (True, CASE)):
            shown_ = which & (met == case)
            axes.scatter(across[shown_], up[shown_], s=9, color=colour, alpha=strength, linewidths=0, zorder=2 + case)
    _draw_outline(axes, one, x, y)
    frame_axes(axes)


def _places(axis: Axis, values: pd.Series, seed: int) -> Values:
    """Return where values stand on an axis; labels and few levels are strewn a little, so that all points are seen."""
    if axis.is_ranged:
        return values.to_numpy(dtype=np.float64)
    places = axis.level_indices(values)
    edges = axis.edges
    jitter = 0.12 + 0.76 * rng.uniforms(rng.address("strewn"), np.arange(len(values)), 1, 0, seed)[0]
    return np.asarray(edges[places] + jitter * (edges[places + 1] - edges[places]), dtype=np.float64)


def _draw_outline(axes: Axes, one: DiscoveredBox, x: Axis, y: Axis | None) -> None:
    """Draw the part of the plane within the limits of the two factors."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    for low, wide in _extents(one, x, left, right):
        for under, high in _extents(one, y, bottom, top) if y is not None else [(bottom, top - bottom)]:
            axes.add_patch(
                Rectangle(
                    (low, under), wide, high, facecolor="none", edgecolor=LIMIT, linewidth=2.0, zorder=6, clip_on=False
                )
            )


def _extents(one: DiscoveredBox, axis: Axis, first: float, last: float) -> list[tuple[float, float]]:
    """Return where the limits of a factor begin on its axis and how far they reach, each part of it."""
    limits = one.box.of(axis.factor)
    if limits[0].levels:
        edges = axis.edges
        there = [place for place, level in enumerate(axis.levels) if str(level) in limits[0].levels]
        return [(float(edges[place]), float(edges[place + 1] - edges[place])) for place in there]
    low, high = bounds(limits)
    start, end = max(low, first), min(high, last)
    return [(start, end - start)]


def _draw_key(made: Figure, x: float, y: float, marks: Sequence[tuple[str, str, str]]) -> None:
    """Write marks, each with its words and its colour, in a row from here to the right."""
    for mark, words, colour in marks:
        draw_text(made, x, y, mark, size=BODY, color=colour, va="top", gid="mark")
        draw_text(made, x + 0.16, y, capitalised(words), size=SMALL, va="top", gid="key")
        x += 0.16 + type_width(capitalised(words), SMALL) + 0.22
