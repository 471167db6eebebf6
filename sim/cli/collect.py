"""`willing collect`: join the shards of a sweep that several have played."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: willing collect results/sweeps/size-of-the-ask-1a2b3c4d --csv runs.csv")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", "csv", type=click.Path(path_type=Path), help="Write the table of runs as a CSV file, too.")
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@click.pass_context
def collect(context: click.Context, folder: Path, csv: Path | None, as_json: bool) -> None:
    """Join the shards in FOLDER, a sweep, into one table, sum it up by point and draw the figures.

    `willing sweep` does so by itself when nothing is missing any more. Every shard is checked; one that is missing or
    damaged is named.
    """
    from sim.cli.sweep import FAILED_POINTS
    from sim.cli.swept import finish, print_finished
    from sim.experiment.opening import open_sweep
    from sim.experiment.runner import Progress
    from sim.experiment.store import worked_at
    from sim.results.files import refuse_taken

    if csv is not None:
        refuse_taken([csv], flag="--csv")
    sweep = open_sweep(folder)
    with worked_at(folder, shared=True):
        sweep.clear_up(alone=False)
        finished = finish(sweep, Progress(played=0, missing=0), 0.0)
        if csv is not None:
            sweep.write_csv(csv)
    print_finished(finished, as_json=as_json)
    if finished.failed:
        context.exit(FAILED_POINTS)
