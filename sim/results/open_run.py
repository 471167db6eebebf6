"""Open a saved run: complete, simulated by this version, and of the scenario as its file is now."""

from __future__ import annotations

from pathlib import Path

from sim import facts
from sim.errors import ResultsError, WillingError
from sim.results.comparison import check_not_a_comparison
from sim.results.manifest import Manifest, code_hash
from sim.results.run import Run
from sim.results.store import MANIFEST, RUNS, read_run
from sim.scenario import digest, load_scenario, shipped


def open_run(folder: Path, *, as_played: bool = False) -> Run:
    """Return a run whose figures, reasons and comparisons can be computed again.

    Raises ResultsError if there is no run, if a part is missing or was changed, if another version of the program or of
    its tables of facts simulated it and, unless as_played, if the scenario file has changed since.
    """
    if not (folder / MANIFEST).exists():
        raise _no_run(folder)
    check_not_a_comparison(folder)
    run = read_run(folder)
    manifest = run.manifest
    again = f"simulate it again: {manifest.command}"
    if manifest.code != code_hash():
        raise ResultsError(f"{folder}: another version of the program simulated it, so numbers may differ; {again}")
    if manifest.facts != facts.data_hash():
        raise ResultsError(f"{folder}: simulated with other tables of facts; {again}")
    if not _has_its_scenario(run):
        raise ResultsError(f"{folder / MANIFEST}: the scenario in it is not the one that was simulated; {again}")
    if not as_played and _has_changed(manifest):
        raise ResultsError(
            f"{folder}: {manifest.reference} has changed since it was simulated; {again}, or use the stored scenario "
            "with --as-played"
        )
    return run


def check_is_not_a_file(path: Path) -> None:
    """Raise ResultsError for a file that is not a scenario where the folder of a run is needed."""
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        raise ResultsError(f"{path}: is a file; name the folder of a run, which `willing run` creates")


def _no_run(folder: Path) -> ResultsError:
    """Return an error that says how to get a run, and names runs of the scenario that exist."""
    try:
        check_is_not_a_file(folder)
    except ResultsError as error:
        return error
    scenario = str(folder) if str(folder) in shipped() or folder.is_file() else "SCENARIO"
    runs = [path for path in RUNS.glob("*-????????") if path.name[:-9] == folder.stem]
    newest = sorted(runs, key=lambda path: path.stat().st_mtime, reverse=True)[:3]
    existing = f", or name an existing one: {', '.join(map(str, newest))}" if newest else ""
    return ResultsError(f"{folder}: not the folder of a run; `willing run {scenario}` creates one{existing}")


def _has_its_scenario(run: Run) -> bool:
    try:
        return digest(run.scenario) == run.manifest.digest
    except ValueError:  # not a scenario
        return False


def _has_changed(manifest: Manifest) -> bool:
    """Return whether the requested scenario has changed; a file that is gone has not."""
    try:
        return digest(load_scenario(manifest.reference, manifest.settings)) != manifest.digest
    except WillingError:
        return Path(manifest.reference).is_file()
