"""The tables of facts on the states and on the talks, each figure with its source (SOURCES.md).

The project's own tables are in tables/. They are read once, checked as a whole, and returned as frozen records.
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
        A CSV file with a row for each state. The column `code` is required. The other columns may be any of the
        project's table of states, with the same names and units. An empty cell means an unknown figure.

    Returns
    -------
    dict of str to dict
        The name, where the table has one, and the facts of each state, by its three-letter code.

    Raises
    ------
    FactsError
        If the table is malformed; the message gives file, line and column.

    Examples
    --------
    >>> own = read_state_table("figures.csv")  # doctest: +SKIP
    >>> scenario = load_scenario("paris-march-2025", {"roster.states": list(own), "states": own})  # doctest: +SKIP
    """
    return _state.read_state_table(Path(path), columns())


@cache
def columns() -> Mapping[str, Column]:
    """Return the columns of the table of states, with meaning, unit and range, by name."""
    return _state.read_columns(TABLES / "columns.csv")


def provenance(code: str, column: str) -> Provenance:
    """Return the source of one cell of the table of states."""
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
    return tuple(code for code in dict.fromkeys(position.code for position in positions()) if code not in _NOT_ASKED)


@cache
def formats() -> Mapping[str, Format]:
    """Return the consultation formats with their members, by code."""
    return _record.read_formats(TABLES / "formats.csv", states())


@cache
def positions() -> tuple[Position, ...]:
    """Return the positions of governments in spring 2025."""
    return _record.read_positions(TABLES / "positions.csv", states())


@cache
def polls() -> tuple[Poll, ...]:
    """Return the polls on sending soldiers to Ukraine."""
    return _record.read_polls(TABLES / "polls.csv", states())


@cache
def signals() -> tuple[Signal, ...]:
    """Return the signals from Washington and Moscow, in order of time."""
    return _record.read_signals(TABLES / "signals.csv")


@cache
def outlines(region: Literal["europe", "world"]) -> Mapping[str, tuple[Ring, ...]]:
    """Return the outlines of a region, finer for Europe, coarser for the world, by state code."""
    return _outline.read_outlines(TABLES / f"outlines_{region}.json")


@cache
def data_hash() -> str:
    """Return the SHA-256 of all tables: two runs with the same hash use the same facts."""
    import hashlib  # here, so that commands without it, such as --help, start quickly

    digest = hashlib.sha256()
    for path in sorted(path for path in TABLES.iterdir() if path.suffix in (".csv", ".json")):
        content = path.read_bytes().replace(b"\r\n", b"\n")  # a checkout may change line ends, not facts
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
