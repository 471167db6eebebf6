"""`willing thresholds`: the smallest change of one lever, or of two, at which an outcome reaches a target."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing thresholds paris-march-2025 --target 'viable>=0.8' --levers us_backing,ask")
@click.argument("scenario")
@click.option(
    "--target",
    metavar="OUTCOME>=VALUE",
    required=True,
    help="The target, such as 'viable>=0.8' or 'troop_states<=4'; in quotes.",
)
@click.option(
    "--levers",
    metavar="NAME,NAME...",
    help="The levers: us_backing and the like, ask, or the path of a number; NAME:LOW:HIGH gives a range. By default "
    "us_backing, clarity, mandate and ask.",
)
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Change two levers together as well.")
@click.option("--states/--no-states", default=True, show_default=True, help="Find the thresholds at which states join.")
@options.replicates(1000, "Replicates of each simulation.", least=2)
@options.seed
@options.settings
@options.workers
@options.output(figures=Path("results") / "thresholds")
def thresholds(
    scenario: str,
    target: str,
    levers: str | None,
    pairs: bool,
    states: bool,
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    output: Output,
) -> None:
    """Find the smallest change of each lever, or of two together, at which an outcome reaches the target.

    SCENARIO is a name or a YAML file. An outcome that is true or false, such as viable, counts as a share of
    replicates, any other as a mean. All simulations use the same random draws. If the target is out of reach, the
    command fails with a message that gives the nearest value.
    """
    from sim import api
    from sim.cli import console

    with console.progress("Simulating", "simulations") as on_progress:
        result = api.thresholds(
            api.load_scenario(scenario, settings),
            target,
            levers=None if levers is None else levers.split(","),
            pairs=pairs,
            states=states,
            replicates=replicates,
            seed=seed,
            workers=workers,
            on_progress=on_progress,
        )
    output.answer(result)
