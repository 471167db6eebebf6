"""`willing report`: a run as one page that can be mailed."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.suffixes import check_suffix


@click.command(epilog="Example: willing report results/runs/paris-march-2025-1a2b3c4d --out march.html")
@click.argument("result")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; by default report.html in RESULT.")
@click.option("--as-played", is_flag=True, help="Report the scenario as it was played, even if its file has changed.")
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def report(result: str, out: Path | None, as_played: bool, as_json: bool) -> None:
    """Write a run as one HTML page: what came out, the figures, every state with its reasons, settings and sources.

    RESULT is the folder of a run. The page fetches nothing from anywhere, so it can be mailed, and it can be printed.
    A report in RESULT is replaced; elsewhere nothing is written over.
    """
    import json

    from sim.analysis.reasons import main_reasons
    from sim.cli.opening import open_result
    from sim.cli.progress import progress
    from sim.plots import FIGURES, further_figures
    from sim.report.page import report_page
    from sim.report.pictures import pictures
    from sim.results.files import check_free, write_page
    from sim.scenario import load_scenario

    if out is not None:
        check_suffix("--out", out, (".html", ".htm"), "; a browser prints it as PDF")
    run = open_result(result, as_played=as_played)
    own = run.folder / "report.html"
    path = own if out is None else out
    overwrite = path.absolute() == own.absolute()
    check_free([path], overwrite=overwrite)  # before anything is weighed and drawn
    count = run.manifest.replicates
    with progress("Weighing reasons", count) as on_progress:
        reasons = main_reasons(run.setup, seed=run.manifest.seed, replicates=count, on_progress=on_progress)
    with progress("Drawing", len(FIGURES) + len(further_figures(run.tables))) as on_progress:
        figures = pictures(run, on_progress)
    page = report_page(run, standing=load_scenario("base"), figures=figures, reasons=reasons)
    write_page(path, page, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps({"result": str(run.folder), "report": str(path)}, indent=2))
    else:
        click.echo(path)
