"""The points of a sweep prepared for figures: factors as axes, outcomes by level, by cell and by point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.interval import interval
from sim.errors import FigureError
from sim.experiment import Experiment
from sim.experiment.design import name_of
from sim.experiment.factor import Choices, Range
from sim.experiment.schema import OneAtATime
from sim.results.outcomes import is_option
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.factor_axis import Axis, axis_of, is_labelled, level_name
from sim.text.outcome_names import OutcomeText, outcome_text
from sim.text.setting_names import setting_name
from sim.text.words import listed

type Values = NDArray[np.float64]

FULL = 0.5  # least share of the cells of a grid that are present if levels are not grouped in ranges
FEW_LEVELS = 12  # largest number of levels that are never grouped in ranges
MOST_RANGES = 20
A_CELL = 6  # intended mean number of points per cell of two grouped factors


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """An outcome by level of a factor, with its 95 % interval; NaN where nothing was simulated."""

    mean: Values
    low: Values
    high: Values
    failed: NDArray[np.bool_]  # levels at which points failed and none succeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Outcomes by cell of two factors, as [outcome, level of y, level of x]; NaN where nothing was simulated."""

    means: Values
    failed: NDArray[np.bool_]  # [level of y, level of x]: points failed and none succeeded


@dataclass(frozen=True, kw_only=True)
class SweepView:
    """The points of a sweep, or a part of them, with their experiment."""

    experiment: Experiment
    points: pd.DataFrame
    scenarios: Mapping[str, Scenario]  # by their names in the experiment; at least one

    @cached_property
    def scenario(self) -> Scenario:
        """The first scenario, with all options that are on the menu of any scenario or of any choice."""
        first = next(iter(self.scenarios.values()))
        menu = {name: option for each in self.scenarios.values() for name, option in each.menu.items()}
        for _, row in self._rows_of_choices():
            if menu.keys() >= {*self.experiment.options} - {ABSTAIN}:
                break
            menu = dict(self.experiment.scenario_at(row).menu) | menu
        return first.model_copy(update={"menu": menu})

    def _rows_of_choices(self) -> Iterator[tuple[str, pd.Series]]:
        """Yield the first successful point of each choice, since a choice may add options to the menu."""
        for factor in self.experiment.factors:
            if isinstance(factor, Choices) and factor.name in self.points.columns:
                for level, rows in self.played.groupby(factor.name):
                    yield str(level), rows.iloc[0]

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """The factors that are varied, in the order of the table."""
        return tuple(factor.name for factor in self.experiment.factors if factor.name in self.points.columns)

    @cached_property
    def played(self) -> pd.DataFrame:
        """The points that did not fail."""
        return self.points[self.points["runs"] > 0]

    @property
    def design_name(self) -> str:
        """The name of the design in experiment files."""
        return name_of(self.experiment.design)

    @property
    def failed(self) -> int:
        """The number of points that failed."""
        return len(self.points) - len(self.played)

    def only(self, factor: str, level: Any) -> SweepView:
        """Return the points with this level of a factor."""
        return SweepView(
            experiment=self.experiment,
            points=self.points[_same(self.points[factor], level)],
            scenarios=self.scenarios,
        )

    def shown_with(self, *factors: str | None) -> SweepView:
        """Return the points for a figure of these factors; FigureError for a factor that is not varied.

        With a one_at_a_time design these are the points at which all other factors have their baseline values.
        """
        shown = [factor for factor in factors if factor is not None]
        for factor in shown:
            self.require(factor)
            if shown.count(factor) > 1:
                raise FigureError(f"{self.experiment.name}: '{factor}' cannot be shown twice; name different factors")
        if not isinstance(self.experiment.design, OneAtATime):
            return self
        others = [factor for factor in self.factors if factor not in shown]
        if not others:
            return self
        baseline = self.points.iloc[0]
        same = np.logical_and.reduce([_same(self.points[other], baseline[other]) for other in others])
        return SweepView(experiment=self.experiment, points=self.points[same], scenarios=self.scenarios)

    def require(self, factor: str) -> None:
        """Raise FigureError if the sweep does not vary a factor."""
        if factor not in self.factors:
            known = listed([*self.factors]) if self.factors else "nothing"
            raise FigureError(
                f"{self.experiment.name}: '{factor}' is not varied in this experiment, which varies {known}; "
                "name one of these, or add it under `vary`"
            )

    def measure(self, outcome: str) -> OutcomeText:
        """Return the texts of an outcome; FigureError if the sweep did not measure it."""
        found = outcome_text(outcome, self.scenario)
        if outcome not in self.points.columns:
            measured = ", ".join(self.outcomes) or "none"
            raise FigureError(
                f"{self.experiment.name}: the outcome '{outcome}' was not measured; measured were {measured}; "
                "name one of these, or add it under `outcomes` and sweep again"
            )
        if not len(self.played):
            raise FigureError(
                f"{self.experiment.name}: every point failed, so there is nothing to draw; `willing sweep` gives the "
                "reasons"
            )
        return found

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that were measured."""
        listed_outcomes = set(self.experiment.outcomes)
        known = {"point", "runs", *self.factors}
        return tuple(
            name for name in self.points.columns if name not in known and (name in listed_outcomes or "." not in name)
        )

    def options(self, outcome: OutcomeText) -> list[str]:
        """Return the options whose shares were measured, from the lowest rung to the highest."""
        start = f"{outcome.column}."
        there = [name.removeprefix(start) for name in self.points.columns if name.startswith(start)]
        known = [option for option in self.scenario.option_names if option in there]
        return [*known, *(option for option in there if option not in known and "." not in option)]

    def as_number(self, outcome: str) -> OutcomeText:
        """Return an outcome that is a number, or the share of the option that varies most if it is an option."""
        found = self.measure(outcome)
        if not found.is_option:
            return found
        columns = [f"{outcome}.{option}" for option in self.options(found)]
        moving = self.played[columns].fillna(0.0).var(ddof=0)
        return outcome_text(str(moving.idxmax()), self.scenario)

    def axis(self, factor: str, *, ranges: int = 0) -> Axis:
        """Return a factor as an axis; FigureError if it has only one level."""
        self.require(factor)
        known = self.experiment.factor(factor)
        found = axis_of(
            self.points[factor],
            factor,
            setting_name(factor, self.scenario, unit=known.unit),
            order=known.levels,
            ranges=ranges,
            is_log=isinstance(known, Range) and known.scale == "log",
        )
        if len(found.levels) < 2:
            one = f" ({level_name(found.levels[0])})" if found.levels else ""
            raise FigureError(
                f"{self.experiment.name}: '{factor}' has only one level in the sweep{one}, so it "
                "cannot be an axis; give it at least two under `vary`"
            )
        return found

    def line(self, factor: str) -> Axis:
        """Return a factor as the axis of a curve, with the many values of a sample grouped in ranges."""
        values = self.points[factor] if factor in self.points else pd.Series(dtype=float)
        different = values.nunique()
        if different <= FEW_LEVELS or is_labelled(values) or self._crossed([factor]):
            return self.axis(factor).for_curve()
        return self.axis(factor, ranges=int(np.clip(different // 15, 4, MOST_RANGES))).for_curve()

    def field(self, x: str, y: str) -> tuple[Axis, Axis]:
        """Return two factors as the axes of a plane, with the many values of a sample grouped in ranges."""
        self.require(x)
        self.require(y)
        if isinstance(self.experiment.design, OneAtATime):
            raise FigureError(
                f"{self.experiment.name}: {x} and {y} are never changed together in a one_at_a_time design; "
                "use design: grid for a figure of two factors"
            )
        pairs = len(self.points[[x, y]].drop_duplicates())
        cells = self.points[x].nunique() * self.points[y].nunique()
        if pairs >= FULL * cells:
            return self.axis(x), self.axis(y)
        ranges = int(np.clip(np.sqrt(pairs / A_CELL), 3, MOST_RANGES))
        return self._in_ranges(x, ranges), self._in_ranges(y, ranges)

    def _in_ranges(self, factor: str, ranges: int) -> Axis:
        keeps = self.points[factor].nunique() <= FEW_LEVELS
        return self.axis(factor, ranges=0 if keeps else ranges)

    def others(self, *shown: str | None) -> list[str]:
        """Return the other factors that differ between the points."""
        return [factor for factor in self.factors if factor not in shown and self.points[factor].nunique() > 1]

    def _crossed(self, shown: Sequence[str]) -> bool:
        """Return whether the levels of these factors occur in all combinations of the others, as in a grid."""
        others = self.others(*shown)
        combinations = len(self.points[others].drop_duplicates()) if others else 1
        levels = len(self.points[list(shown)].drop_duplicates())
        return len(self.points) >= FULL * levels * combinations

    def curve(self, x: Axis, outcome: OutcomeText) -> Curve:
        """Return an outcome by level of x, averaged over the other factors, with its interval.

        In a grid the bounds are averaged as the means are, since all points share their random draws. In a sample the
        interval is that of the mean over the points of a level.
        """
        places = x.level_indices(self.points[x.factor])
        rows = [np.flatnonzero(places == level) for level in range(len(x.levels))]
        mean = np.array([_mean(self._values(outcome.column)[each]) for each in rows])
        low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        if self._crossed([x.factor]) and not x.is_ranged:
            lows, highs = self.bounds_of(outcome)
            low, high = (np.array([_mean(values[each]) for each in rows]) for values in (lows, highs))
        else:
            found = [interval(self._values(outcome.column)[each]) for each in rows]
            low, high = np.array([each.low for each in found]), np.array([each.high for each in found])
        if outcome.bounds is not None:
            low, high = np.clip(low, *outcome.bounds), np.clip(high, *outcome.bounds)
        failed = np.array([len(each) > 0 and not np.isfinite(value) for each, value in zip(rows, mean, strict=True)])
        return Curve(mean=mean, low=low, high=high, failed=failed)

    def shares(self, x: Axis, outcome: OutcomeText) -> Values:
        """Return the share of each option by level of x, as [option, level]."""
        places = x.level_indices(self.points[x.factor])
        found = [
            [_mean(self._values(f"{outcome.column}.{option}")[places == level]) for level in range(len(x.levels))]
            for option in self.options(outcome)
        ]
        return np.array(found, dtype=np.float64)

    def plane(self, x: Axis, y: Axis, columns: Sequence[str]) -> Plane:
        """Return columns of the table by cell, averaged over the other factors."""
        across, up = x.level_indices(self.points[x.factor]), y.level_indices(self.points[y.factor])
        cells = np.where((across >= 0) & (up >= 0), up * len(x.levels) + across, -1)
        size = len(x.levels) * len(y.levels)
        means = np.full((len(columns), size), np.nan)
        there = np.bincount(cells[cells >= 0], minlength=size) > 0
        for number, column in enumerate(columns):
            values = self._values(column)
            good = np.isfinite(values) & (cells >= 0)
            counts = np.bincount(cells[good], minlength=size)
            sums = np.bincount(cells[good], weights=values[good], minlength=size)
            with np.errstate(invalid="ignore"):
                means[number] = np.where(counts > 0, sums / counts, np.nan)
        shape = (len(y.levels), len(x.levels))
        failed = there & ~np.isfinite(means).any(axis=0)
        return Plane(means=means.reshape(len(columns), *shape), failed=failed.reshape(shape))

    def _values(self, column: str) -> Values:
        """Return a column of numbers; the share of an option that is not on a point's menu is 0."""
        values = self.points[column].to_numpy(dtype=np.float64, na_value=np.nan)
        if is_option(column.rpartition(".")[0]):
            values = np.where((self.points["runs"] > 0).to_numpy() & ~np.isfinite(values), 0.0, values)
        return values

    def with_shares(self, outcome: OutcomeText) -> pd.DataFrame:
        """Return the points with share 0 for an option that is not on a point's menu."""
        return self.points.assign(**{outcome.column: self._values(outcome.column)})

    def bounds_of(self, outcome: OutcomeText) -> tuple[Values, Values]:
        """Return the 95 % interval of the mean of each point; NaN if the summary has none."""
        names = f"{outcome.column}.low", f"{outcome.column}.high"
        if all(name in self.points.columns for name in names):
            return self._values(names[0]), self._values(names[1])
        values, runs = self._values(outcome.column), self.points["runs"].to_numpy(dtype=np.float64)
        if not outcome.is_share:
            return np.full(len(values), np.nan), np.full(len(values), np.nan)
        return _wilson(values, runs)


def sweep_view(experiment: Experiment, summary: pd.DataFrame) -> SweepView:
    """Return the data from which figures of a sweep are drawn; FigureError if no point was simulated."""
    if not len(summary):
        raise FigureError(f"{experiment.name}: no point was simulated, so there is nothing to draw; simulate it first")
    return SweepView(
        experiment=experiment,
        points=summary.reset_index(drop="point" in summary.columns),
        scenarios={scenario.name: scenario for scenario in experiment.bases},
    )


def _wilson(shares: Values, runs: Values) -> tuple[Values, Values]:
    """Return the 95 % interval of shares of a number of replicates (Wilson 1927)."""
    z = 1.959964
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (shares + z * z / (2 * runs)) / (1 + z * z / runs)
        half_width = z * np.sqrt(shares * (1 - shares) / runs + z * z / (4 * runs * runs)) / (1 + z * z / runs)
    return middle - half_width, middle + half_width


def _same(values: pd.Series, value: Any) -> NDArray[np.bool_]:
    """Return which points have this value of a factor; NaN, which keeps the value of the scenario, counts as one."""
    return np.asarray(values.isna() if pd.isna(value) else values == value, dtype=bool)


def _mean(values: Values) -> float:
    good = values[np.isfinite(values)]
    return float(good.mean()) if len(good) else float("nan")
