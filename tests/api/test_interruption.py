"""Ctrl-C in a notebook or a script ends `sim.run` with KeyboardInterrupt, and no thread or process remains."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import hears_signals

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a terminal are those of Unix")

SCRIPT = """
import multiprocessing, sys, threading
import sim, sim.memory

if __name__ == "__main__":
    sim.memory.free_memory = lambda: None
    threads = threading.active_count()
    options = {"replicates": 200_000, "workers": 2, "engine": sys.argv[1], "folder": "saved"}
    try:
        sim.run("base", on_progress=lambda done, total: print("progress", flush=True), **options)
    except KeyboardInterrupt:
        remaining = threading.active_count() - threads + len(multiprocessing.active_children())
        print("interrupted;", remaining, "remain;", len(sim.run("base", replicates=2, rounds=2).outcomes), "rows")
"""


def to_the_process(process: subprocess.Popen[str]) -> None:
    """As a notebook server interrupts its kernel."""
    process.send_signal(signal.SIGINT)


def to_the_group(process: subprocess.Popen[str]) -> None:
    """As a terminal interrupts a script and its child processes."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("press", [to_the_process, to_the_group])
@pytest.mark.parametrize("engine", ["ensemble", "agents"])
def test_a_run_is_interrupted_at_once_and_leaves_nothing(
    tmp_path: Path, engine: str, press: Callable[[subprocess.Popen[str]], None]
) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "script.py", engine],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
        preexec_fn=hears_signals,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "progress\n"
        press(process)
        out, err = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 0, err
    assert out.splitlines()[-1] == "interrupted; 0 remain; 2 rows"
    assert "Traceback" not in err
    assert os.listdir(tmp_path) == ["script.py"]
