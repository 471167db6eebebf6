"""THE PICTURES OF SWEEPS: the points of an experiment in, a figure out, one function for every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.errors import FigureError
from sim.experiment import Experiment
from sim.experiment.figure_specs import Figure as Asked
from sim.plots.sweeps.cross_effects import effects
from sim.plots.sweeps.data import Sweep
from sim.plots.sweeps.heat import heat
from sim.plots.sweeps.hysteresis import hysteresis
from sim.plots.sweeps.multiples import multiples
from sim.plots.sweeps.phase import phase
from sim.plots.sweeps.response_curve import cliff
from sim.plots.sweeps.tornado import tornado

__all__ = ["KINDS", "draw", "sweep_view"]

KINDS: Mapping[str, Callable[..., Figure]] = MappingProxyType(
    {
        "phase": phase,
        "cliff": cliff,
        "heat": heat,
        "tornado": tornado,
        "multiples": multiples,
        "hysteresis": hysteresis,
        "effects": effects,
    }
)


def draw(figure: Asked, experiment: Experiment, summary: pd.DataFrame) -> Figure:
    """Return a figure that an experiment asks for, from the summary of its points.

    figure: one of the experiment's own, or made in the same way for this purpose. summary: a row a point, in the order
    of the design: the columns of the factors, `runs` (0: the point failed), and of each outcome its mean, `.low` and
    `.high`, or its likeliest word and the share of each option. FigureError, which says what to do, where the points
    are too few for the figure or lack what it shows.
    """
    wanted: dict[str, Any] = figure.model_dump(exclude={"kind", "name"})
    return KINDS[figure.kind](sweep_view(experiment, summary), **wanted)


def sweep_view(experiment: Experiment, summary: pd.DataFrame) -> Sweep:
    """Return a sweep as figures see it; summary as in draw. FigureError where no point was played."""
    if not len(summary):
        raise FigureError(f"{experiment.name}: no point was played, so there is nothing to draw; run the sweep first")
    return Sweep(
        experiment=experiment,
        points=summary.reset_index(drop="point" in summary.columns),
        scenarios={scenario.name: scenario for scenario in experiment.bases},
    )
