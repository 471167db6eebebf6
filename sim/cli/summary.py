"""What a run answers: in words for a reader, in JSON for a program."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence

import click
import pandas as pd

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.results.store import StoredRun
from sim.results.summary import Spread, spread, spreads, stance_chances
from sim.theory.ceasefire import PHASES

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
    setup, scenario, manifest = stored.setup, stored.scenario, stored.manifest
    names = scenario.option_names
    outcomes = stored.tables.outcomes
    measured = spreads(outcomes, names)
    chances = stance_chances(stored.tables.stances, names)
    first, last = (setup.date_of(number).strftime("%-d %B %Y") for number in (1, scenario.rounds))
    click.echo(f"{click.style(scenario.name, bold=True)}: {scenario.question}")
    click.echo(
        f"{_counted(manifest.replicates, 'replicate')} of {_counted(scenario.rounds, 'round')}, {first} to {last}; "
        f"seed {manifest.seed}. Shares are of replicates, after the last round; ranges hold 90% of them.\n"
    )
    for heading, text in (
        *_stances(measured, chances, names),
        *_force(measured, setup),
        *_proposal(measured, outcomes, setup),
        *_peace(measured, outcomes),
    ):
        _paragraph(heading, text)
    click.echo(f"\nTables, figures and manifest: {stored.folder}")


def _stances(measured: dict[str, Spread], chances: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, str]]:
    said = []
    deepest = names[-1]
    for option in reversed(names[1:]):
        count = _range(measured[states_column(option)], "state")
        said.append((f"{_title(option)}, firm", f"{count}. {_likeliest(chances[option])}"))
        if option == deepest:
            count = _range(measured[conditional_column(option)], "state")
            likely = _likeliest(chances[f"{option}_conditional"])
            said.append((f"{_title(option)}, if the conditions were met", f"{count}. {likely}"))
    out = [code for code in chances.index if chances.loc[code, names[0]] >= 0.5]
    said.append(("Rather out", f"{', '.join(out) or 'nobody'}"))
    return said


def _force(measured: dict[str, Spread], setup: Setup) -> list[tuple[str, str]]:
    menu = setup.menu
    said = []
    for option in reversed(menu.names[1:]):
        if setup.scenario.menu[option].share == 0.0:
            continue
        text = _range(measured[personnel_column(option)], "soldier")
        if option == menu.names[setup.headline]:
            asked, viable = menu.asks[setup.headline], _share_of(measured["viable"])
            against = f"against {asked:,.0f} asked at the start" if asked else "with no number asked for at the start"
            text += f", {against}: viable in {viable} of replicates"
        said.append((f"Force, {option}", text))
    return said


def _proposal(measured: dict[str, Spread], outcomes: pd.DataFrame, setup: Setup) -> list[tuple[str, str]]:
    shares = outcomes["headline"].astype(str).value_counts(normalize=True)
    headline = ", ".join(f"{name} {percent(shares[name])}" for name in reversed(setup.menu.names) if name in shares)
    changes = _range(measured["redimensioned"], "time")
    said = [("Headline", f"{headline}; the leads changed the proposal {changes}")]
    left = outcomes["ask"] > 0
    if left.any():
        asked = _range(spread(outcomes["ask"][left]), "soldier")
        where = "" if left.all() else f" in the {percent(left.mean())} of replicates that still ask for a number"
        said.append(("Ask in the end", f"{asked}{where}"))
    viable = f"in {_share_of(measured['viable_now'])} of replicates the headline has what it asks for, and a lead"
    return [*said, ("Viable in the end", viable)]


def _peace(measured: dict[str, Spread], outcomes: pd.DataFrame) -> list[tuple[str, str]]:
    phases = outcomes["phase"].value_counts(normalize=True).sort_index()
    shares = ", ".join(
        f"{PHASES[int(str(phase))].replace('_', ' ')} {percent(share)}" for phase, share in phases.items()
    )
    return [
        ("Phase", shares),
        ("Deterrence", f"{_range(measured['deterrence'], digits=2)} on a scale from 0 to 1"),
    ]


def _likeliest(chances: pd.Series, least: float = 0.25) -> str:
    """Return the states that are likely enough, likeliest first, each with its share."""
    likely = chances[chances >= least].sort_values(ascending=False, kind="stable")
    named = ", ".join(f"{code} {percent(chance)}" for code, chance in likely.items())
    return named or f"No state in {least:.0%} of replicates or more"


def _range(spread: Spread, noun: str = "", digits: int = 0) -> str:
    mean, low, high = spread["mean"], spread["p05"], spread["p95"]
    if mean is None or low is None or high is None:
        return "undefined"
    shown = digits if digits else (1 if high < 100 else 0)
    unit = f" {noun}s" if noun else ""
    if low == high:
        return f"{mean:,.{shown}f}{unit}"
    return f"{mean:,.{shown}f}{unit} ({low:,.{digits}f} to {high:,.{digits}f})"


def _share_of(spread: Spread) -> str:
    return "undefined" if spread["mean"] is None else percent(spread["mean"])


def percent(part: float) -> str:
    """Return a share in %, never 0% for what did happen or 100% for what did not always."""
    if 0.0 < part < 0.005:
        return "<1%"
    if 0.995 < part < 1.0:
        return ">99%"
    return f"{part:.0%}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _title(option: str) -> str:
    return option.replace("_", " ").capitalize()


def _paragraph(heading: str, text: str) -> None:
    """Print a heading and its text, wrapped and set in from the left."""
    columns = min(shutil.get_terminal_size().columns, _WIDTH) if sys.stdout.isatty() else _WIDTH
    wrapped = click.wrap_text(f"{heading}: {text}", width=columns, initial_indent="", subsequent_indent="    ")
    click.echo(click.style(heading, bold=True) + wrapped[len(heading) :])
