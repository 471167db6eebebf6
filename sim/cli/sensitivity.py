"""`willing sensitivity`: how much hangs on each number that is varied, and whether that is known well enough."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import no_figures_option
from sim.cli.suffixes import FolderPath
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.convergence import Convergence
    from sim.experiment import Experiment
    from sim.experiment.sweep import Sweep

METHODS = {"sobol": "saltelli", "morris": "morris", "one-at-a-time": "one_at_a_time"}
BASE, TRAJECTORIES = 512, 40  # of a sample, where neither the command nor the experiment says
_REASONS = 3  # of failed points, that are told


@click.command(
    epilog="Example: willing sensitivity --outcome troop_states, and cheaper: willing sensitivity --method morris"
)
@click.argument("experiment", default="global-sensitivity")
@click.option(
    "--method",
    type=click.Choice(list(METHODS)),
    help="Sobol' indices, elementary effects, or one factor at a time; by default what the experiment's design allows, "
    "or else sobol.",
)
@click.option("--outcome", help="What is to be explained, of what EXPERIMENT measures; by default the first number.")
@click.option(
    "--base", type=click.IntRange(2, 10_000_000), metavar="N", help="Size of the Sobol' sample, a power of two."
)
@click.option(
    "--trajectories", type=click.IntRange(2, 10_000_000), metavar="N", help="Trajectories of elementary effects."
)
@click.option("--replicates", type=click.IntRange(1, 2**32), help="Runs a point, in place of the experiment's.")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Where the luck of the runs starts from, not the experiment's."
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Threads; by default one a processor.")
@click.option("--out", type=FolderPath(), help="Folder for the results; by default one in results/sweeps.")
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@click.pass_context
def sensitivity(
    context: click.Context,
    experiment: str,
    method: str | None,
    outcome: str | None,
    base: int | None,
    trajectories: int | None,
    replicates: int | None,
    seed: int | None,
    workers: int | None,
    out: Path | None,
    no_figures: bool,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Play EXPERIMENT and say how much of an outcome hangs on each of its factors.

    EXPERIMENT is a name from `willing list experiments` or a YAML file; by default global-sensitivity, which varies the
    environment and every weight. Its factors are played by the design that the method needs. The sweep is kept, goes on
    where it was interrupted, and is opened by `willing plot` and on the page.
    """

    from sim.cli.sweeping import FAILED_POINTS, draw_figures, folder_of, interruptible, simulate
    from sim.experiment import load_experiment
    from sim.experiment.plan import plan_of
    from sim.experiment.store import open_folder
    from sim.report.sheets import of_sensitivity
    from sim.scenario import shipped

    if experiment in shipped():
        raise click.UsageError(
            f"{experiment} is a scenario; sensitivity takes an experiment, which says what is varied and how far, such "
            f"as global-sensitivity: copy that file and set scenario: {experiment}"
        )
    file = load_experiment(experiment)
    asked = _designed(file, method, base, trajectories)
    if replicates is not None:
        asked = dataclasses.replace(asked, replicates=replicates)
    if seed is not None:
        asked = dataclasses.replace(asked, seed=seed)
    column = _outcome(asked, outcome)
    plan = plan_of(asked, experiment, is_redesigned=asked.design != file.design)
    folder = open_folder(folder_of(plan, out), plan)
    with interruptible(context, folder):
        finished = simulate(folder, workers=workers)
        if not no_figures:
            draw_figures(finished)
    summary = _summary(finished)
    table = _table(finished, summary, column)
    found = _convergence(asked, summary, column)
    figures = [] if no_figures else _figures(finished, summary, column, table, found)
    tables.write(lambda: of_sensitivity(table, found))
    if as_json:
        _print_json(finished, column, table, found, summary, figures)
    else:
        _print(finished, column, table, found, summary, figures)
    if len(finished.failed):
        context.exit(FAILED_POINTS)


def _designed(file: Experiment, method: str | None, base: int | None, trajectories: int | None) -> Experiment:
    """Return the experiment by the design of the method, as it is if that is its own."""
    from sim.experiment.design import count_points, design_errors, name_of
    from sim.experiment.schema import MOST_POINTS, DesignSchema, Morris, OneAtATime, Saltelli

    own = name_of(file.design)
    wanted = METHODS[method] if method is not None else own if own in METHODS.values() else "saltelli"
    if base is not None and wanted != "saltelli":
        raise click.UsageError("--base goes with --method sobol")
    if trajectories is not None and wanted != "morris":
        raise click.UsageError("--trajectories goes with --method morris")
    if wanted == own and base is None and trajectories is None:
        return file
    design: Saltelli | Morris | OneAtATime
    if wanted == "saltelli":
        kept = file.design if isinstance(file.design, Saltelli) else Saltelli(base=BASE)
        design = kept.model_copy(update={"base": base or kept.base})
    elif wanted == "morris":
        drawn = file.design if isinstance(file.design, Morris) else Morris(trajectories=TRAJECTORIES)
        design = drawn.model_copy(update={"trajectories": trajectories or drawn.trajectories})
    else:
        design = OneAtATime()
    for _, why in design_errors(DesignSchema.model_validate({wanted: design.model_dump()}), ()):
        raise click.UsageError(f"--base: {why}")
    points = count_points(design, file.factors)
    if points > MOST_POINTS:
        raise click.UsageError(f"{points:,} points; at most {MOST_POINTS:,} can be played; ask for less")
    return file.redesigned(design)


def _outcome(asked: Experiment, outcome: str | None) -> str:
    from sim.scenario.suggestions import did_you_mean

    numbers = [name for name in asked.outcomes if not asked.is_word(name)]
    if not numbers:
        raise click.UsageError(f"{asked.name} measures no number; add one to its outcomes, such as viable")
    if outcome is None:
        return numbers[0]
    if outcome not in numbers:
        hint = did_you_mean(outcome, numbers)
        known = hint if "known here" in hint else f"{hint}; measured are {', '.join(numbers)}"
        raise click.UsageError(f"--outcome {outcome}: is no number that {asked.name} measures{known}")
    return outcome


def _summary(finished: Sweep) -> pd.DataFrame:
    return finished.summary


def _table(finished: Sweep, summary: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a row a factor, from the one that moves the outcome most."""
    from functools import partial

    from sim.analysis.sensitivity import morris_effects, saltelli_indices, swing_reaches, swings
    from sim.experiment.point_summaries import replicates_at
    from sim.experiment.schema import Morris, Saltelli
    from sim.report.sensitivity import rank

    asked = finished.plan.experiment
    match asked.design:
        case Saltelli():
            table = saltelli_indices(asked, summary, column)
        case Morris():
            table = morris_effects(asked, summary, column)
        case _:
            table = swings(asked, summary, column)
            table["swing.reach"] = swing_reaches(table, partial(replicates_at, finished.store, outcome=column))
            table = table.drop(columns=["low.point", "high.point"])
    return table.sort_values(rank(asked), ascending=False, kind="stable", na_position="last")


def _convergence(asked: Experiment, summary: pd.DataFrame, column: str) -> Convergence | None:
    from sim.analysis.convergence import convergence
    from sim.experiment.schema import OneAtATime

    return None if isinstance(asked.design, OneAtATime) else convergence(asked, summary, column)


def _figures(
    finished: Sweep, summary: pd.DataFrame, column: str, table: pd.DataFrame, found: Convergence | None
) -> list[Path]:
    """Draw the figures of the outcome into the sweep's folder."""
    from functools import partial

    from sim.cli.drawing import attempt
    from sim.cli.progress import progress
    from sim.experiment.schema import Morris
    from sim.experiment.store import SweepFolder
    from sim.plots import save
    from sim.plots.sweeps import sweep_view
    from sim.plots.sweeps.convergence import alone_or_together, converging
    from sim.plots.sweeps.tornado import tornado

    experiment, store = finished.plan.experiment, finished.store
    assert isinstance(store, SweepFolder)
    sweep = sweep_view(experiment, summary)
    wanted = {"sensitivity": partial(tornado, sweep, outcome=column)}
    if found is not None:
        wanted["convergence"] = partial(converging, sweep, column, found)
    if isinstance(experiment.design, Morris):
        wanted["effects"] = partial(alone_or_together, sweep, column, table)
    drawn = []
    with progress("Drawing", len(wanted)) as on_progress:
        for name, draw in wanted.items():
            with attempt(f"{name}-{column}.png"):
                drawn.append(store.write_figure(f"{name}-{column}.png", partial(save, draw())))
            on_progress(1)
    return drawn


def _print(
    finished: Sweep,
    column: str,
    table: pd.DataFrame,
    found: Convergence | None,
    summary: pd.DataFrame,
    figures: list[Path],
) -> None:
    from sim.analysis.convergence import noise_share
    from sim.cli.printing import paragraph
    from sim.plots.sweeps import sweep_view
    from sim.report.sensitivity import convergence_clause, rows_of, what_matters
    from sim.text.numbers import percent

    plan = finished.plan
    experiment = plan.experiment
    sweep = sweep_view(experiment, summary)
    click.echo(click.style(click.wrap_text(what_matters(sweep, column, table), 100), bold=True))
    paragraph("From", f"{experiment.name}, {plan.points:,} points, {experiment.replicates:,} replicates each")
    click.echo()
    _print_table(*rows_of(sweep, column, table))
    click.echo()
    if found is not None:
        paragraph("Settled", convergence_clause(found, experiment))
    noise = noise_share(summary, column)
    if found is not None and noise == noise:
        paragraph(
            "Luck",
            f"at most {percent(noise)} of the variance between points is luck of the replicates, which looks like "
            "interaction of everything with everything; more --replicates make it less",
        )
    failed = finished.failed.head(_REASONS)
    for point, why in zip(failed["point"], failed["reason"], strict=True):
        paragraph("Failed", f"point {point}: {why}")
    click.echo(f"\nSweep: {finished.folder}")
    for path in figures:
        click.echo(f"Figure: {path}")


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table

    shown = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        shown.add_column(head, justify="right" if place else "left", no_wrap=True)
    for cells in rows:
        shown.add_row(*cells)
    print_table(shown)


def _print_json(
    finished: Sweep,
    column: str,
    table: pd.DataFrame,
    found: Convergence | None,
    summary: pd.DataFrame,
    figures: list[Path],
) -> None:
    import json

    from sim.analysis.convergence import noise_share
    from sim.experiment.design import name_of

    plan = finished.plan
    noise = noise_share(summary, column)
    answer: dict[str, Any] = {
        "experiment": plan.experiment.name,
        "method": next(method for method, design in METHODS.items() if design == name_of(plan.experiment.design)),
        "outcome": column,
        "points": plan.points,
        "replicates": plan.experiment.replicates,
        "factors": [
            {"factor": str(factor)} | {name: _known(value) for name, value in row.items()}
            for factor, row in table.to_dict("index").items()
        ],
        "luck_at_most": _known(noise),
        "settled": None if found is None else found.converged,
        "convergence": None
        if found is None
        else {
            str(size): {str(factor): _known(value) for factor, value in found.index[size].items()}
            for size in found.index.columns
        },
        "failed": len(finished.failed),
        "result": str(finished.folder),
        "figures": [str(path) for path in figures],
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _known(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return None if number != number else number
