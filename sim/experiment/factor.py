"""The factors of an experiment: ranges, lists of levels and named choices, with levels for numbers between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

type Array = np.ndarray
type Level = float | int | str

AS_IT_IS = "as it is"  # the level at which a factor leaves the scenario unchanged

_LN2 = 0.6931471805599453
_DIGITS = 12  # of a level, so that it is printed as 0.3 rather than 0.30000000000000004


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from low to high."""

    name: str
    low: float
    high: float
    steps: int | None = None
    scale: Literal["linear", "log"] = "linear"
    is_whole: bool = False
    unit: str = ""
    about: str = ""

    is_numeric = True

    @property
    def levels(self) -> tuple[float, ...] | tuple[int, ...]:
        """The levels of a grid, empty without a number of steps; whole numbers occur once."""
        if self.steps is None:
            return ()
        part = np.arange(self.steps) / (self.steps - 1)
        values = self._between(self.low, self.high, part)
        if self.is_whole:
            return tuple(dict.fromkeys(int(value) for value in np.floor(values + 0.5)))
        inner = (float(f"{value:.{_DIGITS}g}") for value in values[1:-1])
        return (self.low, *inner, self.high)

    def at(self, unit: Array) -> Array:
        """Return the numbers for positions between 0 and 1; on a linear scale whole numbers are equally likely."""
        if not self.is_whole:
            return np.clip(self._between(self.low, self.high, unit), self.low, self.high)
        if self.scale == "linear":
            values = np.floor(self.low + unit * (self.high - self.low + 1.0))
        else:
            values = np.floor(self._between(self.low - 0.5, self.high + 0.5, unit) + 0.5)
        return np.clip(values, self.low, self.high).astype(np.int64)

    def _between(self, low: float, high: float, part: Array) -> Array:
        if self.scale == "linear":
            return low + (high - low) * part
        ratio = float((Decimal(high) / Decimal(low)).ln())
        return low * _exp(ratio * part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Listed levels: all numbers, or all words."""

    name: str
    levels: tuple[float, ...] | tuple[int, ...] | tuple[str, ...]
    is_numeric: bool
    is_whole: bool = False
    unit: str = ""
    about: str = ""

    def at(self, unit: Array) -> Array:
        """Return the levels for positions between 0 and 1; all levels are equally likely."""
        return listed(self)[_indices(unit, len(self.levels))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Labels of sets of changes, or of scenarios."""

    name: str
    levels: tuple[str, ...]
    about: str = ""

    is_numeric = False
    is_whole = False
    unit = ""

    def at(self, unit: Array) -> Array:
        """Return the labels for positions between 0 and 1; all labels are equally likely."""
        return listed(self)[_indices(unit, len(self.levels))]


type Factor = Range | Levels | Choices


def listed(factor: Factor) -> Array:
    """Return the levels of a factor as an array with the type of its column."""
    if not factor.is_numeric:
        return np.array(factor.levels, dtype=object)
    return np.array(factor.levels, dtype=np.int64 if factor.is_whole else np.float64)


def _indices(unit: Array, count: int) -> Array:
    return np.minimum(np.floor(unit * count).astype(np.int64), count - 1)


def _exp(x: Array) -> Array:
    """Return e to the power of x; only correctly rounded operations, so that all machines give the same bits."""
    turns = np.rint(x / _LN2)
    rest = x - turns * _LN2
    total = np.ones_like(rest)
    for n in range(20, 0, -1):
        total = 1.0 + total * rest / n
    return np.ldexp(total, turns.astype(np.int64))
