"""Drawing curves of a sweep: lines with bands, stacked shares, and one colour per level."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from sim.analysis.sweep_view import Curve, SweepView
from sim.plots.style import INK, QUIET, SMALL, option_styles, tinted, type_width
from sim.plots.sweeps.layout import LINES, PlotArea, hatch_levels, option_style
from sim.scenario.schema import ABSTAIN
from sim.text.factor_axis import Axis

type Values = NDArray[np.float64]

BAND = 0.18  # opacity
OWN = 0.16  # height of the name of a scenario above the axes, in inches
MOST_OWN = 3  # number of scenarios up to which names are written
OWN_DASHES = (0.0, (4.0, 2.5))
DARKER = MappingProxyType({ABSTAIN: "#96999C"})  # in place of colours that are too pale for a line
DOTS = 25  # number of levels up to which each has a marker


def colours_of(sweep: SweepView, levels: Sequence[object]) -> list[str]:
    """Return a colour for each level of a factor: those of the options if the levels are options."""
    if all(str(level) in option_styles(sweep.scenario) for level in levels):
        return [DARKER.get(str(level), option_styles(sweep.scenario)[str(level)].colour) for level in levels]
    if len(levels) <= len(LINES):
        return list(LINES[: len(levels)])
    parts = np.linspace(0.0, 1.0, len(levels))
    return [_between(float(part)) for part in parts]


def _between(part: float) -> str:
    """Return a colour from dark blue over green to ochre, for more lines than LINES has colours."""
    return to_hex(colormaps["viridis"](0.92 * part))


def draw_curve(
    axes: Axes, x: Axis, curve: Curve, colour: str, *, dashes: tuple[float, tuple[float, ...]] | str = "solid"
) -> None:
    """Draw a curve with its 95 % band; for labelled levels points with intervals."""
    known = np.isfinite(curve.mean)
    banded = np.isfinite(curve.low) & np.isfinite(curve.high)
    if x.is_labelled:
        axes.vlines(x.middles[banded], curve.low[banded], curve.high[banded], color=colour, linewidth=2.0, zorder=3)
        axes.plot(
            x.middles[known], curve.mean[known], color=colour, linestyle="none", marker="o", markersize=7,
            markeredgecolor="white", zorder=4,
        )  # fmt: skip
        return
    if banded.any():
        axes.fill_between(
            x.middles, np.where(banded, curve.low, np.nan), np.where(banded, curve.high, np.nan), color=colour,
            alpha=BAND, linewidth=0.0, zorder=2,
        )  # fmt: skip
    marker = "o" if len(x.levels) <= DOTS else ""
    axes.plot(
        x.middles, curve.mean, color=colour, linewidth=2.2, marker=marker, markersize=4.0, linestyle=dashes, zorder=4,
        markeredgecolor="white", markeredgewidth=0.5,
    )  # fmt: skip


def draw_shares(axes: Axes, sweep: SweepView, x: Axis, options: Sequence[str], shares: Values) -> None:
    """Draw stacked shares of options, the highest rung at the bottom; for labelled levels as bars."""
    from_deepest = list(reversed(range(len(options))))
    known = np.isfinite(shares).all(axis=0)
    start = np.zeros(shares.shape[1])
    for index in from_deepest:
        colour = option_style(sweep, options[index]).colour
        height = np.where(known, shares[index], 0.0)
        if x.is_labelled:
            axes.bar(x.middles, height, bottom=start, width=0.72, color=colour, edgecolor="white", linewidth=0.6)
        else:
            axes.fill_between(
                x.middles, np.where(known, start, np.nan), np.where(known, start + height, np.nan), color=colour,
                linewidth=0.6, edgecolor="white",
            )  # fmt: skip
        start = start + height
    hatch_levels(axes, x, ~known)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])


def own_height(own: Sequence[tuple[str, float]]) -> float:
    """Return the height of the names of scenarios above the axes, in inches."""
    return OWN * len(own) if len(own) <= MOST_OWN else 0.0


def draw_own(axes: Axes, box: PlotArea, x: Axis, own: Sequence[tuple[str, float]], *, named: bool = True) -> None:
    """Mark scenarios on the horizontal axis, with their names above the axes unless there are too many."""
    for number, (name, position) in enumerate(own):
        axes.axvline(position, color=INK, linewidth=1.0, linestyle=OWN_DASHES, zorder=3)
        if not named or len(own) > MOST_OWN:
            continue
        height = 1.0 + number * OWN / box.height
        axes.plot(
            [position, position], [1.0, height + 0.05 / box.height], color=INK, linewidth=1.0, linestyle=OWN_DASHES,
            transform=axes.get_xaxis_transform(), clip_on=False, zorder=3,
        )  # fmt: skip
        room = (1.0 - float(x.scaled(np.array([position]))[0])) * box.width
        right = type_width(name, SMALL) + 0.1 <= room
        axes.annotate(
            name, (position, height), xycoords=axes.get_xaxis_transform(), xytext=(4 if right else -4, 2),
            textcoords="offset points", size=SMALL, color=QUIET, ha="left" if right else "right", va="bottom",
            parse_math=False, gid="own", annotation_clip=False,
        )  # fmt: skip


def half_line(axes: Axes) -> None:
    """Draw a line at one half."""
    axes.axhline(0.5, color=tinted(INK, 0.55), linewidth=0.9, linestyle=(0.0, (1.0, 1.6)), zorder=1)
