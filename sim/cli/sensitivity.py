"""`willing sensitivity`: measure the effect of each factor of an experiment on an outcome."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import options
from sim.cli.output import Output

if TYPE_CHECKING:
    from sim.analysis.sensitivity import Sensitivity


@click.command(
    epilog="Example: willing sensitivity --outcome troop_states; fewer runs: willing sensitivity --method morris"
)
@click.argument("experiment", default="global-sensitivity")
@click.option(
    "--method",
    type=click.Choice(["sobol", "morris", "one-at-a-time"]),
    help="Sobol' indices, elementary effects, or one factor at a time; by default the method of the experiment's "
    "design, or else sobol.",
)
@click.option("--outcome", help="A numeric outcome of EXPERIMENT; by default the first.")
@click.option(
    "--base", type=click.IntRange(2, 10_000_000), metavar="N", help="Size of the Sobol' sample, a power of two."
)
@click.option(
    "--trajectories", type=click.IntRange(2, 10_000_000), metavar="N", help="Number of trajectories for morris."
)
@options.points_replicates
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Random seed of the runs, in place of the experiment's."
)
@options.sweep_workers
@options.out("results/sweeps")
@options.no_figures
@options.output()
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
    output: Output,
) -> None:
    """Measure how much an outcome depends on each factor of EXPERIMENT.

    EXPERIMENT is a name from `willing list experiments` or a YAML file; by default global-sensitivity, which varies the
    environment and every weight. Its factors are varied with the design that the method requires. The sweep is stored;
    the same command resumes it after an interruption, and `willing plot` and the page open it.
    """
    from sim import api
    from sim.analysis.sensitivity import find_outcome, sensitivity_plan
    from sim.cli import console
    from sim.cli.sweeping import FAILED_POINTS, draw_figures, folder_of, interruptible, simulate
    from sim.experiment.store import open_folder

    plan = sensitivity_plan(
        experiment, method=method, base=base, trajectories=trajectories, replicates=replicates, seed=seed
    )
    column = find_outcome(plan.experiment, outcome)
    folder = open_folder(folder_of(plan, out), plan)
    with interruptible(context, folder):
        sweep = simulate(folder, workers=workers)
        if not no_figures:
            draw_figures(sweep)
    result = api.sensitivity(sweep, outcome=column)
    figures = [] if no_figures else _draw(result)
    output.write_tables(result)
    if output.as_json:
        console.print_json(
            result.to_dict() | {"result": str(folder.folder), "figures": [str(path) for path in figures]}
        )
    else:
        console.show(result.view())
        click.echo(f"\nSweep: {folder.folder}")
        for path in figures:
            click.echo(f"Figure: {path}")
    if len(sweep.failed):
        context.exit(FAILED_POINTS)


def _draw(result: Sensitivity) -> list[Path]:
    """Draw the figures into the folder of the sweep and return their paths."""
    from sim.cli import console
    from sim.cli.drawing import attempt
    from sim.experiment.store import SweepFolder
    from sim.plots import save

    store = result.sweep.store
    assert isinstance(store, SweepFolder)
    drawn = []
    with console.progress("Drawing") as on_progress:
        for done, kind in enumerate(result.kinds, start=1):
            name = f"{kind}-{result.outcome}.png"
            with attempt(name):
                drawn.append(store.write_figure(name, partial(save, result.plot(kind))))
            on_progress(done, len(result.kinds))
    return drawn
