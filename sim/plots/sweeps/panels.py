"""Panels of small multiples: their areas and headings, and their common axes, names and key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.sweep_view import SweepView
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    SIZE,
    SMALL,
    content_top,
    draw_text,
    line_height,
    under_defaults,
    wrapped,
)
from sim.plots.sweeps.axis import format_axis, room_under
from sim.plots.sweeps.curves import draw_own
from sim.plots.sweeps.layout import NAME, PlotArea, axes_in, curve_axes, footer, is_left, is_lowest, panels
from sim.plots.sweeps.phase import KEY, swatch
from sim.plots.sweeps.scenario_markers import own_positions
from sim.text.factor_axis import Axis

GAP = 0.2  # inches between panels with common axes
OWN_SCALE = 0.62  # inches for the ticks of a panel with its own scale
SHARES = 0.36  # for ticks in %


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel: its heading, and the function that draws it."""

    heading: str
    draw: Callable[[Axes, PlotArea], None]


@under_defaults
def draw_panels(
    fig: Figure,
    sweep: SweepView,
    shown: SweepView,
    axis: Axis,
    pictures: Sequence[Panel],
    name: str,
    key: Sequence[tuple[str, str]],
    *,
    own_scales: bool,
    wide_ticks: bool,
    shown_with: tuple[str | None, ...],
) -> Figure:
    """Draw the panels with axes, key and footer, and return the figure."""
    right = SIZE[0] - MARGIN - (KEY if key else 0.1)
    left = MARGIN + (0.05 if own_scales else NAME) + (OWN_SCALE if wide_ticks else SHARES)
    top = content_top(fig) - 0.08
    heads, boxes = panel_areas(fig, pictures, axis, left, right, top, own_scales=own_scales)
    own = own_positions(sweep.scenarios, axis)
    for picture, box, head in zip(pictures, boxes, heads, strict=True):
        axes = axes_in(fig, box)
        format_axis(axes, axis, "x", box.width, label=False)
        curve_axes(axes)
        picture.draw(axes, box)
        axes.tick_params(axis="y", labelsize=BODY if box.height > 0.9 else SMALL, colors=INK, length=0, pad=4)
        draw_own(axes, box, axis, own, named=False)
        if not own_scales and not is_left(box, boxes):
            axes.tick_params(labelleft=False)
        if not is_lowest(box, boxes):
            axes.tick_params(labelbottom=False)
        draw_text(
            fig, box.left, box.top + 0.05, head, size=BODY, weight="bold", va="bottom", linespacing=1.1, gid="heading"
        )
    write_names(fig, boxes, axis, name)
    if key:
        _draw_key(fig, SIZE[0] - MARGIN - KEY + 0.3, top, key)
    dashed = f"dashed: {'; '.join(name for name, _ in own)}" if own else ""
    footer(fig, sweep, shown, dashed, others=shown.others(*shown_with))
    return fig


def panel_areas(
    fig: Figure,
    pictures: Sequence[Panel],
    axis: Axis,
    left: float,
    right: float,
    top: float,
    *,
    own_scales: bool,
    ticks_low: float = FLOOR + NAME + 0.02,
) -> tuple[list[str], list[PlotArea]]:
    """Return the headings, broken to the width of a panel, and the areas of the panels."""
    gap = OWN_SCALE + GAP if own_scales else GAP
    rows_of_type = 1
    for _ in range(3):  # the height of headings depends on the width of panels, and vice versa
        head = rows_of_type * line_height(BODY) + 0.1
        estimate = panels(len(pictures), left, right, ticks_low + 0.3, top - head, (gap, head + 0.14))
        under = room_under(axis, estimate[0].width)
        boxes = panels(len(pictures), left, right, ticks_low + under, top - head, (gap, head + 0.14))
        heads = [wrapped(picture.heading, boxes[0].width, BODY, weight="bold") for picture in pictures]
        needed = max(len(text.splitlines()) for text in heads)
        if needed <= rows_of_type:
            break
        rows_of_type = needed
    return heads, boxes


def write_names(fig: Figure, boxes: Sequence[PlotArea], x: Axis, y: str) -> None:
    """Write the names of both axes once for all panels."""
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    low, top = min(box.bottom for box in boxes), max(box.top for box in boxes)
    label = wrapped(x.label, right - left, BODY)
    draw_text(fig, (left + right) / 2, FLOOR + 0.06, label, ha="center", va="bottom", gid="x name")
    if y:
        text = wrapped(y, top - low, BODY)
        draw_text(
            fig, MARGIN + 0.02, (low + top) / 2, text, ha="left", va="center", rotation=90, linespacing=1.1,
            gid="y name",
        )  # fmt: skip


def _draw_key(fig: Figure, x: float, top: float, entries: Sequence[tuple[str, str]]) -> None:
    y = top
    for label, colour in entries:
        swatch(fig, x, y - 0.17, 0.26, colour)
        text = wrapped(label, SIZE[0] - MARGIN - x - 0.36, BODY)
        draw_text(fig, x + 0.36, y - 0.02, text, va="top", linespacing=1.1, gid="key")
        y -= max(0.25, len(text.splitlines()) * line_height(BODY) + 0.06)
