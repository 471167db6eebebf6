"""Small multiples: one panel for each level of a factor or each outcome, with common axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.sweep_view import SweepView
from sim.errors import FigureError
from sim.plots.style import INK, MARGIN, SIZE, content_top, draw_text, figure, tinted, under_defaults
from sim.plots.sweeps.axis import format_axis, room_beside
from sim.plots.sweeps.contours import contour_levels, draw_contours
from sim.plots.sweeps.curves import colours_of, draw_curve, draw_shares, half_line
from sim.plots.sweeps.heat import draw_cells
from sim.plots.sweeps.layout import (
    BAR,
    NAME,
    PlotArea,
    axes_in,
    colour_bar,
    footer,
    format_values,
    frame_axes,
    hatch_levels,
    is_left,
    is_lowest,
    option_style,
    scale_of,
)
from sim.plots.sweeps.panels import Panel, draw_panels, panel_areas, write_names
from sim.plots.sweeps.phase import KEY, draw_options, draw_words, find_likeliest, option_text
from sim.text.factor_axis import Axis
from sim.text.headlines import curve_headline, levels_headline
from sim.text.numbers import counted
from sim.text.outcome_names import OutcomeText
from sim.text.words import capitalised, listed

MOST_PANELS = 30
FAINT = 0.22  # strength of the curves of other panels
COMPARED = 12  # number of panels up to which each shows the curves of the others


@under_defaults
def multiples(
    sweep: SweepView,
    *,
    x: str,
    outcome: str | Sequence[str],
    by: str | None = None,
    y: str | None = None,
    title: str = "",
) -> Figure:
    """Draw curves over x, or maps over x and y, for each level of a factor; or curves for several outcomes."""
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    shown = sweep.shown_with(x, y, by)
    if y is not None:
        if by is None or len(outcomes) > 1:
            raise FigureError(
                f"{sweep.experiment.name}: panels with maps show one outcome by a factor; name one outcome, and `by`"
            )
        return _maps(sweep, shown, x, y, shown.measure(outcomes[0]), by, title)
    measures = [shown.measure(each) for each in outcomes]
    if len(measures) == 1 and by is not None:
        return _by_level(sweep, shown, x, measures[0], by, title)
    return _by_outcome(sweep, shown, x, measures, by, title)


def _levels(sweep: SweepView, by: str) -> Axis:
    axis = sweep.axis(by)
    if len(axis.levels) > MOST_PANELS:
        raise FigureError(
            f"{sweep.experiment.name}: '{by}' has {len(axis.levels):,} levels, too many for small multiples "
            f"(at most {MOST_PANELS}); draw it as x or y of a heat map"
        )
    return axis


def _headings(axis: Axis) -> list[str]:
    if axis.is_labelled:
        return list(axis.words)
    return [f"{capitalised(axis.named.bare)} {axis.text(level)}" for level in axis.levels]


def _by_level(sweep: SweepView, shown: SweepView, x: str, measure: OutcomeText, by: str, title: str) -> Figure:
    """Draw a curve, or the shares of options, over x for each level."""
    levels, axis = _levels(shown, by), shown.line(x)
    parts = [shown.only(by, level) for level in levels.levels]
    factor = levels.named.bare
    if measure.is_option:
        options = shown.options(measure)
        shares = [part.shares(axis, measure) for part in parts]

        def draw_words_of(number: int) -> Callable[[Axes, PlotArea], None]:
            return lambda axes, box: draw_shares(axes, sweep, axis, options, shares[number])

        pictures = [Panel(heading=text, draw=draw_words_of(index)) for index, text in enumerate(_headings(levels))]
        seen = [index for index in range(len(options)) if any(np.nanmax(each[index]) > 0.0 for each in shares)]
        key = [
            (option_style(sweep, options[index]).label, option_style(sweep, options[index]).colour)
            for index in reversed(seen)
        ]
        fig = figure(
            title or _options_title(levels, options, shares, sweep, measure),
            f"{capitalised(measure.bare)}: share of replicates in %, by {factor}",
        )
        return draw_panels(
            fig,
            sweep,
            shown,
            axis,
            pictures,
            "% of replicates",
            key,
            own_scales=False,
            wide_ticks=False,
            shown_with=(x, by),
        )
    curves = [part.curve(axis, measure) for part in parts]
    bounds = [values for curve in curves for values in (curve.mean, curve.low, curve.high)]
    colour = colours_of(sweep, ["one"])[0]

    def draw_of(number: int) -> Callable[[Axes, PlotArea], None]:
        def draw(axes: Axes, box: PlotArea) -> None:
            if len(curves) <= COMPARED and not axis.is_labelled:
                for index, other in enumerate(curves):
                    if index != number:
                        axes.plot(axis.middles, other.mean, color=tinted(INK, FAINT), linewidth=1.0, zorder=2)
            draw_curve(axes, axis, curves[number], colour)
            hatch_levels(axes, axis, curves[number].failed)
            format_values(axes, measure, bounds, label=False)
            if measure.is_share:
                half_line(axes)

        return draw

    pictures = [Panel(heading=text, draw=draw_of(index)) for index, text in enumerate(_headings(levels))]
    others = "; grey: the others" if len(curves) <= COMPARED and not axis.is_labelled else ""
    fig = figure(
        title or levels_headline(axis, _headings(levels), [curve.mean for curve in curves], measure),
        f"{measure.label}, by {factor}; band: 95 % interval of the mean{others}",
    )
    return draw_panels(
        fig,
        sweep,
        shown,
        axis,
        pictures,
        measure.label,
        [],
        own_scales=False,
        wide_ticks=not measure.is_share,
        shown_with=(x, by),
    )


def _options_title(
    levels: Axis, options: Sequence[str], by_level: Sequence[np.ndarray], sweep: SweepView, measure: OutcomeText
) -> str:
    """Return a sentence about the likeliest option at each level, on average."""
    by_word: dict[str, list[str]] = {}
    for heading, shares in zip(_headings(levels), by_level, strict=True):
        with np.errstate(invalid="ignore"):
            means = np.nanmean(shares, axis=1)
        by_word.setdefault(options[int(np.nanargmax(means))], []).append(heading)
    labels = {option: option_text(sweep, option) for option in options}
    if len(by_word) == 1:
        return f"The likeliest {measure.bare} is {labels[next(iter(by_word))]} in every panel, on average"
    texts = [
        f"{labels[word]} with {listed([*names[:3], *(['more'] if len(names) > 3 else [])])}"
        for word, names in by_word.items()
    ]
    return f"The likeliest {measure.bare} is {'; '.join(texts[:3])}, on average"


def _by_outcome(
    sweep: SweepView, shown: SweepView, x: str, measures: Sequence[OutcomeText], by: str | None, title: str
) -> Figure:
    """Draw one panel for each outcome, with its own scale and one curve for each level."""
    axis = shown.line(x)
    levels = None if by is None else _levels(shown, by)
    parts = [shown] if levels is None else [shown.only(levels.factor, level) for level in levels.levels]
    colours = colours_of(sweep, ["one"] if levels is None else levels.levels)
    key = [] if levels is None else list(zip(_headings(levels), colours, strict=True))

    def numbers(measure: OutcomeText) -> Callable[[Axes, PlotArea], None]:
        curves = [part.curve(axis, measure) for part in parts]
        bounds = [values for curve in curves for values in (curve.mean, curve.low, curve.high)]

        def draw(axes: Axes, box: PlotArea) -> None:
            for curve, colour in zip(curves, colours, strict=True):
                draw_curve(axes, axis, curve, colour)
            format_values(axes, measure, bounds, label=False)
            if measure.is_share:
                half_line(axes)

        return draw

    def words(measure: OutcomeText, part: SweepView) -> Callable[[Axes, PlotArea], None]:
        options = part.options(measure)
        return lambda axes, box: draw_shares(axes, sweep, axis, options, part.shares(axis, measure))

    pictures = []
    for measure in measures:
        if not measure.is_option:
            pictures.append(Panel(heading=measure.label, draw=numbers(measure)))
            continue
        for index, part in enumerate(parts):
            level = "" if levels is None else f", {_headings(levels)[index]}"
            pictures.append(Panel(heading=f"{capitalised(measure.bare)}{level} (%)", draw=words(measure, part)))
        key += [
            (option_style(sweep, option).label, option_style(sweep, option).colour)
            for option in reversed(shown.options(measure))
            if (option_style(sweep, option).label, option_style(sweep, option).colour) not in key
        ]
    if len(pictures) > MOST_PANELS:
        raise FigureError(
            f"{sweep.experiment.name}: {len(pictures)} panels are too many (at most {MOST_PANELS}); name fewer outcomes"
        )
    number = next((measure for measure in measures if not measure.is_option), None)
    headline = (
        counted(len(pictures), "outcome")
        if number is None
        else curve_headline(axis, parts[0].curve(axis, number).mean, number)
        + (f" ({_headings(levels)[0]})" if levels is not None else "")
    )
    subtitle = f"{counted(len(measures), 'outcome')} over {axis.named.phrase}; band: 95 % interval of the mean"
    fig = figure(title or headline, subtitle)
    return draw_panels(fig, sweep, shown, axis, pictures, "", key, own_scales=True, wide_ticks=True, shown_with=(x, by))


def _maps(sweep: SweepView, shown: SweepView, x: str, y: str, measure: OutcomeText, by: str, title: str) -> Figure:
    """Draw a map over x and y for each level, all with the same colour scale."""
    levels = _levels(shown, by)
    across, up = shown.field(x, y)
    parts = [shown.only(by, level) for level in levels.levels]
    headings = _headings(levels)
    factor = levels.named.bare
    if measure.is_option:
        words = [find_likeliest(part, across, up, measure) for part in parts]
        headline = _options_title(
            levels, words[0][0].options, [plane.means.mean(axis=2) for _, plane in words], sweep, measure
        )
        fig = figure(title or headline, f"Likeliest {measure.bare} in each cell, by {factor}")
        room = KEY + 0.25
    else:
        planes = [part.plane(across, up, [measure.column]) for part in parts]
        everything = np.concatenate([plane.means.ravel() for plane in planes])
        colours, norm = scale_of(measure, everything)
        headline = levels_headline(across, headings, [np.nanmean(plane.means[0], axis=0) for plane in planes], measure)
        if len(headings) > 1 and measure.is_share:
            headline = _highest(headings, [float(np.nanmean(plane.means)) for plane in planes], measure)
        fig = figure(title or headline, f"{measure.label}, mean of each cell, by {factor}")
        room = BAR + 0.25
    top = content_top(fig) - 0.08
    beside = room_beside(up, 1.5)
    heads, boxes = panel_areas(
        fig,
        [Panel(heading=heading, draw=lambda axes, box: None) for heading in headings],
        across,
        MARGIN + NAME + beside,
        SIZE[0] - MARGIN - room,
        top,
        own_scales=False,
    )
    for index, (box, head) in enumerate(zip(boxes, heads, strict=True)):
        axes = axes_in(fig, box)
        format_axis(axes, across, "x", box.width, label=False)
        format_axis(axes, up, "y", box.height, label=False)
        frame_axes(axes)
        axes.tick_params(labelleft=is_left(box, boxes), labelbottom=is_lowest(box, boxes))
        draw_text(fig, box.left, box.top + 0.05, head, weight="bold", va="bottom", linespacing=1.1, gid="heading")
        if measure.is_option:
            draw_words(axes, sweep, across, up, *words[index])
        else:
            values, failed = planes[index].means[0], planes[index].failed
            draw_cells(axes, box, across, up, values, failed, measure, colours, norm, written_in=False)
            draw_contours(axes, box, across, up, values, measure, contour_levels(across, up, values, measure))
    write_names(fig, boxes, across, up.label)
    right = max(box.right for box in boxes)
    if measure.is_option:
        cells = words[0][0]
        draw_options(fig, right + 0.25, top, sweep, measure, cells)
    else:
        low = min(box.bottom for box in boxes)
        bar = PlotArea(left=right + 0.25, bottom=low, width=0.2, height=boxes[0].top - low)
        colour_bar(fig, bar, measure, colours, norm)
    footer(fig, sweep, shown, others=shown.others(x, y, by))
    return fig


def _highest(headings: Sequence[str], means: Sequence[float], measure: OutcomeText) -> str:
    high, low = int(np.nanargmax(means)), int(np.nanargmin(means))
    return (
        f"{capitalised(measure.phrase)} is highest with {headings[high]} ({measure.text(means[high])} on average) and "
        f"lowest with {headings[low]} ({measure.text(means[low])})"
    )
