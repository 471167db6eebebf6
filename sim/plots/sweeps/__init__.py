"""Figures of sweeps: one function per kind, from the summary of the points to a Matplotlib figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.analysis.sweep_view import sweep_view
from sim.errors import FigureError
from sim.experiment import Experiment
from sim.experiment.adhoc_figures import adhoc_figure, figure_of_kind
from sim.experiment.figure_specs import Figure as FigureSpec
from sim.experiment.sweep import Sweep
from sim.plots.sweeps.cross_effects import effects
from sim.plots.sweeps.heat import heat
from sim.plots.sweeps.hysteresis import hysteresis
from sim.plots.sweeps.multiples import multiples
from sim.plots.sweeps.phase import phase
from sim.plots.sweeps.response_curve import cliff
from sim.plots.sweeps.tornado import tornado
from sim.scenario.suggestions import did_you_mean

__all__ = ["KINDS", "draw", "figures", "plot"]

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
_ADHOC = ("x", "y", "by", "outcome")  # options that are enough to choose a kind


def figures(sweep: Sweep) -> dict[str, Callable[[], Figure]]:
    """Return the functions that draw the figures of the experiment, by name."""
    return {name: partial(draw, spec, sweep.experiment, sweep.summary) for name, spec in sweep.figures.items()}


def plot(sweep: Sweep, kind: str | None = None, **options: Any) -> Figure:
    """Draw a figure of a sweep; see `Sweep.plot`."""
    return draw(_specification(sweep, kind, options), sweep.experiment, sweep.summary)


def _specification(sweep: Sweep, kind: str | None, options: dict[str, Any]) -> FigureSpec:
    experiment, own = sweep.experiment, sweep.figures
    if options and kind is not None:
        return figure_of_kind(experiment, kind, **options)
    if options:
        unknown = [name for name in options if name not in _ADHOC]
        if unknown or "x" not in options or "outcome" not in options:
            raise FigureError(f"{experiment.name}: give x and outcome, and perhaps y and by; or a kind and its options")
        return adhoc_figure(experiment, **options)
    if not own:
        raise FigureError(f"{experiment.name} names no figures; give x and outcome, and perhaps y and by")
    if kind is None:
        return next(iter(own.values()))
    of_kind = [spec for spec in own.values() if spec.kind == kind]
    if kind in own or of_kind:
        return own[kind] if kind in own else of_kind[0]
    raise FigureError(f"{experiment.name}: no figure '{kind}'{did_you_mean(kind, own)}")


def draw(figure: FigureSpec, experiment: Experiment, summary: pd.DataFrame) -> Figure:
    """Draw a figure of a sweep.

    Parameters
    ----------
    figure : figure specification
        One of the experiment's figures, or another one.
    experiment : Experiment
        The experiment.
    summary : DataFrame
        One row per point in the order of the design: the factors, `runs` (0: the point failed), and of each outcome
        its mean with `.low` and `.high`, or its most frequent option with the share of each option.

    Raises
    ------
    FigureError
        If there are too few points for the figure, or they lack what it shows.
    """
    options: dict[str, Any] = figure.model_dump(exclude={"kind", "name"})
    return KINDS[figure.kind](sweep_view(experiment, summary), **options)
