"""States on the map: the likeliest stance, its probability, and the stance if the conditions were met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.plots.style import INK, OptionStyle, option_styles, tinted
from sim.scenario.schema import ABSTAIN, Scenario

LIKELY = 0.5  # probability from which a state is hatched: it would hold the deepest option if the conditions were met
TINTS = ((0.8, 1.0), (0.5, 0.8), (0.0, 0.6))  # least probability, strength of the colour
HATCH = "////"
STAR = "★"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateOnMap:
    """One state on the map."""

    code: str
    stance: str
    chance: float
    ground: str  # fill colour
    hatched: str | None  # colour of the hatching, if it would hold the deepest option if the conditions were met
    leads: bool

    def text(self, *, certain: bool, joint: str) -> str:
        """Return the label: the code, a star for a lead, and the probability in % unless all are certain."""
        name = f"{STAR} {self.code}" if self.leads else self.code
        return name if certain else f"{name}{joint}{100 * self.chance:.0f}"


def shown_states(
    chances: pd.DataFrame, scenario: Scenario, styles: Mapping[str, OptionStyle] | None = None
) -> dict[str, StateOnMap]:
    """Return the states on the map, in the order of the table; of equally likely stances the shallower.

    styles: of the options, by default those of the scenario's menu.
    """
    styles = styles or option_styles(scenario)
    deepest = scenario.deepest
    states = {}
    options = list(scenario.option_names)
    table = chances[options].to_numpy(dtype=float)
    deeper = chances[f"{deepest}_conditional"].to_numpy(dtype=float) >= LIKELY
    for code, row, is_deeper in zip(chances.index, table, deeper, strict=True):
        likeliest = int(row.argmax())
        stance, chance = options[likeliest], float(row[likeliest])
        strength = 1.0 if stance == ABSTAIN else next(tint for least, tint in TINTS if chance >= least)
        would_deepen = bool(is_deeper) and stance != deepest
        states[str(code)] = StateOnMap(
            code=str(code),
            stance=stance,
            chance=chance,
            ground=tinted(styles[stance].colour, strength),
            hatched=styles[deepest].colour if would_deepen else None,
            leads=code in scenario.leads,
        )
    return states


def patches(shape: Path, state: StateOnMap, **settings: Any) -> list[PathPatch]:
    """Return the patches of a state: fill, hatching if any, and border."""
    border = {"edgecolor": INK, "linewidth": 1.5} if state.leads else {"edgecolor": "white", "linewidth": 0.6}
    patches = [PathPatch(shape, facecolor=state.ground, **border, **settings)]
    if state.hatched is not None:
        hatching = PathPatch(shape, facecolor="none", edgecolor=state.hatched, linewidth=0.0, hatch=HATCH, **settings)
        hatching.set_hatch_linewidth(0.9)
        patches.append(hatching)
    return patches
