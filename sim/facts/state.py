"""The states that may join: the facts about each, and the source of each fact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sim.errors import FactsError
from sim.facts.characters import holds_odd
from sim.facts.csv_reader import Row, check_unique, names, one_by_one, read_table
from sim.facts.numbers import is_counted
from sim.facts.state_codes import find_state, shown_state, states_beginning

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "sourced": "read in the source named",
        "coded": "a judgement on a documented scale, or general knowledge",
        "poll": "a published poll, or a mean of polls",
        "converted": "computed from a sourced figure of another kind",
        "imputed": "filled by a rule that the note names",
        "unknown": "not known: the cell is empty",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state that may join; a figure that is None is unknown, never 0. Units are in tables/columns.csv."""

    code: str
    name: str
    capital: str
    gdp_busd: float | None
    population_m: float | None
    defence_budget_busd: float | None
    active_personnel: float | None
    land_forces: float | None
    troops_abroad: float | None
    nato: float | None
    eu: float | None
    nuclear: float | None
    conscription: float | None
    border_russia: float | None
    border_ukraine: float | None
    lat: float | None
    lon: float | None
    dist_moscow_km: float | None
    dist_kyiv_km: float | None
    aid_pct_gdp: float | None
    military_aid_beur: float | None
    debt_pct_gdp: float | None
    peacekeeping_support_pct: float | None
    russian_gas_pct: float | None
    un_ideal_point: float | None
    parliament_veto: float | None
    moscow_alignment: float | None
    non_aligned: float | None


_WORDS = ("name", "capital")
_CODE = re.compile(r"[A-Z][A-Z0-9]{2}")
FIGURES: tuple[str, ...] = tuple(name for name in names(State) if name not in ("code", *_WORDS))
_COLUMNS = (*_WORDS, *FIGURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table of states: meaning, unit, range and source."""

    name: str
    unit: str
    low: float | None
    high: float | None
    about: str
    source: str
    vintage: str
    licence: str
    note: str

    @property
    def is_flag(self) -> bool:
        """Whether the column holds 0 or 1."""
        return self.unit == "0 or 1"

    @property
    def counts(self) -> bool:
        """Whether the figures are usually in thousands, so that 25.000 hardly means 25."""
        return is_counted(self.unit, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of one cell: its kind, its source, and the confidence in it, 1 to 3."""

    kind: str
    source: str
    confidence: int
    note: str


def read_columns(path: Path) -> Mapping[str, Column]:
    """Return the columns of the table of states by name."""
    rows = read_table(path, names(Column))
    columns = one_by_one(rows, "name", _column)
    for name in _COLUMNS:
        if name not in columns:
            raise FactsError(f"{path}: column {name!r} is not described; add a row for it")
    return MappingProxyType(columns)


def read_states(path: Path, columns: Mapping[str, Column]) -> Mapping[str, State]:
    """Return the states of a table by code, in its order, every figure inside the range of its column."""
    rows = _with_codes(read_table(path, names(State)))
    return MappingProxyType(one_by_one(rows, "code", partial(_state, columns=columns)))


def read_state_table(path: Path, columns: Mapping[str, Column]) -> dict[str, dict[str, Any]]:
    """Return a table of your own as the `states` of a scenario; every column but code is optional."""
    rows = _with_codes(read_table(path, names(State), optional=_COLUMNS))
    return one_by_one(rows, "code", partial(_override, columns=columns))


def _override(row: Row, columns: Mapping[str, Column]) -> dict[str, Any]:
    name = {"name": row.cells["name"]} if row.cells.get("name") else {}
    return {**name, "facts": {column: _figure(row, columns[column]) for column in FIGURES if column in row.cells}}


def read_provenance(path: Path, states: Mapping[str, State]) -> Mapping[tuple[str, str], Provenance]:
    """Return the origin of each cell of the table of states, by code and column; every cell has one."""
    rows = read_table(path, ["code", "column", "kind", "confidence", "source", "note"])
    cells = [(row.state("code", states), row.one_of("column", _COLUMNS, "column")) for row in rows]
    check_unique((row, cell, ("column", "code"), " ".join(cell)) for row, cell in zip(rows, cells, strict=True))
    marked: dict[tuple[str, str], Provenance] = {}
    for row, (code, column) in zip(rows, cells, strict=True):
        origin = _provenance(row)
        if (origin.kind == "unknown") != (getattr(states[code], column) is None):
            contents = "holds a figure" if origin.kind == "unknown" else "is empty"
            row.wrong("kind", f"{origin.kind}, but the cell {code} {column} {contents}", "'unknown' is for empty cells")
        marked[code, column] = origin
    for code in states:
        for column in _COLUMNS:
            if (code, column) not in marked:
                raise FactsError(f"{path}: no row for {code} {column}; every cell of states.csv needs its provenance")
    return MappingProxyType(marked)


def _column(row: Row) -> Column:
    return Column(
        name=row.one_of("name", _COLUMNS, "column"),
        unit=row.note("unit"),
        low=row.number("low"),
        high=row.number("high"),
        about=row.text("about"),
        source=row.text("source"),
        vintage=row.note("vintage"),
        licence=row.text("licence"),
        note=row.note("note"),
    )


def _state(row: Row, columns: Mapping[str, Column]) -> State:
    figures = {name: _figure(row, columns[name]) for name in FIGURES}
    return State(code=row.text("code"), name=row.text("name"), capital=row.text("capital"), **figures)


def _figure(row: Row, column: Column) -> float | None:
    if column.is_flag:
        return row.flag(column.name)
    return row.number(column.name, column.low, column.high, counts=column.counts)


def _with_codes(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows with the three-letter code of each state, which may be written with two letters or by its name."""
    for row in rows:
        word = row.text("code")
        code = find_state(word) or word
        if not _CODE.fullmatch(code):
            begun = " or ".join(map(shown_state, states_beginning(word)))
            hint = f"did you mean {begun}?" if begun else "write three capital letters, such as FRA (ISO 3166)"
            row.wrong("code", f"not a state code: {word!r}{holds_odd(word)}", hint)
        yield replace(row, cells=row.cells | {"code": code})


def _provenance(row: Row) -> Provenance:
    kind = row.one_of("kind", KINDS, "kind of provenance")
    if kind not in ("imputed", "unknown"):
        row.text("source")
    if kind == "imputed" and not row.note("note"):
        row.wrong("note", "empty", "an imputed cell names its rule here")
    return Provenance(
        kind=kind, source=row.note("source"), confidence=row.whole("confidence", 1, 3), note=row.note("note")
    )
