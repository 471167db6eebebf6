"""Where it matters how the talks start: one curve a start, with the gap between them shaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.analysis.sweep_view import Curve, SweepView
from sim.errors import FigureError
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    SIZE,
    EndLabel,
    content_top,
    figure,
    label_ends,
    option_styles,
    under_defaults,
)
from sim.plots.sweeps.axis import format_axis
from sim.plots.sweeps.curves import colours_of, draw_curve, draw_own, half_line, own_height
from sim.plots.sweeps.layout import at, curve_axes, footer, hatch_levels, room_for, values_up
from sim.plots.sweeps.scenario_markers import own_places
from sim.scenario.schema import ABSTAIN
from sim.text.factor_axis import Axis
from sim.text.headlines import crossing_text, crossings, position_text
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import option_phrase
from sim.text.words import capitalised, option_name

type Values = NDArray[np.float64]

ENDS = 2.0  # inches for what the lines are
MOST_STARTS = 8
SHADE = "#EFE9DC"
NARROW = 0.15  # part of the height under which a gap has no room for its length
SEEN = 0.03  # part of the axis by which the start has to shift a place to be said to


@under_defaults
def hysteresis(sweep: SweepView, *, x: str, outcome: str, by: str, title: str = "") -> Figure:
    """Return an outcome over a factor from each start, the gap between the lowest and the highest shaded."""
    shown = sweep.shown_with(x, by)
    measure, axis, starts = shown.as_number(outcome), shown.line(x), shown.axis(by)
    if len(starts.levels) > MOST_STARTS:
        raise FigureError(
            f"{sweep.experiment.name}: '{by}' has {len(starts.levels):,} levels, too many starts for one figure "
            f"(at most {MOST_STARTS}); use kind: multiples"
        )
    curves = [shown.only(by, level).curve(axis, measure) for level in starts.levels]
    words = [_start(sweep, level, starts) for level in starts.levels]
    stack = np.array([curve.mean for curve in curves])
    known = np.isfinite(stack).all(axis=0)
    filled = np.where(known, stack, 0.0)
    low, high = np.where(known, filled.min(axis=0), np.nan), np.where(known, filled.max(axis=0), np.nan)
    made = figure(
        title or _title(axis, words, stack, curves, measure),
        f"{measure.label}, by {starts.named.bare}; band: 95 % interval of the mean; shaded: the gap between the starts",
    )
    own = own_places(sweep.scenarios, axis)
    top = content_top(made) - 0.1 - own_height(own)
    box = room_for(axis, None, MARGIN, SIZE[0] - MARGIN - ENDS, FLOOR + 0.05, top)
    axes = at(made, box)
    format_axis(axes, axis, "x", box.width)
    curve_axes(axes)
    if not axis.is_labelled:
        axes.fill_between(axis.middles, low, high, color=SHADE, linewidth=0.0, zorder=0.5, gid="gap")
    colours = colours_of(sweep, starts.levels)
    for curve, colour in zip(curves, colours, strict=True):
        draw_curve(axes, axis, curve, colour)
    hatch_levels(axes, axis, np.logical_and.reduce([curve.failed for curve in curves]))
    values_up(axes, measure, [part for curve in curves for part in (curve.mean, curve.low, curve.high)])
    if measure.is_share:
        half_line(axes)
    if known.any():
        widest = int(np.nanargmax(high - low))
        _point_out(axes, axis, widest, float(low[widest]), float(high[widest]), measure)
    draw_own(axes, box, axis, own)
    ends = [
        EndLabel(
            at=float(curve.mean[np.isfinite(curve.mean)][-1]),
            text=f"{capitalised(word)} {measure.text(float(curve.mean[np.isfinite(curve.mean)][-1]))}",
            colour=colour,
        )
        for curve, word, colour in zip(curves, words, colours, strict=True)
        if np.isfinite(curve.mean).any()
    ]
    label_ends(axes, ends, width=ENDS)
    footer(made, sweep, shown, others=shown.others(x, by))
    return made


def _start(sweep: SweepView, level: object, starts: Axis) -> str:
    """Return what a start is called: an option by what it is, anything else by its label."""
    if str(level) in option_styles(sweep.scenario):
        known = str(level)
        return option_name(known) if known == ABSTAIN else option_phrase(known, sweep.scenario)
    if starts.is_labelled:
        return starts.words[starts.levels.index(level)]
    return starts.text(float(str(level)))


def _title(axis: Axis, words: Sequence[str], stack: Values, curves: Sequence[Curve], measure: OutcomeText) -> str:
    """Return over which part of the axis the start matters, and how much at most."""
    known = np.isfinite(stack).all(axis=0)
    if not known.any():
        return f"{capitalised(measure.phrase)} by start"
    lowest, highest = np.where(known, stack, np.inf).argmin(axis=0), np.where(known, stack, -np.inf).argmax(axis=0)
    gap = np.where(known, np.ptp(np.where(known, stack, 0.0), axis=0), -np.inf)
    apart = np.array(
        [
            bool(known[level]) and _apart(curves[lowest[level]], curves[highest[level]], level)
            for level in range(stack.shape[1])
        ]
    )
    widest = int(gap.argmax())
    name = measure.phrase
    if not apart.any():
        return capitalised(
            f"where the talks start does not significantly change {name}: at most by {_gap(measure, gap[widest])}"
        )
    ends = (
        f"{measure.text(float(stack[lowest[widest], widest]))} from {words[lowest[widest]]}, "
        f"{measure.text(float(stack[highest[widest], widest]))} from {words[highest[widest]]}"
    )
    if axis.is_labelled:
        return f"The start matters most with {axis.words[widest]}, for {name}: {ends}"
    shift = _shift(axis, words, stack, measure)
    if shift:
        return shift
    first, last = np.flatnonzero(apart)[[0, -1]]
    begin = position_text(axis, axis.middles[first]).removesuffix(f" {axis.named.unit}")
    end = position_text(axis, axis.middles[last])
    span = "throughout" if apart.all() else f"where {axis.named.phrase} is {begin} to {end}"
    if first == last:
        span = f"only where {axis.named.phrase} is {position_text(axis, axis.middles[first])}"
        return f"Where the talks start matters {span}: {name} {ends}"
    most = f"most at {axis.named.bare} {position_text(axis, axis.middles[widest])}"
    return f"Where the talks start matters {span}, {most}: {name} {ends}"


def _shift(axis: Axis, words: Sequence[str], stack: Values, measure: OutcomeText) -> str:
    """Return how far the start shifts the place at which a share passes one half; "" where not all pass it once."""
    if not measure.is_share:
        return ""
    found = [crossings(axis, curve) for curve in stack]
    if any(len(each) != 1 for each in found):
        return ""
    places = [each[0].at for each in found]
    low, high = int(np.argmin(places)), int(np.argmax(places))
    if np.ptp(axis.scaled(np.array([places[low], places[high]]))) < SEEN:
        return ""
    verb = "falls below" if found[low][0].falls else "passes"
    early = crossing_text(axis, found[low][0]).removesuffix(f" {axis.named.unit}")
    return (
        f"Starting from {words[low]}, {measure.phrase} {verb} one half at {axis.named.bare} of {early}; "
        f"from {words[high]} only at {crossing_text(axis, found[high][0])}"
    )


def _apart(one: Curve, other: Curve, level: int) -> bool:
    """Return whether the intervals of two curves lie apart at a level."""
    bounds = one.low[level], one.high[level], other.low[level], other.high[level]
    if not np.isfinite(bounds).all():
        return abs(one.mean[level] - other.mean[level]) > 0.0
    return bool(one.high[level] < other.low[level] or other.high[level] < one.low[level])


def _gap(measure: OutcomeText, gap: float) -> str:
    return f"{100 * gap:.0f} points" if measure.is_share else measure.text_with_unit(gap)


def _point_out(axes: Axes, axis: Axis, level: int, low: float, high: float, measure: OutcomeText) -> None:
    """Draw the widest gap as a line with its length: beside it, above it where the gap is narrow."""
    if high <= low:
        return
    place = float(axis.middles[level])
    part = float(axis.scaled(np.array([place]))[0])
    bottom, top = axes.get_ylim()
    is_narrow = (high - low) / (top - bottom) < NARROW
    leftwards = part > 0.8
    axes.annotate(
        "", (place, low), (place, high), arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 1.1}, zorder=6
    )
    axes.annotate(
        f"gap {_gap(measure, high - low)}", (place, high if is_narrow else (low + high) / 2),
        xytext=(-6 if leftwards else 6, 26 if is_narrow else 0), textcoords="offset points", size=BODY, weight="bold",
        color=INK, ha="right" if leftwards else "left", va="center", zorder=7, gid="widest", parse_math=False,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
    )  # fmt: skip
