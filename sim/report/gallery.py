"""The gallery: of each scenario one small table, and of all of them one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.model.setup import Setup
from sim.results.files import as_csv
from sim.results.summary import spreads, stance_chances
from sim.results.tables import RunTables
from sim.scenario import Scenario
from sim.scenario.schema import ABSTAIN
from sim.text.numbers import percent

MARK = "<!-- Made by `willing gallery`; change it there. -->"
LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What the page says about one scenario."""

    scenario: Scenario
    counts: str  # states for each option, deepest first
    force: str  # soldiers for the headline of the start, and whether that is viable
    title: str  # what its map shows, in a sentence


def states_table(setup: Setup, tables: RunTables) -> str:
    """Return as CSV a row a state: the chance of each stance after the last round, and the soldiers it would offer."""
    names = setup.menu.names
    table = stance_chances(tables.stances, names).round(4).reset_index()
    table.insert(1, "name", [state.name for state in setup.states])
    for place, option in enumerate(names):
        if setup.offers[:, place].any():
            table[f"soldiers_{option}"] = setup.offers[:, place].astype(int)
    return as_csv(table)


def piece(setup: Setup, tables: RunTables, title: str) -> Piece:
    """Return what the page says about a scenario that was played; title is what its map says."""
    scenario, names = setup.scenario, setup.menu.names
    measured = spreads(tables.outcomes, names)
    counts = stance_chances(tables.stances, names)[list(names)].sum()
    shown = ", ".join(f"{name.replace('_', ' ')} {counts[name]:.1f}" for name in reversed(names) if name != ABSTAIN)
    headline = names[setup.headline]
    soldiers, viable = measured[f"personnel_{headline}"]["mean"] or 0.0, measured["viable"]["mean"] or 0.0
    asked = setup.menu.asks[setup.headline]
    if asked:
        force = f"{soldiers:,.0f} of {asked:,.0f} soldiers asked for {headline}, viable in {percent(viable)}"
    elif soldiers:
        force = f"{soldiers:,.0f} soldiers for {headline}, no number asked"
    else:
        force = f"no soldiers asked for {headline.replace('_', ' ')}"
    return Piece(scenario=scenario, counts=shown, force=force, title=title)


def page(pieces: Sequence[Piece], *, seed: int, replicates: int) -> str:
    """Return the page that shows every piece."""
    lines = [
        MARK,
        "",
        "# Every scenario at a glance",
        "",
        f"Each scenario was played {replicates} times under seed {seed}. The numbers are means after the last round: "
        "how many states hold each option, and the soldiers for the headline against the ask that it started with. A "
        "folder holds the table of states, the map and the manifest; `willing run NAME` gives all of it.",
        "",
        "| scenario | asks | states | force |",
        "|---|---|---|---|",
    ]
    for each in pieces:
        name = each.scenario.name
        lines.append(f"| [{name}](#{name}) | {each.scenario.question} | {each.counts} | {each.force} |")
    for each in pieces:
        name = each.scenario.name
        lines += [
            "",
            f"## {name}",
            "",
            each.scenario.question,
            "",
            f"![Map: {each.title}]({name}/map.png)",
            "",
            f"[Table of states]({name}/states.csv), [manifest]({name}/manifest.json)",
        ]
    return "\n".join(lines) + "\n"
