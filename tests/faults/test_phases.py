"""A signal in every phase of a command: it ends at once, says so in one line, and leaves nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Answer, hears_signals
from tests.faults.sweeps import SMALL, answer, half_written, written

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a terminal are those of Unix")

PHASES = Path(__file__).with_name("phases.py")
RUN = ("run", "base", "--replicates", 21, "--rounds", 2, "--workers", 1, "--out", "one")
OF_A_RUN = [
    "first imports",
    "later imports",
    "compiling",
    "compiling, stuck",
    "playing",
    "writing",
    "writing, twice",
]
OF_A_SWEEP = {"simulating shards": 0, "keeping a shard": 0, "joining": 540, "summing up": 540}  # runs that are done


def come_to(
    phase: str, *arguments: object, cwd: Path, sent: str = "SIGINT", before: Callable[[], None] = hears_signals
) -> Answer:
    """Return what a command comes to that gets a signal in one phase."""
    process = subprocess.Popen(
        [sys.executable, PHASES, phase, sent, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=before,
        env=os.environ | ({"NUMBA_CACHE_DIR": str(cwd.parent / "empty")} if phase.startswith("compiling") else {}),
    )
    return answer(process)


@pytest.mark.parametrize("phase", OF_A_RUN)
def test_a_run_that_is_interrupted_leaves_nothing(phase: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    said = come_to(phase, *RUN, cwd=folder)
    assert (said.code, said.out) == (130, "")
    assert said.err.endswith("\nInterrupted; no incomplete files are left.\n")
    assert "Traceback" not in said.err
    assert os.listdir(folder) == []


@pytest.mark.parametrize(("sent", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_command_that_is_asked_to_end_clears_up_as_well(sent: str, code: int, tmp_path: Path) -> None:
    said = come_to("writing", *RUN, cwd=tmp_path, sent=sent)
    assert said.code == code
    assert said.err.endswith("\nInterrupted; no incomplete files are left.\n")
    assert os.listdir(tmp_path) == []


def test_a_run_that_is_interrupted_while_it_is_drawn_keeps_its_tables(tmp_path: Path) -> None:
    assert come_to("drawing", *RUN, cwd=tmp_path).code == 130
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [
        "figures",
        "manifest.json",
        "outcomes.parquet",
        "rounds.parquet",
        "stances.parquet",
    ]
    assert half_written(tmp_path) == []


@pytest.mark.parametrize(("phase", "done"), OF_A_SWEEP.items())
def test_a_sweep_that_is_interrupted_says_what_is_done(phase: str, done: int, tmp_path: Path) -> None:
    """SMALL has 12 points of 45 replicates, and so 540 runs: one shard."""
    said = come_to(phase, "sweep", written(tmp_path, SMALL), "--out", "sweep", "--workers", 1, cwd=tmp_path)
    assert (said.code, said.out) == (130, "")
    assert "Traceback" not in said.err
    last = f"Interrupted; {done} of 540 runs are done and kept in sweep. Run the same command to resume."
    assert said.err.splitlines()[-1] == last
    assert half_written(tmp_path) == []


def test_what_duckdb_calls_an_interruption_is_one(
    willing: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a script or a notebook, where Ctrl-C is KeyboardInterrupt."""

    class Connection:
        def register(self, name: str, table: object) -> None:
            pass

        def execute(self, query: str) -> None:
            raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    monkeypatch.setattr(duckdb, "connect", lambda **settings: Connection())
    said = willing("sweep", written(tmp_path, SMALL), "--out", "sweep")
    assert said.code == 130
    assert said.err.endswith(
        "Interrupted; 540 of 540 runs are done and kept in sweep. Run the same command to resume.\n"
    )


def test_a_signal_that_was_set_to_be_ignored_stays_ignored(tmp_path: Path) -> None:
    """As Ctrl-C is for what a shell starts in the background."""
    said = come_to("writing", *RUN, cwd=tmp_path, before=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert said.code == 0, said.err
    assert (tmp_path / "one" / "manifest.json").is_file()
