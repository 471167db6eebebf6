"""Compiling is announced once, and no rate or estimate counts it."""

from __future__ import annotations

import pytest

from sim import compile_time
from sim.cli import progress


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in a list of one, to be set by the test."""
    time = [100.0]
    monkeypatch.setattr("sim.compile_time.time.monotonic", lambda: time[0])
    monkeypatch.setattr(compile_time, "_seconds", 0.0)
    monkeypatch.setattr(progress, "_said", [])
    monkeypatch.setattr(progress, "_WORTH_A_WORD", 0.5)
    return time


def test_the_clock_stops_during_compilation(now: list[float]) -> None:
    """By hand: of 100 to 190, the 70 from 110 to 180 are compiling, by a function that needs another one."""
    before = compile_time.clock()
    for moment, step in ((110, compile_time.begin), (120, compile_time.begin), (150, compile_time.end)):
        now[0] = moment
        step()
    assert compile_time.clock() - before == 10.0
    now[0] = 180
    compile_time.end()
    now[0] = 190
    assert compile_time.seconds() == 70.0
    assert compile_time.clock() - before == 20.0


def test_compilation_is_reported_with_its_time_and_left_out_of_estimates(
    now: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """By hand: two steps in 70 seconds, of which 60 are compiling, so that eight more take 40 seconds."""
    with progress.progress("Playing base", 10) as on_progress:
        for _ in range(2):
            compile_time.begin()
            now[0] += 30
            compile_time.end()
        now[0] += 10
        on_progress(2)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "Compiling the rules, once after installation or a change of the code; about half a minute ...",
        "Playing base: 2 of 10, about 40 s left",
        "Compiled in 60 s.",
    ]
