"""`willing run`: simulate a scenario, save the run, and print which states join which option."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(
    epilog="Example: willing run paris-march-2025 --replicates 1000 --set environment.us_backing=0.6. "
    "Exit code 3: done, but some figures could not be drawn; the same command draws them."
)
@click.argument("scenario")
@options.replicates(400, "Number of replicates, each with its own random draws.")
@click.option("--rounds", type=click.IntRange(1, 10_000), help="Number of rounds; by default the scenario's.")
@options.seed
@options.engine
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Number of threads, or of processes with agents; by default one per processor.",
)
@options.what_if
@options.out("results/runs")
@click.option(
    "--posterior",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the weights from a file that `willing fit` wrote, so that ranges include the uncertainty about them.",
)
@click.option(
    "--draws",
    type=click.IntRange(2),
    metavar="N",
    help="Number of draws of the weights, which share the replicates equally; by default up to 100.",
)
@options.no_figures
@options.output()
def run(
    scenario: str,
    replicates: int,
    rounds: int | None,
    seed: int,
    engine: str,
    workers: int | None,
    settings: tuple[str, ...],
    out: Path | None,
    posterior: Path | None,
    draws: int | None,
    no_figures: bool,
    output: Output,
) -> None:
    """Simulate SCENARIO, a name from `willing list scenarios` or a YAML file.

    Writes a folder with tables, figures and a manifest, and prints which states join which option. The same command
    gives the same tables. A folder that holds another run is never overwritten.
    """
    from sim import api
    from sim.cli import console
    from sim.cli.drawing import draw_run
    from sim.results.store import RUNS

    if draws is not None and posterior is None:
        raise click.UsageError("--draws needs --posterior, which names the file to draw from")
    loaded = console.load_scenario(scenario, [*settings, *([f"rounds={rounds}"] if rounds else [])])
    with console.progress(f"Simulating {loaded.name}") as on_progress:
        result = api.run(
            loaded,
            replicates=replicates,
            seed=seed,
            engine=engine,
            workers=workers,
            posterior=posterior,
            draws=draws,
            on_progress=on_progress,
            folder=out,
            cache=RUNS,
        )
    if result.reused:
        click.echo(f"Already simulated: {result.folder}", err=True)
    if not no_figures:
        draw_run(result)
    output.answer(result)
    if not output.as_json:
        click.echo(f"\nTables{'' if no_figures else ', figures'} and manifest: {result.folder}")
