"""Figure of the environment over time."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from sim.plots.rounds import (
    DOTTED,
    by_date,
    extend_single_round,
    over,
    replicates,
    time_axis,
    time_label,
)
from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    SIZE,
    SMALL,
    axes_at,
    content_top,
    draw_text,
    figure,
    footer,
    under_defaults,
)
from sim.results.tables import RunTables
from sim.scenario.environment_process import Schedule
from sim.scenario.field_types import as_label
from sim.scenario.schema import QUANTITIES, Scenario
from sim.text.heading import with_heading
from sim.text.words import PHASE_CLAIMS, quantity_name

DRIVER = "#3E4A56"
PHASES = (("Fighting", "#6B4A3A"), ("Limited truce", "#C49A7A"), ("Permanent ceasefire", "#EADFD2"))


@under_defaults
def environment_by_round(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw the quantities of the environment with their spread, and the phase of the ceasefire."""
    summary = by_date(tables.rounds[[*quantities(scenario), "date"]], scenario)
    shares = _phases(tables.rounds, scenario)
    single = replicates(tables) == 1
    band = "" if single else "; bands hold 90% of replicates"
    conditions = scenario.conditions.model_dump()
    fig = figure(
        _environment_title(summary["mean"], shares, scenario, single=single),
        with_heading(scenario, f"Environment, {over(tables)}{band}; dotted: thresholds of the conditions"),
        size=(SIZE[0], 7.6),
    )
    top, strip, gap, left = content_top(fig), 0.85, 0.68, MARGIN + 0.35
    inner, right = 0.8, SIZE[0] - MARGIN - 0.35
    wide = (right - left - 2 * inner) / 3
    high = (top - FLOOR - 0.42 - strip - 2 * gap - 0.22) / 2
    for index, (name, words) in enumerate(quantities(scenario).items()):
        row, column = divmod(index, 3)
        axes = axes_at(fig, left + column * (wide + inner), top - 0.22 - high - row * (high + gap), wide, high)
        low, mean, upper = (summary[part][name] for part in ("low", "mean", "high"))
        time_axis(axes, mean.index, few=True)
        axes.set(ylim=(-0.02, 1.02), yticks=[0, 0.5, 1])
        axes.set_title(words, loc="left", size=BODY, weight="bold", color=INK, pad=6)
        if name in conditions:
            axes.axhline(conditions[name], color=INK, linewidth=1.0, linestyle=DOTTED)
        stepped = _is_stepped(scenario, name)
        if not single:
            edge: Literal["post"] | None = "post" if stepped else None
            axes.fill_between(mean.index, low, upper, color=DRIVER, alpha=0.18, linewidth=0, step=edge)
        axes.plot(mean.index, mean, color=DRIVER, linewidth=2.0, drawstyle="steps-post" if stepped else "default")
        axes.plot(mean.index[-1], mean.iloc[-1], marker="o", markersize=4, color=DRIVER, clip_on=False)
        axes.annotate(
            f"{mean.iloc[-1]:.2f}", (mean.index[-1], mean.iloc[-1]), xytext=(6, 0), textcoords="offset points",
            size=BODY, weight="bold", color=DRIVER, va="center", annotation_clip=False,
        )  # fmt: skip
        if column == 0:
            axes.set_ylabel("0 to 1", size=SMALL, color=QUIET)
    axes = axes_at(fig, left, FLOOR + 0.42, right - left, strip)
    time_axis(axes, shares.index)
    axes.stackplot(
        shares.index, shares.to_numpy().T, colors=[colour for _, colour in PHASES], edgecolor="white", linewidth=0.5
    )
    axes.set(ylim=(0, 1), yticks=[0, 1])
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:.0%}"))
    axes.set_title(
        "Phase of the ceasefire, share of replicates", loc="left", size=BODY, weight="bold", color=INK, pad=6
    )
    axes.set_xlabel(time_label(shares.index, scenario), size=BODY, color=QUIET)
    _phase_key(fig, axes, shares)
    footer(fig, scenario, replicates=replicates(tables), seed=seed)
    return fig


def quantities(scenario: Scenario) -> dict[str, str]:
    """Return the labels of the quantities of the environment; without opposition if there is no opponent."""
    shown = {name: as_label(quantity_name(name, scenario)) for name in QUANTITIES}
    if scenario.opponent is None:
        del shown["russian_opposition"]
    return shown


def _is_stepped(scenario: Scenario, quantity: str) -> bool:
    """Return whether a quantity keeps each value until the next date of its schedule."""
    process = getattr(scenario.environment, quantity)
    return isinstance(process, Schedule) and process.between == "step"


def _environment_title(means: pd.DataFrame, shares: pd.DataFrame, scenario: Scenario, *, single: bool) -> str:
    change = means.iloc[-1] - means.iloc[0]
    most = str(change.abs().idxmax())
    before, after = means[most].iloc[0], means[most].iloc[-1]
    if abs(after - before) < 0.05:
        text = "The environment hardly changes"
    else:
        text = f"{quantities(scenario)[most]} {'rises' if after > before else 'falls'} from {before:.2f} to {after:.2f}"
    last = shares.iloc[-1]
    phase = int(last.to_numpy().argmax())
    often = "at the end" if single else f"in {last.iloc[phase]:.0%} of replicates"
    return f"{text}; {PHASE_CLAIMS[phase]} {often}"


def _phases(rounds: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the share of replicates in each phase of the ceasefire by date."""
    shares = pd.crosstab(pd.to_datetime(rounds["date"]), rounds["phase"].astype(int), normalize="index")
    return extend_single_round(shares.reindex(columns=range(len(PHASES)), fill_value=0.0), scenario)


def _phase_key(fig: Figure, axes: Axes, shares: pd.DataFrame) -> None:
    """Draw the legend of the phases at the right of the title of the strip, with the last shares."""
    box = axes.get_position()
    wide, high = fig.get_size_inches()
    x, y = box.x1 * wide, box.y1 * high + 0.13
    for (words, colour), share in reversed(list(zip(PHASES, shares.iloc[-1], strict=True))):
        text = draw_text(fig, x, y, f"{words} {share:.0%}", size=BODY, ha="right", va="center")
        x -= text.get_window_extent(fig.canvas.get_renderer()).width / fig.dpi + 0.08  # type: ignore[attr-defined]
        draw_text(fig, x, y, "■", size=BODY + 3, color=colour, ha="right", va="center")
        x -= 0.32
