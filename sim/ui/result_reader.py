"""What a run or a sweep on the shelf holds: what its manifest says, its tables, and what keeps it from more."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim import facts
from sim.errors import ResultsError, WillingError
from sim.experiment import store as sweeps
from sim.experiment.experiment import Experiment
from sim.experiment.load import shipped_experiments
from sim.experiment.open_sweep import open_sweep
from sim.experiment.store import open_summary, read_summary, summary_damaged
from sim.model.columns import personnel_column, states_column
from sim.results.checksums import read_checked
from sim.results.manifest import Manifest
from sim.results.open_run import open_run
from sim.results.outcomes import numeric_outcomes
from sim.results.run import Run
from sim.results.store import read_manifest, read_run
from sim.results.summary import spread, stance_chances
from sim.scenario.schema import Scenario
from sim.ui.result_index import ResultEntry

FIRST = 8  # columns that a table shows before others are asked for

OUTCOMES, SHARES, SPREADS = "Outcomes by replicate", "Stance shares by state", "Summary of outcomes"
POINTS, FAILED = "Summary by point", "Points that failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table, read as far as it is looked at."""

    columns: tuple[str, ...]
    first: tuple[str, ...]  # columns that are shown before others are asked for
    read: Callable[[Sequence[str] | None], pd.DataFrame]  # these columns, or all; ResultsError where it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A run or a sweep, opened as far as it can be."""

    entry: ResultEntry
    question: str
    said: Mapping[str, str]  # what its manifest says, by what it is about
    tables: Mapping[str, StoredTable]
    note: str = ""  # why its figures cannot be drawn anew
    damage: str = ""  # why a table is not there
    scenario: Scenario | None = None  # of a run, where this version can read it
    experiment: Experiment | None = None  # of a sweep, where nothing has changed since


def open_result(entry: ResultEntry) -> StoredResult:
    """Return what a run or a sweep holds; ResultsError if not even its manifest can be read."""
    if entry.trouble:
        raise ResultsError(entry.trouble)
    return _run(entry) if entry.kind == "run" else _sweep(entry)


def _run(entry: ResultEntry) -> StoredResult:
    manifest = read_manifest(entry.folder)
    run, note, damage = _read_run(entry.folder)
    question = manifest.resolved.get("question")
    known: dict[str, Any] = {
        "entry": entry,
        "question": question if isinstance(question, str) else entry.of,
        "said": _said_of_run(manifest),
    }
    if run is None:
        return StoredResult(**known, tables={}, damage=damage)
    try:
        scenario = run.scenario
    except ValueError:
        scenario = None
    return StoredResult(**known, tables=_tables(run), note=note, scenario=scenario)


def _read_run(folder: Path) -> tuple[Run | None, str, str]:
    """Return a run, why it is of the past if it is, and why it cannot be read at all if it cannot."""
    try:
        return open_run(folder, as_played=True), "", ""
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
    wanted = ("replicate", "headline", "ask", states_column(deepest), personnel_column(deepest))
    return {
        OUTCOMES: _kept(outcomes, (*wanted, "viable", "deterrence", "peace_holds")),
        SHARES: _kept(pd.concat([names, shares], axis=1).reset_index()),
        SPREADS: _kept(spreads),
    }


def _names(own: Any, codes: Sequence[str]) -> pd.Series:
    """Return what states are called: by the scenario, or in the tables of facts, or else by their codes."""
    known = {code: state.name for code, state in facts.states().items()}
    for code, state in own.items() if isinstance(own, Mapping) else ():
        if isinstance(state, Mapping) and state.get("name"):
            known[code] = str(state["name"])
    return pd.Series([known.get(code, code) for code in codes], index=pd.Index(codes, name="state"), name="name")


def _sweep(entry: ResultEntry) -> StoredResult:
    kept = sweeps.read_manifest(entry.folder)
    reference = str(kept.get("reference", ""))
    experiment, note = _experiment(entry, reference)
    tables, damage = {}, ""
    try:
        tables[POINTS] = _points(entry.folder, reference, kept)
        failed = _read_failed(entry.folder, reference)
        if failed is not None:
            tables[FAILED] = _kept(failed)
    except ResultsError as error:
        damage = str(error)
    question = kept.get("question")
    return StoredResult(
        entry=entry,
        question=question if isinstance(question, str) else entry.of,
        said=_said_of_sweep(entry, kept, reference),
        tables=tables,
        note=note,
        damage=damage,
        experiment=experiment,
    )


def _points(folder: Path, reference: str, kept: Mapping[str, Any]) -> StoredTable:
    columns = tuple(open_summary(folder, reference)[0].schema_arrow.names)
    wanted = [*_words(kept.get("factors"))[: FIRST // 2], "runs", *_words(kept.get("outcomes"))]
    first = [name for name in wanted if name in columns][:FIRST] or columns[:FIRST]
    return StoredTable(columns=columns, first=tuple(first), read=lambda some: read_summary(folder, reference, some))


def _read_failed(folder: Path, reference: str) -> pd.DataFrame | None:
    """Return the points that failed, None if none did; ResultsError if their table is missing or was changed."""
    expected = open_summary(folder, reference)[1].get(sweeps.OF_FAILED)
    path = folder / sweeps.FAILED
    if not expected:
        return None
    try:
        return pd.read_csv(io.BytesIO(read_checked(path, expected)))
    except (OSError, ValueError) as error:
        raise summary_damaged(path, error) from None


def _experiment(entry: ResultEntry, reference: str) -> tuple[Experiment | None, str]:
    """Return the experiment of a sweep, or None and why it cannot be read.

    A manifest may name any file. One outside the project is not read. Of one in the project, nothing is shown unless it
    is the experiment that was played, as the identity in the manifest says; not even what is wrong with it.
    """
    plot = shlex.join(["willing", "plot", str(entry.folder)])
    is_ours = reference in shipped_experiments()
    if not is_ours:
        results = entry.folder.parents[1].resolve()
        try:
            path = Path(reference).resolve()
        except (OSError, ValueError):
            path = Path("/")
        is_ours = path.is_relative_to(results)
        if not is_ours and not path.is_relative_to(Path().resolve()):
            return None, f"{entry.folder}: its experiment {reference!r} lies elsewhere; draw with `{plot}`"
    try:
        return open_sweep(entry.folder).plan.experiment, ""
    except WillingError as error:
        if is_ours:
            return None, str(error)
        said = str(error).partition("\n")[0] if isinstance(error, ResultsError) else f"{entry.folder}: cannot be opened"
        return None, f"{said}; `{plot}` says more"


def _kept(table: pd.DataFrame, first: Sequence[str] | None = None) -> StoredTable:
    columns = tuple(map(str, table.columns))
    shown = columns if first is None else tuple(name for name in first if name in columns)
    return StoredTable(
        columns=columns,
        first=(shown or columns)[: FIRST if first is not None else None],
        read=lambda some: table if some is None else table[list(some)],
    )


def _said_of_run(manifest: Manifest) -> dict[str, str]:
    return {
        "Scenario": str(manifest.scenario),
        "Asked for as": str(manifest.reference),
        "Settings": "\n".join(map(str, manifest.settings)) or "as the scenario stands",
        "Seed": str(manifest.seed),
        "Replicates": _count(manifest.replicates),
        "Rounds": str(manifest.rounds),
        "Engine": str(manifest.engine),
        "Started": str(manifest.started),
        "Took": f"{manifest.seconds} s",
        "Digest of the scenario": str(manifest.digest),
        "Tables of facts": str(manifest.facts),
        "Code": str(manifest.code),
        "Versions": _versions(manifest.versions),
        "Plays it anew": manifest.command,
    }


def _said_of_sweep(entry: ResultEntry, kept: Mapping[str, Any], reference: str) -> dict[str, str]:
    identity = kept["identity"]
    again = ["willing", "sweep", reference]
    if entry.replicates is not None:
        again += ["--replicates", str(entry.replicates)]
    return {
        "Experiment": entry.of,
        "Asked for as": reference,
        "Points": _count(kept.get("points")),
        "Replicates of each": _count(entry.replicates),
        "Runs": _count(kept.get("runs")),
        "Seed": str(kept.get("seed", "?")),
        "Factors": "\n".join(_words(kept.get("factors"))),
        "Outcomes": ", ".join(_words(kept.get("outcomes"))),
        "Shards": _count(kept.get("shards")),
        "Begun": entry.started.isoformat(timespec="seconds"),
        "Digest of the sweep": str(kept.get("digest", "?")),
        "Experiment's digest": str(identity.get("experiment", "?")),
        "Design": str(identity.get("design", "?")),
        "Tables of facts": str(identity.get("facts", "?")),
        "Code": str(identity.get("code", "?")),
        "Versions": _versions(kept.get("versions")),
        "Plays it anew": shlex.join(again),
    }


def _count(kept: Any) -> str:
    return f"{kept:,}" if isinstance(kept, int) else "?"


def _versions(kept: Any) -> str:
    return ", ".join(f"{name} {number}" for name, number in kept.items()) if isinstance(kept, Mapping) else "?"


def _words(kept: Any) -> list[str]:
    return [str(word) for word in kept] if isinstance(kept, list) else []
