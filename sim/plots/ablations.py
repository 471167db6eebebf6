"""The verdicts on all patterns and the log score without each part of the model."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.ablations import Ablated, Ablations
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
    tinted,
    under_defaults,
)
from sim.text.words import capitalised, consideration_name

HOLDS, FAILS = "#1B4F9C", "#C4512D"
STAYS, LACKS = tinted(HOLDS, 0.18), "#F1F1EF"  # holds, or fails, with the part and without it
WIDTH = 11.0  # inches
ROW, CELL, NAMES, COUNT, SCORE = 0.25, 0.29, 2.05, 0.6, 2.05  # inches


def figures(result: Ablations) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"ablations": lambda: parts_and_patterns(result)}


@under_defaults
def parts_and_patterns(found: Ablations) -> Figure:
    """Draw one row per part and one column per pattern, with the change in the log score."""
    rows = (found.whole, *found.parts)
    numbers = [finding.pattern.number for finding in found.whole.findings]
    made = figure(title(found), _SUBTITLE, size=(WIDTH, ROW * len(rows) + 2.5))
    top = content_top(made) - 0.45
    left = MARGIN + NAMES
    for place, number in enumerate(numbers):
        draw_text(made, left + (place + 0.5) * CELL, top + 0.08, f"{number}", ha="center", size=SMALL, color=QUIET)
    right = left + len(numbers) * CELL
    draw_text(made, left, top + 0.26, "pattern", size=SMALL, color=QUIET)
    draw_text(made, right + COUNT / 2, top + 0.08, "hold", ha="center", size=SMALL, color=QUIET)
    for place, part in enumerate(rows):
        y = top - (place + 0.5) * ROW
        is_whole = part is found.whole
        name = "The whole model" if is_whole else capitalised(consideration_name(part.ablation.name))
        weight = "bold" if is_whole else "normal"
        draw_text(made, MARGIN, y, name, va="center", weight=weight)
        draw_text(made, right + COUNT / 2, y, f"{part.holding}", va="center", ha="center", weight=weight)
    cells = axes_at(made, left, top - ROW * len(rows), CELL * len(numbers), ROW * len(rows))
    _verdicts(cells, found, rows)
    scores = axes_at(made, right + COUNT + 0.1, top - ROW * len(rows), SCORE, ROW * len(rows))
    _scores(scores, rows)
    draw_text(
        made, right + COUNT + 0.1, top + 0.08, "better ← log score → worse",
        size=SMALL, color=QUIET,
    )  # fmt: skip
    _key(made)
    footer = f"{found.replicates:,} replicates of each situation  ·  seed {found.seed}"
    draw_text(made, MARGIN, 0.16, footer, size=FOOTER, color=QUIET, gid="footer")
    return made


_SUBTITLE = (
    "Each part left out by itself, nothing fitted again; at the right: the change in the log score on the record of "
    "spring 2025, with its 95 % interval over states"
)


def title(found: Ablations) -> str:
    """Return the headline: how many parts change a verdict."""
    changing = sum(1 for part in found.parts if found.lost(part) or found.gained(part))
    needed = sum(1 for part in found.parts if found.lost(part))
    return (
        f"Leaving out {changing} of {len(found.parts)} parts changes a verdict; {needed} of them are needed for a "
        "pattern that holds"
    )


def _verdicts(axes: Axes, found: Ablations, rows: tuple[Ablated, ...]) -> None:
    """Draw the verdict on each pattern without each part, and mark those that turn."""
    axes.set(xlim=(0, len(found.whole.findings)), ylim=(len(rows), 0))
    axes.set_axis_off()
    for y, part in enumerate(rows):
        lost, gained = found.lost(part), found.gained(part)
        for x, finding in enumerate(part.findings):
            number = finding.pattern.number
            turned = "lost" if number in lost else "gained" if number in gained else ""
            colour = {"lost": FAILS, "gained": HOLDS, "": STAYS if finding.holds else LACKS}[turned]
            axes.fill([x, x + 1, x + 1, x], [y, y, y + 1, y + 1], color=colour, linewidth=0)
            if turned:
                mark = "–" if turned == "lost" else "+"
                axes.text(x + 0.5, y + 0.5, mark, color="white", ha="center", va="center", size=BODY, weight="bold")
    for x in range(len(found.whole.findings) + 1):
        axes.axvline(x, color="white", linewidth=1.2)
    for y in range(len(rows) + 1):
        axes.axhline(y, color="white", linewidth=1.2)


def _scores(axes: Axes, rows: tuple[Ablated, ...]) -> None:
    """Draw by how much worse the record is foreseen without each part."""
    for spine in ("top", "right", "left"):
        axes.spines[spine].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    for y, part in enumerate(rows[1:], start=1):
        change = part.scores.worse_log
        sure = change.is_positive or change.is_negative
        colour = (FAILS if change.mean > 0.0 else HOLDS) if sure else QUIET
        axes.plot([change.low, change.high], [y + 0.5] * 2, color=colour, linewidth=1.8, solid_capstyle="round")
        axes.plot(
            change.mean, y + 0.5, marker="o", markersize=4.5, markerfacecolor=colour if sure else "white",
            markeredgecolor=colour, markeredgewidth=1.3,
        )  # fmt: skip
    axes.set(ylim=(len(rows), 0), yticks=[])
    axes.tick_params(axis="x", labelsize=SMALL, colors=QUIET, length=2)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)


def _key(made: Figure) -> None:
    x = MARGIN + NAMES
    for words, colour, mark in (
        ("holds", STAYS, ""),
        ("fails", LACKS, ""),
        ("fails without it", FAILS, "–"),
        ("holds without it", HOLDS, "+"),
    ):
        swatch = axes_at(made, x, FLOOR, 0.22, 0.2, xlim=(0, 1), ylim=(0, 1))
        swatch.set_axis_off()
        swatch.fill([0, 1, 1, 0], [0, 0, 1, 1], color=colour, linewidth=0)
        swatch.text(0.5, 0.5, mark, color="white", ha="center", va="center", size=BODY, weight="bold")
        draw_text(made, x + 0.28, FLOOR + 0.1, words, va="center")
        x += 1.5
