"""Sweeps as results: simulate an experiment point by point, in memory or in a folder that can be resumed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import ModelError, ResultsError, ScenarioError
from sim.experiment.executors import executor_of
from sim.experiment.experiment import Experiment
from sim.experiment.load import load_experiment
from sim.experiment.open_sweep import open_sweep
from sim.experiment.plan import Plan, Shard, plan_of
from sim.experiment.point_summaries import summarise
from sim.experiment.runner import Progress, run
from sim.experiment.schema import LARGEST_SEED, MOST_REPLICATES
from sim.experiment.shard_store import SweepMemory
from sim.experiment.store import SweepFolder, failed_points, lock_folder, open_folder
from sim.memory import check_memory_of_shards
from sim.result import Result
from sim.scenario.suggestions import did_you_mean

if TYPE_CHECKING:
    from distributed import Client
    from matplotlib.figure import Figure

    from sim.experiment.figure_specs import Figure as FigureSpec

type OnProgress = Callable[[int, int], object]

ENGINES = ("ensemble", "agents")
UNCHANGED = Progress(runs=0, missing=0, seconds=0.0)
_ROWS = 10  # of the table in a notebook


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Sweep(Result):
    """The runs of an experiment, and their summary by point.

    Attributes
    ----------
    store : SweepFolder or SweepMemory
        The shards, in a folder or in memory, with the plan they follow.
    progress : Progress
        How many runs were simulated now, how many are missing, and the time.
    """

    store: SweepFolder | SweepMemory
    progress: Progress = UNCHANGED

    @property
    def plan(self) -> Plan:
        """The points and replicates that are simulated."""
        return self.store.plan

    @property
    def experiment(self) -> Experiment:
        """The experiment."""
        return self.plan.experiment

    @property
    def folder(self) -> Path | None:
        """The folder of the sweep; None if it is in memory."""
        return self.store.folder if isinstance(self.store, SweepFolder) else None

    @property
    def points(self) -> pd.DataFrame:
        """The points: one row per point, one column per factor."""
        return self.plan.table.copy()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The runs: one row per run, with the columns `point`, `replicate`, the factors and the outcomes."""
        return self.store.table_of_runs()

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The summary: one row per point, with the columns `point`, the factors, `runs` and the outcomes.

        An outcome that is a number has its mean (`viable`), standard deviation (`viable.sd`), percentiles
        (`viable.p05`, `.p50`, `.p95`) and the 95 % interval of the mean (`viable.low`, `viable.high`); an outcome that
        is an option has the most frequent option (`headline`) and the share of each option (`headline.troops`).
        """
        return self.store.summary_table()

    @cached_property
    def failed(self) -> pd.DataFrame:
        """The points that could not be simulated: one row per point, with its levels and the reason."""
        failed: dict[int, str] = {}
        for shard in self.plan.shards:
            failed |= self.store.require_shard(shard).failed
        return failed_points(self.plan, failed)

    @property
    def file_name(self) -> str:
        """The name of the experiment and the start of the digest."""
        return f"{self.experiment.name}-{self.plan.digest[:8]}"

    def to_frame(self) -> pd.DataFrame:
        """Return the summary: one row per point."""
        return self.summary.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return the sweep as plain values, the same that `willing sweep` prints with `--json`.

        The keys are `experiment`, `digest`, `points`, `replicates`, `runs` (simulated now), `failed` (points),
        `seconds`, `runs_per_second`, `result` (the folder, or None), and `missing` if runs are missing.
        """
        plan, progress = self.plan, self.progress
        rate = progress.runs / progress.seconds if progress.runs else 0.0
        answer = {
            "experiment": plan.experiment.name,
            "digest": plan.digest,
            "points": plan.points,
            "replicates": plan.experiment.replicates,
            "runs": progress.runs,
            "failed": 0 if progress.missing else len(self.failed),
            "seconds": round(progress.seconds, 3),
            "runs_per_second": round(rate, 1),
            "result": None if self.folder is None else str(self.folder),
        }
        return answer | ({"missing": progress.missing} if progress.missing else {})

    @property
    def figures(self) -> Mapping[str, FigureSpec]:
        """The figures that the experiment names, by file name."""
        return {str(figure.name): figure for figure in self.experiment.figures}

    def plot(self, kind: str | None = None, **options: Any) -> Figure:
        """Draw a figure.

        Parameters
        ----------
        kind : str, optional
            A figure that the experiment names (see `kinds`), by its name or kind; by default the first. With options,
            a kind of figure as an experiment file has them: ``"cliff"``, ``"heat"``, ``"phase"``, ``"multiples"``,
            ``"hysteresis"``, ``"effects"`` or ``"tornado"``; by default the one that fits.
        **options
            What an experiment file gives a figure of this kind, such as ``x``, ``y``, ``by``, ``outcome``, ``title``.

        Returns
        -------
        Figure
            A Matplotlib figure.

        Raises
        ------
        FigureError
            If there is no such figure, a factor is not varied or an outcome was not measured.

        Examples
        --------
        >>> import sim
        >>> sweep = sim.sweep("clarity-x-mandate", replicates=2)
        >>> figure = sweep.plot("phase", x="environment.clarity", y="environment.mandate", outcome="stance.DEU")
        """
        figure: Figure = import_module("sim.plots.sweeps").plot(self, kind, **options)
        return figure

    def save(self, folder: str | Path) -> Path:
        """Write the sweep into a folder: its plan, shards, table of runs and summary.

        Parameters
        ----------
        folder : str or Path
            A folder that does not exist, is empty, or holds this sweep.

        Returns
        -------
        Path
            The folder, which `sim.open_results` and the commands open.

        Raises
        ------
        ResultsError
            If the folder holds something else or cannot be written.
        """
        target = open_folder(Path(folder), self.plan)
        with lock_folder(target.folder, shared=False):
            for shard in target.verify_shards()[0]:
                target.write_shard(shard, self.store.content(shard))
            finish(target)
        return target.folder

    def save_figure(self, name: str, *, suffix: str = "png") -> Path:
        """Draw a figure that the experiment names into the sweep's folder, in place of an earlier one.

        Parameters
        ----------
        name : str
            One of `kinds`.
        suffix : str, optional
            The format: ``"png"``, ``"svg"`` or ``"pdf"``.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FigureError
            If the sweep does not hold what the figure shows.
        ResultsError
            If the sweep is not in a folder, or the folder cannot be written.
        """
        if not isinstance(self.store, SweepFolder):
            raise ResultsError(f"{self.experiment.name}: is in memory; save it into a folder first")
        figure = self.plot(name)
        return self.store.write_figure(f"{name}.{suffix}", partial(import_module("sim.plots").save, figure))

    def _repr_html_(self) -> str:
        if self.progress.missing:
            return super()._repr_html_()
        table = self.summary[[*self.points.columns, *self.experiment.outcomes]].head(_ROWS)
        return f"{super()._repr_html_()}\n{table.to_html(index=False, float_format='{:.3g}'.format)}"


def sweep(
    experiment: str | Path | Mapping[str, Any] | Experiment,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    engine: str = "ensemble",
    executor: str | Client = "threads",
    workers: int | None = None,
    folder: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> Sweep:
    """Simulate an experiment; see `sim.api.sweep`."""
    store = begin(plan_sweep(experiment, replicates=replicates, seed=seed, engine=engine), folder).store
    return simulate(store, executor=executor, workers=workers, on_progress=on_progress)


def plan_sweep(
    experiment: str | Path | Mapping[str, Any] | Experiment,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    engine: str = "ensemble",
) -> Plan:
    """Return the plan of an experiment, with its own replicates and seed if none are given.

    ModelError if the engine does not exist, or a number is out of range.
    """
    if engine not in ENGINES:
        raise ModelError(f"no engine '{engine}'{did_you_mean(engine, ENGINES)}")
    loaded = load_experiment(experiment)
    requested = dataclasses.replace(
        loaded,
        replicates=loaded.replicates if replicates is None else replicates,
        seed=loaded.seed if seed is None else seed,
    )
    if not 1 <= requested.replicates <= MOST_REPLICATES:
        raise ModelError(f"replicates {requested.replicates:,}: must be a whole number from 1 to {MOST_REPLICATES:,}")
    if not 0 <= requested.seed <= LARGEST_SEED:
        raise ModelError(f"seed {requested.seed}: must be a whole number from 0 to 2^63 - 1")
    return plan_of(requested, engine=engine)


def begin(plan: Plan, folder: str | Path | None) -> Sweep:
    """Return a sweep to `resume`, in a folder or in memory; ResultsError if the folder holds something else."""
    store = SweepMemory(plan) if folder is None else open_folder(Path(folder), plan)
    return Sweep(store=store, progress=dataclasses.replace(UNCHANGED, missing=plan.runs))


def resume(sweep: Sweep, *, workers: int | None = None, on_progress: OnProgress | None = None) -> Sweep:
    """Simulate the missing runs of a sweep with threads; return a complete sweep as it is."""
    return simulate(sweep.store, workers=workers, on_progress=on_progress) if sweep.progress.missing else sweep


def simulate(
    store: SweepFolder | SweepMemory,
    *,
    executor: str | Client = "threads",
    workers: int | None = None,
    share: tuple[int, int] | None = None,
    on_start: Callable[[Sequence[Shard], dict[Shard, str]], object] | None = None,
    on_progress: OnProgress | None = None,
    on_summary: OnProgress | None = None,
) -> Sweep:
    """Simulate the missing shards of a sweep, or one worker's share of them, and finish it unless runs are missing.

    A folder is locked meanwhile. executor and workers as in `executors.executor_of`; share, on_start and on_progress as
    in `runner.run`; on_summary as in `finish`. ModelError if the random draws would not fit into memory.
    """

    def start(todo: Sequence[Shard], damaged: dict[Shard, str]) -> None:
        _check_memory(store.plan, todo, workers or os.cpu_count() or 1)
        if on_start is not None:
            on_start(todo, damaged)

    chosen = executor_of(executor, workers)
    with lock_folder(store.folder, shared=share is not None) if isinstance(store, SweepFolder) else nullcontext():
        progress = run(store, chosen, share=share, on_start=start, on_progress=on_progress)
        return finish(store, progress, on_summary)


def collect(folder: str | Path, on_summary: OnProgress | None = None) -> Sweep:
    """Make the table of runs and the summary of a sweep whose shards are complete.

    ResultsError if a shard is missing or damaged; on_summary as in `finish`.
    """
    store = open_sweep(Path(folder))
    with lock_folder(store.folder, shared=True):
        store.remove_temp_files(alone=False)
        return finish(store, on_summary=on_summary)


def finish(
    store: SweepFolder | SweepMemory, progress: Progress = UNCHANGED, on_summary: OnProgress | None = None
) -> Sweep:
    """Make the table of runs and the summary of a sweep, unless runs are missing.

    on_summary is called with the number of shards that were summarised and in total.
    """
    if not progress.missing:
        store.collect()
        store.write_summary(summarise(store, on_summary))
    return Sweep(store=store, progress=progress)


def read_sweep(folder: str | Path) -> Sweep:
    """Return the sweep in a folder, complete or not; it is complete if it has a summary.

    ResultsError if it cannot be read, or its experiment, the facts or the code have changed since.
    """
    store = open_sweep(Path(folder))
    missing = 0 if store.summary.is_file() else sum(shard.runs for shard in store.verify_shards()[0])
    return Sweep(store=store, progress=dataclasses.replace(UNCHANGED, missing=missing))


def _check_memory(plan: Plan, todo: Sequence[Shard], workers: int) -> None:
    """Raise ModelError if the random draws of all workers together would not fit into memory."""
    experiment, rounds = plan.experiment, plan.experiment.rounds
    if rounds is None:
        with suppress(ScenarioError):  # of a point that makes no sense, which is reported when it is simulated
            rounds = experiment.scenario_at(plan.table.iloc[0]).rounds
    if todo and rounds is not None and plan.engine == "ensemble":
        check_memory_of_shards(
            experiment.name,
            replicates=max(len(shard.replicates) for shard in todo),
            rounds=rounds,
            states=len(experiment.states),
            workers=min(workers, len(todo)),
        )
