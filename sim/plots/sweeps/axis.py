"""Drawing the axis of a factor: its scale, its ticks and their labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from numpy.typing import NDArray

from sim.plots.style import BODY, INK, RULE, SMALL, line_height, type_width, wrapped
from sim.text.factor_axis import Axis
from sim.text.numbers import setting_number

type Values = NDArray[np.float64]

TINY = 5.5  # points
ROTATED = 1.6  # inches for an upright label
BESIDE = 1.9  # inches for a label at the left


def room_beside(axis: Axis, height: float) -> float:
    """Return the width of the tick labels of a vertical axis, in inches."""
    if axis.is_labelled:
        size, _, texts = _beside(axis, height)
        return max(type_width(line, size) for text in texts for line in text.splitlines()) + 0.08
    return max(type_width(setting_number(tick), BODY) for tick in ticks(axis, height)) + 0.08


def room_under(axis: Axis, width: float) -> float:
    """Return the height of the tick labels of a horizontal axis, in inches."""
    if not axis.is_labelled:
        return line_height(BODY) + 0.06
    size, upright, texts = _under(axis, width)
    if upright:
        return max(type_width(text, size) for text in texts) + 0.1
    return max(len(text.splitlines()) for text in texts) * line_height(size) + 0.06


def format_axis(axes: Axes, axis: Axis, side: Literal["x", "y"], length: float, *, label: bool = True) -> None:
    """Scale one side of the axes to the factor and write its ticks and name; length: of the side, in inches."""
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
        of.set_major_formatter(FuncFormatter(lambda value, _: setting_number(value)))
        axes.tick_params(axis=side, labelsize=BODY)
    axes.tick_params(axis=side, colors=INK, length=3, color=RULE, pad=3)
    if label:
        name = wrapped(axis.label, max(length, 1.2), BODY)
        set_label(name, size=BODY, color=INK, parse_math=False, linespacing=1.1)


@lru_cache(maxsize=64)
def ticks(axis: Axis, length: float) -> tuple[float, ...]:
    """Return the ticks of a numeric axis of this length in inches: its levels if they are few, else round numbers."""
    low, high = float(axis.edges[0]), float(axis.edges[-1])
    levels = axis.middles.tolist()
    is_round = len(levels) <= 4 or all(float(f"{level:.2g}") == level for level in levels)
    if not axis.is_ranged and len(levels) <= 12 and is_round and _have_room(axis, levels, length):
        return tuple(levels)
    most = max(2, int(length / 0.75))
    if axis.is_log:
        positions: list[float] = []
        for steps in ((1.0, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
            decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            positions = [step * 10.0**decade for decade in decades for step in steps]
            positions = [tick for tick in positions if low <= tick <= high]
            if _have_room(axis, positions, length) and len(positions) <= 1.6 * most:
                break
        return tuple(positions) if len(positions) >= 2 else (levels[0], levels[-1])
    raw = (high - low) / most
    unit = 10.0 ** math.floor(math.log10(raw))
    for step in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0):
        first, last = math.ceil(low / (step * unit) - 1e-9), math.floor(high / (step * unit) + 1e-9)
        positions = [number * step * unit for number in range(first, last + 1)]
        if step * unit >= raw * 0.999 and _have_room(axis, positions, length):
            break
    return tuple(positions) if len(positions) >= 2 else (levels[0], levels[-1])


def _have_room(axis: Axis, values: Sequence[float], length: float) -> bool:
    if len(values) < 2:
        return True
    places = axis.scaled(np.asarray(values, dtype=np.float64)) * length
    widths = np.array([type_width(setting_number(value), BODY) for value in values]) + 0.12
    return bool((np.diff(places) >= (widths[1:] + widths[:-1]) / 2).all())


@lru_cache(maxsize=64)
def _under(axis: Axis, width: float) -> tuple[float, bool, tuple[str, ...]]:
    """Return the size, whether they are upright, and the texts of labels below an axis of this width in inches."""
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
    """Return the size, that they are not upright, and the texts of labels left of an axis of this height."""
    slot = height / len(axis.levels)
    size = BODY if slot >= line_height(BODY) else min(SMALL, max(TINY, slot * 72 / 1.15))
    lines = max(1, min(3, int(slot / line_height(size))))
    texts = []
    for text in axis.words:
        broken = wrapped(text, BESIDE, size)
        texts.append(broken if len(broken.splitlines()) <= lines else cut(text, BESIDE, size))
    return size, False, tuple(texts)


def _every(axis: Axis, length: float, size: float) -> int:
    """Return the step between labels that are written: 1 if all have room, otherwise more."""
    return max(1, math.ceil(size * 1.1 / 72 * len(axis.levels) / length))


def cut(text: str, width: float, size: float) -> str:
    """Return the text, shortened to a width in inches."""
    if type_width(text, size) <= width:
        return text
    while text and type_width(f"{text}…", size) > width:
        text = text[:-1].rstrip()
    return f"{text}…"
