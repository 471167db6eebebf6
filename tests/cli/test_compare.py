"""`willing compare` prints what changes between runs, saves it in a folder, and overwrites nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.analysis.compare import Comparison
from tests.checksums import rewrite
from tests.conftest import below

type Willing = Callable[..., Any]

OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
WARM = "extends: own\nquestion: And if Washington were warm?\nenvironment:\n  us_backing: 0.9\n"
SHORT = ("--replicates", "4")
FILES = ["comparison.png", "manifest.json", "outcomes.csv", "states.csv"]


@pytest.fixture
def folder(willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scenarios and a run of each, without figures."""
    monkeypatch.setattr("sim.plots.run.FIGURES", {})
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "warm.yaml").write_text(WARM)
    for name in ("own", "warm"):
        assert willing("run", f"{name}.yaml", *SHORT, "--out", name).code == 0
    return tmp_path


def test_a_comparison_is_a_folder_with_figure_tables_and_manifest(willing: Willing, folder: Path) -> None:
    answer = willing("compare", "own", "warm", "--out", "both")
    assert answer.code == 0, answer.err
    assert sorted(os.listdir("both")) == FILES
    assert Path("both/comparison.png").read_bytes().startswith(b"\x89PNG")
    assert "Compared: 4 replicates with the same random draws, seed 0" in answer.out
    assert "Note: with fewer than 20 replicates intervals may be much too narrow" in answer.out
    assert "From own to warm: " in answer.out
    assert "states, troops" in answer.out
    assert answer.out.splitlines()[-1] == "Figure, tables and manifest: both"
    assert sorted(pd.read_csv("both/states.csv")["state"]) == ["FRA", "GBR", "POL"]
    manifest = json.loads(Path("both/manifest.json").read_text())
    assert [run["scenario"] for run in manifest["runs"]] == ["own", "warm"]


def test_the_json_has_the_numbers_of_the_tables(willing: Willing, folder: Path) -> None:
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


def test_scenarios_are_simulated_with_the_seed_and_replicates_of_the_named_folder(
    willing: Willing, folder: Path
) -> None:
    assert willing("run", "own.yaml", "--replicates", "3", "--seed", "7", "--out", "seven").code == 0
    answer = willing("compare", "seven", "warm.yaml", "--json")
    assert answer.code == 0, answer.err
    runs = json.loads(answer.out)["runs"]
    assert [(run["seed"], run["replicates"]) for run in runs] == [(7, 3), (7, 3)]
    assert Path(runs[1]["result"]).parent == Path("results") / "runs"


def test_comparing_scenarios_gives_the_same_as_comparing_their_runs(willing: Willing, folder: Path) -> None:
    assert willing("compare", "own", "warm", "--out", "runs").code == 0
    assert willing("compare", "own.yaml", "warm.yaml", *SHORT, "--out", "scenarios").code == 0
    for name in ("states.csv", "outcomes.csv", "comparison.png"):
        assert (Path("runs") / name).read_bytes() == (Path("scenarios") / name).read_bytes()


def test_the_same_comparison_is_not_computed_twice(willing: Willing, folder: Path) -> None:
    first = willing("compare", "own", "warm")
    before = below(folder / "results")
    again = willing("compare", "own", "warm")
    assert again.err.startswith("Already compared: ")
    assert (again.code, again.out) == (0, first.out)
    assert below(folder / "results") == before


def test_the_first_line_is_the_title_of_the_figure(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []

    def record(result: Comparison) -> Figure:
        titles.append(result.headline)
        return Figure()

    monkeypatch.setattr("sim.plots.comparison.maps_side_by_side", record)
    answer = willing("compare", "own", "warm")
    assert " ".join(answer.out.split()).startswith(titles[0])


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_figure_may_have_another_format_in_the_same_folder(willing: Willing, folder: Path, kind: str) -> None:
    assert willing("compare", "own", "warm", "--format", kind, "--out", "both").code == 0
    assert (Path("both") / f"comparison.{kind}").is_file()
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    assert sorted(os.listdir("both")) == sorted([*FILES, f"comparison.{kind}"])


def test_a_figure_that_was_not_drawn_is_drawn_by_the_same_command_later(willing: Willing, folder: Path) -> None:
    answer = willing("compare", "own", "warm", "--out", "both", "--no-figures")
    assert answer.out.splitlines()[-1] == "Tables and manifest: both"
    assert "comparison.png" not in os.listdir("both")
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    assert sorted(os.listdir("both")) == FILES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("own",), "1 named; name 2 to 5 runs"),
        (("own",) * 6, "6 named; name 2 to 5 runs"),
        (("own", "nowhere"), "nowhere"),
        (("own", "pairs-march-2025"), "did you mean 'paris-march-2025'?"),
        (("own", "seven"), "own has seed 0, seven seed 7"),
        (
            ("own", "warm", "--replicates", "9"),
            "replicates applies to scenarios that are still to be simulated, but each of these is a run",
        ),
        (
            ("own", "warm.yaml", "--set", "rounds=4"),
            "settings apply to scenarios that are still to be simulated, but own is a run",
        ),
        (("own", "typo.yaml"), "typo.yaml:3:1: mneu: unknown field; did you mean 'menu'?"),
        (("own", "half"), "half/outcomes.parquet: missing; the folder is no longer complete"),
        (("own", "empty"), "empty: not the folder of a run"),
        (("own", "alone.yaml", "warm.yaml"), "no state is on the roster of each of own, alone.yaml, warm.yaml"),
        (("own/manifest.json", "warm"), "own/manifest.json: is a file; name the folder of a run"),
        (("own", "warm", "--out", "own.yaml"), "own.yaml: already exists and is not a Willing comparison"),
        (("own", "warm", "--out", "own"), "own: already exists and is not a Willing comparison"),
        (("own", "warm", "--out", "own.yaml/deep"), "cannot write there"),
        (("own", "warm", "--format", "gif"), "'gif' is not one of 'png', 'svg', 'pdf'"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_a_mistake_of_the_user_is_reported_and_nothing_is_written(
    willing: Willing, folder: Path, arguments: tuple[str, ...], message: str
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
    assert message in " ".join(answer.err.split())
    assert "Traceback" not in answer.err
    assert below(folder) == before


def test_a_file_of_a_scenarios_name_does_not_hide_the_scenario(willing: Willing, folder: Path) -> None:
    Path("us-opposes").write_text("notes")
    assert willing("compare", "us-opposes", "base", "--replicates", "1", "--rounds", "1").code == 0


def test_a_comparison_is_not_a_run(willing: Willing, folder: Path) -> None:
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    for command in (("compare", "own", "both"), ("plot", "both"), ("report", "both")):
        answer = willing(*command)
        assert answer.code == 2
        assert "both: is a comparison, not a run; name the runs that it compares" in answer.err


def test_another_or_a_changed_comparison_is_not_overwritten(willing: Willing, folder: Path) -> None:
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


def test_a_scenario_that_has_changed_since_is_compared_only_as_it_was_simulated(willing: Willing, folder: Path) -> None:
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
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    before = below(folder)
    with monkeypatch.context() as patched:
        patched.setattr("sim.results.comparison.seal_json", interrupted)
        assert willing("compare", "own", "warm", "--out", "both").code == 130
    assert below(folder) == before
    assert not Path("both").exists()


def test_a_comparison_whose_figure_is_interrupted_keeps_its_tables(
    willing: Willing, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sim.plots.comparison.maps_side_by_side", interrupted)
        assert willing("compare", "own", "warm", "--out", "both").code == 130
    assert sorted(os.listdir("both")) == FILES[1:]
    assert willing("compare", "own", "warm", "--out", "both").code == 0
    assert sorted(os.listdir("both")) == FILES
