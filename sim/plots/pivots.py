"""Pivotal states: the effects of forcing each state in or out on the others, on viability and on peace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.pivots import Pivots
from sim.plots.map_states import STAR
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
    line_height,
    option_styles,
    type_width,
    under_defaults,
    wrapped,
)
from sim.text.heading import with_heading
from sim.text.words import capitalised, option_name, promise, state_name

ROW = 0.215  # inches from state to state
UNDER = 0.3  # inches for the scales
KEY = 0.3  # inches
HEAD = 0.14  # inches above the heads of the panels
GAP = 0.3  # inches between panels
NAMES = 1.75  # inches
LEVEL = 0.16  # of a row: distance of in above the middle, and of out below it
PANELS = (  # effect, its share of the width, its heading, the factor of its unit
    ("others", 0.34, "other states that would {promise}", 1.0),
    ("viable", 0.24, "viable, percentage points", 100.0),
    ("peace", 0.24, "permanent ceasefire, percentage points", 100.0),
)


def figures(result: Pivots) -> dict[str, Callable[[], Figure]]:
    """Return the kinds of figures, each with its drawing function."""
    return {"effects": lambda: effects_of_forcing(result)}


@under_defaults
def effects_of_forcing(result: Pivots) -> Figure:
    """Draw the effects of forcing each state in and out, the largest difference on top, beside its power."""
    scenario = result.setup.scenario
    colour = option_styles(scenario)[result.option].colour
    rows = result.states.to_dict("index")
    subtitle = (
        f"Changes after the last round relative to no forced state, mean and 95% interval of paired differences; on "
        f"top are the states with the largest difference between in and out. The ask is {result.ask:,} soldiers"
    )
    title, subtitle = pivots_title(result), with_heading(scenario, subtitle)
    left = MARGIN + NAMES
    wide = SIZE[0] - MARGIN - left - 3 * GAP
    heads = [
        wrapped(capitalised(says.format(promise=promise(result.option, scenario))), part * wide, BODY, weight="bold")
        for _, part, says, _ in PANELS
    ]
    lines = max(len(head.splitlines()) for head in heads)
    height = max(len(rows), 2) * ROW
    empty = SIZE[1] - content_top(figure(title, subtitle))
    over = KEY + HEAD + lines * line_height(BODY)
    fig = figure(title, subtitle, size=(SIZE[0], empty + over + height + UNDER + FLOOR))
    top = content_top(fig)
    _draw_key(fig, top - 0.1, colour, result)
    bottom = FLOOR + UNDER
    x = left
    for (effect, part, _, scale), head in zip(PANELS, heads, strict=True):
        axes = axes_at(fig, x, bottom, part * wide, height)
        _draw_effects(axes, list(rows.values()), effect, scale, colour)
        draw_text(fig, x, bottom + height + 0.08, head, weight="bold", va="bottom", linespacing=1.1)
        x += part * wide + GAP
    power = axes_at(fig, x, bottom, SIZE[0] - MARGIN - x, height)
    _draw_power(power, list(rows.values()))
    draw_text(fig, x, bottom + height + 0.08, "Power over the ask, %", weight="bold", va="bottom")
    for number, code in enumerate(rows):
        y = bottom + height - (number + 0.5) * height / max(len(rows), 1)
        _write_name(fig, str(code), y, result)
    footer(fig, scenario, replicates=result.replicates, seed=result.seed)
    return fig


def pivots_title(result: Pivots) -> str:
    """Return the title: the state with the largest effect on the others."""
    scenario = result.setup.scenario
    row = result.states.iloc[0]
    name = capitalised(state_name(str(result.states.index[0]), scenario))
    swing, low, high = (float(row[f"swing.others{end}"]) for end in ("", ".low", ".high"))
    does = promise(result.option, scenario)
    if low <= 0.0 <= high:
        return f"No state has a significant effect on the others when it is forced in or out: as many would {does}"
    more = "more" if swing > 0.0 else "fewer"
    return (
        f"{name} has the largest effect: with it forced in rather than out, {abs(swing):.1f} {more} others would {does}"
    )


def _write_name(fig: Figure, code: str, y: float, result: Pivots) -> None:
    scenario = result.setup.scenario
    name = state_name(code, scenario).removeprefix("the ")
    if code in scenario.leads:
        draw_text(fig, MARGIN, y, STAR, size=SMALL, va="center_baseline")
    while type_width(name, SMALL) > NAMES - 0.72:
        name = f"{name.rstrip('…')[:-1].rstrip()}…"
    draw_text(fig, MARGIN + 0.17, y, code, size=SMALL, weight="bold", va="center_baseline")
    draw_text(fig, MARGIN + 0.55, y, name, size=SMALL, va="center_baseline")


def _draw_key(fig: Figure, y: float, colour: str, result: Pivots) -> None:
    name = option_name(result.option)
    x = MARGIN
    for way, words in (("in", f"forced into {name}"), ("out", "made to abstain")):
        axes = axes_at(fig, x, y - 0.08, 0.36, 0.16, xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        axes.plot([0.0, 1.0], [0.5, 0.5], color=colour if way == "in" else QUIET, linewidth=1.3)
        _mark(axes, 0.5, 0.5, way, colour)
        draw_text(fig, x + 0.44, y, words, va="center_baseline")
        x += 0.44 + type_width(words, BODY) + 0.3
    axes = axes_at(fig, x, y - 0.06, 0.3, 0.12, xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.barh(0.5, 1.0, height=1.0, color=RULE)
    draw_text(fig, x + 0.38, y, "Shapley-Shubik index", va="center_baseline")
    x += 0.38 + type_width("Shapley-Shubik index", BODY) + 0.3
    axes = axes_at(fig, x, y - 0.08, 0.1, 0.16, xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.plot([0.5, 0.5], [0, 1], color=INK, linewidth=1.6)
    draw_text(fig, x + 0.16, y, "Banzhaf index", va="center_baseline")
    leads = [code for code in result.states.index if code in result.setup.scenario.leads]
    if leads:
        x += 0.16 + type_width("Banzhaf index", BODY) + 0.3
        draw_text(fig, x, y, f"{STAR} {'leads' if len(leads) > 1 else 'lead'}", va="center_baseline")


def _draw_effects(axes: Axes, rows: list[Mapping[Any, float]], effect: str, scale: float, colour: str) -> None:
    """Draw the changes when each state is forced in (filled, above) and out (hollow, below)."""
    _frame(axes, len(rows))
    for number, row in enumerate(rows):
        middle = len(rows) - number - 0.5
        for way in ("out", "in"):
            y = middle + (LEVEL if way == "in" else -LEVEL)
            low, mean, high = (scale * row[f"{way}.{effect}{end}"] for end in (".low", "", ".high"))
            line = colour if way == "in" else QUIET
            axes.plot([low, high], [y, y], color=line, linewidth=1.3, solid_capstyle="butt", zorder=3)
            _mark(axes, mean, y, way, colour)
    left, right = axes.get_xlim()
    room = max(right - left, 1e-6)
    least = 0.1 if effect == "others" else 1.0  # a panel without effects is not magnified
    axes.set_xlim(min(left, -least) - 0.02 * room, max(right, least) + 0.02 * room)
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)


def _draw_power(axes: Axes, rows: list[Mapping[Any, float]]) -> None:
    _frame(axes, len(rows))
    for number, row in enumerate(rows):
        middle = len(rows) - number - 0.5
        axes.barh(middle, 100.0 * row["shapley_shubik"], height=0.6, color=RULE, zorder=2)
        at = 100.0 * row["banzhaf"]
        if at > 0.0:
            axes.plot([at, at], [middle - 0.36, middle + 0.36], color=INK, linewidth=1.4, zorder=3)
    axes.set_xlim(0.0, max(1.0, axes.get_xlim()[1]))


def _mark(axes: Axes, x: float, y: float, way: str, colour: str) -> None:
    axes.plot(
        x, y, marker="o", markersize=4.4, markerfacecolor=colour if way == "in" else "white",
        markeredgecolor=colour if way == "in" else QUIET, markeredgewidth=1.1, zorder=4, clip_on=False,
    )  # fmt: skip


def _frame(axes: Axes, rows: int) -> None:
    axes.set(ylim=(0, rows), yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=INK, length=0, pad=2)
    axes.locator_params(axis="x", nbins=5)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for y in range(1, rows):
        axes.axhline(y, color=RULE, linewidth=0.4, alpha=0.6)
