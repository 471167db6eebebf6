"""`willing report`: write a run as one HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.suffixes import check_suffix


@click.command(epilog="Example: willing report results/runs/paris-march-2025-1a2b3c4d --out march.html")
@click.argument("result")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default report.html in RESULT.")
@options.as_played
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(result: str, out: Path | None, as_played: bool, as_json: bool) -> None:
    """Write a run as one HTML page: results, figures, the reasons of every state, settings and sources.

    RESULT is the folder of a run. The page loads nothing from anywhere, so it can be sent by e-mail and printed. A
    report in RESULT is replaced; other files are never overwritten.
    """
    from sim.cli import console
    from sim.results.open_run import open_run

    if out is not None:
        check_suffix("--out", out, (".html", ".htm"), "; a browser prints it as PDF")
    run = open_run(Path(result), as_played=as_played)
    own = Path(result) / "report.html"
    path = own if out is None else out
    with console.progress("Writing the report") as on_progress:
        run.save_report(path, overwrite=path.absolute() == own.absolute(), on_progress=on_progress)
    if as_json:
        console.print_json({"result": str(run.folder), "report": str(path)})
    else:
        click.echo(path)
