"""The record of the talks: consultation formats, positions of governments, polls, and signals of the great powers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sim.facts.csv_reader import Row, check_unique, names, one_by_one, read_table

STANCES = ("abstain", "guarantee", "backstop", "troops", "undecided", "oppose", "host")
CONDITIONS = (
    "allies_join",
    "article_5_equivalent",
    "ceasefire",
    "clear_mandate",
    "eu_mandate",
    "home_defence_compensated",
    "in_planning",
    "invited",
    "legal_basis",
    "not_for_deterrence",
    "parliament",
    "un_mandate",
    "us_backstop",
)
FORCES = ("peacekeeping", "noncombat", "combat", "unconditional")
BODIES = ("EUU",)  # polled as a whole, but not a state: the 27 of the European Union
_POLL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A consultation format; its members observe one another."""

    code: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The position of a government in spring 2025, and the stance that it corresponds to."""

    code: str
    date: datetime.date
    stance: str
    alternative: str  # another reading; empty if there is none
    conditions: tuple[str, ...]
    troops_low: float | None
    troops_high: float | None
    kind: str
    confidence: int
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll on sending soldiers to Ukraine; shares in per cent."""

    code: str
    date: str  # as exact as it is known: 2025, 2025-02 or 2025-02-14
    pollster: str
    question: str
    force: str
    support_pct: float | None
    oppose_pct: float | None
    undecided_pct: float | None
    asked: float | None
    kind: str
    confidence: int
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A dated event, and a judgement of the backing by Washington and the opposition of Moscow that it expresses."""

    date: datetime.date
    event: str
    us_score: float  # -1 works against the force, 0 silent, 1 a firm and public backstop
    us_reason: str
    russian_opposition: float
    ceasefire: float  # extent to which a ceasefire holds, 0 to 1
    troops_low: float | None
    troops_high: float | None
    troops_of: str
    kind: str
    confidence: int
    source: str

    @property
    def us_backing(self) -> float:
        """The score on the scale of the model's environment: u = (score + 1) / 2."""
        return (self.us_score + 1.0) / 2.0


def read_formats(path: Path, states: Collection[str]) -> Mapping[str, Format]:
    """Return the consultation formats by code; every member is a state of the table."""

    def read(row: Row) -> Format:
        members = row.words("members")
        for member in members:
            if member not in states:
                row.wrong("members", f"{member} is not in the states table", "add the state there or remove it here")
            if members.count(member) > 1:
                row.wrong("members", f"{member} is listed twice", "remove one")
        if len(members) < 2:
            row.wrong("members", "fewer than two members", "a format needs states that can meet")
        return Format(code=row.text("code"), name=row.text("name"), members=members)

    return MappingProxyType(one_by_one(read_table(path, names(Format)), "code", read))


def read_positions(path: Path, states: Collection[str]) -> tuple[Position, ...]:
    """Return the positions of governments, in the order of the table."""
    rows = read_table(path, names(Position))
    read = [_position(row, states) for row in rows]
    check_unique(
        (row, (said.code, said.date), ("code", "date"), f"{said.code} on {said.date}")
        for row, said in zip(rows, read, strict=True)
    )
    return tuple(read)


def read_polls(path: Path, states: Collection[str]) -> tuple[Poll, ...]:
    """Return the polls, in the order of the table."""
    rows = read_table(path, names(Poll))
    key = ("code", "date", "pollster", "question", "force")
    check_unique(
        (row, tuple(row.cells[column] for column in key), key, f"{row.cells['code']} on {row.cells['date']}")
        for row in rows
    )
    return tuple(_poll(row, states) for row in rows)


def read_signals(path: Path) -> tuple[Signal, ...]:
    """Return the dated signals, which are in order of time."""
    signals: list[Signal] = []
    rows = read_table(path, names(Signal))
    key = ("date", "event")
    check_unique((row, tuple(row.cells[column] for column in key), key, f"{row.cells['event']!r}") for row in rows)
    for row in rows:
        signal = _signal(row)
        if signals and signal.date < signals[-1].date:
            row.wrong("date", f"{signal.date} comes after {signals[-1].date}", "put the earlier date first")
        signals.append(signal)
    return tuple(signals)


def _position(row: Row, states: Collection[str]) -> Position:
    low, high = troops(row)
    return Position(
        code=row.state("code", states),
        date=row.date("date"),
        stance=row.one_of("stance", STANCES, "stance"),
        alternative=row.one_of("alternative", STANCES, "stance") if row.note("alternative") else "",
        conditions=conditions(row),
        troops_low=low,
        troops_high=high,
        kind=kind(row),
        confidence=row.whole("confidence", 1, 3),
        source=row.text("source"),
        note=row.text("note"),
    )


def _poll(row: Row, states: Collection[str]) -> Poll:
    if not _POLL_DATE.fullmatch(row.text("date")):
        row.wrong("date", f"not a date: {row.text('date')!r}", "write it as 2025, 2025-02 or 2025-02-14")
    shares = [row.number(column, 0, 100) for column in ("support_pct", "oppose_pct", "undecided_pct")]
    if sum(share or 0.0 for share in shares) > 101.5:  # rounding of three shares
        row.wrong("support_pct", "the shares add up to more than 100", "check the three shares against the source")
    return Poll(
        code=row.state("code", (*states, *BODIES)),
        date=row.text("date"),
        pollster=row.text("pollster"),
        question=row.text("question"),
        force=row.one_of("force", FORCES, "kind of force"),
        support_pct=shares[0],
        oppose_pct=shares[1],
        undecided_pct=shares[2],
        asked=row.number("asked", 1, counts=True),
        kind=kind(row),
        confidence=row.whole("confidence", 1, 3),
        source=row.text("source"),
        note=row.note("note"),
    )


def _signal(row: Row) -> Signal:
    low, high = troops(row)
    return Signal(
        date=row.date("date"),
        event=row.text("event"),
        us_score=row.known("us_score", -1, 1),
        us_reason=row.note("us_reason"),
        russian_opposition=row.known("russian_opposition", 0, 1),
        ceasefire=row.known("ceasefire", 0, 1),
        troops_low=low,
        troops_high=high,
        troops_of=row.note("troops_of"),
        kind=kind(row),
        confidence=row.whole("confidence", 1, 3),
        source=row.text("source"),
    )


def kind(row: Row) -> str:
    """Return the kind of a row: how it was obtained."""
    return row.one_of("kind", ("sourced", "coded"), "kind of provenance")


def conditions(row: Row) -> tuple[str, ...]:
    """Return the conditions of a stance."""
    found = row.words("conditions")
    for condition in found:
        if condition not in CONDITIONS:
            row.wrong("conditions", f"unknown condition {condition!r}", "use one of " + ", ".join(CONDITIONS))
    return found


def troops(row: Row) -> tuple[float | None, float | None]:
    """Return the smallest and the largest number of soldiers that a row names."""
    low, high = (row.number(column, 0, counts=True) for column in ("troops_low", "troops_high"))
    if low is not None and high is not None and low > high:
        row.wrong("troops_low", f"{low:g} is above troops_high {high:g}", "swap the two")
    return low, high
