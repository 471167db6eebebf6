"""How many states come over, week by week."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.model.columns import conditional_column, states_column
from sim.plots.heading import headed
from sim.plots.rounds import (
    DASHED,
    LABELS,
    by_date,
    over,
    panel,
    replicates,
)
from sim.plots.style import (
    BODY,
    INK,
    QUIET,
    EndLabel,
    figure,
    footer,
    label_ends,
    option_styles,
    sentence,
)
from sim.plots.words import counted, promise
from sim.results.tables import RunTables
from sim.scenario.schema import ABSTAIN, Scenario


def stances_by_round(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Return how many states hold each option over time, the deepest at the bottom, as a mean over replicates."""
    styles = option_styles(scenario)
    asked = len(scenario.roster.asked)
    deepest = scenario.deepest
    means = by_date(
        tables.rounds[[states_column(name) for name in scenario.menu] + [conditional_column(deepest), "date"]], scenario
    )["mean"]
    means[states_column(ABSTAIN)] = asked - means[[states_column(name) for name in scenario.menu]].sum(axis=1)
    conditional = means[conditional_column(deepest)]
    made = figure(
        _stances_title(means, scenario),
        headed(scenario, f"Stances of the {counted(asked, 'state')} asked, {over(tables)}"),
    )
    axes = panel(made, tables, scenario)
    from_deepest = list(reversed(scenario.option_names))
    heights = means[[states_column(name) for name in from_deepest]].to_numpy().T
    axes.stackplot(
        means.index, heights, colors=[styles[name].colour for name in from_deepest], edgecolor="white", linewidth=0.6
    )
    axes.plot(means.index, conditional, color="white", linewidth=4.0, zorder=3)
    axes.plot(means.index, conditional, color=INK, linewidth=2.0, linestyle=DASHED, zorder=4)
    axes.set_ylim(0, asked)
    axes.set_ylabel("states", size=BODY, color=QUIET)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    tops = np.cumsum(heights[:, -1])
    labels = [
        EndLabel(at=top - height / 2, text=f"{styles[name].label} {_number(height)}", colour=styles[name].colour)
        for name, top, height in zip(from_deepest, tops, heights[:, -1], strict=True)
        if name == deepest or heights[from_deepest.index(name)].max() > 0
    ]
    said = f"Would {promise(deepest, scenario)} if the conditions were met {_number(conditional.iloc[-1])}"
    labels.append(EndLabel(at=float(conditional.iloc[-1]), text=said, colour=INK, dashes=DASHED))
    label_ends(axes, labels, width=LABELS)
    footer(made, scenario, replicates=replicates(tables), seed=seed)
    return made


def _stances_title(means: pd.DataFrame, scenario: Scenario) -> str:
    headline, deepest = scenario.proposal.headline, scenario.deepest
    option = deepest if headline == ABSTAIN else headline
    does, holding = promise(option, scenario), means[states_column(option)]
    first, last = round(holding.iloc[0]), round(holding.iloc[-1])
    then = round(means[conditional_column(deepest)].iloc[-1])
    if first == last:
        said = f"{sentence(counted(last, 'state') if last else 'no state')} would {does}"
        said += " throughout" if last and means.index.size > 1 and (holding.round() == last).all() else ""
    else:
        move = "rise" if last > first else "fall"
        said = f"States that would {does} {move} from {first} to {last}"
    if option != deepest:
        return f"{said}; {then or 'none'} would {promise(deepest, scenario)} if the conditions were met"
    return f"{said}; {then} would if the conditions were met" if then > last else said


def _number(mean: float) -> str:
    return f"{mean:.0f}" if abs(mean - round(mean)) < 0.05 else f"{mean:.1f}"
