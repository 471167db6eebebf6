"""Stored results for tests: one small run and one small sweep, simulated by the command line."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

import sim.plots
from sim.cli.main import main
from sim.plots import stances_by_round

OWN = "extends: base\nquestion: Would three do?\nrounds: 3\nroster:\n  states: [GBR, FRA, POL]\n"
CROSSED = """\
question: Do backing and clarity do the same?
about: >
  Two factors are crossed.
scenario: own.yaml
vary:
  environment.us_backing: {from: 0, to: 1, steps: 6}
  environment.clarity: {from: 0, to: 1, steps: 5}
replicates: 3
outcomes: [viable, headline, troop_states, personnel_troops]
figures:
  - {kind: heat, x: environment.us_backing, y: environment.clarity, outcome: viable}
"""


@cache
def _simulated() -> Path:
    folder = Path(mkdtemp(prefix="willing-results-"))
    (folder / "own.yaml").write_text(OWN, "utf-8")
    (folder / "crossed.yaml").write_text(CROSSED, "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(sim.plots.run, "FIGURES", {"stances": stances_by_round})
        for arguments in (["run", "own.yaml", "--replicates", "30"], ["sweep", "crossed.yaml"]):
            with pytest.raises(SystemExit) as left:
                main(arguments)
            assert left.value.code == 0
    return folder


def copy_results(folder: Path) -> tuple[str, str]:
    """Copy the results, their scenario and experiment into a folder; return the addresses of run and sweep."""
    shutil.copytree(_simulated(), folder, dirs_exist_ok=True)
    (run,), (sweep,) = (list((folder / "results" / kind).iterdir()) for kind in ("runs", "sweeps"))
    return f"runs/{run.name}", f"sweeps/{sweep.name}"
