"""What the tests share: a question to play with, and the door to knock at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from sim.model.play import play
from sim.model.setup import prepare
from sim.results.tables import RunTables, tabulate
from sim.scenario import Scenario, load_scenario

hypothesis.settings.register_profile("willing", deadline=None, max_examples=20)
hypothesis.settings.load_profile("willing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command line came to."""

    code: int
    out: str
    err: str


@cache
def played(name: str) -> RunTables:
    """Return the tables of `willing run NAME`: 400 replicates under seed 0."""
    setup = prepare(load_scenario(name))
    return tabulate(setup, play(setup, seed=0, replicates=range(400)))


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
