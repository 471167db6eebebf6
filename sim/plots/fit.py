"""The figure of a fit: each weight with its prior and its interval, in prior standard deviations."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from sim.analysis.fit import Fit
from sim.plots.style import (
    BODY,
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
    heading_height,
    under_defaults,
)
from sim.text.heading import with_heading
from sim.text.numbers import counted
from sim.text.words import consideration_name

ROW = 0.26  # inches
NAMES, NUMBERS = 2.2, 3.2  # inches at the left and at the right
IDENTIFIED, PRIOR_ONLY = "#1B4F9C", "#8A929A"
_WITHIN = 1.96  # standard deviations of a 95 % interval


def figures(result: Fit) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"fit": lambda: fit_figure(result)}


@under_defaults
def fit_figure(found: Fit) -> Figure:
    """Draw one row per weight: its prior, its 95 % profile interval, and its remaining uncertainty."""
    shown = found.weights[found.weights["says"] != "held"].sort_values("left", kind="stable")
    states = counted(len(found.data.codes), "state")
    subtitle = (
        f"Weights of {found.setup.scenario.name} fitted to {found.spec.which} stances of {states}, "
        f"{found.record.source}; in prior standard deviations from the prior mean"
    )
    height = len(shown) * ROW
    scenario, title = found.setup.scenario, found.headline
    above = 2.3 + heading_height(scenario, title, subtitle)
    made = figure(title, with_heading(scenario, subtitle), size=(SIZE[0], height + above))
    top = content_top(made) - 0.35
    width = SIZE[0] - 2 * MARGIN - NAMES - NUMBERS
    axes = axes_at(made, MARGIN + NAMES, top - height, width, height)
    for spine in axes.spines.values():
        spine.set_visible(False)
    ends = (shown[["low", "high"]].sub(shown["prior_mean"], axis=0)).div(shown["prior_sd"], axis=0)
    reach = max(2.1, 1.05 * float(ends.abs().to_numpy().max()))
    axes.set(ylim=(0, len(shown)), yticks=[], xlim=(-reach, reach))
    axes.tick_params(labelsize=BODY, colors=INK, length=3, color=RULE, pad=3)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    right = SIZE[0] - MARGIN
    for x, words in ((right - 2.15, "before"), (right - 0.9, "fitted"), (right, "sd left")):
        draw_text(made, x, top + 0.1, words, size=SMALL, color=QUIET, ha="right")
    for index, row in enumerate(shown.reset_index().to_dict("records")):
        middle, y = len(shown) - index - 0.5, top - (index + 0.5) * ROW
        colour = IDENTIFIED if row["says"] == "identified" else PRIOR_ONLY
        low, high = ((row[end] - row["prior_mean"]) / row["prior_sd"] for end in ("low", "high"))
        axes.barh(middle, 2 * _WITHIN, left=-_WITHIN, height=0.62, color=RULE, alpha=0.45, linewidth=0.0)
        axes.plot([low, high], [middle, middle], color=colour, linewidth=2.4, solid_capstyle="round")
        axes.plot(row["moved"], middle, marker="o", color=colour, markersize=5.5)
        draw_text(made, MARGIN, y, consideration_name(row["weight"], found.setup.scenario), va="center_baseline")
        for x, words in (
            (right - 2.15, f"{row['before']:.2f}"),
            (right - 0.9, f"{row['mean']:.2f} ± {row['sd']:.2f}"),
            (right, f"{row['left']:.0%}"),
        ):
            draw_text(made, x, y, words, va="center_baseline", ha="right", color=colour if x == right else INK)
    key = "band: what was held before, 95 %; line: 95 % profile interval; blue: identified, half of the variance gone"
    draw_text(made, MARGIN, 0.45, key, size=SMALL, color=QUIET)
    footer(made, scenario, replicates=None, seed=None)
    return made
