"""Playing a scenario from the command line: read back if it lies on the shelf already, played and kept if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.model.setup import Setup
    from sim.results.manifest import Manifest
    from sim.results.store import StoredRun
    from sim.results.tables import RunTables
    from sim.scenario import Scenario

RUNS = Path("results") / "runs"
FEW = 20  # replicates up to which agents play by default: nothing is to be gained


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a scenario is to be played."""

    replicates: int = 400
    seed: int = 0
    engine: str | None = None  # agents or ensemble; None: whichever is quicker
    workers: int | None = None  # processes of agents, threads of the ensemble; None: as many as are worth it
    settings: Sequence[str] = ()  # PATH=VALUE
    folder: Path | None = None  # None: one under results/runs, named after what is played


def play_scenario(reference: str, wanted: Wanted) -> StoredRun:
    """Return the run of a scenario, a name or a file, with its tables and figures on the shelf.

    ScenarioError, FactsError or ModelError where it cannot be played, ResultsError where its folder is taken.
    """
    import time

    from sim.cli.progress import progress
    from sim.model.setup import prepare
    from sim.plots import FIGURES, save
    from sim.results.store import reserve, write_run
    from sim.scenario import load_scenario

    scenario = load_scenario(reference, wanted.settings)
    setup = prepare(scenario)
    manifest = certificate(scenario, reference, wanted)
    folder = wanted.folder or RUNS / f"{scenario.name}-{manifest.identity}"
    stored = reserve(folder, manifest)
    if stored is not None:
        click.echo(f"Already played: {folder}", err=True)
        return stored
    clock = time.monotonic()
    tables = play_tables(setup, wanted)

    def draw(figures: Path) -> None:
        with progress("Drawing", len(FIGURES)) as tell:
            for name, figure in FIGURES.items():
                save(figure(tables, scenario, seed=wanted.seed), figures / f"{name}.png")
                tell(1)

    return write_run(folder, manifest.lasting(time.monotonic() - clock), tables, draw)


def play_tables(setup: Setup, wanted: Wanted) -> RunTables:
    """Return the tables of a scenario that is played now, with its progress on the screen, and keep nothing."""
    import os

    from sim.cli.progress import progress
    from sim.ensemble import play as ensemble
    from sim.model import play as agents
    from sim.results.tables import tabulate

    replicates = range(wanted.replicates)
    with progress(f"Playing {setup.scenario.name}", wanted.replicates) as tell:
        if engine_of(setup.scenario, wanted) == "ensemble":
            threads = wanted.workers or os.cpu_count() or 1
            played = ensemble.play(setup, seed=wanted.seed, replicates=replicates, threads=threads, tell=tell)
        else:
            hands = wanted.workers or agents.useful_workers(setup, wanted.replicates)
            played = agents.play(setup, seed=wanted.seed, replicates=replicates, workers=hands, tell=tell)
    return tabulate(setup, played)


def engine_of(scenario: Scenario, wanted: Wanted) -> str:
    """Return which engine plays a scenario: the one that is wanted, else agents for few replicates or own drivers."""
    from sim.theory.considerations import CONSIDERATIONS

    if wanted.engine is not None:
        return wanted.engine
    has_own = any(not isinstance(CONSIDERATIONS[name].driver, str) for name in scenario.weights)
    return "agents" if wanted.replicates <= FEW or has_own else "ensemble"


def certificate(scenario: Scenario, reference: str, wanted: Wanted) -> Manifest:
    """Return the manifest of what is about to be played."""
    import datetime

    from sim.results.manifest import certify

    return certify(
        scenario,
        reference=reference,
        settings=wanted.settings,
        seed=wanted.seed,
        replicates=wanted.replicates,
        engine=engine_of(scenario, wanted),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def open_or_play(reference: str, wanted: Wanted, *, as_played: bool = False) -> StoredRun:
    """Return the run that lies in a folder, or the run of a scenario; a scenario's name goes before a folder's."""
    from sim.results.reading import open_run
    from sim.scenario import shipped

    if reference not in shipped() and Path(reference).is_dir():
        return open_run(Path(reference), as_played=as_played)
    return play_scenario(reference, wanted)
