"""`willing stability`: test whether the final profiles are stable, alone, in groups, and under other weights."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing stability paris-march-2025 --replicates 400 --draws 100 --spread 0.1")
@click.argument("scenario")
@options.replicates(1000, "Final profiles to test, one per replicate.")
@options.seed
@click.option(
    "--groups",
    "largest_group",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    help="Largest group of states that change together.",
)
@click.option(
    "--draws",
    type=click.IntRange(0, 2000),
    default=200,
    show_default=True,
    help="Number of sets of weights to draw; 0 for none.",
)
@click.option(
    "--spread",
    type=click.FloatRange(0.0, 2.0),
    default=0.2,
    show_default=True,
    help="Spread of the drawn weights: each weight is multiplied by exp(spread * a standard normal draw).",
)
@options.settings
@options.workers
@options.output(figures=Path("results") / "stability")
def stability(
    scenario: str,
    replicates: int,
    seed: int,
    largest_group: int,
    draws: int,
    spread: float,
    settings: tuple[str, ...],
    workers: int | None,
    output: Output,
) -> None:
    """Test the final profile of each replicate: which states would deviate, alone or in groups, and what follows.

    SCENARIO is a name or a YAML file. The environment, the asks and the taste shocks stay as they are in the last
    round. A state deviates if another option has a higher utility given the stances of the others; a group deviates if
    all of its members gain.
    """
    from sim import api
    from sim.cli import console

    with console.progress("Testing profiles", "profiles") as on_progress:
        result = api.stability(
            api.load_scenario(scenario, settings),
            replicates=replicates,
            seed=seed,
            largest_group=largest_group,
            draws=draws,
            spread=spread,
            workers=workers,
            on_progress=on_progress,
        )
    output.answer(result)
