"""A factor as an axis of a figure: its levels in order, where each stands, and how the axis is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from numpy.typing import NDArray

from sim.plots.style import BODY, INK, RULE, SMALL, line_height, type_width, wrapped
from sim.plots.sweeps.names import Named

type Values = NDArray[np.float64]

STEEP = 8.0  # largest number over smallest from which on uneven steps are taken for a logarithmic range
BEYOND = 0.03  # part of its length by which the axis of a curve goes on at either end
TINY = 5.5  # points
ROTATED = 1.6  # inches that a label written upwards may take
BESIDE = 1.9  # inches that a label at the left may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One factor with its levels, or with ranges where a sample has too many different values."""

    factor: str
    named: Named
    levels: tuple[Any, ...]  # numbers that rise, or labels in their order; of ranges the middles
    words: tuple[str, ...] = ()  # what the labels are called; none for numbers
    is_log: bool = False
    bounds: tuple[float, ...] = ()  # of ranges
    ends: tuple[float, float] | None = None  # where it begins and ends, if not where the cells of its levels do

    @property
    def is_labelled(self) -> bool:
        """Whether its levels are labels."""
        return bool(self.words)

    @property
    def is_ranged(self) -> bool:
        """Whether its levels are ranges that hold several values each."""
        return bool(self.bounds)

    @property
    def label(self) -> str:
        """What stands at the axis."""
        return self.named.label

    @property
    def middles(self) -> Values:
        """Where each level stands on the axis."""
        if self.is_labelled:
            return np.arange(len(self.levels), dtype=np.float64)
        return np.asarray(self.levels, dtype=np.float64)

    @property
    def edges(self) -> Values:
        """Where the cell of each level begins and ends: half-way to its neighbours."""
        if self.ends is not None:
            return np.array([self.ends[0], *replace(self, ends=None).edges[1:-1], self.ends[1]])
        if self.bounds:
            return np.asarray(self.bounds, dtype=np.float64)
        middles = np.log(self.middles) if self.is_log else self.middles
        if len(middles) == 1:
            half = 0.5
            found = np.array([middles[0] - half, middles[0] + half])
        else:
            between = (middles[1:] + middles[:-1]) / 2
            first, last = middles[0] - (between[0] - middles[0]), middles[-1] + (middles[-1] - between[-1])
            found = np.concatenate([[first], between, [last]])
        return np.asarray(np.exp(found) if self.is_log else found, dtype=np.float64)

    def for_curve(self) -> Axis:
        """Return the axis as a curve needs it: from just before its first level to just after its last."""
        if self.is_labelled or len(self.levels) < 2:
            return self
        first, last = self.middles[[0, -1]]
        if self.is_log:
            beyond = (last / first) ** BEYOND
            return replace(self, ends=(float(first / beyond), float(last * beyond)))
        beyond = BEYOND * (last - first)
        return replace(self, ends=(float(first - beyond), float(last + beyond)))

    def places(self, values: pd.Series) -> NDArray[np.intp]:
        """Return the level that each value belongs to, by its place; -1 where there is none."""
        if self.bounds:
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            found = np.clip(np.searchsorted(self.bounds, numbers, side="right") - 1, 0, len(self.levels) - 1)
            return np.where(np.isnan(numbers), -1, found)
        return np.asarray(pd.Index(self.levels).get_indexer(pd.Index(values)), dtype=np.intp)

    def said(self, value: float) -> str:
        """Return a place on the axis as a sentence says it, with its unit where that is a thing."""
        if self.is_labelled:
            return self.words[min(len(self.words) - 1, max(0, round(value)))]
        return with_unit(shown(value), self.named.unit)

    def scaled(self, values: Values) -> Values:
        """Return places on the axis as parts of its length, 0 to 1 from its first edge to its last."""
        edges = self.edges
        low, high = (np.log(edges[[0, -1]])) if self.is_log else edges[[0, -1]]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.log(values) if self.is_log else values
        return np.asarray((moved - low) / (high - low), dtype=np.float64)


def axis_of(
    values: pd.Series, factor: str, named: Named, *, order: Sequence[Any] = (), ranges: int = 0, is_log: bool = False
) -> Axis:
    """Return the axis of a factor's values; order: of labels, where it is known; ranges: into how many to cut numbers.

    is_log: the factor is spaced so; numbers that are spaced evenly on a logarithmic scale are found to be so anyhow.
    """
    if is_labelled(values):
        there = list(dict.fromkeys(values.dropna()))
        known = [level for level in order if level in there]
        levels = [*known, *(level for level in there if level not in known)]
        return Axis(factor=factor, named=named, levels=tuple(levels), words=tuple(map(word, levels)))
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


def word(level: Any) -> str:
    """Return what a label is called in a figure."""
    return {"true": "yes", "false": "no"}.get(str(level).lower(), str(level).replace("_", " "))


def shown(value: float) -> str:
    """Return a setting's value with as many digits as it takes, thousands separated."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value == 0.0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(value: str, unit: str) -> str:
    """Return a value with its unit, left out where that only tells the range or a scale."""
    things = ("soldiers", "rounds", "days", "km", "USD", "USD a year", "% of GDP", "states", "per week")
    return f"{value} {unit}" if unit in things else value


def _is_spaced_log(numbers: Values) -> bool:
    if len(numbers) < 4 or numbers[0] <= 0.0 or numbers[-1] / numbers[0] < STEEP:
        return False
    steps, ratios = np.diff(numbers), np.diff(np.log(numbers))
    return bool(ratios.std() / ratios.mean() < 0.5 * steps.std() / steps.mean())


def room_beside(axis: Axis, height: float) -> float:
    """Return how wide the tick labels of a vertical axis stand, in inches."""
    if axis.is_labelled:
        size, _, texts = _beside(axis, height)
        return max(type_width(line, size) for text in texts for line in text.splitlines()) + 0.08
    return max(type_width(shown(tick), BODY) for tick in ticks(axis, height)) + 0.08


def room_under(axis: Axis, width: float) -> float:
    """Return how high the tick labels of a horizontal axis stand, in inches."""
    if not axis.is_labelled:
        return line_height(BODY) + 0.06
    size, upright, texts = _under(axis, width)
    if upright:
        return max(type_width(text, size) for text in texts) + 0.1
    return max(len(text.splitlines()) for text in texts) * line_height(size) + 0.06


def dress(axes: Axes, axis: Axis, side: Literal["x", "y"], length: float, *, label: bool = True) -> None:
    """Scale one side of the axes to the factor and write its ticks and its name; length of that side in inches."""
    edges = axis.edges
    of = axes.xaxis if side == "x" else axes.yaxis
    set_limits, set_scale, set_label = (
        (axes.set_xlim, axes.set_xscale, axes.set_xlabel)
        if side == "x"
        else (axes.set_ylim, axes.set_yscale, axes.set_ylabel)
    )
    if axis.is_log:
        set_scale("log")
    set_limits(float(edges[0]), float(edges[-1]))
    of.set_minor_locator(NullLocator())
    of.set_minor_formatter(NullFormatter())
    if axis.is_labelled:
        size, upright, texts = _under(axis, length) if side == "x" else _beside(axis, length)
        step = _every(axis, length, size) if side == "y" or upright else 1
        of.set_major_locator(FixedLocator(axis.middles[::step].tolist()))
        of.set_ticklabels(list(texts[::step]), rotation=90 if upright else 0, linespacing=1.05)
        axes.tick_params(axis=side, labelsize=size)
        for text in of.get_ticklabels():
            text.set_parse_math(False)
    else:
        of.set_major_locator(FixedLocator(list(ticks(axis, length))))
        of.set_major_formatter(FuncFormatter(lambda value, _: shown(value)))
        axes.tick_params(axis=side, labelsize=BODY)
    axes.tick_params(axis=side, colors=INK, length=3, color=RULE, pad=3)
    if label:
        name = wrapped(axis.label, max(length, 1.2), BODY)
        set_label(name, size=BODY, color=INK, parse_math=False, linespacing=1.1)


@lru_cache(maxsize=64)
def ticks(axis: Axis, length: float) -> tuple[float, ...]:
    """Return where a numeric axis of this length (inches) is marked: at its levels if few, else at round numbers."""
    low, high = float(axis.edges[0]), float(axis.edges[-1])
    levels = axis.middles.tolist()
    is_round = len(levels) <= 4 or all(float(f"{level:.2g}") == level for level in levels)
    if not axis.is_ranged and len(levels) <= 12 and is_round and _have_room(axis, levels, length):
        return tuple(levels)
    most = max(2, int(length / 0.75))
    if axis.is_log:
        found: list[float] = []
        for steps in ((1.0, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
            decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            found = [step * 10.0**decade for decade in decades for step in steps]
            found = [tick for tick in found if low <= tick <= high]
            if _have_room(axis, found, length) and len(found) <= 1.6 * most:
                break
        return tuple(found) if len(found) >= 2 else (levels[0], levels[-1])
    raw = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(raw))
    for step in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0):
        first, last = math.ceil(low / (step * unit) - 1e-9), math.floor(high / (step * unit) + 1e-9)
        found = [number * step * unit for number in range(first, last + 1)]
        if step * unit >= raw * 0.999 and _have_room(axis, found, length):
            break
    return tuple(found) if len(found) >= 2 else (levels[0], levels[-1])


def _have_room(axis: Axis, values: Sequence[float], length: float) -> bool:
    if len(values) < 2:
        return True
    places = axis.scaled(np.asarray(values, dtype=np.float64)) * length
    widths = np.array([type_width(shown(value), BODY) for value in values]) + 0.12
    return bool((np.diff(places) >= (widths[1:] + widths[:-1]) / 2).all())


@lru_cache(maxsize=64)
def _under(axis: Axis, width: float) -> tuple[float, bool, tuple[str, ...]]:
    """Return size, whether written upwards, and the texts of labels under an axis of this width in inches."""
    slot = width / len(axis.levels)
    for size in (BODY, SMALL):
        texts = [wrapped(text, slot - 0.1, size) if slot > 0.3 else text for text in axis.words]
        widest = max(type_width(line, size) for text in texts for line in text.splitlines())
        broken = any(
            len(text.split()) < len(shown_.splitlines()) for text, shown_ in zip(axis.words, texts, strict=True)
        )
        if widest <= slot - 0.06 and not broken and max(len(text.splitlines()) for text in texts) <= 4:
            return size, False, tuple(texts)
    size = min(SMALL, max(TINY, slot * 72 / 1.15))
    return size, True, tuple(cut(text, ROTATED, size) for text in axis.words)


@lru_cache(maxsize=64)
def _beside(axis: Axis, height: float) -> tuple[float, bool, tuple[str, ...]]:
    """Return size, that they are not written upwards, and the texts of labels left of an axis of this height."""
    slot = height / len(axis.levels)
    size = BODY if slot >= line_height(BODY) else min(SMALL, max(TINY, slot * 72 / 1.15))
    lines = max(1, min(3, int(slot / line_height(size))))
    texts = []
    for text in axis.words:
        broken = wrapped(text, BESIDE, size)
        texts.append(broken if len(broken.splitlines()) <= lines else cut(text, BESIDE, size))
    return size, False, tuple(texts)


def _every(axis: Axis, length: float, size: float) -> int:
    """Return at which of the labels the axis is marked: at all where they have room, else at every second, third ..."""
    return max(1, math.ceil(size * 1.1 / 72 * len(axis.levels) / length))


def cut(text: str, width: float, size: float) -> str:
    """Return the text, shortened where it is wider than that, in inches."""
    if type_width(text, size) <= width:
        return text
    while text and type_width(f"{text}…", size) > width:
        text = text[:-1].rstrip()
    return f"{text}…"
