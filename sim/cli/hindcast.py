"""`willing hindcast`: score the model on the positions that governments are on record with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Literal

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing hindcast --scenario paris-march-2025 --date 2025-05-21")
@click.option(
    "--positions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table of dated positions (CSV); by default the included one of spring 2025.",
)
@click.option("--scenario", default="paris-march-2025", show_default=True, help="A name or a YAML file.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day on which the model is read, with the positions up to it; by default the day of the last position.",
)
@click.option(
    "--stances",
    type=click.Choice(["conditional", "firm"]),
    default="conditional",
    show_default=True,
    help="Stances of the model to score.",
)
@options.replicates(1000, least=20)
@options.seed
@options.settings
@options.workers
@options.output(figures=Path("results") / "hindcast")
def hindcast(
    positions: Path | None,
    scenario: str,
    date: datetime.datetime | None,
    stances: Literal["conditional", "firm"],
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    output: Output,
) -> None:
    """Score the model's stances on what governments said, beside simpler forecasts.

    Probabilities are shares of replicates. A fitted forecast predicts each state from the others alone. States that are
    undecided or not on record are counted and left out.
    """
    from sim import api
    from sim.cli import console

    with console.progress("Simulating") as on_progress:
        result = api.hindcast(
            api.load_scenario(scenario, settings),
            positions=positions,
            date=None if date is None else date.date(),
            stances=stances,
            replicates=replicates,
            seed=seed,
            workers=workers,
            on_progress=on_progress,
        )
    output.answer(result)
