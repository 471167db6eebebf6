"""Taking a run from the shelf to read on in it: whole, played by this version, and of the scenario as it stands."""

from __future__ import annotations

from pathlib import Path

from sim import facts
from sim.errors import ResultsError, WillingError
from sim.results.comparison import check_not_a_comparison
from sim.results.manifest import Manifest, code_hash
from sim.results.store import MANIFEST, StoredRun, read_run
from sim.scenario import digest, load_scenario


def open_run(folder: Path, *, as_played: bool = False) -> StoredRun:
    """Return a run whose figures, reasons and comparisons can be made anew.

    Raises ResultsError if a part is missing or was changed, if another version of the program or of its tables of facts
    played it and, unless it shall be read as_played, if the scenario that was asked for says something else by now.
    """
    check_not_a_comparison(folder)
    run = read_run(folder)
    manifest = run.manifest
    again = f"play it anew: {manifest.command}"
    if manifest.code != code_hash():
        raise ResultsError(f"{folder}: played by another version of the program, whose numbers may differ; {again}")
    if manifest.facts != facts.data_hash():
        raise ResultsError(f"{folder}: played on other tables of facts; {again}")
    if not _is_what_was_played(run):
        raise ResultsError(f"{folder / MANIFEST}: the scenario in it is not the one that was played; {again}")
    if not as_played and _has_changed(manifest):
        raise ResultsError(
            f"{folder}: {manifest.reference} has changed since it was played; {again}, "
            "or take the scenario as it was with --as-played"
        )
    return run


def _is_what_was_played(run: StoredRun) -> bool:
    try:
        return digest(run.scenario) == run.manifest.digest
    except ValueError:  # no scenario at all
        return False


def _has_changed(manifest: Manifest) -> bool:
    """Return whether what was asked for says something else by now; a file that is gone says nothing."""
    try:
        return digest(load_scenario(manifest.reference, manifest.settings)) != manifest.digest
    except WillingError:
        return Path(manifest.reference).is_file()
