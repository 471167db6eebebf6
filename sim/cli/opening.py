"""Opening a run from the command line, and saying how to come by one where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.playing import RUNS

if TYPE_CHECKING:
    from sim.results.store import StoredRun


def open_result(reference: str, *, as_played: bool) -> StoredRun:
    """Return the run in a folder; ResultsError says what to do where there is none, or a scenario was named."""
    from sim.errors import ResultsError
    from sim.results.open_run import open_run
    from sim.results.store import MANIFEST
    from sim.scenario import shipped

    folder = Path(reference)
    if folder.is_dir() and (folder / MANIFEST).exists():
        return open_run(folder, as_played=as_played)
    check_is_folder(reference)
    name = reference if reference in shipped() or folder.is_file() else "SCENARIO"
    raise ResultsError(f"{reference}: no run there; `willing run {name}` makes one{_runs_of(folder.stem)}")


def check_is_folder(reference: str) -> None:
    """Raise ResultsError for a file that is no scenario, where the folder of a run is wanted."""
    from sim.errors import ResultsError

    path = Path(reference)
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        raise ResultsError(f"{reference}: is a file; name the folder of a run, which `willing run` makes")


def _runs_of(scenario: str) -> str:
    """Return which runs of a scenario lie where runs are kept, the newest first."""
    found = [path for path in RUNS.glob("*-????????") if path.name[:-9] == scenario]
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)[:3]
    return f", or name one that is there: {', '.join(map(str, newest))}" if newest else ""
