"""`willing pivots`: whom each state moves when it is forced in or out, and its say in whether the ask is met."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.interval import Interval
    from sim.analysis.pivots import Pivots

PIVOTS = Path("results") / "pivots"
_SETS = 5  # printed
_MOVED = 4  # states named that one state moves
_MOVERS = 5  # states of whom that is told


@click.command(epilog="Example: willing pivots paris-march-2025 --state DEU --state POL")
@click.argument("scenario")
@click.option("--option", metavar="OPTION", help="The option to join; by default the scenario's headline.")
@click.option("--state", "states", metavar="STATE", multiple=True, help="Force only this one; may be repeated.")
@click.option("--replicates", type=click.IntRange(2, 100_000), default=1000, show_default=True, help="Of each play.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting; may be repeated.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def pivots(
    scenario: str,
    option: str | None,
    states: tuple[str, ...],
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Force each state into the option, and out of every one, and say what the others do and what becomes of the force.

    SCENARIO is a name or a YAML file. All is played on the same luck. Beside it stands each state's say in whether the
    offers come to the ask with a lead among them (Shapley-Shubik, Banzhaf), and the smallest sets of states that would.
    """
    import os

    from sim.analysis.pivots import pivots as find
    from sim.analysis.requested_state import asked_state
    from sim.cli.drawing import check_figure, draw
    from sim.cli.progress import progress
    from sim.model.setup import prepare
    from sim.report.sheets import of_pivots
    from sim.scenario import digest, load_scenario

    check_figure(figure, None if as_json else PIVOTS)
    setup = prepare(load_scenario(scenario, settings))
    forced = [asked_state(setup, word) for word in states] or None
    total = (2 * len(set(forced or setup.codes)) + 1) * replicates
    with progress(f"Playing {setup.scenario.name}", total, "runs") as tell:
        found = find(
            setup,
            seed=seed,
            replicates=replicates,
            threads=workers or os.cpu_count() or 1,
            option=option,
            forced=forced,
            tell=tell,
        )
    drawn = None
    if figure is not None or not as_json:
        from sim.plots.pivots import effects_of_forcing

        only = [] if forced is None else ["-".join(forced)]
        parts = [setup.scenario.name, found.option, *only, f"{replicates}x", f"seed{seed}", digest(setup.scenario)[:8]]
        drawn = draw(lambda: effects_of_forcing(found), figure, PIVOTS / f"{'-'.join(parts)}.png")
    tables.write(lambda: of_pivots(found))
    if as_json:
        _print_json(found, drawn)
    else:
        _print(found)
        if drawn is not None:
            click.echo(f"\nFigure: {drawn}")


def _print(found: Pivots) -> None:
    from sim.cli.printing import opening, paragraph
    from sim.text.heading import heading
    from sim.text.words import counted, option_name, percent

    scenario, alone = found.setup.scenario, found.alone
    name, forced = option_name(found.option), counted(len(found.states), "state")
    opening(
        f"{click.style('Pivots', bold=True)} of {heading(scenario)}: {forced} forced into {name}, "
        f"and out of every option; {found.replicates:,} replicates on common shocks, seed {found.seed}"
    )
    paragraph(
        "Left alone",
        f"{alone['states'].mean:.1f} states at {name}, viable in {percent(alone['viable'].mean)}, a permanent "
        f"ceasefire in {percent(alone['peace'].mean)}; all below is what forcing changes, ± the "
        "reach of its 95% interval",
    )
    click.echo()
    _print_table(found)
    click.echo()
    for code in map(str, found.states.index[:_MOVERS]):
        moved = found.moved[code]
        named = ", ".join(f"{other} {change:+.2f}" for other, change in moved["difference"].head(_MOVED).items())
        paragraph(f"{code} in rather than out surely moves", named or "nobody")
    _print_sets(found)


def _print_table(found: Pivots) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table
    from sim.text.words import percent

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    heads = (
        "offers", "joins", "in:\nothers", "in: viable,\npoints", "in: peace,\npoints", "out:\nothers",
        "out: viable,\npoints", "out: peace,\npoints", "in - out:\nothers", "Shapley-\nShubik", "Banzhaf",
    )  # fmt: skip
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for code, row in found.states.to_dict("index").items():
        effects = [
            _cell(row, f"{way}.{effect}", 1.0 if effect == "others" else 100.0)
            for way in ("in", "out")
            for effect in ("others", "viable", "peace")
        ]
        effects.append(_cell(row, "swing.others", 1.0))
        say = [f"{row[index]:.4f}" for index in ("shapley_shubik", "banzhaf")]
        table.add_row(str(code), f"{row['offer']:,}", percent(row["joins"]), *effects, *say)
    print_table(table)


def _cell(row: Mapping[Any, float], name: str, scale: float) -> str:
    digits = 2 if scale == 1.0 else 1
    mean, reach = scale * row[name], scale * (row[f"{name}.high"] - row[name])
    if mean == 0.0 and reach == 0.0:
        return "0"
    return f"{round(mean, digits) + 0.0:{'+' if round(mean, digits) else ''}.{digits}f} ±{reach:.{digits}f}"


def _print_sets(found: Pivots) -> None:
    from sim.cli.printing import paragraph
    from sim.text.words import counted, percent

    sets, ask = found.sets, found.ask
    offers = int(found.states["offer"].sum()) if len(found.states) == len(found.setup.codes) else None
    if sets.least is None:
        trouble = "no lead is asked" if not found.setup.leads.any() else f"all together offer less than {ask:,}"
        paragraph("Smallest sets", f"none: {trouble}")
        return
    said = f" of the {offers:,} that all offer" if offers else ""
    if not ask:
        paragraph("Smallest sets", "a lead alone: no soldiers are asked")
        return
    paragraph(
        "Smallest sets",
        f"{counted(sets.least.size, 'state')} can bring the {ask:,} soldiers{said}, a lead among them, in "
        f"{counted(sets.least.number, 'way')}; the likeliest {'of them first' if sets.least.number > 1 else 'is'}",
    )
    for members, chance in list(zip(sets.least_named, sets.least_chances, strict=True))[:_SETS]:
        click.echo(f"    {', '.join(members)} (all of them in {percent(chance)} of replicates)")
    if sets.likeliest is not None and sets.likeliest_chance is not None:
        paragraph(
            "Likeliest set",
            f"{', '.join(sets.likeliest)}: of all sets that suffice the one with the highest product of chances; all "
            f"of them in {percent(sets.likeliest_chance)}",
        )
    else:
        paragraph("Likeliest set", "none: every set that suffices has a state that joins in no replicate")
    likely = ", ".join(sets.likely) or "nobody"
    short = ask - int(sets.likely_soldiers)
    paragraph(
        "Likely to join",
        f"{likely}, in half of the replicates or more; they offer {sets.likely_soldiers:,.0f} soldiers, "
        + (f"{short:,} short of the ask" if short > 0 else "which is enough"),
    )


def _print_json(found: Pivots, drawn: Path | None) -> None:
    import json

    from sim.analysis.pivots import EFFECTS, WAYS
    from sim.scenario import digest

    scenario, sets = found.setup.scenario, found.sets

    def spread(values: Interval) -> dict[str, float]:
        return {part: float(getattr(values, part)) for part in ("mean", "low", "high")}

    answer: dict[str, Any] = {
        "scenario": scenario.name,
        "digest": digest(scenario),
        "option": found.option,
        "ask": found.ask,
        "seed": found.seed,
        "replicates": found.replicates,
        "left_alone": {name: spread(values) for name, values in found.alone.items()},
        "states": [
            {
                "state": code,
                **{name: row[name] for name in ("offer", "joins", "shapley_shubik", "banzhaf")},
                **{
                    way: {
                        effect: {
                            "mean": row[f"{way}.{effect}"],
                            "low": row[f"{way}.{effect}.low"],
                            "high": row[f"{way}.{effect}.high"],
                        }
                        for effect in EFFECTS
                    }
                    for way in WAYS
                },
                "moves": {
                    other: {name: change[name] for name in ("difference", "low", "high")}
                    for other, change in found.moved[str(code)].to_dict("index").items()
                },
            }
            for code, row in found.states.to_dict("index").items()
        ],
        "smallest_sets": None
        if sets.least is None
        else {
            "size": sets.least.size,
            "number": sets.least.number,
            "sets": [
                {"states": list(members), "together": chance}
                for members, chance in zip(sets.least_named, sets.least_chances, strict=True)
            ],
        },
        "likeliest_set": None
        if sets.likeliest is None
        else {"states": list(sets.likeliest), "together": sets.likeliest_chance},
        "likely": {"states": list(sets.likely), "soldiers": sets.likely_soldiers},
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
