"""`willing discover` plays what is missing, answers in a sentence, keeps what it found, and tells what it cannot do."""

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
question: Where do few soldiers come together?
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


def test_it_plays_finds_and_keeps(willing: Willing, experiment: Path) -> None:
    answer = willing("discover", "sampled.yaml", *FEW)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("Where the weight of leadership is below ")
    assert "Looked for: troop_states < 1, met at " in answer.out
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


def test_programs_get_all_numbers(willing: Willing, experiment: Path) -> None:
    said = willing("discover", "sampled.yaml", *FEW, "--json", "--seed", 3, "--replicates", 3, "--workers", 1)
    found = json.loads(said.out)
    assert (found["experiment"], found["seed"], found["halves_seed"], found["replicates"]) == ("sampled", 3, 3, 3)
    assert found["when"] == [{"outcome": "troop_states", "sign": "<", "value": 1.0}]
    assert (found["points"], found["left_out"]) == (256, 0)
    (box,) = found["boxes"]
    assert found["answer"] == box["answer"]
    assert box["stands"] is True
    tested = box["tested"]
    assert tested["points"] + box["found"]["points"] == 256
    assert tested["coverage"] == tested["hits"] / tested["cases"] == box["coverage_of_all"]
    assert tested["density_low"] < tested["density"] == tested["hits"] / tested["inside"] < tested["density_high"]
    assert all(limit["from"] <= (limit["low"] or limit["high"]) <= limit["to"] for limit in box["limits"])
    assert found == json.loads((Path(found["result"]) / "answer.json").read_text())


def test_a_sweep_under_another_seed_can_be_opened_again(willing: Willing, experiment: Path) -> None:
    first = json.loads(willing("discover", "sampled.yaml", *FEW, "--json", "--seed", 3).out)
    other = json.loads(willing("discover", first["sweep"], *FEW, "--json", "--seed", 4).out)
    assert (other["seed"], other["halves_seed"], other["sweep"]) == (3, 4, first["sweep"])
    assert other["cases"] == first["cases"]


def test_what_is_there_is_not_written_over(willing: Willing, experiment: Path) -> None:
    assert willing("discover", "sampled.yaml", *FEW, "--out", "mine", "--json").code == 0
    kept = below(Path("mine"))
    again = willing("discover", "sampled.yaml", *FEW, "--out", "mine")
    assert again.code == 2
    assert "choose another path with --out" in again.err
    assert below(Path("mine")) == kept


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--when", "viabel < 1"), "did you mean 'viable'?"),
        (("--when", "troop_states"), "no condition; write it as OUTCOME < VALUE"),
        (("--density", "0"), "--density"),
        (("--boxes", "0"), "--boxes"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_played(
    willing: Willing, experiment: Path, asked: tuple[str, ...], said: str
) -> None:
    answer = willing("discover", "sampled.yaml", *asked)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert not list(Path("results").rglob("*.parquet"))


def test_a_condition_that_always_holds_is_told_with_the_numbers_there_are(willing: Willing, experiment: Path) -> None:
    answer = willing("discover", "sampled.yaml", "--when", "troop_states >= 0")
    assert (answer.code, answer.out) == (2, "")
    assert "'troop_states >= 0' holds at every one of 256 points" in answer.err
    assert "troop_states goes from 0 to " in answer.err


def test_a_sweep_is_taken_as_it_was_played(willing: Willing, experiment: Path) -> None:
    assert willing("sweep", "sampled.yaml", "--out", "played").code == 0
    answer = willing("discover", "played", "--replicates", 9)
    assert answer.code == 2
    assert "--replicates: played is a sweep, and is taken as it was played" in answer.err
    Path("empty").mkdir()
    assert "no sweep there" in willing("discover", "empty").err
    assert willing("discover", "nowhere").code == 2


def test_a_library_that_is_missing_is_told_before_anything_is_played(
    willing: Willing, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis", None)
    answer = willing("discover", "sampled.yaml", *FEW)
    assert (answer.code, answer.out) == (2, "")
    assert "pip install 'willing[analysis]'" in answer.err
    assert not list(Path("results").rglob("*.parquet"))


def test_an_interruption_says_what_is_done_and_the_same_command_goes_on(
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
