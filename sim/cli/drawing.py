"""Drawing the figures of a run or an answer, after its tables are kept: one that cannot be drawn is named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.printing import leave_with

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.results.run import Run

NOT_DRAWN = 3  # exit code: done, but for figures that could not be drawn
FAULTS = (ImportError, MemoryError, OSError, RuntimeError, ValueError)  # of the machine, its fonts or its libraries

NOWHERE = Path(os.devnull)  # of a figure that is not wanted


def figure_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --figure and --no-figures to a command, which is given one or the other as `figure`."""
    kind = click.Path(path_type=Path)
    command = click.option("--no-figures", "figure", flag_value=NOWHERE, type=kind, help="Draw nothing.")(command)
    return click.option(
        "--figure",
        type=kind,
        metavar="FILE",
        help="File for the figure, .png, .svg or .pdf; by default one under results, with --json none.",
    )(command)


no_figures_option = click.option(
    "--no-figures", is_flag=True, help="Draw no figures; the same command without this option draws them later."
)


def check_figure(path: Path | None, otherwise: Path | None = None) -> None:
    """Raise FigureError for a figure in another format, ResultsError where its place is taken or cannot be written.

    otherwise: the folder in which it lies if no path is given; None where it is not drawn then.
    """
    from sim.errors import FigureError
    from sim.plots.style import FORMATS, KNOWN_FORMATS
    from sim.results.files import check_free, try_place

    if path == NOWHERE:
        return
    if path is None:
        if otherwise is not None:
            try_place(otherwise / "figure.png", flag="--figure", shown=otherwise, other="place")
        return
    if path.suffix.removeprefix(".").lower() not in FORMATS:
        raise FigureError(
            f"--figure {path}: a figure is written as {KNOWN_FORMATS}; name a file such as {path.stem}.png"
        )
    check_free([path], flag="--figure")


@contextmanager
def attempt(name: str) -> Iterator[None]:
    """Continue if a figure cannot be drawn, since its data matters more; name it, and exit with NOT_DRAWN."""
    from sim.errors import WillingError

    try:
        yield
    except (WillingError, *FAULTS) as error:
        click.echo(f"{name}: not drawn: {str(error) or type(error).__name__}", err=True)
        leave_with(NOT_DRAWN)


def draw(made: Callable[[], Figure], path: Path | None, otherwise: Path) -> Path | None:
    """Draw a figure to a path, or otherwise to one whose name says all that it shows.

    None if it cannot be drawn, or is not wanted.
    """
    from sim.plots import save
    from sim.results.files import write_files

    if path == NOWHERE:
        return None
    target = path or otherwise
    with attempt(target.name):
        write_files(
            target.parent,
            [target.name],
            lambda aside: save(made(), aside / target.name),
            overwrite=path is None,
            flag="--figure",
        )
        return target
    return None


def draw_run(run: Run) -> None:
    """Draw the figures that a saved run lacks, and name those that cannot be drawn."""
    from sim.cli import console
    from sim.plots import save
    from sim.results.store import figure_of, keep_figure

    missing = [kind for kind in run.kinds if not figure_of(run, kind).exists()]
    with console.progress("Drawing") as on_progress:
        for done, kind in enumerate(missing, start=1):
            with attempt(f"{kind}.png"):
                fig = run.plot(kind)
                keep_figure(run, kind, partial(save, fig))
            on_progress(done, len(missing))
    if any(not figure_of(run, kind).exists() for kind in missing):
        click.echo(f"The tables are in {run.folder}; the same command draws the missing figures.", err=True)
