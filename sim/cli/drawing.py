"""Drawing the figure of an answer: where it is asked for, or under results with a name that says what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from matplotlib.figure import Figure

figure_option = click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to draw it, as .png, .svg or .pdf; by default under results, with --json nowhere.",
)


def check_figure(path: Path | None) -> None:
    """Raise FigureError for a figure in another format, ResultsError where its place is taken."""
    if path is None:
        return
    from sim.errors import FigureError
    from sim.plots.style import FORMATS, KNOWN_FORMATS
    from sim.results.files import refuse_taken

    if path.suffix.removeprefix(".").lower() not in FORMATS:
        raise FigureError(
            f"--figure {path}: a figure is written as {KNOWN_FORMATS}; name a file such as {path.stem}.png"
        )
    refuse_taken([path], flag="--figure")


def draw(made: Figure, path: Path | None, otherwise: Path) -> Path:
    """Write the figure to a path, or otherwise to one whose name says all that it shows, and return where it is."""
    from sim.plots import save
    from sim.results.files import write_files

    target = path or otherwise
    write_files(
        target.parent, [target.name], lambda aside: save(made, aside / target.name), anew=path is None, flag="--figure"
    )
    return target
