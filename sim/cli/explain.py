"""`willing explain`: explain the stance of a state, option by option."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing explain paris-march-2025 POL --round 26 --seed 1")
@click.argument("scenario")
@click.argument("state")
@click.option(
    "--round",
    "number",
    type=click.IntRange(1),
    metavar="T",
    help="Explain the stance after T rounds of a replicate; by default at the start, or after the last round of a run.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Random seed of these rounds; by default 0.")
@click.option("--replicate", type=click.IntRange(0, 2**32 - 1), help="Number of the replicate; by default 0.")
@click.option("--conditional", is_flag=True, help="As if the conditions of the proposal were met.")
@options.what_if
@options.as_played
@options.output(figures=Path("results") / "explain")
def explain(
    scenario: str,
    state: str,
    number: int | None,
    seed: int | None,
    replicate: int | None,
    conditional: bool,
    settings: tuple[str, ...],
    as_played: bool,
    output: Output,
) -> None:
    """Print the contribution of each consideration to each option's utility for STATE, and what decides between two.

    SCENARIO is a name, a YAML file or the folder of a run; STATE is a code such as POL or PL, or a name. By default all
    states abstain, as at the start; with --round they hold the stances of that round. Taste shocks, which are random,
    are left out.
    """
    from sim import api
    from sim.cli import console

    console.warn(scenario, settings)
    with console.progress("Simulating", "rounds") as on_progress:
        result = api.explain(
            scenario,
            state,
            settings=settings,
            round=number,
            seed=seed,
            replicate=replicate,
            conditional=conditional,
            as_played=as_played,
            on_progress=on_progress,
        )
    output.answer(result)
