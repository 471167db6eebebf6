"""Heat maps: the mean of a number over two factors, with contour lines."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.analysis.sweep_view import Plane, SweepView
from sim.plots.style import FLOOR, INK, MARGIN, SIZE, SMALL, content_top, figure, ink_on, type_width, under_defaults
from sim.plots.sweeps.contours import contour_levels, draw_contours, is_fine
from sim.plots.sweeps.layout import BAR, PlotArea, colour_bar, footer, hatch, plane_axes, room_for, scale_of
from sim.plots.sweeps.scenario_markers import marks_on
from sim.text.factor_axis import Axis
from sim.text.outcome_names import OutcomeText
from sim.text.plane_headlines import plane_headline
from sim.text.words import listed

type Values = NDArray[np.float64]

FEW_LEVELS = 4  # number of levels of a factor up to which cells show values instead of contour lines
LEAST_HEIGHT = 0.3  # of a cell that shows its value, in inches
SMOOTHED = "lines smoothed over neighbouring cells"


@under_defaults
def heat(sweep: SweepView, *, x: str, y: str, outcome: str, title: str = "") -> Figure:
    """Draw the mean of an outcome over two factors."""
    shown = sweep.shown_with(x, y)
    measure = shown.as_number(outcome)
    across, up = shown.field(x, y)
    plane = shown.plane(across, up, [measure.column])
    values = plane.means[0]
    marks = marks_on(across, up, sweep.scenarios, shipped_too=False)
    own = f"; dot: {listed([name for mark in marks for name in mark.names])}" if marks else ""
    title = title or plane_headline(across, up, values, measure)
    fig = figure(title, f"{measure.label}, mean of each cell{own}")
    top = content_top(fig) - 0.08
    box = room_for(across, up, MARGIN, SIZE[0] - MARGIN - BAR - 0.25, FLOOR + 0.05, top)
    axes = plane_axes(fig, box, across, up)
    colours, norm = scale_of(measure, values)
    written_in = not marks and min(values.shape) <= FEW_LEVELS
    draw_cells(axes, box, across, up, values, plane.failed, measure, colours, norm, written_in=written_in)
    levels = () if written_in else contour_levels(across, up, values, measure)
    draw_contours(axes, box, across, up, values, measure, levels, marks)
    if marks:
        for mark in marks:
            axes.plot(
                mark.x, mark.y, marker="o", markersize=7, color=INK, markeredgecolor="white",
                markeredgewidth=1.2, zorder=9, clip_on=False,
            )  # fmt: skip
    bar = PlotArea(left=box.right + 0.25, bottom=box.bottom, width=0.2, height=box.height)
    colour_bar(fig, bar, measure, colours, norm)
    note = SMOOTHED if levels and is_fine(values) else ""
    footer(fig, sweep, shown, note, gaps(plane, values), others=shown.others(x, y))
    return fig


def gaps(plane: Plane, values: Values) -> str:
    """Return a note about white cells, if there are any."""
    return "white: no points there" if (~np.isfinite(values) & ~plane.failed).any() else ""


def draw_cells(
    axes: Axes,
    box: PlotArea,
    x: Axis,
    y: Axis,
    values: Values,
    failed: NDArray[np.bool_],
    measure: OutcomeText,
    colours: LinearSegmentedColormap,
    norm: Normalize,
    *,
    written_in: bool,
) -> None:
    """Draw each cell in the colour of its value; written_in: also write the value, if all cells have room."""
    axes.pcolormesh(x.edges, y.edges, np.ma.masked_invalid(values), cmap=colours, norm=norm, rasterized=False)
    hatch(axes, x, y, failed)
    if written_in:
        _write_values(axes, box, x, y, values, measure, colours, norm)


def _write_values(
    axes: Axes,
    box: PlotArea,
    x: Axis,
    y: Axis,
    values: Values,
    measure: OutcomeText,
    colours: LinearSegmentedColormap,
    norm: Normalize,
) -> None:
    """Write the value into every cell, if all have room for it."""
    across, up = np.diff(x.scaled(x.edges)) * box.width, np.diff(y.scaled(y.edges)) * box.height
    texts = {
        (int(row), int(column)): measure.text(float(values[row, column]))
        for row, column in np.argwhere(np.isfinite(values))
    }
    if float(up.min()) < LEAST_HEIGHT or any(
        type_width(text, SMALL) + 0.08 > across[column] for (_, column), text in texts.items()
    ):
        return
    for (row, column), text in texts.items():
        ground = to_hex(colours(norm(values[row, column])))
        axes.text(
            _middle(x, column), _middle(y, row), text, size=SMALL, ha="center", va="center", color=ink_on(ground),
            parse_math=False, gid="value",
        )  # fmt: skip


def _middle(axis: Axis, index: int) -> float:
    low, high = axis.edges[index], axis.edges[index + 1]
    return float(np.sqrt(low * high) if axis.is_log else (low + high) / 2)
