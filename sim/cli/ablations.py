"""`willing ablations`: measure what each part of the model contributes."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing ablations momentum security --replicates 1000")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@options.replicates(400, "Replicates of each situation.", least=2)
@options.seed
@options.workers
@options.page("Write a page (.md), with its figure (.png) and all measures (.csv) beside it.")
@options.output()
def ablations(
    parts: tuple[str, ...], replicates: int, seed: int, workers: int | None, out: Path | None, output: Output
) -> None:
    """Leave out parts of the model, one at a time, and measure all patterns and scores again.

    PART is a consideration, "momentum and security", turnover or "proposal revision"; by default all are left out in
    turn, which takes about a minute. All situations use the same random draws.
    """
    from sim import api
    from sim.cli import console
    from sim.report import ablations as report
    from sim.report.pages import check_page

    if out is not None:
        check_page(out, command=report.COMMAND, beside=(".png", ".csv"))
    with console.progress("Simulating situations") as on_progress:
        result = api.ablations(
            parts or None, replicates=replicates, seed=seed, workers=workers, on_progress=on_progress
        )
    output.answer(result, only="parts")
    if out is not None:
        report.write(result, out)
        output.report_file("Page", out)
