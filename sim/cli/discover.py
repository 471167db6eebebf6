"""`willing discover`: find the ranges of factors in which a condition holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import options
from sim.cli.output import Output

if TYPE_CHECKING:
    from sim.analysis.discover import Discovery
    from sim.experiment.store import SweepFolder

DISCOVERIES = Path("results") / "discover"


@click.command(
    epilog="Example: willing discover no-viable-force --when 'viable < 0.5'. With a finished sweep: "
    "willing discover results/sweeps/no-viable-force-1a2b3c4d --when 'troop_states >= 10' --boxes 2. "
    "Exit code 3: complete, but for points that could not be simulated."
)
@click.argument("experiment", default="no-viable-force", metavar="[EXPERIMENT]")
@click.option(
    "--when",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    default=("viable < 0.5",),
    show_default="'viable < 0.5'",
    help="Condition, such as 'troop_states >= 10', in quotes; of several, all have to hold.",
)
@click.option(
    "--boxes",
    type=click.IntRange(1, 5),
    default=1,
    show_default=True,
    help="Largest number of boxes; each further one is searched for among the points outside the earlier ones.",
)
@click.option(
    "--density",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="Select the box with the highest coverage that has at least this density; by default the box closest to one "
    "that contains all cases and nothing else.",
)
@options.points_replicates
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Random seed of the runs and of the division of the points into halves, by default the experiment's; for a "
    "finished sweep only that of the division.",
)
@options.sweep_workers
@options.out("results/discover")
@options.no_figures
@options.output()
@click.pass_context
def discover(
    context: click.Context,
    experiment: str,
    conditions: tuple[str, ...],
    boxes: int,
    density: float | None,
    replicates: int | None,
    seed: int | None,
    workers: int | None,
    out: Path | None,
    no_figures: bool,
    output: Output,
) -> None:
    """Find the ranges of factors in which a condition holds: scenario discovery with PRIM.

    EXPERIMENT is a name from `willing list experiments`, a YAML file, or the folder of a sweep; by default
    no-viable-force. Missing points are simulated first and stored as a sweep. The limits are found on one half of the
    points and tested on the other half.
    """
    from sim import api
    from sim.analysis.discover import ANSWER, LIMITS, TRAJECTORY
    from sim.analysis.outcome_condition import read_condition
    from sim.analysis.prim import prim
    from sim.cli import console
    from sim.cli.sweeping import FAILED_POINTS, draw_figures, interruptible, simulate
    from sim.experiment.sweep import Sweep
    from sim.results.files import check_free, check_writable

    store = _open(experiment, replicates, seed, workers)
    for text in conditions:
        read_condition(text, store.plan.experiment)
    prim()  # raises ModelError before anything is simulated
    if out is not None:
        figures = [f"box-{number}.png" for number in range(1, boxes + 1)]
        check_free([out / name for name in (ANSWER, LIMITS, TRAJECTORY, *figures)])
    else:
        check_writable(DISCOVERIES / ANSWER, shown=DISCOVERIES)
    with interruptible(context, store):
        is_new = not store.summary.is_file()
        sweep = simulate(store, workers=workers) if is_new else Sweep(store=store)
        if is_new and not no_figures:
            draw_figures(sweep)
        with console.progress("Searching", "boxes") as on_progress:
            result = api.discover(sweep, conditions, boxes=boxes, density=density, seed=seed, on_progress=on_progress)
    folder = result.save(out or DISCOVERIES / result.file_name, overwrite=out is None)
    if not no_figures:
        _draw(result, folder, overwrite=out is None)
    output.write_tables(result)
    if output.as_json:
        console.print_json(result.to_dict_in(folder))
    else:
        console.show(result.view())
        click.echo(f"\nTables and figures: {folder}\nSweep: {store.folder}")
    if (sweep.summary["runs"] == 0).any():
        context.exit(FAILED_POINTS)


def _open(reference: str, replicates: int | None, seed: int | None, workers: int | None) -> SweepFolder:
    """Return the sweep in a folder, or the one of an experiment in results/sweeps, created if it is missing."""
    from sim.cli.sweeping import folder_of
    from sim.experiment import shipped_experiments
    from sim.experiment.open_sweep import open_sweep
    from sim.experiment.store import open_folder
    from sim.experiment.sweep import plan_sweep

    if reference not in shipped_experiments() and Path(reference).is_dir():
        given = [name for name, value in (("--replicates", replicates), ("--workers", workers)) if value is not None]
        if given:
            raise click.UsageError(f"{' and '.join(given)}: {reference} is a sweep and is used as it was simulated")
        return open_sweep(Path(reference))
    plan = plan_sweep(reference, replicates=replicates, seed=seed)
    return open_folder(folder_of(plan, None), plan)


def _draw(result: Discovery, folder: Path, *, overwrite: bool) -> None:
    """Draw a figure of each box into a folder."""
    from sim.cli.drawing import attempt
    from sim.plots import save
    from sim.results.files import write_files

    for kind in result.kinds:
        name = f"{kind}.png"

        def write(aside: Path, kind: str = kind, name: str = name) -> None:
            save(result.plot(kind), aside / name)

        with attempt(name):
            write_files(folder, [name], write, overwrite=overwrite)
