"""Whether the model shows what was reported: every reading that decides, against what it has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.pattern import Check, Finding, Patterns
from sim.plots.style import (
    BODY,
    FLOOR,
    FOOTER,
    INK,
    MARGIN,
    QUIET,
    RULE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    line_height,
    under_defaults,
    wrapped,
)
from sim.text.words import capitalised

HOLDS, FAILS = "#1B4F9C", "#C4512D"
WIDTH = 11.0  # inches
TEXT, SCALE, NUMBER = 5.2, 3.0, 1.9  # inches: what is read, its scale, the number


def figures(result: Patterns) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"patterns": lambda: measures_of_patterns(result.findings, seed=result.seed)}


@under_defaults
def measures_of_patterns(findings: Sequence[Finding], *, seed: int) -> Figure:
    """Draw one row per measure: its mean and 95 % interval on its own scale, and its criterion."""
    rows = [
        (finding, reading, wrapped(capitalised(reading.says), TEXT - 0.55, BODY))
        for finding in findings
        for reading in finding.readings
        if reading.decides
    ]
    heights = [max(0.27, len(text.splitlines()) * line_height(BODY) + 0.1) for _, _, text in rows]
    gaps = 0.1 * len(findings)
    holding = sum(finding.holds for finding in findings)
    title = f"The model reproduces {holding} of {len(findings)} patterns that were reported of the talks"
    subtitle = (
        "Mean and 95 % interval over replicates, each on its own scale; shaded: the criterion; at the left: the number "
        "of the pattern"
    )
    made = figure(title, subtitle, size=(WIDTH, sum(heights) + gaps + 1.85))
    y = content_top(made) - 0.05
    before = None
    for (finding, reading, text), height in zip(rows, heights, strict=True):
        colour = HOLDS if reading.holds else FAILS
        if finding is not before:
            y -= 0.1
            verdict = HOLDS if finding.holds else FAILS
            draw_text(
                made, MARGIN, y - height / 2, f"{finding.pattern.number}", weight="bold", color=verdict, va="center"
            )
            before = finding
        draw_text(made, MARGIN + 0.4, y - height / 2, text, va="center", linespacing=1.1)
        axes = axes_at(made, MARGIN + TEXT, y - height, SCALE, height)
        _draw(axes, reading, colour)
        draw_text(
            made, MARGIN + TEXT + SCALE + 0.15, y - height / 2, reading.measured, size=BODY, color=colour, va="center"
        )  # fmt: skip
        y -= height
    x = MARGIN + TEXT
    for words, colour, fill in (("as it has to be", HOLDS, HOLDS), ("not so", FAILS, "white")):
        key = axes_at(made, x, FLOOR, 0.2, 0.2, xlim=(-1, 1), ylim=(-1, 1))
        key.set_axis_off()
        key.plot(0, 0, marker="o", markersize=6, markerfacecolor=fill, markeredgecolor=colour, markeredgewidth=1.5)
        draw_text(made, x + 0.24, FLOOR + 0.1, words, va="center")
        x += 1.45
    replicates = f"{findings[0].replicates:,} replicates of each situation  ·  seed {seed}"
    draw_text(made, MARGIN, 0.16, replicates, size=FOOTER, color=QUIET, gid="footer")
    return made


def _draw(axes: Axes, reading: Check, colour: str) -> None:
    value, level = reading.value, reading.level
    known = [part for part in (value.low, value.mean, value.high) if part == part]
    low, high = min(*known, level), max(*known, level, reading.up_to or level)
    room = 0.12 * (high - low) or 1.0
    left, right = low - room, high + room
    axes.set(xlim=(left, right), ylim=(-1, 1), yticks=[], xticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    match reading.wanted:
        case "above" | "at least":
            due = level, right
        case "below" | "at most":
            due = left, level
        case "between":
            due = level, reading.up_to
    axes.axvspan(*due, color=RULE, alpha=0.35, linewidth=0)
    for bound in {level, reading.up_to or level}:
        axes.axvline(bound, color=INK, linewidth=0.8)
    axes.plot([value.low, value.high], [0, 0], color=colour, linewidth=2.2, solid_capstyle="round")
    fill = colour if reading.holds else "white"
    axes.plot(
        value.mean, 0, marker="o", markersize=6, markerfacecolor=fill, markeredgecolor=colour, markeredgewidth=1.5,
        clip_on=False, zorder=3,
    )  # fmt: skip
    _name_level(axes, reading)


def _name_level(axes: Axes, reading: Check) -> None:
    """Write the level at its line, on the side away from the number."""
    leftwards = reading.value.mean >= reading.level
    crossed = reading.value.low < reading.level if leftwards else reading.value.high > reading.level
    beside = (-3 if leftwards else 3, -7 if crossed else 0)
    axes.annotate(
        reading.level_shown, (reading.level, 0), xytext=beside, textcoords="offset points",
        size=SMALL, color=QUIET, ha="right" if leftwards else "left", va="center", annotation_clip=False,
    )  # fmt: skip
