"""The notebooks of the documentation run from top to bottom."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import sim
from tests.pages import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_writes_nothing(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = dict(sim.CONSIDERATIONS)
    try:
        runpy.run_path(str(notebook))
    finally:
        sim.CONSIDERATIONS.clear()
        sim.CONSIDERATIONS.update(before)
    assert list(tmp_path.iterdir()) == []
