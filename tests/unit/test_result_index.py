"""The index lists results that can be read and results that cannot, and nothing outside the results folder."""

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
from tests.small_results import copy_results

ROOT = Path("results")


@pytest.fixture
def addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The addresses of a run and a sweep under results/ in the working folder."""
    monkeypatch.chdir(tmp_path)
    return copy_results(tmp_path)


def test_a_run_and_a_sweep_are_listed_newest_first(addresses: tuple[str, str]) -> None:
    for path, moment in zip(addresses, (2_000_000_000, 1_000_000_000), strict=True):
        os.utime(ROOT / path / "manifest.json", (moment, moment))
    entries = list_results(ROOT)
    assert [entry.address for entry in entries] == list(addresses)  # the run has its start in the manifest
    assert [(entry.kind, entry.of, entry.replicates, entry.seed) for entry in entries] == [
        ("run", "own", 30, 0),
        ("sweep", "crossed", 3, 0),
    ]
    assert entries == [find(ROOT, address) for address in addresses]


def test_a_missing_results_folder_has_no_entries(tmp_path: Path) -> None:
    assert list_results(tmp_path / "results") == []


def test_unreadable_results_are_listed_with_the_reason(addresses: tuple[str, str]) -> None:
    run, sweep = addresses
    (ROOT / run / "manifest.json").write_text("{")
    (ROOT / sweep / "manifest.json").unlink()
    errors = {entry.address: entry.error for entry in list_results(ROOT)}
    assert errors[run].startswith(f"{ROOT / run / 'manifest.json'}: has no checksum: it is cut short")
    assert errors[sweep] == f"{ROOT / sweep}: no sweep there (no manifest.json); `willing sweep` creates one"
    with pytest.raises(ResultsError, match="no sweep there"):
        open_result(find(ROOT, sweep))


@pytest.mark.parametrize("started", ["yesterday", ""])
def test_a_manifest_without_a_start_time_is_listed_by_the_time_of_its_file(
    started: str, addresses: tuple[str, str]
) -> None:
    path = ROOT / addresses[0] / "manifest.json"
    rewrite(path, started=started)
    os.utime(path, (1_500_000_000, 1_500_000_000))
    entry = find(ROOT, addresses[0])
    assert entry.started.timestamp() == 1_500_000_000
    assert open_result(entry).manifest["Started"] == started


def test_a_link_out_of_the_results_is_neither_listed_nor_found(addresses: tuple[str, str], tmp_path: Path) -> None:
    (ROOT / addresses[0]).rename(tmp_path / "elsewhere")
    (ROOT / "runs" / "link").symlink_to(tmp_path / "elsewhere")
    assert [entry.address for entry in list_results(ROOT)] == [addresses[1]]
    with pytest.raises(ResultsError, match="no such run"):
        find(ROOT, "runs/link")


def test_a_link_that_stays_under_results_is_followed(addresses: tuple[str, str]) -> None:
    (ROOT / "runs" / "again").symlink_to((ROOT / addresses[0]).resolve())
    assert not find(ROOT, "runs/again").error


@pytest.mark.parametrize("part", ["manifest.json", "summary.parquet", "figures"])
def test_a_part_outside_the_results_is_not_read(part: str, addresses: tuple[str, str], tmp_path: Path) -> None:
    path = ROOT / addresses[1] / part
    path.rename(tmp_path / part)
    path.symlink_to(tmp_path / part)
    assert find(ROOT, addresses[1]).error.startswith(f"{path}: is outside results")


def test_a_figure_outside_the_results_is_not_shown(addresses: tuple[str, str], tmp_path: Path) -> None:
    folder = ROOT / addresses[0] / "figures"
    (folder / "secret.png").symlink_to(tmp_path / "own.yaml")
    (folder / "half.png").write_bytes(b"GIF89a")
    paths = pictures(find(ROOT, addresses[0]))
    assert list(paths) == ["half", "stances"]
    assert read_picture(paths["stances"]).startswith(b"\x89PNG")
    with pytest.raises(ResultsError, match="is not a PNG file"):
        read_picture(paths["half"])


@pytest.mark.parametrize(
    "address",
    ["", "runs", "runs/", "runs/..", "runs/../runs", "../results/runs/x", "/etc/passwd", "runs/a/b", "runs/a\\..\\b",
     "runs/a\0b", "runs/.hidden", "sweeps/\ud800", "gallery/base", "runs/" + "x" * 5000],
)  # fmt: skip
def test_an_invalid_address_is_rejected(address: str, addresses: tuple[str, str]) -> None:
    with pytest.raises(ResultsError, match="is not the address of a run or sweep; use runs/NAME") as error:
        find(ROOT, address)
    assert len(str(error.value)) < 250
    str(error.value).encode()  # can be sent to a browser


def test_a_removed_result_is_reported(addresses: tuple[str, str]) -> None:
    with pytest.raises(ResultsError, match="results/sweeps/gone: no such sweep; it may have been moved or removed"):
        find(ROOT, "sweeps/gone")


def test_the_tables_of_a_run_equal_its_summary(addresses: tuple[str, str]) -> None:
    run = read_run(ROOT / addresses[0])
    stored = open_result(find(ROOT, addresses[0]))
    assert (stored.note, stored.damage) == ("", "")
    pd.testing.assert_frame_equal(stored.tables[OUTCOMES].read(None), run.tables.outcomes)
    shares = stored.tables[SHARES].read(None).set_index("state")
    assert list(shares.pop("name")) == ["United Kingdom", "France", "Poland"]
    pd.testing.assert_frame_equal(shares, stance_chances(run.tables.stances, run.scenario.option_names))
    table = stored.tables[SPREADS].read(None).set_index("outcome")
    expected = pd.DataFrame(spreads(run.tables.outcomes, run.scenario.option_names)).T
    pd.testing.assert_frame_equal(
        table[list(expected)].astype(float), expected.loc[table.index].astype(float), check_names=False
    )
    assert set(table.index) == set(expected.index)
    assert table.loc["personnel_troops", "unit"] == "soldiers"


def test_single_columns_of_a_summary_are_read_exactly(addresses: tuple[str, str]) -> None:
    table = open_result(find(ROOT, addresses[1])).tables[POINTS]
    whole = pd.read_parquet(ROOT / addresses[1] / "summary.parquet")
    assert table.columns == tuple(whole.columns)
    for columns in (["viable"], ["viable.sd", "environment.clarity"], list(table.first)):
        pd.testing.assert_frame_equal(table.read(columns), whole[columns])


@pytest.mark.parametrize("which", [0, 1])
def test_results_of_another_version_keep_their_tables_with_a_note(which: int, addresses: tuple[str, str]) -> None:
    path = ROOT / addresses[which] / "manifest.json"
    if which == 0:
        rewrite(path, code="another")
    else:
        rewrite(path, identity=json.loads(path.read_text("utf-8"))["identity"] | {"code": "another"})
    stored = open_result(find(ROOT, addresses[which]))
    assert "another version of the" in stored.note
    assert stored.tables
    assert stored.experiment is None


def test_a_damaged_table_of_a_run_gives_the_error_of_the_library(addresses: tuple[str, str]) -> None:
    path = ROOT / addresses[0] / "outcomes.parquet"
    path.write_bytes(path.read_bytes() + b"0")
    stored = open_result(find(ROOT, addresses[0]))
    with pytest.raises(ResultsError) as error:
        read_run(ROOT / addresses[0])
    assert stored.damage == str(error.value)
    assert not stored.tables
    assert stored.manifest["Replicates"] == "30"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"PAR1", "summary.parquet: has no checksum: "), (None, "has no summary yet; `willing sweep ")],
)
def test_a_damaged_or_missing_summary_is_reported(
    content: bytes | None, message: str, addresses: tuple[str, str]
) -> None:
    path = ROOT / addresses[1] / "summary.parquet"
    table = open_result(find(ROOT, addresses[1])).tables[POINTS]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert message in open_result(find(ROOT, addresses[1])).damage
    with pytest.raises(ResultsError) as error:
        table.read(["viable"])
    assert message in str(error.value)


def test_an_experiment_outside_the_working_folder_is_not_read(
    addresses: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "secret.yaml"
    other.write_text("password: 123\n")
    path = ROOT / addresses[1] / "manifest.json"
    rewrite(path, reference=str(other))
    stored = open_result(find(ROOT, addresses[1]))
    assert "is outside the working folder" in stored.note
    assert "password" not in stored.note


@pytest.mark.parametrize("text", ["password: 123\n", "password\n", "question: password\n  - x\n", None])
@pytest.mark.parametrize("name", [".env", "notes/secret.yaml", "../secret.yaml", "linked.yaml"])
def test_no_line_of_a_file_that_a_manifest_names_is_shown(
    name: str, text: str | None, addresses: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = tmp_path / "working"
    (working / "notes").mkdir(parents=True)
    ROOT.rename(working / ROOT)
    monkeypatch.chdir(working)
    file = Path("linked-to.yaml" if name == "linked.yaml" else name)
    file.write_text(
        Path("../crossed.yaml").read_text("utf-8").replace("{from: 0", "{from: password") if text is None else text
    )
    if name == "linked.yaml":
        name = str(ROOT / name)
        Path(name).symlink_to(file.resolve())
    path = ROOT / addresses[1] / "manifest.json"
    rewrite(path, reference=name)
    stored = open_result(find(ROOT, addresses[1]))
    assert stored.experiment is None
    assert "willing plot" in stored.note
    assert "password" not in f"{stored.note}{stored.damage}{stored.question}{stored.manifest}"
    assert len(stored.note.splitlines()) == 1


def test_an_error_in_an_experiment_under_the_results_is_shown_in_full(addresses: tuple[str, str]) -> None:
    (ROOT / "mine.yaml").write_text("question: 3\n")
    path = ROOT / addresses[1] / "manifest.json"
    rewrite(path, reference=str(ROOT / "mine.yaml"))
    assert "mine.yaml:1:11: question: 3 is not text" in open_result(find(ROOT, addresses[1])).note


@pytest.mark.parametrize("reference", ["", "a\0b", "x" * 5000, ".", "/dev/zero"])
def test_a_reference_that_is_not_a_file_is_reported_and_the_tables_stay(
    reference: str, addresses: tuple[str, str]
) -> None:
    path = ROOT / addresses[1] / "manifest.json"
    rewrite(path, reference=reference)
    stored = open_result(find(ROOT, addresses[1]))
    assert stored.experiment is None
    assert "willing plot" in stored.note
    assert POINTS in stored.tables


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
    x: str, outcome: str, y: str | None, by: str | None, kind: str, addresses: tuple[str, str]
) -> None:
    assert adhoc_figure(load_experiment("crossed.yaml"), x, outcome, y=y, by=by).kind == kind


@pytest.mark.parametrize(
    ("x", "outcome", "y", "message"),
    [
        ("environment.clarty", "viable", None, "x: 'environment.clarty' is not varied; did you mean"),
        ("environment.clarity", "vaible", None, "outcome: 'vaible' was not measured; did you mean 'viable'?"),
        ("environment.clarity", "viable", "environment.clarity", "x, y and by must be different factors"),
    ],
)
def test_an_adhoc_figure_of_unknown_factors_or_outcomes_is_rejected(
    x: str, outcome: str, y: str | None, message: str, addresses: tuple[str, str]
) -> None:
    with pytest.raises(FigureError) as error:
        adhoc_figure(load_experiment("crossed.yaml"), x, outcome, y=y)
    assert str(error.value).startswith(message)
