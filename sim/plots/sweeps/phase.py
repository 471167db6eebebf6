"""Phase diagrams: each cell has the colour of the likeliest option, paler if it is less likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from sim.analysis.sweep_view import Plane, SweepView
from sim.plots.map_states import TINTS
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    SIZE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    line_height,
    tinted,
    under_defaults,
    wrapped,
)
from sim.plots.sweeps.contours import HALF, contour_levels, draw_contours, is_fine
from sim.plots.sweeps.heat import SMOOTHED, gaps, heat
from sim.plots.sweeps.layout import GROUND, HATCHING, footer, hatch, option_style, plane_axes, room_for
from sim.plots.sweeps.scenario_markers import Mark, draw_marks, draw_number, marks_on
from sim.scenario.schema import ABSTAIN
from sim.text.factor_axis import Axis
from sim.text.numbers import percent
from sim.text.outcome_names import OutcomeText
from sim.text.plane_headlines import options_headline
from sim.text.setting_names import lower_first
from sim.text.words import capitalised, listed, option_name

KEY = 2.65  # inches for the key
SWATCH = 0.23
WORDS = 3 * SWATCH + 0.12  # inches from the left of the key to its texts
FOOT = 6.5  # points


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The likeliest option by cell, as its index among the options, -1 without runs; and its share."""

    options: Sequence[str]
    modes: NDArray[np.intp]
    share: NDArray[np.float64]

    def words(self) -> NDArray[np.str_]:
        """Return the likeliest option of each cell by name, "" without runs."""
        names = np.array(["", *self.options])
        return names[self.modes + 1]


@under_defaults
def phase(sweep: SweepView, *, x: str, y: str, outcome: str, contour: str | None = None, title: str = "") -> Figure:
    """Draw the likeliest option of an outcome over two factors, with contour lines and marks for scenarios.

    A numeric outcome is drawn as a heat map.
    """
    shown = sweep.shown_with(x, y)
    measure = shown.measure(outcome)
    if not measure.is_option:
        return heat(sweep, x=x, y=y, outcome=outcome, title=title)
    across, up = shown.field(x, y)
    cells, plane = find_likeliest(shown, across, up, measure)
    over = None if contour is None else shown.as_number(contour)
    marks = marks_on(across, up, sweep.scenarios)
    labels = {option: option_text(sweep, option) for option in cells.options}
    headline = sweep.scenario.proposal.headline
    title = title or options_headline(across, up, cells.words(), labels, name=measure.bare, focus=headline)
    values = None if over is None else shown.plane(across, up, [over.column]).means[0]
    levels = () if over is None or values is None else contour_levels(across, up, values, over)
    lines_text = f"; lines: {over.phrase}" if over is not None and levels else ""
    dots = "; dots: scenarios with these two settings" if marks else ""
    fig = figure(title, f"Likeliest {measure.bare} in each cell{lines_text}{dots}")
    top = content_top(fig) - 0.08
    box = room_for(across, up, MARGIN, SIZE[0] - MARGIN - KEY - 0.2, FLOOR + 0.05, top)
    axes = plane_axes(fig, box, across, up)
    draw_words(axes, sweep, across, up, cells, plane)
    fine = False
    if over is not None and values is not None:
        draw_contours(axes, box, across, up, values, over, levels, marks)
        fine = bool(levels) and is_fine(values)
    draw_marks(axes, box, across, up, marks)
    failed = bool(plane.failed.any())
    lines = "" if over is None or values is None else _lines_text(over, levels, values)
    draw_key(fig, SIZE[0] - MARGIN - KEY, top, sweep, measure, cells, (lines, levels), marks, failed=failed)
    notes = SMOOTHED if fine else "", gaps(plane, plane.means[0])
    footer(fig, sweep, shown, *notes, others=shown.others(x, y))
    return fig


def find_likeliest(shown: SweepView, x: Axis, y: Axis, worded: OutcomeText) -> tuple[Cells, Plane]:
    """Return the likeliest option of each cell; for equal shares the one of the lower rung."""
    options = shown.options(worded)
    plane = shown.plane(x, y, [f"{worded.column}.{option}" for option in options])
    known = np.isfinite(plane.means).all(axis=0)
    shares = np.where(known, plane.means, 0.0)
    indices = np.where(known, shares.argmax(axis=0), -1)
    return Cells(options=options, modes=indices, share=shares.max(axis=0)), plane


def option_text(sweep: SweepView, option: str) -> str:
    """Return the label of an option within a sentence."""
    return option_name(option) if option == ABSTAIN else lower_first(option_style(sweep, option).label)


def draw_words(axes: Axes, sweep: SweepView, x: Axis, y: Axis, cells: Cells, plane: Plane) -> None:
    """Draw each cell in the colour of its likeliest option, in the tint of its share."""
    image = np.ones((*cells.modes.shape, 4))
    for row, column in np.argwhere(cells.modes >= 0):
        colour = option_style(sweep, cells.options[cells.modes[row, column]]).colour
        strength = next(tint for least, tint in TINTS if cells.share[row, column] >= least)
        image[row, column, :3] = to_rgb(tinted(colour, strength))
    axes.pcolormesh(x.edges, y.edges, image)
    hatch(axes, x, y, plane.failed)


def draw_key(
    fig: Figure,
    x: float,
    top: float,
    sweep: SweepView,
    measure: OutcomeText,
    cells: Cells,
    lines: tuple[str, Sequence[float]],
    marks: Sequence[Mark],
    *,
    failed: bool,
) -> None:
    """Draw the key of colours, lines and dots, from the given height in inches downwards."""
    y = draw_options(fig, x, top, sweep, measure, cells)
    text, levels = lines
    if text:
        y -= 0.04
        if levels:
            _line(fig, x, y - 0.085, heavy=HALF in levels)
        words = wrapped(text, KEY - WORDS, SMALL)
        draw_text(fig, x + WORDS, y - 0.02, words, size=SMALL, va="top", linespacing=1.1, gid="key")
        y -= max(0.22, len(words.splitlines()) * line_height(SMALL) + 0.08)
    if failed:
        swatch(fig, x, y - 0.16, 3 * SWATCH, GROUND, hatched=True)
        draw_text(fig, x + WORDS, y - 0.085, "failed", size=SMALL, va="center", gid="key")
        y -= 0.24
    if marks:
        _draw_names(fig, x, y - 0.08, marks)


def draw_options(fig: Figure, x: float, top: float, sweep: SweepView, measure: OutcomeText, cells: Cells) -> float:
    """Draw the key of options and tints; return the height below it in inches."""
    head = wrapped(f"Likeliest {measure.bare}", KEY, BODY, weight="bold")
    draw_text(fig, x, top, head, weight="bold", va="top", linespacing=1.1, gid="key")
    y = top - len(head.splitlines()) * line_height(BODY) - 0.06
    for index, words in enumerate(("≥80", "≥50", "<50")):
        draw_text(fig, x + SWATCH * (index + 0.5), y, words, size=FOOT, color=QUIET, va="top", ha="center")
    draw_text(fig, x + WORDS, y, "% of replicates", size=FOOT, color=QUIET, va="top")
    y -= 0.17
    total = int((cells.modes >= 0).sum())
    size = BODY if len(cells.options) <= 6 else SMALL
    never = []
    for option in reversed(range(len(cells.options))):
        count = int((cells.modes == option).sum())
        style = option_style(sweep, cells.options[option])
        if not count:
            never.append(style.label)
            continue
        for index, (_, tint) in enumerate(TINTS):
            swatch(fig, x + SWATCH * index, y - 0.17, SWATCH, tinted(style.colour, tint))
        text = wrapped(f"{style.label}: {percent(count / total)} of cells", KEY - WORDS, size)
        draw_text(fig, x + WORDS, y - 0.02, text, size=size, va="top", linespacing=1.1, gid="key")
        y -= max(0.25, line_height(size) * len(text.splitlines()) + 0.07)
    if never and len(never) <= 8:
        text = wrapped(f"never: {listed(list(map(lower_first, never)))}", KEY, SMALL)
        draw_text(fig, x, y - 0.02, text, size=SMALL, color=QUIET, va="top", linespacing=1.1, gid="key")
        y -= len(text.splitlines()) * line_height(SMALL) + 0.08
    return y


def _lines_text(over: OutcomeText, levels: Sequence[float], values: NDArray[np.float64]) -> str:
    """Return the text about the contour lines, or about the values if there are none."""
    if not levels:
        low, high = over.text(float(np.nanmin(values))), over.text(float(np.nanmax(values)))
        spread = low if low == high else f"{low} to {high}"
        return f"{capitalised(over.bare)}: {spread}, no lines"
    if over.is_share:
        return f"{capitalised(over.bare)} of {listed([f'{100 * level:.0f}%' for level in levels])}"
    return f"{over.label}, contour lines"


def _line(fig: Figure, x: float, y: float, *, heavy: bool) -> None:
    wide, high = fig.get_size_inches()
    ends = np.array([x, x + 3 * SWATCH]) / wide
    fig.add_artist(Line2D(ends, np.array([y, y]) / high, color=INK, linewidth=1.9 if heavy else 0.9))


def swatch(fig: Figure, x: float, y: float, width: float, ground: str, *, hatched: bool = False) -> None:
    """Draw a patch of colour; x, y and width in inches."""
    wide, high = fig.get_size_inches()
    box = Rectangle((x / wide, y / high), width / wide, 0.17 / high, transform=fig.transFigure)
    box.set(facecolor=ground, edgecolor=HATCHING if hatched else "white", linewidth=0.0 if hatched else 0.5)
    if hatched:
        box.set_hatch("/////")
        box.set_hatch_linewidth(0.6)
    fig.add_artist(box)


def _draw_names(fig: Figure, x: float, top: float, marks: Sequence[Mark]) -> None:
    """Write the scenarios of each dot, in small type if there are many; those without room are counted."""
    draw_text(fig, x, top, "Scenarios", weight="bold", va="top", gid="key")
    y = top - 0.22
    room = y - FLOOR - 0.1
    for size in (SMALL, FOOT, 5.8):
        texts = [wrapped(", ".join(mark.names), KEY - 0.24, size) for mark in marks]
        heights = [max(0.175, len(text.splitlines()) * line_height(size) + 0.05) for text in texts]
        if sum(heights) <= room:
            break
    for number, (mark, text, height) in enumerate(zip(marks, texts, heights, strict=True), start=1):
        if y - height < FLOOR and number < len(marks):
            draw_text(fig, x + 0.24, y, f"and {len(marks) - number + 1} more", size=size, va="top", gid="key")
            break
        axes = axes_at(fig, x, y - 0.17, 0.17, 0.17, xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        draw_number(axes, (0.5, 0.5), number, is_own=mark.is_own)
        draw_text(fig, x + 0.24, y - 0.025, text, size=size, va="top", linespacing=1.12, gid="key")
        y -= height
