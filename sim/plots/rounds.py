"""Parts shared by figures over time: means and bands by date, the panel and the time axis."""

from __future__ import annotations

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import (
    BODY,
    FLOOR,
    INK,
    MARGIN,
    QUIET,
    SIZE,
    axes_at,
    content_top,
    minimal_axes,
)
from sim.results.tables import RunTables
from sim.scenario.scheduled_changes import forced_rounds, rounds_of
from sim.scenario.schema import Scenario
from sim.text.numbers import counted

LABELS = 2.15  # inches for the labels of lines and bands at the right
BAND = (0.05, 0.95)  # quantiles over replicates
DOTTED = (0.0, (1.0, 1.6))
DASHED = (0.0, (3.0, 1.2))


def replicates(tables: RunTables) -> int:
    """Return the number of replicates in the tables."""
    return int(tables.rounds["replicate"].nunique())


def over(tables: RunTables) -> str:
    """Return the text about what the lines show."""
    count = replicates(tables)
    return "one replicate" if count == 1 else f"mean over {count:,} replicates"


def by_date(columns: pd.DataFrame, scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Return the mean and the band of each column by date; a single round is extended to its length."""
    grouped = columns.groupby(pd.to_datetime(columns["date"]))
    values = [name for name in columns.columns if name != "date"]
    tables = {
        "low": grouped[values].quantile(BAND[0]),
        "mean": grouped[values].mean(),
        "high": grouped[values].quantile(BAND[1]),
    }
    return {part: extend_single_round(table, scenario) for part, table in tables.items()}


def extend_single_round(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return a table by date with a single round extended to its length, so that it is visible."""
    if len(table) > 1:
        return table
    end = table.set_axis(table.index + pd.Timedelta(days=scenario.round_days))
    return pd.concat([table, end])


def panel(fig: Figure, tables: RunTables, scenario: Scenario) -> Axes:
    """Return the axes of a figure with one panel: time on the horizontal axis, labels at the right."""
    left, bottom = MARGIN + 0.65, FLOOR + 0.5
    axes = axes_at(fig, left, bottom, SIZE[0] - left - LABELS - 0.1, content_top(fig) - bottom - 0.08)
    dates = pd.DatetimeIndex(pd.to_datetime(tables.rounds["date"]).unique()).sort_values()
    time_axis(axes, extend_single_round(pd.DataFrame(index=dates), scenario).index)
    label, changes = time_label(dates, scenario), dates_of_changes(scenario, dates)
    for date in changes:
        axes.axvline(date, color=INK, linewidth=1.0, linestyle=DOTTED, gid="change")  # type: ignore[arg-type]
    if changes:
        label += "; vertical lines: changes of settings or forced stances"
    axes.set_xlabel(label, size=BODY, color=QUIET)
    return axes


def dates_of_changes(scenario: Scenario, dates: pd.DatetimeIndex) -> list[pd.Timestamp]:
    """Return the dates after the first round at which a forced stance or a change begins or ends."""
    spans = [rounds_of(scenario, change.at, change.until) for change in scenario.changes]
    spans += [rounds for _, _, rounds in forced_rounds(scenario)]
    numbers = sorted({bound for span in spans if span for bound in (span.start, span.stop)})
    return [dates[number - 1] for number in numbers if 1 < number <= len(dates)]


def time_axis(axes: Axes, dates: pd.Index, *, few: bool = False) -> None:
    """Format the horizontal axis as time, from the first date to the last; few: with few ticks."""
    minimal_axes(axes)
    locator = mdates.AutoDateLocator(minticks=2 if few else 4, maxticks=4 if few else 9)
    axes.xaxis.set_major_locator(locator)
    formats = ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%S"]
    formatter = mdates.ConciseDateFormatter(
        locator, formats=formats, zero_formats=["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M"], show_offset=False
    )
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlim(dates[0], dates[-1])


def time_label(dates: pd.Index, scenario: Scenario) -> str:
    """Return the label of the time axis: the years and the length of a round."""
    years = sorted({dates[0].year, dates[-1].year})
    length = "a week" if scenario.round_days == 7 else counted(scenario.round_days, "day")
    return f"{' to '.join(map(str, years))}, rounds of {length}"
