"""`willing compare`: compare runs or scenarios with the same random draws."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing compare paris-march-2025 firm-us-backstop un-mandate")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@options.replicates(None, "Number of replicates; by default that of a folder that is named, or 400.")
@click.option("--rounds", type=click.IntRange(1, 10_000), help="Number of rounds; by default the scenarios'.")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Random seed; by default that of a folder that is named, or 0."
)
@options.what_if
@options.workers
@click.option("--chain", is_flag=True, help="Compare each run with the one before it, instead of the first.")
@options.as_played
@options.out("results/comparisons")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="Format of the figure.",
)
@options.no_figures
@options.output()
def compare(
    runs: tuple[str, ...],
    replicates: int | None,
    rounds: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    workers: int | None,
    chain: bool,
    as_played: bool,
    out: Path | None,
    kind: str,
    no_figures: bool,
    output: Output,
) -> None:
    """Compare the first RUN with each other one: which states move significantly, and how outcomes change.

    RUN is the folder of a run, or a scenario (a name or a YAML file), which is simulated unless its run exists already.
    All runs need the same seed: they then have the same random draws in each replicate, so that differences are due to
    the scenarios alone. --replicates, --rounds, --seed, --set, --force, --at and --workers apply to scenarios.
    """
    from sim import api
    from sim.cli import console
    from sim.cli.drawing import draw, draw_run

    for run in runs:
        console.warn(run, settings)
    with console.progress("Simulating", "replicates") as on_progress:
        result = api.compare(
            *runs,
            settings=settings,
            replicates=replicates,
            seed=seed,
            rounds=rounds,
            workers=workers,
            chain=chain,
            as_played=as_played,
            on_progress=on_progress,
            folder=out,
            cache=Path("results"),
        )
    named = set(map(Path, runs))
    for folder, simulated in {each.run.folder: each.run for each in result.runs}.items():
        if folder in named:
            continue
        if simulated.reused:
            click.echo(f"Already simulated: {folder}", err=True)
        if not no_figures:
            draw_run(simulated)
    if result.reused:
        click.echo(f"Already compared: {result.folder}", err=True)
    assert result.folder is not None
    figure = result.folder / f"comparison.{kind}"
    if not no_figures and not figure.exists():
        draw(result.plot, None, figure)
    output.answer(result)
    if not output.as_json:
        click.echo(f"\n{'Tables' if no_figures else 'Figure, tables'} and manifest: {result.folder}")
