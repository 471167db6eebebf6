"""Shards that were damaged on disk are found, named and simulated again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.experiment import load_experiment
from sim.experiment.plan import Plan, plan_of
from sim.experiment.shard import read_shard, simulate_shard
from tests.conftest import Answer
from tests.faults.sweeps import SMALL, small_shards, tables, written

type Willing = Callable[..., Answer]
type Damage = Callable[[Path], object]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_shards(monkeypatch)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = written(tmp_path, SMALL)
    return plan_of(load_experiment(path), str(path))


def test_any_flipped_bit_is_found(plan: Plan) -> None:
    shard = plan.shards[4]
    content, rng = simulate_shard(plan, shard), random.Random(3)
    assert read_shard(plan, shard, content).table.num_rows == 15
    ends = range(max(0, len(content) - 600), len(content))  # the notes and the seal
    for place in [*range(16), *rng.sample(range(len(content)), 700), *ends]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << rng.randrange(8)
        with pytest.raises(ValueError, match="damaged"):
            read_shard(plan, shard, bytes(flipped))


def test_a_truncated_or_extended_file_is_found(plan: Plan) -> None:
    shard = plan.shards[0]
    content = simulate_shard(plan, shard)
    for length in [*range(0, len(content), 61), len(content) - 1]:
        with pytest.raises(ValueError, match="damaged"):
            read_shard(plan, shard, content[:length])
    for more in (b"\0", b"PAR1", content):
        with pytest.raises(ValueError, match="damaged"):
            read_shard(plan, shard, content + more)


def test_a_shard_of_another_sweep_or_of_other_points_is_found(plan: Plan, tmp_path: Path) -> None:
    content = simulate_shard(plan, plan.shards[0])
    other = written(tmp_path / "other", SMALL.replace("deterrence, ", ""))
    with pytest.raises(ValueError, match="another sweep"):
        read_shard(plan_of(load_experiment(other), str(other)), plan.shards[0], content)
    with pytest.raises(ValueError, match="another part"):
        read_shard(plan, plan.shards[1], content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def another(path: Path) -> None:
    shutil.copy(path.with_name("00000.parquet"), path)


def no_parquet(path: Path) -> None:
    path.write_text("point,replicate\n0,0\n")


@pytest.mark.parametrize("damage", [cut_short, emptied, flipped, another, no_parquet])
def test_a_damaged_shard_is_named_and_simulated_again(damage: Damage, willing: Willing, tmp_path: Path) -> None:
    experiment = written(tmp_path, SMALL)
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    undisturbed, damaged = tables(tmp_path / "sweep"), tmp_path / "sweep" / "shards" / "00007.parquet"
    damage(damaged)

    collected = willing("collect", "sweep")
    assert collected.code == 2
    assert "00007.parquet" in collected.err
    assert "Traceback" not in collected.err

    said = willing("sweep", experiment, "--out", "sweep")
    assert said.code == 0
    assert "sweep/shards/00007.parquet: " in said.err
    assert "it is simulated again" in said.err
    assert "15 runs simulated" in said.out
    assert tables(tmp_path / "sweep") == undisturbed


def test_a_missing_shard_is_simulated_again(willing: Willing, tmp_path: Path) -> None:
    experiment = written(tmp_path, SMALL)
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    undisturbed = tables(tmp_path / "sweep")
    (tmp_path / "sweep" / "shards" / "00010.parquet").unlink()
    (tmp_path / "sweep" / "runs.parquet").unlink()
    said = willing("collect", "sweep")
    assert said.code == 2
    assert "00010.parquet: is not there" in said.err
    assert str(experiment) in said.err
    assert not (tmp_path / "sweep" / "runs.parquet").exists()
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    assert tables(tmp_path / "sweep") == undisturbed
