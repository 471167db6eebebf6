"""`willing discover` simulates missing points, prints and saves the boxes, and reports what is impossible."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Answer, below

type Willing = Callable[..., Answer]

OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
SAMPLED = """\
question: Where do few states send troops?
about: >
  Three factors are sampled.
scenario: own.yaml
vary:
  weights.leadership: {from: 0, to: 3}
  weights.seat: {from: 0, to: 2}
  environment.us_backing: {from: 0, to: 1}
design: {sobol: {points: 256}}
replicates: 4
outcomes: [viable, headline, troop_states, personnel_troops]
"""
FEW = ("--when", "troop_states < 1")


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(OWN)
    path = tmp_path / "sampled.yaml"
    path.write_text(SAMPLED)
    return path


def test_it_simulates_finds_a_box_and_saves_it(willing: Willing, experiment: Path) -> None:
    answer = willing("discover", "sampled.yaml", *FEW)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("Where the weight of leadership is below ")
    assert "Condition: troop_states < 1, met at " in answer.out
    assert "points of sampled" in answer.out
    assert "1,024 runs, seed 0" in answer.out
    (folder,) = Path("results/discover").iterdir()
    (sweep,) = Path("results/sweeps").iterdir()
    assert folder.name.startswith("sampled-troop_states-below-1-seed0-")
    assert answer.out.endswith(f"Tables and figures: {folder}\nSweep: {sweep}\n")
    assert {path.name for path in folder.iterdir()} == {"answer.json", "limits.csv", "trajectory.csv", "box-1.png"}
    limits, trail = pd.read_csv(folder / "limits.csv"), pd.read_csv(folder / "trajectory.csv")
    assert limits["factor"].iloc[0] == "weights.leadership"
    assert trail["coverage"].iloc[0] == 1.0
    kept = below(folder)
    again = willing("discover", sweep, *FEW)
    assert "runs/s" not in again.err
    assert again.out.replace(str(sweep), "") == answer.out.replace(str(sweep), "")
    assert {name: below(folder)[name] for name in kept if name != "answer.json"} == {
        name: content for name, content in kept.items() if name != "answer.json"
    }


def test_json_contains_all_numbers(willing: Willing, experiment: Path) -> None:
    answer = willing("discover", "sampled.yaml", *FEW, "--json", "--seed", 3, "--replicates", 3, "--workers", 1)
    result = json.loads(answer.out)
    assert (result["experiment"], result["seed"], result["halves_seed"], result["replicates"]) == ("sampled", 3, 3, 3)
    assert result["when"] == [{"outcome": "troop_states", "sign": "<", "value": 1.0}]
    assert (result["points"], result["left_out"]) == (256, 0)
    (box,) = result["boxes"]
    assert result["answer"] == box["answer"]
    assert box["stands"] is True
    tested = box["tested"]
    assert tested["points"] + box["found"]["points"] == 256
    assert tested["coverage"] == tested["hits"] / tested["cases"] == box["coverage_of_all"]
    assert tested["density_low"] < tested["density"] == tested["hits"] / tested["inside"] < tested["density_high"]
    assert all(limit["from"] <= (limit["low"] or limit["high"]) <= limit["to"] for limit in box["limits"])
    assert result == json.loads((Path(result["result"]) / "answer.json").read_text())


def test_a_sweep_with_another_seed_can_be_divided_again(willing: Willing, experiment: Path) -> None:
    first = json.loads(willing("discover", "sampled.yaml", *FEW, "--json", "--seed", 3).out)
    other = json.loads(willing("discover", first["sweep"], *FEW, "--json", "--seed", 4).out)
    assert (other["seed"], other["halves_seed"], other["sweep"]) == (3, 4, first["sweep"])
    assert other["cases"] == first["cases"]


def test_existing_files_are_not_replaced(willing: Willing, experiment: Path) -> None:
    assert willing("discover", "sampled.yaml", *FEW, "--out", "mine", "--json").code == 0
    kept = below(Path("mine"))
    again = willing("discover", "sampled.yaml", *FEW, "--out", "mine")
    assert again.code == 2
    assert "choose another path with --out" in again.err
    assert below(Path("mine")) == kept


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--when", "viabel < 1"), "did you mean 'viable'?"),
        (("--when", "troop_states"), "is not a condition; write it as OUTCOME < VALUE"),
        (("--density", "0"), "--density"),
        (("--boxes", "0"), "--boxes"),
    ],
)
def test_mistakes_are_reported_before_anything_is_simulated(
    willing: Willing, experiment: Path, arguments: tuple[str, ...], message: str
) -> None:
    answer = willing("discover", "sampled.yaml", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in " ".join(answer.err.split())
    assert not list(Path("results").rglob("*.parquet"))


def test_a_condition_that_always_holds_is_an_error_with_the_range_of_the_outcome(
    willing: Willing, experiment: Path
) -> None:
    answer = willing("discover", "sampled.yaml", "--when", "troop_states >= 0")
    assert (answer.code, answer.out) == (2, "")
    assert "'troop_states >= 0' holds at all of 256 points" in answer.err
    assert "troop_states ranges from 0 to " in answer.err


def test_a_finished_sweep_is_used_as_it_was_simulated(willing: Willing, experiment: Path) -> None:
    assert willing("sweep", "sampled.yaml", "--out", "played").code == 0
    answer = willing("discover", "played", "--replicates", 9)
    assert answer.code == 2
    assert "--replicates: played is a sweep and is used as it was simulated" in answer.err
    Path("empty").mkdir()
    assert "no sweep there" in willing("discover", "empty").err
    assert willing("discover", "nowhere").code == 2


def test_a_missing_library_is_reported_before_anything_is_simulated(
    willing: Willing, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis", None)
    answer = willing("discover", "sampled.yaml", *FEW)
    assert (answer.code, answer.out) == (2, "")
    assert "pip install 'willing[analysis]'" in answer.err
    assert not list(Path("results").rglob("*.parquet"))


def test_an_interruption_reports_what_is_done_and_the_same_command_resumes(
    willing: Willing, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.experiment.store import SweepFolder

    keep, kept = SweepFolder.write_shard, []

    def interrupted(self: SweepFolder, *arguments: object) -> None:
        keep(self, *arguments)  # type: ignore[arg-type]
        kept.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.experiment.plan.RUNS_A_SHARD", 256)
    with monkeypatch.context() as patched:
        patched.setattr(SweepFolder, "write_shard", interrupted)
        answer = willing("discover", "sampled.yaml", *FEW, "--workers", 1)
    assert answer.code == 130
    assert "Interrupted; 256 of 1,024 runs are done and kept in results/sweeps/sampled-" in answer.err
    assert len(kept) == 1
    assert not Path("results/discover").exists()
    assert willing("discover", "sampled.yaml", *FEW, "--workers", 1).code == 0
