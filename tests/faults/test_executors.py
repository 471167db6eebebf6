"""Whoever plays a sweep, alone or in company and in whatever order: the tables are the same, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from sim.errors import ModelError, ResultsError
from sim.experiment import executors, load_experiment
from sim.experiment.executors import Done, Executor
from sim.experiment.plan import Plan, Shard, plan_of
from sim.experiment.runner import run
from sim.experiment.shard import simulate_shard
from sim.experiment.store import open_folder
from tests.conftest import Answer
from tests.faults.sweeps import LARGE, SMALL, answer, call, played, shards, small_shards, start, tables, until, written

type Willing = Callable[..., Answer]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plan:
    """A plan of 36 shards with the runs of 12 points; agents play them within seconds."""
    small_shards(monkeypatch)
    return planned(tmp_path)


def planned(folder: Path, engine: str = "ensemble") -> Plan:
    path = written(folder, SMALL)
    return plan_of(load_experiment(path), str(path), engine)


def all_of(executor: Executor, plan: Plan, shards: Sequence[Shard]) -> dict[int, bytes]:
    return {shard.number: content for shard, content in executor(plan, shards)}


@pytest.fixture
def alone(small: Plan) -> dict[int, bytes]:
    return {shard.number: simulate_shard(small, shard) for shard in small.shards}


@pytest.mark.parametrize("number", [1, 3])
def test_threads_write_the_same_shards(number: int, small: Plan, alone: dict[int, bytes]) -> None:
    assert all_of(executors.threads(number), small, small.shards[::-1]) == alone


def test_agents_in_processes_write_the_same_shards(small: Plan, alone: dict[int, bytes], tmp_path: Path) -> None:
    plan = planned(tmp_path, "agents")
    some = plan.shards[::5]
    assert all_of(executors.processes(2), plan, some) == {shard.number: alone[shard.number] for shard in some}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("large"), LARGE)


@pytest.fixture(scope="module")
def played_alone(large: Path) -> tuple[bytes, bytes]:
    return tables(played(large, large.parent / "alone").folder)


@pytest.mark.proof
def test_a_local_dask_cluster_writes_the_same_tables(
    large: Path, played_alone: tuple[bytes, bytes], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    said = call("sweep", large, "--out", tmp_path / "sweep", "--dask", "local")
    assert said.code == 0, said.err
    assert tables(tmp_path / "sweep") == played_alone


def test_shares_one_after_another_give_the_same_tables(
    monkeypatch: pytest.MonkeyPatch, willing: Willing, tmp_path: Path
) -> None:
    small_shards(monkeypatch)
    experiment = written(tmp_path, SMALL)
    assert willing("sweep", experiment, "--out", "alone").code == 0
    for which, missing in ((2, 360), (0, 180)):
        said = willing("sweep", experiment, "--out", "shared", "--shard", f"{which}/3")
        assert said.code == 0
        assert f"180 runs simulated; {missing} of 540 are still missing" in said.out
        assert not (tmp_path / "shared" / "runs.parquet").exists()
    said = willing("sweep", experiment, "--out", "shared", "--shard", "1/3")
    assert said.code == 0
    assert tables(tmp_path / "shared") == tables(tmp_path / "alone")
    for name in ("runs.parquet", "summary.parquet"):
        (tmp_path / "shared" / name).unlink()
    assert willing("collect", "shared").code == 0
    assert tables(tmp_path / "shared") == tables(tmp_path / "alone")


def test_shares_at_the_same_time_give_the_same_tables(
    large: Path, played_alone: tuple[bytes, bytes], tmp_path: Path
) -> None:
    shares = [start("sweep", large, "--out", tmp_path / "shared", "--shard", f"{which}/2") for which in (0, 1)]
    said = [answer(share) for share in shares]
    assert [each.code for each in said] == [0, 0], said
    assert tables(tmp_path / "shared") == played_alone


@pytest.mark.proof
def test_a_second_runner_is_refused_and_disturbs_nothing(
    large: Path, played_alone: tuple[bytes, bytes], tmp_path: Path
) -> None:
    first = start("sweep", large, "--out", tmp_path / "sweep", "--workers", 1)
    until(lambda: shards(tmp_path / "sweep"))
    second = call("sweep", large, "--out", tmp_path / "sweep")
    said = answer(first)
    assert said.code == 0, said.err
    if second.code == 0:  # the first had ended before it
        assert "Already simulated" in second.out
    else:
        assert second.code == 2
        assert f"{tmp_path / 'sweep'}: another process is writing to it" in second.err
    assert tables(tmp_path / "sweep") == played_alone


def test_the_shard_at_which_workers_die_is_named(
    monkeypatch: pytest.MonkeyPatch, small: Plan, alone: dict[int, bytes]
) -> None:
    monkeypatch.setattr(executors, "_simulate_here", _die_at_shard_7)
    done: dict[int, bytes] = {}
    with pytest.raises(ResultsError, match="points 2 to 2: 3 workers died at these points, one after another"):
        done.update(_collected(executors.processes(2)(small, small.shards[4:12]), done))
    assert 7 not in done
    assert done == {number: alone[number] for number in done}


def test_closing_an_executor_ends_its_work(small: Plan) -> None:
    for executor in (executors.threads(2), executors.processes(1)):
        with closing(executor(small, small.shards)) as simulated:
            next(simulated)
        assert list(simulated) == []


def test_workers_end_before_an_interruption_is_passed_on(small: Plan, tmp_path: Path) -> None:
    happened = []

    def execute(plan: Plan, shards: Sequence[Shard]) -> Done:
        try:
            yield shards[0], simulate_shard(plan, shards[0])
        finally:
            happened.append("workers ended")

    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    try:
        run(open_folder(tmp_path / "sweep", small), execute, on_progress=interrupt)
    except KeyboardInterrupt:  # its traceback keeps references to the workers
        happened.append("interrupted")
    assert happened == ["workers ended", "interrupted"]


def test_a_dask_worker_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, small: Plan) -> None:
    monkeypatch.setattr(executors, "_version", lambda: ("another", "version"))
    with pytest.raises(ModelError, match="has another version of the program"):
        executors._simulate_remotely(small.shards[0], small)


def test_an_address_without_a_cluster_is_reported(
    willing: Willing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "_TIMEOUT", 1)
    experiment = written(tmp_path, SMALL)
    for address in ("tcp://127.0.0.1:9", "nowhere", "post://127.0.0.1:9"):
        said = willing("sweep", experiment, "--out", "sweep", "--dask", address)
        assert said.code == 2
        assert f"Dask cluster {address}: does not answer" in said.err


def _collected(played: Done, done: dict[int, bytes]) -> Iterable[tuple[int, bytes]]:
    for shard, content in played:
        done[shard.number] = content
    return ()


def _die_at_shard_7(shard: Shard) -> bytes:
    if shard.number == 7:
        os._exit(9)
    return executors.simulate_shard(executors._worker_state["plan"], shard)


def test_a_local_cluster_listens_at_loopback_only_and_at_no_more_ports_than_it_needs() -> None:
    """One of the scheduler, one of each worker and one of each nanny, who replaces it; no web server."""
    pytest.importorskip("distributed")
    psutil = pytest.importorskip("psutil")
    from distributed import Client

    from sim.experiment.local_cluster import HERE, local_cluster

    me = psutil.Process()
    before = {listening.laddr for listening in me.net_connections() if listening.status == psutil.CONN_LISTEN}
    with local_cluster(51) as cluster, Client(cluster) as client:
        number = os.cpu_count() or 1
        client.wait_for_workers(number, timeout=60)
        found = {
            listening.laddr
            for process in (me, *me.children(recursive=True))
            for listening in process.net_connections()
            if listening.status == psutil.CONN_LISTEN
        }
    assert {address.ip for address in found - before} == {HERE}
    assert len(found - before) == 1 + 2 * number
