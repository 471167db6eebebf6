"""THE FACTS: what is known of the states and of the talks, each figure with its source (SOURCES.md).

The project's own tables stand in tables/. They are read once, checked whole, and handed out as frozen records.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sim.errors import FactsError
from sim.facts import outline as _outline
from sim.facts import state as _state
from sim.facts import statements as _record
from sim.facts.csv_reader import did_you_mean, state_meant_among
from sim.facts.outline import Ring
from sim.facts.relation import RELATIONS, STANDING_HOST, STANDING_OPPONENT, Relation, columns_about, distance_km
from sim.facts.state import FIGURES, KINDS, Column, Provenance, State
from sim.facts.state_codes import find_state
from sim.facts.statements import Format, Poll, Position, Signal

__all__ = [
    "FIGURES",
    "KINDS",
    "RELATIONS",
    "STANDING_HOST",
    "STANDING_OPPONENT",
    "TABLES",
    "Column",
    "Format",
    "Poll",
    "Position",
    "Provenance",
    "Relation",
    "Ring",
    "Signal",
    "State",
    "columns",
    "columns_about",
    "data_hash",
    "default_roster",
    "distance_km",
    "formats",
    "outlines",
    "polls",
    "positions",
    "provenance",
    "read_state_table",
    "read_states",
    "signals",
    "states",
]

TABLES = Path(__file__).parent / "tables"
_NOT_ASKED = frozenset(
    {STANDING_HOST, "USA", STANDING_OPPONENT}
)  # the host, the backer and the opponent have a position, but no seat


@cache
def states() -> Mapping[str, State]:
    """Return the states by code, in the order of the table."""
    return read_states(TABLES / "states.csv")


def read_states(path: str | Path) -> Mapping[str, State]:
    """Return the states of a table of your own, checked against the ranges of the project's columns."""
    return _state.read_states(Path(path), columns())


def read_state_table(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read a table of states of your own, for the `states` of a scenario.

    Parameters
    ----------
    path : str or Path
        A CSV file with a row for each state. The column `code` must be there; any others of the project's table of
        states may be, under the same names and in the same units. An empty cell is a figure that is not known.

    Returns
    -------
    dict of str to dict
        The name, where the table has one, and the facts of each state by its three-letter code.

    Raises
    ------
    FactsError
        With file, line and column, for whatever is wrong with the table.

    Examples
    --------
    >>> own = read_state_table("figures.csv")  # doctest: +SKIP
    >>> scenario = load_scenario("paris-march-2025", {"roster.states": list(own), "states": own})  # doctest: +SKIP
    """
    return _state.read_state_table(Path(path), columns())


@cache
def columns() -> Mapping[str, Column]:
    """Return what each column of the states table means, by name."""
    return _state.read_columns(TABLES / "columns.csv")


def provenance(code: str, column: str) -> Provenance:
    """Return where one cell of the states table comes from."""
    try:
        return _provenances()[find_state(code) or code, column]
    except KeyError:
        if find_state(code) not in states():
            raise FactsError(f"unknown state {code!r}; {state_meant_among(code, states())}") from None
        raise FactsError(f"unknown column {column!r}; {did_you_mean(column, tuple(columns()))}") from None


@cache
def _provenances() -> Mapping[tuple[str, str], Provenance]:
    return _state.read_provenance(TABLES / "provenance.csv", states())


@cache
def default_roster() -> tuple[str, ...]:
    """Return the states with a recorded position, without the host, the backer and the opponent."""
    return tuple(code for code in dict.fromkeys(said.code for said in positions()) if code not in _NOT_ASKED)


@cache
def formats() -> Mapping[str, Format]:
    """Return who meets with whom, by the code of the format."""
    return _record.read_formats(TABLES / "formats.csv", states())


@cache
def positions() -> tuple[Position, ...]:
    """Return what governments said in spring 2025."""
    return _record.read_positions(TABLES / "positions.csv", states())


@cache
def polls() -> tuple[Poll, ...]:
    """Return what the public answered about soldiers for Ukraine."""
    return _record.read_polls(TABLES / "polls.csv", states())


@cache
def signals() -> tuple[Signal, ...]:
    """Return what Washington and Moscow signalled, in order of time."""
    return _record.read_signals(TABLES / "signals.csv")


@cache
def outlines(region: Literal["europe", "world"]) -> Mapping[str, tuple[Ring, ...]]:
    """Return the outlines of a region, finer for Europe, coarser for the world, by state code."""
    return _outline.read_outlines(TABLES / f"outlines_{region}.json")


@cache
def data_hash() -> str:
    """Return the SHA-256 of all tables: two runs with the same hash rest on the same facts."""
    import hashlib  # here, for the sake of commands that never ask: --help must be quick

    digest = hashlib.sha256()
    for path in sorted(path for path in TABLES.iterdir() if path.suffix in (".csv", ".json")):
        content = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout may change line ends, not facts
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
