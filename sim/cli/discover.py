"""`willing discover`: within which limits of what a sweep varies something is the case, and how surely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import no_figures_option
from sim.cli.suffixes import FolderPath
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.box import BoxStats
    from sim.analysis.condition import Condition
    from sim.analysis.discover import DiscoveredBox, Discovery
    from sim.experiment.store import SweepFolder

DISCOVERIES = Path("results") / "discover"
EXPERIMENT = "no-viable-force"
ANSWER, LIMITS, TRAIL = "answer.json", "limits.csv", "trajectory.csv"


@click.command(
    epilog="Example: willing discover no-viable-force --when 'viable < 0.5'; or of a sweep that is done: "
    "willing discover results/sweeps/no-viable-force-1a2b3c4d --when 'troop_states >= 10' --boxes 2. "
    "Exit code 3: done, but for points that could not be played."
)
@click.argument("experiment", default=EXPERIMENT, metavar="[EXPERIMENT]")
@click.option(
    "--when",
    "written",
    metavar="CONDITION",
    multiple=True,
    help="What is looked for, such as 'troop_states >= 10', in quotes; of several all have to hold. By default "
    "'viable < 0.5'.",
)
@click.option(
    "--boxes",
    type=click.IntRange(1, 5),
    default=1,
    show_default=True,
    help="Boxes at most; each further one among the points outside those before.",
)
@click.option(
    "--density",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="Take the box of most coverage with at least this density; by default the one nearest to all cases and "
    "nothing else.",
)
@click.option("--replicates", type=click.IntRange(1, 2**32), help="Runs a point, in place of the experiment's.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Where luck starts from, and which half of the points finds and which tests; of a sweep that is done only "
    "the latter. By default the experiment's.",
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Threads that play; by default one a processor.")
@click.option("--out", type=FolderPath(), help="Folder to write; by default one in results/discover.")
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
@click.pass_context
def discover(
    context: click.Context,
    experiment: str,
    written: tuple[str, ...],
    boxes: int,
    density: float | None,
    replicates: int | None,
    seed: int | None,
    workers: int | None,
    out: Path | None,
    no_figures: bool,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Say within which limits of what is varied a condition is met: scenario discovery, by peeling (PRIM).

    EXPERIMENT is a name from `willing list experiments`, a YAML file, or the folder of a sweep; by default
    no-viable-force. What is not played yet is played first, and kept as a sweep. Limits are found on one half of the
    points and tested on the other half.
    """
    from sim.analysis.condition import read_condition
    from sim.analysis.discover import discover as search
    from sim.analysis.prim import prim
    from sim.cli.progress import progress
    from sim.cli.sweeping import FAILED_POINTS, interruptible
    from sim.experiment.store import read_summary
    from sim.report.sheets import of_discovery
    from sim.results.files import check_free, check_writable

    sweep = _opened(experiment, replicates, seed, workers)
    conditions = [read_condition(text, sweep.plan.experiment) for text in written or ("viable < 0.5",)]
    prim()  # tells what is not installed before anything is played
    if out is not None:
        check_free([out / name for name in (ANSWER, LIMITS, TRAIL, *_figures(boxes))])
    else:
        check_writable(DISCOVERIES / ANSWER, shown=DISCOVERIES)
    with interruptible(context, sweep):
        _play(sweep, workers, no_figures=no_figures)
        summary = read_summary(sweep.folder, sweep.plan.reference)
        halves = sweep.plan.experiment.seed if seed is None else seed
        with progress("Peeling", boxes, "boxes") as on_progress:
            found = search(
                sweep.plan.experiment,
                summary,
                conditions,
                seed=halves,
                boxes=boxes,
                least_density=density,
                on_progress=on_progress,
            )
    folder = out or DISCOVERIES / _name(found, sweep, boxes, density)
    answer = _answer(found, sweep, folder)
    _keep(found, answer, folder, overwrite=out is None, no_figures=no_figures)
    tables.write(lambda: of_discovery(_limits(answer), _trail(found)))
    if as_json:
        _print_json(answer)
    else:
        _print(found, boxes, density)
        click.echo(f"\nTables and figures: {folder}\nSweep: {sweep.folder}")
    if (summary["runs"] == 0).any():
        context.exit(FAILED_POINTS)


def _opened(reference: str, replicates: int | None, seed: int | None, workers: int | None) -> SweepFolder:
    """Return the sweep in a folder, or the one that an experiment is played into, made if it is not there."""
    import dataclasses

    from sim.cli.sweeping import folder_of
    from sim.experiment import load_experiment, shipped_experiments
    from sim.experiment.open_sweep import open_sweep
    from sim.experiment.plan import plan_of
    from sim.experiment.store import open_folder

    if reference not in shipped_experiments() and Path(reference).is_dir():
        given = [name for name, value in (("--replicates", replicates), ("--workers", workers)) if value is not None]
        if given:
            raise click.UsageError(f"{' and '.join(given)}: {reference} is a sweep, and is taken as it was played")
        return open_sweep(Path(reference))
    asked = load_experiment(reference)
    if replicates is not None:
        asked = dataclasses.replace(asked, replicates=replicates)
    if seed is not None:
        asked = dataclasses.replace(asked, seed=seed)
    plan = plan_of(asked, reference)
    return open_folder(folder_of(plan, None), plan)


def _play(sweep: SweepFolder, workers: int | None, *, no_figures: bool) -> None:
    """Play what is missing of a sweep and sum it up, unless it is done."""

    from sim.cli.sweeping import draw_figures, simulate

    if not sweep.summary.is_file():
        result = simulate(sweep, workers=workers)
        if not no_figures:
            draw_figures(result)


def _name(found: Discovery, sweep: SweepFolder, boxes: int, density: float | None) -> str:
    """Return the name of a folder that says all that was asked."""
    signs = {"<": "below", "<=": "to", ">": "above", ">=": "from"}
    asked = [f"{each.outcome}-{signs[each.sign]}-{each.value:.12g}" for each in found.conditions]
    parts = ["-".join([found.experiment.name, *asked])[:150]]
    parts += [f"{boxes}boxes"] if boxes > 1 else []
    parts += [f"density{density:g}"] if density is not None else []
    return "-".join([*parts, f"seed{found.seed}", sweep.plan.digest[:8]])


def _figures(boxes: int) -> list[str]:
    return [f"box-{number}.png" for number in range(1, boxes + 1)]


def _limits(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row a limit of each box."""
    return [{"box": number, **limit} for number, box in enumerate(answer["boxes"], 1) for limit in box["limits"]]


def _trail(found: Discovery) -> list[dict[str, Any]]:
    """Return a row a box on the way to each box."""
    return [
        {"box": number, "step": step, **_tally(each)}
        for number, one in enumerate(found.boxes, 1)
        for step, each in enumerate(one.trail)
    ]


def _keep(found: Discovery, answer: dict[str, Any], folder: Path, *, overwrite: bool, no_figures: bool) -> None:
    """Write the answer, its tables and a figure for each box."""
    import json

    import pandas as pd

    from sim.cli.drawing import attempt
    from sim.plots import save
    from sim.plots.discovery import discovered_box
    from sim.results.files import as_csv, write_files

    texts = {
        ANSWER: json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        LIMITS: as_csv(pd.DataFrame(_limits(answer))),
        TRAIL: as_csv(pd.DataFrame(_trail(found))),
    }
    write_files(folder, [], texts=texts, overwrite=overwrite)
    for number, name in enumerate([] if no_figures else _figures(len(found.boxes))):

        def draw(aside: Path, number: int = number, name: str = name) -> None:
            save(discovered_box(found, number), aside / name)

        with attempt(name):
            write_files(folder, [name], draw, overwrite=overwrite)


def _print(found: Discovery, boxes: int, density: float | None) -> None:
    from sim.analysis.discovery_text import in_a_sentence
    from sim.cli.printing import paragraph
    from sim.text.numbers import percent

    _say(f"{in_a_sentence(found, found.boxes[0] if found.boxes else None)}.")
    met = int(found.met.sum())
    left_out = f"; {found.left_out:,} more failed or are not known" if found.left_out else ""
    runs = int(found.points["runs"].sum())
    paragraph(
        "Looked for",
        f"{_said(found.conditions)}, met at {met:,} of the {len(found.met):,} points of {found.experiment.name} "
        f"({percent(found.base_rate)}), {runs:,} runs, seed {found.experiment.seed}{left_out}; found on one half of "
        f"the points and tested on the other, halves by seed {found.seed}",
    )
    for number, one in enumerate(found.boxes):
        if number:
            click.echo()
            _say(f"{in_a_sentence(found, one)}.")
        click.echo()
        _print_limits(found, one)
        click.echo()
        _print_shares(one)
    _print_rest(found, boxes, density)


def _say(sentence: str) -> None:
    click.echo(click.style(click.wrap_text(sentence, 100), bold=True))


def _print_limits(found: Discovery, one: DiscoveredBox) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.box import SURE
    from sim.analysis.discovery_text import headed, limit_said, quasi_p, span_said, sweep_of
    from sim.cli.printing import print_table

    sweep = sweep_of(found)
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("limited", "varied", "limit"):
        table.add_column(head, no_wrap=True)
    table.add_column("quasi-p", justify="right", no_wrap=True)
    for factor in one.box.factors:
        limits = one.box.of(factor)
        sure = ", ".join(quasi_p(one.quasi_p[limit]) + (" ?" if one.quasi_p[limit] > SURE else "") for limit in limits)
        table.add_row(headed(sweep, factor), span_said(sweep, factor), limit_said(sweep, limits), sure)
    print_table(table)
    if any(value > SURE for value in one.quasi_p.values()):
        click.echo("?: may be chance; the limit does not stand the test by itself")


def _print_shares(one: DiscoveredBox) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.discovery_text import quasi_p
    from sim.analysis.interval import Interval
    from sim.cli.printing import print_table
    from sim.text.numbers import percent

    def said(share: Interval | None) -> str:
        return "" if share is None else f"{percent(share.mean)} ({percent(share.low)} to {percent(share.high)})"

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for head in ("points", "cases", "in the box", "coverage", "density", "base rate", "quasi-p"):
        table.add_column(head, justify="right", no_wrap=True)
    for name, each in (("tested", one.there), ("found", one.here)):
        covered, dense = _shares(each)
        sure = quasi_p(each.quasi_p) if each is one.there else ""
        counts = f"{each.points:,}", f"{each.cases:,}", f"{each.inside:,}"
        table.add_row(name, *counts, said(covered), said(dense), percent(each.base_rate), sure)
    print_table(table)


def _print_rest(found: Discovery, boxes: int, density: float | None) -> None:
    from sim.cli.printing import paragraph
    from sim.text.numbers import percent

    click.echo()
    if len(found.boxes) > 1:
        both = found.together
        paragraph(
            "Together",
            f"the {len(found.boxes)} boxes hold {percent(both.coverage)} of all cases, with a density of "
            f"{percent(both.density)}",
        )
    if len(found.boxes) < boxes:
        paragraph("No further box", "among the points outside, none stands the test or too few are left")
    rule = (
        "the one nearest to all cases and nothing else"
        if density is None
        else f"the one of most coverage with a density of {density:g} or more"
    )
    paragraph(
        "How to read it",
        f"a case is a point that meets the condition; of all boxes on the way, freed of limits that do not matter, "
        f"{rule}; coverage is the share of cases that lie in the box, density the share of cases in it, in brackets "
        "the 95% interval; quasi-p, how likely as many cases would be by chance without the limit, or without the "
        "box; all of the points"
        f"{' outside the boxes before' if len(found.boxes) > 1 else ''} that were swept, so no probabilities",
    )


def _said(conditions: Sequence[Condition]) -> str:
    return " and ".join(map(str, conditions))


def _shares(each: BoxStats) -> tuple[Any, Any]:
    """Return coverage and density with their intervals, nothing where there is nothing to count."""
    import numpy as np

    from sim.analysis.interval import share_interval

    return tuple(share_interval(np.arange(of) < each.hits) if of else None for of in (each.cases, each.inside))  # type: ignore[return-value]


def _answer(found: Discovery, sweep: SweepFolder, folder: Path) -> dict[str, Any]:
    from sim.analysis.discovery_text import in_a_sentence

    together = found.together
    return {
        "answer": in_a_sentence(found, found.boxes[0] if found.boxes else None),
        "experiment": found.experiment.name,
        "digest": sweep.plan.digest,
        "when": [{"outcome": each.outcome, "sign": each.sign, "value": each.value} for each in found.conditions],
        "points": len(found.met),
        "left_out": found.left_out,
        "replicates": found.experiment.replicates,
        "seed": found.experiment.seed,
        "halves_seed": found.seed,
        "cases": int(found.met.sum()),
        "base_rate": found.base_rate,
        "boxes": [_box(found, one) for one in found.boxes],
        "together": _tally(together) if found.boxes else None,
        "sweep": str(sweep.folder),
        "result": str(folder),
    }


def _box(found: Discovery, one: DiscoveredBox) -> dict[str, Any]:
    import math

    from sim.analysis.discovery_text import in_a_sentence, span_of, sweep_of

    sweep = sweep_of(found)
    limits = []
    for limit in one.box.limits:
        factor = found.experiment.factor(limit.factor)
        span = (None, None) if limit.levels else span_of(sweep, limit.factor)
        limits.append(
            {
                "factor": limit.factor,
                "unit": factor.unit,
                "low": limit.low if math.isfinite(limit.low) else None,
                "high": limit.high if math.isfinite(limit.high) else None,
                "levels": list(limit.levels) or None,
                "from": span[0],
                "to": span[1],
                "quasi_p": one.quasi_p[limit],
            }
        )
    return {
        "answer": in_a_sentence(found, one),
        "stands": one.stands,
        "limits": limits,
        "coverage_of_all": found.coverage(one),
        "tested": _tally(one.there) | _intervals(one.there) | {"quasi_p": one.there.quasi_p},
        "found": _tally(one.here),
    }


def _tally(each: BoxStats) -> dict[str, Any]:
    shares = {"coverage": each.coverage, "density": each.density, "base_rate": each.base_rate}
    counts = {"points": each.points, "cases": each.cases, "inside": each.inside, "hits": each.hits}
    return counts | {name: None if share != share else share for name, share in shares.items()}


def _intervals(each: BoxStats) -> dict[str, Any]:
    return {
        f"{name}_{end}": None if share is None else getattr(share, end)
        for name, share in zip(("coverage", "density"), _shares(each), strict=True)
        for end in ("low", "high")
    }


def _print_json(answer: dict[str, Any]) -> None:
    import json

    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
