"""The record: a table of dated positions of governments, read as stances on a menu."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim import facts
from sim.errors import FactsError, ModelError
from sim.facts.csv_reader import Row, check_unique, names, read_table
from sim.facts.statements import STANCES, Position, conditions, kind, troops
from sim.model.setup import Setup
from sim.scenario.parties import name_in_sentence

UNDECIDED = "undecided"
NOT_ASKED = "host"  # the stance of the host, which asks for the force
AS_ABSTAIN = "oppose"  # stronger than abstaining, but not an option of a menu: the state abstains
SHIPPED = facts.TABLES / "positions.csv"
CONFIDENT = 2  # from this confidence on a row counts as confident


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One row of a table of positions."""

    line: int
    code: str
    date: datetime.date
    stance: str  # as written in the table
    alternative: str  # another reading; empty: none
    conditions: tuple[str, ...]
    troops_low: float | None
    troops_high: float | None
    confidence: int

    @property
    def is_sure(self) -> bool:
        """Whether its confidence is 2 or more."""
        return self.confidence >= CONFIDENT


@dataclass(frozen=True, kw_only=True)
class Record:
    """The last position of each state on a roster, and its position before that."""

    source: str
    codes: tuple[str, ...]  # the roster, in its order
    said: Mapping[str, Statement]  # the position that counts, by state
    before: Mapping[str, Statement]  # the last decided position before that, where there is one
    options: tuple[str, ...]  # of the menu, abstaining first
    not_asked: tuple[str, ...]  # states of the table that are not on the roster
    later: int  # rows dated after the day of the record

    @property
    def undecided(self) -> tuple[str, ...]:
        """The states on record without a stance."""
        return tuple(code for code in self.codes if code in self.said and self.said[code].stance == UNDECIDED)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The states of the roster that are not on record."""
        return tuple(code for code in self.codes if code not in self.said)

    def decided(self, *, sure: bool = False) -> tuple[str, ...]:
        """Return the states on record with a stance, or only those with a confident row, in the order of the roster."""
        return tuple(
            code
            for code in self.codes
            if code in self.said
            and self.said[code].stance != UNDECIDED
            and (self.said[code].is_sure or not sure)
        )  # fmt: skip

    def stance(self, code: str) -> int:
        """Return the index on the menu of a decided state's stance; opposing counts as abstaining."""
        return self.options.index(option_of(self.said[code].stance))

    def stance_before(self, code: str) -> int:
        """Return the index on the menu of a state's position before; abstaining if it had no decided one."""
        return self.options.index(option_of(self.before[code].stance)) if code in self.before else 0


def option_of(stance: str) -> str:
    """Return the option of the menu for a decided stance of the record."""
    return "abstain" if stance == AS_ABSTAIN else stance


def read_positions(path: Path, setup: Setup) -> tuple[Statement, ...]:
    """Read a table with the columns of facts/tables/positions.csv.

    States must be in the tables of facts or in the scenario; stances are the options of the menu, undecided, oppose and
    host. Raises FactsError, with file and line, for any other value.
    """
    parties = [code for code in (setup.scenario.host, setup.scenario.opponent) if code is not None]
    codes = dict.fromkeys((*facts.states(), *setup.codes, *parties))
    stances = (*setup.menu.names, UNDECIDED, AS_ABSTAIN, NOT_ASKED)
    rows = read_table(path, names(Position))
    read = [_statement(row, tuple(codes), stances) for row in rows]
    check_unique(
        (row, (said.code, said.date), ("code", "date"), f"{said.code} on {said.date}")
        for row, said in zip(rows, read, strict=True)
    )
    return tuple(read)


def record(rows: Sequence[Statement], setup: Setup, *, source: Path, until: datetime.date | None = None) -> Record:
    """Return the last row of each state on the roster, up to a day if one is given, and the decided row before it.

    Earlier positions come from the same table, then from the included one. The included table is about a force for its
    own host, and is not used for another host. Raises ModelError for the included table with another host, and if no
    state of the roster is on record.
    """
    scenario = setup.scenario
    is_standing = scenario.host == facts.STANDING_HOST
    if source == SHIPPED and not is_standing:
        host, standing = (name_in_sentence(code, scenario) for code in (scenario.host, facts.STANDING_HOST))
        raise ModelError(
            f"{scenario.name}: the included positions are about a force for {standing}, and the host is {host}; "
            "give your own positions with --positions"
        )
    ordered = sorted(rows, key=lambda row: row.date)
    known = [row for row in ordered if until is None or row.date <= until]
    of_roster = [row for row in known if row.code in setup.codes and row.stance != NOT_ASKED]
    said = {row.code: row for row in of_roster}
    if not said:
        when = "" if until is None else f" up to {until}"
        first = min((row.date for row in ordered), default=None)
        raise ModelError(
            f"{shown(source)}: no state on the roster of {setup.scenario.name} has a position there{when}; "
            + (f"the first is of {first}" if until is not None and first is not None else "name another scenario")
        )
    others = [] if source == SHIPPED or not is_standing else _shipped(setup)
    earlier = sorted([*others, *of_roster], key=lambda row: row.date)
    return Record(
        source=shown(source),
        codes=setup.codes,
        said=said,
        before={row.code: row for row in earlier if row.stance != UNDECIDED and row.date < _said_on(said, row)},
        options=setup.menu.names,
        not_asked=tuple(dict.fromkeys(row.code for row in known if row.code not in said)),
        later=len(ordered) - len(known),
    )


def shown(source: Path) -> str:
    """Return the name of a table of positions: its path, or that it is the included one."""
    return "shipped positions" if source == SHIPPED else str(source)


def _said_on(said: Mapping[str, Statement], row: Statement) -> datetime.date:
    """Return the day of the position that counts for a row's state; the first of all days if there is none."""
    return said[row.code].date if row.code in said else datetime.date.min


def _shipped(setup: Setup) -> list[Statement]:
    """Return the decided rows of the included table whose stance is on the menu, by date."""
    rows = [
        Statement(
            line=0,
            code=row.code,
            date=row.date,
            stance=row.stance,
            alternative=row.alternative,
            conditions=row.conditions,
            troops_low=row.troops_low,
            troops_high=row.troops_high,
            confidence=row.confidence,
        )
        for row in facts.positions()
        if row.code in setup.codes and option_of(row.stance) in setup.menu.names
    ]
    return sorted(rows, key=lambda row: row.date)


def _statement(row: Row, codes: Sequence[str], stances: Sequence[str]) -> Statement:
    low, high = troops(row)
    kind(row)
    if row.note("alternative"):
        row.one_of("alternative", dict.fromkeys((*stances, *STANCES)), "stance")
    return Statement(
        line=row.line,
        code=row.state("code", codes),
        date=row.date("date"),
        stance=_stance(row, stances),
        alternative=row.note("alternative"),
        conditions=conditions(row),
        troops_low=low,
        troops_high=high,
        confidence=row.whole("confidence", 1, 3),
    )


def _stance(row: Row, stances: Sequence[str]) -> str:
    """Return the stance of a row; an option of another menu and an unknown word have different FactsErrors."""
    stance = row.text("stance")
    if stance in STANCES and stance not in stances:
        raise FactsError(
            f"{shown(Path(row.file))}:{row.line}: stance: {stance!r} is not on the menu of this scenario; name "
            "one that has it with --scenario"
        )
    return row.one_of("stance", stances, "stance")
