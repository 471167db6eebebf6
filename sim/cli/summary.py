"""What a run answers: in words for a reader, in JSON for a program."""

from __future__ import annotations

import json
from typing import Any

import click

from sim.cli.printing import paragraph
from sim.plots.variance_components import parts_of
from sim.report.summary import played, summary
from sim.results.store import StoredRun
from sim.results.summary import spreads, stance_chances
from sim.text.heading import heading


def print_json(stored: StoredRun) -> None:
    """Print the answer for programs, numbers that are undefined as null."""
    manifest, names = stored.manifest, stored.scenario.option_names
    answer: dict[str, Any] = {
        "scenario": manifest.scenario,
        "heading": heading(stored.scenario),
        "digest": manifest.digest,
        "seed": manifest.seed,
        "replicates": manifest.replicates,
        "rounds": manifest.rounds,
        "engine": manifest.engine,
        "result": str(stored.folder),
        "outcomes": spreads(stored.tables.outcomes, names),
        "states": stance_chances(stored.tables.stances, names).to_dict(orient="index"),
    }
    if manifest.posterior is not None:
        answer["posterior"] = dict(manifest.posterior) | {
            "from_weights": {
                column: {part: getattr(parts.weights, part) for part in ("mean", "low", "high")}
                for column, parts in parts_of(stored.tables, stored.scenario).items()
            }
        }
    click.echo(json.dumps(answer, indent=2, allow_nan=False))


def print_summary(stored: StoredRun, *, figures: bool = True) -> None:
    """Print who joins what, the force against the ask, what became of the proposal and of the peace."""
    click.echo(f"{click.style(heading(stored.scenario), bold=True)}: {stored.scenario.question}")
    click.echo(
        f"{played(stored)}. Counts of states are means over replicates, shares are of "
        f"replicates, after the last round; ranges hold 90% of them.\n"
    )
    for title, text in summary(stored):
        paragraph(title, text)
    click.echo(f"\nTables{', figures' if figures else ''} and manifest: {stored.folder}")
