"""A factor as an axis: its levels in order, their positions, and how its values are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.text.numbers import setting_number, with_unit
from sim.text.setting_names import SettingName

type Values = NDArray[np.float64]

STEEP = 8.0  # ratio of largest to smallest number from which uneven steps count as a logarithmic range
BEYOND = 0.03  # share of its length by which the axis of a curve is extended at either end


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One factor with its levels, or with ranges of values if a sample has too many different ones."""

    factor: str
    named: SettingName
    levels: tuple[Any, ...]  # ascending numbers, or labels in their order; of ranges the middles
    words: tuple[str, ...] = ()  # names of the labels; none for numbers
    is_log: bool = False
    bounds: tuple[float, ...] = ()  # of ranges
    ends: tuple[float, float] | None = None  # its limits, if they are not those of the cells of its levels

    @property
    def is_labelled(self) -> bool:
        """Whether its levels are labels."""
        return bool(self.words)

    @property
    def is_ranged(self) -> bool:
        """Whether its levels are ranges of several values each."""
        return bool(self.bounds)

    @property
    def label(self) -> str:
        """The label of the axis, with its unit."""
        return self.named.label

    @property
    def middles(self) -> Values:
        """The position of each level on the axis."""
        if self.is_labelled:
            return np.arange(len(self.levels), dtype=np.float64)
        return np.asarray(self.levels, dtype=np.float64)

    @property
    def edges(self) -> Values:
        """The limits of the cells of the levels, half-way between neighbours."""
        if self.ends is not None:
            return np.array([self.ends[0], *replace(self, ends=None).edges[1:-1], self.ends[1]])
        if self.bounds:
            return np.asarray(self.bounds, dtype=np.float64)
        middles = np.log(self.middles) if self.is_log else self.middles
        if len(middles) == 1:
            half = 0.5
            edges = np.array([middles[0] - half, middles[0] + half])
        else:
            between = (middles[1:] + middles[:-1]) / 2
            first, last = middles[0] - (between[0] - middles[0]), middles[-1] + (middles[-1] - between[-1])
            edges = np.concatenate([[first], between, [last]])
        return np.asarray(np.exp(edges) if self.is_log else edges, dtype=np.float64)

    def for_curve(self) -> Axis:
        """Return the axis of a curve, which extends a little beyond the first and the last level."""
        if self.is_labelled or len(self.levels) < 2:
            return self
        first, last = self.middles[[0, -1]]
        if self.is_log:
            beyond = (last / first) ** BEYOND
            return replace(self, ends=(float(first / beyond), float(last * beyond)))
        beyond = BEYOND * (last - first)
        return replace(self, ends=(float(first - beyond), float(last + beyond)))

    def level_indices(self, values: pd.Series) -> NDArray[np.intp]:
        """Return the index of the level to which each value belongs; -1 for none."""
        if self.bounds:
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            indices = np.clip(np.searchsorted(self.bounds, numbers, side="right") - 1, 0, len(self.levels) - 1)
            return np.where(np.isnan(numbers), -1, indices)
        return np.asarray(pd.Index(self.levels).get_indexer(pd.Index(values)), dtype=np.intp)

    def text(self, value: float) -> str:
        """Return a value as a sentence writes it, with its unit unless that only names a range."""
        if self.is_labelled:
            return self.words[min(len(self.words) - 1, max(0, round(value)))]
        return with_unit(setting_number(value), self.named.unit)

    def scaled(self, values: Values) -> Values:
        """Return positions as shares of the length of the axis, from 0 at its first edge to 1 at its last."""
        edges = self.edges
        low, high = (np.log(edges[[0, -1]])) if self.is_log else edges[[0, -1]]
        with np.errstate(divide="ignore", invalid="ignore"):
            positions = np.log(values) if self.is_log else values
        return np.asarray((positions - low) / (high - low), dtype=np.float64)


def axis_of(
    values: pd.Series,
    factor: str,
    named: SettingName,
    *,
    order: Sequence[Any] = (),
    ranges: int = 0,
    is_log: bool = False,
) -> Axis:
    """Make the axis of a factor from its values.

    Parameters
    ----------
    values : Series
        The values, one per point.
    factor : str
        The name of the factor.
    named : SettingName
        Its name in sentences, and its unit.
    order : sequence, optional
        The order of its labels, if it is known.
    ranges : int, optional
        The number of ranges into which more numbers than that are grouped; 0 for none.
    is_log : bool, optional
        Whether the factor is spaced logarithmically. Evenly spaced numbers on a logarithmic scale are recognised.
    """
    if is_labelled(values):
        present = list(dict.fromkeys(values.dropna()))
        ordered = [level for level in order if level in present]
        levels = [*ordered, *(level for level in present if level not in ordered)]
        return Axis(factor=factor, named=named, levels=tuple(levels), words=tuple(map(level_name, levels)))
    numbers = np.unique(values.dropna().to_numpy(dtype=np.float64))
    if not len(numbers):
        return Axis(factor=factor, named=named, levels=())
    log = bool(numbers[0] > 0.0 and (is_log or _is_spaced_log(numbers)))
    if ranges and len(numbers) > ranges:
        spaced = np.geomspace if log else np.linspace
        bounds = spaced(numbers[0], numbers[-1], ranges + 1)
        middles = np.sqrt(bounds[1:] * bounds[:-1]) if log else (bounds[1:] + bounds[:-1]) / 2
        return Axis(
            factor=factor, named=named, levels=tuple(middles.tolist()), is_log=log, bounds=tuple(bounds.tolist())
        )
    return Axis(factor=factor, named=named, levels=tuple(numbers.tolist()), is_log=log)


def is_labelled(values: pd.Series) -> bool:
    """Return whether a factor's values are labels rather than numbers."""
    return bool(pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values))


def level_name(level: Any) -> str:
    """Return the name of a label in figures and sentences."""
    return {"true": "yes", "false": "no"}.get(str(level).lower(), str(level).replace("_", " "))


def _is_spaced_log(numbers: Values) -> bool:
    if len(numbers) < 4 or numbers[0] <= 0.0 or numbers[-1] / numbers[0] < STEEP:
        return False
    steps, ratios = np.diff(numbers), np.diff(np.log(numbers))
    return bool(ratios.std() / ratios.mean() < 0.5 * steps.std() / steps.mean())
