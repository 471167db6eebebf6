"""Marks for scenarios on the axes of a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from pydantic import BaseModel

from sim.errors import ScenarioError
from sim.plots.style import INK
from sim.plots.sweeps.layout import PlotArea
from sim.scenario import load_scenario, shipped
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.schema import Scenario
from sim.text.factor_axis import Axis
from sim.text.setting_names import SCENARIO

DOT = 0.15  # diameter in inches, with the number of a scenario in it
APART = 0.165  # least distance of two dots in inches


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A position on a plane, with the scenarios that have it."""

    x: float
    y: float
    names: tuple[str, ...]
    is_own: bool  # whether one of them is varied by the experiment


def own_value(scenario: Scenario, path: str) -> Any:
    """Return the value of a setting by its path, or the first value of a process; None without one."""
    value: Any = scenario
    for part in path.split("."):
        if isinstance(value, Constant | LogitAR1 | Ramp | Schedule):
            has = hasattr(value, part) and part not in ("value", "level", "start_value")
            return getattr(value, part) if has else _start(value, scenario)
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        if value is None:
            return None
    if isinstance(value, Constant | LogitAR1 | Ramp | Schedule):
        return _start(value, scenario)
    return None if isinstance(value, BaseModel | dict | tuple) else value


def _start(process: Constant | LogitAR1 | Ramp | Schedule, scenario: Scenario) -> float:
    """Return the first value of a process."""
    match process:
        case Constant():
            return process.value
        case LogitAR1():
            return process.level
        case Ramp():
            return process.start_value
        case Schedule():
            before = [value for date, value in process.values.items() if date <= scenario.start]
            return before[-1] if before else next(iter(process.values.values()))


def position_on(axis: Axis, scenario: Scenario) -> float | None:
    """Return the position of a scenario on an axis; None without such a setting, or beyond the axis."""
    value = scenario.name if axis.factor == SCENARIO else own_value(scenario, axis.factor)
    if value is None:
        return None
    if axis.is_labelled:
        labels = [str(level).lower() for level in axis.levels]
        return float(labels.index(str(value).lower())) if str(value).lower() in labels else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = axis.edges[[0, -1]]
    return float(value) if low <= value <= high else None


@cache
def _shipped() -> tuple[Scenario, ...]:
    """Return the scenarios that come with the program."""
    scenarios = []
    for name in shipped():
        try:
            scenarios.append(load_scenario(name))
        except ScenarioError:
            continue  # `willing check` reports the mistakes of a scenario that cannot be loaded
    return tuple(scenarios)


def marks_on(x: Axis, y: Axis, own: Mapping[str, Scenario], *, shipped_too: bool = True) -> list[Mark]:
    """Return the marks of the experiment's and the shipped scenarios on a plane, from left to right."""
    if SCENARIO in (x.factor, y.factor):
        return []
    scenarios: dict[str, Scenario] = {each.name: each for each in own.values()}
    if shipped_too:
        scenarios = {each.name: each for each in _shipped()} | scenarios
    positions: dict[tuple[float, float], list[str]] = {}
    for name, scenario in scenarios.items():
        across, up = position_on(x, scenario), position_on(y, scenario)
        if across is not None and up is not None:
            positions.setdefault((round(across, 9), round(up, 9)), []).append(name)
    names = {each.name for each in own.values()}
    return [
        Mark(
            x=across,
            y=up,
            names=tuple(sorted(there, key=lambda name: (name not in names, name))),
            is_own=bool(names & set(there)),
        )
        for (across, up), there in sorted(positions.items(), key=lambda one: (one[0][0], -one[0][1]))
    ]


def own_positions(own: Mapping[str, Scenario], axis: Axis) -> list[tuple[str, float]]:
    """Return the experiment's scenarios with their positions on an axis of numbers, grouped by position."""
    if axis.is_labelled or axis.factor == SCENARIO:
        return []
    positions: dict[float, list[str]] = {}
    for scenario in own.values():
        position = position_on(axis, scenario)
        if position is not None:
            positions.setdefault(position, []).append(scenario.name)
    return [(f"{_few(names)}: {axis.text(position)}", position) for position, names in sorted(positions.items())]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more"


def draw_marks(axes: Axes, box: PlotArea, x: Axis, y: Axis, marks: Iterable[Mark]) -> None:
    """Draw a numbered dot for each mark; dots that would overlap are moved and connected by a line."""
    marks = list(marks)
    if not marks:
        return
    positions = np.column_stack(
        [
            x.scaled(np.array([mark.x for mark in marks])) * box.width,
            y.scaled(np.array([mark.y for mark in marks])) * box.height,
        ]
    )
    dots = _apart(positions, box)
    for number, (mark, position, dot) in enumerate(zip(marks, positions, dots, strict=True), start=1):
        if np.hypot(*(dot - position)) > 0.02:
            ends = np.array([position, dot]) / (box.width, box.height)
            axes.plot(*ends.T, color=INK, linewidth=0.8, transform=axes.transAxes, zorder=8, clip_on=False)
            axes.plot(*ends[0], marker="o", markersize=2.6, color=INK, transform=axes.transAxes, zorder=8)
        draw_number(axes, tuple(dot / (box.width, box.height)), number, is_own=mark.is_own)


def draw_number(axes: Axes, at: tuple[float, float], number: int, *, is_own: bool) -> None:
    """Draw a dot with a number at a position in axes coordinates; filled for a scenario of the experiment."""
    axes.plot(
        *at, marker="o", markersize=DOT * 72, markerfacecolor=INK if is_own else "white",
        markeredgecolor="white" if is_own else INK, markeredgewidth=0.8, transform=axes.transAxes, zorder=9,
        clip_on=False,
    )  # fmt: skip
    axes.text(
        *at, str(number), size=6.5, weight="bold", color="white" if is_own else INK, ha="center", va="center_baseline",
        transform=axes.transAxes, zorder=10, gid="mark",
    )  # fmt: skip


def _apart(places: NDArray[np.float64], box: PlotArea) -> NDArray[np.float64]:
    """Return the positions of dots, moved until none overlap, within the area; in inches."""
    dots = places.astype(np.float64).copy()
    turn = (
        np.arange(len(dots)) * 2.399963
    )  # golden angles, so that dots at one position are moved in different directions
    dots += 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])
    low, high = np.full(2, 0.0), np.array([box.width, box.height])
    for _ in range(300):
        between = dots[:, None, :] - dots[None, :, :]
        distance = np.hypot(between[..., 0], between[..., 1]) + np.eye(len(dots)) * 9.0
        pressed = distance < APART
        if not pressed.any():
            break
        push = np.where(pressed, (APART * 1.02 - distance) / 2, 0.0)
        dots += (push[..., None] * between / np.maximum(distance, 1e-6)[..., None]).sum(axis=1)
        dots = np.clip(dots, low, high)
    still = np.hypot(*(dots - places).T) < 0.01
    dots[still] = places[still]
    return dots
