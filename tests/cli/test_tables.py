"""Tables fit the terminal whole, and every one of them can be had as CSV and as an Excel workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
from openpyxl import load_workbook
from rich.box import SIMPLE
from rich.table import Table

from sim.cli import printing
from tests.conftest import Answer

type Willing = Callable[..., Answer]

WIDTHS = (60, 100)
FEW = ("--set", "rounds=3", "--set", "roster.states=[GBR, FRA, POL, HUN, DEU]")
OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
SAMPLED = """\
question: Where do few soldiers come together?
scenario: own.yaml
vary:
  weights.leadership: {from: 0, to: 3}
  weights.seat: {from: 0, to: 2}
  environment.us_backing: {from: 0, to: 1}
design: {sobol: {points: 256}}
replicates: 4
outcomes: [viable, headline, troop_states, personnel_troops]
"""
# of every command that prints a table or writes one: its arguments, and the sheets of its workbook
COMMANDS: dict[str, tuple[list[str], list[str]]] = {
    "run": (
        ["run", "base", "--replicates", "3", *FEW, "--no-figures"],
        ["states", "summary", "outcomes", "rounds", "stances"],
    ),
    "explain": (["explain", "base", "DEU", *FEW, "--no-figures"], ["considerations", "options", "peers"]),
    "pivots": (["pivots", "base", "--replicates", "10", *FEW, "--no-figures"], ["states", "moved"]),
    "stability": (
        ["stability", "base", "--replicates", "10", "--draws", "3", *FEW, "--no-figures"],
        ["states", "options", "verdicts", "joint changes", "going on"],
    ),
    "thresholds": (
        ["thresholds", "base", "--target", "troop_states>=1.6", "--levers", "us_backing,ask", "--replicates", "10",
         *FEW, "--no-figures"],
        ["levers", "pairs", "states"],
    ),
    "compare": (
        ["compare", "base", "firm-us-backstop", "--replicates", "3", *FEW, "--no-figures"],
        ["states", "outcomes"],
    ),
    "hindcast": (
        ["hindcast", "--replicates", "20", "--set", "rounds=3", "--no-figures"],
        ["states", "scores", "counts", "scores of confident rows"],
    ),
    "fit": (["fit", "--set", "rounds=3", "--no-figures"], ["weights", "scores"]),
    "list states": (["list", "states"], ["states"]),
    "list parameters": (["list", "parameters"], ["parameters"]),
    "list scenarios": (["list", "scenarios"], ["scenarios"]),
    "patterns": (["patterns", "3", "--replicates", "2"], ["readings"]),
    "sweep": (["sweep", "sampled.yaml", "--no-figures"], ["points", "runs"]),
    "discover": (
        ["discover", "sampled.yaml", "--when", "troop_states < 1", "--no-figures"],
        ["limits", "trajectory"],
    ),
    "sensitivity": (
        ["sensitivity", "sampled.yaml", "--method", "one-at-a-time", "--no-figures"],
        ["factors"],
    ),
}  # fmt: skip
PRINTED_NONE = {"run", "sweep"}  # they answer in words


def lines_of(table: Table, width: int | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a table as it is printed on a terminal of that width; None: into a file."""
    printed: list[str] = []
    with monkeypatch.context() as here:
        here.setattr(printing, "screen", lambda: width)
        here.setattr(click, "echo", lambda text="": printed.extend(text.splitlines()))
        printing.print_table(table)
    return printed


def assert_whole(table: Table, lines: list[str], width: int) -> None:
    """Assert that no line is wider, and that no number, no word and no head is lost or cut."""
    assert max(map(len, lines)) <= width
    words, text = {word for line in lines for word in line.split()}, "\n".join(lines)
    for column in table.columns:
        for cell in map(str, column._cells):
            lost = {word for word in cell.split() if word not in words and (len(word) < 25 or word[:20] not in text)}
            assert not lost, (column.header, lost)  # only a long word may go over two lines
            if column.justify == "right":
                assert any(cell in line for line in lines), (column.header, cell)
        assert set(str(column.header).split()) <= words


@pytest.mark.parametrize("name", COMMANDS)
def test_tables_fit_the_terminal_and_can_be_had_as_files(
    willing: Willing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "sampled.yaml").write_text(SAMPLED)
    tables: list[Table] = []
    original = printing.print_table

    def keep(table: Table, **options: Any) -> None:
        tables.append(table)
        original(table, **options)

    arguments, sheets = COMMANDS[name]
    with monkeypatch.context() as here:
        here.setattr(printing, "print_table", keep)
        answer = willing(*arguments, "--csv", "one.csv", "--xlsx", "one.xlsx")
    assert answer.code == 0, answer.err
    assert bool(tables) is (name not in PRINTED_NONE)
    for table in tables:
        for width in WIDTHS:
            assert_whole(table, lines_of(table, width, monkeypatch), width)
    book = load_workbook(tmp_path / "one.xlsx")
    assert book.sheetnames == sheets
    for sheet in book:
        assert len(next(sheet.iter_rows(values_only=True))) >= 2
    table = pd.read_csv(tmp_path / "one.csv")
    first = "runs" if name == "sweep" else sheets[0]
    assert len(table) == book[first].max_row - 1
    assert "Table: one.csv" in answer.err
    assert not list(tmp_path.rglob("*.png"))


def test_a_narrow_terminal_gets_the_columns_in_further_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for number in range(4):
        table.add_column(f"measured {number}", justify="right", no_wrap=True)
    table.add_row("GBR", *(f"{number}2,345.67 ±8" for number in range(4)))
    assert len(lines_of(table, None, monkeypatch)) == 3
    lines = lines_of(table, 40, monkeypatch)
    assert [line.split() for line in lines if line.startswith("GBR")] == [
        ["GBR", "02,345.67", "±8", "12,345.67", "±8"],
        ["GBR", "22,345.67", "±8", "32,345.67", "±8"],
    ]


@pytest.mark.parametrize("width", [60, 100])
def test_a_paragraph_says_every_word_of_its_heading_and_text_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(printing, "screen", lambda: width)
    heading = "From march with the ask for troops in Ukraine 10,000 to firm-us-backstop with the ask for troops 10,000"
    printing.paragraph(heading, "35 of 38 states move, and 3 do not")
    out = capsys.readouterr().out
    assert "".join(out.split()) == "".join(f"{heading}: 35 of 38 states move, and 3 do not".split())
    assert max(map(len, out.splitlines())) <= width


def test_a_program_gets_its_answer_and_the_tables(willing: Willing, tmp_path: Path) -> None:
    plain = willing("list", "options", "--json")
    answer = willing("list", "options", "--json", "--csv", "options.csv")
    assert answer.out == plain.out
    assert "ask (soldiers)" in pd.read_csv(tmp_path / "options.csv")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--csv", "one.xlsx"), "--csv one.xlsx: the name must end in .csv, such as one.csv"),
        (("--xlsx", "one"), "--xlsx one: the name must end in .xlsx, such as one.xlsx"),
        (("--csv", "here.csv"), "here.csv: already exists; choose another path with --csv"),
    ],
)
def test_a_table_elsewhere_is_refused_before_anything_is_played(
    willing: Willing, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "here.csv").write_text("mine")
    answer = willing("run", "base", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.csv"]


@pytest.mark.parametrize(
    ("width", "lines"), [(20, ["one two three four", "five"]), (None, ["one two three four five"])]
)
def test_the_first_line_of_an_answer_fits_the_terminal(
    width: int | None, lines: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`one two three four` are 18 characters, 23 with `five`; elsewhere 120 stand in a line."""
    monkeypatch.setattr(printing, "screen", lambda: width)
    printing.opening("one two three four five")
    assert capsys.readouterr().out.splitlines() == lines
