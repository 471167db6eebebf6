"""Response curves: outcomes over one factor with 95 % bands, the scenario, and the crossing of one half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.sweep_view import Curve, SweepView
from sim.errors import FigureError
from sim.plots.style import BODY, FLOOR, INK, MARGIN, SIZE, EndLabel, content_top, figure, label_ends, under_defaults
from sim.plots.sweeps.axis import format_axis
from sim.plots.sweeps.curves import colours_of, draw_curve, draw_own, draw_shares, half_line, own_height
from sim.plots.sweeps.layout import axes_in, curve_axes, footer, format_values, hatch_levels, option_style, room_for
from sim.plots.sweeps.multiples import multiples
from sim.plots.sweeps.phase import option_text
from sim.plots.sweeps.scenario_markers import own_positions
from sim.text.factor_axis import Axis
from sim.text.headlines import HALF, crossing_text, crossings, curves_headline, levels_headline
from sim.text.numbers import with_unit
from sim.text.outcome_names import OutcomeText
from sim.text.plane_headlines import shares_headline
from sim.text.words import capitalised

ENDS = 2.0  # inches for the labels of the curves
MOST_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLine:
    """One curve of the figure."""

    label: str
    colour: str
    measure: OutcomeText
    curve: Curve


@under_defaults
def cliff(sweep: SweepView, *, x: str, outcome: str | Sequence[str], by: str | None = None, title: str = "") -> Figure:
    """Draw one or more outcomes over a factor, or one by the levels of another factor.

    An option is drawn as the share of each option. Small multiples are drawn if one panel is not enough.
    """
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    shown = sweep.shown_with(x, by)
    measures = [shown.measure(each) for each in outcomes]
    levels = 1 if by is None else len(shown.axis(by).levels)
    if by is not None and (len(outcomes) > 1 or measures[0].is_option or levels > MOST_LINES):
        return multiples(sweep, x=x, outcome=outcomes, by=by, title=title)
    if len(measures) > 1 and (any(each.is_option for each in measures) or len({_scale(each) for each in measures}) > 1):
        return multiples(sweep, x=x, outcome=outcomes, by=by, title=title)
    if measures[0].is_option:
        return _words(sweep, shown, x, measures[0], title)
    axis = shown.line(x)
    lines = _lines(shown, axis, measures, by)
    subtitle = measures[0].label if len(measures) == 1 else "; ".join(each.label for each in measures)
    if by is not None:
        subtitle += f", by {shown.axis(by).named.bare}"
    fig = figure(
        title or _title(axis, lines, by),
        f"{subtitle}; {'bars' if axis.is_labelled else 'band'}: 95 % interval of the mean",
    )
    own = own_positions(sweep.scenarios, axis)
    top = content_top(fig) - 0.1 - own_height(own)
    ends = ENDS if len(lines) > 1 else 0.25
    box = room_for(axis, None, MARGIN, SIZE[0] - MARGIN - ends, FLOOR + 0.05, top)
    axes = axes_in(fig, box)
    format_axis(axes, axis, "x", box.width)
    curve_axes(axes)
    for line in lines:
        draw_curve(axes, axis, line.curve, line.colour)
    hatch_levels(axes, axis, np.logical_and.reduce([line.curve.failed for line in lines]))
    bounds = [part for line in lines for part in (line.curve.mean, line.curve.low, line.curve.high)]
    same = measures[0] if len(measures) == 1 else None
    format_values(axes, same or measures[0], bounds, label=same is not None)
    if same is None:
        axes.set_ylabel(capitalised(measures[0].unit), size=BODY, color=INK)
    if measures[0].is_share:
        half_line(axes)
    draw_own(axes, box, axis, own)
    if len(lines) > 1:
        label_ends(axes, [_end(axis, line) for line in lines], width=ENDS)
    else:
        _name_crossing(axes, axis, lines[0], [position for _, position in own])
    note = "interval over the points of each range" if axis.is_ranged else ""
    footer(fig, sweep, shown, note, others=shown.others(x, by))
    return fig


def _scale(measure: OutcomeText) -> str:
    return "share" if measure.is_share else measure.unit


def _lines(shown: SweepView, axis: Axis, measures: Sequence[OutcomeText], by: str | None) -> list[CurveLine]:
    if by is None:
        colours = colours_of(shown, [measure.column for measure in measures])
        return [
            CurveLine(label=capitalised(measure.bare), colour=colour, measure=measure, curve=shown.curve(axis, measure))
            for measure, colour in zip(measures, colours, strict=True)
        ]
    levels = shown.axis(by)
    if len(levels.levels) < 2:
        raise FigureError(f"'{by}' has one level only; leave `by` out")
    words = levels.words or tuple(with_unit(levels.text(level), "") for level in levels.levels)
    return [
        CurveLine(label=word, colour=colour, measure=measures[0], curve=shown.only(by, level).curve(axis, measures[0]))
        for level, word, colour in zip(levels.levels, words, colours_of(shown, levels.levels), strict=True)
    ]


def _title(axis: Axis, lines: Sequence[CurveLine], by: str | None) -> str:
    """Return the headline of one curve, or of several by level."""
    if by is None:
        return curves_headline(axis, [(line.curve.mean, line.measure) for line in lines])
    return levels_headline(axis, [line.label for line in lines], [line.curve.mean for line in lines], lines[0].measure)


def _end(axis: Axis, line: CurveLine) -> EndLabel:
    known = line.curve.mean[np.isfinite(line.curve.mean)]
    last = float(known[-1])
    return EndLabel(at=last, text=f"{line.label} {line.measure.text(last)}", colour=line.colour)


def _name_crossing(axes: Axes, axis: Axis, line: CurveLine, own: Sequence[float]) -> None:
    """Mark and label the crossing of one half: beside the curve, away from the marks of scenarios."""
    if axis.is_labelled or not line.measure.is_share:
        return
    crossed = crossings(axis, line.curve.mean)
    if not 1 <= len(crossed) <= 2:
        return
    for crossing in crossed:
        part = float(axis.scaled(np.array([crossing.at]))[0])
        scenarios = [float(axis.scaled(np.array([position]))[0]) for position in own]
        right = part < 0.75 and not any(0.0 < position - part < 0.2 for position in scenarios)
        above = right == crossing.falls  # on the side without the curve
        axes.plot(crossing.at, HALF, marker="o", markersize=8, color="white", markeredgecolor=INK, zorder=6)
        axes.annotate(
            crossing_text(axis, crossing).removeprefix("about "), (crossing.at, HALF),
            xytext=(10 if right else -10, 7 if above else -7), textcoords="offset points", size=BODY, weight="bold",
            ha="left" if right else "right", va="bottom" if above else "top", color=INK, zorder=7, gid="crossing",
            parse_math=False,
        )  # fmt: skip


def _words(sweep: SweepView, shown: SweepView, x: str, worded: OutcomeText, title: str) -> Figure:
    """Draw the stacked shares of options over a factor."""
    axis = shown.line(x)
    options = shown.options(worded)
    shares = shown.shares(axis, worded)
    labels = [option_style(sweep, option).label for option in options]
    fig = figure(
        title or shares_headline(axis, options, [option_text(sweep, option) for option in options], shares, worded),
        f"{capitalised(worded.bare)}: share of replicates in %",
    )
    own = own_positions(sweep.scenarios, axis)
    top = content_top(fig) - 0.1 - own_height(own)
    box = room_for(axis, None, MARGIN, SIZE[0] - MARGIN - ENDS - 0.2, FLOOR + 0.05, top)
    axes = axes_in(fig, box)
    format_axis(axes, axis, "x", box.width)
    curve_axes(axes)
    draw_shares(axes, sweep, axis, options, shares)
    axes.set_ylabel("% of replicates", size=BODY, color=INK)
    if not axis.is_labelled:
        axes.set_xlim(float(axis.middles[0]), float(axis.middles[-1]))
    draw_own(axes, box, axis, own)
    known = np.flatnonzero(np.isfinite(shares).all(axis=0))
    end = shares[:, known[-1]]
    tops = np.cumsum(end[::-1])[::-1]
    ends = [
        EndLabel(
            at=float(tops[index] - end[index] / 2),
            text=f"{labels[index]} {100 * end[index]:.0f}%",
            colour=option_style(sweep, options[index]).colour,
        )
        for index in reversed(range(len(options)))
        if np.nanmax(shares[index]) > 0.0
    ]
    label_ends(axes, ends, width=ENDS + 0.2)
    footer(fig, sweep, shown, others=shown.others(x))
    return fig
