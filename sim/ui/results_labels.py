"""Labels of the columns of result tables, and the format of their values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.plots.style import OptionStyle, option_styles
from sim.results.outcomes import numeric_outcomes
from sim.scenario import Scenario
from sim.scenario.field_types import as_label
from sim.text.numbers import outcome_number
from sim.text.outcome_names import outcome_text
from sim.text.setting_names import SettingName, setting_name
from sim.text.words import capitalised
from sim.ui.result_reader import OUTCOMES, POINTS, SHARES, SPREADS, StoredResult

UNKNOWN = "–"
SPREAD = {
    "mean": "Mean",
    "sd": "Standard deviation",
    "p05": "5th percentile",
    "p50": "Median",
    "p95": "95th percentile",
}
STATISTICS = SPREAD | {"low": "95 % interval of the mean, lower end", "high": "95 % interval of the mean, upper end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The label and unit of a column, and whether it is a share that is written in %."""

    text: str
    unit: str = ""
    is_share: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of columns, outcomes and options; the names of columns if the scenario cannot be read."""

    head: Callable[[str, str], Head]  # of a table and a column
    outcome: Callable[[str], str] = field(default=str)
    styles: dict[str, OptionStyle] = field(default_factory=dict)


def labels_of(stored: StoredResult) -> Labels:
    """Return the labels of a run or a sweep."""
    scenario = stored.scenario
    if stored.experiment is not None:
        scenario = _with_all_options(stored)
    if scenario is None:
        return Labels(head=lambda table, column: Head(text=column))
    base, styles = scenario, option_styles(scenario)

    def head(table: str, column: str) -> Head:
        if table == POINTS:
            return _of_sweep(column, stored, base)
        if table == OUTCOMES:
            return _of_run(column, base)
        if table == SHARES and column.removesuffix("_conditional") in styles:
            met = " if the conditions were met" if column.endswith("_conditional") else ""
            label = styles[column.removesuffix("_conditional")].label
            return Head(text=f"{label}{met}", unit="% of replicates", is_share=True)
        return Head(text=SPREAD.get(column, _plain(column)) if table == SPREADS else _plain(column))

    return Labels(head=head, outcome=lambda outcome: outcome_text(outcome, base).title, styles=styles)


def factor_label(stored: StoredResult, factor: str) -> str:
    """Return the label of a factor in a list of factors."""
    return _factor(stored, factor).label


def factor_name(stored: StoredResult, factor: str) -> str:
    """Return the name of a factor within a sentence."""
    return _factor(stored, factor).phrase


def _factor(stored: StoredResult, factor: str) -> SettingName:
    assert stored.experiment is not None
    return setting_name(factor, stored.experiment.bases[0], unit=stored.experiment.factor(factor).unit)


def writer(values: pd.Series, *, head: Head, by_row: bool = False) -> Callable[[Any], str]:
    """Return the function that writes the values of a column, with common decimals or, by_row, each with its own."""
    if head.is_share:
        return lambda value: UNKNOWN if _unknown(value) else f"{value:.1%}"
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return lambda value: UNKNOWN if _unknown(value) else str(value)
    if by_row:
        return lambda value: UNKNOWN if _unknown(value) else _minus(outcome_number(float(value)))
    digits = _digits(values)
    return lambda value: UNKNOWN if _unknown(value) else _minus(f"{value:,.{digits}f}")


def _digits(values: pd.Series) -> int:
    """Return the decimals of a column: as few as write its values exactly, at most as many as suit the largest."""
    known = values.astype(float).replace([math.inf, -math.inf], math.nan).dropna()
    largest = float(known.abs().max()) if len(known) else 0.0
    most = 0 if largest >= 1000 else 1 if largest >= 100 else 2 if largest >= 2 else 3
    return next((digits for digits in range(most) if (known.round(digits) == known).all()), most)


def _unknown(value: Any) -> bool:
    return bool(pd.isna(value))


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _of_run(column: str, scenario: Scenario) -> Head:
    known = numeric_outcomes(scenario.option_names).get(column)
    if known is None and column != "headline":
        return Head(text=_plain(column))
    return Head(text=outcome_text(column, scenario).title, unit="" if known is None else known.unit)


def _of_sweep(column: str, stored: StoredResult, scenario: Scenario) -> Head:
    experiment = stored.experiment
    assert experiment is not None
    if column in {factor.name for factor in experiment.factors}:
        named = _factor(stored, column)
        return Head(text=as_label(named.phrase), unit=named.unit)
    outcome, _, statistic = column.rpartition(".")
    if statistic in STATISTICS and outcome in experiment.outcomes:
        measured = outcome_text(outcome, scenario)
        is_share = measured.is_share and statistic != "sd"
        unit = measured.unit if is_share or not measured.is_share else ""
        return Head(text=f"{measured.title}: {STATISTICS[statistic].lower()}", unit=unit, is_share=is_share)
    if column in experiment.outcomes or outcome in experiment.outcomes:
        measured = outcome_text(column, scenario)
        unit = measured.unit if measured.is_share or measured.is_option else f"{measured.unit}, mean".lstrip(", ")
        return Head(text=measured.title, unit=unit, is_share=measured.is_share)
    return Head(text={"runs": "Runs"}.get(column, _plain(column)))


def _with_all_options(stored: StoredResult) -> Scenario:
    """Return the first scenario of a sweep with the options of all its scenarios on the menu."""
    assert stored.experiment is not None
    first, *_ = bases = stored.experiment.bases
    return first.model_copy(update={"menu": {name: option for each in bases for name, option in each.menu.items()}})


def _plain(column: str) -> str:
    return capitalised(column.replace("_", " "))


def is_number(values: pd.Series) -> bool:
    """Return whether the values of a column are numbers, which are aligned to the right."""
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
