"""`willing collect`: join the shards of a sweep that several have played."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.drawing import no_figures_option
from sim.cli.tables import TableFiles, table_options


@click.command(epilog="Example: willing collect results/sweeps/size-of-the-ask-1a2b3c4d --csv runs.csv")
@click.argument("folder", type=click.Path(path_type=Path))
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@click.pass_context
def collect(context: click.Context, folder: Path, no_figures: bool, tables: TableFiles, as_json: bool) -> None:
    """Join the shards in FOLDER, a sweep, into one table, sum it up by point and draw the figures.

    `willing sweep` does so by itself when nothing is missing any more. Every shard is checked; one that is missing or
    damaged is named.
    """
    from sim.cli.sweep import FAILED_POINTS
    from sim.cli.swept import finish, print_finished, write_tables
    from sim.experiment.open_sweep import open_sweep
    from sim.experiment.runner import Progress
    from sim.experiment.store import lock_folder

    sweep = open_sweep(folder)
    with lock_folder(folder, shared=True):
        sweep.remove_temp_files(alone=False)
        finished = finish(sweep, Progress(played=0, missing=0), 0.0, no_figures=no_figures)
        write_tables(sweep, tables)
    print_finished(finished, as_json=as_json)
    if finished.failed:
        context.exit(FAILED_POINTS)
