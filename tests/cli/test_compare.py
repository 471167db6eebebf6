"""`willing compare` says what changes from run to run, keeps it in a folder, and writes over nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim.plots
from sim.plots import comparison_title
from tests.checksums import rewrite
from tests.conftest import below

type Willing = Callable[..., Any]

OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
WARM = "extends: own\nquestion: And if Washington were warm?\nenvironment:\n  us_backing: 0.9\n"
SHORT = ("--replicates", "4")
FILES = ["comparison.png", "manifest.json", "outcomes.csv", "states.csv"]


@pytest.fixture
def folder(willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scenarios and a run of each, whose figures are not drawn."""
    monkeypatch.setattr(sim.plots.run, "FIGURES", {})
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "warm.yaml").write_text(WARM)
    for name in ("own", "warm"):
        assert willing("run", f"{name}.yaml", *SHORT, "--out", name).code == 0
    return tmp_path


def test_runs_are_compared_in_a_folder_with_figure_tables_and_manifest(willing: Willing, folder: Path) -> None:
    answer = willing("compare", "own", "warm", "--out", "both")
    assert answer.code == 0, answer.err
    assert sorted(os.listdir("both")) == FILES
    assert Path("both/comparison.png").read_bytes().startswith(b"\x89PNG")
    assert "Compared: 4 replicates under the same luck, seed 0" in answer.out
    assert "Note: with fewer than 20 replicates intervals may be far too narrow" in answer.out
    assert "From own to warm: " in answer.out
    assert "states, troops" in answer.out
    assert answer.out.splitlines()[-1] == "Figure, tables and manifest: both"
    assert sorted(pd.read_csv("both/states.csv")["state"]) == ["FRA", "GBR", "POL"]
    manifest = json.loads(Path("both/manifest.json").read_text())
    assert [run["scenario"] for run in manifest["runs"]] == ["own", "warm"]


def test_the_answer_for_programs_holds_the_same_numbers(willing: Willing, folder: Path) -> None:
    answer = json.loads(willing("compare", "own", "warm", "--out", "both", "--json").out)
    (step,) = answer["steps"]
    assert (step["from"], step["to"], answer["result"]) == ("own", "warm", "both")
    kept = pd.read_csv("both/outcomes.csv").set_index("outcome")
    for name, measured in step["outcomes"].items():
        for key, column in (("from", "before"), ("to", "after"), ("difference", "difference"), ("low", "low")):
            value = float("nan") if measured[key] is None else measured[key]
            assert value == pytest.approx(kept.loc[name, column], abs=1e-6, nan_ok=True), (name, key)
    backing = step["outcomes"]["us_backing"]
    assert backing["difference"] == pytest.approx(0.9 - 0.27)
    for state in step["states"].values():
        assert sum(state["from"].values()) == pytest.approx(1.0)
        assert sum(state["to"].values()) == pytest.approx(1.0)


def test_scenarios_are_played_on_the_luck_of_the_folder_that_is_named(willing: Willing, folder: Path) -> None:
    assert willing("run", "own.yaml", "--replicates", "3", "--seed", "7", "--out", "seven").code == 0
    answer = willing("compare", "seven", "warm.yaml", "--json")
    assert answer.code == 0, answer.err
    runs = json.loads(answer.out)["runs"]
    assert [(run["seed"], run["replicates"]) for run in runs] == [(7, 3), (7, 3)]
    assert Path(runs[1]["result"]).parent == Path("results") / "runs"


def test_comparing_scenarios_gives_what_comparing_their_runs_gives(willing: Willing, folder: Path) -> None:
    assert willing("compare", "own", "warm", "--out", "runs").code == 0
    assert willing("compare", "own.yaml", "warm.yaml", *SHORT, "--out", "scenarios").code == 0
    for name in ("states.csv", "outcomes.csv", "comparison.png"):
        assert (Path("runs") / name).read_bytes() == (Path("scenarios") / name).read_bytes()


def test_the_same_comparison_is_not_made_twice(willing: Willing, folder: Path) -> None:
    first = willing("compare", "own", "warm")
    before = below(folder / "results")
    again = willing("compare", "own", "warm")
    assert again.err.startswith("Already compared: ")
    assert (again.code, again.out) == (0, first.out)
    assert below(folder / "results") == before


def test_the_bold_line_is_the_title_of_the_figure(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = []

    def note(compared: Any) -> str:
        titles.append(comparison_title(compared))
        return titles[-1]

    monkeypatch.setattr(sim.plots, "comparison_title", note)
    answer = willing("compare", "own", "warm")
    assert " ".join(answer.out.split()).startswith(titles[0])


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_figure_comes_in_other_formats(willing: Willing, folder: Path, kind: str) -> None:
    assert willing("compare", "own", "warm", "--format", kind, "--out", "both").code == 0
    assert (Path("both") / f"comparison.{kind}").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("own",), "1 named; name 2 to 5 runs"),
        (("own",) * 6, "6 named; name 2 to 5 runs"),
        (("own", "nowhere"), "nowhere"),
        (("own", "pairs-march-2025"), "did you mean 'paris-march-2025'?"),
        (("own", "seven"), "own has seed 0, seven seed 7"),
        (("own", "warm", "--replicates", "9"), "--replicates says how scenarios are played, and all that is named has"),
        (("own", "warm.yaml", "--set", "rounds=4"), "own is the folder of a run; play the others"),
        (("own", "typo.yaml"), "typo.yaml:3:1: mneu: unknown field; did you mean 'menu'?"),
        (("own", "half"), "half/outcomes.parquet: missing; the folder is no longer complete"),
        (("own", "empty"), "empty: not the folder of a run"),
        (("own", "alone.yaml", "warm.yaml"), "no state is asked in each of own, alone.yaml, warm.yaml"),
        (("own/manifest.json", "warm"), "own/manifest.json: is a file; name the folder of a run"),
        (("own", "warm", "--out", "own.yaml"), "own.yaml: exists and is not a Willing comparison"),
        (("own", "warm", "--out", "own"), "own: exists and is not a Willing comparison"),
        (("own", "warm", "--out", "own.yaml/deep"), "cannot write there"),
        (("own", "warm", "--format", "gif"), "'gif' is not one of 'png', 'svg', 'pdf'"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_what_the_user_can_mend_is_told_and_nothing_is_written(
    willing: Willing, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert willing("run", "own.yaml", *SHORT, "--seed", "7", "--out", "seven").code == 0
    assert willing("run", "own.yaml", *SHORT, "--out", "half").code == 0
    Path("half/outcomes.parquet").unlink()
    Path("empty").mkdir()
    Path("typo.yaml").write_text("extends: own\nquestion: What?\nmneu: {}\n")
    Path("alone.yaml").write_text("extends: base\nquestion: Who?\nrounds: 3\nroster: {states: [DEU]}\nleads: [DEU]\n")
    before = below(folder)
    answer = willing("compare", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err
    assert below(folder) == before


def test_a_file_of_a_scenarios_name_does_not_hide_the_scenario(willing: Willing, folder: Path) -> None:
    Path("us-opposes").write_text("notes")
    assert willing("compare", "us-opposes", "base", "--replicates", "1", "--rounds", "1").code == 0


def test_a_comparison_is_no_run(willing: Willing, folder: Path) -> None:
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    for command in (("compare", "own", "both"), ("plot", "both"), ("report", "both")):
        answer = willing(*command)
        assert answer.code == 2
        assert "both: is a comparison, no run; name the runs that it compares" in answer.err


def test_another_or_a_changed_comparison_is_not_written_over(willing: Willing, folder: Path) -> None:
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    before = below(folder)
    answer = willing("compare", "warm", "own", "--out", "both")
    assert answer.code == 2
    assert "both: holds another comparison" in answer.err
    assert below(folder) == before
    Path("both/states.csv").write_text("mine")
    assert "both/states.csv: changed since it was written" in willing("compare", "own", "warm", "--out", "both").err
    Path("both/states.csv").unlink()
    assert "both/states.csv: missing" in willing("compare", "own", "warm", "--out", "both").err


def test_a_scenario_that_changed_since_is_compared_only_as_it_was_played(willing: Willing, folder: Path) -> None:
    Path("own.yaml").write_text(OWN.replace("POL", "EST"))
    answer = willing("compare", "own", "warm")
    assert answer.code == 2
    assert "own.yaml has changed since it was simulated" in answer.err
    assert not Path("results").exists()
    assert willing("compare", "own", "warm", "--as-played").code == 0


def test_runs_of_another_version_are_refused(willing: Willing, folder: Path) -> None:
    rewrite(Path("own/manifest.json"), code="0" * 64)
    answer = willing("compare", "own", "warm")
    assert answer.code == 2
    assert "own: another version of the program simulated it" in answer.err
    assert "willing run own.yaml --seed 0 --replicates 4" in answer.err


def test_an_interrupted_comparison_leaves_nothing(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(compared: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sim.plots, "comparison", interrupted)
    before = below(folder)
    assert willing("compare", "own", "warm", "--out", "both").code == 130
    assert below(folder) == before
    assert not Path("both").exists()
