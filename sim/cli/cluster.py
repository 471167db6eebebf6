"""`willing cluster`: what a cluster needs to play an experiment in many tasks at once."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.suffixes import FolderPath


@click.group(epilog="Example: willing cluster slurm global-sensitivity --tasks 50")
def cluster() -> None:
    """Write what a cluster needs to play an experiment in many tasks at once."""


@cluster.command(epilog="Example: willing cluster slurm global-sensitivity --tasks 50 --option partition=short")
@click.argument("experiment")
@click.option("--tasks", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Tasks of the array.")
@click.option("--replicates", type=click.IntRange(1, 2**32), help="Runs a point, in place of the experiment's.")
@click.option("--out", type=FolderPath(), help="Folder for the results; by default one in results/sweeps.")
@click.option(
    "--time", "minutes", type=click.IntRange(1), default=60, show_default=True, help="Minutes a task may take."
)
@click.option("--processors", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processors a task.")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="Another line for sbatch, e.g. partition=short."
)
def slurm(
    experiment: str,
    tasks: int,
    replicates: int | None,
    out: Path | None,
    minutes: int,
    processors: int,
    options: tuple[str, ...],
) -> None:
    """Write the file with which sbatch plays EXPERIMENT as an array of tasks, and print where it is.

    Submit it from the folder in which you call this. Each task plays a share; the last one to finish makes the table
    and the figures. Tasks that are killed are asked for again; if any are lost, submit the file again: only what is
    missing is played.
    """
    import dataclasses
    import re

    from sim.cli.sweeping import folder_of
    from sim.experiment import load_experiment
    from sim.experiment.plan import plan_of
    from sim.experiment.slurm import batch_file
    from sim.experiment.store import folder_for_logs
    from sim.results.files import write_page

    asked = load_experiment(experiment)
    if replicates is not None:
        asked = dataclasses.replace(asked, replicates=replicates)
    plan = plan_of(asked, experiment)
    folder = folder_of(plan, out)
    for option in options:
        if not re.fullmatch(r"[a-z][\w-]*=.*", option):
            raise click.UsageError(f"--option {option!r}: give it as NAME=VALUE, such as partition=short")
    wanted, tasks = tasks, min(tasks, len(plan.shards))
    path = folder.with_name(f"{folder.name}.sbatch")
    text = batch_file(
        asked.name,
        experiment,
        folder,
        tasks=tasks,
        minutes=minutes,
        processors=processors,
        replicates=replicates,
        options=options,
    )
    if not _holds(path, text):
        write_page(path, text)
    folder_for_logs(folder)  # SLURM makes none
    if tasks < wanted:
        click.echo(
            f"--tasks {wanted}: tasks share whole shards of up to {max(shard.runs for shard in plan.shards):,} runs, "
            f"and this experiment has {len(plan.shards):,}; further tasks would have nothing to do",
            err=True,
        )
    click.echo(
        f"{plan.points:,} points, {plan.runs:,} runs, {tasks} task{'s' * (tasks > 1)}; submit it with: sbatch {path}",
        err=True,
    )
    click.echo(str(path))


def _holds(path: Path, text: str) -> bool:
    """Return whether the file is there already, as it would be written."""
    from sim.ordinary_file import read_file

    try:
        return read_file(path, len(text.encode())) == text.encode()
    except (OSError, ValueError):
        return False
