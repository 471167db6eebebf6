"""The text and the tables of a run: which states join which option, the force, the proposal and the peace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sim.analysis.variance_components import outcome_components
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.spreadsheet import Sheet
from sim.results.summary import Spread, spread, spreads
from sim.scenario.base_values import kept_of_the_standing_case
from sim.scenario.schema import Scenario
from sim.text.heading import heading
from sim.text.numbers import counted, percent
from sim.text.outcome_names import outcome_text
from sim.text.words import capitalised, date_text, listed, option_name, with_parties
from sim.theory.ceasefire import PHASES
from sim.view import Heading, Paragraph, View

MOST_STANCES = 200_000  # rows of stances that are written whole; of more, those of the last round
_SHARE = "share of replicates"
_LEAST = 0.25  # share of replicates from which on a state is listed under an option

type Item = tuple[str, str]  # a short title and its text


def view(run: Run) -> View:
    """Return what was simulated and the summary of a run."""
    explanation = (
        f"{simulated(run)}. Counts of states are means over replicates and shares are shares of replicates, both after "
        "the last round; ranges contain 90% of the replicates."
    )
    return View(
        (
            Heading(heading(run.scenario), f": {run.scenario.question}"),
            Paragraph("", explanation),
            *(Paragraph(title, text) for title, text in summary(run)),
        )
    )


def to_dict(run: Run) -> dict[str, Any]:
    """Return a run as plain values, undefined numbers as None."""
    manifest, names = run.manifest, run.scenario.option_names
    values: dict[str, Any] = {
        "scenario": manifest.scenario,
        "heading": heading(run.scenario),
        "digest": manifest.digest,
        "seed": manifest.seed,
        "replicates": manifest.replicates,
        "rounds": manifest.rounds,
        "engine": manifest.engine,
        "result": None if run.folder is None else str(run.folder),
        "outcomes": spreads(run.outcomes, names),
        "states": run.probabilities().to_dict(orient="index"),
    }
    if manifest.posterior is not None:
        values["posterior"] = dict(manifest.posterior) | {
            "from_weights": {
                column: {part: getattr(parts.weights, part) for part in ("mean", "low", "high")}
                for column, parts in outcome_components(run.tables, run.scenario).items()
            }
        }
    return values


def sheets(run: Run) -> dict[str, Sheet]:
    """Return the states, the summary of outcomes, and the tables of replicates, rounds and stances.

    Stances are those of the last round where all of them would be too many for a sheet.
    """
    known = numeric_outcomes(run.scenario.option_names)
    units = {name: outcome.unit for name, outcome in known.items()}
    states = run.probabilities()
    states.insert(0, "name", [state.name for state in run.setup.states])
    by_outcome = run.summary()
    by_outcome.insert(0, "unit", by_outcome.pop("unit"))
    by_outcome.insert(1, "about", [with_parties(known[str(name)].about, run.scenario) for name in by_outcome.index])
    stances = run.stances
    is_whole = len(stances) <= MOST_STANCES
    result = {
        "states": Sheet(table=states, units=dict.fromkeys(map(str, states.columns[1:]), _SHARE)),
        "summary": Sheet(table=by_outcome),
        "outcomes": Sheet(table=run.outcomes, units=units),
        "rounds": Sheet(table=run.rounds, units=units),
        "stances" if is_whole else "last stances": Sheet(
            table=stances if is_whole else stances[stances["round"] == stances["round"].max()]
        ),
    }
    return result if run.weights is None else result | {"weights": Sheet(table=run.weights)}


def simulated(run: Run) -> str:
    """Return what was simulated: replicates, rounds, dates and seed."""
    first, last = (date_text(run.setup.date_of(number)) for number in (1, run.scenario.rounds))
    replicates = counted(run.manifest.replicates, "replicate")
    return f"{replicates} of {counted(run.scenario.rounds, 'round')}, {first} to {last}; seed {run.manifest.seed}"


def summary(run: Run) -> list[Item]:
    """Return the summary of a run as short titles and texts."""
    measured = spreads(run.outcomes, run.scenario.option_names)
    return [
        *_stances(measured, run.probabilities(), run.scenario.option_names),
        *_force(measured, run.setup),
        *_proposal(measured, run.outcomes, run.setup),
        *_peace(measured, run.outcomes, run.scenario),
        *_uncertainty(run),
        *_unchanged(run.scenario),
    ]


def _unchanged(scenario: Scenario) -> Iterator[Item]:
    """Yield which values a case with another host or opponent keeps from the standing one."""
    kept = kept_of_the_standing_case(scenario)
    if kept is not None:
        yield "Unchanged", kept


def _uncertainty(run: Run) -> Iterator[Item]:
    """Yield the part of the variance that comes from uncertain weights, if weights were drawn."""
    if run.manifest.posterior is None:
        return
    components = outcome_components(run.tables, run.scenario)
    if not components:
        yield "Uncertainty", "all replicates have the same outcomes"
        return
    parts = [
        f"{percent(part.weights.mean)} ({percent(part.weights.low)} to {percent(part.weights.high)}) for "
        f"{outcome_text(column, run.scenario).phrase}"
        for column, part in components.items()
    ]
    yield (
        "Uncertainty",
        f"uncertain weights ({counted(run.manifest.posterior['draws'], 'draw')}) account for this part of the variance "
        f"between replicates: {listed(parts)}; the rest comes from choices of governments and from events",
    )


def _stances(measured: Mapping[str, Spread], shares: pd.DataFrame, names: Sequence[str]) -> Iterator[Item]:
    deepest = names[-1]
    for option in reversed(names[1:]):
        title = capitalised(option_name(option))
        yield f"{title}, firm", f"{with_range(measured[states_column(option)], 'state')}. {_likeliest(shares[option])}"
        if option == deepest:
            count = with_range(measured[conditional_column(option)], "state")
            yield f"{title}, if the conditions were met", f"{count}. {_likeliest(shares[f'{option}_conditional'])}"
    abstaining = [str(code) for code in shares.index if shares.loc[code, names[0]] >= 0.5]
    yield "Abstaining in at least half of the replicates", ", ".join(abstaining) or "no state"


def _likeliest(shares: pd.Series) -> str:
    """Return the states with a high enough share, highest first."""
    likely = shares[shares >= _LEAST].sort_values(ascending=False, kind="stable")
    named = ", ".join(f"{code} {percent(share)}" for code, share in likely.items())
    return named or f"No state in {_LEAST:.0%} of replicates or more"


def _force(measured: Mapping[str, Spread], setup: Setup) -> Iterator[Item]:
    current = setup.last  # by which viability is measured
    menu = current.menu
    for option in reversed(menu.names[1:]):
        if current.scenario.menu[option].share == 0.0:
            continue
        text = with_range(measured[personnel_column(option)], "soldier")
        if option == menu.names[current.headline]:
            ask, viable = menu.asks[current.headline], share_of(measured["viable"])
            same = (current.headline, ask) == (setup.headline, setup.menu.asks[setup.headline])
            when = "at the start" if same else "after the scenario changed"
            against = f"against {ask:,.0f} asked {when}" if ask else f"with no number asked for {when}"
            text += f", {against}: viable in {viable} of replicates"
        yield f"Force, {option}", text


def _proposal(measured: Mapping[str, Spread], outcomes: pd.DataFrame, setup: Setup) -> Iterator[Item]:
    shares = outcomes["headline"].astype(str).value_counts(normalize=True)
    headline = ", ".join(f"{name} {percent(shares[name])}" for name in reversed(setup.menu.names) if name in shares)
    changes = with_range(measured["redimensioned"], "time")
    yield "Headline", f"{headline}; the leads changed the proposal {changes}"
    has_ask = outcomes["ask"] > 0
    if has_ask.any():
        ask = with_range(spread(outcomes["ask"][has_ask]), "soldier")
        where = "" if has_ask.all() else f" in the {percent(has_ask.mean())} of replicates that still ask for a number"
        yield "Final ask", f"{ask}{where}"
    yield (
        "Finally viable",
        f"in {share_of(measured['viable_now'])} of replicates the final headline has the soldiers it asks for, and a "
        "lead",
    )


def _peace(measured: Mapping[str, Spread], outcomes: pd.DataFrame, scenario: Scenario) -> Iterator[Item]:
    phases = outcomes["phase"].value_counts(normalize=True).sort_index()
    yield (
        "Phase",
        ", ".join(f"{PHASES[int(str(phase))].replace('_', ' ')} {percent(share)}" for phase, share in phases.items()),
    )
    has_opponent = scenario.opponent is not None
    deterrence = f"{with_range(measured['deterrence'], digits=2)} on a scale from 0 to 1"
    yield "Deterrence", deterrence if has_opponent else "none: there is no opponent"


def with_range(spread: Spread, noun: str = "", digits: int = 0) -> str:
    """Return a mean with the range that contains 90 % of the replicates, such as 6.0 states (3 to 10)."""
    mean, low, high = spread["mean"], spread["p05"], spread["p95"]
    if mean is None or low is None or high is None:
        return "undefined"
    decimals = digits if digits else (1 if high < 100 else 0)
    unit = f" {noun}s" if noun else ""
    if low == high:
        return f"{mean:,.{decimals}f}{unit}"
    return f"{mean:,.{decimals}f}{unit} ({low:,.{digits}f} to {high:,.{digits}f})"


def share_of(spread: Spread) -> str:
    """Return the mean of an outcome that is 0 or 1 as a percentage."""
    return "undefined" if spread["mean"] is None else percent(spread["mean"])
