"""What a run says, in words: who joins what, the force against the ask, what became of proposal and peace."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.plots.variance_components import parts_of
from sim.results.store import StoredRun
from sim.results.summary import Spread, spread, spreads, stance_chances
from sim.scenario.base_values import kept_of_the_standing_case
from sim.scenario.schema import Scenario
from sim.text.numbers import counted, percent
from sim.text.outcome_names import measure
from sim.text.words import day, listed, option_name, sentence
from sim.theory.ceasefire import PHASES


def played(run: StoredRun) -> str:
    """Return what was played: replicates, rounds, dates, seed."""
    first, last = (day(run.setup.date_of(number)) for number in (1, run.scenario.rounds))
    replicates = counted(run.manifest.replicates, "replicate")
    return f"{replicates} of {counted(run.scenario.rounds, 'round')}, {first} to {last}; seed {run.manifest.seed}"


def summary(run: StoredRun) -> list[tuple[str, str]]:
    """Return headings and what is to be said under each."""
    names = run.scenario.option_names
    outcomes = run.tables.outcomes
    measured = spreads(outcomes, names)
    chances = stance_chances(run.tables.stances, names)
    return [
        *_stances(measured, chances, names),
        *_force(measured, run.setup),
        *_proposal(measured, outcomes, run.setup),
        *_peace(measured, outcomes, run.scenario),
        *_uncertain(run),
        *_kept(run.scenario),
    ]


def _kept(scenario: Scenario) -> list[tuple[str, str]]:
    """Return what a case with another host or opponent keeps of the standing one."""
    kept = kept_of_the_standing_case(scenario)
    return [] if kept is None else [("Unchanged", kept)]


def _uncertain(run: StoredRun) -> list[tuple[str, str]]:
    """Return which part of the ranges comes from weights that are not known; nothing where none were drawn."""
    if run.manifest.posterior is None:
        return []
    found = parts_of(run.tables, run.scenario)
    draws = counted(run.manifest.posterior["draws"], "draw")
    if not found:
        return [("Uncertain", "nothing differs between replicates")]
    said = [
        f"{percent(parts.weights.mean)} ({percent(parts.weights.low)} to {percent(parts.weights.high)}) for "
        f"{measure(column, run.scenario).name}"
        for column, parts in found.items()
    ]
    of = f"of the variance between replicates weights make up {listed(said)}, in {draws}"
    return [("Uncertain", f"{of}; the rest comes from choices of governments and from events")]


def _stances(measured: dict[str, Spread], chances: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, str]]:
    said = []
    deepest = names[-1]
    for option in reversed(names[1:]):
        count = with_range(measured[states_column(option)], "state")
        said.append((f"{sentence(option_name(option))}, firm", f"{count}. {_likeliest(chances[option])}"))
        if option == deepest:
            count = with_range(measured[conditional_column(option)], "state")
            likely = _likeliest(chances[f"{option}_conditional"])
            said.append((f"{sentence(option_name(option))}, if the conditions were met", f"{count}. {likely}"))
    out = [code for code in chances.index if chances.loc[code, names[0]] >= 0.5]
    said.append(("Rather out", f"{', '.join(out) or 'nobody'}"))
    return said


def _force(measured: dict[str, Spread], setup: Setup) -> list[tuple[str, str]]:
    held = setup.last  # by which viability is measured
    menu = held.menu
    said = []
    for option in reversed(menu.names[1:]):
        if held.scenario.menu[option].share == 0.0:
            continue
        text = with_range(measured[personnel_column(option)], "soldier")
        if option == menu.names[held.headline]:
            asked, viable = menu.asks[held.headline], share_of(measured["viable"])
            same = (held.headline, asked) == (setup.headline, setup.menu.asks[setup.headline])
            when = "at the start" if same else "after the scenario changed"
            against = f"against {asked:,.0f} asked {when}" if asked else f"with no number asked for {when}"
            text += f", {against}: viable in {viable} of replicates"
        said.append((f"Force, {option}", text))
    return said


def _proposal(measured: dict[str, Spread], outcomes: pd.DataFrame, setup: Setup) -> list[tuple[str, str]]:
    shares = outcomes["headline"].astype(str).value_counts(normalize=True)
    headline = ", ".join(f"{name} {percent(shares[name])}" for name in reversed(setup.menu.names) if name in shares)
    changes = with_range(measured["redimensioned"], "time")
    said = [("Headline", f"{headline}; the leads changed the proposal {changes}")]
    left = outcomes["ask"] > 0
    if left.any():
        asked = with_range(spread(outcomes["ask"][left]), "soldier")
        where = "" if left.all() else f" in the {percent(left.mean())} of replicates that still ask for a number"
        said.append(("Ask in the end", f"{asked}{where}"))
    viable = f"in {share_of(measured['viable_now'])} of replicates the headline has what it asks for, and a lead"
    return [*said, ("Viable in the end", viable)]


def _peace(measured: dict[str, Spread], outcomes: pd.DataFrame, scenario: Scenario) -> list[tuple[str, str]]:
    phases = outcomes["phase"].value_counts(normalize=True).sort_index()
    shares = ", ".join(
        f"{PHASES[int(str(phase))].replace('_', ' ')} {percent(share)}" for phase, share in phases.items()
    )
    if scenario.opponent is None:
        return [("Phase", shares), ("Deterrence", "none: there is no opponent")]
    return [
        ("Phase", shares),
        ("Deterrence", f"{with_range(measured['deterrence'], digits=2)} on a scale from 0 to 1"),
    ]


def _likeliest(chances: pd.Series, least: float = 0.25) -> str:
    """Return the states that are likely enough, likeliest first, each with its share."""
    likely = chances[chances >= least].sort_values(ascending=False, kind="stable")
    named = ", ".join(f"{code} {percent(chance)}" for code, chance in likely.items())
    return named or f"No state in {least:.0%} of replicates or more"


def with_range(spread: Spread, noun: str = "", digits: int = 0) -> str:
    """Return a mean with the range that holds 90 % of the replicates, as 6.0 states (3 to 10)."""
    mean, low, high = spread["mean"], spread["p05"], spread["p95"]
    if mean is None or low is None or high is None:
        return "undefined"
    shown = digits if digits else (1 if high < 100 else 0)
    unit = f" {noun}s" if noun else ""
    if low == high:
        return f"{mean:,.{shown}f}{unit}"
    return f"{mean:,.{shown}f}{unit} ({low:,.{digits}f} to {high:,.{digits}f})"


def share_of(spread: Spread) -> str:
    """Return the mean of what is 0 or 1 as a share in %."""
    return "undefined" if spread["mean"] is None else percent(spread["mean"])
