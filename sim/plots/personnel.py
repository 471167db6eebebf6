"""Figure of the soldiers offered and asked for over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from sim.model.columns import personnel_column
from sim.plots.rounds import (
    DOTTED,
    LABELS,
    by_date,
    over,
    panel,
    replicates,
)
from sim.plots.style import BODY, INK, QUIET, EndLabel, figure, footer, label_ends, option_styles, under_defaults
from sim.results.tables import RunTables
from sim.scenario.schema import Scenario
from sim.text.heading import with_heading
from sim.text.words import capitalised, date_text


@under_defaults
def personnel_by_round(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw the soldiers offered for each option over time, with the current and the initial ask."""
    styles = option_styles(scenario)
    headline = scenario.proposal.headline
    start = scenario.menu[headline].ask
    columns = {name: personnel_column(name) for name in scenario.menu}
    rounds = tables.rounds[[*columns.values(), "ask", "date"]]
    in_force = tables.rounds["headline"].astype(str) == headline  # other headlines have their own ask
    summary = by_date(rounds.assign(ask=rounds["ask"].where(in_force)), scenario)
    offering = [name for name in columns if summary["mean"][columns[name]].max() > 0 or (name == headline and start)]
    ask = summary["mean"]["ask"].dropna()
    band = "" if replicates(tables) == 1 else "; bands hold 90% of replicates"
    means = summary["mean"].rename(columns={column: name for name, column in columns.items()})
    subtitle = with_heading(scenario, f"Soldiers offered for each option, {over(tables)}{band}")
    fig = figure(_personnel_title(means, ask, scenario), subtitle)
    axes = panel(fig, tables, scenario)
    labels = []
    for name in offering:
        colour = styles[name].colour
        low, mean, high = (summary[part][columns[name]] for part in ("low", "mean", "high"))
        if band:
            axes.fill_between(mean.index, low, high, color=colour, alpha=0.16, linewidth=0)
        axes.plot(mean.index, mean, color=colour, linewidth=2.4)
        labels.append(
            EndLabel(at=float(mean.iloc[-1]), text=f"{styles[name].label} {_thousands(mean.iloc[-1])}", colour=colour)
        )
    moves = bool((ask.round() != start).any())
    if start:
        axes.axhline(start, color=INK, linewidth=1.2, linestyle=DOTTED, gid="ask at the start")
        words = f"Ask at the start {start:,}" if moves else f"Ask {start:,}"
        labels.append(EndLabel(at=float(start), text=words, colour=INK, dashes=DOTTED))
    if moves:
        axes.step(ask.index, ask, where="post", color=INK, linewidth=1.6, gid="ask in force")
        labels.append(EndLabel(at=float(ask.iloc[-1]), text=f"Ask in force {_thousands(ask.iloc[-1])}", colour=INK))
    highest = max([start, *ask, *(summary["high"][columns[name]].max() for name in offering)])
    axes.set_ylim(0, 1.06 * highest if highest > 0 else 1.0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylabel("soldiers", size=BODY, color=QUIET)
    label_ends(axes, labels, width=LABELS)
    footer(fig, scenario, replicates=replicates(tables), seed=seed)
    return fig


def _personnel_title(means: pd.DataFrame, ask: pd.Series, scenario: Scenario) -> str:
    headline = scenario.proposal.headline
    start, last = scenario.menu[headline].ask, means[headline].iloc[-1]
    label = capitalised(scenario.menu[headline].label)
    if start == 0:
        most = str(means[list(scenario.menu)].iloc[-1].idxmax()) if last == 0 else headline
        soldiers = means[most].iloc[-1]
        if soldiers == 0:
            return "No soldiers are offered"
        label, date = capitalised(scenario.menu[most].label), date_text(means.index[-1])
        text = f"{label}: {_thousands(soldiers)} soldiers offered by {date}"
        return text if most == headline else f"{text}; the headline asks for none"
    if last >= start:
        return f"{label}: {_thousands(last)} soldiers offered, at least the {start:,} asked"
    text = f"{label}: {_thousands(last)} of the {start:,} soldiers asked are offered"
    if ask.empty or 0.98 * start <= ask.iloc[-1] <= 1.02 * start:
        return text
    change = "falls" if ask.iloc[-1] < start else "rises"
    return f"{text}; the ask {change} to {_thousands(ask.iloc[-1])}"


def _thousands(soldiers: float) -> str:
    """Return a number of soldiers to three significant digits."""
    if soldiers < 1000:
        return f"{soldiers:,.0f}"
    digits = 2 - int(np.floor(np.log10(soldiers)))
    return f"{round(soldiers, digits):,.0f}"
