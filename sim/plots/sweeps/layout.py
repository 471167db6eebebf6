"""Parts that all figures of sweeps share: footer, hatching of failed points, colour bar, panels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.analysis.sweep_view import SweepView
from sim.plots.style import (
    BODY,
    FOOTER,
    INK,
    MARGIN,
    QUIET,
    RULE,
    OptionStyle,
    axes_at,
    draw_text,
    option_styles,
    wrapped,
)
from sim.plots.sweeps.axis import format_axis, room_beside, room_under
from sim.text.factor_axis import Axis, level_name
from sim.text.numbers import counted
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import setting_name
from sim.text.words import listed

type Values = NDArray[np.float64]

GROUND = "#E3E3E1"  # of failed points, under their hatching
HATCHING = "#8C9196"
NAME = 0.3  # inches for the name of an axis
BAR = 0.85  # inches for a colour bar with its ticks
FROM_LOW_TO_HIGH = LinearSegmentedColormap.from_list(
    "from low to high", ["#F7F6EC", "#CFE3CF", "#8CC3B4", "#4A97A0", "#2B6A85", "#1D3F63", "#14213D"]
)
BELOW_AND_ABOVE = LinearSegmentedColormap.from_list(
    "below and above", ["#7A2E12", "#B5532A", "#E0A077", "#F8F6F2", "#8FB7C9", "#3C7C9C", "#164863"]
)
# For curves that are not options: distinguishable by colour-blind readers and in greyscale.
LINES = ("#1D3F63", "#C4512D", "#3E9C8F", "#B8860B", "#7B5EA7", "#6F4E37", "#D07A9A", "#5F676F")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotArea:
    """A rectangle on the figure, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.bottom + self.height


def room_for(x: Axis | None, y: Axis | None, left: float, right: float, bottom: float, top: float) -> PlotArea:
    """Return the area for axes within these bounds, without the room for ticks and names of both factors."""
    height = top - bottom
    beside = NAME + (room_beside(y, height - 0.6) if y is not None else 0.5)
    under = _name_height(x, right - left - beside) + (room_under(x, right - left - beside) if x is not None else 0.24)
    return PlotArea(left=left + beside, bottom=bottom + under, width=right - left - beside, height=height - under)


def _name_height(x: Axis | None, width: float) -> float:
    if x is None:
        return NAME
    return NAME + 0.16 * (len(wrapped(x.label, max(width, 1.2), BODY).splitlines()) - 1)


def axes_in(fig: Figure, box: PlotArea) -> Axes:
    """Return axes in an area."""
    return axes_at(fig, box.left, box.bottom, box.width, box.height)


def frame_axes(axes: Axes) -> None:
    """Draw a thin frame around a plane."""
    for spine in axes.spines.values():
        spine.set_color(RULE)


def curve_axes(axes: Axes) -> None:
    """Remove the frame of a curve, and draw horizontal grid lines."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.grid(axis="y", color=RULE, linewidth=0.6, alpha=0.7)
    axes.set_axisbelow(True)


def format_values(axes: Axes, shown: OutcomeText, values: Sequence[Values], *, label: bool = True) -> None:
    """Scale the vertical axis to an outcome: shares from 0 to 100 %, others from the lowest to the highest value."""
    if shown.is_share:
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])
    else:
        known = np.concatenate([each[np.isfinite(each)] for each in values])
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if low >= 0.0 and low < 0.5 * high:
            low = 0.0
        if high <= 0.0 and high > 0.5 * low:
            high = 0.0
        room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
        bottom = low if low == 0.0 < high else low - room
        axes.set_ylim(bottom, high if high == 0.0 > low else high + room)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.locator_params(axis="y", nbins=6)
    axes.tick_params(axis="y", labelsize=BODY, colors=INK, length=0, pad=4)
    if label:
        axes.set_ylabel(
            wrapped(shown.label, axes.get_position().height * _height(axes), BODY),
            size=BODY,
            color=INK,
            parse_math=False,
        )


def _height(axes: Axes) -> float:
    fig = axes.get_figure()
    assert isinstance(fig, Figure)
    return float(fig.get_figheight())


def tick(value: float) -> str:
    """Return the text of a tick."""
    return f"{value:,.10g}" if abs(value) > 1e-12 else "0"


def hatch(axes: Axes, x: Axis, y: Axis, cells: NDArray[np.bool_]) -> None:
    """Hatch the cells of failed points grey."""
    across, up = x.edges, y.edges
    for row, column in np.argwhere(cells):
        box = Rectangle(
            (across[column], up[row]), across[column + 1] - across[column], up[row + 1] - up[row], facecolor=GROUND,
            edgecolor=HATCHING, linewidth=0.0, hatch="/////",
        )  # fmt: skip
        box.set_gid("failed")
        box.set_hatch_linewidth(0.6)
        axes.add_patch(box)


def hatch_levels(axes: Axes, x: Axis, levels: NDArray[np.bool_]) -> None:
    """Hatch the levels of failed points grey."""
    edges = x.edges
    for level in np.flatnonzero(levels):
        span = axes.axvspan(
            edges[level], edges[level + 1], facecolor=GROUND, edgecolor=HATCHING, linewidth=0.0, hatch="////", zorder=0
        )
        span.set_hatch_linewidth(0.5)
        span.set_gid("failed")


def scale_of(shown: OutcomeText, values: Values) -> tuple[LinearSegmentedColormap, Normalize]:
    """Return the colour scale of a number: from low to high, or diverging around 0 if it has both signs.

    The scale of a share begins at 0 and ends at 25, 50 or 100 %, so that figures can be compared and small shares are
    visible.
    """
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if shown.is_share:
        return FROM_LOW_TO_HIGH, Normalize(0.0, next(top for top in (0.25, 0.5, 1.0) if high <= top or top == 1.0))
    if low < 0.0 < high:
        most = max(-low, high)
        return BELOW_AND_ABOVE, Normalize(-most, most)
    if low == high:
        room = 0.1 * abs(low) or 1.0
        return FROM_LOW_TO_HIGH, Normalize(low - room, high + room)
    if 0.0 <= low < 0.3 * high:
        low = 0.0
    return FROM_LOW_TO_HIGH, Normalize(low, high)


def colour_bar(
    fig: Figure,
    box: PlotArea,
    shown: OutcomeText,
    colours: LinearSegmentedColormap,
    norm: Normalize,
    *,
    label: str = "",
) -> None:
    """Draw a colour bar into an area."""
    axes = axes_in(fig, box)
    bar = fig.colorbar(ScalarMappable(norm=norm, cmap=colours), cax=axes)
    if shown.is_share:
        quarters = [part * float(norm.vmax or 1.0) / 4.0 for part in range(5)]
        bar.set_ticks(quarters, labels=[f"{100.0 * quarter:g}" for quarter in quarters])
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.locator_params(axis="y", nbins=6)
    bar.outline.set_edgecolor(RULE)
    axes.tick_params(labelsize=BODY, colors=INK, length=3, color=RULE)
    axes.set_ylabel(wrapped(label or shown.label, box.height, BODY), size=BODY, color=INK, parse_math=False)


def footer(
    fig: Figure, sweep: SweepView, shown: SweepView, *notes: str, others: Sequence[str] = (), hatched: bool = True
) -> None:
    """Write the experiment with its numbers of points and replicates, and notes, below the figure.

    others: the factors over which the figure averages; hatched: whether failed points are visible in it.
    """
    text = wrapped(
        "  ·  ".join(_parts(sweep, shown, notes, others, hatched=hatched)), fig.get_figwidth() - 2 * MARGIN, FOOTER
    )
    draw_text(fig, MARGIN, 0.12, text, size=FOOTER, color=QUIET, va="bottom", linespacing=1.25, gid="footer")


def _parts(
    sweep: SweepView, shown: SweepView, notes: Sequence[str], others: Sequence[str], *, hatched: bool
) -> list[str]:
    experiment = sweep.experiment
    points = counted(len(sweep.points), "point")
    if len(shown.points) < len(sweep.points):
        points = f"{len(shown.points):,} of {points}"
    runs = sorted({int(number) for number in sweep.played["runs"]})
    replicates = " to ".join(f"{number:,}" for number in (runs[0], runs[-1])[: len(runs)]) if runs else "0"
    parts = [
        f"Experiment {experiment.name}",
        points,
        f"{replicates} replicate{'' if replicates == '1' else 's'} per point",
        f"seed {experiment.seed}",
    ]
    if shown.failed:
        parts.append(f"{counted(shown.failed, 'point')} failed{', hatched grey' if hatched else ''}")
    if others:
        parts.append(f"mean over all levels of {factors_text(shown, others)}")
    return [*parts, *(note for note in notes if note)]


def factors_text(sweep: SweepView, others: Sequence[str]) -> str:
    """Return the list of factors over which a figure averages."""
    names = [setting_name(factor, sweep.scenario, unit="").phrase for factor in others[:4]]
    if len(others) > 4:
        names.append(f"{len(others) - 4} more")
    return listed(names)


def panels(
    count: int, left: float, right: float, bottom: float, top: float, gap: tuple[float, float]
) -> list[PlotArea]:
    """Return the areas of a number of panels in rows, from the upper left, as close to 4 by 3 as possible."""
    best: tuple[float, int] | None = None
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        width = (right - left - (columns - 1) * gap[0]) / columns
        height = (top - bottom - (rows - 1) * gap[1]) / rows
        if width <= 0.3 or height <= 0.3:
            continue
        fit = abs(math.log(width / height / 1.3)) + 0.35 * (columns * rows - count)
        if best is None or fit < best[0]:
            best = fit, columns
    columns = best[1] if best is not None else math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    width = (right - left - (columns - 1) * gap[0]) / columns
    height = (top - bottom - (rows - 1) * gap[1]) / rows
    return [
        PlotArea(
            left=left + (number % columns) * (width + gap[0]),
            bottom=top - (number // columns + 1) * height - (number // columns) * gap[1],
            width=width,
            height=height,
        )
        for number in range(count)
    ]


def is_left(box: PlotArea, boxes: Sequence[PlotArea]) -> bool:
    """Return whether a panel is the first in its row."""
    return box.left <= min(each.left for each in boxes) + 1e-6


def is_lowest(box: PlotArea, boxes: Sequence[PlotArea]) -> bool:
    """Return whether there is no panel below this one."""
    return not any(each.bottom < box.bottom - 1e-6 and abs(each.left - box.left) < 1e-6 for each in boxes)


def plane_axes(
    fig: Figure, box: PlotArea, x: Axis, y: Axis, *, name_x: bool = True, name_y: bool = True, ticked: bool = True
) -> Axes:
    """Return axes of two factors."""
    axes = axes_in(fig, box)
    format_axis(axes, x, "x", box.width, label=name_x)
    format_axis(axes, y, "y", box.height, label=name_y)
    frame_axes(axes)
    return axes


def option_style(sweep: SweepView, option: str) -> OptionStyle:
    """Return the style of an option; brown for one that is on the menu of no scenario of the sweep."""
    return option_styles(sweep.scenario).get(option) or OptionStyle(label=level_name(option), colour="#6F4E37")
