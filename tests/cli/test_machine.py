"""Faults of the machine: too little memory, odd files, a full or closed output, a bad setting of matplotlib."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from sim import memory
from sim.cli.drawing import NOT_DRAWN
from sim.plots import FIGURES
from sim.plots.style import as_svg
from sim.scenario import load_scenario
from tests.conftest import Answer, played

type Willing = Callable[..., Answer]

SHORT = ("run", "base", "--replicates", 3, "--rounds", 2)


def never(*arguments: object, **settings: object) -> None:
    raise AssertionError("played, although it was known that it would come to nothing")


def process(*arguments: object, cwd: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sim", *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, cwd=cwd, timeout=120, check=False, **how)


# Memory


def test_a_run_that_does_not_fit_into_memory_is_refused_with_what_would(
    willing: Willing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 38 states take 300 + 43 * 38 = 1,934 bytes a replicate and round, 400 * 10,000 of them 7.2 GiB.

    2^30 / (1,934 * 10,000) = 55.5 replicates, 2^30 / (1,934 * 400) = 1,387 rounds, two digits of which are kept.
    """
    monkeypatch.setattr(memory, "free_memory", lambda: 1 << 30)
    monkeypatch.setattr("sim.ensemble.simulate.simulate", never)
    said = willing("run", "base", "--rounds", 10_000)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "base: 400 replicates of 10,000 rounds need about 7.2 GiB of memory, but only 1.0 GiB are free; "
        "55 replicates or 1,300 rounds would fit\n"
    )


def test_a_sweep_whose_workers_do_not_fit_into_memory_together_is_refused(
    willing: Willing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 5,000 replicates of 1,000 rounds and 38 states, at 10 bytes each, are 1.77 GiB a worker.

    Shards hold 20,000 runs, so that five points make two, and a third worker would have nothing to do.
    """
    Path("wide.yaml").write_text(
        "question: Does it fit?\nabout: A sweep.\nscenario: base\nrounds: 1000\nreplicates: 5000\n"
        "vary: {environment.us_backing: {from: 0, to: 1, steps: 5}}\noutcomes: [viable]\n"
    )
    monkeypatch.setattr(memory, "free_memory", lambda: 2 * memory.GIB)
    monkeypatch.setattr("sim.experiment.executors.simulate_shard", never)
    said = willing("sweep", "wide.yaml", "--workers", 3)
    assert said.code == 2
    assert said.err == (
        "wide: 2 workers at 5,000 replicates of 1,000 rounds need about 3.5 GiB of memory, but only 2.0 GiB are free; "
        "--workers 1 would fit\n"
    )


def test_how_much_memory_is_free_follows_the_limit_of_the_process() -> None:
    free = memory.free_memory()
    assert free is None or free > 0
    code = "from sim.memory import free_memory; print(free_memory())"
    size = 1 << 30
    said = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )
    assert 0 < int(said.stdout) < size


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (MemoryError(), "Not enough memory"),
        (RuntimeError("can't start new thread"), "The system does not allow more threads"),
        (OSError(24, "Too many open files", "some.so"), "Too many open files; raise the limit"),
        (PermissionError(13, "Permission denied", "closed.csv"), "closed.csv: Permission denied"),
    ],
)
def test_what_the_machine_lacks_is_said_in_a_line(
    trouble: Exception, says: str, willing: Willing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object, **settings: object) -> None:
        raise trouble

    monkeypatch.setattr("sim.model.simulate.simulate", fails)
    said = willing(*SHORT)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(says)
    assert len(said.err.splitlines()) == 1


# Output


def test_an_answer_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        said = process("list", "parameters", cwd=tmp_path, stdout=full)
    assert said.returncode == 2
    assert said.stderr == (
        "Cannot write the output: No space left on device. "
        "Saved results are complete, and the same command prints them again.\n"
    )


def test_a_closed_output_is_told_before_anything_is_played(tmp_path: Path) -> None:
    said = process(*SHORT, "--out", "one", cwd=tmp_path, preexec_fn=lambda: os.close(1))
    assert said.returncode == 1
    assert said.stderr.startswith("Standard output is closed")
    assert os.listdir(tmp_path) == []


def test_no_file_takes_the_place_of_a_closed_stderr(tmp_path: Path) -> None:
    code = (
        "import sys, sim.__main__ as start; start._open_standard_streams(); "
        "print(open(sys.argv[1], 'w').fileno()); print('lost', file=sys.stderr, flush=True)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "table")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=lambda: os.close(2),
    )
    assert int(said.stdout) > 2
    assert (tmp_path / "table").read_text() == ""


# Files that are none


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize("odd", ["pipe", "/dev/zero"])
@pytest.mark.parametrize(
    "command",
    [
        ("run", "ODD"),
        ("check", "ODD"),
        ("sweep", "ODD"),
        ("hindcast", "--positions", "ODD"),
        ("fit", "--positions", "ODD"),
        ("fit", "--priors", "ODD"),
        ("run", "base", "--posterior", "ODD"),
    ],
    ids=" ".join,
)
def test_a_pipe_or_a_device_is_not_waited_for(command: tuple[str, ...], odd: str, pipe: Path, willing: Willing) -> None:
    said = willing(*(odd if word == "ODD" else word for word in command))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"{odd}: ")
    assert "is not an ordinary file" in said.err


@pytest.mark.parametrize("command", ["plot", "report", "collect"])
@pytest.mark.parametrize("name", ["manifest.json", "rounds.parquet"])
def test_nor_one_in_a_folder_of_results(command: str, name: str, willing: Willing) -> None:
    assert willing(*SHORT, "--out", "one").code == 0
    Path("one", name).unlink()
    os.mkfifo(Path("one", name))
    said = willing(command, "one")
    assert (said.code, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_a_table_that_is_too_large_is_not_read(willing: Willing, tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(1 << 40)  # of holes
    said = willing("fit", "--positions", "huge.csv")
    assert said.code == 2
    assert said.err.startswith("huge.csv: is 1,099,511,627,776 bytes long; at most 67,108,864 are read")


# Figures


@pytest.mark.parametrize("name", FIGURES)
def test_a_users_settings_of_matplotlib_reach_no_figure(name: str) -> None:
    tables, scenario = played("base"), load_scenario("base")

    def drawn() -> bytes:
        return as_svg(FIGURES[name](tables, scenario, seed=0))

    ordinary = drawn()
    own = {
        "text.usetex": True,
        "font.family": "serif",
        "font.size": 30,
        "axes.facecolor": "red",
        "savefig.bbox": "tight",
    }
    with matplotlib.rc_context(own | {"timezone": "Asia/Tokyo"}):
        assert drawn() == ordinary
        assert matplotlib.rcParams["font.size"] == 30  # which stays the user's


def test_a_bad_backend_and_a_matplotlibrc_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.family: Nowhere\n")
    bad = os.environ | {"MPLBACKEND": "nonsense"}
    said = process(*SHORT, "--out", "one", cwd=tmp_path, env=bad, stdout=subprocess.DEVNULL)
    assert said.returncode == 0
    assert "not drawn" not in said.stderr
    assert len(os.listdir(tmp_path / "one" / "figures")) == len(FIGURES)


def test_tables_stay_where_a_figure_cannot_be_drawn_and_the_next_run_draws_it(
    willing: Willing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object, **settings: object) -> None:
        raise RuntimeError("no fonts here")

    with monkeypatch.context() as broken:
        broken.setattr("sim.plots.run.FIGURES", {**FIGURES, "probabilities": fails})
        said = willing(*SHORT, "--out", "one")
    assert said.code == NOT_DRAWN
    assert "probabilities.png: not drawn: no fonts here" in said.err
    assert "Tables, figures and manifest: one" in said.out
    assert sorted(os.listdir("one/figures")) == sorted(f"{name}.png" for name in FIGURES if name != "probabilities")
    again = willing(*SHORT, "--out", "one")
    assert (again.code, again.out) == (0, said.out)
    assert Path("one/figures/probabilities.png").is_file()


def test_an_answer_is_given_where_its_figure_cannot_be_drawn(willing: Willing, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object, **settings: object) -> None:
        raise RuntimeError("no fonts here")

    monkeypatch.setattr("sim.plots.style._write", fails)
    said = willing("explain", "base", "POL")
    assert said.code == NOT_DRAWN
    assert "not drawn: no fonts here" in said.err
    assert "POL" in said.out
    assert "Figure:" not in said.out


@pytest.mark.parametrize(
    "command",
    [
        ("explain", "base", "POL"),
        ("pivots", "base"),
        ("stability", "base"),
        ("thresholds", "base", "--target", "viable"),
        ("hindcast",),
        ("fit",),
        ("discover",),
        ("compare", "base", "us-opposes"),
        ("run", "base"),
        ("sweep", "size-of-the-ask"),
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_cannot_be_written_is_found_before_anything_is_played(
    command: tuple[str, ...], willing: Willing, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("results").write_text("a file")
    for engine in ("sim.ensemble.simulate.run_kernel", "sim.model.simulate.simulate_one"):
        monkeypatch.setattr(engine, never)
    said = willing(*command)
    assert (said.code, said.out) == (2, ""), said.err
    assert "results is not a folder" in said.err or "Not a directory" in said.err
