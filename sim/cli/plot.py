"""`willing plot`: draw the figures of a run or a sweep again, and further ones of a sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import options
from sim.cli.suffixes import FolderPath

if TYPE_CHECKING:
    from matplotlib.figure import Figure


type Draw = Callable[[], Figure]


@click.command(
    epilog="Example: willing plot results/runs/paris-march-2025-1a2b3c4d map probabilities --format svg --out figures; "
    "or of a sweep: willing plot results/sweeps/clarity-x-mandate-5e6f7a8b --x environment.clarity "
    "--outcome troop_states"
)
@click.argument("result")
@click.argument("figures", nargs=-1, metavar="[FIGURE]...")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="Format.",
)
@click.option("--out", type=FolderPath(), help="Folder to write to; by default RESULT/figures.")
@click.option("--x", help="Factor on the horizontal axis, for a sweep.")
@click.option("--y", help="Factor on the vertical axis, for a sweep.")
@click.option("--by", help="Factor with a curve or a panel per level, for a sweep.")
@click.option("--outcome", help="Outcome to draw over --x, or over --x and --y, for a sweep.")
@options.as_played
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plot(
    result: str,
    figures: tuple[str, ...],
    kind: str,
    out: Path | None,
    x: str | None,
    y: str | None,
    by: str | None,
    outcome: str | None,
    as_played: bool,
    as_json: bool,
) -> None:
    """Draw the figures of a run or a sweep again, all or those that are named, and print their paths.

    RESULT is the folder of a run or a sweep. FIGURE is one of map, probabilities, stances, personnel and environment
    for a run, and one that the experiment defines for a sweep. --x, --y and --outcome draw any other figure of a sweep:
    a curve, a heat map or, for an outcome that is an option's name such as headline, a phase diagram. Figures in RESULT
    are replaced; in another folder nothing is overwritten.
    """
    import json

    from sim.cli.progress import progress
    from sim.experiment.store import is_sweep
    from sim.plots import save
    from sim.results.files import write_files
    from sim.scenario.suggestions import did_you_mean

    if is_sweep(Path(result)):
        place, known = Path(result), _of_sweep(Path(result), x, y, by, outcome)
    elif any(option is not None for option in (x, y, by, outcome)):
        raise click.UsageError(f"{result}: --x, --y, --by and --outcome draw sweeps, and no sweep is there")
    else:
        place, known = _of_run(result, as_played)
    for name in figures:
        if name not in known:
            raise click.UsageError(f"no figure '{name}'{did_you_mean(name, known)}")
    wanted = list(dict.fromkeys(figures)) or list(known)
    own = place / "figures"
    folder = own if out is None else out

    def draw(aside: Path) -> None:
        with progress("Drawing", len(wanted)) as on_progress:
            for name in wanted:
                save(known[name](), aside / f"{name}.{kind}")
                on_progress(1)

    files = [f"{name}.{kind}" for name in wanted]
    written = write_files(folder, files, draw, overwrite=folder.absolute() == own.absolute())
    if as_json:
        click.echo(json.dumps({"result": str(place), "figures": [str(path) for path in written]}, indent=2))
    else:
        click.echo("\n".join(map(str, written)))


def _of_run(result: str, as_played: bool) -> tuple[Path, dict[str, Draw]]:
    """Return the folder of a run and how its figures are drawn."""
    from functools import partial

    from sim import api

    run = api.open_results(result, as_played=as_played)
    return Path(result), {kind: partial(run.plot, kind) for kind in run.kinds}


def _of_sweep(folder: Path, x: str | None, y: str | None, by: str | None, outcome: str | None) -> dict[str, Draw]:
    """Return how the figures of a sweep are drawn: those of its experiment, or the one that is asked for."""
    from functools import partial

    from sim.experiment.adhoc_figures import further_figure
    from sim.experiment.open_sweep import open_sweep
    from sim.experiment.store import read_summary
    from sim.plots.sweeps import draw

    sweep = open_sweep(folder)
    experiment = sweep.plan.experiment
    asked = experiment.figures
    if any(option is not None for option in (x, y, by, outcome)):
        if x is None or outcome is None:
            raise click.UsageError("a figure of a sweep needs --x and --outcome, at least")
        asked = (further_figure(experiment, x, outcome, y=y, by=by),)
    summary = read_summary(folder, sweep.plan.reference)
    return {str(figure.name): partial(draw, figure, experiment, summary) for figure in asked}
