"""The shelf lists what can be read and what cannot, and nothing that lies elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import FigureError, ResultsError
from sim.experiment import load_experiment
from sim.experiment.adhoc_figures import adhoc_figure
from sim.results.store import read_run
from sim.results.summary import spreads, stance_chances
from sim.ui.result_index import find, list_results, pictures, read_picture
from sim.ui.result_reader import OUTCOMES, POINTS, SHARES, SPREADS, open_result
from tests.checksums import rewrite
from tests.small_results import laid_out

ROOT = Path("results")


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The addresses of a run and a sweep under results, where the test is called."""
    monkeypatch.chdir(tmp_path)
    return laid_out(tmp_path)


def test_a_run_and_a_sweep_are_listed_newest_first(lying: tuple[str, str]) -> None:
    for path, moment in zip(lying, (2_000_000_000, 1_000_000_000), strict=True):
        os.utime(ROOT / path / "manifest.json", (moment, moment))
    entries = list_results(ROOT)
    assert [entry.address for entry in entries] == list(lying)  # the sweep is from 2001, the run says when it was begun
    assert [(entry.kind, entry.of, entry.replicates, entry.seed) for entry in entries] == [
        ("run", "own", 30, 0),
        ("sweep", "crossed", 3, 0),
    ]
    assert entries == [find(ROOT, address) for address in lying]


def test_nothing_lies_on_a_shelf_that_is_not_there(tmp_path: Path) -> None:
    assert list_results(tmp_path / "results") == []


def test_what_cannot_be_read_is_listed_with_its_reason(lying: tuple[str, str]) -> None:
    run, sweep = lying
    (ROOT / run / "manifest.json").write_text("{")
    (ROOT / sweep / "manifest.json").unlink()
    troubles = {entry.address: entry.trouble for entry in list_results(ROOT)}
    assert troubles[run].startswith(f"{ROOT / run / 'manifest.json'}: has no checksum: it is cut short")
    assert troubles[sweep] == f"{ROOT / sweep}: no sweep there (no manifest.json); `willing sweep` creates one"
    with pytest.raises(ResultsError, match="no sweep there"):
        open_result(find(ROOT, sweep))


@pytest.mark.parametrize("started", ["yesterday", ""])
def test_a_manifest_without_a_moment_is_listed_by_its_file(started: str, lying: tuple[str, str]) -> None:
    path = ROOT / lying[0] / "manifest.json"
    rewrite(path, started=started)
    os.utime(path, (1_500_000_000, 1_500_000_000))
    entry = find(ROOT, lying[0])
    assert entry.started.timestamp() == 1_500_000_000
    assert open_result(entry).said["Started"] == started


def test_a_link_that_leads_out_is_neither_listed_nor_found(lying: tuple[str, str], tmp_path: Path) -> None:
    (ROOT / lying[0]).rename(tmp_path / "elsewhere")
    (ROOT / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    assert [entry.address for entry in list_results(ROOT)] == [lying[1]]
    with pytest.raises(ResultsError, match="no run there"):
        find(ROOT, "runs/link")


def test_a_link_that_stays_under_results_is_followed(lying: tuple[str, str]) -> None:
    (ROOT / "runs" / "again").symlink_to((ROOT / lying[0]).resolve())
    assert not find(ROOT, "runs/again").trouble


@pytest.mark.parametrize("part", ["manifest.json", "summary.parquet", "figures"])
def test_a_part_that_leads_out_is_not_read(part: str, lying: tuple[str, str], tmp_path: Path) -> None:
    path = ROOT / lying[1] / part
    path.rename(tmp_path / part)
    path.symlink_to(tmp_path / part)
    assert find(ROOT, lying[1]).trouble.startswith(f"{path}: leads out of results")


def test_a_figure_that_leads_out_is_not_shown(lying: tuple[str, str], tmp_path: Path) -> None:
    folder = ROOT / lying[0] / "figures"
    (folder / "secret.png").symlink_to(tmp_path / "own.yaml")
    (folder / "half.png").write_bytes(b"GIF89a")
    found = pictures(find(ROOT, lying[0]))
    assert list(found) == ["half", "stances"]
    assert read_picture(found["stances"]).startswith(b"\x89PNG")
    with pytest.raises(ResultsError, match="is no PNG"):
        read_picture(found["half"])


@pytest.mark.parametrize(
    "address",
    ["", "runs", "runs/", "runs/..", "runs/../runs", "../results/runs/x", "/etc/passwd", "runs/a/b", "runs/a\\..\\b",
     "runs/a\0b", "runs/.hidden", "sweeps/\ud800", "gallery/base", "runs/" + "x" * 5000],
)  # fmt: skip
def test_an_address_that_names_nothing_is_refused(address: str, lying: tuple[str, str]) -> None:
    with pytest.raises(ResultsError, match="names no run and no sweep; give it as runs/NAME or sweeps/NAME") as refused:
        find(ROOT, address)
    assert len(str(refused.value)) < 250
    str(refused.value).encode()  # and can be sent


def test_what_was_removed_is_told_to_be_gone(lying: tuple[str, str]) -> None:
    with pytest.raises(ResultsError, match="results/sweeps/gone: no sweep there; it was moved or removed"):
        find(ROOT, "sweeps/gone")


def test_the_tables_of_a_run_say_what_its_summary_says(lying: tuple[str, str]) -> None:
    run = read_run(ROOT / lying[0])
    opened = open_result(find(ROOT, lying[0]))
    assert (opened.note, opened.damage) == ("", "")
    pd.testing.assert_frame_equal(opened.tables[OUTCOMES].read(None), run.tables.outcomes)
    shares = opened.tables[SHARES].read(None).set_index("state")
    assert list(shares.pop("name")) == ["United Kingdom", "France", "Poland"]
    pd.testing.assert_frame_equal(shares, stance_chances(run.tables.stances, run.scenario.option_names))
    told = opened.tables[SPREADS].read(None).set_index("outcome")
    expected = pd.DataFrame(spreads(run.tables.outcomes, run.scenario.option_names)).T
    pd.testing.assert_frame_equal(
        told[list(expected)].astype(float), expected.loc[told.index].astype(float), check_names=False
    )
    assert set(told.index) == set(expected.index)
    assert told.loc["personnel_troops", "unit"] == "soldiers"


def test_the_columns_of_a_summary_are_read_alone_and_exactly(lying: tuple[str, str]) -> None:
    table = open_result(find(ROOT, lying[1])).tables[POINTS]
    whole = pd.read_parquet(ROOT / lying[1] / "summary.parquet")
    assert table.columns == tuple(whole.columns)
    for columns in (["viable"], ["viable.sd", "environment.clarity"], list(table.first)):
        pd.testing.assert_frame_equal(table.read(columns), whole[columns])


@pytest.mark.parametrize("which", [0, 1])
def test_what_another_version_played_keeps_its_tables_with_a_note(which: int, lying: tuple[str, str]) -> None:
    path = ROOT / lying[which] / "manifest.json"
    if which == 0:
        rewrite(path, code="another")
    else:
        rewrite(path, identity=json.loads(path.read_text("utf-8"))["identity"] | {"code": "another"})
    opened = open_result(find(ROOT, lying[which]))
    assert "another version of the" in opened.note
    assert opened.tables
    assert opened.experiment is None


def test_a_damaged_table_of_a_run_is_told_as_on_the_command_line(lying: tuple[str, str]) -> None:
    path = ROOT / lying[0] / "outcomes.parquet"
    path.write_bytes(path.read_bytes() + b"0")
    opened = open_result(find(ROOT, lying[0]))
    with pytest.raises(ResultsError) as told:
        read_run(ROOT / lying[0])
    assert opened.damage == str(told.value)
    assert not opened.tables
    assert opened.said["Replicates"] == "30"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PAR1", "summary.parquet: has no checksum: "), (None, "has no summary yet; `willing sweep ")],
)
def test_a_summary_that_is_damaged_or_not_there_is_told(
    content: bytes | None, said: str, lying: tuple[str, str]
) -> None:
    path = ROOT / lying[1] / "summary.parquet"
    table = open_result(find(ROOT, lying[1])).tables[POINTS]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert said in open_result(find(ROOT, lying[1])).damage
    with pytest.raises(ResultsError) as told:
        table.read(["viable"])
    assert said in str(told.value)


def test_an_experiment_elsewhere_is_not_read(lying: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "secret.yaml"
    other.write_text("password: 123\n")
    path = ROOT / lying[1] / "manifest.json"
    rewrite(path, reference=str(other))
    opened = open_result(find(ROOT, lying[1]))
    assert "lies elsewhere" in opened.note
    assert "password" not in opened.note


@pytest.mark.parametrize("text", ["password: 123\n", "password\n", "question: password\n  - x\n", None])
@pytest.mark.parametrize("name", [".env", "notes/secret.yaml", "../secret.yaml", "linked.yaml"])
def test_no_line_of_a_file_that_a_manifest_names_is_shown(
    name: str, text: str | None, lying: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "notes").mkdir(parents=True)
    ROOT.rename(here / ROOT)
    monkeypatch.chdir(here)
    file = Path("linked-to.yaml" if name == "linked.yaml" else name)
    file.write_text(
        Path("../crossed.yaml").read_text("utf-8").replace("{from: 0", "{from: password") if text is None else text
    )
    if name == "linked.yaml":
        name = str(ROOT / name)
        Path(name).symlink_to(file.resolve())
    path = ROOT / lying[1] / "manifest.json"
    rewrite(path, reference=name)
    opened = open_result(find(ROOT, lying[1]))
    assert opened.experiment is None
    assert "willing plot" in opened.note
    assert "password" not in f"{opened.note}{opened.damage}{opened.question}{opened.said}"
    assert len(opened.note.splitlines()) == 1


def test_what_lies_in_the_folder_of_results_is_shown_with_what_is_wrong(lying: tuple[str, str]) -> None:
    (ROOT / "mine.yaml").write_text("question: 3\n")
    path = ROOT / lying[1] / "manifest.json"
    rewrite(path, reference=str(ROOT / "mine.yaml"))
    assert "mine.yaml:1:11: question: 3 is not text" in open_result(find(ROOT, lying[1])).note


@pytest.mark.parametrize("reference", ["", "a\0b", "x" * 5000, ".", "/dev/zero"])
def test_a_reference_that_names_no_file_is_told_with_the_tables_still_there(
    reference: str, lying: tuple[str, str]
) -> None:
    path = ROOT / lying[1] / "manifest.json"
    rewrite(path, reference=reference)
    opened = open_result(find(ROOT, lying[1]))
    assert opened.experiment is None
    assert "willing plot" in opened.note
    assert POINTS in opened.tables


@pytest.mark.parametrize(
    ("x", "outcome", "y", "by", "kind"),
    [
        ("environment.clarity", "viable", None, None, "cliff"),
        ("environment.clarity", "viable", "environment.us_backing", None, "heat"),
        ("environment.clarity", "headline", "environment.us_backing", None, "phase"),
        ("environment.clarity", "viable", None, "environment.us_backing", "cliff"),
    ],
)
def test_an_adhoc_figure_has_the_kind_that_fits(
    x: str, outcome: str, y: str | None, by: str | None, kind: str, lying: tuple[str, str]
) -> None:
    assert adhoc_figure(load_experiment("crossed.yaml"), x, outcome, y=y, by=by).kind == kind


@pytest.mark.parametrize(
    ("x", "outcome", "y", "said"),
    [
        ("environment.clarty", "viable", None, "x: 'environment.clarty' is not varied; did you mean"),
        ("environment.clarity", "vaible", None, "outcome: 'vaible' was not measured; did you mean 'viable'?"),
        ("environment.clarity", "viable", "environment.clarity", "x, y and by must be different factors"),
    ],
)
def test_an_adhoc_figure_of_unknown_factors_or_outcomes_is_refused(
    x: str, outcome: str, y: str | None, said: str, lying: tuple[str, str]
) -> None:
    with pytest.raises(FigureError) as refused:
        adhoc_figure(load_experiment("crossed.yaml"), x, outcome, y=y)
    assert str(refused.value).startswith(said)
