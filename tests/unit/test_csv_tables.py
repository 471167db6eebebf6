"""Every table is read by one reader: rows that contradict each other are refused, and lines are counted as editors do.

Expected lines are counted by hand in the texts below: the header is line 1.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from sim import facts
from sim.analysis.positions import read_positions
from sim.errors import FactsError, ScenarioError
from sim.experiment import load_experiment
from sim.facts.csv_rows import csv_rows
from sim.facts.statements import read_polls, read_signals
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario

HEAD = "code,date,stance,alternative,conditions,troops_low,troops_high,kind,confidence,source,note\n"
ROW = "FRA,2025-09-04,troops,,us_backstop,6000,10000,coded,2,an example,\n"


@cache
def paris() -> Setup:
    return prepare(load_scenario("paris-march-2025"))


def positions(folder: Path, text: str) -> tuple[object, ...]:
    path = folder / "positions.csv"
    path.write_bytes(text.encode())
    return read_positions(path, paris())


def refused(folder: Path, text: str) -> str:
    with pytest.raises(FactsError) as error:
        positions(folder, text)
    return str(error.value).removeprefix(f"{folder}{os.sep}")


@pytest.mark.parametrize(
    ("again", "said"),
    [
        ("FRA,2025-09-04,oppose,,,,,coded,2,an example,\n", "with stance troops there and oppose here; keep one"),
        ("UK,2025-09-04,oppose,,,,,coded,2,an example,\nFR,2025-09-04,troops,,us_backstop,6000,9000,coded,2,s,\n",
         "with troops_high 10000 there and 9000 here; keep one"),
        (ROW, "; remove one of the two"),
    ],
)  # fmt: skip
def test_two_rows_of_a_state_and_day_are_refused_with_both_lines(tmp_path: Path, again: str, said: str) -> None:
    last = 2 + again.count("\n")
    message = refused(tmp_path, HEAD + ROW + again)
    assert message.startswith(f"positions.csv:{last}: code: FRA on 2025-09-04 is already in line 2")
    assert said in message


def test_a_state_may_say_something_else_on_another_day(tmp_path: Path) -> None:
    assert len(positions(tmp_path, HEAD + ROW + ROW.replace("09-04", "09-05").replace("troops", "oppose"))) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("troops,,", "troops,soldiers,", "positions.csv:2: alternative: unknown stance 'soldiers'; use one of abstain"),
        ("coded", "heard", "positions.csv:2: kind: unknown kind of provenance 'heard'; use one of sourced, coded"),
        ("6000", "6.000", "positions.csv:2: troops_low: 6.000 would be read as 6; did you mean 6000?"),
        ("10000", "1.000.000", "positions.csv:2: troops_high: not a number: '1.000.000'; did you mean 1000000?"),
        ("6000", "6\u00a0000", "positions.csv:2: troops_low: not a number: '6\\xa0000'; it holds a non-breaking space "
         "(U+00A0), which has to go; did you mean 6000?"),
        (",2,an", ",2.000,an", "positions.csv:2: confidence: 2.000 is written with decimals, where a whole number is "
         "needed; write 2"),
        ("FRA", "PO", "positions.csv:2: code: unknown state 'PO'; write POL (Poland) or PRT (Portugal)"),
        ("FRA", "XK", "positions.csv:2: code: unknown state 'XK'; XKX (Kosovo) is not one of the states: GBR"),
        ("FRA", "\u201cFRA\u201d", "positions.csv:2: code: unknown state '\u201cFRA\u201d'; it holds a curly quote "
         "(U+201C), which has to go; did you mean 'FRA'?"),
        ("date,", "\ufeffdate,", "positions.csv:1: unknown column '\\ufeffdate'; it holds a byte-order mark (U+FEFF), "
         "which has to go; did you mean 'date'?"),
        ("date,stance", "date,date",
         "positions.csv:1: column 'date' appears twice, as columns 2 and 3; remove one"),
        (HEAD, "sep=,\n" + HEAD, "positions.csv:1: a line that is meant for Excel; remove it"),
        (",", ";", "positions.csv:1: the columns are separated by semicolons; save the table with commas between the "
         "columns"),
        (",", "\t", "positions.csv:1: the columns are separated by tabs; save the table with commas"),
    ],
)  # fmt: skip
def test_mistakes_in_a_table_are_reported_with_their_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert refused(tmp_path, (HEAD + ROW).replace(old, new, -1 if len(old) == 1 else 1)).startswith(message)


def test_codes_of_two_letters_and_names_are_read(tmp_path: Path) -> None:
    text = HEAD + "".join(ROW.replace("FRA", word) for word in ("UK", "EL", "de", "Poland", "fra"))
    assert [row.code for row in positions(tmp_path, text)] == ["GBR", "GRC", "DEU", "POL", "FRA"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_ends_end_a_line(tmp_path: Path, separator: str) -> None:
    """A note pasted from a web page holds a separator that an editor shows no new line for: FRA is in line 2."""
    note = ROW.replace("example,", f"example,two{separator}lines")
    assert len(positions(tmp_path, HEAD + note)) == 1
    assert refused(tmp_path, HEAD + note + ROW.replace("FRA", "XX")).startswith("positions.csv:3: code: unknown")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_has_the_number_of_the_line_in_which_it_begins(end: str) -> None:
    """Lines: 1 a,b; 2 blank; 3 and 4 one row with a quoted line break; 5 blank; 6 the last row."""
    text = end.join(["a,b", "", f'1,"x{end}y"', "", "2,z"])
    assert [(row.line, row.cells) for row in csv_rows(text)] == [
        (1, ("a", "b")),
        (3, ("1", f"x{end}y")),
        (6, ("2", "z")),
    ]


def test_the_provenance_table_accepts_codes_of_two_letters() -> None:
    assert facts.provenance("UK", "nato") == facts.provenance("GBR", "nato")
    with pytest.raises(FactsError, match=r"unknown state 'PO'; write POL \(Poland\) or PRT \(Portugal\)"):
        facts.provenance("PO", "nato")


def test_polls_and_signals_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    for name, read in (
        ("polls.csv", lambda path: read_polls(path, facts.states())),
        ("signals.csv", read_signals),
    ):
        head, first, *rest = (facts.TABLES / name).read_text("utf-8").splitlines()
        path = tmp_path / name
        path.write_text("\n".join([head, first, first, *rest]), "utf-8")
        with pytest.raises(FactsError, match=rf"{name}:3: .* is already in line 2; remove one of the two"):
            read(path)


# A table of states of one's own


def state_table(folder: Path, text: str) -> object:
    path = folder / "figures.csv"
    path.write_text(text, "utf-8")
    return facts.read_state_table(path)


def test_a_state_table_is_the_states_of_a_scenario(tmp_path: Path) -> None:
    assert state_table(tmp_path, "code,name,land_forces,debt_pct_gdp\nUK,,72000,101\nX99,Ruritania,17000,\n") == {
        "GBR": {"facts": {"land_forces": 72000.0, "debt_pct_gdp": 101.0}},
        "X99": {"name": "Ruritania", "facts": {"land_forces": 17000.0, "debt_pct_gdp": None}},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("state,land_forces\nGBR,1\n", "figures.csv:1: unknown column 'state'; use one of code, name"),
        ("name,land_forces\nGBR,1\n", "figures.csv:1: column 'code' is missing"),
        ("code,landforces\nGBR,1\n", "figures.csv:1: unknown column 'landforces'; did you mean 'land_forces'?"),
        ("code,land_forces\nGBR,72.000\n",
         "figures.csv:2: land_forces: 72.000 would be read as 72; did you mean 72000?"),
        ('code,land_forces\nGBR,"72,000"\n', "figures.csv:2: land_forces: not a number: '72,000'; did you mean 72000?"),
        ("code,defence_budget_busd\nGBR,n/a\n",
         "figures.csv:2: defence_budget_busd: not a number: 'n/a'; write a plain"),
        ("code,eu\nGBR,yes\n", "figures.csv:2: eu: not a number: 'yes'"),
        ("code,debt_pct_gdp\nGBR,-3\n", "figures.csv:2: debt_pct_gdp: -3 is out of range; allowed is"),
        ("code,land_forces\nGBR,1\nUK,2\n",
         "figures.csv:3: code: GBR is already in line 2, with land_forces 1 there and 2 here; keep one of the two"),
        ("code,land_forces\nslov,1\n",
         "figures.csv:2: code: not a state code: 'slov'; did you mean SVK (Slovakia) or SVN"),
        ("code;land_forces\nGBR;1\n", "figures.csv:1: the columns are separated by semicolons"),
        ("code,land_forces\n", "figures.csv: no rows"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_state_table_is_named_like_any_other(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FactsError) as error:
        state_table(tmp_path, text)
    assert str(error.value).removeprefix(f"{tmp_path}{os.sep}").startswith(message)


def test_three_decimals_are_right_where_nothing_is_counted(tmp_path: Path) -> None:
    assert state_table(tmp_path, "code,defence_budget_busd,lat\nGBR,81.763,51.500\n") == {
        "GBR": {"facts": {"defence_budget_busd": 81.763, "lat": 51.5}}
    }


# A design that is written down


EXPERIMENT = (
    "question: x\nscenario: base\nvary: {menu.troops.ask: {from: 20, to: 50000}, environment.us_backing: [0, 1.125]}\n"
    "design: {table: points.csv}\nreplicates: 1\nrounds: 1\noutcomes: [viable]\n"
).replace("1.125", "0.125")


def design(folder: Path, table: str) -> list[str]:
    (folder / "x.yaml").write_text(EXPERIMENT)
    (folder / "points.csv").write_text(table, "utf-8")
    try:
        load_experiment(folder / "x.yaml")
    except ScenarioError as error:
        return [f"{Path(each.file).name}:{each.line}: {each.message}" for each in error.mistakes]
    return []


def test_points_are_read_as_positions_are(tmp_path: Path) -> None:
    head = "menu.troops.ask,environment.us_backing\n"
    assert design(tmp_path, head + "25000,0.125\n") == []
    assert design(tmp_path, head + "\n25.000,0.125\n") == [
        "points.csv:3: 25.000 would be read as 25; did you mean 25000?"
    ]
    assert design(tmp_path, head.replace(",", ";") + "25000;0.125\n") == [
        "points.csv:1: the columns are separated by semicolons; save the table with commas between the columns"
    ]


def test_a_table_of_points_may_not_follow_a_link_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "elsewhere.csv").write_text("menu.troops.ask,environment.us_backing\n25000,0.125\n")
    (tmp_path / "inside" / "x.yaml").write_text(EXPERIMENT)
    (tmp_path / "inside" / "points.csv").symlink_to("../elsewhere.csv")
    with pytest.raises(ScenarioError, match="is a link that leads out of the experiment's folder; copy the file there"):
        load_experiment(tmp_path / "inside" / "x.yaml")
