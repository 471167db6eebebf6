"""`willing sweep`, `collect` and `cluster`: answers, errors, and points that fail."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim.errors import ResultsError
from sim.experiment import load_experiment
from sim.experiment.plan import plan_of
from sim.experiment.store import SweepFolder, lock_folder
from sim.scenario.checksum import seal_json
from tests.conftest import Answer, below
from tests.faults.sweeps import SMALL, small_shards, written

type Willing = Callable[..., Answer]

DRAWN = SMALL + "figures: [{kind: cliff, x: environment.us_backing, outcome: viable, by: activation}]\n"

# The sincere have to commit fewer violations than the insincere: two of these nine points make no sense.
PARTLY = """\
question: How does a sweep end in which some points make no sense?
about: >
  Violations of the sincere and the insincere are crossed.
scenario: paris-march-2025
vary:
  ceasefire.violations_sincere: {from: 1, to: 5, steps: 3}
  ceasefire.violations_insincere: [4, 5, 6]
rounds: 8
replicates: 20
outcomes: [headline, viable, stance.DEU]
figures:
  - {kind: heat, x: ceasefire.violations_sincere, y: ceasefire.violations_insincere, outcome: viable}
"""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_shards(monkeypatch)


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    return written(tmp_path, SMALL)


def test_a_sweep_leaves_its_tables_and_figures(willing: Willing, tmp_path: Path) -> None:
    answer = willing("sweep", written(tmp_path, DRAWN))
    assert answer.code == 0
    (folder,) = (tmp_path / "results" / "sweeps").iterdir()
    assert answer.out.startswith(
        "Does the table tell what happened while it was made?\n12 points, 45 replicates each; 540 runs simulated in "
    )
    named = ["runs.parquet", "summary.parquet", "figures/cliff-viable.png"]
    assert answer.out.splitlines()[-3:] == [f"{folder.relative_to(tmp_path)}/{name}" for name in named]
    assert all((folder / name).is_file() for name in named)
    runs = pd.read_parquet(folder / "runs.parquet")
    assert list(runs.columns[:4]) == ["point", "replicate", "environment.us_backing", "activation"]
    assert runs[["point", "replicate"]].to_numpy().tolist() == [[p, r] for p in range(12) for r in range(45)]
    again = willing("sweep", tmp_path / "disturbed.yaml")
    assert "Already simulated: 12 points, 45 replicates each" in again.out


def test_a_sweep_prints_json(willing: Willing, experiment: Path) -> None:
    answer = willing("sweep", experiment, "--out", "sweep", "--json")
    values = json.loads(answer.out)
    assert values.pop("seconds") > 0
    assert values.pop("runs_per_second") > 0
    assert re.fullmatch(r"[0-9a-f]{64}", values.pop("digest"))
    assert values == {
        "experiment": "disturbed",
        "points": 12,
        "replicates": 45,
        "runs": 540,
        "failed": 0,
        "result": "sweep",
    }


def test_replicates_of_a_smaller_sweep_are_the_first_of_a_larger_one(willing: Willing, experiment: Path) -> None:
    assert willing("sweep", experiment, "--out", "many").code == 0
    assert willing("sweep", experiment, "--out", "few", "--replicates", "7").code == 0
    many, few = pd.read_parquet("many/runs.parquet"), pd.read_parquet("few/runs.parquet")
    pd.testing.assert_frame_equal(few, many[many["replicate"] < 7].reset_index(drop=True))


def test_points_that_cannot_be_simulated_are_listed_and_the_rest_is_simulated(willing: Willing, tmp_path: Path) -> None:
    experiment = written(tmp_path, PARTLY)
    answer = willing("sweep", experiment, "--out", "sweep", "--json")
    assert answer.code == 3
    assert json.loads(answer.out)["failed"] == 2
    assert "Point 6 (ceasefire.violations_sincere 5.0, ceasefire.violations_insincere 4" in answer.err
    assert "could not be simulated: " in answer.err
    assert "violations_insincere" in answer.err
    assert "2 of 9 points failed: sweep/failed.csv" in answer.err
    assert "Traceback" not in answer.err

    failed = pd.read_csv("sweep/failed.csv")
    assert list(failed["point"]) == [6, 7]
    assert failed["reason"].str.contains("violations").all()
    summary, runs = pd.read_parquet("sweep/summary.parquet"), pd.read_parquet("sweep/runs.parquet")
    assert list(summary["runs"]) == [0 if point in (6, 7) else 20 for point in range(9)]
    assert summary.loc[[6, 7], ["viable", "headline", "headline.troops"]].isna().all(axis=None)
    assert summary.drop([6, 7])[["viable", "headline", "headline.troops"]].notna().all(axis=None)
    assert list(runs["point"].unique()) == [0, 1, 2, 3, 4, 5, 8]
    assert (tmp_path / "sweep" / "figures" / "heat-viable.png").is_file()

    assert willing("sweep", experiment, "--out", "sweep").code == 3
    kept = below(tmp_path / "sweep")
    assert willing("collect", "sweep").code == 3
    assert below(tmp_path / "sweep") == kept


def test_a_sweep_all_of_whose_points_fail_ends_without_a_traceback(
    willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object) -> None:
        raise ZeroDivisionError("nobody to divide among")

    monkeypatch.setattr("sim.experiment.shard.prepare", never)
    monkeypatch.setattr("sim.experiment.runner.prepare", never)
    answer = willing("sweep", written(tmp_path, DRAWN), "--out", "sweep", "--json")
    assert answer.code == 3
    assert json.loads(answer.out)["failed"] == 12
    assert "ZeroDivisionError: nobody to divide among" in answer.err
    assert "Traceback" not in answer.err
    assert len(pd.read_csv("sweep/failed.csv")) == 12
    assert len(pd.read_parquet("sweep/runs.parquet")) == 0
    assert pd.read_parquet("sweep/summary.parquet")["runs"].tolist() == [0] * 12


def a_file(folder: Path) -> None:
    folder.write_text("mine")


def other_files(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")


def a_run(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(seal_json({"scenario": "base"}))


def garbled(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_bytes(b'{"kind": "sweep", \xff')


def without_a_plan(folder: Path) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(seal_json({"kind": "sweep", "identity": []}))


TAKEN = {
    a_file: "sweep: already exists and is not a Willing sweep; choose another folder with --out",
    other_files: "sweep: already exists and is not a Willing sweep; choose another folder with --out",
    a_run: "sweep: is not a Willing sweep; choose another folder with --out",
    garbled: "sweep/manifest.json: has no checksum: it is cut short, damaged, or of an older version; start ",
    without_a_plan: "sweep/manifest.json: does not say which sweep this is; start again beside it",
}


@pytest.mark.parametrize(("take", "message"), TAKEN.items())
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    take: Callable[[Path], None], message: str, willing: Willing, experiment: Path, tmp_path: Path
) -> None:
    take(tmp_path / "sweep")
    before = below(tmp_path)
    answer = willing("sweep", experiment, "--out", "sweep")
    assert answer.code == 2
    assert answer.err.startswith(message)
    assert below(tmp_path) == before
    assert willing("sweep", experiment, "--out", "sweep", "--fresh").code == 0
    assert below(tmp_path).items() >= before.items()
    assert (tmp_path / "sweep-2" / "runs.parquet").is_file()


@pytest.mark.parametrize("is_link", [False, True])
def test_an_empty_folder_is_taken(is_link: bool, willing: Willing, experiment: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    if is_link:
        (tmp_path / "link").symlink_to("empty")
    answer = willing("sweep", experiment, "--out", "link" if is_link else "empty")
    assert answer.code == 0, answer.err
    assert (tmp_path / "empty" / "runs.parquet").is_file()


def test_the_folder_in_which_one_is_can_be_taken(
    willing: Willing, experiment: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert willing("cluster", "slurm", experiment, "--out", ".").out == f"{tmp_path}/here.sbatch\n"
    assert willing("sweep", experiment, "--out", ".").code == 0
    assert Path("runs.parquet").is_file()
    assert willing("sweep", experiment, "--out", ".", "--fresh").code == 0
    assert (tmp_path / "here-2" / "runs.parquet").is_file()


def test_a_sweep_is_locked_until_its_tables_are_made(
    willing: Willing, experiment: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    collect = SweepFolder.collect

    def check_lock(sweep: SweepFolder) -> dict[int, str]:
        with pytest.raises(ResultsError, match="another process is writing"), lock_folder(sweep.folder, shared=False):
            pass
        return collect(sweep)

    monkeypatch.setattr(SweepFolder, "collect", check_lock)
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    assert willing("sweep", experiment, "--out", "shared", "--shard", "0/1").code == 0
    assert willing("collect", "shared").code == 0


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        ("replicates: 45", "replicates: 30", "45 replicates, not 30"),
        ("steps: 6", "steps: 5", "another experiment; other points"),
        ("rounds: 8", "rounds: 9", "another experiment"),
        ("viable, ", "", "another experiment"),
    ],
)
def test_another_sweep_is_refused_with_what_differs(
    old: str, new: str, differs: str, willing: Willing, experiment: Path, tmp_path: Path
) -> None:
    assert willing("sweep", experiment, "--out", "sweep", "--shard", "0/9").code == 0
    before = below(tmp_path / "sweep")
    other = written(tmp_path / "other", SMALL.replace(old, new))
    answer = willing("sweep", other, "--out", "sweep")
    assert answer.code == 2
    assert answer.err == (
        f"sweep: holds another sweep ({differs}); start again beside it with --fresh, or choose another folder with "
        "--out\n"
    )
    assert willing("sweep", other, "--out", "sweep", "--fresh").code == 0
    assert below(tmp_path / "sweep") == before
    assert (tmp_path / "sweep-2" / "runs.parquet").is_file()


def test_a_sweep_that_another_process_writes_is_refused(willing: Willing, experiment: Path, tmp_path: Path) -> None:
    assert willing("sweep", experiment, "--out", "sweep", "--shard", "0/2").code == 0
    with lock_folder(tmp_path / "sweep", shared=False):
        for command in (["sweep", experiment, "--out"], ["sweep", experiment, "--shard", "1/2", "--out"], ["collect"]):
            answer = willing(*command, "sweep")
            assert answer.code == 2
            assert answer.err.startswith(
                "sweep: another process is writing to it; wait until it ends, or share the work"
            )
    with lock_folder(tmp_path / "sweep", shared=True):
        assert willing("sweep", experiment, "--out", "sweep").code == 2
        assert willing("sweep", experiment, "--out", "sweep", "--shard", "1/2").code == 0
    assert len(pd.read_parquet("sweep/runs.parquet")) == 540


@pytest.mark.parametrize("share", ["3/3", "1", "-1/3", "a/b", "1/0", "0/0", "1/2/3", "", "0.5/2"])
def test_a_malformed_share_is_refused(share: str, willing: Willing, experiment: Path) -> None:
    answer = willing("sweep", experiment, f"--shard={share}")
    assert answer.code == 2
    assert "give a share and the number of shares, counted from 0, such as 0/10" in answer.err


def test_more_shares_than_shards_leave_some_with_nothing_to_do(willing: Willing, experiment: Path) -> None:
    answer = willing("sweep", experiment, "--out", "sweep", "--shard", "99/100")
    assert answer.code == 0
    assert (
        "0 runs simulated; 540 of 540 are still missing\nWhen all shares are done: willing collect sweep" in answer.out
    )


@pytest.mark.parametrize(
    "options",
    [["--dask", "local", "--workers", "2"], ["--dask", "local", "--shard", "0/2"], ["--fresh", "--shard", "0/2"]],
)
def test_options_that_exclude_each_other_are_refused(options: list[str], willing: Willing, experiment: Path) -> None:
    answer = willing("sweep", experiment, *options)
    assert answer.code == 2
    assert "Error: --" in answer.err


def test_a_collected_sweep_has_the_same_tables_and_its_csv_the_same_rows(willing: Willing, tmp_path: Path) -> None:
    assert willing("sweep", written(tmp_path, DRAWN), "--out", "sweep").code == 0
    kept = below(tmp_path / "sweep")
    for name in ("runs.parquet", "summary.parquet"):
        (tmp_path / "sweep" / name).unlink()
    answer = willing("collect", "sweep", "--csv", "runs.csv", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["runs"] == 0
    assert below(tmp_path / "sweep") == kept
    words = dict.fromkeys(("activation", "headline", "stance.DEU"), str)
    told, runs = pd.read_csv("runs.csv", dtype=words), pd.read_parquet("sweep/runs.parquet").astype(words)
    pd.testing.assert_frame_equal(told, runs, check_dtype=False, check_exact=True)
    again = willing("collect", "sweep", "--csv", "runs.csv")
    assert again.code == 2
    assert "runs.csv: already exists; choose another path with --csv" in again.err


def test_collecting_an_incomplete_sweep_or_another_folder_is_refused(willing: Willing, experiment: Path) -> None:
    answer = willing("collect", "nowhere")
    assert (answer.code, answer.err) == (2, "nowhere: no sweep there (no manifest.json); `willing sweep` creates one\n")
    assert willing("sweep", experiment, "--out", "sweep", "--shard", "0/2").code == 0
    answer = willing("collect", "sweep")
    assert answer.code == 2
    assert answer.err == (
        f"sweep/shards/00001.parquet: is not there, and 17 more; `willing sweep {experiment} --out sweep` simulates "
        "the missing runs\n"
    )


def test_collecting_a_sweep_whose_experiment_has_changed_is_refused(willing: Willing, experiment: Path) -> None:
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    experiment.write_text(SMALL.replace("rounds: 8", "rounds: 9"))
    answer = willing("collect", "sweep")
    assert answer.code == 2
    assert answer.err.startswith(f"sweep: was made from another version of {experiment} (another experiment); simulate")
    experiment.unlink()
    answer = willing("collect", "sweep")
    assert answer.code == 2
    assert answer.err.startswith(f"sweep: its experiment {experiment} can no longer be read")


def test_a_file_for_slurm_is_written_once_and_the_same_again(
    willing: Willing, experiment: Path, tmp_path: Path
) -> None:
    command = ["cluster", "slurm", experiment, "--tasks", "4", "--out", "out/sweep", "--option", "partition=short"]
    answer = willing(*command)
    assert answer.code == 0
    assert answer.out == "out/sweep.sbatch\n"
    assert "12 points, 540 runs, 4 tasks; submit it with: sbatch out/sweep.sbatch" in answer.err
    text = (tmp_path / "out" / "sweep.sbatch").read_text()
    played = f"{sys.executable} -m sim sweep {experiment} --out out/sweep"
    assert text == BATCH.replace("PLAYED", played)
    assert (tmp_path / "out" / "sweep.logs").is_dir()
    assert willing(*command).code == 0
    other = willing(*command, "--processors", "2")
    assert other.code == 2
    assert other.err == "out/sweep.sbatch: already exists; choose another path with --out\n"
    assert (tmp_path / "out" / "sweep.sbatch").read_text() == text


@pytest.mark.skipif(os.name == "nt", reason="no shell")
def test_a_file_for_slurm_is_a_script_that_the_shell_understands(willing: Willing, tmp_path: Path) -> None:
    import subprocess

    odd = written(tmp_path / "it's 1 & more", SMALL)
    path = willing("cluster", "slurm", odd, "--out", "with space/$HOME").out.strip()
    subprocess.run(["bash", "-n", path], check=True)
    assert "'with space/$HOME'" in Path(path).read_text()


@pytest.mark.parametrize("option", ["short", "a\nb=c", "=short"])
def test_a_malformed_option_for_sbatch_is_refused(option: str, willing: Willing, experiment: Path) -> None:
    answer = willing("cluster", "slurm", experiment, "--option", option)
    assert answer.code == 2
    assert "give it as NAME=VALUE" in answer.err


def test_a_file_for_slurm_has_the_number_of_replicates_that_was_given(willing: Willing, experiment: Path) -> None:
    answer = willing("cluster", "slurm", experiment, "--replicates", "7", "--out", "seven")
    assert "12 points, 84 runs" in answer.err
    assert f"sweep {experiment} --replicates 7 --out seven " in Path("seven.sbatch").read_text()


def test_there_are_no_more_tasks_than_shards(willing: Willing, experiment: Path) -> None:
    text = Path(willing("cluster", "slurm", experiment, "--tasks", "999").out.strip()).read_text()
    shards = len(plan_of(load_experiment(experiment), str(experiment)).shards)
    assert f"#SBATCH --array=0-{shards - 1}\n" in text


BATCH = """\
#!/bin/bash
#SBATCH --job-name=willing-disturbed
#SBATCH --array=0-3
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --time=60
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="out/sweep.logs/%a.log"
#SBATCH --partition=short

# SLURM restarts a task if its node fails or it is preempted, but not if it is killed or runs out of time. Only the
# index in the array identifies a task: the job id of the last task is that of the whole array.
again() {
    if [ "${SLURM_RESTART_COUNT:-0}" -ge 5 ]; then
        echo "$1, and already restarted 5 times; to resume, submit this file again" >&2
        exit 1
    fi
    echo "$1; queueing the task again" >&2
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" || exit 1
    wait
    exit 0
}
trap 'again "time is nearly up"' USR1

PLAYED --workers "$SLURM_CPUS_PER_TASK" --shard "$SLURM_ARRAY_TASK_ID/4" &
wait $!
code=$?
if [ "$code" -eq 137 ]; then again "killed"; fi
exit "$code"
"""


def test_fewer_tasks_than_requested_are_explained(willing: Willing, experiment: Path) -> None:
    answer = willing("cluster", "slurm", experiment, "--tasks", "999")
    assert "--tasks 999: a task takes whole shards of up to " in answer.err
    assert "further tasks would have nothing to do" in answer.err


@pytest.mark.parametrize("odd", ["a\n#SBATCH --uid=0", 'a"b', "a\rb", "a\\b"])
def test_a_folder_whose_name_does_not_fit_into_a_line_of_a_batch_file_is_refused(
    odd: str, willing: Willing, experiment: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    answer = willing("cluster", "slurm", experiment, "--out", odd)
    assert (answer.code, answer.out) == (2, "")
    assert "cannot be written to a batch file" in answer.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["share", "collect"])
def test_files_of_a_dead_process_are_removed_by_shares_and_by_collect(
    command: str, willing: Willing, experiment: Path, tmp_path: Path
) -> None:
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    machine = re.sub(r"[^\w-]", "_", socket.gethostname())
    left = tmp_path / "sweep" / "shards" / f".00000.parquet.{machine}-{dead.pid}.part"
    left.write_bytes(b"half")
    answer = (
        willing("collect", "sweep")
        if command == "collect"
        else willing("sweep", experiment, "--out", "sweep", "--shard", "0/2")
    )
    assert answer.code == 0
    assert not left.exists()
