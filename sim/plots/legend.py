"""The legend beside the map, and the states beyond the map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from sim import facts
from sim.plots.map_states import HATCH, STAR, TINTS, StateOnMap, patches
from sim.plots.projection import area, outline, projected
from sim.plots.style import (
    BODY,
    FLOOR,
    HOST,
    INK,
    MARGIN,
    NOT_ASKED,
    OPPONENT,
    QUIET,
    SMALL,
    OptionStyle,
    axes_at,
    draw_text,
    line_height,
    option_styles,
    tinted,
    wrapped,
)
from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.state_counts import count_text, mean_states
from sim.text.words import conditions_text, promise, state_name

PANEL = 2.75  # inches, width of the legend and of the states beyond the map
FOOT = 6.5
MOST_BEYOND = 24  # most states drawn beyond the map; further ones are only counted


def draw_key(
    fig: Figure,
    x: float,
    top: float,
    shown: Mapping[str, StateOnMap],
    chances: pd.DataFrame,
    scenario: Scenario,
    *,
    certain: bool,
) -> float:
    """Draw the legend of colours and marks with the mean number of states in each stance, from the top down.

    Return the height in inches below which there is room.
    """
    options = scenario.option_names
    styles = option_styles(scenario)
    y = top
    tints = (1.0,) if certain else tuple(tint for _, tint in TINTS)
    swatch = 0.24
    start = x + swatch * len(tints) + 0.12
    draw_text(fig, x, y, "Likeliest stance" if certain else "Likeliest stance: mean count", weight="bold", va="top")
    y -= 0.24
    if not certain:
        for index, words in enumerate(("≥80", "≥50", "<50")):
            draw_text(fig, x + swatch * (index + 0.5), y, words, size=FOOT, color=QUIET, va="top", ha="center")
        draw_text(fig, start, y, "% of replicates", size=FOOT, color=QUIET, va="top")
        y -= 0.17
    size = BODY if len(options) <= 6 else SMALL
    for name in reversed(options):
        number = count_text(mean_states(chances, name), certain=certain)
        text = wrapped(f"{styles[name].label}: {number}", x + PANEL - start, size)
        for index, tint in enumerate(tints):
            _swatch(fig, x + swatch * index, y - 0.17, swatch, _tint(styles[name], tint, name))
        draw_text(fig, start, y - 0.02, text, size=size, va="top", linespacing=1.1)
        y -= max(0.25, line_height(size) * len(text.splitlines()) + 0.06)
    y -= 0.08
    deepest = styles[scenario.deepest]
    if any(state.hatched for state in shown.values()):
        _swatch(fig, x, y - 0.17, 0.4, "white", hatch=deepest.colour)
        words = wrapped(f"would {promise(scenario.deepest, scenario)} if the conditions were met", PANEL - 0.55, BODY)
        draw_text(fig, x + 0.52, y, words, va="top", linespacing=1.1)
        y -= 0.165 * len(words.splitlines()) + 0.04
        words = wrapped(f"({conditions_text(scenario)})", PANEL - 0.55, SMALL)
        draw_text(fig, x + 0.52, y, words, size=SMALL, color=QUIET, va="top", linespacing=1.1)
        y -= 0.14 * len(words.splitlines()) + 0.1
    if any(state.leads for state in shown.values()):
        _swatch(fig, x, y - 0.17, 0.4, "white", edge=INK, linewidth=1.5)
        draw_text(fig, x + 0.2, y - 0.09, STAR, ha="center", va="center")
        draw_text(fig, x + 0.52, y - 0.085, "leads the proposal", va="center")
        y -= 0.25
    for ground, words in party_key(scenario):
        _swatch(fig, x, y - 0.17, 0.4, ground)
        text = wrapped(words, PANEL - 0.55, BODY)
        further = text.count("\n")  # lines
        draw_text(fig, x + 0.52, y - 0.085 - 0.08 * further, text, va="center")
        y -= 0.25 + 0.16 * further
    return y - 0.12


def party_key(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the colours of the states that are not asked, each with its label."""
    drawn = facts.outlines("europe")

    def words(role: str, code: str) -> str:
        return role if code in drawn else f"{role}: {state_name(code, scenario)}, beyond the map"

    entries = [(HOST, words("host", scenario.host))]
    if scenario.opponent is not None:
        entries.append((OPPONENT, words("opponent", scenario.opponent)))
    return [*entries, (NOT_ASKED, "not asked")]


def _tint(style: OptionStyle, strength: float, name: str) -> str:
    return style.colour if name == ABSTAIN else tinted(style.colour, strength)


def _swatch(
    fig: Figure,
    x: float,
    y: float,
    width: float,
    ground: str,
    *,
    hatch: str | None = None,
    edge: str = "white",
    linewidth: float = 0.6,
) -> None:
    wide, high = fig.get_size_inches()
    box = Rectangle((x / wide, y / high), width / wide, 0.17 / high, transform=fig.transFigure)
    box.set(facecolor=ground, edgecolor=edge, linewidth=linewidth)
    fig.add_artist(box)
    if hatch is not None:
        hatching = Rectangle(box.get_xy(), box.get_width(), box.get_height(), transform=fig.transFigure)
        hatching.set(facecolor="none", edgecolor=hatch, linewidth=0.6, hatch=HATCH)
        hatching.set_hatch_linewidth(0.9)
        fig.add_artist(hatching)


def draw_beyond(
    fig: Figure, x: float, top: float, states: Sequence[StateOnMap], scenario: Scenario, *, certain: bool
) -> None:
    """Draw the states beyond the map as small outlines, not to scale."""
    more = f", and {len(states) - MOST_BEYOND} more" if len(states) > MOST_BEYOND else ""
    draw_text(fig, x, top, f"Beyond the map (not to scale){more}", weight="bold", va="top")
    states = states[:MOST_BEYOND]
    height = top - 0.25 - FLOOR
    width = fig.get_figwidth() - MARGIN - x
    columns = max(range(2, len(states) + 2), key=lambda n: min(width / n, height / math.ceil(len(states) / n)))
    rows = math.ceil(len(states) / columns)
    cell = (width / columns, min(height / rows, 0.95 * width / columns))
    axes = axes_at(fig, x, top - 0.25 - rows * cell[1], width, rows * cell[1])
    axes.set(xlim=(0.0, width), ylim=(-rows * cell[1], 0.0))
    axes.set_axis_off()
    world = facts.outlines("world")
    for index, state in enumerate(states):
        left, upper = (index % columns) * cell[0], -(index // columns) * cell[1]
        room = (cell[0] * 0.86, cell[1] - 0.3)
        middle = (left + cell[0] / 2, upper - room[1] / 2 - 0.04)
        shape = miniature(world.get(state.code), middle, room)
        for patch in patches(shape, state):
            axes.add_patch(patch)
        text = state.text(certain=certain, joint=" ")
        axes.text(
            middle[0], upper - cell[1] + 0.14, text, size=SMALL, weight="bold", color=INK, ha="center", va="center",
            gid=state.code,
        )  # fmt: skip


def miniature(
    rings: Sequence[Sequence[Sequence[float]]] | None, middle: tuple[float, float], room: tuple[float, float]
) -> Path:
    """Return the outline of a state scaled into a box (inches) around the middle; a square if it has no outline."""
    if not rings:
        side = min(room) * 0.7
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2
        return outline([corners + middle])
    largest = max((np.asarray(ring, dtype=np.float64) for ring in rings), key=area)
    centre = largest.min(axis=0) / 2 + largest.max(axis=0) / 2
    parts = projected(rings, (float(centre[0]), float(centre[1])))
    main = max(area(part) for part in parts)
    parts = [part for part in parts if area(part) > 0.01 * main]
    points = np.vstack(parts)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(np.array(room) / (high - low))
    return outline([(part - (low + high) / 2) * scale + middle for part in parts])
