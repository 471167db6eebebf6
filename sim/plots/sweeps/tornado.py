"""Tornado diagrams: the effect of each factor on an outcome as bars, the longest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.analysis.sensitivity_indices import morris_effects, saltelli_indices, swings
from sim.analysis.sweep_view import SweepView
from sim.errors import FigureError, ModelError
from sim.experiment import Experiment
from sim.experiment.schema import Morris, OneAtATime, Saltelli
from sim.plots.style import (
    BODY,
    FLOOR,
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
    type_width,
    under_defaults,
    wrapped,
)
from sim.plots.sweeps.axis import cut
from sim.plots.sweeps.layout import footer, tick
from sim.plots.sweeps.phase import swatch
from sim.text.factor_axis import level_name
from sim.text.numbers import percent, setting_number
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import setting_name
from sim.text.words import capitalised

MOST_BARS = 20
type Values = NDArray[np.float64]

LOWERED, RAISED, OTHERWISE = "#C98A3C", "#1D3F63", "#7C8791"
TOTAL, FIRST = "#A9BFD3", "#1D3F63"
DIAMOND = "diamond"  # the marker of sigma in the key
ONE, TWO = 11.0, 14.5  # width of the figure in inches, with one and with two columns of panels
NAMES = 2.5  # inches for the name of a factor
ROW = 0.3  # inches
UNDER = 0.52  # inches for the scale and its name
KEY = 0.44  # inches
APART = 0.4  # inches between panels
ENDS = 0.5  # inches for the label at either end, more for long labels
LONGEST_END = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One panel: an outcome, and a table of factors, the one with the largest effect first."""

    measure: OutcomeText
    table: pd.DataFrame
    dropped: int  # factors that are not shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """The measure of sensitivity that a design allows: its table, its ranking, and how it is drawn."""

    table_of: Callable[[Experiment, pd.DataFrame, str], pd.DataFrame]
    rank: str
    draw: Callable[[SweepView, Axes, Chart, float], set[str]]  # returns the colours that are used
    subtitle: str
    key: Sequence[tuple[str, str]]  # colour or marker, and its meaning


@under_defaults
def tornado(sweep: SweepView, *, outcome: str | Sequence[str], title: str = "") -> Figure:
    """Draw the effect of each factor on the outcomes as bars, by the measure that the design allows.

    one_at_a_time: the lowest and the highest mean around the baseline. saltelli: the total index with its interval,
    and the first-order index. morris: the mean absolute effect with its interval, and sigma.
    """
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    measures = [sweep.as_number(each) for each in outcomes]
    method = _method(sweep)
    try:
        charts = [_chart(sweep, measure, method) for measure in measures]
    except ModelError as error:
        raise FigureError(str(error)) from None
    columns = 1 if len(charts) == 1 else 2
    width = ONE if columns == 1 else TWO
    rows_of_panels = math.ceil(len(charts) / columns)
    names = {factor: setting_name(factor, sweep.scenario, unit="").label for factor in sweep.factors}
    most = max(len(chart.table) for chart in charts)
    labels = {factor: wrapped(text, NAMES, BODY) for factor, text in names.items()}
    row = max(ROW, max(len(text.splitlines()) for text in labels.values()) * line_height(BODY) + 0.06)
    high = most * row
    head = 0.3 if len(charts) > 1 else 0.0
    headline = title or _title(sweep, charts[0])
    above = 9.0 - content_top(figure(headline, method.subtitle, size=(width, 9.0)))
    panel = head + high + UNDER + 0.2
    fig = figure(headline, method.subtitle, size=(width, above + KEY + rows_of_panels * panel + FLOOR + 0.05))
    top = content_top(fig)
    room = (width - 2 * MARGIN - (columns - 1) * APART) / columns
    beside = max(type_width(line, BODY) for text in labels.values() for line in text.splitlines()) + 0.15
    used: set[str] = set()
    for number, chart in enumerate(charts):
        left = MARGIN + (number % columns) * (room + APART)
        upper = top - KEY - (number // columns) * panel
        if head:
            text = wrapped(capitalised(chart.measure.bare), room, BODY, weight="bold")
            draw_text(fig, left, upper - 0.02, text, weight="bold", va="top", gid="heading")
        height = len(chart.table) * row
        axes = axes_at(fig, left + beside, upper - head - height, room - beside, height)
        axes.set(ylim=(len(chart.table) - 0.5, -0.5), yticks=[])
        used |= method.draw(sweep, axes, chart, room - beside)
        for index, factor in enumerate(chart.table.index):
            y = upper - head - (index + 0.5) * row
            draw_text(
                fig, left + beside - 0.12, y, labels[str(factor)], ha="right", va="center", linespacing=1.05,
                gid="factor",
            )  # fmt: skip
    _draw_key(fig, [entry for entry in method.key if entry[0] in used], top - 0.04)
    dropped = max(chart.dropped for chart in charts)
    note = f"the {MOST_BARS} strongest of {MOST_BARS + dropped} factors" if dropped else ""
    footer(fig, sweep, sweep, note, hatched=False)
    return fig


def _method(sweep: SweepView) -> Method:
    """Return the measure of sensitivity that the design allows; FigureError if it allows none."""
    match sweep.experiment.design:
        case OneAtATime():
            return Method(
                table_of=swings,
                rank="swing",
                draw=_draw_swings,
                subtitle="Mean when one setting changes and all others keep the scenario's values; thin lines and "
                "grey: 95 % interval; at the ends: the level",
                key=(
                    (LOWERED, "at a lower level of the setting"),
                    (RAISED, "at a higher level"),
                    (OTHERWISE, "at a level without an order"),
                ),
            )
        case Saltelli():
            return Method(
                table_of=saltelli_indices,
                rank="total",
                draw=_draw_indices,
                subtitle="Share of the variance between points (Sobol' indices); thin lines: 95 % interval of the "
                "total",
                key=((FIRST, "the setting alone (first order)"), (TOTAL, "including its interactions (total)")),
            )
        case Morris():
            return Method(
                table_of=morris_effects,
                rank="mu_star",
                draw=_draw_effects,
                subtitle="Mean absolute effect of a change over a setting's whole range (Morris' mu*); thin lines: "
                "95 % interval",
                key=(
                    (TOTAL, "mean absolute effect (mu*)"),
                    (DIAMOND, "standard deviation of the effect between points (sigma)"),
                ),
            )
    raise FigureError(
        f"{sweep.experiment.name}: a tornado needs points of the design one_at_a_time, saltelli or morris; this is "
        f"{sweep.design_name}; set `design` and sweep again, or draw a figure of kind heat or cliff"
    )


def _chart(sweep: SweepView, measure: OutcomeText, method: Method) -> Chart:
    table = method.table_of(sweep.experiment, sweep.with_shares(measure), measure.column)
    table = table.sort_values(method.rank, ascending=False, kind="stable", na_position="last")
    return Chart(measure=measure, table=table.head(MOST_BARS), dropped=max(0, len(table) - MOST_BARS))


def _title(sweep: SweepView, chart: Chart) -> str:
    """Return a sentence about the setting with the largest effect on the first outcome."""
    first = str(chart.table.index[0])
    row, measure = chart.table.iloc[0], chart.measure
    name = capitalised(setting_name(first, sweep.scenario, unit="").phrase)
    of = measure.quantity
    with_unit = measure.text if measure.is_plural else measure.text_with_unit
    match sweep.experiment.design:
        case OneAtATime():
            base = measure.text(row["baseline"])
            if not row["swing"] > 0.0:
                return f"No setting changes {of} ({with_unit(row['baseline'])})"
            return (
                f"{name} has the largest effect on {of} "
                f"({measure.text(row['low'])} to {with_unit(row['high'])}; baseline {base})"
            )
        case Saltelli():
            alone, total = (percent(min(1.0, max(0.0, row[index]))) for index in ("first", "total"))
            return f"{name} explains {alone} of the variance of {of}, and {total} including its interactions"
        case _:
            if not row["mu_star"] > 0.0:
                return f"No setting changes {of}"
            effect = f"{100 * row['mu_star']:.0f} points" if measure.is_share else with_unit(row["mu_star"])
            return f"{name} has the largest effect on {of} ({effect} on average over its whole range)"


def _draw_swings(sweep: SweepView, axes: Axes, chart: Chart, width: float) -> set[str]:
    """Draw the bar of each factor on both sides of the baseline, with the levels at its ends."""
    table, measure = chart.table, chart.measure
    base = float(table["baseline"].iloc[0])
    lows, highs = sweep.bounds_of(measure)
    ends = _ends(sweep, chart, lows, highs)
    seen = [base, lows[0], highs[0], *(value for end in ends for value in (end.value, end.low, end.high))]
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    rooms = [
        max([ENDS, *(type_width(end.text, SMALL) + 0.1 for end in ends if end.is_high == side)])
        for side in (False, True)
    ]
    inch = ((high - low) or abs(high) or 1.0) / max(0.5, width - sum(rooms))
    axes.set_xlim(low - rooms[0] * inch, high + rooms[1] * inch)
    if np.isfinite([lows[0], highs[0]]).all():
        axes.axvspan(lows[0], highs[0], color=RULE, alpha=0.45, linewidth=0.0, zorder=0)
    axes.axvline(base, color=INK, linewidth=1.2, zorder=4)
    for index in np.flatnonzero(~np.isfinite(table["low"].to_numpy(dtype=np.float64))):
        axes.annotate(
            "failed", (base, index), xytext=(4, 0), textcoords="offset points", size=SMALL, color=QUIET, va="center"
        )
    for end in ends:
        axes.barh(end.index, end.value - base, left=base, height=0.62, color=end.colour, zorder=2)
        axes.plot([end.low, end.high], [end.index] * 2, color=INK, linewidth=0.8, zorder=3)
        axes.annotate(
            end.text, (max(end.value, end.high) if end.is_high else min(end.value, end.low), end.index),
            xytext=(3 if end.is_high else -3, 0), textcoords="offset points", size=SMALL, color=INK,
            ha="left" if end.is_high else "right", va="center", parse_math=False, gid="level", annotation_clip=False,
        )  # fmt: skip
    axes.annotate(
        f"baseline: {measure.text(base)}", (base, -0.5), xytext=(0, 2), textcoords="offset points", size=SMALL,
        color=QUIET, ha="center", va="bottom", gid="baseline", annotation_clip=False,
    )  # fmt: skip
    _scale(axes, measure)
    return {end.colour for end in ends}


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of a bar: the outcome with its interval, and the level of the factor."""

    index: int
    is_high: bool
    value: float
    low: float
    high: float
    text: str
    colour: str


def _ends(sweep: SweepView, chart: Chart, lows: Values, highs: Values) -> list[End]:
    """Return the ends of all bars that differ from the baseline."""
    table = chart.table
    values = sweep.with_shares(chart.measure)[chart.measure.column].to_numpy(dtype=np.float64, na_value=np.nan)
    ends = []
    for index, (factor, row) in enumerate(table.to_dict("index").items()):
        levels = sweep.points[str(factor)]
        known = [level for level in (row["low.at"], row["high.at"]) if level is not None and not pd.isna(level)]
        for side in ("low", "high"):
            level, value = row[f"{side}.at"], float(row[side])
            if not np.isfinite(value) or value == row["baseline"]:
                continue
            there = np.flatnonzero(np.asarray(levels == level, dtype=bool) & (values == value))[0]
            bounds = float(lows[there]), float(highs[there])
            is_bound = bool(np.isfinite(bounds).all())
            text = level_name(level) if isinstance(level, str) else setting_number(float(level))
            end = End(
                index=index,
                is_high=side == "high",
                value=value,
                low=bounds[0] if is_bound else value,
                high=bounds[1] if is_bound else value,
                text=cut(text, LONGEST_END, SMALL),
                colour=_side(level, levels.iloc[0], known),
            )
            ends.append(end)
    return ends


def _side(level: object, own: object, both: Sequence[object]) -> str:
    """Return the colour of a level: below the scenario's own level, above it, or without an order.

    If the scenario has no number of its own, the two ends of the bar are compared.
    """
    if isinstance(level, str) or isinstance(own, str):
        return OTHERWISE
    number, baseline = float(str(level)), float(str(own))
    if math.isnan(baseline):
        others = [float(str(other)) for other in both if other != level]
        if not others:
            return OTHERWISE
        baseline = others[0]
    return LOWERED if number < baseline else RAISED


def _draw_indices(sweep: SweepView, axes: Axes, chart: Chart, width: float) -> set[str]:
    """Draw the total index with its interval, and the first-order index."""
    table = chart.table.clip(lower=0.0)
    end = float((table["total"] + table["total.reach"].fillna(0.0)).max())
    axes.set_xlim(0.0, max(0.05, end) * (1.0 + ENDS / max(0.5, width - ENDS)))
    for index, (_, row) in enumerate(table.iterrows()):
        axes.barh(index, row["total"], height=0.68, color=TOTAL, zorder=2)
        axes.barh(index, row["first"], height=0.3, color=FIRST, zorder=3)
        low, high = max(0.0, row["total"] - row["total.reach"]), row["total"] + row["total.reach"]
        axes.plot([low, high], [index, index], color=INK, linewidth=1.0, zorder=4)
        _at_end(axes, max(high, row["first"]), index, f"{row['total']:.2f}")
    _finish(axes, "share of the variance")
    return {TOTAL, FIRST}


def _draw_effects(sweep: SweepView, axes: Axes, chart: Chart, width: float) -> set[str]:
    """Draw the mean absolute effect with its interval, and sigma."""
    table, measure = chart.table, chart.measure
    ends = np.maximum(table["mu_star"] + table["mu_star.reach"].fillna(0.0), table["sigma"])
    axes.set_xlim(0.0, (float(ends.max()) or 1.0) * (1.0 + ENDS / max(0.5, width - ENDS)))
    for index, (_, row) in enumerate(table.iterrows()):
        axes.barh(index, row["mu_star"], height=0.62, color=TOTAL, zorder=2)
        low, high = max(0.0, row["mu_star"] - row["mu_star.reach"]), row["mu_star"] + row["mu_star.reach"]
        axes.plot([low, high], [index, index], color=INK, linewidth=1.0, zorder=3)
        axes.plot(
            row["sigma"], index, marker="D", markersize=5, color=FIRST, markeredgecolor="white", zorder=5,
            linestyle="none",
        )  # fmt: skip
        text = f"{100 * row['mu_star']:.1f}" if measure.is_share else measure.text(row["mu_star"])
        _at_end(axes, max(high, row["sigma"]) + axes.get_xlim()[1] * 0.008, index, text)
    _scale(axes, measure, effect=True)
    return {TOTAL, DIAMOND}


def _at_end(axes: Axes, end: float, index: int, text: str) -> None:
    axes.annotate(
        text, (end, index), xytext=(4, 0), textcoords="offset points", size=SMALL, color=INK, va="center", gid="value"
    )


def _scale(axes: Axes, measure: OutcomeText, *, effect: bool = False) -> None:
    if measure.is_share:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.10g}"))
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    unit = "percentage points" if measure.is_share and effect else measure.unit
    name = f"change of {measure.phrase}" if effect else measure.bare
    _finish(axes, f"{capitalised(name)} ({unit})" if unit and not name.startswith(unit) else capitalised(name))


def _finish(axes: Axes, name: str) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axes.tick_params(axis="x", labelsize=BODY, colors=INK, length=3, color=RULE, pad=3)
    axes.grid(axis="x", color=RULE, linewidth=0.6, alpha=0.7)
    axes.set_axisbelow(True)
    fig = axes.get_figure()
    assert isinstance(fig, Figure)
    width = axes.get_position().width * fig.get_figwidth()
    axes.set_xlabel(wrapped(capitalised(name), width + 1.0, BODY), size=BODY, color=INK, parse_math=False)


def _draw_key(fig: Figure, entries: Sequence[tuple[str, str]], top: float) -> None:
    wide, high = fig.get_size_inches()
    x = MARGIN
    for colour, label in entries:
        if colour == DIAMOND:
            fig.add_artist(Line2D([(x + 0.1) / wide], [(top - 0.09) / high], marker="D", markersize=5, color=FIRST))
        else:
            swatch(fig, x, top - 0.17, 0.22, colour)
        draw_text(fig, x + 0.29, top - 0.085, label, va="center", gid="key")
        x += 0.29 + type_width(label, BODY) + 0.28
