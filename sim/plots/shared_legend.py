"""One legend for several maps, in lines across the figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.legend import party_key
from sim.plots.map_states import HATCH, STAR, TINTS
from sim.plots.style import (
    BODY,
    INK,
    MARGIN,
    QUIET,
    OptionStyle,
    draw_text,
    tinted,
    type_width,
)
from sim.scenario import Scenario
from sim.scenario.schema import ABSTAIN
from sim.text.words import promise

LINE = 0.25  # inches
SWATCH = 0.14  # inches
APART = 0.26  # inches between entries


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """An entry of the legend: swatches side by side, and their label."""

    label: str
    grounds: tuple[str, ...]
    hatch: str | None = None
    star: bool = False

    @property
    def width(self) -> float:
        """Its width in inches."""
        return len(self.grounds) * SWATCH + 0.07 + type_width(self.label, BODY)


def key_height(
    styles: Mapping[str, OptionStyle], scenarios: Sequence[Scenario], width: float, *, certain: bool
) -> float:
    """Return the height of the legend in inches; width: of the figure."""
    return len(_lines(styles, scenarios, width, certain=certain)) * LINE + 0.1


def draw_shared_key(
    fig: Figure, top: float, styles: Mapping[str, OptionStyle], scenarios: Sequence[Scenario], *, certain: bool
) -> None:
    """Draw the legend of all maps, from a height in inches downwards."""
    for number, line in enumerate(_lines(styles, scenarios, fig.get_figwidth(), certain=certain)):
        x, y = MARGIN, top - (number + 0.5) * LINE
        for entry in line:
            _draw(fig, entry, x, y)
            x += entry.width + APART


def _lines(
    styles: Mapping[str, OptionStyle], scenarios: Sequence[Scenario], width: float, *, certain: bool
) -> list[list[LegendEntry]]:
    """Break the entries into as few lines as the width of the figure allows, of similar lengths."""
    entries = _entries(styles, scenarios, certain=certain)
    room = width - 2 * MARGIN
    lines = _broken(entries, room)
    for narrower in np.arange(0.95, 0.5, -0.05) * room:
        tried = _broken(entries, float(narrower))
        if len(tried) > len(lines):
            break
        lines = tried
    return lines


def _broken(entries: Sequence[LegendEntry], room: float) -> list[list[LegendEntry]]:
    lines: list[list[LegendEntry]] = [[]]
    x = 0.0
    for entry in entries:
        if lines[-1] and x + entry.width > room:
            lines.append([])
            x = 0.0
        lines[-1].append(entry)
        x += entry.width + APART
    return lines


def _entries(styles: Mapping[str, OptionStyle], scenarios: Sequence[Scenario], *, certain: bool) -> list[LegendEntry]:
    tints = (1.0,) if certain else tuple(tint for _, tint in TINTS)
    entries = [
        LegendEntry(
            label=style.label,
            grounds=(style.colour,) if name == ABSTAIN else tuple(tinted(style.colour, tint) for tint in tints),
        )
        for name, style in reversed(list(styles.items()))
    ]
    if not certain:
        shares = [f"≥{100 * least:.0f}" for least, _ in TINTS[:-1]]
        label = f"{', '.join(shares)}, <{100 * TINTS[-2][0]:.0f}% of replicates"
        entries.append(LegendEntry(label=label, grounds=tuple(tinted(QUIET, tint) for tint in tints)))
    for scenario in {each.deepest: each for each in scenarios}.values():
        label = f"would {promise(scenario.deepest, scenario)} if the conditions were met"
        entries.append(LegendEntry(label=label, grounds=("white",) * 2, hatch=styles[scenario.deepest].colour))
    if any(set(each.leads) & set(each.roster.asked) for each in scenarios):
        entries.append(LegendEntry(label="leads the proposal", grounds=("white",) * 2, star=True))
    entries += [
        LegendEntry(label=words, grounds=(ground,) * 2)
        for ground, words in dict.fromkeys(entry for scenario in scenarios for entry in party_key(scenario))
    ]
    return entries


def _draw(fig: Figure, entry: LegendEntry, x: float, y: float) -> None:
    wide, high = fig.get_size_inches()

    def box(left: float, width: float, **looks: object) -> Rectangle:
        shape = Rectangle((left / wide, (y - 0.075) / high), width / wide, 0.15 / high, transform=fig.transFigure)
        shape.set(**looks)
        fig.add_artist(shape)
        return shape

    for index, ground in enumerate(entry.grounds):
        box(x + index * SWATCH, SWATCH, facecolor=ground, edgecolor="white", linewidth=0.0)
    count = len(entry.grounds)
    if entry.hatch is not None:
        hatched = box(x, count * SWATCH, facecolor="none", edgecolor=entry.hatch, linewidth=0.6, hatch=HATCH)
        hatched.set_hatch_linewidth(0.7)
    if entry.star:
        box(x, count * SWATCH, facecolor="white", edgecolor=INK, linewidth=1.0)
        draw_text(fig, x + count * SWATCH / 2, y, STAR, size=BODY - 1, ha="center", va="center_baseline")
    draw_text(fig, x + (count * SWATCH + 0.07 if count else 0.0), y, entry.label, va="center_baseline")
