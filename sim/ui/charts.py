"""Charts that the browser draws: options for ECharts, with the colours and labels of the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots.style import INK, QUIET, RULE, option_styles
from sim.scenario import Scenario
from sim.scenario.field_types import as_label
from sim.scenario.schema import ABSTAIN
from sim.text.words import promise, quantity_name
from sim.theory.choice import ENVIRONMENT

type Option = dict[str, Any]

QUANTITY_COLOURS = ("#1B4F9C", "#A63A50", "#7B5EA7", "#00A0C6", "#117733", "#8A7F2A")
PLOT = 250  # px from the top of a chart to its axis
WIDTH = 270.0  # px, the least width of a legend
TYPE = {"fontFamily": "Roboto, sans-serif", "color": INK}


def stances(rounds: pd.DataFrame, scenario: Scenario, changes: Sequence[int] = ()) -> Option:
    """Chart the number of states that hold each option by round, and of those that would hold the deepest.

    rounds: one row per round, with the columns of a run's table of rounds. changes: rounds after which a setting was
    changed.
    """
    styles, deepest = option_styles(scenario), scenario.deepest
    options = [name for name in reversed(scenario.option_names) if name != ABSTAIN]
    series: list[Option] = [
        {
            "name": styles[name].label,
            "type": "line",
            "stack": "states",
            "symbol": "none",
            "lineStyle": {"width": 0},
            "areaStyle": {"color": styles[name].colour, "opacity": 1},
            "itemStyle": {"color": styles[name].colour},
            "data": _values(rounds[states_column(name)]),
        }
        for name in options
    ]
    if conditional_column(deepest) in rounds:
        series.append(
            _line(
                f"Would {promise(deepest, scenario)} if the conditions were met",
                INK,
                _values(rounds[conditional_column(deepest)]),
                dashed=True,
            )
        )
    asked = len(scenario.roster.asked)
    return _chart(series, scenario, unit="states", top=asked, changes=changes)


def soldiers(rounds: pd.DataFrame, scenario: Scenario, changes: Sequence[int] = ()) -> Option:
    """Chart the soldiers declared for each option by round, with bands if the table has them, and the ask."""
    styles = option_styles(scenario)
    offering = [name for name in reversed(scenario.option_names) if name != ABSTAIN and scenario.menu[name].share > 0]
    series = []
    for name in offering:
        series += _banded(styles[name].label, styles[name].colour, rounds, personnel_column(name))
    series.append(_line("Ask for the headline in force", INK, _values(rounds["ask"]), dashed=True, stepped=True))
    has_bands = any(str(column).endswith(".p05") for column in rounds)
    unit = "soldiers; bands: 90% of replicates" if has_bands else "soldiers"
    return _chart(series, scenario, unit=unit, changes=changes)


def environment(rounds: pd.DataFrame, scenario: Scenario, changes: Sequence[int] = ()) -> Option:
    """Chart the environment and deterrence by round."""
    names: dict[str, str] = {
        **{name: quantity_name(name, scenario) for name in ENVIRONMENT},
        "deterrence": "deterrence",
    }
    colours = dict(zip(names, (*QUANTITY_COLOURS, INK), strict=True))
    if scenario.opponent is None:
        del names["russian_opposition"], names["deterrence"]
    series = []
    for column, name in names.items():
        colour = colours[column]
        series += _banded(as_label(name), colour, rounds, column, band=False)
    return _chart(series, scenario, unit="0 to 1", top=1.0, changes=changes)


def _banded(label: str, colour: str, rounds: pd.DataFrame, column: str, *, band: bool = True) -> list[Option]:
    """Return a line, with the band from its 5th to its 95th percentile if the table has it."""
    series = [_line(label, colour, _values(rounds[column]))]
    if band and f"{column}.p05" in rounds:
        low, high = rounds[f"{column}.p05"], rounds[f"{column}.p95"]
        edge: Option = {"type": "line", "symbol": "none", "stack": f"band of {column}", "lineStyle": {"opacity": 0}}
        edge |= {"silent": True, "tooltip": {"show": False}}
        series += [
            edge | {"name": label, "data": _values(low), "itemStyle": {"color": colour}},
            edge
            | {
                "name": label,
                "data": _values(high - low),
                "itemStyle": {"color": colour},
                "areaStyle": {"color": colour, "opacity": 0.16},
            },
        ]
    return series


def _line(name: str, colour: str, data: list[float], *, dashed: bool = False, stepped: bool = False) -> Option:
    return {
        "name": name,
        "type": "line",
        "symbol": "none",
        "step": "end" if stepped else False,
        "z": 5,
        "lineStyle": {"color": colour, "width": 2, "type": "dashed" if dashed else "solid"},
        "itemStyle": {"color": colour},
        "data": data,
    }


def _values(values: pd.Series) -> list[float]:
    """Round the values to six significant digits, which is more than a line can show."""
    return [float(f"{value:.6g}") for value in values.tolist()]


def _chart(
    series: list[Option], scenario: Scenario, *, unit: str, top: float | None = None, changes: Sequence[int] = ()
) -> Option:
    if changes and series:
        series[-1]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "label": {"show": False},
            "lineStyle": {"color": QUIET, "type": "dotted", "width": 1.5},
            "data": [{"xAxis": str(after)} for after in changes],
        }
    axis = {
        "nameTextStyle": {"color": QUIET, "align": "left"},
        "axisLabel": {"color": INK},
        "splitLine": {"lineStyle": {"color": RULE}},
    }
    names = list(dict.fromkeys(each["name"] for each in series))
    dashed = [each["name"] for each in series if each["lineStyle"].get("type") == "dashed"]
    return {
        "animation": False,
        "textStyle": TYPE,
        "grid": {"left": 58, "right": 18, "top": 34, "bottom": 46 + 21 * _legend_lines(names)},
        "legend": {
            "data": [{"name": name} if name in dashed else {"name": name, "icon": "roundRect"} for name in names],
            "bottom": 0,
            "left": 0,
            "itemWidth": 18,
            "itemHeight": 9,
            "textStyle": {"color": INK, "fontSize": 12},
        },
        "tooltip": {"trigger": "axis", "confine": True, "order": "seriesDesc"},
        "xAxis": axis
        | {
            "type": "category",
            "data": [str(number) for number in range(1, scenario.rounds + 1)],
            "boundaryGap": False,
            "axisTick": {"show": False},
            "name": f"rounds of {scenario.round_days} days",
            "nameLocation": "middle",
            "nameGap": 26,
            "splitLine": {"show": False},
        },
        "yAxis": axis | {"type": "value", "min": 0, "max": top, "name": unit, "nameLocation": "end", "nameGap": 12},
        "series": series,
    }


def text_of(option: Option) -> str:
    """Return the last value of each line of a chart, for screen readers."""
    last = {each["name"]: each["data"][-1] for each in reversed(option["series"]) if each["data"]}
    return "; ".join(f"{name}: {value:,.4g}" for name, value in reversed(last.items())) or "no round has been simulated"


def height(option: Option) -> int:
    """Return the height of a chart in pixels: a fixed plot and the legend under it."""
    return PLOT + int(option["grid"]["bottom"])


def _legend_lines(names: Sequence[str]) -> int:
    """Return the number of lines of the legend in a chart of usual width."""
    lines, used = 1, 0.0
    for name in names:
        width = 34.0 + 6.6 * len(name)
        if used and used + width > WIDTH:
            lines, used = lines + 1, 0.0
        used += width
    return lines
