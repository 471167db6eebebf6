"""What the tests share: a question to play with, and the door to knock at."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from sim import api
from sim.cli import progress
from sim.results.run import Run
from sim.results.tables import RunTables
from sim.scenario import Scenario, load_scenario

hypothesis.settings.register_profile("willing", deadline=None, max_examples=20)
hypothesis.settings.load_profile("willing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command line came to."""

    code: int
    out: str
    err: str


def hears_signals() -> None:
    """For preexec_fn: let a process hear Ctrl-C, which one that was started in the background would ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path, with its content."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


_shelf: list[Path] = []  # where runs lie that all processes of this test run share


@pytest.fixture(scope="session", autouse=True)
def _shared_shelf(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    base = tmp_path_factory.getbasetemp()
    _shelf[:] = [(base if worker_id == "master" else base.parent) / "shelf"]


@pytest.fixture(scope="session", autouse=True)
def _compiling_is_not_announced() -> None:
    """What a command says does not depend on whether it is the first one that needs the compiled rules."""
    progress._said.append(True)
    progress._WORTH_A_WORD = float("inf")


def played(name: str) -> RunTables:
    """Return the tables of `willing run NAME`: 400 replicates, seed 0."""
    return shipped_run(name).tables


@cache
def shipped_run(name: str) -> Run:
    """Return `willing run NAME`: 400 replicates, seed 0."""
    return api.run(name, workers=2, folder=_shelf[0] / name)


@pytest.fixture(scope="session")
def asked() -> Callable[..., Scenario]:
    """The base scenario with settings such as "rounds=6" in place of its own."""

    @cache
    def ask(*settings: str) -> Scenario:
        return load_scenario("base", settings)

    return ask


@pytest.fixture
def willing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Answer]:
    """The command line, called in this process from an empty folder."""
    from sim.cli.main import main

    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Answer(code=left.value.code, out=said.out, err=said.err)

    return call
