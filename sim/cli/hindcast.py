"""`willing hindcast`: how the model does against what governments are on record with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.hindcast import Hindcast
    from sim.scenario import Scenario

HINDCASTS = Path("results") / "hindcast"
_REASONS = 2  # named on either side


@click.command(epilog="Example: willing hindcast --scenario paris-march-2025 --date 2025-05-21")
@click.option(
    "--positions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table of dated positions (CSV); by default the shipped one, of spring 2025.",
)
@click.option("--scenario", default="paris-march-2025", show_default=True, help="A name or a YAML file.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="D",
    help="Read the model on this day, with positions up to it; by default on that of the last position, with all.",
)
@click.option(
    "--stances",
    "which",
    type=click.Choice(["conditional", "firm"]),
    default="conditional",
    show_default=True,
    help="Which of the model's stances is held against the record.",
)
@click.option("--replicates", type=click.IntRange(20, 1_000_000), default=1000, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting; may be repeated.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def hindcast(
    positions: Path | None,
    scenario: str,
    day: datetime.datetime | None,
    which: str,
    replicates: int,
    seed: int,
    settings: tuple[str, ...],
    workers: int | None,
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Score the model's stances against what governments said, beside simpler ways to foresee it.

    Chances are shares of replicates. What is fitted foresees each state from the others alone. Undecided and unknown
    states are counted and left out.
    """
    import os

    from sim.analysis.hindcast import KINDS, HindcastSpec
    from sim.analysis.hindcast import hindcast as score
    from sim.analysis.positions import SHIPPED
    from sim.cli.drawing import check_figure
    from sim.cli.progress import progress
    from sim.report.sheets import of_hindcast

    check_figure(figure, None if as_json else HINDCASTS)
    asked = HindcastSpec(
        scenario=scenario,
        settings=settings,
        positions=SHIPPED if positions is None else positions,
        day=None if day is None else day.date(),
        which=next(known for known in KINDS if known == which),
        replicates=replicates,
        seed=seed,
        threads=workers or os.cpu_count() or 1,
    )
    with progress("Playing", asked.steps) as on_progress:
        found = score(asked, on_progress)
    drawn = None if as_json and figure is None else _draw(found, figure)
    tables.write(lambda: of_hindcast(found))
    if as_json:
        _print_json(found, drawn)
    else:
        _print(found)
        if drawn is not None:
            click.echo(f"\nFigure: {drawn}")


def _draw(found: Hindcast, path: Path | None) -> Path | None:
    """Draw the hindcast and return where it is; ResultsError where it cannot be written."""
    from sim.analysis.positions import SHIPPED
    from sim.cli.drawing import draw
    from sim.plots.hindcast import hindcast_figure
    from sim.scenario import digest

    asked, scenario = found.asked, found.setup.scenario
    parts = [scenario.name, asked.which, f"{asked.replicates}x", f"seed{asked.seed}"]
    parts += [] if asked.day is None else [asked.day.isoformat()]
    parts += [] if asked.positions == SHIPPED else [asked.positions.stem]
    return draw(lambda: hindcast_figure(found), path, HINDCASTS / f"{'-'.join([*parts, digest(scenario)[:8]])}.png")


def _print(found: Hindcast) -> None:
    from sim.cli.printing import opening, paragraph
    from sim.text.heading import heading
    from sim.text.words import day

    known, asked, scenario = found.record, found.asked, found.setup.scenario
    decided = known.decided()
    opening(
        f"{click.style(heading(scenario), bold=True)} against {known.source}: {len(decided)} of "
        f"{len(known.codes)} states on the roster have a stance"
    )
    paragraph("Left out", _left_out(found))
    last = ", its last" if found.round == scenario.rounds else f" of {scenario.rounds}"
    paragraph(
        "Read",
        f"on {day(found.day)} (round {found.round}{last}), {asked.replicates:,} replicates, seed {asked.seed}; "
        f"{_why_these(found)}",
    )
    click.echo()
    click.echo(click.style(f"All {len(decided)} states with a stance", bold=True))
    _print_scores(found.scores, found)
    click.echo()
    if found.sure is None:
        click.echo("Too few of them have a row of confidence 2 or 3 to be scored alone.")
    else:
        rows = len(known.decided(sure=True))
        click.echo(click.style(f"The {rows} whose row has confidence 2 or 3", bold=True))
        _print_scores(found.sure, found)
    click.echo()
    for forecast in ("multinomial_logit", "binary_logit", "last_kept", "majority", "model_alone"):
        paragraph(*_verdict(found, forecast))
    click.echo()
    click.echo(click.style(f"How many of the {len(decided)}, and soldiers", bold=True))
    _print_counts(found)
    click.echo()
    click.echo(click.style("State by state", bold=True))
    _print_states(found)


def _left_out(found: Hindcast) -> str:
    known = found.record
    parts = [
        f"{len(known.undecided)} undecided ({', '.join(known.undecided)})" if known.undecided else "0 undecided",
        f"{len(known.unknown)} not on record ({', '.join(known.unknown)})" if known.unknown else "0 not on record",
    ]
    if known.not_asked:
        parts.append(f"not on the roster: {', '.join(known.not_asked)}")
    if known.later:
        parts.append(f"{known.later} rows of a later day")
    return "; ".join(parts)


def _why_these(found: Hindcast) -> str:
    known = found.record
    offers = [known.said[code] for code in known.decided() if known.stance(code) > 0]
    with_conditions = sum(bool(said.conditions) for said in offers)
    named = f"{with_conditions} of the {len(offers)} offers on record name conditions"
    if found.asked.which == "conditional":
        return f"conditional stances, because {named}; the same for all rows, as the record must not choose"
    return f"firm stances, although {named}"


def _print_scores(table: pd.DataFrame, found: Hindcast) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.baselines import RIDGE
    from sim.analysis.scores import FLOOR
    from sim.cli.printing import print_table
    from sim.plots.hindcast import FITTED, forecast_name

    deepest = found.deepest
    shown = Table(box=SIMPLE, pad_edge=False)
    shown.add_column("", no_wrap=True)
    for heading in ("hits", "Brier", "log", "RPS", f"AUC {deepest}", f"Brier {deepest}", f"log {deepest}"):
        shown.add_column(heading, justify="right")
    for row in table.reset_index().to_dict("records"):
        name = forecast_name(row["forecast"], found) + (" *" if row["forecast"] in FITTED else "")
        area = f"{row['auc']:.2f}" if row["auc"] == row["auc"] else ""
        area += f" ± {row['auc_error']:.2f}" if row["auc_error"] > 0.0 else ""  # none at 1: that would say it is sure
        numbers = [f"{row[c]:.3f}" if row[c] == row[c] else "" for c in ("brier", "log", "rps")]
        share = f"{row['accuracy']:.0%}" if row["accuracy"] == row["accuracy"] else ""
        shown.add_row(name, share, *numbers, area, f"{row['brier_deepest']:.3f}", f"{row['log_deepest']:.3f}")
    print_table(shown)
    click.echo(
        f"* each state foreseen from the others, logits with ridge {RIDGE:g}; the less the better but for hits and AUC;"
    )
    click.echo(f"  log: no chance counts as less than {FLOOR:g}")


def _verdict(found: Hindcast, forecast: str) -> tuple[str, str]:
    """Return whether a forecast is ahead of the model or behind, with its heading."""
    from sim.plots.hindcast import forecast_name
    from sim.text.words import sentence

    scores = _by_index(found.scores)
    row, own = scores[forecast], scores["model"]
    which = "worse_brier_deepest" if row["worse_brier"] is None else "worse_brier"
    worse, low, high = (row[f"{which}{end}"] for end in ("", "_low", "_high"))
    score = "Brier score" if which == "worse_brier" else f"Brier score of {found.deepest} or not"
    verdict = "not told apart" if low <= 0.0 <= high else "surely"
    said = f"{'behind' if worse > 0.0 else 'ahead of'} the model in the {score} by {abs(worse):.3f}"
    said += f" (95% interval {low:+.3f} to {high:+.3f}: {verdict})"
    if row["auc"] is not None:
        by = row["auc"] - own["auc"]
        ranks = "as well" if abs(by) < 0.005 else "better" if by > 0 else "worse"
        said += f"; ranks {found.deepest} against the rest {ranks} (AUC {row['auc']:.2f} against {own['auc']:.2f})"
    return sentence(forecast_name(forecast, found)), f"{said}."


def _print_counts(found: Hindcast) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.hindcast import KINDS
    from sim.cli.printing import print_table

    shown = Table(box=SIMPLE, pad_edge=False)
    shown.add_column("", no_wrap=True)
    shown.add_column("on record", justify="right")
    for which in KINDS:
        shown.add_column(f"{which}: mean (range)", justify="right")
        shown.add_column("error", justify="right")
    for counted, rows in found.counts.groupby("counted", sort=False):
        cells = []
        for row in rows.to_dict("records"):
            digits = 0 if str(counted).startswith("soldiers") else 1
            star = "" if row["inside"] else " !"
            cells.append(f"{row['mean']:,.{digits}f} ({row['low']:,.0f} to {row['high']:,.0f}){star}")
            cells.append("0" if row["error"] == 0.0 else f"{row['error']:+,.{digits}f}")
        low, high = rows["recorded_low"].iloc[0], rows["recorded_high"].iloc[0]
        recorded = f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
        shown.add_row(_counted(str(counted)), recorded, *cells)
    print_table(shown)
    click.echo("range: 5th to 95th percentile of replicates; !: what is on record lies outside")


def _counted(name: str) -> str:
    """Return what was counted, as a line of the table calls it."""
    if name == "soldiers":
        return "soldiers, together"
    if name.startswith("soldiers_"):
        return f"soldiers of {name.removeprefix('soldiers_')}"
    return f"{name.removesuffix('_states').replace('_', ' ')} states"


def _print_states(found: Hindcast) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.analysis.positions import option_of
    from sim.cli.printing import print_table
    from sim.text.numbers import percent

    shown = Table(box=SIMPLE, pad_edge=False)
    for heading in ("state", "said on", "on record", "chance of it", "likeliest", f"{found.deepest}", "", "why"):
        right = heading in ("chance of it", found.deepest)
        shown.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for row in found.states.reset_index().to_dict("records"):
        given = "" if row["verdict"] == "undecided" else percent(row[f"chance_{option_of(row['recorded'])}"])
        unsure = "" if row["confidence"] > 1 else " ?"
        likeliest = f"{row['likeliest']} {percent(row[f'chance_{row["likeliest"]}'])}"
        shown.add_row(
            row["state"],
            row["date"].isoformat(),
            row["recorded"] + unsure,
            given,
            likeliest,
            percent(row[f"chance_{found.deepest}"]),
            row["verdict"],
            _why(row, found.setup.scenario),
        )
    print_table(shown)
    click.echo(
        "why: what speaks most for the likeliest stance over the one on record (for a hit, over the next best), and "
        "against it; ?: confidence 1"
    )


def _why(row: dict[Any, Any], scenario: Scenario) -> str:
    from sim.text.words import reason

    for_ = ", ".join(f"{reason(name, scenario)} {by:+.2f}" for name, by in row["for_"][:_REASONS]) or "nothing"
    against = ", ".join(f"{reason(name, scenario)} {by:+.2f}" for name, by in row["against"][:_REASONS])
    return f"over {row['over']}: {for_}" + (f"; against {against}" if against else "")


def _print_json(found: Hindcast, drawn: Path | None) -> None:
    import json

    from sim.scenario import digest

    known, asked = found.record, found.asked
    answer: dict[str, Any] = {
        "scenario": found.setup.scenario.name,
        "digest": digest(found.setup.scenario),
        "positions": known.source,
        "stances": asked.which,
        "date": found.day.isoformat(),
        "round": found.round,
        "replicates": asked.replicates,
        "seed": asked.seed,
        "deepest": found.deepest,
        "decided": list(known.decided()),
        "undecided": list(known.undecided),
        "unknown": list(known.unknown),
        "not_on_the_roster": list(known.not_asked),
        "later_rows": known.later,
        "scores": {"all": _by_index(found.scores), "sure": None if found.sure is None else _by_index(found.sure)},
        "counts": [_known(row) for row in found.counts.to_dict("records")],
        "calibration": {
            name: [
                {
                    "low": each.low,
                    "high": each.high,
                    "count": each.count,
                    "foreseen": each.foreseen,
                    "came": each.came.mean,
                    "came_low": each.came.low,
                    "came_high": each.came.high,
                }
                for each in bins
            ]
            for name, bins in found.calibration.items()
        },
        "states": {row["state"]: _state(row) for row in found.states.reset_index().to_dict("records")},
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _state(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a state's row as JSON knows it."""
    rest = {name: value for name, value in row.items() if name not in ("state", "for_", "against")}
    rest |= {"date": row["date"].isoformat(), "conditions": list(row["conditions"])}
    return _known(rest) | {"for": dict(row["for_"]), "against": dict(row["against"])}


def _by_index(table: pd.DataFrame) -> dict[str, Any]:
    return {str(row.pop("forecast")): _known(row) for row in table.reset_index().to_dict("records")}


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row with what is not a number as nothing."""
    return {str(name): None if value != value else value for name, value in row.items()}
