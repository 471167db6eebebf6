"""Stored runs and sweeps as the results view shows them: manifest, tables, and the reasons if parts are missing."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim import api, facts
from sim.errors import ResultsError, WillingError
from sim.experiment import store as sweeps
from sim.experiment.experiment import Experiment
from sim.experiment.load import shipped_experiments
from sim.experiment.open_sweep import open_sweep
from sim.experiment.store import open_summary, read_summary, summary_damaged
from sim.model.columns import personnel_column, states_column
from sim.results.checksums import read_checked
from sim.results.manifest import Manifest
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.store import read_manifest, read_run
from sim.results.summary import spread, stance_chances
from sim.scenario.schema import Scenario
from sim.ui.result_index import ResultEntry

MAX_COLUMNS = 8  # shown until others are selected

OUTCOMES, SHARES, SPREADS = "Outcomes by replicate", "Stance shares by state", "Summary of outcomes"
COMMAND = "Simulate again"  # label of the command in the manifest
POINTS, FAILED = "Summary by point", "Failed points"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table whose columns are read when they are needed."""

    columns: tuple[str, ...]
    first: tuple[str, ...]  # columns that are shown until others are selected
    read: Callable[[Sequence[str] | None], pd.DataFrame]  # reads these columns, or all; ResultsError if it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A run or a sweep, opened as far as possible."""

    entry: ResultEntry
    question: str
    manifest: Mapping[str, str]  # its manifest, by label
    tables: Mapping[str, StoredTable]
    note: str = ""  # the reason why its figures cannot be redrawn
    damage: str = ""  # the reason why a table is missing
    scenario: Scenario | None = None  # of a run, if this version can read it
    experiment: Experiment | None = None  # of a sweep, if nothing has changed since


def open_result(entry: ResultEntry) -> StoredResult:
    """Open a run or a sweep; ResultsError if its manifest cannot be read."""
    if entry.error:
        raise ResultsError(entry.error)
    return _run(entry) if entry.kind == "run" else _sweep(entry)


def _run(entry: ResultEntry) -> StoredResult:
    manifest = read_manifest(entry.folder)
    run, note, damage = _read_run(entry.folder)
    question = manifest.resolved.get("question")
    common: dict[str, Any] = {
        "entry": entry,
        "question": question if isinstance(question, str) else entry.of,
        "manifest": _manifest_of_run(manifest),
    }
    if run is None:
        return StoredResult(**common, tables={}, damage=damage)
    try:
        scenario = run.scenario
    except ValueError:
        scenario = None
    return StoredResult(**common, tables=_tables(run), note=note, scenario=scenario)


def _read_run(folder: Path) -> tuple[Run | None, str, str]:
    """Return a run, the reason why it is outdated, and the reason why it cannot be read at all."""
    try:
        run = api.open_results(folder, as_played=True)
        assert isinstance(run, Run)
        return run, "", ""
    except ResultsError as error:
        note = str(error)
    try:
        return read_run(folder), note, ""
    except ResultsError as error:
        return None, "", str(error)


def _tables(run: Run) -> dict[str, StoredTable]:
    outcomes, stances = run.tables.outcomes, run.tables.stances
    options = [str(option) for option in stances["stance"].cat.categories]  # from the lowest rung up
    deepest = options[-1]
    shares = stance_chances(stances, options)
    names = _names(run.manifest.resolved.get("states"), list(shares.index))
    units = numeric_outcomes(options)
    numbers = [name for name in outcomes.select_dtypes("number").columns if name != "replicate"]
    spreads = pd.DataFrame(
        [
            {"outcome": name, "unit": units[name].unit if name in units else ""} | spread(outcomes[name].astype(float))
            for name in numbers
        ]
    )
    first = ("replicate", "headline", "ask", states_column(deepest), personnel_column(deepest))
    return {
        OUTCOMES: _stored_table(outcomes, (*first, "viable", "deterrence", "peace_holds")),
        SHARES: _stored_table(pd.concat([names, shares], axis=1).reset_index()),
        SPREADS: _stored_table(spreads),
    }


def _names(states: Any, codes: Sequence[str]) -> pd.Series:
    """Return the names of states, from the scenario or the fact tables, or their codes."""
    names = {code: state.name for code, state in facts.states().items()}
    for code, state in states.items() if isinstance(states, Mapping) else ():
        if isinstance(state, Mapping) and state.get("name"):
            names[code] = str(state["name"])
    return pd.Series([names.get(code, code) for code in codes], index=pd.Index(codes, name="state"), name="name")


def _sweep(entry: ResultEntry) -> StoredResult:
    manifest = sweeps.read_manifest(entry.folder)
    reference = str(manifest.get("reference", ""))
    experiment, note = _experiment(entry, reference)
    tables, damage = {}, ""
    try:
        tables[POINTS] = _points(entry.folder, reference, manifest)
        failed = _read_failed(entry.folder, reference)
        if failed is not None:
            tables[FAILED] = _stored_table(failed)
    except ResultsError as error:
        damage = str(error)
    question = manifest.get("question")
    return StoredResult(
        entry=entry,
        question=question if isinstance(question, str) else entry.of,
        manifest=_manifest_of_sweep(entry, manifest, reference),
        tables=tables,
        note=note,
        damage=damage,
        experiment=experiment,
    )


def _points(folder: Path, reference: str, manifest: Mapping[str, Any]) -> StoredTable:
    columns = tuple(open_summary(folder, reference)[0].schema_arrow.names)
    candidates = [*_texts(manifest.get("factors"))[: MAX_COLUMNS // 2], "runs", *_texts(manifest.get("outcomes"))]
    first = [name for name in candidates if name in columns][:MAX_COLUMNS] or columns[:MAX_COLUMNS]
    return StoredTable(columns=columns, first=tuple(first), read=lambda names: read_summary(folder, reference, names))


def _read_failed(folder: Path, reference: str) -> pd.DataFrame | None:
    """Return the failed points, None if there are none; ResultsError if their table is missing or was changed."""
    expected = open_summary(folder, reference)[1].get(sweeps.OF_FAILED)
    path = folder / sweeps.FAILED
    if not expected:
        return None
    try:
        return pd.read_csv(io.BytesIO(read_checked(path, expected)))
    except (OSError, ValueError) as error:
        raise summary_damaged(path, error) from None


def _experiment(entry: ResultEntry, reference: str) -> tuple[Experiment | None, str]:
    """Return the experiment of a sweep, or None and the reason why it cannot be read.

    A manifest may name any file. A file outside the working folder is not read. A file in the working folder, but not
    under the results, is shown only if it is the experiment that was simulated, by the identity in the manifest; errors
    that quote it are not shown either.
    """
    plot = shlex.join(["willing", "plot", str(entry.folder)])
    is_trusted = reference in shipped_experiments()
    if not is_trusted:
        results = entry.folder.parents[1].resolve()
        try:
            path = Path(reference).resolve()
        except (OSError, ValueError):
            path = Path("/")
        is_trusted = path.is_relative_to(results)
        if not is_trusted and not path.is_relative_to(Path().resolve()):
            return None, f"{entry.folder}: experiment {reference!r} is outside the working folder; draw with `{plot}`"
    try:
        return open_sweep(entry.folder).plan.experiment, ""
    except WillingError as error:
        if is_trusted:
            return None, str(error)
        is_about_folder = isinstance(error, ResultsError)
        message = str(error).partition("\n")[0] if is_about_folder else f"{entry.folder}: cannot be opened"
        return None, f"{message}; `{plot}` reports the details"


def _stored_table(table: pd.DataFrame, first: Sequence[str] | None = None) -> StoredTable:
    columns = tuple(map(str, table.columns))
    selected = columns if first is None else tuple(name for name in first if name in columns)
    return StoredTable(
        columns=columns,
        first=(selected or columns)[: MAX_COLUMNS if first is not None else None],
        read=lambda names: table if names is None else table[list(names)],
    )


def _manifest_of_run(manifest: Manifest) -> dict[str, str]:
    return {
        "Scenario": str(manifest.scenario),
        "Reference": str(manifest.reference),
        "Settings": "\n".join(map(str, manifest.settings)) or "none",
        "Seed": str(manifest.seed),
        "Replicates": _count(manifest.replicates),
        "Rounds": str(manifest.rounds),
        "Engine": str(manifest.engine),
        "Started": str(manifest.started),
        "Duration": f"{manifest.seconds} s",
        "Scenario digest": str(manifest.digest),
        "Fact tables": str(manifest.facts),
        "Code": str(manifest.code),
        "Versions": _versions(manifest.versions),
        COMMAND: manifest.command,
    }


def _manifest_of_sweep(entry: ResultEntry, manifest: Mapping[str, Any], reference: str) -> dict[str, str]:
    identity = manifest["identity"]
    command = ["willing", "sweep", reference]
    if entry.replicates is not None:
        command += ["--replicates", str(entry.replicates)]
    return {
        "Experiment": entry.of,
        "Reference": reference,
        "Points": _count(manifest.get("points")),
        "Replicates per point": _count(entry.replicates),
        "Runs": _count(manifest.get("runs")),
        "Seed": str(manifest.get("seed", "?")),
        "Factors": "\n".join(_texts(manifest.get("factors"))),
        "Outcomes": ", ".join(_texts(manifest.get("outcomes"))),
        "Shards": _count(manifest.get("shards")),
        "Started": entry.started.isoformat(timespec="seconds"),
        "Sweep digest": str(manifest.get("digest", "?")),
        "Experiment digest": str(identity.get("experiment", "?")),
        "Design": str(identity.get("design", "?")),
        "Fact tables": str(identity.get("facts", "?")),
        "Code": str(identity.get("code", "?")),
        "Versions": _versions(manifest.get("versions")),
        COMMAND: shlex.join(command),
    }


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "?"


def _versions(value: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in value.items()) if isinstance(value, Mapping) else "?"


def _texts(value: Any) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []
