"""Draw the figures of a result after its tables are saved; a figure that cannot be drawn is reported."""

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

NOT_DRAWN = 3  # exit code: done, but some figures could not be drawn
FAULTS = (ImportError, MemoryError, OSError, RuntimeError, ValueError)  # of the system, its fonts or its libraries

NOWHERE = Path(os.devnull)  # the path for --no-figures


def figure_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --figure and --no-figures to a command, which gets one or the other as `figure`."""
    kind = click.Path(path_type=Path)
    command = click.option("--no-figures", "figure", flag_value=NOWHERE, type=kind, help="Draw no figure.")(command)
    return click.option(
        "--figure",
        type=kind,
        metavar="FILE",
        help="File for the figure, .png, .svg or .pdf; by default one under results, and none with --json.",
    )(command)


no_figures_option = click.option(
    "--no-figures", is_flag=True, help="Do not draw figures; the same command without this option draws them later."
)


def check_figure(path: Path | None, otherwise: Path | None = None) -> None:
    """Raise FigureError for an unknown format, ResultsError if the file exists or cannot be written.

    otherwise: the folder of the figure if no path is given; None if no figure is drawn then.
    """
    from sim.errors import FigureError
    from sim.plots.style import FORMATS, KNOWN_FORMATS
    from sim.results.files import check_free, check_writable

    if path == NOWHERE:
        return
    if path is None:
        if otherwise is not None:
            check_writable(otherwise / "figure.png", flag="--figure", shown=otherwise, other="path")
        return
    if path.suffix.removeprefix(".").lower() not in FORMATS:
        raise FigureError(
            f"--figure {path}: figures are written as {KNOWN_FORMATS}; give a file such as {path.stem}.png"
        )
    check_free([path], flag="--figure")


@contextmanager
def attempt(name: str) -> Iterator[None]:
    """Report a figure that cannot be drawn and continue, since the data matter more; the exit code is NOT_DRAWN."""
    from sim.errors import WillingError

    try:
        yield
    except (WillingError, *FAULTS) as error:
        click.echo(f"{name}: not drawn: {str(error) or type(error).__name__}", err=True)
        leave_with(NOT_DRAWN)


def draw(plot: Callable[[], Figure], path: Path | None, otherwise: Path) -> Path | None:
    """Draw a figure into a file and return its path; None if it cannot be drawn or is not requested.

    otherwise: the file if path is None; it is replaced if it exists.
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
            lambda aside: save(plot(), aside / target.name),
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
