"""Playing a scenario from the command line: read back if it lies on the shelf already, played and kept if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.results.store import RUNS

if TYPE_CHECKING:
    from sim.model.setup import Setup
    from sim.results.manifest import Manifest
    from sim.results.run import Run
    from sim.results.tables import RunTables
    from sim.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a scenario is to be played."""

    replicates: int = 400
    seed: int = 0
    workers: int | None = None  # processes of agents, threads of the ensemble; None: as many as are worth it
    settings: Sequence[str] = ()  # PATH=VALUE
    folder: Path | None = None  # None: one under results/runs, named after what is played
    figures: bool = True  # whether they are drawn


def play_scenario(reference: str, wanted: RunOptions) -> Run:
    """Return the run of a scenario, a name or a file, with its tables and figures in its folder."""
    from sim import api
    from sim.cli import console
    from sim.cli.drawing import draw_run

    scenario = console.load_scenario(reference, wanted.settings)
    with console.progress(f"Simulating {scenario.name}") as on_progress:
        run = api.run(
            scenario,
            replicates=wanted.replicates,
            seed=wanted.seed,
            workers=wanted.workers,
            engine="auto",
            on_progress=on_progress,
            folder=wanted.folder,
            cache=RUNS,
        )
    if run.reused:
        click.echo(f"Already simulated: {run.folder}", err=True)
    if wanted.figures:
        draw_run(run)
    return run


def play_tables(setup: Setup, wanted: RunOptions) -> RunTables:
    """Return the tables of a scenario, simulated with progress on the screen, and keep nothing."""
    from sim import api
    from sim.cli import console

    with console.progress(f"Simulating {setup.scenario.name}") as on_progress:
        return api.run(
            setup.scenario,
            replicates=wanted.replicates,
            seed=wanted.seed,
            workers=wanted.workers,
            on_progress=on_progress,
        ).tables


def certificate(scenario: Scenario, reference: str, wanted: RunOptions) -> Manifest:
    """Return the manifest of what is about to be simulated."""
    from sim.results.simulate import plan_simulation

    return plan_simulation(scenario, replicates=wanted.replicates, seed=wanted.seed).manifest
