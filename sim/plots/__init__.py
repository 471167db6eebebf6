"""Figures of results, all in one style, with a fixed colour and label for each option."""

from __future__ import annotations

from sim.errors import FigureError

try:
    import matplotlib  # noqa: F401
except (OSError, ValueError) as error:
    raise FigureError(f"matplotlib does not start: {error}; correct the matplotlibrc or the setting it names") from None

from sim.plots.environment import environment_by_round
from sim.plots.map import stance_map
from sim.plots.personnel import personnel_by_round
from sim.plots.run import FIGURES, RunFigure, further_figures, map_of_run
from sim.plots.stances import stances_by_round
from sim.plots.style import OptionStyle, option_styles, save

__all__ = [
    "FIGURES",
    "OptionStyle",
    "RunFigure",
    "environment_by_round",
    "further_figures",
    "map_of_run",
    "option_styles",
    "personnel_by_round",
    "save",
    "stance_map",
    "stances_by_round",
]
