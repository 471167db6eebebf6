"""Figure of the number of states that hold each option over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.model.columns import conditional_column, states_column
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
    under_defaults,
)
from sim.results.tables import RunTables
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.heading import with_heading
from sim.text.numbers import counted
from sim.text.state_counts import count_text
from sim.text.words import promise


@under_defaults
def stances_by_round(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw the mean number of states that hold each option over time, the deepest at the bottom."""
    styles = option_styles(scenario)
    asked = len(scenario.roster.asked)
    deepest, single = scenario.deepest, replicates(tables) == 1
    means = by_date(
        tables.rounds[[states_column(name) for name in scenario.menu] + [conditional_column(deepest), "date"]], scenario
    )["mean"]
    means[states_column(ABSTAIN)] = asked - means[[states_column(name) for name in scenario.menu]].sum(axis=1)
    conditional = means[conditional_column(deepest)]
    fig = figure(
        _stances_title(means, scenario, single=single),
        with_heading(scenario, f"Stances of the {counted(asked, 'state')} asked, {over(tables)}"),
    )
    axes = panel(fig, tables, scenario)
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
    counts = [count_text(height, certain=single) for height in heights[:, -1]]
    labels = [
        EndLabel(at=top - height / 2, text=f"{styles[name].label} {count}", colour=styles[name].colour)
        for name, top, height, count in zip(from_deepest, tops, heights[:, -1], counts, strict=True)
        if name == deepest or heights[from_deepest.index(name)].max() > 0
    ]
    conditional_count = count_text(conditional.iloc[-1], certain=single)
    text = f"Would {promise(deepest, scenario)} if the conditions were met {conditional_count}"
    labels.append(EndLabel(at=float(conditional.iloc[-1]), text=text, colour=INK, dashes=DASHED))
    label_ends(axes, labels, width=LABELS)
    footer(fig, scenario, replicates=replicates(tables), seed=seed)
    return fig


def _stances_title(means: pd.DataFrame, scenario: Scenario, *, single: bool) -> str:
    headline, deepest = scenario.proposal.headline, scenario.deepest
    option = deepest if headline == ABSTAIN else headline
    action, holding = promise(option, scenario), means[states_column(option)]
    first, last, then = (
        count_text(mean, certain=single)
        for mean in (holding.iloc[0], holding.iloc[-1], means[conditional_column(deepest)].iloc[-1])
    )
    never = not holding.any()
    if first != last:
        move = "rise" if holding.iloc[-1] > holding.iloc[0] else "fall"
        text = f"States that would {action} {move} from {first} to {last}{'' if single else ' on average'}"
    elif never:
        text = f"No state would {action}"
    else:
        stays = means.index.size > 1 and len({count_text(mean, certain=single) for mean in holding}) == 1
        noun = "state" if last == "1" else "states"
        text = f"{'' if single else 'On average '}{last} {noun} would {action}{' throughout' if stays else ''}"
    if option != deepest:
        return f"{text}; {then} would {promise(deepest, scenario)} if the conditions were met"
    return text if then == last else f"{text}; {then} would if the conditions were met"
