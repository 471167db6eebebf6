"""What the commands that simulate sweeps share: the folder, progress, an interruption, figures and the answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.cli.export_options import TableFiles
    from sim.experiment.plan import Plan, Shard
    from sim.experiment.store import SweepFolder
    from sim.experiment.sweep import Sweep

SWEEPS = Path("results") / "sweeps"
FAILED_POINTS = 3  # exit code: complete, but for points that could not be simulated
_REASONS = 3  # of failed points, on the screen


def folder_of(plan: Plan, out: Path | None) -> Path:
    """Return the folder of a sweep: the one given with --out, or one in results/sweeps."""
    if out is None:
        return SWEEPS / f"{plan.experiment.name}-{plan.digest[:8]}"
    return out if out.name not in ("", "..") else out.resolve()  # folders beside it are named after it


def simulate(
    sweep: SweepFolder,
    *,
    executor: str = "threads",
    workers: int | None = None,
    share: tuple[int, int] | None = None,
) -> Sweep:
    """Simulate the missing runs of a sweep and show progress; executor and workers as in `sim.sweep`."""
    from sim.cli import console
    from sim.experiment import sweep as sweeps

    with (
        console.progress(f"Simulating {sweep.plan.experiment.name}", "runs") as on_progress,
        console.progress("Summarising") as on_summary,
    ):
        return sweeps.simulate(
            sweep,
            executor=executor,
            workers=workers,
            share=share,
            on_start=_announcement(sweep, workers or os.cpu_count() or 1),
            on_progress=on_progress,
            on_summary=on_summary,
        )


@contextmanager
def interruptible(context: click.Context, sweep: SweepFolder) -> Iterator[None]:
    """Let an interruption end the command, and report which part of the sweep is done and kept."""
    from sim.cli.interruption import on_interruption

    def message() -> str:
        plan = sweep.plan
        missing = sum(shard.runs for shard in sweep.verify_shards()[0])
        return (
            f"Interrupted; {plan.runs - missing:,} of {plan.runs:,} runs are done and kept in {sweep.folder}. "
            "Run the same command to resume."
        )

    with on_interruption(message):
        try:
            yield
        except KeyboardInterrupt:
            click.echo(f"\n{message()}", err=True)
            context.exit(130)


def draw_figures(sweep: Sweep) -> list[Path]:
    """Draw the figures that the experiment names into the sweep's folder; name those that cannot be drawn."""
    from sim.cli.drawing import attempt
    from sim.cli.progress import progress
    from sim.errors import FigureError

    drawn = []
    with progress("Drawing", len(sweep.figures)) as advance:
        for name in sweep.figures:
            with attempt(f"{name}.png"):
                try:
                    drawn.append(sweep.save_figure(name))
                except FigureError as error:  # the sweep does not hold what the figure would show
                    click.echo(f"{name}.png: {error}", err=True)
            advance(1)
    return drawn


def write_tables(sweep: Sweep, tables: TableFiles) -> None:
    """Write the table of runs as CSV, and the tables of points and runs as a workbook, if requested."""
    import dataclasses

    from sim.experiment.store import SweepFolder
    from sim.report.registry import sheets

    if tables.csv is not None and isinstance(sweep.store, SweepFolder):  # one shard at a time, as it may be large
        sweep.store.write_csv(tables.csv)
        click.echo(f"Table: {tables.csv}", err=True)
    dataclasses.replace(tables, csv=None).write(lambda: sheets(sweep))


def answer(context: click.Context, sweep: Sweep, *, no_figures: bool, tables: TableFiles, as_json: bool) -> None:
    """Draw the figures of a sweep, write its tables, and print how it went; exit with FAILED_POINTS if points failed.

    If runs are missing, print only how many.
    """
    from sim.cli import console
    from sim.experiment.store import RUNS, SUMMARY

    is_complete = not sweep.progress.missing
    figures = draw_figures(sweep) if is_complete and not no_figures else []
    if is_complete:
        write_tables(sweep, tables)
        _print_failed(sweep)
    if as_json:
        console.print_json(sweep.to_dict())
    else:
        console.show(sweep.view())
        if is_complete:
            assert sweep.folder is not None
            click.echo("\n" + "\n".join(map(str, [sweep.folder / RUNS, sweep.folder / SUMMARY, *figures])))
        else:
            click.echo(f"When all shares are done: willing collect {sweep.folder}")
    if is_complete and len(sweep.failed):
        context.exit(FAILED_POINTS)


def _print_failed(sweep: Sweep) -> None:
    from sim.experiment.store import FAILED

    failed, factors = sweep.failed, list(sweep.points.columns)
    for row in failed.head(_REASONS).to_dict("records"):
        levels = ", ".join(f"{name} {row[name]}" for name in factors)
        click.echo(f"Point {row['point']} ({levels}) could not be simulated: {row['reason']}", err=True)
    if len(failed):
        path = FAILED if sweep.folder is None else sweep.folder / FAILED
        click.echo(f"{len(failed):,} of {sweep.plan.points:,} points failed: {path}", err=True)


def _announcement(sweep: SweepFolder, workers: int) -> Callable[[Sequence[Shard], dict[Shard, str]], None]:
    """Return a function that prints what is going to be simulated, and which shards are damaged."""

    def announce(todo: Sequence[Shard], damaged: dict[Shard, str]) -> None:
        for shard, reason in damaged.items():
            click.echo(f"{sweep.path(shard)}: {reason}; it is simulated again", err=True)
        _print_size(sweep.plan, sum(shard.runs for shard in todo), workers)

    return announce


def _print_size(plan: Plan, runs: int, workers: int) -> None:
    """Print how much is going to be simulated, and about how long it takes if that is more than a moment."""
    from sim import compile_time
    from sim.cli.progress import say_compiled
    from sim.experiment.runner import seconds_per_run

    if not runs:
        return
    left = "" if runs == plan.runs else f", of which {runs:,} are left"
    size = f"{plan.points:,} points x {plan.experiment.replicates:,} replicates = {plan.runs:,} runs{left}"
    compiled_before = compile_time.seconds()
    seconds = seconds_per_run(plan)
    say_compiled(compile_time.seconds() - compiled_before)
    estimate = runs * seconds / workers if seconds is not None else 0.0
    click.echo(f"{size}; about {_duration(estimate)}" if estimate >= 2.0 else size, err=True)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
