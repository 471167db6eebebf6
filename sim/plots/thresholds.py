"""Thresholds: the outcome along each lever, and the frontiers of pairs of levers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.analysis.lever import ASK, Lever
from sim.analysis.outcome_target import Target
from sim.analysis.thresholds import Frontier, LeverCurve, Thresholds
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SIZE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    footer,
    minimal_axes,
    option_styles,
    tinted,
    type_width,
    under_defaults,
    wrapped,
)
from sim.scenario.schema import QUANTITIES, Scenario
from sim.text.heading import with_heading
from sim.text.numbers import with_unit
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, listed

PANELS = 4, 3  # in a row, of single levers and of pairs
HIGH, PAIR_HIGH = 1.75, 2.1  # inches
AXIS = 0.62  # inches under a panel for its scale
LEFT = 0.62  # inches left of a panel for its scale
GAP = 0.22  # inches between panels
HEAD = 0.34  # inches over a panel
ENOUGH = "#2E7D4F"


def figures(result: Thresholds) -> dict[str, Callable[[], Figure]]:
    """Return the kinds of figures, each with its drawing function."""
    return {"thresholds": lambda: thresholds_of_levers(result)}


@under_defaults
def thresholds_of_levers(answer: Thresholds) -> Figure:
    """Draw a panel for each lever with the outcome over its range, and one for each pair with its frontier."""
    scenario, target = answer.setup.scenario, answer.target
    title = answer_title(answer)
    diamond = "; diamond: the smallest change of both, each as a part of its range" if answer.frontiers else ""
    subtitle = (
        f"After the last round, {'share of replicates' if target.is_share else 'mean over replicates'} with its 95% "
        f"interval. Dashed: current value of a lever; green: target met, paler where only the interval "
        f"meets it{diamond}"
    )
    subtitle = with_heading(scenario, subtitle)
    colour = option_styles(scenario)[scenario.proposal.headline].colour
    rows = -(-len(answer.curves) // PANELS[0])
    pair_rows = -(-len(answer.frontiers) // PANELS[1])
    empty = SIZE[1] - content_top(figure(title, subtitle))
    height = rows * (HEAD + HIGH + AXIS) + (0.3 if pair_rows else 0.0) + pair_rows * (HEAD + PAIR_HIGH + AXIS)
    fig = figure(title, subtitle, size=(SIZE[0], empty + 0.3 + height + FLOOR))
    top = content_top(fig)
    text = outcome_text(target.outcome, scenario)
    heading = f"One lever alone: {text.title}, target {'≥' if target.is_least else '≤'} "
    heading += f"{100.0 * target.value:,.4g}%" if target.is_share else with_unit(f"{target.value:,g}", text.unit)
    draw_text(fig, MARGIN, top - 0.02, heading, weight="bold", va="top")
    top -= 0.3
    for number, curve in enumerate(answer.curves):
        x, y, width = _place(number, len(answer.curves), PANELS[0], top, HIGH)
        axes = axes_at(fig, x, y, width, HIGH)
        _draw_curve(axes, curve, target, colour, answer)
        _write_head(fig, x, y + HIGH, width, _curve_head(curve, answer))
    top -= rows * (HEAD + HIGH + AXIS)
    if pair_rows:
        draw_text(
            fig, MARGIN, top - 0.02, "Two levers together: the smallest sufficient change", weight="bold", va="top"
        )
        top -= 0.3
    for number, frontier in enumerate(answer.frontiers):
        x, y, width = _place(number, len(answer.frontiers), PANELS[1], top, PAIR_HIGH)
        axes = axes_at(fig, x, y, width, PAIR_HIGH)
        _draw_frontier(axes, frontier, answer.setup.scenario)
        _write_head(fig, x, y + PAIR_HIGH, width, _frontier_head(frontier, answer.setup.scenario))
    footer(fig, scenario, replicates=answer.replicates, seed=answer.seed)
    return fig


def answer_title(answer: Thresholds) -> str:
    """Return the title: the levers that are sufficient alone, with their thresholds."""
    target = target_in_words(answer.target, answer.setup.scenario)
    if answer.target.is_met(answer.now.outcome.mean):
        return capitalised(f"{target} without any change")
    scenario = answer.setup.scenario
    enough = [
        f"{'an ' * (curve.lever.name == ASK)}{lever_name(curve.lever, scenario)} of {curve.lever.shown(curve.answer)}"
        for curve in answer.curves
        if curve.answer is not None
    ]
    if enough:
        others = len(answer.curves) - len(enough)
        rest = f"; {'no other lever is' if others > 1 else 'the other lever is not'} sufficient alone" if others else ""
        return capitalised(f"{target} takes {listed(enough, 'or')}{rest}")
    pairs = [frontier for frontier in answer.frontiers if frontier.cheapest is not None]
    if not pairs:
        return capitalised(f"{target}: no change that was tried is sufficient")
    return capitalised(f"{target} takes two levers together: none is sufficient alone")


def target_in_words(target: Target, scenario: Scenario) -> str:
    """Return a target as used in a sentence."""
    if not target.is_share:
        return str(target)
    bound, title = "least" if target.is_least else "most", outcome_text(target.outcome, scenario).title
    return f"{title} in at {bound} {100.0 * target.value:,.4g}% of replicates"


def lever_name(lever: Lever, scenario: Scenario) -> str:
    """Return the name of a lever within a sentence, without an article."""
    if lever.name == ASK:
        return "ask"
    path = f"environment.{lever.name}" if lever.name in QUANTITIES else lever.path
    return setting_name(path, scenario, unit="").bare


def _place(number: int, count: int, most: int, top: float, height: float) -> tuple[float, float, float]:
    """Return the position of the panel of a number: left, bottom and width, in inches."""
    across = min(count, most) if count < most else most
    wide = (SIZE[0] - 2 * MARGIN - (across - 1) * GAP) / across
    row, column = divmod(number, most)
    width = min(wide, 3.6) if count == 1 else min(wide, 5.2)
    x = MARGIN + column * (width + GAP) + LEFT
    return x, top - row * (HEAD + height + AXIS) - HEAD - height, width - LEFT


def _write_head(fig: Figure, x: float, y: float, width: float, text: str) -> None:
    lines = wrapped(text, width + 0.25, SMALL)
    draw_text(fig, x, y + 0.06, lines, size=SMALL, color=QUIET, va="bottom", linespacing=1.1)


def _curve_head(curve: LeverCurve, answer: Thresholds) -> str:
    lever = curve.lever
    if answer.target.is_met(answer.now.outcome.mean):
        return "met without a change"
    if curve.answer is None:
        return f"not sufficient: {curve.best_there.mean:,.3g} at best"
    near, far = curve.nearest_end, curve.farthest_end
    ends = [lever.shown(end) for end in (near, far) if end is not None]
    ends = ends if curve.rises else ends[::-1]
    return f"reached at {lever.shown(curve.answer)}" + (f" (95% {ends[0]} to {ends[1]})" if len(ends) == 2 else "")


def _draw_curve(axes: Axes, curve: LeverCurve, target: Target, colour: str, answer: Thresholds) -> None:
    lever = curve.lever
    values = np.array(curve.values)
    mean, low, high = (
        np.array([getattr(evaluation.outcome, part) for evaluation in curve.evaluations])
        for part in ("mean", "low", "high")
    )
    _frame(axes)
    axes.set_xlim(lever.low, lever.high)
    axes.fill_between(values, low, high, color=tinted(colour, 0.25), linewidth=0, zorder=2)
    axes.plot(values, mean, color=colour, linewidth=1.8, zorder=3)
    if target.is_share:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f}%"))
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    else:
        bottom, top = min(np.nanmin(low), target.value), max(np.nanmax(high), target.value)
        room = 0.06 * (top - bottom) or 1.0
        axes.set_ylim(bottom - room, top + room)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,g}"))
    bottom, top = axes.get_ylim()
    axes.axhspan(
        *((target.value, top) if target.is_least else (bottom, target.value)), color=tinted(ENOUGH, 0.14), lw=0
    )
    axes.axvline(lever.now, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2.5)
    if curve.answer is not None and curve.there is not None and not target.is_met(answer.now.outcome.mean):
        ends = [end for end in (curve.nearest_end, curve.farthest_end) if end is not None]
        axes.plot(ends, [target.value] * len(ends), color=ENOUGH, linewidth=3.2, solid_capstyle="butt", zorder=4)
        axes.plot(
            curve.answer, curve.there.mean, marker="o", markersize=6.5, markerfacecolor=ENOUGH, markeredgecolor="white",
            zorder=5, clip_on=False,
        )  # fmt: skip
    _scale(axes, lever, "x", answer.setup.scenario)


def _draw_frontier(axes: Axes, frontier: Frontier, scenario: Scenario) -> None:
    across, up = frontier.across, frontier.up
    _frame(axes)
    axes.grid(axis="x", color=RULE, linewidth=0.6, alpha=0.7)
    axes.set(xlim=(across.low, across.high), ylim=(up.low, up.high))
    values = np.array(frontier.values)
    least, until = np.array(frontier.least), np.array(frontier.until)
    axes.fill_between(values, least, until, where=~np.isnan(least), color=tinted(ENOUGH, 0.3), linewidth=0)
    nearest = np.array(frontier.nearest_ends)
    end = np.where(np.isnan(least), up.high if frontier.helps > 0 else up.low, least)
    axes.fill_between(
        values, nearest, end, where=~np.isnan(nearest), color=tinted(ENOUGH, 0.14), linewidth=0, zorder=0.5
    )
    axes.plot(values, frontier.least, color=ENOUGH, linewidth=2.0, marker="o", markersize=3.0, zorder=3, clip_on=False)
    axes.plot(values, frontier.farthest_ends, color=ENOUGH, linewidth=0.9, linestyle=(0, (2, 2)), zorder=3)
    axes.axvline(across.now, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2.5)
    axes.axhline(up.now, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2.5)
    if frontier.cheapest is not None:
        axes.plot(
            *frontier.cheapest, marker="D", markersize=6, markerfacecolor=INK, markeredgecolor="white", zorder=5,
            clip_on=False,
        )  # fmt: skip
    _scale(axes, across, "x", scenario)
    _scale(axes, up, "y", scenario)


def _frontier_head(frontier: Frontier, scenario: Scenario) -> str:
    across, up = frontier.across, frontier.up
    if frontier.cheapest is None:
        return f"not enough anywhere: {frontier.best_there.mean:,.3g} at best"
    x, y = frontier.cheapest
    names = lever_name(across, scenario), lever_name(up, scenario)
    return f"smallest change of both: {names[0]} {across.shown(x)}, {names[1]} {up.shown(y)}"


def _frame(axes: Axes) -> None:
    minimal_axes(axes)
    axes.tick_params(labelsize=SMALL)


def _scale(axes: Axes, lever: Lever, side: str, scenario: Scenario) -> None:
    """Set the numbers and the label of an axis."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=5))
    if lever.high - lever.low >= 4000.0:
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number / 1000.0:,g}k" if number else "0"))
    else:
        digits = max(0, 1 - math.floor(math.log10(lever.high - lever.low) + 1e-9))
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.{digits}f}"))
    name = capitalised(lever_name(lever, scenario))
    while type_width(name, BODY) > 2.6:
        name = f"…{name.lstrip('…')[1:]}"
    axis.set_label_text(name, fontsize=SMALL, color=INK)
    axis.labelpad = 2 if side == "x" else 3
