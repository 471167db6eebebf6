"""The figures of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Protocol

from matplotlib.figure import Figure

from sim.plots.environment import environment_by_round
from sim.plots.map import stance_map
from sim.plots.personnel import personnel_by_round
from sim.plots.rounds import replicates
from sim.plots.stance_shares import probabilities_by_state
from sim.plots.stances import stances_by_round
from sim.plots.style import under_defaults
from sim.plots.variance_components import parts_of_variance
from sim.results.run import Run
from sim.results.summary import stance_chances
from sim.results.tables import RunTables
from sim.scenario.schema import Scenario


@under_defaults
def map_of_run(tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
    """Draw the map of stances in the last round."""
    chances = stance_chances(tables.stances, scenario.option_names)
    return stance_map(chances, scenario, replicates=replicates(tables), seed=seed, date=tables.rounds["date"].max())


class RunFigure(Protocol):
    """A figure of a run."""

    def __call__(self, tables: RunTables, scenario: Scenario, *, seed: int | None = None) -> Figure:
        """Draw the figure; the seed, if known, is written in its footer."""


FIGURES: Mapping[str, RunFigure] = MappingProxyType(
    {
        "map": map_of_run,
        "probabilities": probabilities_by_state,
        "stances": stances_by_round,
        "personnel": personnel_by_round,
        "environment": environment_by_round,
    }
)


def further_figures(tables: RunTables) -> Mapping[str, RunFigure]:
    """Return the further figures of a run: one if its weights were drawn from a posterior."""
    return {} if tables.weights is None else {"parts": parts_of_variance}


def figures(run: Run) -> dict[str, Callable[[], Figure]]:
    """Return a function for each kind of figure of a run, the map first."""
    kinds = {**FIGURES, **further_figures(run.tables)}
    return {name: partial(draw, run.tables, run.scenario, seed=run.manifest.seed) for name, draw in kinds.items()}
