"""`willing pivots`: find the states whose choice moves the others, or decides whether the ask is met."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing pivots paris-march-2025 --state DEU --state POL")
@click.argument("scenario")
@click.option("--option", metavar="OPTION", help="The option to join; by default the scenario's headline.")
@click.option("--state", "states", metavar="STATE", multiple=True, help="Force only this state; may be repeated.")
@options.replicates(1000, "Replicates of each simulation.", least=2)
@options.seed
@options.settings
@options.workers
@options.output(figures=Path("results") / "pivots")
def pivots(
    scenario: str,
    option: str | None,
    states: tuple[str, ...],
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    output: Output,
) -> None:
    """Find pivotal states: force each state into the option, and out of all, and measure the effect on the others.

    SCENARIO is a name or a YAML file. All simulations use the same random draws. The answer also has each state's
    voting power over the ask (Shapley-Shubik and Banzhaf indices) and the smallest sets of states that could meet it.
    """
    from sim import api
    from sim.cli import console

    with console.progress("Simulating", "runs") as on_progress:
        result = api.pivots(
            api.load_scenario(scenario, settings),
            option=option,
            states=states or None,
            replicates=replicates,
            seed=seed,
            workers=workers,
            on_progress=on_progress,
        )
    output.answer(result)
