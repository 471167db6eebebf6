"""`willing stability`: whether the final profiles would hold, alone, in groups, and under other weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.interval import Interval
    from sim.analysis.stability import Cycle, Stability

STABILITY = Path("results") / "stability"
_STATES = 10  # printed
_GROUPS = 5  # printed
_CYCLE = 6  # turns of a cycle that are printed
_TOLD = 100  # joint changes in the answer for programs


@click.command(epilog="Example: willing stability paris-march-2025 --replicates 400 --draws 100 --spread 0.1")
@click.argument("scenario")
@click.option(
    "--replicates", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Final profiles to audit."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option(
    "--groups",
    "largest_group",
    type=click.IntRange(1, 3),
    default=3,
    show_default=True,
    help="States at most that change together.",
)
@click.option(
    "--draws", type=click.IntRange(0, 2000), default=200, show_default=True, help="Sets of weights drawn; 0: none."
)
@click.option(
    "--spread",
    type=click.FloatRange(0.0, 2.0),
    default=0.2,
    show_default=True,
    help="How far they are drawn: each weight times exp(spread * a standard normal draw).",
)
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting; may be repeated.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def stability(
    scenario: str,
    replicates: int,
    seed: int,
    largest_group: int,
    draws: int,
    spread: float,
    settings: tuple[str, ...],
    workers: int | None,
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Audit the profile that each replicate ends with: who would change it, alone or in groups, and what then.

    SCENARIO is a name or a YAML file. Circumstances, asks and tastes stay as they are in the last round. A state would
    change where another option is worth more to it as the others stand; a group, where all of it would gain.
    """
    import os

    from sim.analysis.stability import stability as audit
    from sim.cli.drawing import check_figure, draw
    from sim.cli.progress import progress
    from sim.model.setup import prepare
    from sim.report.sheets import of_stability
    from sim.scenario import digest, load_scenario

    check_figure(figure, None if as_json else STABILITY)
    setup = prepare(load_scenario(scenario, settings))
    with progress(f"Auditing {setup.scenario.name}", replicates, "profiles") as tell:
        found = audit(
            setup,
            seed=seed,
            replicates=replicates,
            draws=draws,
            spread=spread,
            largest_group=largest_group,
            threads=workers or os.cpu_count() or 1,
            tell=tell,
        )
    drawn = None
    if figure is not None or not as_json:
        from sim.plots.stability import stability_of_profiles

        weights = [f"{draws}draws{spread:g}"] if draws else []
        groups = [f"groups{largest_group}"] if largest_group < 3 else []
        short = digest(setup.scenario)[:8]
        parts = [setup.scenario.name, f"{replicates}x", f"seed{seed}", *groups, *weights, short]
        drawn = draw(lambda: stability_of_profiles(found), figure, STABILITY / f"{'-'.join(parts)}.png")
    tables.write(lambda: of_stability(found))
    if as_json:
        _print_json(found, drawn)
    else:
        _print(found)
        if drawn is not None:
            click.echo(f"\nFigure: {drawn}")


def _print(found: Stability) -> None:
    from sim.cli.printing import opening, paragraph
    from sim.text.heading import heading
    from sim.text.words import counted, percent

    scenario = found.setup.scenario
    opening(
        f"{click.style('Stability', bold=True)} of {heading(scenario)}: "
        f"{counted(found.replicates, 'final profile')}, seed {found.seed}; in brackets 95% intervals"
    )
    verdicts = found.verdicts
    paragraph("Nash", f"nobody would change alone in {_share(verdicts['nash'])}")
    paragraph(
        "Regret",
        f"{found.movers.mean:.2f} states of {len(found.states)} would change alone; a state gains "
        f"{_mean(found.regret, 4)} by it on average, the one that gains most {_mean(found.largest_regret, 3)}",
    )
    paragraph("Individual", f"nobody gains by going where all welcome it in {_share(verdicts['individual'])}")
    paragraph("Contractual", f"nor is let go by all whom it leaves in {_share(verdicts['contractual'])}")
    if found.largest_group > 1:
        _print_groups(found)
    click.echo()
    _print_options(found)
    click.echo()
    _print_states(found)
    click.echo()
    for order, row in found.going_on.to_dict("index").items():
        name = "Going on in turn" if order == "in_turn" else "Going on at once"
        said = f"{percent(row['settles'])} settle, {percent(row['cycles'])} cycle"
        said += f", {percent(row['unfinished'])} are not finished" if row["unfinished"] else ""
        said += f"; {row['turns']:.2f} turns and {row['changed']:.2f} changed stances on average"
        paragraph(name, said)
    for cycle in found.cycles:
        paragraph("Cycle", _cycle(cycle))
    _print_likelihood(found)


def _print_groups(found: Stability) -> None:
    from sim.cli.printing import paragraph
    from sim.text.words import percent

    alone = f"no group up to {found.largest_group} gains by a joint change in {_share(found.verdicts['core'])}"
    together = [
        f"{'some pair' if size == 2 else 'some three'} in {percent(share)}"
        for size, share in found.group_sizes.items()
        if size > 1
    ]
    paragraph("Core", f"{alone}; only together would gain {' and '.join(together)}")
    if found.cut_short:
        paragraph("Beware", f"in {found.cut_short:,} profiles there are more joint changes than could be tried")
    if len(found.groups):
        first = found.groups.head(_GROUPS).to_dict("records")
        paragraph("Most often", "; ".join(f"{_joint(row['moves'])} ({percent(row['share'])})" for row in first))


def _print_options(found: Stability) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table
    from sim.text.words import percent

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    heads = ["states", "would\nleave", "would\nenter", "internally\nstable", "externally\nstable"]
    heads += ["internally,\nweights drawn", "externally,\nweights drawn"] if found.likelihood else []
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for option, row in found.options.to_dict("index").items():
        cells = [f"{row['states']:.1f}", f"{row['leave']:.2f}", f"{row['enter']:.2f}"]
        shares = ["internal", "external", *(["internal_drawn", "external_drawn"] if found.likelihood else [])]
        table.add_row(str(option), *cells, *(percent(row[share]) for share in shares))
    print_table(table)


def _print_states(found: Stability) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table
    from sim.text.words import counted, percent

    movers = found.states[found.states["changes"] > 0.0]
    if movers.empty:
        click.echo("No state would change its stance in any profile.")
        return
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    heads = ("", "stance", "would\nchange", "gaining", "to")
    for head in heads:
        table.add_column(head, justify="right" if head in heads[2:4] else "left", no_wrap=True)
    if found.likelihood:
        table.add_column("stays,\nweights drawn", justify="right", no_wrap=True)
    for code, row in movers.head(_STATES).to_dict("index").items():
        to = sorted(((row[f"to.{name}"], name) for name in found.setup.menu.names), key=lambda each: -each[0])
        where = ", ".join(f"{name} {100 * share:.1f}%" for share, name in to if share > 0.0)
        stays = [percent(row["keeps"])] if found.likelihood else []
        table.add_row(str(code), row["stance"], f"{100 * row['changes']:.1f}%", f"{row['regret']:.3f}", where, *stays)
    print_table(table)
    rest = len(movers) - _STATES
    if rest > 0:
        click.echo(f"and {counted(rest, 'state')} less often; --json tells all.")


def _print_likelihood(found: Stability) -> None:
    from sim.cli.printing import paragraph
    from sim.text.words import percent

    likelihood = found.likelihood
    if likelihood is None:
        return
    nash = likelihood.nash
    said = (
        f"with weights drawn {likelihood.draws:,} times (spread {likelihood.spread:g}), a final profile is Nash in "
        f"{percent(nash.mean)}, from {percent(nash.low)} to {percent(nash.high)} in nine draws in ten"
    )
    if likelihood.stays is not None:
        said += f"; one that is Nash by the scenario's weights stays so in {percent(likelihood.stays)} of draws"
    paragraph("Likelihood", said)


def _cycle(cycle: Cycle) -> str:
    order = "in turn" if cycle.order == "in_turn" else "at once"
    turns = [", ".join(map("{} {}".format, cycle.states, stances)) for stances in cycle.stances]
    shown = turns[:_CYCLE] + [f"{len(turns) - _CYCLE} more turns"] * (len(turns) > _CYCLE)
    return f"in replicate {cycle.replicate}, {order}: {' → '.join([*shown, turns[0]])}"


def _joint(moves: tuple[tuple[str, str], ...]) -> str:
    """Return a joint change in words: who goes where."""
    targets = {option for _, option in moves}
    if len(targets) == 1:
        return f"{' + '.join(state for state, _ in moves)} to {targets.pop()}"
    return " + ".join(f"{state} to {option}" for state, option in moves)


def _share(value: Interval) -> str:
    from sim.text.words import percent

    return f"{percent(value.mean)} [{percent(value.low)} to {percent(value.high)}]"


def _mean(value: Interval, digits: int) -> str:
    if value.low != value.low:
        return f"{value.mean:.{digits}f}"
    return f"{value.mean:.{digits}f} [{value.low:.{digits}f} to {value.high:.{digits}f}]"


def _print_json(found: Stability, drawn: Path | None) -> None:
    import json

    from sim.scenario import digest

    scenario, likelihood = found.setup.scenario, found.likelihood
    answer: dict[str, Any] = {
        "scenario": scenario.name,
        "digest": digest(scenario),
        "seed": found.seed,
        "replicates": found.replicates,
        "largest_group": found.largest_group,
        "stable": {name: _spread(value) for name, value in found.verdicts.items()},
        "movers": _spread(found.movers),
        "regret": _spread(found.regret),
        "largest_regret": _spread(found.largest_regret),
        "options": {str(option): _known(row) for option, row in found.options.to_dict("index").items()},
        "states": {str(code): _known(row) for code, row in found.states.to_dict("index").items()},
        "group_sizes": {str(size): share for size, share in found.group_sizes.items()},
        "groups": [
            {"moves": dict(row["moves"]), "share": row["share"]} for row in found.groups.head(_TOLD).to_dict("records")
        ],
        "groups_found": len(found.groups),
        "cut_short": found.cut_short,
        "going_on": {str(order): _known(row) for order, row in found.going_on.to_dict("index").items()},
        "cycles": [
            {
                "replicate": cycle.replicate,
                "order": cycle.order,
                "turns": [dict(zip(cycle.states, stances, strict=True)) for stances in cycle.stances],
            }
            for cycle in found.cycles
        ],
        "likelihood": None
        if likelihood is None
        else {
            "draws": likelihood.draws,
            "spread": likelihood.spread,
            "nash": _spread(likelihood.nash),
            "stays": likelihood.stays,
        },
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _spread(value: Interval) -> dict[str, float | None]:
    return _known({part: float(getattr(value, part)) for part in ("mean", "low", "high")})


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """Return the cells of a row by name, null where a number is unknown."""
    return {str(name): None if value != value else value for name, value in row.items()}
