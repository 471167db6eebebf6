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
    epilog="Example: willing plot results/runs/paris-march-2025-1a2b3c4d map stances --format svg --out figures; "
    "or of a sweep: willing plot results/sweeps/clarity-x-mandate-5e6f7a8b --x environment.clarity "
    "--outcome troop_states"
)
@click.argument("result")
@click.argument("figures", nargs=-1, metavar="[FIGURE]...")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="File format.",
)
@click.option("--out", type=FolderPath(), help="Folder for the figures; by default RESULT/figures.")
@click.option("--x", help="Sweep: the factor on the horizontal axis.")
@click.option("--y", help="Sweep: the factor on the vertical axis.")
@click.option("--by", help="Sweep: the factor of which each level has its own curve or panel.")
@click.option("--outcome", help="Sweep: the outcome to draw over --x, or over --x and --y.")
@options.as_played
@options.as_json
def plot(
    result: str,
    figures: tuple[str, ...],
    suffix: str,
    out: Path | None,
    x: str | None,
    y: str | None,
    by: str | None,
    outcome: str | None,
    as_played: bool,
    as_json: bool,
) -> None:
    """Draw the figures of a run or a sweep again, or only those that are named, and print their paths.

    RESULT is the folder of a run or a sweep. FIGURE is, of a run, one of map, probabilities, stances, personnel,
    environment; of a sweep, a figure that its experiment names. --x, --y and --outcome draw another figure of a sweep:
    a curve, a heat map or, of an option's name such as headline, a phase diagram. Figures in RESULT are replaced; in
    another folder nothing is overwritten.
    """
    from sim.cli import console
    from sim.plots import save
    from sim.results.files import write_files
    from sim.scenario.suggestions import did_you_mean

    known = _figures(result, as_played, {"x": x, "y": y, "by": by, "outcome": outcome})
    for name in figures:
        if name not in known:
            raise click.UsageError(f"no figure '{name}'{did_you_mean(name, known)}")
    names = list(dict.fromkeys(figures)) or list(known)
    own = Path(result) / "figures"
    folder = own if out is None else out

    def draw(aside: Path) -> None:
        with console.progress("Drawing") as on_progress:
            for number, name in enumerate(names, 1):
                save(known[name](), aside / f"{name}.{suffix}")
                on_progress(number, len(names))

    files = [f"{name}.{suffix}" for name in names]
    written = write_files(folder, files, draw, overwrite=folder.absolute() == own.absolute())
    if as_json:
        console.print_json({"result": str(Path(result)), "figures": [str(path) for path in written]})
    else:
        click.echo("\n".join(map(str, written)))


def _figures(result: str, as_played: bool, axes: dict[str, str | None]) -> dict[str, Draw]:
    """Return the functions that draw the figures of a result, or the one of a sweep that the options name."""
    from functools import partial

    from sim import api
    from sim.experiment.adhoc_figures import adhoc_figure
    from sim.experiment.sweep import Sweep

    opened = api.open_results(result, as_played=as_played)
    given = {name: factor for name, factor in axes.items() if factor is not None}
    if not given:
        return {kind: partial(opened.plot, kind) for kind in opened.kinds}
    if not isinstance(opened, Sweep):
        raise click.UsageError(f"{result}: is not a sweep; --x, --y, --by and --outcome draw figures of sweeps")
    if "x" not in given or "outcome" not in given:
        raise click.UsageError("a figure of a sweep needs at least --x and --outcome")
    return {str(adhoc_figure(opened.experiment, **given).name): partial(opened.plot, **given)}
