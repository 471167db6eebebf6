"""Two figures of a sample: the convergence of sensitivity indices, and the interactions of factors."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from sim.analysis.sensitivity_convergence import NEGLIGIBLE, Convergence
from sim.analysis.sweep_view import SweepView
from sim.experiment.schema import Saltelli
from sim.plots.style import (
    BODY,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SMALL,
    EndLabel,
    axes_at,
    content_top,
    draw_text,
    figure,
    label_ends,
    spread,
    under_defaults,
)
from sim.plots.sweeps.layout import LINES, curve_axes, footer, tick
from sim.text.numbers import counted
from sim.text.setting_names import setting_name
from sim.text.words import capitalised

NAMED = len(LINES)  # factors with a colour and a name
FAINT = "#B9BEC4"
NAMES = 3.1  # inches at the right for names
LEFT, UNDER = 0.75, 1.0  # inches for the scales


@under_defaults
def convergence_curves(sweep: SweepView, outcome: str, result: Convergence) -> Figure:
    """Draw the index of each factor on growing parts of the sample, with the 95 % interval on the whole sample."""
    name = sweep.as_number(outcome).phrase
    is_sobol = isinstance(sweep.experiment.design, Saltelli)
    what = "Total Sobol' index" if is_sobol else "Mean absolute effect (Morris' mu*), relative to the largest"
    per = "base points" if is_sobol else "trajectories"
    title = f"Effects on {name}: {result.text}"
    subtitle = f"{what}, on an eighth, a quarter, a half and all of the sample; bars at the right end: 95 % interval"
    fig = figure(title, subtitle)
    top = content_top(fig) - 0.1
    width = fig.get_figwidth() - 2 * MARGIN - LEFT - NAMES
    axes = axes_at(fig, MARGIN + LEFT, UNDER, width, top - UNDER)
    curve_axes(axes)
    order = result.index.iloc[:, -1].sort_values(ascending=False, kind="stable").index
    sizes = np.array(result.sizes, dtype=float)
    ends = []
    for index, factor in reversed(list(enumerate(order))):
        values = result.index.loc[factor].to_numpy(dtype=np.float64)
        reach = float(result.reach.loc[factor].iloc[-1])
        is_named = index < NAMED
        colour = LINES[index] if is_named else FAINT
        axes.plot(sizes, values, color=colour, linewidth=1.8 if is_named else 0.9, marker="o", markersize=3.5)
        axes.plot([sizes[-1]] * 2, [values[-1] - reach, values[-1] + reach], color=colour, linewidth=1.2)
        if is_named:
            label = setting_name(str(factor), sweep.scenario, unit="").label
            ends.append(EndLabel(at=float(values[-1]), text=f"{label} {values[-1]:.2f}", colour=colour))
    axes.axhline(NEGLIGIBLE, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.annotate(
        f"below {NEGLIGIBLE:g}: negligible", (sizes[0], NEGLIGIBLE), xytext=(0, 3), textcoords="offset points",
        size=SMALL, color=QUIET,
    )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    axes.set_xlim(sizes[0] / 1.1, sizes[-1] * 1.04)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_xlabel(capitalised(per), size=BODY, color=INK)
    axes.set_ylabel("Index", size=BODY, color=INK)
    label_ends(axes, ends, width=NAMES - 0.15)
    rest = len(order) - NAMED
    footer(fig, sweep, sweep, f"grey: {counted(rest, 'more factor')}" if rest > 0 else "", hatched=False)
    return fig


@under_defaults
def interaction_scatter(sweep: SweepView, outcome: str, effects: pd.DataFrame) -> Figure:
    """Draw sigma over mu* of each factor: the size of its effect, and how much it depends on the other factors.

    effects: the table of `morris_effects`.
    """
    measure = sweep.as_number(outcome)
    scale = 100.0 if measure.is_share else 1.0
    unit = "percentage points" if measure.is_share else measure.unit
    ordered = effects.sort_values("mu_star", ascending=False, kind="stable")
    dependent = int((ordered["sigma"] > ordered["mu_star"]).sum())
    first = setting_name(str(ordered.index[0]), sweep.scenario, unit="").phrase
    title = (
        f"{capitalised(first)} has the largest effect on {measure.quantity}; the effects of {dependent} of "
        f"{counted(len(ordered), 'factor')} depend more on other factors than on their own size"
    )
    subtitle = "Mean absolute effect of a change over the whole range of a setting, and its standard deviation"
    fig = figure(title, subtitle)
    top = content_top(fig) - 0.1
    width = fig.get_figwidth() - 2 * MARGIN - LEFT - NAMES
    axes = axes_at(fig, MARGIN + LEFT, UNDER, width, top - UNDER)
    curve_axes(axes)
    axes.grid(axis="x", color=RULE, linewidth=0.6, alpha=0.7)
    x, y = (ordered[column].to_numpy(dtype=np.float64) * scale for column in ("mu_star", "sigma"))
    high = 1.08 * max(float(x.max()), float(y.max()), 1e-9)
    axes.set(xlim=(0.0, high), ylim=(0.0, high))
    axes.plot([0.0, high], [0.0, high], color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.annotate(
        "above the line: depends on other factors", (0.0, high), xytext=(6, -4), textcoords="offset points", size=SMALL,
        color=QUIET, va="top",
    )  # fmt: skip
    colours = [LINES[index] if index < NAMED else FAINT for index in range(len(ordered))]
    axes.scatter(x, y, s=34, c=colours, edgecolors="white", linewidths=0.8, zorder=3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    unit_text = f" ({unit})" if unit else ""
    axes.set_xlabel(f"Mean absolute effect, mu*{unit_text}", size=BODY, color=INK)
    axes.set_ylabel(f"Standard deviation of the effect, sigma{unit_text}", size=BODY, color=INK)
    _name_points(fig, axes, sweep, ordered, x, y)
    rest = len(ordered) - NAMED
    footer(fig, sweep, sweep, f"grey: {counted(rest, 'more factor')}" if rest > 0 else "", hatched=False)
    return fig


def _name_points(
    fig: Figure, axes: Axes, sweep: SweepView, ordered: pd.DataFrame, x: np.ndarray, y: np.ndarray
) -> None:
    """Write the names of the strongest factors at the right, in the order of their spread, each with its colour."""
    places = sorted(range(min(NAMED, len(ordered))), key=lambda index: y[index])
    box = axes.get_position()
    height, width = fig.get_figheight(), fig.get_figwidth()
    low, high = box.y0 * height, box.y1 * height
    middles = [low + (high - low) * float(y[index]) / axes.get_ylim()[1] for index in places]
    for index, middle in zip(places, spread(middles, [0.22] * len(places), low, high), strict=True):
        name = setting_name(str(ordered.index[index]), sweep.scenario, unit="").label
        left = box.x1 * width + 0.3
        draw_text(fig, left, middle, "●", color=LINES[index], va="center")
        draw_text(fig, left + 0.18, middle, name, va="center", gid="factor")
