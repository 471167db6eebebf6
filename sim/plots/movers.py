"""The states that move most at each step of a comparison: the probability of an option before and after."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.compare import Comparison, Step
from sim.plots.map_states import STAR
from sim.plots.style import (
    BODY,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SMALL,
    OptionStyle,
    axes_at,
    draw_text,
    line_height,
    tinted,
    type_width,
    wrapped,
)
from sim.scenario.schema import ABSTAIN
from sim.text.numbers import counted, percent
from sim.text.words import option_name, promise, state_name

HEADING = 11.0  # points
LEGEND = 0.32  # inches for the heading and the legend
MOST = 10  # states drawn for each step
ROW = 0.235  # inches
SCALE = 0.26  # inches below the rows
GAP = 0.5  # inches between steps
LONGEST_NAME = 1.2  # inches; longer names are replaced by codes
MOVE = 1.72  # inches for the most frequent move, on the right
ROOMY = 4.6  # least width in inches at which a step has room for names and moves


def moving_most(step: Step, option: str) -> pd.DataFrame:
    """Return the states whose share of the option changes significantly, the largest change first, MOST at most."""
    changes = step.of_option(option)
    movers = changes[changes["significant"]]
    return movers.loc[movers["difference"].abs().round(12).sort_values(ascending=False, kind="stable").index].head(MOST)


def movers_height(moving: Sequence[pd.DataFrame], steps: Sequence[Step], width: float) -> float:
    """Return the height of the movers of all steps in inches, in a figure of this width."""
    heading = max(len(_heading(step, _width(len(steps), width)).splitlines()) for step in steps)
    rows = max(len(table) for table in moving)
    return LEGEND + heading * line_height(BODY) + 0.2 + (rows * ROW + SCALE if rows else 0.1)


def draw_movers(
    fig: Figure, result: Comparison, moving: Sequence[pd.DataFrame], style: OptionStyle, top: float
) -> None:
    """Draw for each step the states whose share of the option in focus changes most, from the given height down."""
    steps, option = result.steps, result.focus
    width = _width(len(steps), fig.get_figwidth())
    _draw_legend(fig, f"Probability that a state would {promise(option, steps[-1].after.scenario)}", style, top)
    top -= LEGEND
    headings = [_heading(step, width) for step in steps]
    heading = max(len(text.splitlines()) for text in headings) * line_height(BODY)
    for number, (step, table) in enumerate(zip(steps, moving, strict=True)):
        x = MARGIN + number * (width + GAP)
        draw_text(fig, x, top, headings[number], weight="bold", va="top", linespacing=1.15, gid="heading")
        text = _counts(step, option, len(table))
        draw_text(fig, x, top - heading, text, size=SMALL, color=QUIET, va="top")
        if len(table):
            _draw_step(fig, step, table, option, style, x, top - heading - 0.2, width)


def _width(steps: int, figure_width: float) -> float:
    return (figure_width - 2 * MARGIN - (steps - 1) * GAP) / steps


def _heading(step: Step, width: float) -> str:
    return wrapped(f"{step.before.label} → {step.after.label}", width, BODY, weight="bold")


def _counts(step: Step, option: str, drawn: int) -> str:
    """Return how many states change significantly, and how many of them are drawn."""
    number = int(step.of_option(option)["significant"].sum())
    states = counted(len(step.codes), "state")
    if step.replicates == 1:
        return "One replicate: no intervals"
    if not number:
        return f"None of {states} changes significantly"
    if number > drawn:
        return f"{number} of {states} change significantly; the {drawn} largest changes are shown"
    return f"{number} of {states} change{'s' if number == 1 else ''} significantly"


def _draw_step(
    fig: Figure, step: Step, table: pd.DataFrame, option: str, style: OptionStyle, x: float, top: float, width: float
) -> None:
    roomy = width >= ROOMY
    scenario = step.after.scenario
    names = {str(code): state_name(str(code), scenario).removeprefix("the ") for code in table.index}
    if not roomy:
        names = {code: code for code in names}
    names = {code: name if type_width(name, BODY) <= LONGEST_NAME else code for code, name in names.items()}
    left = x + 0.2 + max(type_width(name, BODY) for name in names.values()) + 0.16
    right = x + width - (MOVE if roomy else 0.1)
    height = len(table) * ROW
    axes = axes_at(fig, left, top - height, right - left, height)
    _frame(axes, len(table))
    if roomy:
        draw_text(fig, right + 0.14, top + 0.03, "most frequent move", size=SMALL, color=QUIET, va="bottom")
    for index, (code, row) in enumerate(table.iterrows()):
        y = len(table) - index - 0.5
        middle = top - (index + 0.5) * ROW
        _draw_change(axes, row, y, style)
        if code in scenario.leads:
            draw_text(fig, x, middle, STAR, size=SMALL, va="center_baseline")
        draw_text(fig, x + 0.2, middle, names[str(code)], va="center_baseline", gid=f"mover {code}")
        if roomy:
            draw_text(fig, right + 0.14, middle, _move(step, str(code)), size=SMALL, color=QUIET, va="center_baseline")


def _draw_legend(fig: Figure, heading: str, style: OptionStyle, top: float) -> None:
    """Draw the heading and the legend of the marks."""
    x, y = MARGIN, top - 0.1
    draw_text(fig, x, y, heading, size=HEADING, weight="bold", va="center_baseline", gid="heading")
    x += type_width(heading, HEADING, weight="bold") + 0.3
    for mark, words in (("before", "before"), ("after", "after"), ("interval", "95% interval of the change")):
        axes = axes_at(fig, x, y - 0.08, 0.3, 0.16, xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        if mark == "interval":
            _draw_interval(axes, 0.1, 0.9, 0.5, 0.35)
        else:
            _draw_mark(axes, 0.5, 0.5, "white" if mark == "before" else style.colour, style.colour)
        draw_text(fig, x + 0.35, y, words, color=QUIET, va="center_baseline")
        x += 0.36 + type_width(words, BODY) + 0.2


def _draw_change(axes: Axes, row: pd.Series, y: float, style: OptionStyle) -> None:
    """Draw the probability before (hollow) and after (filled), with the interval of the difference."""
    before, after = float(row["before"]), float(row["after"])
    low, high = (min(max(before + float(row[end]), 0.0), 1.0) for end in ("low", "high"))
    axes.plot([before, after], [y, y], color=tinted(style.colour, 0.45), linewidth=3.0, solid_capstyle="butt", zorder=2)
    _draw_mark(axes, before, y, "white", style.colour)
    _draw_interval(axes, low, high, y, 0.18)
    _draw_mark(axes, after, y, style.colour, style.colour)


def _draw_interval(axes: Axes, low: float, high: float, y: float, cap: float) -> None:
    for xs, ys in (([low, high], [y, y]), ([low, low], [y - cap, y + cap]), ([high, high], [y - cap, y + cap])):
        axes.plot(xs, ys, color=INK, linewidth=1.1, zorder=4, clip_on=False)


def _draw_mark(axes: Axes, x: float, y: float, fill: str, edge: str) -> None:
    axes.plot(
        x, y, marker="o", markersize=6.0, markerfacecolor=fill, markeredgecolor=edge, markeredgewidth=1.4, zorder=5,
        clip_on=False,
    )  # fmt: skip


def _frame(axes: Axes, rows: int) -> None:
    axes.set(xlim=(0, 1), ylim=(0, rows), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_xticklabels(["0%", "", "50%", "", "100%"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=INK, length=0, pad=2)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for y in range(1, rows):
        axes.axhline(y, color=RULE, linewidth=0.4, alpha=0.6)


def _move(step: Step, code: str) -> str:
    """Return the most frequent move of a state, and how frequent it is."""
    first, then, often = step.states.loc[code, ["likeliest_from", "likeliest_to", "likeliest_move"]]
    names = ("abstain" if option == ABSTAIN else option_name(str(option)) for option in (first, then))
    return f"{' → '.join(names)} in {percent(float(str(often)))}" if first else ""
