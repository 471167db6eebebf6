"""What is done with a sweep once it is played: one table, a summary by point, the figures, and what to say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.tables import TableFiles
    from sim.experiment.plan import Plan, Shard
    from sim.experiment.runner import Progress
    from sim.experiment.store import SweepFolder

SWEEPS = Path("results") / "sweeps"
_REASONS = 3  # of failed points, that are told on the screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A sweep as the command leaves it."""

    sweep: SweepFolder
    came: Progress
    seconds: float
    failed: dict[int, str]  # points that could not be played, and why
    figures: list[Path]


def folder_of(plan: Plan, out: Path | None) -> Path:
    """Return where a sweep is kept: the folder that was asked for, or one in results/sweeps."""
    if out is None:
        return SWEEPS / f"{plan.experiment.name}-{plan.digest[:8]}"
    return out if out.name not in ("", "..") else out.resolve()  # what lies beside it is named after it


@contextmanager
def told(
    sweep: SweepFolder, workers: int
) -> Iterator[Callable[[Sequence[Shard], dict[Shard, str]], Callable[[int], object]]]:
    """Give a function that says what is about to be played, and hands out one that is told how far it has come."""
    from contextlib import ExitStack

    from sim.cli.progress import progress

    with ExitStack() as stack:

        def begin(todo: Sequence[Shard], damaged: dict[Shard, str]) -> Callable[[int], object]:
            _check_memory(sweep.plan, todo, workers)
            for shard, why in damaged.items():
                click.echo(f"{sweep.path(shard)}: {why}; it is played anew", err=True)
            runs = sum(shard.runs for shard in todo)
            _say_size(sweep, runs, workers)
            return stack.enter_context(progress(f"Playing {sweep.plan.experiment.name}", runs, unit="runs"))

        yield begin


def play_through(sweep: SweepFolder, workers: int, *, no_figures: bool = False) -> Finished:
    """Play what is missing of a sweep by so many threads, and make its table, summary and figures."""
    from sim.compile_time import clock
    from sim.experiment.executors import threads
    from sim.experiment.runner import run
    from sim.experiment.store import lock_folder

    began = clock()
    with lock_folder(sweep.folder, shared=False):
        with told(sweep, workers) as begin:
            came = run(sweep, threads(workers), begin=begin)
        return finish(sweep, came, clock() - began, no_figures=no_figures)


@contextmanager
def interruptible(context: click.Context, sweep: SweepFolder) -> Iterator[None]:
    """Let an interruption end the command, and report which part of the sweep is done and kept."""
    from sim.cli.interruption import on_interruption

    def words() -> str:
        plan = sweep.plan
        left = sum(shard.runs for shard in sweep.verify_shards()[0])
        return (
            f"Interrupted; {plan.runs - left:,} of {plan.runs:,} runs are done and kept in {sweep.folder}. "
            "Run the same command to resume."
        )

    with on_interruption(words):
        try:
            yield
        except KeyboardInterrupt:
            click.echo(f"\n{words()}", err=True)
            context.exit(130)


def write_tables(sweep: SweepFolder, tables: TableFiles) -> None:
    """Write the table of runs as CSV and the tables of points and runs as a workbook, where that is wanted."""
    import dataclasses

    from sim.report.sheets import of_sweep

    if tables.csv is not None:  # shard by shard, as it may be large
        sweep.write_csv(tables.csv)
        click.echo(f"Table: {tables.csv}", err=True)
    dataclasses.replace(tables, csv=None).write(lambda: of_sweep(sweep))


def finish(sweep: SweepFolder, came: Progress, seconds: float, *, no_figures: bool = False) -> Finished:
    """Make one table, the summary and the figures if no shard is missing."""
    failed: dict[int, str] = {}
    figures: list[Path] = []
    if not came.missing:
        failed = sweep.collect()
        summary = summary_of(sweep)
        figures = [] if no_figures else draw_figures(sweep, summary)
    return Finished(sweep=sweep, came=came, seconds=seconds, failed=failed, figures=figures)


def summary_of(sweep: SweepFolder) -> pd.DataFrame:
    """Return the summary by point, and keep it beside the table of runs."""
    from sim.analysis.point_summaries import summarise
    from sim.cli.progress import progress

    with progress("Summing up", len(sweep.plan.shards)) as on_progress:
        summary = summarise(sweep, on_progress)
    sweep.keep_summary(summary)
    return summary


def draw_figures(sweep: SweepFolder, summary: pd.DataFrame) -> list[Path]:
    """Draw the figures that the experiment asks for; one that cannot be drawn is told and left out."""
    from functools import partial

    from sim.cli.drawing import attempt
    from sim.cli.progress import progress
    from sim.errors import FigureError
    from sim.plots import save
    from sim.plots.sweeps import draw

    experiment = sweep.plan.experiment
    drawn = []
    with progress("Drawing", len(experiment.figures)) as on_progress:
        for figure in experiment.figures:
            name = f"{figure.name}.png"
            with attempt(name):
                try:
                    drawn.append(sweep.keep_figure(name, partial(save, draw(figure, experiment, summary))))
                except FigureError as error:  # the sweep does not hold what it would show
                    click.echo(f"{name}: {error}", err=True)
            on_progress(1)
    return drawn


def print_finished(finished: Finished, *, as_json: bool) -> None:
    """Print what came of a sweep."""
    import json

    plan, came, folder = finished.sweep.plan, finished.came, finished.sweep.folder
    rate = came.played / finished.seconds if came.played else 0.0
    for point, why in list(finished.failed.items())[:_REASONS]:
        levels = ", ".join(f"{name} {level}" for name, level in plan.table.iloc[point].items())
        click.echo(f"Point {point} ({levels}) could not be played: {why}", err=True)
    if finished.failed:
        click.echo(f"{len(finished.failed):,} of {plan.points:,} points failed: {folder / 'failed.csv'}", err=True)
    if as_json:
        answer = {
            "experiment": plan.experiment.name,
            "digest": plan.digest,
            "points": plan.points,
            "replicates": plan.experiment.replicates,
            "runs": came.played,
            "failed": len(finished.failed),
            "seconds": round(finished.seconds, 3),
            "runs_per_second": round(rate, 1),
            "result": str(folder),
        }
        if came.missing:
            answer["missing"] = came.missing
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    if came.missing:
        click.echo(f"{came.played:,} runs played; {came.missing:,} of {plan.runs:,} are still missing in {folder}.")
        click.echo(f"When all shares are done: willing collect {folder}")
        return
    click.echo(click.style(plan.experiment.question, bold=True))
    if came.played:
        click.echo(
            f"{plan.points:,} points, {plan.experiment.replicates:,} replicates each; {came.played:,} runs played in "
            f"{finished.seconds:.1f} s ({rate:,.0f} a second)"
        )
    else:
        click.echo(f"Already played: {plan.points:,} points, {plan.experiment.replicates:,} replicates each")
    click.echo("")
    for path in (finished.sweep.runs, finished.sweep.summary, *finished.figures):
        click.echo(str(path))


def _check_memory(plan: Plan, todo: Sequence[Shard], workers: int) -> None:
    """Raise ModelError if the workers together would draw more than fits into memory."""
    from contextlib import suppress

    from sim.errors import ScenarioError
    from sim.memory import check_memory_of_shards

    experiment, rounds = plan.experiment, plan.experiment.rounds
    if rounds is None:
        with suppress(ScenarioError):  # a point that makes no sense, which is told when it is played
            rounds = experiment.scenario_at(plan.table.iloc[0]).rounds
    if todo and rounds is not None and plan.engine == "ensemble":
        check_memory_of_shards(
            experiment.name,
            replicates=max(len(shard.replicates) for shard in todo),
            rounds=rounds,
            states=len(experiment.states),
            workers=min(workers, len(todo)),
        )


def _say_size(sweep: SweepFolder, runs: int, workers: int) -> None:
    """Say how much is going to be played and about how long it takes, if it is more than a moment."""
    from sim import compile_time
    from sim.cli.progress import say_compiled
    from sim.experiment.runner import seconds_a_run

    if not runs:
        return
    plan = sweep.plan
    left = "" if runs == plan.runs else f", of which {runs:,} are left"
    size = f"{plan.points:,} points x {plan.experiment.replicates:,} replicates = {plan.runs:,} runs{left}"
    compiled_before = compile_time.seconds()
    each = seconds_a_run(plan)
    say_compiled(compile_time.seconds() - compiled_before)
    guess = runs * each / workers if each is not None else 0.0
    click.echo(f"{size}; about {_duration(guess)}" if guess >= 2.0 else size, err=True)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
