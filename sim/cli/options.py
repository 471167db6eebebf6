"""The options that several commands share, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sim.cli.drawing import no_figures_option as no_figures
from sim.cli.output import output_options as output
from sim.cli.scenario_options import what_if_options as what_if
from sim.cli.suffixes import FolderPath

__all__ = [
    "as_json",
    "as_played",
    "engine",
    "no_figures",
    "out",
    "output",
    "points_replicates",
    "replicates",
    "seed",
    "settings",
    "sweep_workers",
    "what_if",
    "workers",
]

type Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def replicates(default: int | None, text: str = "Number of replicates.", *, least: int = 1) -> Decorator:
    """Add --replicates with a default; None where the default depends on something else, which the text names."""
    return click.option(
        "--replicates",
        type=click.IntRange(least, 1_000_000),
        default=default,
        show_default=default is not None,
        help=text,
    )


seed = click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Random seed.")

workers = click.option(
    "--workers", type=click.IntRange(1, 256), help="Number of threads; by default one per processor."
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

points_replicates = click.option(
    "--replicates", type=click.IntRange(1, 2**32), help="Runs per point, in place of the experiment's."
)

sweep_workers = click.option(
    "--workers", type=click.IntRange(1, 1024), help="Number of threads (or processes); by default one per processor."
)

settings = click.option(
    "--set",
    "settings",
    metavar="PATH=VALUE",
    multiple=True,
    help="Change a setting, such as menu.troops.ask=40000; may be repeated.",
)

engine = click.option(
    "--engine",
    type=click.Choice(["auto", "agents", "ensemble"]),
    default="auto",
    show_default=True,
    help="Mesa agents, or the compiled ensemble, about a thousand times as fast; both give the same numbers to the "
    "last bit. auto takes agents for up to 20 replicates.",
)


as_played = click.option(
    "--as-played", is_flag=True, help="Use the stored scenario, even if its file has changed since."
)


def out(where: str) -> Decorator:
    """Add --out, a folder for the results; `where` says which one is the default."""
    return click.option(
        "--out", type=FolderPath(), metavar="FOLDER", help=f"Folder for the results; by default one under {where}."
    )


def page(text: str) -> Decorator:
    """Add --out, a page in Markdown."""
    return click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.md", help=text)
