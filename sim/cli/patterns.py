"""`willing patterns`: test whether the model reproduces what was reported of the talks."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing patterns 3 15 --replicates 1000")
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@options.replicates(400, "Replicates of each situation.", least=2)
@options.seed
@options.workers
@options.page("Write a page (.md), with its figure (.png) beside it.")
@options.output()
def patterns(
    numbers: tuple[int, ...], replicates: int, seed: int, workers: int | None, out: Path | None, output: Output
) -> None:
    """Measure the patterns of these numbers, or all: what was reported of the talks, declared before any run.

    All situations use the same random draws. A pattern holds if each measure that decides it meets its criterion. The
    exit code is 0 in either case, because a pattern that fails is a finding.
    """
    from sim import api
    from sim.cli import console
    from sim.report import patterns as report
    from sim.report.pages import check_page

    if out is not None:
        check_page(out, command=report.COMMAND)
    with console.progress("Simulating situations") as on_progress:
        result = api.patterns(
            numbers or None, replicates=replicates, seed=seed, workers=workers, on_progress=on_progress
        )
    output.answer(result, only="patterns")
    if out is not None:
        report.write(result, out)
        output.report_file("Page", out)
