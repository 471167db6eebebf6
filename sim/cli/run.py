"""`willing run`: play a scenario, keep what happened, and say who joins what."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.drawing import no_figures_option
from sim.cli.suffixes import FolderPath
from sim.cli.tables import TableFiles, table_options
from sim.cli.what_if import what_if_options


@click.command(
    epilog="Example: willing run paris-march-2025 --replicates 1000 --set environment.us_backing=0.6. "
    "Exit code 3: done, but for figures that could not be drawn; the same command draws them."
)
@click.argument("scenario")
@click.option(
    "--replicates",
    type=click.IntRange(1, 1_000_000),
    default=400,
    show_default=True,
    help="How many runs with luck of their own.",
)
@click.option("--rounds", type=click.IntRange(1, 10_000), help="How many rounds, in place of the scenario's.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option(
    "--engine",
    type=click.Choice(["agents", "ensemble"]),
    help="What plays it, to the last bit alike: Mesa agents, or the ensemble, a thousand times as fast. By default the "
    "ensemble for more than 20 replicates.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Threads (of agents: processes) that share the work; by default one a processor.",
)
@what_if_options
@click.option("--out", type=FolderPath(), help="Folder for the results; by default one under results/runs.")
@click.option(
    "--posterior",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw the weights from what `willing fit` left open, so that ranges hold that too.",
)
@click.option(
    "--draws",
    type=click.IntRange(2),
    metavar="N",
    help="How many times the weights are drawn; the replicates are shared equally. By default up to 100.",
)
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def run(
    scenario: str,
    replicates: int,
    rounds: int | None,
    seed: int,
    engine: str | None,
    workers: int | None,
    settings: tuple[str, ...],
    out: Path | None,
    posterior: Path | None,
    draws: int | None,
    no_figures: bool,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Play SCENARIO, a name from `willing list scenarios` or a YAML file.

    Leaves a folder with tables, figures and a manifest, and prints who joins what. The same command gives the same
    tables; a folder that holds another run is never written over.
    """
    from sim.cli.playing import RunOptions, play_scenario
    from sim.cli.summary import print_json, print_summary
    from sim.report.sheets import of_run

    if draws is not None and posterior is None:
        raise click.UsageError("--draws goes with --posterior, which says what is drawn")
    stored = play_scenario(
        scenario,
        RunOptions(
            replicates=replicates,
            seed=seed,
            engine=engine,
            workers=workers,
            settings=[*settings, *([f"rounds={rounds}"] if rounds else [])],
            folder=out,
            posterior=posterior,
            draws=draws,
            figures=not no_figures,
        ),
    )
    tables.write(lambda: of_run(stored))
    if as_json:
        print_json(stored)
    else:
        print_summary(stored, figures=not no_figures)
