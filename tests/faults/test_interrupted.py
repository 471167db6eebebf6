"""Ctrl-C during a sweep ends it at once, leaves no files half written, and reports how to resume."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Answer
from tests.faults.sweeps import (
    FEW,
    LARGE,
    answer,
    group,
    half_written,
    played,
    shards,
    start,
    tables,
    until,
    workers,
    written,
)

LONG = LARGE.replace("rounds: 8", "rounds: 80")
type Willing = Callable[..., Answer]
type Press = Callable[[subprocess.Popen[str]], None]


def to_the_command(process: subprocess.Popen[str]) -> None:
    """As `kill -INT` does."""
    process.send_signal(signal.SIGINT)


def to_all(process: subprocess.Popen[str]) -> None:
    """As a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def to_all_and_again(process: subprocess.Popen[str]) -> None:
    """As somebody impatient does."""
    to_all(process)
    to_all(process)


def interrupted(process: subprocess.Popen[str], press: Press) -> Answer:
    """Return what an interrupted command comes to; nothing of it may live on."""
    press(process)
    process.wait(timeout=600.0)
    until(lambda: not group(process))
    return answer(process)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("experiment"), LONG)


@pytest.mark.parametrize("press", [to_the_command, to_all, to_all_and_again])
def test_an_interrupted_sweep_reports_what_is_done_and_how_to_resume(
    press: Press, experiment: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    process = start("sweep", experiment, "--out", folder)
    until(lambda: len(shards(folder)) >= 2 or process.poll() is not None)
    said = interrupted(process, press)
    assert said.code == 130
    assert said.out == ""
    assert "Traceback" not in said.err
    told = re.search(r"Interrupted; ([\d,]+) of 60,480 runs are done and kept in (\S+)\. Run the same", said.err)
    assert told, said.err
    assert told[2] == str(folder)
    done = len(shards(folder))
    assert 2 <= done < 24
    assert told[1] == f"{2520 * done:,}"
    assert half_written(folder) == []


def test_an_interrupted_sweep_is_resumed(willing: Willing, tmp_path: Path) -> None:
    experiment = written(tmp_path, LARGE)
    folder = tmp_path / "sweep"
    process = start("sweep", experiment, "--out", folder, "--workers", 1)
    until(lambda: len(shards(folder)) >= 2 or process.poll() is not None)
    interrupted(process, to_all)
    kept = {path: path.stat().st_mtime_ns for path in shards(folder)}
    assert willing("sweep", experiment, "--out", folder).code == 0
    assert len(shards(folder)) == 24
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert tables(folder) == tables(played(experiment, tmp_path / "undisturbed").folder)


def test_an_interruption_ends_all_processes(tmp_path: Path) -> None:
    experiment = written(tmp_path, FEW.replace("rounds: 8", "rounds: 80"))
    process = start("sweep", experiment, "--out", tmp_path / "sweep", "--engine", "agents", "--workers", 2)
    until(lambda: workers(process) or process.poll() is not None)
    said = interrupted(process, to_all)
    assert said.code == 130
    assert "Traceback" not in said.err
    assert "0 of 144 runs are done" in said.err


def test_an_interruption_ends_a_local_dask_cluster(experiment: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    folder = tmp_path / "sweep"
    process = start("sweep", experiment, "--out", folder, "--dask", "local")
    until(lambda: shards(folder) or process.poll() is not None)
    said = interrupted(process, to_all)
    assert said.code == 130
    assert "Traceback" not in said.err, said.err
    assert "runs are done" in said.err
    assert half_written(folder) == []
