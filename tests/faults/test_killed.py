"""A sweep whose processes are killed with no time to say goodbye: it is finished later, and nobody can tell."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Answer
from tests.faults.sweeps import (
    FEW,
    LARGE,
    SHARDS,
    answer,
    group,
    half_written,
    kill_group,
    played,
    shards,
    start,
    tables,
    until,
    workers,
    written,
)

type Willing = Callable[..., Answer]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(scope="module")
def few_undisturbed(few: Path) -> tuple[bytes, bytes]:
    return tables(played(few, few.parent / "undisturbed").folder)


def test_a_sweep_killed_five_times_gives_the_same_table(
    experiment: Path, undisturbed: tuple[bytes, bytes], willing: Willing, tmp_path: Path
) -> None:
    folder, rng = tmp_path / "sweep", random.Random(7)
    for _ in range(5):
        before = len(shards(folder))
        process = start("sweep", experiment, "--out", folder, "--workers", rng.choice([1, 2]))
        enough = before + rng.choice([0, 1, 1, 2, 3])
        until(lambda enough=enough, process=process: len(shards(folder)) >= enough or process.poll() is not None)
        if before < SHARDS:
            time.sleep(rng.uniform(0.0, 0.1))
        else:  # it is joining the shards, or summing up, or has not begun
            time.sleep(rng.uniform(0.5, 3.0))
        kill_group(process)
        process.communicate()
    assert willing("sweep", experiment, "--out", folder).code == 0
    assert tables(folder) == undisturbed
    assert half_written(folder) == []


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(6))
def test_a_sweep_killed_at_any_moment_is_resumed(
    seed: int, experiment: Path, undisturbed: tuple[bytes, bytes], willing: Willing, tmp_path: Path
) -> None:
    folder, rng = tmp_path / "sweep", random.Random(seed)
    for _ in range(12):
        process = start("sweep", experiment, "--out", folder, "--workers", 1)
        time.sleep(rng.uniform(0.0, 5.0))
        kill_group(process)
        process.communicate()
    assert willing("sweep", experiment, "--out", folder).code == 0
    assert tables(folder) == undisturbed
    assert half_written(folder) == []


def test_a_worker_that_is_killed_is_replaced(few: Path, few_undisturbed: tuple[bytes, bytes], tmp_path: Path) -> None:
    process = start("sweep", few, "--out", tmp_path / "sweep", "--engine", "agents", "--workers", 2)
    until(lambda: workers(process))
    os.kill(workers(process)[0], signal.SIGKILL)
    said = answer(process)
    assert said.code == 0, said.err
    assert "Traceback" not in said.err
    assert tables(tmp_path / "sweep") == few_undisturbed


def test_workers_end_when_the_command_is_killed(few: Path, tmp_path: Path) -> None:
    process = start("sweep", few, "--out", tmp_path / "sweep", "--engine", "agents", "--workers", 2)
    until(lambda: workers(process))
    process.kill()
    process.wait()
    try:
        until(lambda: not group(process))
    finally:
        kill_group(process)
        process.communicate()


@dataclass(frozen=True, slots=True, kw_only=True)
class DaskCluster:
    """A scheduler and its workers as processes of their own, without nannies who would replace them."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    hire: Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def dask_cluster() -> Iterator[DaskCluster]:
    """A cluster of two workers."""
    pytest.importorskip("distributed")
    with ExitStack() as started:

        def begin(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            started.callback(process.wait)
            started.callback(process.kill)
            return process

        address = f"tcp://127.0.0.1:{_free_port()}"
        port = address.rpartition(":")[2]
        scheduler = begin("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        each = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60")
        hire = partial(begin, "dask_worker", address, *each)
        yield DaskCluster(address=address, scheduler=scheduler, workers=[hire(), hire()], hire=hire)


def test_a_dask_worker_that_is_killed_loses_nothing(
    dask_cluster: DaskCluster, experiment: Path, undisturbed: tuple[bytes, bytes], tmp_path: Path
) -> None:
    process = start("sweep", experiment, "--out", tmp_path / "sweep", "--dask", dask_cluster.address)
    until(lambda: len(shards(tmp_path / "sweep")) >= 3 or process.poll() is not None)
    dask_cluster.workers[0].kill()
    said = answer(process)
    assert said.code == 0, said.err
    assert tables(tmp_path / "sweep") == undisturbed


@pytest.mark.proof
def test_a_sweep_survives_the_death_of_all_workers_of_its_cluster(
    dask_cluster: DaskCluster, experiment: Path, undisturbed: tuple[bytes, bytes], tmp_path: Path
) -> None:
    process = start("sweep", experiment, "--out", tmp_path / "sweep", "--dask", dask_cluster.address)
    until(lambda: len(shards(tmp_path / "sweep")) >= 3 or process.poll() is not None)
    for worker in dask_cluster.workers:
        worker.kill()
        worker.wait()
    dask_cluster.hire()
    said = answer(process)
    assert said.code == 0, said.err
    assert tables(tmp_path / "sweep") == undisturbed


@pytest.mark.proof
def test_a_cluster_that_disappears_is_reported_and_the_sweep_is_resumed_without_it(
    dask_cluster: DaskCluster, willing: Willing, tmp_path: Path
) -> None:
    experiment, folder = written(tmp_path, LARGE.replace("rounds: 8", "rounds: 80")), tmp_path / "sweep"
    process = start("sweep", experiment, "--out", folder, "--dask", dask_cluster.address)
    until(lambda: len(shards(folder)) >= 2 or process.poll() is not None)
    dask_cluster.scheduler.kill()
    said = answer(process)
    assert said.code == 2
    assert "Traceback" not in said.err, said.err
    assert f"Dask cluster {dask_cluster.address}: has gone; the runs that are done are kept" in said.err
    assert 2 <= len(shards(folder)) < SHARDS
    assert half_written(folder) == []
    assert willing("sweep", experiment, "--out", folder).code == 0


def _free_port() -> int:
    import socket

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
