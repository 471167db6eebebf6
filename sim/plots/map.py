"""The map: the likeliest stance of every state that is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text

from sim import facts
from sim.plots.legend import PANEL, draw_beyond, draw_key
from sim.plots.map_labels import Ground, LabelRequest, Placed, place_labels, survey
from sim.plots.map_states import StateOnMap, patches, shown_states
from sim.plots.projection import EUROPE, WINDOW, Points, area, outline, projected, shows
from sim.plots.style import (
    FLOOR,
    HOST,
    INK,
    MARGIN,
    NOT_ASKED,
    OPPONENT,
    RULE,
    SEA,
    SMALL,
    axes_at,
    content_top,
    figure,
    footer,
    ink_on,
    type_width,
    under_defaults,
)
from sim.scenario.schema import Scenario
from sim.text.heading import with_heading
from sim.text.numbers import counted
from sim.text.state_counts import is_certain, states_headline
from sim.text.words import capitalised, date_text, state_name

SIZE = (12.0, 8.45)  # inches
TILE_PAD = 0.04  # inches around the type of a tile


@under_defaults
def stance_map(
    chances: pd.DataFrame,
    scenario: Scenario,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    date: Any = None,
) -> Figure:
    """Draw a map of the likeliest stance of every state that is asked, with its probability.

    chances: one row a state (ISO 3166 code), one column an option, and the deepest option's name with `_conditional`,
    as results.summary.stance_chances gives them. Of stances equally likely the shallower is shown. replicates, seed
    and date (of the round shown) go into the text, where known.
    """
    shown = shown_states(chances, scenario)
    when = "" if date is None else f", {date_text(date)}"
    certain = is_certain(chances)
    over = "replicates" if replicates is None else f"{replicates:,} replicates"
    note = "" if certain else f"; the number is its share of replicates in %. Counts are means over {over}"
    subtitle = f"Likeliest stance of {counted(len(shown), 'state')}{when}{note}"
    fig = figure(states_headline(chances, scenario), with_heading(scenario, subtitle), size=SIZE)
    top = content_top(fig)
    left, right, bottom, upper = WINDOW
    width = min(SIZE[0] - 2 * MARGIN - PANEL - 0.1, (top - FLOOR) * (right - left) / (upper - bottom))
    height = width * (upper - bottom) / (right - left)
    axes = axes_at(fig, MARGIN, top - height, width, height)
    on_map = _draw_europe(axes, shown, scenario, km_per_inch=(right - left) / width, certain=certain)
    x = MARGIN + width + 0.22
    low = draw_key(fig, x, top - 0.05, shown, chances, scenario, certain=certain)
    beyond = [code for code in shown if code not in on_map]
    if beyond:
        draw_beyond(fig, x, low, [shown[code] for code in beyond], scenario, certain=certain)
    footer(fig, scenario, replicates=replicates, seed=seed)
    return fig


def _draw_europe(
    axes: Axes, shown: Mapping[str, StateOnMap], scenario: Scenario, *, km_per_inch: float, certain: bool
) -> set[str]:
    """Draw land, stances and labels; return the asked states that are on the map."""
    on_map = draw_stances(axes, shown, scenario)
    shapes = europe()[1]
    grounds = party_grounds(scenario)
    notes = {
        code: capitalised(state_name(code, scenario)) + ("\n(host)" if code == scenario.host else "")
        for code in grounds
        if code in shapes and code not in on_map
    }
    for label in label_states(axes, shown, on_map, km_per_inch=km_per_inch, certain=certain, notes=notes):
        _note(axes, label, notes[label.code], grounds[label.code])
    return on_map


def label_states(
    axes: Axes,
    shown: Mapping[str, StateOnMap],
    codes: Collection[str],
    *,
    km_per_inch: float,
    certain: bool,
    notes: Mapping[str, str] = MappingProxyType({}),
    points: float = SMALL,
    outside: Collection[str] | None = None,
) -> list[Placed]:
    """Label these states on the map, and return the positions for notes on other states.

    outside: those that are labelled in a tile where they have no room; the others then go without. None: all.
    """
    _, shapes, ground = europe()
    requests = []
    for code in sorted(codes, key=lambda code: (-area(shapes[code]), code)):
        texts = {lines: shown[code].text(certain=certain, joint=joint) for lines, joint in ((2, "\n"), (1, " "))}
        requests.append(
            LabelRequest(
                code=code,
                ring=shapes[code],
                inside={lines: extent(text, points, km_per_inch, pad=0.02) for lines, text in texts.items()},
                tile={lines: extent(text, points, km_per_inch, pad=TILE_PAD) for lines, text in texts.items()},
            )
        )
    for code, note in notes.items():
        size = {1: extent(note, points, km_per_inch, pad=0.04)}
        requests.insert(0, LabelRequest(code=code, ring=shapes[code], inside=size, tile=size))
    placed = place_labels(requests, ground, sorted(shown.keys() & shapes.keys()), outside=outside)
    for label in placed:
        if label.code not in notes:
            _label(axes, label, shown[label.code], certain=certain, points=points)
    return [label for label in placed if label.code in notes]


def draw_stances(axes: Axes, shown: Mapping[str, StateOnMap], scenario: Scenario) -> set[str]:
    """Draw Europe with the stance of each state; return the asked states that are on the map."""
    land = europe()[0]
    left, right, bottom, upper = WINDOW
    axes.set(xlim=(left, right), ylim=(bottom, upper), xticks=[], yticks=[], facecolor=SEA)
    for spine in axes.spines.values():
        spine.set_color(RULE)
    on_map = {code for code in shown if lies_on_map(code)}
    for code, shape in land.items():
        if code not in on_map:
            colour = party_grounds(scenario).get(code, NOT_ASKED)
            axes.add_patch(PathPatch(shape, facecolor=colour, edgecolor="white", linewidth=0.5))
    for code in sorted(on_map, key=lambda code: (shown[code].leads, code)):
        for patch in patches(land[code], shown[code]):
            axes.add_patch(patch)
    if scenario.host in land:
        host = PathPatch(land[scenario.host], facecolor="none", edgecolor=INK, linewidth=1.0, linestyle=(0, (3, 1.5)))
        axes.add_patch(host)
    return on_map


def party_grounds(scenario: Scenario) -> dict[str, str]:
    """Return the colours of the host and of the opponent, if there is one, by state code."""
    grounds = {scenario.host: HOST}
    return grounds if scenario.opponent is None else grounds | {scenario.opponent: OPPONENT}


def lies_on_map(code: str) -> bool:
    """Return whether a part of the state is on the map."""
    return code in europe()[1]


@cache
def europe() -> tuple[Mapping[str, Path], Mapping[str, Points], Ground]:
    """Return the land of each state, its largest shape in the window, and the grid of land by state."""
    rings = {code: projected(parts, EUROPE) for code, parts in facts.outlines("europe").items()}
    land = {code: outline(parts) for code, parts in rings.items() if parts}
    shapes = {code: ring for code, parts in rings.items() if (ring := _visible(parts)) is not None}
    return land, shapes, survey(land, WINDOW)


def _visible(rings: Sequence[Points]) -> Points | None:
    """Return the largest ring that has a corner in the window, or None."""
    visible = [ring for ring in rings if any(shows(point) for point in ring)]
    return max(visible, key=area) if visible else None


def extent(text: str, points: float, km_per_inch: float, *, pad: float) -> tuple[float, float]:
    """Return the width and height of a text on the map in km; pad: margin on each side in inches."""
    lines = text.splitlines()
    width = max(type_width(line, points, weight="bold") for line in lines)
    height = len(lines) * points * 1.17 / 72
    return (width + 2 * pad) * km_per_inch, (height + 2 * pad) * km_per_inch


def _label(axes: Axes, label: Placed, state: StateOnMap, *, certain: bool, points: float) -> None:
    """Write a state's label inside it, or in a tile with a leader and a marker."""
    text = state.text(certain=certain, joint="\n" if label.lines == 2 else " ")
    if label.points_at is None:
        _type(axes, label.at, text, state, points)
        return
    box = _tile(axes, label)
    for patch in patches(box, state, zorder=4):
        axes.add_patch(patch)
    if not state.leads:
        edge = PathPatch(box, facecolor="none", edgecolor=INK, linewidth=0.6, zorder=4)
        axes.add_patch(edge)
    _type(axes, label.at, text, state, points)


def _tile(axes: Axes, label: Placed) -> Path:
    """Draw a leader from a label outside a state to the state, and return the box of the label."""
    assert label.points_at is not None
    axes.plot(*zip(label.points_at, label.at, strict=True), color=INK, linewidth=0.6, zorder=3)
    axes.plot(*label.points_at, marker="o", markersize=2.6, color=INK, zorder=3)
    corner = np.array(label.at) - np.array(label.size) / 2
    return Path.unit_rectangle().transformed(Rectangle((corner[0], corner[1]), *label.size).get_patch_transform())


def _type(axes: Axes, at: tuple[float, float], text: str, state: StateOnMap, points: float) -> Text:
    """Write on a state in a colour that contrasts with it, with an outline over hatching."""
    ink = ink_on(state.ground)
    label = axes.text(
        *at, text, size=points, weight="bold", color=ink, ha="center", va="center", linespacing=1.05, zorder=6,
        gid=state.code, clip_on=False,
    )  # fmt: skip
    if state.hatched is not None:
        label.set_path_effects([effects.withStroke(linewidth=3.2, foreground=state.ground)])
    return label


def _note(axes: Axes, label: Placed, text: str, ground: str) -> None:
    if label.points_at is not None:
        axes.add_patch(PathPatch(_tile(axes, label), facecolor=ground, edgecolor=INK, linewidth=0.6, zorder=4))
    axes.text(*label.at, text, size=SMALL, color=ink_on(ground), ha="center", va="center", linespacing=1.05, zorder=6)
