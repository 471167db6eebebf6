"""`willing sweep`: simulate an experiment point by point; the same command resumes it after an interruption."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.export_options import TableFiles, table_options
from sim.cli.sweeping import FAILED_POINTS as FAILED_POINTS


class Share(click.ParamType):
    """One of several shares of the work, such as 2/10: counted from 0."""

    name = "I/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (which, of how many)."""
        if isinstance(value, tuple):
            return value
        which, _, of = str(value).partition("/")
        if not (which.isdigit() and of.isdigit() and int(which) < int(of)):
            self.fail(f"{value!r}: give a share and the number of shares, counted from 0, such as 0/10", param, ctx)
        return int(which), int(of)


@click.command(
    epilog="Example: willing sweep us-backing-x-russian-opposition. After Ctrl-C the same command resumes the sweep. "
    "Exit code 3: complete, but for points that could not be simulated; failed.csv lists them."
)
@click.argument("experiment")
@options.points_replicates
@options.out("results/sweeps")
@options.sweep_workers
@click.option("--dask", metavar="ADDRESS", help="Use a Dask cluster: tcp://HOST:PORT, or local to start one here.")
@click.option("--shard", "share", type=Share(), help="Simulate one of N shares, such as 0/10, on a cluster.")
@click.option(
    "--engine",
    type=click.Choice(["ensemble", "agents"]),
    default="ensemble",
    show_default=True,
    help="The engine; agents: Mesa, in processes, for drivers of your own. The numbers are the same to the last bit.",
)
@click.option("--fresh", is_flag=True, help="Start again, in a folder beside an existing one; nothing is deleted.")
@options.no_figures
@table_options
@options.as_json
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
    """Simulate EXPERIMENT, a name from `willing list experiments` or a YAML file, and draw its figures.

    Creates a folder with the table of all runs, a summary by point and figures. The tables do not depend on the number
    of workers, nor on interruptions.
    """
    import dataclasses

    from sim.cli.sweeping import answer, folder_of, interruptible, simulate
    from sim.experiment import load_experiment
    from sim.experiment.plan import plan_of
    from sim.experiment.store import open_folder

    if dask is not None and (workers is not None or share is not None):
        raise click.UsageError("--dask has its own workers; leave out --workers and --shard")
    if fresh and share is not None:
        raise click.UsageError("--fresh would give every share a folder of its own; name a new folder with --out")
    loaded = load_experiment(experiment)
    if replicates is not None:
        loaded = dataclasses.replace(loaded, replicates=replicates)
    plan = plan_of(loaded, engine=engine)
    folder = open_folder(folder_of(plan, out), plan, fresh=fresh)
    executor = dask or ("processes" if engine == "agents" else "threads")
    with interruptible(context, folder):
        result = simulate(folder, executor=executor, workers=workers, share=share)
        answer(context, result, no_figures=no_figures, tables=tables, as_json=as_json)
