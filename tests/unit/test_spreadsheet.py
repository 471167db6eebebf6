"""Tables open in a spreadsheet as what they are: numbers, dates, text, and nothing that it would run."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from sim.errors import ResultsError
from sim.results import spreadsheet
from sim.results.files import as_csv
from sim.results.spreadsheet import Sheet, write_csv, write_workbook

TABLE = pd.DataFrame(
    {
        "state": pd.Categorical(["TUR", "DEU"]),
        "name": ["Türkiye", "=cmd|' /C calc'!A0"],
        "offer": [3115, -12],
        "share": [0.25, float("nan")],
        "lead": [True, False],
        "day": pd.to_datetime(["2025-03-26", "2025-04-02"]),
        "reasons": [["cost", "security"], [("cost", -0.5)]],
    }
)
SHEETS = {
    "states": Sheet(table=TABLE, units={"offer": "soldiers", "share": "share of replicates"}),
    "two": Sheet(table=pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="outcome"))),
}
HEAD = ["state", "name", "offer (soldiers)", "share (share of replicates)", "lead", "day", "reasons"]


def test_a_workbook_read_back_holds_numbers_dates_and_text(tmp_path: Path) -> None:
    assert write_workbook(tmp_path / "one.xlsx", SHEETS) == [tmp_path / "one.xlsx"]
    book = load_workbook(tmp_path / "one.xlsx")
    assert book.sheetnames == ["states", "two"]
    rows = [[cell.value for cell in row] for row in book["states"].iter_rows()]
    assert rows[0] == HEAD
    assert rows[1] == ["TUR", "Türkiye", 3115, 0.25, True, datetime.datetime(2025, 3, 26), "cost, security"]
    assert rows[2][2:5] == [-12, None, False]
    formula = book["states"]["B3"]
    assert (formula.value, formula.data_type) == ("=cmd|' /C calc'!A0", "s")  # "f" would be a formula
    assert book["states"]["F2"].is_date
    assert [[cell.value for cell in row] for row in book["two"].iter_rows()] == [["outcome", "x"], ["a", 1]]


def test_csv_is_told_to_be_utf_8_and_one_file_a_table(tmp_path: Path) -> None:
    written = write_csv(tmp_path / "one.csv", SHEETS)
    assert [path.name for path in written] == ["one.csv", "one-two.csv"]
    assert written[0].read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(written[0])
    assert list(table.columns) == HEAD
    assert table["name"].tolist() == ["Türkiye", "'=cmd|' /C calc'!A0"]
    assert table["offer (soldiers)"].tolist() == [3115, -12]
    assert table["day"].tolist() == ["2025-03-26", "2025-04-02"]


@pytest.mark.parametrize("text", ["=1+1", "+1 state", "-yes", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(text: str) -> None:
    table = pd.DataFrame({text: pd.Categorical([text, "plain"])}, index=pd.Index([text, "a=b"], name="key"))
    lines = as_csv(table, index=True).replace('"', "").split("\n")
    assert lines[0] == f"key,'{text}"
    assert lines[1] == f"'{text},'{text}"
    assert lines[2] == "a=b,plain"


def test_negative_numbers_stay_numbers_also_where_they_are_written_as_text() -> None:
    table = pd.DataFrame({"number": [-0.5, 2.0], "text": ["-0.5", "+1e-3"], "any": [-3, "-3"]}, dtype=object)
    assert as_csv(table).splitlines() == ["number,text,any", "-0.5,-0.5,-3", "2.0,+1e-3,-3"]


def test_a_table_of_more_rows_than_a_sheet_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 1)
    with pytest.raises(ResultsError, match=r"one\.xlsx: states has 2 rows, but a sheet can hold only 1; use --csv"):
        write_workbook(tmp_path / "one.xlsx", SHEETS)
    assert not list(tmp_path.iterdir())


def test_characters_that_no_workbook_can_hold_are_left_out(tmp_path: Path) -> None:
    sheets = {"one": Sheet(table=pd.DataFrame({"text": ["a\x00b\x0bc"]}))}
    write_workbook(tmp_path / "one.xlsx", sheets)
    assert load_workbook(tmp_path / "one.xlsx")["one"]["A2"].value == "a b c"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    for name, write in (("one.csv", write_csv), ("one.xlsx", write_workbook)):
        (tmp_path / name).write_text("mine")
        with pytest.raises(ResultsError, match="already exists; choose another path with --"):
            write(tmp_path / name, SHEETS)
        assert (tmp_path / name).read_text() == "mine"
