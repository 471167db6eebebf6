"""A run is read on in only if it is whole, of this version, and of the scenario as it stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim import api
from sim.errors import ResultsError
from sim.results.open_run import open_run
from sim.results.store import MANIFEST
from sim.scenario import load_scenario
from tests.checksums import rewrite

OWN = "extends: base\nquestion: Would fewer do?\nrounds: 4\nmenu:\n  troops:\n    ask: 9000\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of own.yaml in an otherwise empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(OWN)
    return api.run("own.yaml", settings=["revision=0.5"], replicates=2, folder="one").folder or Path()


def test_a_run_is_opened_with_its_scenario_and_arrays(folder: Path) -> None:
    run = open_run(folder)
    assert run.scenario == load_scenario("own.yaml", ["revision=0.5"])
    assert run.setup.menu.asks.tolist() == [0, 0, 0, 9000]


@pytest.mark.parametrize(
    ("part", "said"),
    [("code", "another version of the program simulated it"), ("facts", "simulated with other tables of facts")],
)
def test_a_run_of_another_version_is_refused_with_the_command_that_plays_it_anew(
    folder: Path, part: str, said: str
) -> None:
    rewrite(folder / MANIFEST, **{part: "0" * 64})
    with pytest.raises(ResultsError, match=f"one: {said}") as told:
        open_run(folder, as_played=True)
    assert "willing run own.yaml --seed 0 --replicates 2 --set revision=0.5" in str(told.value)


def test_a_scenario_in_the_manifest_that_was_not_played_is_refused(folder: Path) -> None:
    kept = json.loads((folder / MANIFEST).read_text())["resolved"]
    for resolved in (kept | {"rounds": 9}, kept | {"rounds": "many"}, {}):
        rewrite(folder / MANIFEST, resolved=resolved)
        with pytest.raises(ResultsError, match=r"manifest\.json: the scenario in it is not the one that was simulated"):
            open_run(folder)


@pytest.mark.parametrize("text", [OWN.replace("9000", "8000"), "nonsense: ["], ids=["another ask", "broken"])
def test_a_scenario_that_changed_since_is_refused_unless_taken_as_it_was_played(folder: Path, text: str) -> None:
    Path("own.yaml").write_text(text)
    with pytest.raises(ResultsError, match=r"one: own\.yaml has changed since it was simulated.*--as-played"):
        open_run(folder)
    assert open_run(folder, as_played=True).scenario.menu["troops"].ask == 9000


def test_words_about_a_scenario_may_change(folder: Path) -> None:
    Path("own.yaml").write_text(OWN.replace("Would fewer do?", "Would 9,000 do?"))
    assert open_run(folder).scenario.question == "Would fewer do?"


def test_a_run_that_was_sent_without_its_scenario_can_be_read(folder: Path) -> None:
    Path("own.yaml").unlink()
    assert open_run(folder).manifest.reference == "own.yaml"


def test_half_a_folder_is_refused(folder: Path) -> None:
    half = shutil.copytree(folder, Path("half"))
    (half / "stances.parquet").unlink()
    with pytest.raises(ResultsError, match=r"stances\.parquet: missing; the folder is no longer complete"):
        open_run(half)
