"""Playing a scenario from the command line: read back if it lies on the shelf already, played and kept if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import numpy as np

    from sim.model.setup import Setup
    from sim.model.simulate import Trajectories
    from sim.results.manifest import Manifest
    from sim.results.store import StoredRun
    from sim.results.tables import RunTables
    from sim.scenario import Scenario
    from sim.scenario.posterior import Posterior

RUNS = Path("results") / "runs"
FEW = 20  # replicates up to which agents play by default: nothing is to be gained


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a scenario is to be played."""

    replicates: int = 400
    seed: int = 0
    engine: str | None = None  # agents or ensemble; None: whichever is quicker
    workers: int | None = None  # processes of agents, threads of the ensemble; None: as many as are worth it
    settings: Sequence[str] = ()  # PATH=VALUE
    folder: Path | None = None  # None: one under results/runs, named after what is played
    posterior: Path | None = None  # what weights are drawn from; None: they are the scenario's
    draws: int | None = None  # of the weights; None: up to a hundred
    figures: bool = True  # whether they are drawn


def play_scenario(reference: str, wanted: RunOptions) -> StoredRun:
    """Return the run of a scenario, a name or a file, with its tables and figures on the shelf.

    The tables are kept before anything is drawn; a figure that cannot be drawn is named, and drawn the next time.
    ScenarioError, FactsError or ModelError where it cannot be played, ResultsError where its folder is taken.
    """
    from sim.cli.drawing import draw_run
    from sim.cli.what_if import load_and_warn
    from sim.compile_time import clock
    from sim.model.setup import prepare
    from sim.results.store import reserve, write_run

    scenario = load_and_warn(reference, wanted.settings)
    setup = prepare(scenario)
    drawn = _drawn(scenario, wanted)
    manifest = certificate(scenario, reference, wanted, drawn)
    folder = wanted.folder or RUNS / f"{scenario.name}-{manifest.identity}"
    stored = reserve(folder, manifest)
    if stored is not None:
        click.echo(f"Already played: {folder}", err=True)
    else:
        began = clock()
        tables = play_tables(setup, wanted, drawn)
        stored = write_run(folder, manifest.with_duration(clock() - began), tables)
    if wanted.figures:
        draw_run(stored)
    return stored


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnWeights:
    """The weights of a run that are not the scenario's."""

    posterior: Posterior
    weights: np.ndarray  # [draws, weights]
    setups: Sequence[Setup]  # one a draw


def _drawn(scenario: Scenario, wanted: RunOptions) -> DrawnWeights | None:
    """Return the weights that are drawn; None where the scenario's are to hold."""
    from sim.model.weight_draws import drawn_weights, draws_for, setups_drawn
    from sim.scenario.posterior import read_posterior

    if wanted.posterior is None:
        return None
    posterior = read_posterior(wanted.posterior)
    weights = drawn_weights(posterior, seed=wanted.seed, draws=draws_for(wanted.replicates, wanted.draws))
    return DrawnWeights(posterior=posterior, weights=weights, setups=setups_drawn(scenario, posterior, weights))


def play_tables(setup: Setup, wanted: RunOptions, drawn: DrawnWeights | None = None) -> RunTables:
    """Return the tables of a scenario that is played now, with its progress on the screen, and keep nothing."""
    import os

    import pandas as pd

    from sim.cli.memory import check_memory
    from sim.cli.progress import progress
    from sim.ensemble import simulate as ensemble
    from sim.model import simulate as agents
    from sim.model.weight_draws import play_drawn
    from sim.results.tables import tabulate

    scenario = setup.scenario
    check_memory(scenario.name, replicates=wanted.replicates, rounds=scenario.rounds, states=len(scenario.roster.asked))
    with progress(f"Playing {scenario.name}", wanted.replicates) as on_progress:

        def play(setup: Setup, replicates: range) -> Trajectories:
            if engine_of(setup.scenario, wanted) == "ensemble":
                threads = wanted.workers or os.cpu_count() or 1
                return ensemble.play(
                    setup, seed=wanted.seed, replicates=replicates, threads=threads, on_progress=on_progress
                )
            workers = wanted.workers or agents.useful_workers(setup, len(replicates))
            return agents.play(setup, seed=wanted.seed, replicates=replicates, workers=workers, on_progress=on_progress)

        if drawn is None:
            return tabulate(setup, play(setup, range(wanted.replicates)))
        tables = tabulate(setup, play_drawn(drawn.setups, wanted.replicates, play))
    weights = pd.DataFrame(drawn.weights, columns=list(drawn.posterior.names))
    weights.insert(0, "draw", range(len(weights)))
    return tables.under(weights)


def engine_of(scenario: Scenario, wanted: RunOptions) -> str:
    """Return which engine plays a scenario: the one that is wanted, else agents for few replicates or own drivers."""
    from sim.theory.considerations import CONSIDERATIONS

    if wanted.engine is not None:
        return wanted.engine
    has_own = any(not isinstance(CONSIDERATIONS[name].driver, str) for name in scenario.weights)
    return "agents" if wanted.replicates <= FEW or has_own else "ensemble"


def certificate(scenario: Scenario, reference: str, wanted: RunOptions, drawn: DrawnWeights | None = None) -> Manifest:
    """Return the manifest of what is about to be played."""
    import datetime

    from sim.results.manifest import create_manifest

    return create_manifest(
        scenario,
        reference=reference,
        settings=wanted.settings,
        seed=wanted.seed,
        replicates=wanted.replicates,
        engine=engine_of(scenario, wanted),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        posterior=None
        if drawn is None
        else {"reference": str(wanted.posterior), "sha256": drawn.posterior.sha256, "draws": len(drawn.setups)},
    )


def open_or_play(reference: str, wanted: RunOptions, *, as_played: bool = False) -> StoredRun:
    """Return the run that lies in a folder, or the run of a scenario; a scenario's name goes before a folder's."""
    from sim.results.open_run import open_run
    from sim.scenario import shipped

    if reference not in shipped() and Path(reference).is_dir():
        return open_run(Path(reference), as_played=as_played)
    return play_scenario(reference, wanted)
