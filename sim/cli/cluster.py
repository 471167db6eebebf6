"""`willing cluster`: write the batch file with which a cluster simulates an experiment in many tasks at once."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options


@click.group(epilog="Example: willing cluster slurm global-sensitivity --tasks 50")
def cluster() -> None:
    """Write the batch file with which a cluster simulates an experiment in many tasks at once."""


@cluster.command(epilog="Example: willing cluster slurm global-sensitivity --tasks 50 --option partition=short")
@click.argument("experiment")
@click.option("--tasks", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Tasks of the array.")
@options.points_replicates
@options.out("results/sweeps")
@click.option("--time", "minutes", type=click.IntRange(1), default=60, show_default=True, help="Minutes per task.")
@click.option("--processors", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processors per task.")
@click.option(
    "--option",
    "sbatch_options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another option for sbatch, such as partition=short; may be repeated.",
)
def slurm(
    experiment: str,
    tasks: int,
    replicates: int | None,
    out: Path | None,
    minutes: int,
    processors: int,
    sbatch_options: tuple[str, ...],
) -> None:
    """Write the file with which sbatch simulates EXPERIMENT as an array of tasks, and print its path.

    Submit it from the current folder. Each task simulates a share; the last one to finish makes the table and the
    figures. Tasks that are killed are queued again. If any are lost, submit the file again: only the missing runs are
    simulated.
    """
    import dataclasses

    from sim.cli.sweeping import folder_of
    from sim.experiment import load_experiment
    from sim.experiment.plan import plan_of
    from sim.experiment.slurm import write_batch_file

    loaded = load_experiment(experiment)
    if replicates is not None:
        loaded = dataclasses.replace(loaded, replicates=replicates)
    plan = plan_of(loaded)
    number = min(tasks, len(plan.shards))
    path = write_batch_file(
        plan,
        folder_of(plan, out),
        tasks=number,
        minutes=minutes,
        processors=processors,
        replicates=replicates,
        options=sbatch_options,
    )
    if number < tasks:
        click.echo(
            f"--tasks {tasks}: a task takes whole shards of up to {max(shard.runs for shard in plan.shards):,} runs, "
            f"and this experiment has {len(plan.shards):,}; further tasks would have nothing to do",
            err=True,
        )
    click.echo(
        f"{plan.points:,} points, {plan.runs:,} runs, {number} task{'s' * (number > 1)}; submit it with: sbatch {path}",
        err=True,
    )
    click.echo(str(path))
