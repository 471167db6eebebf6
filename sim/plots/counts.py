"""The main counts of a run in a comparison: states for each option, and soldiers against the ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.patheffects as effects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.compare import LabelledRun
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots.map_states import HATCH
from sim.plots.style import (
    BODY,
    INK,
    NOT_ASKED,
    QUIET,
    SMALL,
    OptionStyle,
    axes_at,
    contrast,
    draw_text,
    ink_on,
    type_width,
)
from sim.scenario.schema import ABSTAIN
from sim.text.numbers import counted, percent
from sim.text.words import option_name, promise

COUNTS = 1.3  # height in inches
NUMBER = 24.0  # points
READABLE = 3.0  # least contrast with white at which a number has the colour of its option


def most_soldiers(runs: Sequence[LabelledRun]) -> float:
    """Return the common scale: the largest number of soldiers offered or asked for the first headline of any run."""
    soldiers = [0.0]
    for run in runs:
        headline = run.scenario.proposal.headline
        if headline != ABSTAIN:
            soldiers += [run.scenario.menu[headline].ask, run.means()[personnel_column(headline)]]
    return max(soldiers)


def draw_counts(
    fig: Figure,
    run: LabelledRun,
    styles: Mapping[str, OptionStyle],
    focus: str,
    x: float,
    top: float,
    width: float,
    most: float,
) -> None:
    """Draw the counts of a run from the given height down: the option in focus large, all options, the soldiers."""
    scenario, means = run.scenario, run.means()
    counts = {name: means[states_column(name)] for name in scenario.menu}
    states = len(scenario.roster.asked)
    counts[ABSTAIN] = states - sum(counts.values())
    deepest = scenario.deepest
    conditional = means[conditional_column(deepest)]
    colour = styles[focus].colour
    number = f"{counts[focus]:.1f}"
    y = top - 0.2
    draw_text(
        fig, x, y, number, size=NUMBER, weight="bold", va="center",
        color=colour if contrast(colour, "#FFFFFF") >= READABLE else INK, gid="number",
    )  # fmt: skip
    beside = x + type_width(number, NUMBER, weight="bold") + 0.14
    room = x + width - beside
    text = f"of {counted(states, 'state')} would {promise(focus, scenario)}"
    draw_text(fig, beside, y + 0.085, text, size=_fitting(text, room), va="center")
    met = "" if focus == deepest else f"{promise(deepest, scenario)} "
    text = f"{conditional:.1f} would {met}if the conditions were met"
    if type_width(text, BODY) > room:
        text = f"{conditional:.1f} {option_name(deepest)} if the conditions were met"
    draw_text(fig, beside, y - 0.085, text, size=_fitting(text, room), color=QUIET, va="center")
    axes = axes_at(fig, x, top - 0.66, width, 0.19)
    _draw_options(axes, counts, [*reversed(scenario.option_names)], styles, conditional, deepest, width)
    _draw_force(fig, run, styles, means, focus, x, top - 0.94, width, most)


def _draw_options(
    axes: Axes,
    counts: Mapping[str, float],
    from_deepest: Sequence[str],
    styles: Mapping[str, OptionStyle],
    conditional: float,
    deepest: str,
    width: float,
) -> None:
    """Draw how many states hold each option, hatched up to how many would hold the deepest conditionally."""
    total = sum(counts.values())
    axes.set(xlim=(0, total), ylim=(0, 1))
    axes.set_axis_off()
    start = 0.0
    for name in from_deepest:
        count, colour = counts[name], styles[name].colour
        axes.barh(0.5, count, left=start, height=1.0, color=colour, edgecolor="white", linewidth=0.8)
        text = f"{count:.1f}"
        if type_width(text, SMALL, weight="bold") + 0.06 <= count / total * width:
            axes.text(
                start + count / 2, 0.46, text, size=SMALL, weight="bold", color=ink_on(colour), ha="center",
                va="center", zorder=5, path_effects=[effects.withStroke(linewidth=2.4, foreground=colour)],
            )  # fmt: skip
        start += count
    if conditional > counts[deepest]:
        hatched = Rectangle((counts[deepest], 0), conditional - counts[deepest], 1.0, facecolor="none", linewidth=0.0)
        hatched.set(edgecolor=styles[deepest].colour, hatch=HATCH, zorder=4)
        hatched.set_hatch_linewidth(0.9)
        axes.add_patch(hatched)


def _draw_force(
    fig: Figure,
    run: LabelledRun,
    styles: Mapping[str, OptionStyle],
    means: Mapping[str, float],
    focus: str,
    x: float,
    y: float,
    width: float,
    most: float,
) -> None:
    """Draw the soldiers for the first headline of the run against its ask."""
    headline = run.scenario.proposal.headline
    if headline == ABSTAIN:
        draw_text(fig, x, y - 0.16, "no proposal at the start", color=QUIET, va="center")
        return
    ask, soldiers = run.scenario.menu[headline].ask, means[personnel_column(headline)]
    if most:
        axes = axes_at(fig, x, y, width, 0.12)
        axes.set(xlim=(0, most * 1.005), ylim=(0, 1))
        axes.set_axis_off()
        axes.barh(0.5, ask, height=1.0, color=NOT_ASKED)
        axes.barh(0.5, soldiers, height=0.62, color=styles[headline].colour)
        if ask:
            axes.plot([ask, ask], [-0.1, 1.35], color=INK, linewidth=1.6, clip_on=False, zorder=4)
    whose = "" if headline == focus else f" for {option_name(headline)}"
    viable = f"viable in {percent(means['viable'])}"
    if len(run.run.outcomes) == 1:
        viable = "viable" if means["viable"] else "not viable"
    against = f"{ask:,} asked: {viable}" if ask else "no number asked"
    text = f"{soldiers:,.0f} soldiers{whose}, {against}"
    draw_text(fig, x, y - 0.05, text, size=_fitting(text, width), va="top")


def _fitting(text: str, room: float) -> float:
    """Return the font size at which the text fits into the room (inches), at most the usual one."""
    return min(BODY, BODY * 0.98 * room / type_width(text, BODY))
