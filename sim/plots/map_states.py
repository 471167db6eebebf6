"""What the map says about one state: its likeliest stance, how likely, and what it would do under the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.plots.style import INK, OptionStyle, option_styles, tinted
from sim.scenario.schema import ABSTAIN, Scenario

LIKELY = 0.5  # chance from which on a state counts as one that would go deeper under the conditions
TINTS = ((0.8, 1.0), (0.5, 0.8), (0.0, 0.6))  # chance from which on, strength of the colour
HATCH = "////"
STAR = "★"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the map says about one state."""

    code: str
    stance: str
    chance: float
    ground: str  # its colour
    hatched: str | None  # the colour of the hatching, where it would go deeper under the conditions
    leads: bool

    def text(self, *, certain: bool, joint: str) -> str:
        """Return the label: the code, a star for a lead, and the chance in % unless all are certain."""
        name = f"{STAR} {self.code}" if self.leads else self.code
        return name if certain else f"{name}{joint}{100 * self.chance:.0f}"


def shown_states(
    chances: pd.DataFrame, scenario: Scenario, styles: Mapping[str, OptionStyle] | None = None
) -> dict[str, Shown]:
    """Return what the map says about each state, in the order of the table; of equal chances the shallower stance.

    styles: of the options, where they are not those of the scenario's own menu.
    """
    styles = styles or option_styles(scenario)
    deepest = scenario.deepest
    found = {}
    options = list(scenario.option_names)
    table = chances[options].to_numpy(dtype=float)
    deeper = chances[f"{deepest}_conditional"].to_numpy(dtype=float) >= LIKELY
    for code, row, would in zip(chances.index, table, deeper, strict=True):
        likeliest = int(row.argmax())
        stance, chance = options[likeliest], float(row[likeliest])
        strength = 1.0 if stance == ABSTAIN else next(tint for least, tint in TINTS if chance >= least)
        would_deepen = bool(would) and stance != deepest
        found[str(code)] = Shown(
            code=str(code),
            stance=stance,
            chance=chance,
            ground=tinted(styles[stance].colour, strength),
            hatched=styles[deepest].colour if would_deepen else None,
            leads=code in scenario.leads,
        )
    return found


def patches(shape: Path, state: Shown, **settings: Any) -> list[PathPatch]:
    """Return what draws a state: its ground, hatching in the colour it would take, its border."""
    border = {"edgecolor": INK, "linewidth": 1.5} if state.leads else {"edgecolor": "white", "linewidth": 0.6}
    made = [PathPatch(shape, facecolor=state.ground, **border, **settings)]
    if state.hatched is not None:
        hatching = PathPatch(shape, facecolor="none", edgecolor=state.hatched, linewidth=0.0, hatch=HATCH, **settings)
        hatching.set_hatch_linewidth(0.9)
        made.append(hatching)
    return made
