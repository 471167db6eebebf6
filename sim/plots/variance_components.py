"""Figure of variance components: the share that is due to uncertain weights, and the rest."""

from __future__ import annotations

from matplotlib.figure import Figure

from sim.analysis.variance_components import VarianceComponents, outcome_components
from sim.plots.rounds import replicates
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
from sim.results.tables import RunTables
from sim.scenario.schema import Scenario
from sim.text.heading import with_heading
from sim.text.numbers import counted, percent
from sim.text.outcome_names import OutcomeText, outcome_text
from sim.text.words import capitalised, listed

FROM_WEIGHTS, FROM_DRAWS = "#1D3F63", "#C9D3DC"
ROW, NAMES, NUMBERS = 0.62, 2.9, 3.2  # inches


def variance_title(components: dict[str, VarianceComponents], scenario: Scenario) -> str:
    """Return the headline: the shares of the variance that are due to the weights."""
    if not components:
        return "Outcomes do not differ between replicates"
    shares = [
        f"{percent(parts.weights.mean)} for {outcome_text(column, scenario).phrase}"
        for column, parts in components.items()
    ]
    return f"Share of the variance due to weights: {listed(shares)}"


@under_defaults
def parts_of_variance(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw a bar per outcome: the share of its variance that is due to weights, with its interval, and the rest."""
    components = outcome_components(tables, scenario)
    draws = int(tables.outcomes["draw"].nunique())
    title = variance_title(components, scenario)
    subtitle = (
        f"Components of the variance between replicates; {counted(draws, 'draw')} of the weights, "
        f"{len(tables.outcomes) // draws} replicates each; thin lines: 95 % interval"
    )
    height = 2.9 + ROW * max(1, len(components)) + heading_height(scenario, title, subtitle)
    fig = figure(title, with_heading(scenario, subtitle), size=(SIZE[0], height))
    top, width = content_top(fig) - 0.55, fig.get_figwidth() - 2 * MARGIN - NAMES - NUMBERS
    axes = axes_at(fig, MARGIN + NAMES, top - ROW * max(1, len(components)), width, ROW * max(1, len(components)))
    axes.set(xlim=(0.0, 1.0), ylim=(max(1, len(components)) - 0.5, -0.5), yticks=[])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    axes.set_xlabel("Share of the variance (%)", size=BODY, color=INK)
    for index, (column, parts) in enumerate(components.items()):
        axes.barh(index, 1.0, height=0.6, color=FROM_DRAWS)
        axes.barh(index, parts.weights.mean, height=0.6, color=FROM_WEIGHTS)
        low, high = parts.weights.low, parts.weights.high
        axes.plot([low, high], [index, index], color="#C4512D", linewidth=1.8, solid_capstyle="butt")
        y = top - (index + 0.5) * ROW
        outcome = outcome_text(column, scenario)
        draw_text(fig, MARGIN + NAMES - 0.15, y, capitalised(outcome.bare), va="center", ha="right")
        right = MARGIN + NAMES + width + 0.2
        interval = f"{percent(parts.weights.mean)} ({percent(low)} to {percent(high)})"
        draw_text(fig, right, y + 0.09, interval, va="center", weight="bold")
        draw_text(fig, right, y - 0.1, _spread(outcome, parts), va="center", size=SMALL, color=QUIET)
    x = MARGIN + NAMES
    for words, colour in (("weights", FROM_WEIGHTS), ("random draws: choices and events", FROM_DRAWS)):
        key = axes_at(fig, x, top + 0.14, 0.22, 0.2, xlim=(0, 1), ylim=(0, 1))
        key.set_axis_off()
        key.fill([0, 1, 1, 0], [0, 0, 1, 1], color=colour, linewidth=0)
        draw_text(fig, x + 0.28, top + 0.24, words, va="center")
        x += 1.4
    footer(fig, scenario, replicates=replicates(tables), seed=seed)
    return fig


def _spread(outcome: OutcomeText, parts: VarianceComponents) -> str:
    """Return the standard deviations between replicates and between draws of the weights, in the outcome's unit."""
    scale, unit = (100.0, "points") if outcome.is_share else (1.0, outcome.unit)
    digits = 0 if scale * parts.sd >= 100.0 else 1
    whole, draws = (f"{scale * value:,.{digits}f}" for value in (parts.sd, parts.sd_of_draws))
    return f"standard deviation {whole} {unit}, between draws {draws}".replace("  ", " ")
