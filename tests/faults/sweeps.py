"""Sweeps to be disturbed: their experiments, the command as a process of its own, and what it leaves on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sim.experiment import load_experiment
from sim.experiment.executors import threads
from sim.experiment.plan import plan_of
from sim.experiment.point_summaries import summarise
from sim.experiment.runner import run
from sim.experiment.store import SweepFolder, open_folder
from tests.conftest import Answer, hears_signals

SHARDS = 24  # of the large experiment: two a point

# More replicates than a shard holds, so that points are cut in two.
LARGE = """\
question: Does the table tell what happened while it was made?
about: >
  A sweep to be disturbed.
scenario: paris-march-2025
vary:
  environment.us_backing: {from: 0, to: 1, steps: 6}
  activation: [simultaneous, leads_first]
rounds: 8
replicates: 5040
outcomes: [headline, viable, troop_states, deterrence, stance.DEU]
"""
FEW = LARGE.replace("5040", "12")  # for agents, who are slow


def written(folder: Path, text: str, name: str = "disturbed") -> Path:
    """Return the file of an experiment, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def start(*arguments: object, before: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start the command, in a process group of its own, to which Ctrl-C comes wherever the tests were started."""

    def prepare() -> None:
        hears_signals()
        if before is not None:
            before()

    return subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare,
    )


def answer(process: subprocess.Popen[str], patience: float = 600.0) -> Answer:
    """Return what a command that was started comes to."""
    try:
        out, err = process.communicate(timeout=patience)
    finally:
        kill_group(process)
    return Answer(code=process.returncode, out=out, err=err)


def call(*arguments: object, before: Callable[[], None] | None = None) -> Answer:
    """Return what the command comes to, in a process of its own."""
    return answer(start(*arguments, before=before))


def kill_group(process: subprocess.Popen[str]) -> None:
    """End a command and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def group(process: subprocess.Popen[str]) -> dict[int, str]:
    """Return the process ids, with their command lines, of a command's whole group that still live."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == process.pid and fields[0] != "Z":
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(entry.name)] = line
    return found


def workers(process: subprocess.Popen[str]) -> list[int]:
    """Return the process ids of those whom a command has started to play."""
    return [pid for pid, line in group(process).items() if pid != process.pid and "spawn_main" in line]


def shards(folder: Path) -> list[Path]:
    """Return the shards that are done."""
    return sorted((folder / "shards").glob("*.parquet"))


def until(happened: Callable[[], object], patience: float = 600.0) -> None:
    """Wait until something has happened; only a test that would wait for ever gives up."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "what should have happened has not"
        time.sleep(0.002)


def played(experiment: Path, folder: Path) -> SweepFolder:
    """Return a sweep that was played in one go, in this process; without figures."""
    sweep = open_folder(folder, plan_of(load_experiment(experiment), str(experiment)))
    run(sweep, threads(2))
    sweep.collect()
    sweep.write_summary(summarise(sweep))
    return sweep


def tables(folder: Path) -> tuple[bytes, bytes]:
    """Return the table of runs and the summary, byte for byte."""
    return (folder / "runs.parquet").read_bytes(), (folder / "summary.parquet").read_bytes()


def half_written(folder: Path) -> list[str]:
    """Return what lies in the folder and should not."""
    return [path.name for path in folder.rglob("*") if ".part" in path.name or path.name.startswith(".willing")]


# Played within the test's own process, in shards that are made small for it: `small_shards`.
SMALL = LARGE.replace("5040", "45")


def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut sweeps into small parts: SMALL into 36, three a point."""
    monkeypatch.setattr("sim.experiment.plan.RUNS_A_SHARD", 60)
    monkeypatch.setattr("sim.experiment.plan.REPLICATES_A_SHARD", 15)
