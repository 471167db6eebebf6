"""`willing sweep`: play an experiment, point by point, and go on where it was left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.drawing import no_figures_option
from sim.cli.suffixes import FolderPath
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.experiment.executors import Executor

FAILED_POINTS = 3  # exit code: done, but for points that could not be played


class ShareOfWork(click.ParamType):
    """Which of how many, such as 2/10: counted from 0."""

    name = "I/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (which, of how many)."""
        if isinstance(value, tuple):
            return value
        which, _, of = str(value).partition("/")
        if not (which.isdigit() and of.isdigit() and int(which) < int(of)):
            self.fail(f"{value!r}: give which share of how many, counted from 0, such as 0/10 up to 9/10", param, ctx)
        return int(which), int(of)


@click.command(
    epilog="Example: willing sweep us-backing-x-russian-opposition, and again after a Ctrl-C: it goes on where it was. "
    "Exit code 3: done, but for points that could not be played; they are named in failed.csv."
)
@click.argument("experiment")
@click.option("--replicates", type=click.IntRange(1, 2**32), help="Runs a point, in place of the experiment's.")
@click.option("--out", type=FolderPath(), help="Folder for the results; by default one in results/sweeps.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Threads (or processes); by default one a processor.")
@click.option("--dask", metavar="ADDRESS", help="Play on a Dask cluster: tcp://HOST:PORT, or local for one made here.")
@click.option("--shard", "share", type=ShareOfWork(), help="Play one of N shares, such as 0/10, on a cluster.")
@click.option(
    "--engine",
    type=click.Choice(["ensemble", "agents"]),
    default="ensemble",
    show_default=True,
    help="What plays it; agents: Mesa, in processes, for drivers of your own. Same bits.",
)
@click.option("--fresh", is_flag=True, help="Start anew, in a folder beside one that is there; nothing is deleted.")
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@click.pass_context
def sweep(
    context: click.Context,
    experiment: str,
    replicates: int | None,
    out: Path | None,
    workers: int | None,
    dask: str | None,
    share: tuple[int, int] | None,
    engine: str,
    fresh: bool,
    no_figures: bool,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Play EXPERIMENT, a name from `willing list experiments` or a YAML file, and draw its figures.

    Leaves a folder with the table of all runs, a summary by point and figures. The table is the same whoever plays it
    and however often it was interrupted.
    """
    import dataclasses
    import os

    from sim.cli.swept import finish, folder_of, interruptible, print_finished, told, write_tables
    from sim.compile_time import clock
    from sim.experiment import load_experiment
    from sim.experiment.plan import plan_of
    from sim.experiment.runner import run
    from sim.experiment.store import lock_folder, open_folder

    if dask is not None and (workers is not None or share is not None):
        raise click.UsageError("--dask brings its own workers; leave --workers and --shard out")
    if fresh and share is not None:
        raise click.UsageError("--fresh would give every share a folder of its own; name a new folder with --out")
    asked = load_experiment(experiment)
    if replicates is not None:
        asked = dataclasses.replace(asked, replicates=replicates)
    plan = plan_of(asked, experiment, engine)
    began = clock()
    folder = open_folder(folder_of(plan, out), plan, fresh=fresh)
    workers = workers or os.cpu_count() or 1
    with interruptible(context, folder), lock_folder(folder.folder, shared=share is not None):
        with told(folder, workers) as begin:
            came = run(folder, _executor(engine, workers, dask), share=share, begin=begin)
        finished = finish(folder, came, clock() - began, no_figures=no_figures)
        if not came.missing:
            write_tables(folder, tables)
    print_finished(finished, as_json=as_json)
    if finished.failed:
        context.exit(FAILED_POINTS)


def _executor(engine: str, workers: int, dask: str | None) -> Executor:
    from sim.experiment import executors

    if dask is not None:
        return executors.dask(dask)
    return (executors.processes if engine == "agents" else executors.threads)(workers)
