"""The facts are complete, in range and sourced, and errors in a table name the place and the remedy."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from statistics import linear_regression, mean, median, quantiles

import pytest

from sim import facts
from sim.errors import FactsError
from sim.facts.outline import read_outlines
from sim.facts.state import read_columns, read_provenance, read_states
from sim.facts.statements import read_formats, read_polls, read_positions, read_signals

SHIPPED = facts.TABLES


# What the tables hold


def test_46_states_are_known_and_38_of_them_are_asked_by_default() -> None:
    assert len(facts.states()) == 46
    roster = facts.default_roster()
    assert len(roster) == len(set(roster)) == 38
    assert set(roster) <= set(facts.states())
    assert not {"UKR", "USA", "RUS"} & set(roster)
    assert roster[:3] == ("GBR", "FRA", "DEU")


def test_every_cell_has_a_source() -> None:
    for code, state in facts.states().items():
        for column in ("name", "capital", *facts.FIGURES):
            origin = facts.provenance(code, column)
            assert origin.kind in facts.KINDS
            assert (origin.kind == "unknown") == (getattr(state, column) is None)
            assert origin.source or origin.note


def test_every_column_has_a_unit_a_range_a_source_and_a_licence() -> None:
    for name in facts.FIGURES:
        column = facts.columns()[name]
        assert column.unit
        assert column.about
        assert column.source
        assert column.licence
        assert column.low is not None
        assert column.high is not None


def test_sources_md_explains_every_column_and_table() -> None:
    text = (SHIPPED.parent / "SOURCES.md").read_text(encoding="utf-8")
    for name in (*facts.FIGURES, *(path.name for path in SHIPPED.glob("*.*"))):
        assert re.search(rf"\b{re.escape(name)}\b", text), name


def test_an_unknown_figure_is_none_and_never_zero() -> None:
    assert facts.states()["MDA"].troops_abroad is None
    assert facts.states()["RUS"].border_russia is None
    assert facts.states()["ISL"].land_forces == 0.0


def test_every_figure_that_sensitivities_need_is_known_for_the_roster() -> None:
    felt = set(facts.FIGURES) - {"military_aid_beur"}
    for code in facts.default_roster():
        for name in felt:
            assert getattr(facts.states()[code], name) is not None, (code, name)


def test_coded_columns_keep_to_their_steps() -> None:
    for state in facts.states().values():
        assert state.parliament_veto in (None, 0.0, 0.25, 0.5, 0.75, 1.0)
        assert state.moscow_alignment is None or (10 * state.moscow_alignment) % 1 == pytest.approx(0, abs=1e-9)
        assert state.non_aligned in (0.0, 1.0)
        assert not (state.nato and state.non_aligned)


def test_the_anchors_of_the_scales_stand_where_sources_md_puts_them() -> None:
    table = facts.states()
    assert [table[code].parliament_veto for code in ("GRC", "FRA", "ROU", "NLD", "DEU", "IRL")] == [
        0,
        0.25,
        0.5,
        0.75,
        1,
        1,
    ]
    assert [table[code].moscow_alignment for code in ("EST", "TUR", "SVK", "HUN", "RUS")] == [0, 0.3, 0.7, 0.8, 1]
    assert {code for code in table if table[code].non_aligned} == {"IRL", "AUT", "MLT", "CYP", "CHE", "MDA", "SRB"}


def test_distances_follow_from_the_coordinates() -> None:
    table = facts.states()
    for state in table.values():
        assert state.dist_moscow_km == pytest.approx(_great_circle_km(state, table["RUS"]), abs=1.5)
        assert state.dist_kyiv_km == pytest.approx(_great_circle_km(state, table["UKR"]), abs=1.5)


def test_imputed_cells_follow_their_rule() -> None:
    roster = [facts.states()[code] for code in facts.default_roster()]
    counted = [state for state in roster if facts.provenance(state.code, "troops_abroad").kind == "sourced"]
    ratio = median(_known(state.troops_abroad) / _known(state.active_personnel) for state in counted)
    covered = [_known(s.aid_pct_gdp) for s in roster if facts.provenance(s.code, "aid_pct_gdp").kind == "sourced"]
    quartile = quantiles(covered, n=4, method="inclusive")[0]
    imputed = {"troops_abroad": 0, "aid_pct_gdp": 0}
    for state in roster:
        if facts.provenance(state.code, "troops_abroad").kind == "imputed":
            assert state.troops_abroad == round(ratio * _known(state.active_personnel))
            imputed["troops_abroad"] += 1
        if facts.provenance(state.code, "aid_pct_gdp").kind == "imputed":
            assert state.aid_pct_gdp == pytest.approx(quartile, abs=1e-4)
            imputed["aid_pct_gdp"] += 1
    assert imputed == {"troops_abroad": 10, "aid_pct_gdp": 3}


def test_support_is_converted_along_the_line_through_the_five_states_polled_twice() -> None:
    opposed = {poll.code: _known(poll.oppose_pct) for poll in facts.polls() if poll.date == "2024-05"}
    twice = ("GBR", "FRA", "DEU", "ITA", "ESP")
    line = linear_regression([opposed[code] for code in twice], [_support(code) for code in twice])
    converted = [code for code in opposed if facts.provenance(code, "peacekeeping_support_pct").kind == "converted"]
    assert len(converted) == 8
    for code in converted:
        assert _support(code) == pytest.approx(line.intercept + line.slope * opposed[code], abs=0.06)


def test_imputed_support_is_the_mean_of_the_states_its_note_names() -> None:
    imputed = [code for code in facts.states() if facts.provenance(code, "peacekeeping_support_pct").kind == "imputed"]
    assert len(imputed) == 25
    for code in imputed:
        named = re.findall(r"\b[A-Z]{3}\b", facts.provenance(code, "peacekeeping_support_pct").note)
        assert _support(code) == pytest.approx(mean(_support(other) for other in named), abs=0.06)


def test_general_knowledge_is_marked_as_such() -> None:
    weak = [
        (code, column)
        for code in facts.states()
        for column in facts.FIGURES
        if "General knowledge" in facts.provenance(code, column).source
    ]
    assert ("SWE", "land_forces") in weak
    for code, column in weak:
        origin = facts.provenance(code, column)
        assert (origin.kind, origin.confidence) == ("coded", 1)
        assert "general knowledge" in origin.note


def test_memberships_agree_between_states_and_formats() -> None:
    for code, column in (("NATO", "nato"), ("EU", "eu")):
        members = {state.code for state in facts.states().values() if getattr(state, column)}
        assert set(facts.formats()[code].members) == members


def test_signals_are_in_order_of_time_and_their_score_becomes_backing() -> None:
    dates = [signal.date for signal in facts.signals()]
    assert dates == sorted(dates)
    report = next(signal for signal in facts.signals() if signal.date.isoformat() == "2025-03-26")
    assert (report.us_score, report.us_backing) == (-0.5, 0.25)


def test_positions_and_polls_are_sourced_records_of_known_states() -> None:
    assert len(facts.positions()) == 47
    assert len(facts.polls()) == 52
    assert {said.code for said in facts.positions()} <= set(facts.states())
    assert {poll.code for poll in facts.polls()} <= {*facts.states(), "EUU"}
    assert all(said.source for said in facts.positions())
    assert all(poll.source for poll in facts.polls())


def test_every_asked_state_has_an_outline_on_one_of_the_two_maps() -> None:
    europe, world = set(facts.outlines("europe")), set(facts.outlines("world"))
    asked = set(facts.states())
    assert asked - europe == {"CAN", "AUS", "NZL", "JPN", "KOR", "USA"}
    assert asked - world == {"MLT"}
    for region in (facts.outlines("europe"), facts.outlines("world")):
        assert all(len(ring) >= 3 for rings in region.values() for ring in rings)


def test_no_table_names_a_package_registry_or_a_machine() -> None:
    for path in (*SHIPPED.iterdir(), SHIPPED.parent / "SOURCES.md"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"pypi\.|npmjs|/simple/|/packages/|(^|[\s\"(])/(home|root|tmp|work)/", text, re.I | re.M
        ), path.name


# What the records promise


def test_facts_are_frozen_and_handed_out_as_the_same_object() -> None:
    france = facts.states()["FRA"]
    assert facts.states()["FRA"] is france
    with pytest.raises(FrozenInstanceError):
        france.gdp_busd = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        facts.states()["FRA"] = replace(france, gdp_busd=1.0)  # type: ignore[index]


def test_the_hash_changes_with_the_facts_and_not_with_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = facts.data_hash()
    for path in SHIPPED.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "notes.txt").write_text("no table")
    monkeypatch.setattr(facts, "TABLES", tmp_path)
    assert facts.data_hash.__wrapped__() == shipped
    assert re.fullmatch("[0-9a-f]{64}", shipped)
    states = tmp_path / "states.csv"
    states.write_text(states.read_text().replace("3162.08", "3162.09"))
    assert facts.data_hash.__wrapped__() != shipped


def test_importing_the_facts_reads_no_table_and_needs_no_heavy_library() -> None:
    heavy = "{'numpy', 'pandas', 'mesa', 'pydantic', 'json', 'hashlib'}"
    code = f"import sys, sim.facts as f; print(f.states.cache_info().misses, {heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SHIPPED.parents[2]
    )
    assert done.stdout.strip() == "0 set()"


def test_the_provenance_of_an_unknown_cell_is_refused_with_a_suggestion() -> None:
    with pytest.raises(FactsError, match=r"unknown state 'FRAA'; did you mean 'FRA'\?"):
        facts.provenance("FRAA", "gdp_busd")
    with pytest.raises(FactsError, match=r"unknown column 'gdp_bsd'; did you mean 'gdp_busd'\?"):
        facts.provenance("FRA", "gdp_bsd")


# What is told about a broken table


def test_a_table_of_your_own_is_read_like_ours(tmp_path: Path) -> None:
    own = _broken(tmp_path, "states.csv", lambda text: text.replace("3162.08", ""))
    assert facts.read_states(own)["FRA"].gdp_busd is None
    assert facts.read_states(str(own))["DEU"] == facts.states()["DEU"]


STATES_MISTAKES = {
    "not a number": ("3162.08", "lots", "states.csv:3: gdp_busd: not a number: 'lots'; write a plain decimal number"),
    "infinite": ("3162.08", "inf", "states.csv:3: gdp_busd: not a number: 'inf'"),
    "not plain": ("3162.08", "3_162", "states.csv:3: gdp_busd: not a number: '3_162'"),
    "too large to be finite": ("3162.08", "1e999", "states.csv:3: gdp_busd: not a number: '1e999'"),
    "out of range": ("3162.08", "-3", "states.csv:3: gdp_busd: -3 is out of range; allowed is 0 to 40000"),
    "no flag": ("10000,1,1,1,0", "10000,.5,1,1,0", "states.csv:3: nato: .5 is neither 0 nor 1; write 0 for no"),
    "duplicate code": (
        "FRA,France",
        "GBR,France",
        "states.csv:3: code: GBR is already in line 2, with name United Kingdom there and France here; keep one",
    ),
    "no code": ("FRA,France", "frnc,France", "states.csv:3: code: not a state code: 'frnc'; write three capital"),
    "empty name": ("FRA,France", "FRA,", "states.csv:3: name: empty; write a text"),
    "missing cell": ("FRA,France,", "FRA,", "states.csv:3: 27 cells under 28 columns; quote a cell"),
    "unknown column": ("capital,gdp_busd", "capital,gdp_bsd", "states.csv:1: unknown column 'gdp_bsd'; did you mean"),
    "twice a column": ("code,name,capital", "code,name,name", "states.csv:1: column 'name' appears twice"),
    "open quote": ("FRA,France", 'FRA,"France', "check its quotes"),
}


@pytest.mark.parametrize("mistake", STATES_MISTAKES)
def test_a_mistake_in_the_states_table_is_reported_with_its_place(tmp_path: Path, mistake: str) -> None:
    old, new, message = STATES_MISTAKES[mistake]
    own = _broken(tmp_path, "states.csv", lambda text: text.replace(old, new, 1))
    with pytest.raises(FactsError, match=re.escape(message)):
        facts.read_states(own)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    own = tmp_path / "states.csv"
    with (SHIPPED / "states.csv").open(newline="") as shipped, own.open("w", newline="") as written:
        csv.writer(written).writerows(row[:-1] for row in csv.reader(shipped))
    with pytest.raises(FactsError, match=r"states\.csv:1: column 'non_aligned' is missing; add it"):
        facts.read_states(own)


def test_a_table_that_cannot_be_read_is_reported_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"none\.csv: no such table; put it there"):
        facts.read_states(tmp_path / "none.csv")
    with pytest.raises(FactsError, match=r": is not an ordinary file; a table is a CSV file$"):
        facts.read_states(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(FactsError, match=r"empty\.csv: no rows"):
        facts.read_states(tmp_path / "empty.csv")
    (tmp_path / "latin.csv").write_bytes("code,Türkiye".encode("latin-1"))
    with pytest.raises(FactsError, match=r"latin\.csv: not UTF-8 text at byte \d+; save it"):
        facts.read_states(tmp_path / "latin.csv")


def test_blank_lines_spaces_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    own = tmp_path / "states.csv"
    text = (SHIPPED / "states.csv").read_text().replace("FRA,France", "\n FRA , France ")
    own.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert facts.read_states(own) == facts.states()


COLUMNS_MISTAKES = {
    "not there": ("gdp_busd,", "gdp_bsd,", "columns.csv:4: name: unknown column 'gdp_bsd'; did you mean 'gdp_busd'?"),
    "twice": ("non_aligned,0 or 1", "name,0 or 1", "columns.csv:28: name: name is already in line 2"),
}


@pytest.mark.parametrize("mistake", COLUMNS_MISTAKES)
def test_a_mistake_in_the_columns_table_is_reported(tmp_path: Path, mistake: str) -> None:
    old, new, message = COLUMNS_MISTAKES[mistake]
    own = _broken(tmp_path, "columns.csv", lambda text: text.replace(old, new, 1))
    with pytest.raises(FactsError, match=re.escape(message)):
        read_columns(own)


def test_a_column_without_description_is_named(tmp_path: Path) -> None:
    own = _broken(tmp_path, "columns.csv", lambda text: text[: text.index("non_aligned,0 or 1")])
    with pytest.raises(FactsError, match=r"columns\.csv: column 'non_aligned' is not described; add a row"):
        read_columns(own)


PROVENANCE_MISTAKES = {
    "kind": ("FRA,name,sourced", "FRA,name,guessed", "kind: unknown kind of provenance 'guessed'; use one of sourced"),
    "state": ("FRA,name,", "FRAN,name,", "code: unknown state 'FRAN'; did you mean 'FRA'?"),
    "column": ("FRA,eu,", "FRA,natto,", "column: unknown column 'natto'; did you mean 'nato'?"),
    "marked twice": ("FRA,nato,", "FRA,eu,", "column: FRA eu is already in line 37, with source NATO"),
    "empty cell called sourced": (
        "MDA,troops_abroad,unknown,1,",
        "MDA,troops_abroad,sourced,1,x",
        "kind: sourced, but the cell MDA troops_abroad is empty",
    ),
    "figure called unknown": (
        "FRA,name,sourced",
        "FRA,name,unknown",
        "kind: unknown, but the cell FRA name holds a figure",
    ),
    "confidence": ("FRA,name,sourced,3", "FRA,name,sourced,4", "confidence: 4 is out of range; allowed is 1 to 3"),
    "half a confidence": ("FRA,name,sourced,3", "FRA,name,sourced,2.5", "confidence: 2.5 is not a whole number"),
}


@pytest.mark.parametrize("mistake", PROVENANCE_MISTAKES)
def test_a_mistake_in_the_provenance_table_is_reported(tmp_path: Path, mistake: str) -> None:
    old, new, message = PROVENANCE_MISTAKES[mistake]
    own = _broken(tmp_path, "provenance.csv", lambda text: text.replace(old, new, 1))
    with pytest.raises(FactsError, match=re.escape(message)):
        read_provenance(own, facts.states())


def test_a_sourced_cell_must_name_its_source(tmp_path: Path) -> None:
    own = _broken(tmp_path, "provenance.csv", lambda text: re.sub(r"(?m)^(FRA,nuclear,sourced,3,).*$", r"\1,", text))
    with pytest.raises(FactsError, match="source: empty; write a text"):
        read_provenance(own, facts.states())


def test_a_cell_without_provenance_is_named(tmp_path: Path) -> None:
    own = _broken(tmp_path, "provenance.csv", lambda text: re.sub(r"(?m)^FRA,eu,.*\n", "", text))
    with pytest.raises(FactsError, match=r"provenance\.csv: no row for FRA eu; every cell of states\.csv needs"):
        read_provenance(own, facts.states())


def test_an_imputed_cell_must_name_its_rule(tmp_path: Path) -> None:
    own = _broken(
        tmp_path, "provenance.csv", lambda text: re.sub(r"(?m)^(DNK,troops_abroad,imputed,1,,).*$", r"\1", text)
    )
    with pytest.raises(FactsError, match=r"note: empty; an imputed cell names its rule"):
        read_provenance(own, facts.states())


RECORD: dict[str, Callable[[Path], object]] = {
    "formats.csv": lambda path: read_formats(path, facts.states()),
    "positions.csv": lambda path: read_positions(path, facts.states()),
    "polls.csv": lambda path: read_polls(path, facts.states()),
    "signals.csv": read_signals,
}


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("formats.csv", "GBR DNK EST", "GBR DNK EXT", "formats.csv:2: members: EXT is not in the states table; add"),
        ("formats.csv", "GBR DNK EST", "GBR DNK GBR", "formats.csv:2: members: GBR is listed twice; remove one"),
        ("formats.csv", "CZE HUN POL SVK", "CZE", "members: fewer than two members"),
        ("formats.csv", "NB8,", "JEF,", "formats.csv:3: code: JEF is already in line 2"),
        (
            "positions.csv",
            ",troops,",
            ",troop,",
            "positions.csv:2: stance: unknown stance 'troop'; did you mean 'troops'?",
        ),
        ("positions.csv", "us_backstop ", "us_backing ", "conditions: unknown condition 'us_backing'; use one of"),
        ("positions.csv", "2025-02-17", "17.2.2025", "positions.csv:2: date: not a date: '17.2.2025'; write it as"),
        ("positions.csv", "5000,10000", "50000,10000", "troops_low: 50000 is above troops_high 10000; swap"),
        ("positions.csv", "GBR,2025", "GRB,2025", "positions.csv:2: code: unknown state 'GRB'; did you mean"),
        ("polls.csv", "58,21,21", "58,61,21", "polls.csv:2: support_pct: the shares add up to more than 100"),
        ("polls.csv", "2025-01-16", "2025-13", "polls.csv:2: date: not a date: '2025-13'; write it as 2025"),
        ("signals.csv", ",-0.1,", ",-1.1,", "signals.csv:2: us_score: -1.1 is out of range; allowed is -1 to 1"),
        ("signals.csv", ",-0.1,", ",,", "signals.csv:2: us_score: empty; this table needs a number"),
        ("signals.csv", "2025-01-22", "2025-12-22", "signals.csv:3: date: 2025-02-11 comes after 2025-12-22"),
    ],
)
def test_a_mistake_in_the_record_is_reported(tmp_path: Path, table: str, old: str, new: str, message: str) -> None:
    own = _broken(tmp_path, table, lambda text: text.replace(old, new, 1))
    with pytest.raises(FactsError, match=re.escape(message)):
        RECORD[table](own)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"outlines\.json:1: not JSON"),
        ("[]", r"outlines\.json: not outlines; write"),
        ('{"rings": {"FRA": [[[2.0, "a"]]]}}', r"outlines\.json: not outlines"),
        ('{"rings": {"FRA": [[[2.0, 148.0]]]}}', r"outlines\.json: FRA: \[2\.0, 148\.0\] is not a location"),
    ],
)
def test_broken_outlines_are_reported(tmp_path: Path, content: str, message: str) -> None:
    own = tmp_path / "outlines.json"
    own.write_text(content)
    with pytest.raises(FactsError, match=message):
        read_outlines(own)


def test_missing_outlines_are_reported(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"none\.json: no such outlines"):
        read_outlines(tmp_path / "none.json")


def test_the_shipped_tables_pass_their_own_checks() -> None:
    columns = read_columns(SHIPPED / "columns.csv")
    states = read_states(SHIPPED / "states.csv", columns)
    assert len(read_provenance(SHIPPED / "provenance.csv", states)) == 46 * (len(facts.FIGURES) + 2)


def _broken(folder: Path, name: str, spoil: Callable[[str], str]) -> Path:
    """Return a copy of a shipped table, spoilt; a spoiler that changes nothing is a mistake of the test."""
    shipped = (SHIPPED / name).read_text(encoding="utf-8")
    spoilt = spoil(shipped)
    assert spoilt != shipped
    path = folder / name
    path.write_text(spoilt, encoding="utf-8")
    return path


def _known(figure: float | None) -> float:
    assert figure is not None
    return figure


def _support(code: str) -> float:
    return _known(facts.states()[code].peacekeeping_support_pct)


def _great_circle_km(one: facts.State, other: facts.State) -> float:
    a, b = (radians(_known(state.lat)) for state in (one, other))
    c, d = (radians(_known(state.lon)) for state in (one, other))
    chord = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin((d - c) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(chord))
