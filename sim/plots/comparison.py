"""A comparison: the map and the counts of each run side by side, and the states that move most at each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path

from sim.analysis.compare import FEW_REPLICATES, NOTABLE, Comparison, LabelledRun
from sim.plots.counts import COUNTS, draw_counts, most_soldiers
from sim.plots.map import draw_stances, label_states, lies_on_map
from sim.plots.map_states import StateOnMap, patches, shown_states
from sim.plots.movers import draw_movers, movers_height, moving_most
from sim.plots.projection import WINDOW
from sim.plots.shared_legend import draw_shared_key, key_height
from sim.plots.style import (
    FLOOR,
    FOOTER,
    MARGIN,
    QUIET,
    SMALL,
    OptionStyle,
    axes_at,
    content_top,
    draw_text,
    figure,
    ink_on,
    line_height,
    option_styles,
    type_width,
    under_defaults,
    wrapped,
)
from sim.scenario import Scenario
from sim.scenario.schema import QUANTITIES
from sim.text.numbers import counted
from sim.text.words import quantity_name

HEADING = 11.0  # points
CODES = 6.0  # points
MAPS: Mapping[int, float] = {2: 4.5, 3: 3.5}  # width of a map in inches, by the number of maps
NARROW = 3.4  # the width if there are more
GAP = 0.32  # inches between maps
SQUARE = (0.4, 0.2)  # inches: a state that is not on the map
ROWS_BEYOND = 2  # of such squares at most


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPanel:
    """One run as it is drawn."""

    run: LabelledRun
    shown: Mapping[str, StateOnMap]
    beyond: Sequence[str]  # states that are not on the map
    heading: str
    environment: str  # the quantities of the environment that differ between the runs

    @property
    def certain(self) -> bool:
        """Whether every state ends with the same stance in all replicates."""
        return all(state.chance in (0.0, 1.0) for state in self.shown.values())

    @property
    def head(self) -> float:
        """The height of the texts above the map, in inches."""
        lines = len(self.heading.splitlines()), len(self.environment.splitlines())
        return lines[0] * line_height(HEADING) + lines[1] * line_height(SMALL) + 0.1


def figures(result: Comparison) -> dict[str, Callable[[], Figure]]:
    """Return what draws each kind of figure."""
    return {"maps": lambda: maps_side_by_side(result)}


@under_defaults
def maps_side_by_side(result: Comparison) -> Figure:
    """Draw the maps of all runs side by side with their counts, and the states that move most at each step."""
    scenarios = [run.scenario for run in result.runs]
    focus, styles = result.focus, common_styles(scenarios)
    wide = MAPS.get(len(scenarios), NARROW)
    high = wide * (WINDOW[3] - WINDOW[2]) / (WINDOW[1] - WINDOW[0])
    width = 2 * MARGIN + len(scenarios) * (wide + GAP) - GAP
    panels = _panels(result, styles, wide)
    certain = all(panel.certain for panel in panels)
    moving = [moving_most(step, focus) for step in result.steps]
    key = key_height(styles, scenarios, width, certain=certain)
    head = max(panel.head for panel in panels)
    under = max(_rows_beyond(panel, wide) for panel in panels) * (SQUARE[1] + 0.06) + 0.1
    movers = movers_height(moving, result.steps, width)
    title, subtitle = result.headline, _subtitle(result)
    above = 9.0 - content_top(figure(title, subtitle, size=(width, 9.0)))
    fig = figure(title, subtitle, size=(width, above + key + head + high + under + COUNTS + movers + FLOOR))
    top = content_top(fig)
    draw_shared_key(fig, top, styles, scenarios, certain=certain)
    top -= key
    most = most_soldiers(result.runs)
    for number, panel in enumerate(panels):
        x = MARGIN + number * (wide + GAP)
        y = top
        for line in panel.heading.splitlines():
            y -= line_height(HEADING)
            draw_text(fig, x, y + 0.05, line, size=HEADING, weight="bold", gid="heading")
        y -= 0.02
        draw_text(fig, x, y, panel.environment, size=SMALL, color=QUIET, va="top", linespacing=1.15)
        y = top - head - high
        _draw_map(fig, panel, (x, y, wide, high))
        _draw_beyond(fig, panel, x, y - 0.06, wide)
        draw_counts(fig, panel.run, styles, focus, x, y - under, wide, most)
    draw_movers(fig, result, moving, styles[focus], top - head - high - under - COUNTS)
    _footer(fig, result)
    return fig


def _short(quantity: str, value: float, scenario: Scenario) -> str:
    if quantity == "russian_opposition" and scenario.opponent is None:
        return "no opponent"
    return f"{quantity_name(quantity, scenario).removeprefix('the ')} {value:.2f}"


def _subtitle(result: Comparison) -> str:
    """Return what the maps and counts show, and over how many replicates."""
    counts = sorted({len(each.run.outcomes) for each in result.runs})
    text = "Most frequent stance of each state after the last round, and mean counts"
    if counts[-1] == 1:
        return f"{text}; one replicate with the same random draws"
    few = " (too few for reliable intervals)" if counts[0] < FEW_REPLICATES else ""
    number = counted(counts[0], "replicate") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} replicates"
    return f"{text}; {number} with the same random draws{few}"


def common_styles(scenarios: Sequence[Scenario]) -> dict[str, OptionStyle]:
    """Return a style for each option on any of the menus, from the lowest rung to the highest, with all its labels."""
    menu = {name: option for each in scenarios for name, option in each.menu.items()}
    for name, option in menu.items():
        labels = dict.fromkeys(each.menu[name].label for each in scenarios if name in each.menu)
        menu[name] = option.model_copy(update={"label": " / ".join(labels)})
    return option_styles(scenarios[-1].model_copy(update={"menu": menu}))


def _panels(result: Comparison, styles: Mapping[str, OptionStyle], wide: float) -> list[RunPanel]:
    means = [run.means() for run in result.runs]
    differing = [name for name in QUANTITIES if np.ptp([each[name] for each in means]) >= NOTABLE]
    panels = []
    for run, measured in zip(result.runs, means, strict=True):
        shown = shown_states(run.run.probabilities(), run.scenario, styles)
        panels.append(
            RunPanel(
                run=run,
                shown=shown,
                beyond=[code for code in shown if not lies_on_map(code)],
                heading=wrapped(run.label, wide, HEADING, weight="bold"),
                environment=_lines([_short(name, measured[name], run.scenario) for name in differing], wide),
            )
        )
    return panels


def _lines(parts: Sequence[str], wide: float) -> str:
    """Return the parts, unbroken, in as few lines with about equally many parts as the width allows."""
    fits = [count for count in range(1, len(parts) + 1) if _widest(parts, count) <= wide]
    return "\n".join(_cut_up(parts, fits[0] if fits else len(parts)))


def _cut_up(parts: Sequence[str], lines: int) -> list[str]:
    ends = [round(len(parts) * line / max(lines, 1)) for line in range(lines + 1)]
    return [" · ".join(parts[first:last]) for first, last in pairwise(ends)]


def _widest(parts: Sequence[str], lines: int) -> float:
    return max(type_width(line, SMALL) for line in _cut_up(parts, lines))


def _draw_map(fig: Figure, panel: RunPanel, box: tuple[float, float, float, float]) -> None:
    """Draw the small map in its box (left, bottom, width, height in inches), with the codes that fit."""
    axes = axes_at(fig, *box)
    on_map = draw_stances(axes, panel.shown, panel.run.scenario)
    for patch in axes.patches:
        patch.set_linewidth(0.65 * patch.get_linewidth())
        patch.set_hatch_linewidth(0.7)
    km_per_inch = (WINDOW[1] - WINDOW[0]) / box[2]
    leads = panel.run.scenario.leads
    label_states(axes, panel.shown, on_map, km_per_inch=km_per_inch, certain=True, points=CODES, outside=leads)


def _rows_beyond(panel: RunPanel, wide: float) -> int:
    return min(ROWS_BEYOND, -(-len(panel.beyond) // _a_row(wide)))


def _a_row(wide: float) -> int:
    return int(wide / (SQUARE[0] + 0.06))


def _draw_beyond(fig: Figure, panel: RunPanel, x: float, top: float, wide: float) -> None:
    """Draw the states that are not on the map as labelled squares, in rows."""
    a_row = _a_row(wide)
    room = a_row * ROWS_BEYOND
    drawn = panel.beyond if len(panel.beyond) <= room else panel.beyond[: room - 1]
    rows = _rows_beyond(panel, wide)
    if not rows:
        return
    height = rows * (SQUARE[1] + 0.06)
    axes = axes_at(fig, x, top - height, wide, height)
    axes.set(xlim=(0, wide), ylim=(-height, 0))
    axes.set_axis_off()
    for index, code in enumerate(drawn):
        state = panel.shown[code]
        left, low = (index % a_row) * (SQUARE[0] + 0.06), -(index // a_row) * (SQUARE[1] + 0.06) - SQUARE[1]
        corners = [(left, low), (left + SQUARE[0], low), (left + SQUARE[0], low + SQUARE[1]), (left, low + SQUARE[1])]
        for patch in patches(Path([*corners, corners[0]], closed=True), state):
            patch.set_hatch_linewidth(0.7)
            axes.add_patch(patch)
        axes.text(
            left + SQUARE[0] / 2, low + SQUARE[1] / 2, code, size=CODES, weight="bold", color=ink_on(state.ground),
            ha="center", va="center", gid=code, zorder=6,
            path_effects=[effects.withStroke(linewidth=2.4, foreground=state.ground)],
        )  # fmt: skip
    if len(drawn) < len(panel.beyond):
        left = (len(drawn) % a_row) * (SQUARE[0] + 0.06)
        more = f"+{len(panel.beyond) - len(drawn)}"
        axes.text(left, -height + 0.06 + SQUARE[1] / 2, more, size=CODES, color=QUIET, va="center")


def _footer(fig: Figure, result: Comparison) -> None:
    manifests = [run.manifest for run in result.runs]
    parts = [f"{run.label} {run.manifest.digest[:8]}" for run in result.runs]
    replicates = sorted({manifest.replicates for manifest in manifests})
    numbers = " to ".join(f"{count:,}" for count in (replicates[0], replicates[-1])[: len(replicates)])
    parts += [f"{numbers} replicate{'' if numbers == '1' else 's'}", f"seed {manifests[0].seed}"]
    text = wrapped("  ·  ".join(parts), fig.get_figwidth() - 2 * MARGIN, FOOTER)
    draw_text(fig, MARGIN, 0.16, text, size=FOOTER, color=QUIET, gid="footer")
