"""The figures of a sensitivity analysis: effects of factors, their convergence, and their interactions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from matplotlib.figure import Figure

from sim.analysis.sensitivity import Sensitivity
from sim.analysis.sweep_view import sweep_view
from sim.plots.sweeps.convergence import convergence_curves, interaction_scatter
from sim.plots.sweeps.tornado import tornado


def figures(result: Sensitivity) -> dict[str, Callable[[], Figure]]:
    """Return the functions that draw the figures: effects by factor, convergence, and mu* against sigma."""
    sweep = sweep_view(result.experiment, result.sweep.summary)
    by_kind: dict[str, Callable[[], Figure]] = {"sensitivity": partial(tornado, sweep, outcome=result.outcome)}
    if result.convergence is not None:
        by_kind["convergence"] = partial(convergence_curves, sweep, result.outcome, result.convergence)
    if result.method == "morris":
        by_kind["effects"] = partial(interaction_scatter, sweep, result.outcome, result.factors)
    return by_kind
