"""What comes from weights that are not known, and what from choices and events: two bars an outcome."""

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


def parts_title(found: dict[str, VarianceComponents], scenario: Scenario) -> str:
    """Return which part of what is uncertain comes from the weights, in a sentence."""
    if not found:
        return "Nothing differs between replicates"
    said = [
        f"{percent(parts.weights.mean)} for {outcome_text(column, scenario).phrase}" for column, parts in found.items()
    ]
    return f"Of what is uncertain, weights make up {listed(said)}"


@under_defaults
def parts_of_variance(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Return one bar an outcome: the part of its variance that comes from weights, with its interval, and the rest."""
    found = outcome_components(tables, scenario)
    draws = int(tables.outcomes["draw"].nunique())
    title = parts_title(found, scenario)
    subtitle = (
        f"Of the variance between replicates; {counted(draws, 'draw')} of the weights, "
        f"{len(tables.outcomes) // draws} replicates each; thin lines: 95 % interval"
    )
    height = 2.9 + ROW * max(1, len(found)) + heading_height(scenario, title, subtitle)
    made = figure(title, with_heading(scenario, subtitle), size=(SIZE[0], height))
    top, width = content_top(made) - 0.55, made.get_figwidth() - 2 * MARGIN - NAMES - NUMBERS
    axes = axes_at(made, MARGIN + NAMES, top - ROW * max(1, len(found)), width, ROW * max(1, len(found)))
    axes.set(xlim=(0.0, 1.0), ylim=(max(1, len(found)) - 0.5, -0.5), yticks=[])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100"])
    axes.tick_params(labelsize=BODY, colors=INK, length=0)
    axes.set_xlabel("Part of the variance (%)", size=BODY, color=INK)
    for place, (column, parts) in enumerate(found.items()):
        axes.barh(place, 1.0, height=0.6, color=FROM_DRAWS)
        axes.barh(place, parts.weights.mean, height=0.6, color=FROM_WEIGHTS)
        low, high = parts.weights.low, parts.weights.high
        axes.plot([low, high], [place, place], color="#C4512D", linewidth=1.8, solid_capstyle="butt")
        y = top - (place + 0.5) * ROW
        outcome = outcome_text(column, scenario)
        draw_text(made, MARGIN + NAMES - 0.15, y, capitalised(outcome.bare), va="center", ha="right")
        right = MARGIN + NAMES + width + 0.2
        of = f"{percent(parts.weights.mean)} ({percent(low)} to {percent(high)})"
        draw_text(made, right, y + 0.09, of, va="center", weight="bold")
        draw_text(made, right, y - 0.1, _spread(outcome, parts), va="center", size=SMALL, color=QUIET)
    x = MARGIN + NAMES
    for words, colour in (("weights", FROM_WEIGHTS), ("choices of governments, and events", FROM_DRAWS)):
        key = axes_at(made, x, top + 0.14, 0.22, 0.2, xlim=(0, 1), ylim=(0, 1))
        key.set_axis_off()
        key.fill([0, 1, 1, 0], [0, 0, 1, 1], color=colour, linewidth=0)
        draw_text(made, x + 0.28, top + 0.24, words, va="center")
        x += 1.4
    footer(made, scenario, replicates=replicates(tables), seed=seed)
    return made


def _spread(outcome: OutcomeText, parts: VarianceComponents) -> str:
    """Return the standard deviations between replicates and between draws, in the outcome's unit."""
    scale, unit = (100.0, "points") if outcome.is_share else (1.0, outcome.unit)
    digits = 0 if scale * parts.sd >= 100.0 else 1
    whole, draws = (f"{scale * value:,.{digits}f}" for value in (parts.sd, parts.sd_of_draws))
    return f"standard deviation {whole} {unit}, of draws alone {draws}".replace("  ", " ")
