"""`willing collect`: join the shards of a sweep that several processes have simulated."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.export_options import TableFiles, table_options


@click.command(epilog="Example: willing collect results/sweeps/size-of-the-ask-1a2b3c4d --csv runs.csv")
@click.argument("folder", type=click.Path(path_type=Path))
@options.no_figures
@table_options
@options.as_json
@click.pass_context
def collect(context: click.Context, folder: Path, no_figures: bool, tables: TableFiles, as_json: bool) -> None:
    """Join the shards in FOLDER, a sweep, into one table, summarise it by point and draw the figures.

    `willing sweep` does this itself once no shard is missing. Every shard is checked; a missing or damaged one is
    named.
    """
    from sim.cli import console
    from sim.cli.sweeping import answer
    from sim.experiment.sweep import collect as collect_sweep

    with console.progress("Summarising") as on_progress:
        result = collect_sweep(folder, on_progress)
    answer(context, result, no_figures=no_figures, tables=tables, as_json=as_json)
