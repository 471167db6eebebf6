"""`willing fit`: fit the weights to the positions that governments are on record with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Literal

import click

from sim.cli import options
from sim.cli.output import Output

FITS = Path("results") / "fits"


@click.command(epilog="Example: willing fit --positions mine.csv --scenario base --out base-fitted.yaml")
@click.option(
    "--positions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table of dated positions (CSV); by default the included one of spring 2025.",
)
@click.option("--scenario", default="base", show_default=True, help="Scenario to fit: a name or a YAML file.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Fit in the environment of this day, to the positions up to it; by default in that of the start, to all.",
)
@click.option(
    "--stances",
    type=click.Choice(["conditional", "firm"]),
    default="conditional",
    show_default=True,
    help="Whether the positions suppose that the conditions of the proposal are met.",
)
@click.option("--sure", is_flag=True, help="Use only rows of confidence 2 and 3.")
@click.option(
    "--priors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Priors of the weights (YAML); by default the scenario's weights, with a standard deviation of half their "
    "size.",
)
@options.settings
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="File for the fitted scenario, with its posterior beside it; by default one under results, with --json none.",
)
@options.output(figures=FITS)
def fit(
    positions: Path | None,
    scenario: str,
    date: datetime.datetime | None,
    stances: Literal["conditional", "firm"],
    sure: bool,
    priors: Path | None,
    settings: tuple[str, ...],
    out: Path | None,
    output: Output,
) -> None:
    """Fit the weights to what governments said, and report how much the record says of each weight.

    The weights of the highest posterior density are written as a scenario that extends the one that was fitted.
    """
    from sim import api
    from sim.analysis.save_fit import check_save, posterior_beside
    from sim.cli import console
    from sim.scenario import shipped

    folder = FITS if scenario in shipped() else Path(scenario).parent
    saves = out is not None or not output.as_json
    if saves:
        check_save(out, scenario, folder)
    with console.progress("Fitting") as on_progress:
        result = api.fit(
            api.load_scenario(scenario, settings),
            positions=positions,
            date=None if date is None else date.date(),
            stances=stances,
            sure=sure,
            priors=priors,
            on_progress=on_progress,
        )
    saved = result.save(out, folder=folder) if saves else None
    output.answer(result, files={"fitted": saved, "posterior": None if saved is None else posterior_beside(saved)})
