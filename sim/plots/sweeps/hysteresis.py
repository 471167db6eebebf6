"""Effects of the opening: one curve per opening, with the gap between them shaded."""

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
from sim.plots.sweeps.layout import axes_in, curve_axes, footer, format_values, hatch_levels, room_for
from sim.plots.sweeps.scenario_markers import own_positions
from sim.scenario.schema import ABSTAIN
from sim.text.factor_axis import Axis
from sim.text.headlines import crossing_text, crossings, position_text
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import option_phrase
from sim.text.words import capitalised, option_name

type Values = NDArray[np.float64]

ENDS = 2.0  # inches for the labels of the curves
MOST_OPENINGS = 8
SHADE = "#EFE9DC"
NARROW = 0.15  # share of the height below which a gap has no room for its label
LEAST_SHIFT = 0.03  # share of the axis from which on the title names a shift


@under_defaults
def hysteresis(sweep: SweepView, *, x: str, outcome: str, by: str, title: str = "") -> Figure:
    """Draw an outcome over a factor for each opening; the gap between the lowest and the highest is shaded."""
    shown = sweep.shown_with(x, by)
    measure, axis, openings = shown.as_number(outcome), shown.line(x), shown.axis(by)
    if len(openings.levels) > MOST_OPENINGS:
        raise FigureError(
            f"{sweep.experiment.name}: '{by}' has {len(openings.levels):,} levels, too many openings for one figure "
            f"(at most {MOST_OPENINGS}); use kind: multiples"
        )
    curves = [shown.only(by, level).curve(axis, measure) for level in openings.levels]
    words = [_opening(sweep, level, openings) for level in openings.levels]
    stack = np.array([curve.mean for curve in curves])
    known = np.isfinite(stack).all(axis=0)
    filled = np.where(known, stack, 0.0)
    low, high = np.where(known, filled.min(axis=0), np.nan), np.where(known, filled.max(axis=0), np.nan)
    fig = figure(
        title or _title(axis, words, stack, curves, measure),
        f"{measure.label}, by {openings.named.bare}; band: 95 % interval of the mean; shaded: the gap between openings",
    )
    own = own_positions(sweep.scenarios, axis)
    top = content_top(fig) - 0.1 - own_height(own)
    box = room_for(axis, None, MARGIN, SIZE[0] - MARGIN - ENDS, FLOOR + 0.05, top)
    axes = axes_in(fig, box)
    format_axis(axes, axis, "x", box.width)
    curve_axes(axes)
    if not axis.is_labelled:
        axes.fill_between(axis.middles, low, high, color=SHADE, linewidth=0.0, zorder=0.5, gid="gap")
    colours = colours_of(sweep, openings.levels)
    for curve, colour in zip(curves, colours, strict=True):
        draw_curve(axes, axis, curve, colour)
    hatch_levels(axes, axis, np.logical_and.reduce([curve.failed for curve in curves]))
    format_values(axes, measure, [part for curve in curves for part in (curve.mean, curve.low, curve.high)])
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
    footer(fig, sweep, shown, others=shown.others(x, by))
    return fig


def _opening(sweep: SweepView, level: object, openings: Axis) -> str:
    """Return the name of an opening: that of the option, or the label of the level."""
    if str(level) in option_styles(sweep.scenario):
        known = str(level)
        return option_name(known) if known == ABSTAIN else option_phrase(known, sweep.scenario)
    if openings.is_labelled:
        return openings.words[openings.levels.index(level)]
    return openings.text(float(str(level)))


def _title(axis: Axis, words: Sequence[str], stack: Values, curves: Sequence[Curve], measure: OutcomeText) -> str:
    """Return a sentence about where on the axis the opening makes a difference, and how large it is."""
    known = np.isfinite(stack).all(axis=0)
    if not known.any():
        return f"{capitalised(measure.phrase)} by opening"
    lowest, highest = np.where(known, stack, np.inf).argmin(axis=0), np.where(known, stack, -np.inf).argmax(axis=0)
    gap = np.where(known, np.ptp(np.where(known, stack, 0.0), axis=0), -np.inf)
    apart = np.array(
        [
            bool(known[level]) and _apart(curves[lowest[level]], curves[highest[level]], level)
            for level in range(stack.shape[1])
        ]
    )
    widest = int(gap.argmax())
    if not apart.any():
        return f"The opening does not significantly change {measure.quantity} (at most by {_gap(measure, gap[widest])})"
    ends = (
        f"{measure.text(float(stack[lowest[widest], widest]))} with {words[lowest[widest]]}, "
        f"{measure.text(float(stack[highest[widest], widest]))} with {words[highest[widest]]}"
    )
    if axis.is_labelled:
        return f"The opening has the largest effect on {measure.quantity} at {axis.words[widest]} ({ends})"
    shift = _shift(axis, words, stack, measure)
    if shift:
        return shift
    first, last = np.flatnonzero(apart)[[0, -1]]
    begin = position_text(axis, axis.middles[first]).removesuffix(f" {axis.named.unit}")
    end = position_text(axis, axis.middles[last])
    if first == last:
        return f"The opening changes {measure.quantity} only where {axis.named.phrase} is {end} ({ends})"
    span = "throughout" if apart.all() else f"where {axis.named.phrase} is {begin} to {end}"
    most = f"most at {axis.named.bare} {position_text(axis, axis.middles[widest])}"
    return f"The opening changes {measure.quantity} {span}, {most} ({ends})"


def _shift(axis: Axis, words: Sequence[str], stack: Values, measure: OutcomeText) -> str:
    """Return a sentence about the shift of the point where a share crosses one half; "" if not all cross it once."""
    if not measure.is_share:
        return ""
    crossed = [crossings(axis, curve) for curve in stack]
    if any(len(each) != 1 for each in crossed):
        return ""
    positions = [each[0].at for each in crossed]
    low, high = int(np.argmin(positions)), int(np.argmax(positions))
    if np.ptp(axis.scaled(np.array([positions[low], positions[high]]))) < LEAST_SHIFT:
        return ""
    verb = "falls below" if crossed[low][0].falls else "rises above"
    early = crossing_text(axis, crossed[low][0]).removesuffix(f" {axis.named.unit}")
    return (
        f"With {words[low]} as the opening, {measure.phrase} {verb} one half at {axis.named.bare} of {early}; "
        f"with {words[high]}, only at {crossing_text(axis, crossed[high][0])}"
    )


def _apart(one: Curve, other: Curve, level: int) -> bool:
    """Return whether the intervals of two curves do not overlap at a level."""
    bounds = one.low[level], one.high[level], other.low[level], other.high[level]
    if not np.isfinite(bounds).all():
        return abs(one.mean[level] - other.mean[level]) > 0.0
    return bool(one.high[level] < other.low[level] or other.high[level] < one.low[level])


def _gap(measure: OutcomeText, gap: float) -> str:
    return f"{100 * gap:.0f} points" if measure.is_share else measure.text_with_unit(gap)


def _point_out(axes: Axes, axis: Axis, level: int, low: float, high: float, measure: OutcomeText) -> None:
    """Draw the widest gap as a line, with its length beside it, or above it if the gap is narrow."""
    if high <= low:
        return
    position = float(axis.middles[level])
    part = float(axis.scaled(np.array([position]))[0])
    bottom, top = axes.get_ylim()
    is_narrow = (high - low) / (top - bottom) < NARROW
    leftwards = part > 0.8
    axes.annotate(
        "",
        (position, low),
        (position, high),
        arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 1.1},
        zorder=6,
    )
    axes.annotate(
        f"gap {_gap(measure, high - low)}", (position, high if is_narrow else (low + high) / 2),
        xytext=(-6 if leftwards else 6, 26 if is_narrow else 0), textcoords="offset points", size=BODY, weight="bold",
        color=INK, ha="right" if leftwards else "left", va="center", zorder=7, gid="widest", parse_math=False,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
    )  # fmt: skip
