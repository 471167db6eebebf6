"""Open the folder of a sweep together with the experiment that it was made from."""

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

    The experiment is read again from its file, so that figures may have been added to it. ResultsError if it cannot be
    read, or if the experiment, the facts or the code have changed in a way that affects the runs.
    """
    manifest = read_manifest(folder)
    reference = str(manifest.get("reference", ""))
    mapping = manifest.get("experiment")
    try:
        experiment = dataclasses.replace(
            load_experiment(mapping if isinstance(mapping, dict) else reference),
            replicates=int(manifest["replicates"]),
            seed=int(manifest["seed"]),
        )
        is_redesigned = "design" in manifest
        if is_redesigned:
            experiment = experiment.redesigned(design_of(manifest["design"]))
    except (ScenarioError, KeyError, ValueError, TypeError) as error:
        raise ResultsError(
            f"{folder}: its experiment {reference} can no longer be read; run the command in the folder in which the "
            f"sweep was run\n{error}"
        ) from None
    plan = plan_of(experiment, reference, is_redesigned=is_redesigned)
    changed = differences(manifest.get("identity", {}), plan)
    if changed:
        raise ResultsError(
            f"{folder}: was made from another version of {reference} ({'; '.join(changed)}); simulate it again with "
            f"`willing sweep {reference}`"
        )
    return SweepFolder(folder=folder, plan=plan)
