"""A sweep on a real SLURM of one node: whatever becomes of its tasks, the table is the one of a quiet afternoon."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.slurm.cluster import Cluster, Unavailable

pytestmark = pytest.mark.proof

TASKS = 4
LAST = TASKS - 1  # the task whose job id is the array's own: who asks for that id again gets all tasks again
PATIENCE = 240.0  # seconds until what should have happened has not

# Large enough that a task is at work for some seconds after its first points are on disk.
EXPERIMENT = """\
question: Does the table tell what happened to the tasks that made it?
about: >
  A sweep to be disturbed.
scenario: paris-march-2025
vary:
  environment.us_backing: {from: 0, to: 1, steps: 32}
replicates: 10000
outcomes: [headline, viable, troop_states]
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # pytest's own folders are too deep for a socket
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    except Unavailable as reason:
        pytest.skip(str(reason))
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("experiment") / "disturbed.yaml"
    file.write_text(EXPERIMENT)
    return file


@pytest.fixture(scope="module")
def undisturbed(experiment: Path) -> bytes:
    """The table of the same experiment, played in one go without SLURM."""
    folder = experiment.parent / "undisturbed"
    _willing("sweep", experiment, "--out", folder)
    return (folder / "runs.parquet").read_bytes()


def kill_the_last_task(cluster: Cluster, array: str, folder: Path) -> None:
    _wait("the last task runs", lambda: LAST in _running(cluster, array))
    _wait("it is at work", lambda: bool(_sweeping(cluster, _running(cluster, array).get(LAST))))
    before = _parts(folder)
    _wait("more of the table is on disk", lambda: _parts(folder) > before)
    processes = _sweeping(cluster, _running(cluster, array).get(LAST))
    assert processes, "the last task was through before it could be killed: the experiment is too small for this test"
    for pid in processes:
        os.kill(pid, signal.SIGKILL)


def lose_the_node(cluster: Cluster, array: str, folder: Path) -> None:
    _wait("some of the table is on disk", lambda: _parts(folder) > 0)
    cluster.run("scontrol", "update", "nodename=localhost", "state=down", "reason=lost")  # it reports back by itself


def let_others_go_first(cluster: Cluster, array: str, folder: Path) -> None:
    _wait("some of the table is on disk", lambda: _parts(folder) > 0)
    cluster.run("sbatch", "--partition=first", "--ntasks=2", "--output=/dev/null", "--wrap=sleep 1")


@pytest.mark.parametrize("disturb", [kill_the_last_task, lose_the_node, let_others_go_first])
def test_a_disturbed_array_is_queued_again_and_makes_the_same_table(
    disturb: Callable[[Cluster, str, Path], None],
    cluster: Cluster,
    experiment: Path,
    undisturbed: bytes,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "sweep"
    said = _willing("cluster", "slurm", experiment, "--tasks", TASKS, "--out", folder)
    written = re.search(r"\S+\.sbatch", said)
    assert written, said
    array = cluster.run("sbatch", "--parsable", written[0], PATH=_path()).strip()

    disturb(cluster, array, folder)
    _wait("all tasks have ended", lambda: not cluster.run("squeue", "--noheader", f"--jobs={array}"))

    ended = _tasks(cluster, array)
    assert {state for state, _ in ended.values()} == {"COMPLETED"}, f"{ended}\n{cluster.logs()}"
    restarts = {task: times for task, (_, times) in ended.items()}
    if disturb is kill_the_last_task:
        assert restarts == {0: 0, 1: 0, 2: 0, LAST: 1}
    else:
        assert any(restarts.values())

    _willing("sweep", experiment, "--out", folder)
    assert (folder / "runs.parquet").read_bytes() == undisturbed


def _willing(*arguments: object) -> str:
    command = [sys.executable, "-m", "sim", *map(str, arguments)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert said.returncode == 0, said.stderr
    return said.stdout


def _path() -> str:
    """Return the search path of a reader who has the program of this very environment at hand."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def _wait(what: str, happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"still waiting until {what}, after {PATIENCE:g} s"
        time.sleep(0.1)


def _parts(folder: Path) -> int:
    """Return how many pieces of the table are on disk."""
    return sum(1 for _ in folder.rglob("*.parquet"))


def _running(cluster: Cluster, array: str) -> Mapping[int, int]:
    """Return the job id of each task that runs, by its place in the array."""
    said = cluster.run("squeue", "--noheader", "--array", f"--jobs={array}", "--states=RUNNING", "--format=%K %A")
    return {int(task): int(job) for task, job in map(str.split, said.splitlines())}


def _sweeping(cluster: Cluster, job: int | None) -> list[int]:
    """Return the process ids of the program, not of the script around it, that a job has running."""
    if job is None:
        return []
    return [pid for pid in cluster.processes(job) if "sweep" in _command(pid)]


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []  # it has just ended


def _tasks(cluster: Cluster, array: str) -> Mapping[int, tuple[str, int]]:
    """Return for each task, by its place in the array, the state in which it ended and how often it was restarted."""
    told = cluster.run("scontrol", "--oneliner", "show", "job", array)
    fields = [dict(re.findall(r"(ArrayTaskId|JobState|Restarts)=(\S+)", line)) for line in told.splitlines()]
    return {int(of["ArrayTaskId"]): (of["JobState"], int(of["Restarts"])) for of in fields}
