"""`willing thresholds`: the least change of one lever, or of two, at which an outcome comes to a target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.interval import Interval
    from sim.analysis.join_thresholds import Joining
    from sim.analysis.lever import Lever
    from sim.analysis.thresholds import Answer, Curve, Frontier

ANSWERS = Path("results") / "thresholds"


@click.command(epilog="Example: willing thresholds paris-march-2025 --target 'viable>=0.8' --levers us_backing,ask")
@click.argument("scenario")
@click.option(
    "--target",
    "wanted",
    metavar="OUTCOME>=VALUE",
    required=True,
    help="What is to be reached, such as 'viable>=0.8' or 'troop_states<=4'; in quotes.",
)
@click.option(
    "--levers",
    "names",
    metavar="NAME,NAME...",
    help="What may be moved: us_backing and the like, ask, or the path of a number; NAME:LOW:HIGH gives a range. By "
    "default us_backing, clarity, mandate and ask.",
)
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Move two levers together as well.")
@click.option("--states/--no-states", default=True, show_default=True, help="Say at what each state joins.")
@click.option("--replicates", type=click.IntRange(2, 100_000), default=1000, show_default=True, help="Of each play.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting; may be repeated.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def thresholds(
    scenario: str,
    wanted: str,
    names: str | None,
    pairs: bool,
    states: bool,
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Say how far each lever, or two together, would have to move for an outcome to come to the target.

    SCENARIO is a name or a YAML file. An outcome that is true or not, such as viable, is taken as a share of
    replicates, any other as a mean. All is played on the same luck. A target out of reach is an error that says how
    near it came.
    """
    import os

    from sim.analysis import join_thresholds, thresholds
    from sim.analysis.lever import default_levers, read_levers
    from sim.analysis.target import read_target
    from sim.cli.drawing import check_figure, draw
    from sim.cli.progress import progress
    from sim.model.setup import prepare
    from sim.report.sheets import of_levers
    from sim.scenario import digest, load_scenario

    check_figure(figure, None if as_json else ANSWERS)
    setup = prepare(load_scenario(scenario, settings))
    target = read_target(wanted, setup)
    moved = default_levers(setup) if names is None else read_levers(names.split(","), setup)
    total = thresholds.plays(len(moved), pairs=pairs) + (join_thresholds.plays(len(setup.codes)) if states else 0)
    with progress(f"Playing {setup.scenario.name}", total, "plays") as tell:
        desk = thresholds.Desk(
            setup, target, seed=seed, replicates=replicates, threads=workers or os.cpu_count() or 1, tell=tell
        )
        answer = thresholds.what_it_takes(desk, moved, pairs=pairs)
        thresholds.refuse_unreachable(answer)
        joined = join_thresholds.joining(desk, moved) if states else None
    drawn = None
    if figure is not None or not as_json:
        from sim.plots.thresholds import what_it_takes

        parts = [
            setup.scenario.name,
            target.outcome + ("-from-" if target.is_least else "-to-") + f"{target.value:.12g}",
            *(lever.name.replace(".", "_") for lever in moved),
        ]
        shown = "-".join(parts)[:150]
        ending = f"{replicates}x-seed{seed}-{digest(setup.scenario)[:8]}"
        drawn = draw(lambda: what_it_takes(answer), figure, ANSWERS / f"{shown}-{ending}.png")
    tables.write(lambda: of_levers(answer, joined))
    if as_json:
        _print_json(answer, joined, drawn)
    else:
        _print(answer, joined)
        if drawn is not None:
            click.echo(f"\nFigure: {drawn}")


def _print(answer: Answer, joined: Joining | None) -> None:
    from sim.analysis.thresholds import told
    from sim.cli.printing import opening, paragraph
    from sim.text.heading import heading

    scenario, target = answer.setup.scenario, answer.target
    opening(
        f"{click.style('What it takes', bold=True)} in {heading(scenario)} for {target}: {answer.replicates:,} "
        f"replicates on common shocks, seed {answer.seed}"
    )
    met = ", which is enough" if target.is_met(answer.now.outcome.mean) else ""
    paragraph("As things are", f"{target.outcome} is {told(answer.now.outcome)}{met}")
    click.echo()
    _print_curves(answer)
    for curve in answer.curves:
        if curve.lever.how:
            paragraph(curve.lever.name, curve.lever.how)
        if curve.fails_again is not None:
            where = curve.lever.shown(curve.fails_again)
            paragraph(curve.lever.name, f"not further than that: at {where} the target is surely missed")
    if answer.frontiers:
        click.echo()
        _print_frontiers(answer)
    if joined is not None:
        click.echo()
        _print_joining(answer, joined)


def _print_curves(answer: Answer) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.thresholds import told
    from sim.cli.printing import print_table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("one lever alone", no_wrap=True)
    for head in ("now", "reaches it at", "95% interval"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column(f"{answer.target.outcome} there", no_wrap=True)
    for curve in answer.curves:
        lever = curve.lever
        if answer.target.is_met(answer.now.outcome.mean):
            cells = ["as it is", "", told(answer.now.outcome)]
        elif curve.answer is None or curve.there is None:
            best = f"at best {told(curve.best_there)}, at {lever.shown(curve.best)}"
            cells = ["out of reach", "", best]
        else:
            cells = [lever.shown(curve.answer), _ends(curve), told(curve.there)]
        table.add_row(lever.name, lever.shown(lever.now), *cells)
    print_table(table)


def _ends(curve: Curve) -> str:
    """Return the interval of an answer, in ascending order; an end that is not reached is left open."""
    near, far = (None if end is None else curve.lever.shown(end) for end in (curve.nearest_end, curve.farthest_end))
    ends = ["?" if near is None else near, "beyond" if far is None else far]
    return " to ".join(ends if curve.rises else ends[::-1])


def _print_frontiers(answer: Answer) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.thresholds import told
    from sim.cli.printing import print_table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("two levers together", "least change of both", "how the one trades against the other"):
        table.add_column(head, no_wrap=True)
    for frontier in answer.frontiers:
        across, up = frontier.across, frontier.up
        name = f"{across.name}, {up.name}"
        if frontier.cheapest is None:
            where = f"{across.shown(frontier.best[0])}, {up.shown(frontier.best[1])}"
            table.add_row(name, "out of reach", f"at best {told(frontier.best_there)}, at {where}")
        else:
            x, y = frontier.cheapest
            table.add_row(name, f"{across.shown(x)}, {up.shown(y)}", _trade(frontier))
    print_table(table)


def _trade(frontier: Frontier) -> str:
    """Return the frontier at its ends and in its middle."""
    known = [(x, y) for x, y in zip(frontier.values, frontier.least, strict=True) if y == y]
    chosen = dict.fromkeys([known[0], known[len(known) // 2], known[-1]])
    most = "at least" if frontier.helps > 0 else "at most"
    told = [f"{frontier.across.shown(x)}: {most} {frontier.up.shown(y)}" for x, y in chosen]
    return "; ".join(told)


def _print_joining(answer: Answer, joined: Joining) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.join_thresholds import COST
    from sim.cli.printing import paragraph, print_table
    from sim.text.numbers import percent
    from sim.text.words import option_name

    headline = option_name(answer.setup.menu.names[answer.setup.headline])
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(f"{headline} in half", no_wrap=True)
    table.add_column("joins", justify="right", no_wrap=True)
    for lever in joined.levers:
        most = "least" if joined.helps[lever.name] > 0 else "greatest"
        table.add_column(f"{most} {lever.name}", justify="right", no_wrap=True)
    if joined.shares_costs:
        table.add_column("cost carried by others", justify="right", no_wrap=True)
    ordered = joined.states.sort_values("joins", ascending=False, kind="stable")
    never = []
    for code, row in ordered.to_dict("index").items():
        cells = [_joins_at(row, lever.name, lever, joined.helps[lever.name]) for lever in joined.levers]
        cells += [_costs_at(row)] if joined.shares_costs else []
        if all(cell.startswith("-") for cell in cells):
            never.append(str(code))
        else:
            table.add_row(str(code), percent(row["joins"]), *cells)
    print_table(table)
    if never:
        costs = f", nor all of their {COST} carried by others," if joined.shares_costs else ""
        paragraph("None of this", f"no lever alone{costs} brings in {', '.join(never)}")
    click.echo(
        "any: at every value tried; -: at none, with the largest share of replicates; in brackets the 95% interval,\n"
        "beyond: not within the range"
    )


def _joins_at(row: dict[Any, float], name: str, lever: Lever, helps: int) -> str:
    from sim.text.numbers import percent

    value, low, high = row[name], row[f"{name}.low"], row[f"{name}.high"]
    if value != value:
        return f"- {percent(row[f'{name}.most'])}"
    if value == (lever.low if helps > 0 else lever.high):
        return "any"
    ends = [lever.shown(low), lever.shown(high) if high == high else "beyond"]
    return f"{lever.shown(value)} ({' to '.join(ends if helps > 0 else ends[::-1])})"


def _costs_at(row: dict[Any, float]) -> str:
    from sim.text.numbers import percent

    value, low, high = row["cost"], row["cost.low"], row["cost.high"]
    if value != value:
        return f"- {percent(row['cost.most'])}"
    if value == 0.0:
        return "none"
    return f"{percent(value)} ({percent(low)} to {percent(high) if high == high else 'beyond'})"


def _print_json(answer: Answer, joined: Joining | None, drawn: Path | None) -> None:
    import json

    from sim.scenario import digest

    target = answer.target
    found: dict[str, Any] = {
        "scenario": answer.setup.scenario.name,
        "digest": digest(answer.setup.scenario),
        "target": {"outcome": target.outcome, "sign": target.sign, "value": target.value},
        "seed": answer.seed,
        "replicates": answer.replicates,
        "headline": answer.setup.menu.names[answer.setup.headline],
        "now": _spread(answer.now.outcome),
        "levers": [_curve_as_json(curve) for curve in answer.curves],
        "pairs": [_frontier_as_json(frontier) for frontier in answer.frontiers],
        "states": None
        if joined is None
        else [
            {"state": code, **{str(name): _known(value) for name, value in row.items()}}
            for code, row in joined.states.to_dict("index").items()
        ],
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))


def _curve_as_json(curve: Curve) -> dict[str, Any]:
    lever = curve.lever
    return {
        "lever": lever.name,
        "path": lever.path,
        "now": lever.now,
        "from": lever.low,
        "to": lever.high,
        "how": lever.how or None,
        "answer": curve.answer,
        "nearest_end": curve.nearest_end,
        "farthest_end": curve.farthest_end,
        "outcome": None if curve.there is None else _spread(curve.there),
        "fails_again": curve.fails_again,
        "best": {"value": curve.best, **_spread(curve.best_there)},
        "curve": [
            {"value": value, **_spread(reading.outcome)}
            for value, reading in zip(curve.values, curve.readings, strict=True)
        ],
    }


def _frontier_as_json(frontier: Frontier) -> dict[str, Any]:
    across, up = frontier.across, frontier.up
    names = ("least", "until", "nearest_end", "farthest_end")
    pair = frontier.cheapest
    cheapest = None if pair is None else {across.name: pair[0], up.name: pair[1]}
    lines = zip(
        frontier.values, frontier.least, frontier.until, frontier.nearest_ends, frontier.farthest_ends, strict=True
    )
    return {
        "levers": [across.name, up.name],
        "least_is": "lowest" if frontier.helps > 0 else "highest",
        "cheapest": cheapest,
        "best": {across.name: frontier.best[0], up.name: frontier.best[1], **_spread(frontier.best_there)},
        "frontier": [
            {across.name: x, **{name: _known(y) for name, y in zip(names, ys, strict=True)}} for x, *ys in lines
        ],
    }


def _spread(found: Interval) -> dict[str, float | None]:
    return {part: _known(float(getattr(found, part))) for part in ("mean", "low", "high")}


def _known(value: float) -> float | None:
    return None if value != value else float(value)
