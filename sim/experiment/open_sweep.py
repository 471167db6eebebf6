"""Opening a sweep that lies on the shelf, with the experiment that it was made by."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from sim.errors import ResultsError, ScenarioError
from sim.experiment.load import load_experiment
from sim.experiment.plan import differences, plan_of
from sim.experiment.schema import design_of
from sim.experiment.store import SweepFolder, read_manifest


def open_sweep(folder: Path) -> SweepFolder:
    """Return the sweep in a folder.

    Its experiment is read anew, so that figures may have been added to it. ResultsError where it is not there any
    more, or where it, the facts or the rules have changed since in what decides the runs.
    """
    kept = read_manifest(folder)
    reference = str(kept.get("reference", ""))
    try:
        experiment = dataclasses.replace(
            load_experiment(reference), replicates=int(kept["replicates"]), seed=int(kept["seed"])
        )
        is_redesigned = "design" in kept
        if is_redesigned:
            experiment = experiment.redesigned(design_of(kept["design"]))
    except (ScenarioError, KeyError, ValueError, TypeError) as error:
        raise ResultsError(
            f"{folder}: its experiment {reference} cannot be read any more; call from the folder where it was played\n"
            f"{error}"
        ) from None
    plan = plan_of(experiment, reference, is_redesigned=is_redesigned)
    changed = differences(kept.get("identity", {}), plan)
    if changed:
        raise ResultsError(
            f"{folder}: played by another make of {reference} ({'; '.join(changed)}); play it anew with "
            f"`willing sweep {reference}`"
        )
    return SweepFolder(folder=folder, plan=plan)
