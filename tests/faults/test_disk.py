"""A disk that is full, closed or gone: one clear message, what is done stays whole, and the sweep goes on later."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.experiment.store import SweepFolder
from tests.conftest import Answer, below
from tests.faults.sweeps import (
    SMALL,
    answer,
    call,
    half_written,
    shards,
    small_shards,
    start,
    tables,
    until,
    written,
)

type Willing = Callable[..., Answer]


def files_of_at_most(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_file_that_grows_too_large_is_reported_and_the_sweep_can_be_resumed(
    experiment: Path, undisturbed: tuple[bytes, bytes], willing: Willing, tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    # too small for a shard; large enough for every shard, too small for them all together
    for size, done in ((20_000, 0), (100_000, 24)):
        said = call("sweep", experiment, "--out", folder, before=files_of_at_most(size))
        assert said.code == 2, said.err
        assert said.err.endswith(
            f"{folder}: cannot write there: File too large; the runs that are done are kept; make room and run "
            "the same command to resume\n"
        )
        assert "Traceback" not in said.err
        assert half_written(folder) == []
        assert len(shards(folder)) == done
        assert not (folder / "runs.parquet").exists()
    assert willing("sweep", experiment, "--out", folder).code == 0
    assert tables(folder) == undisturbed


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mounts a file system of its own at a folder, or changes it."""
    places = []

    def mount(folder: Path, *options: str) -> None:
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "willing-test", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError as error:
            pytest.skip(f"no file system can be mounted here: {error}")
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        if "remount" not in options:
            places.append(folder)

    yield mount
    for place in places:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_reported_and_the_sweep_can_be_resumed_when_there_is_room(
    experiment: Path, undisturbed: tuple[bytes, bytes], mounted: Callable[..., None], willing: Willing, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    mounted(disk, "size=300k")
    folder = disk / "sweep"
    said = willing("sweep", experiment, "--out", folder)
    assert said.code == 2, said.err
    assert (
        f"{folder}: cannot write there: No space left on device; the runs that are done are kept; make room" in said.err
    )
    assert "Traceback" not in said.err
    assert 0 < len(shards(folder)) < 24
    assert half_written(folder) == []

    mounted(disk, "remount", "size=900k")  # enough for the shards, not for the table
    said = willing("sweep", experiment, "--out", folder)
    assert said.code == 2, said.err
    assert "No space left on device" in said.err
    assert len(shards(folder)) == 24
    assert not (folder / "runs.parquet").exists()

    mounted(disk, "remount", "size=8m")
    said = willing("sweep", experiment, "--out", folder)
    assert said.code == 0, said.err
    assert "Already simulated" in said.out
    assert tables(folder) == undisturbed


def test_a_folder_that_cannot_be_written_is_reported(
    willing: Willing, mounted: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_shards(monkeypatch)
    experiment, disk = written(tmp_path, SMALL), tmp_path / "disk"
    mounted(disk, "size=8m")
    assert willing("sweep", experiment, "--out", "disk/sweep", "--shard", "0/2").code == 0
    mounted(disk, "remount", "ro")
    for folder in ("disk/sweep", "disk/new", "disk"):
        said = willing("sweep", experiment, "--out", folder)
        assert said.code == 2
    assert "disk: already exists and is not a Willing sweep" in said.err
    for folder in ("disk/sweep", "disk/new"):
        said = willing("sweep", experiment, "--out", folder)
        assert said.err == f"{folder}: cannot write there: Read-only file system; choose another folder with --out\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_without_permission_is_reported(willing: Willing, tmp_path: Path) -> None:
    experiment, folder = written(tmp_path, SMALL), tmp_path / "closed"
    folder.mkdir(mode=0o500)
    said = willing("sweep", experiment, "--out", "closed/sweep")
    assert said.code == 2
    assert said.err == "closed/sweep: cannot write there: Permission denied; choose another folder with --out\n"


def test_a_folder_that_is_removed_is_reported(experiment: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    process = start("sweep", experiment, "--out", folder, "--workers", 1)
    until(lambda: shards(folder))
    folder.rename(tmp_path / "elsewhere")
    said = answer(process)
    assert said.code == 2
    assert f"{folder}: was removed while it was being written; run the sweep again" in said.err
    assert "Traceback" not in said.err
    assert not folder.exists()


@pytest.mark.parametrize("call_", ["collect", "write_summary", "write_figure"])
def test_an_interruption_after_the_last_shard_leaves_no_half_written_files(
    call_: str, willing: Willing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_shards(monkeypatch)
    drawn = SMALL + "figures: [{kind: cliff, x: environment.us_backing, outcome: viable, by: activation}]\n"
    experiment = written(tmp_path, drawn)
    assert willing("sweep", experiment, "--out", "undisturbed").code == 0
    with monkeypatch.context() as patched:
        patched.setattr(SweepFolder, call_, _interrupt_in(getattr(SweepFolder, call_)))
        said = willing("sweep", experiment, "--out", "sweep")
    assert said.code == 130
    assert "540 of 540 runs are done" in said.err
    assert half_written(tmp_path / "sweep") == []
    assert willing("sweep", experiment, "--out", "sweep").code == 0
    assert below(tmp_path / "sweep") == below(tmp_path / "undisturbed")


def _interrupt_in(method: Callable[..., object]) -> Callable[..., object]:
    """Return a method that is interrupted when its file is about to be renamed."""

    def interrupted(*arguments: object) -> object:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Path, "replace", _interrupt)
            return method(*arguments)

    return interrupted


def _interrupt(path: Path, target: Path) -> None:
    raise KeyboardInterrupt
