"""What a run answers: in words for a reader, in JSON for a program."""

from __future__ import annotations

import json
import shutil
import sys

import click

from sim.report.summary import played, summary
from sim.results.store import StoredRun
from sim.results.summary import spreads, stance_chances

_WIDTH = 100  # characters, or the terminal if that is narrower


def print_json(stored: StoredRun) -> None:
    """Print the answer for programs, numbers that are undefined as null."""
    manifest, names = stored.manifest, stored.scenario.option_names
    answer = {
        "scenario": manifest.scenario,
        "digest": manifest.digest,
        "seed": manifest.seed,
        "replicates": manifest.replicates,
        "rounds": manifest.rounds,
        "engine": manifest.engine,
        "result": str(stored.folder),
        "outcomes": spreads(stored.tables.outcomes, names),
        "states": stance_chances(stored.tables.stances, names).to_dict(orient="index"),
    }
    click.echo(json.dumps(answer, indent=2, allow_nan=False))


def print_summary(stored: StoredRun) -> None:
    """Print who joins what, the force against the ask, what became of the proposal and of the peace."""
    click.echo(f"{click.style(stored.scenario.name, bold=True)}: {stored.scenario.question}")
    click.echo(f"{played(stored)}. Shares are of replicates, after the last round; ranges hold 90% of them.\n")
    for heading, text in summary(stored):
        paragraph(heading, text)
    click.echo(f"\nTables, figures and manifest: {stored.folder}")


def paragraph(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped and set in from the left."""
    columns = min(shutil.get_terminal_size().columns, _WIDTH) if sys.stdout.isatty() else _WIDTH
    wrapped = click.wrap_text(f"{heading}: {text}", width=columns, initial_indent="", subsequent_indent="    ")
    click.echo(click.style(heading, bold=True) + wrapped[len(heading) :])
