"""Stability of the final profiles: deviations by state, and the shares of profiles that are stable in each sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.stability import Stability
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SIZE,
    SMALL,
    OptionStyle,
    axes_at,
    content_top,
    contrast,
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
from sim.text.numbers import counted, percent
from sim.text.words import date_text, state_name

MOST = 16  # states drawn
ROW = 0.25  # inches
BAR = 0.72  # of a row
LONGEST_NAME = 1.35  # inches; longer ones give way to codes
KEEPS = 0.8  # inches for the column of drawn weights
GAP = 0.5  # inches between the panels
RIGHT = 5.1  # inches for the panel at the right
LABEL = 2.5  # of it for the label
VALUE = 0.55  # of it for the number
FAINT = 1.6  # contrast to white under which a ring is drawn darker


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One share with its bounds and its label."""

    label: str
    share: float
    low: float | None = None
    high: float | None = None


def figures(result: Stability) -> dict[str, Callable[[], Figure]]:
    """Return the kinds of figures, each with its drawing function."""
    return {"stability": lambda: stability_of_profiles(result)}


@under_defaults
def stability_of_profiles(result: Stability) -> Figure:
    """Draw the deviations of single states, beside the shares of profiles that are stable in each sense."""
    scenario = result.setup.scenario
    styles = option_styles(scenario)
    rows = result.states[result.states["changes"] > 0.0].head(MOST)
    lines = _lines(result)
    title, subtitle = stability_title(result), with_heading(scenario, _subtitle(result))
    head = SIZE[1] - content_top(figure(title, subtitle))
    options = len(styles)
    height = max(len(rows) * ROW + 1.2, (len(lines) + options) * ROW + 1.6)
    fig = figure(title, subtitle, size=(SIZE[0], head + height + FLOOR))
    top = content_top(fig) - 0.05
    left = SIZE[0] - 2 * MARGIN - GAP - RIGHT
    _draw_states(fig, result, styles, MARGIN, top, left)
    x = SIZE[0] - MARGIN - RIGHT
    y = _draw_lines(fig, lines, x, top, is_drawn=result.likelihood is not None)
    _draw_options(fig, result, styles, x, y - 0.2)
    footer(fig, scenario, replicates=result.replicates, seed=result.seed)
    return fig


def stability_title(result: Stability) -> str:
    """Return the title: the shares of profiles that no single state, and no group, would leave."""
    nash, core = result.verdicts["nash"].mean, result.verdicts["core"].mean
    text = f"In {percent(nash)} of final profiles no state would change its stance alone"
    if result.replicates == 1:
        movers = round(result.movers.mean)
        text = f"{counted(movers, 'state') if movers else 'No state'} would change its stance alone"
    if result.largest_group == 1 or result.replicates == 1:
        return text
    groups = "no pair" if result.largest_group == 2 else "no two or three together"
    return f"{text}; in {percent(core)} {groups} would either"


def _subtitle(result: Stability) -> str:
    last = result.setup.date_of(result.setup.scenario.rounds)
    return (
        f"{counted(result.replicates, 'replicate')} on {date_text(last)}; circumstances and taste shocks of the last "
        "round; a state would change if another option has a higher utility, given the stances of the others"
    )


def _lines(result: Stability) -> list[ShareLine]:
    says = {
        "core": f"no group up to {result.largest_group} gains (core)",
        "nash": "no state gains alone (Nash)",
        "individual": "no welcome state gains (individual)",
        "contractual": "… and let go (contractual)",
    }
    lines = [
        ShareLine(label=text, share=value.mean, low=value.low, high=value.high)
        for name, text in says.items()
        for value in (result.verdicts[name],)
        if name != "core" or result.largest_group > 1
    ]
    if result.likelihood is not None:
        value = result.likelihood.nash
        drawn = f"Nash, weights drawn (spread {result.likelihood.spread:g})"
        lines.append(ShareLine(label=drawn, share=value.mean, low=value.low, high=value.high))
    return lines


def _draw_states(
    fig: Figure, result: Stability, styles: Mapping[str, OptionStyle], x: float, top: float, width: float
) -> None:
    """Draw for each state the shares of its deviations by option, from the given height down."""
    rows = result.states[result.states["changes"] > 0.0]
    heading = "States that would change alone, by new option"
    draw_text(fig, x, top, heading, weight="bold", va="top")
    draw_text(fig, x, top - line_height(BODY), "share of final profiles; colours as named at the right", size=SMALL,
            color=QUIET, va="top")  # fmt: skip
    if rows.empty:
        draw_text(fig, x, top - 0.42, "None, in any replicate", color=QUIET, va="top")
        return
    drawn, drew = rows.head(MOST), result.likelihood is not None
    scenario = result.setup.scenario
    names = {str(code): state_name(str(code), scenario).removeprefix("the ") for code in drawn.index}
    names = {code: name if type_width(name, BODY) <= LONGEST_NAME else code for code, name in names.items()}
    left = x + max(type_width(name, BODY) for name in names.values()) + 0.15
    right = x + width - (KEEPS if drew else 0.2)
    height = len(drawn) * ROW
    top -= 0.66 if drew else 0.48
    axes = axes_at(fig, left, top - height, right - left, height)
    high = float(drawn["changes"].max())
    _scale(axes, high, len(drawn))
    if drew:
        column = wrapped("stays under drawn weights", KEEPS + 0.2, SMALL)
        draw_text(fig, x + width, top + 0.04, column, size=SMALL, color=QUIET, ha="right", va="bottom")
    for index, (code, row) in enumerate(drawn.iterrows()):
        y, middle = len(drawn) - index - 0.5, top - (index + 0.5) * ROW
        draw_text(fig, x, middle, names[str(code)], va="center_baseline")
        start = 0.0
        for option, style in styles.items():
            part = float(row[f"to.{option}"])
            if part > 0.0:
                axes.barh(y, part, left=start, height=BAR, color=style.colour, edgecolor="white", linewidth=0.5)
            start += part
        if drew:
            draw_text(fig, x + width, middle, percent(float(row["keeps"])), ha="right", va="center_baseline")
    rest = len(rows) - len(drawn)
    never = len(result.states) - len(rows)
    others = [f"{rest} more would change less often"] * bool(rest) + [f"{never} never would"] * bool(never)
    y = top - height - 0.27
    if others:
        draw_text(fig, x, y, "; ".join(others), size=SMALL, color=QUIET, va="top")


def _scale(axes: Axes, high: float, rows: int) -> None:
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if high / step <= 4.5), 0.25)
    ticks = [step * number for number in range(int(high / step + 1e-9) + 1)]
    axes.set(xlim=(0, high * 1.02), ylim=(0, rows), yticks=[], xticks=ticks)
    axes.set_xticklabels([f"{100 * tick:g}%" for tick in ticks])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=INK, length=3, color=RULE, pad=2)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _share_axes(fig: Figure, x: float, top: float, rows: int) -> Axes:
    """Return axes from 0 to 100 % beside the labels of these rows."""
    axes = axes_at(fig, x + LABEL, top - rows * ROW, RIGHT - LABEL - VALUE, rows * ROW)
    axes.set(xlim=(0, 1), ylim=(0, rows), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.set_xticklabels(["0%", "", "50%", "", "100%"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=SMALL, colors=INK, length=0, pad=2)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def _draw_lines(fig: Figure, lines: Sequence[ShareLine], x: float, top: float, *, is_drawn: bool) -> float:
    """Draw shares with their bounds as dots; return the height below them."""
    draw_text(fig, x, top, "Share of final profiles that are stable", weight="bold", va="top")
    note = "bars: 95% intervals" + ("; of drawn weights, the range of nine draws in ten" if is_drawn else "")
    draw_text(fig, x, top - line_height(BODY), note, size=SMALL, color=QUIET, va="top")
    top -= 0.4
    axes = _share_axes(fig, x, top, len(lines))
    for index, line in enumerate(lines):
        y, middle = len(lines) - index - 0.5, top - (index + 0.5) * ROW
        draw_text(fig, x, middle, line.label, size=_fitting(line.label, LABEL - 0.1), va="center_baseline")
        draw_text(fig, x + RIGHT, middle, percent(line.share), ha="right", va="center_baseline")
        if line.low is not None and line.high is not None:
            axes.plot([line.low, line.high], [y, y], color=INK, linewidth=2.0, solid_capstyle="round")
        axes.plot(line.share, y, marker="o", markersize=6, color=INK, clip_on=False, zorder=3)
    return top - len(lines) * ROW - 0.25


def _fitting(text: str, width: float) -> float:
    """Return the font size at which a text fits a width, in points."""
    return BODY if type_width(text, BODY) <= width else max(5.0, BODY * width / type_width(text, BODY))


def _draw_options(fig: Figure, result: Stability, styles: Mapping[str, OptionStyle], x: float, top: float) -> None:
    """Draw for each option the shares of profiles in which no state would leave it and none would enter it."""
    draw_text(fig, x, top, "Share of final profiles in which no state would", weight="bold", va="top")
    top -= 0.27
    at = x
    for words, is_filled in (("leave the option (internal)", True), ("enter it (external)", False)):
        axes = axes_at(fig, at, top - 0.08, 0.16, 0.16, xlim=(-1, 1), ylim=(-1, 1))
        axes.set_axis_off()
        _draw_mark(axes, 0.0, 0.0, QUIET, is_filled=is_filled)
        draw_text(fig, at + 0.22, top, words, va="center_baseline")
        at += 0.22 + type_width(words, BODY) + 0.25
    top -= 0.18
    axes = _share_axes(fig, x, top, len(styles))
    wide, high = fig.get_size_inches()
    for index, (option, style) in enumerate(styles.items()):
        y, middle = len(styles) - index - 0.5, top - (index + 0.5) * ROW
        internal, external = (float(str(result.options.at[option, side])) for side in ("internal", "external"))
        swatch = Rectangle((x / wide, (middle - 0.08) / high), 0.18 / wide, 0.16 / high, transform=fig.transFigure)
        swatch.set(facecolor=style.colour, edgecolor=QUIET, linewidth=0.3)
        fig.add_artist(swatch)
        size = _fitting(style.label, LABEL - 0.36)
        draw_text(fig, x + 0.26, middle, style.label, size=size, va="center_baseline")
        axes.plot([internal, external], [y, y], color=RULE, linewidth=2.0, zorder=1)
        _draw_mark(axes, external, y, style.colour, is_filled=False)
        _draw_mark(axes, internal, y, style.colour, is_filled=True)


def _draw_mark(axes: Axes, x: float, y: float, colour: str, *, is_filled: bool) -> None:
    edge = QUIET if is_filled or contrast(colour, "white") < FAINT else colour
    axes.plot(
        x, y, marker="o", markersize=6.5, markerfacecolor=colour if is_filled else "white", markeredgecolor=edge,
        markeredgewidth=0.5 if is_filled else 1.8, clip_on=False, zorder=3,
    )  # fmt: skip
