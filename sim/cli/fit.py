"""`willing fit`: which weights fit the record best, and of which weights the record says anything."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import figure_option
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.fit import Fit

FITS = Path("results") / "fits"
_ROWS = {
    "before": "weights before",
    "fitted": "fitted",
    "left_out": "fitted without the state",
    "multinomial_logit": "multinomial logit without the state",
}


@click.command(epilog="Example: willing fit --positions mine.csv --scenario base --out base-fitted.yaml")
@click.option(
    "--positions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Table of dated positions (CSV); by default the shipped one, of spring 2025.",
)
@click.option("--scenario", default="base", show_default=True, help="Whose weights are fitted: a name or a YAML file.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="D",
    help="In the situation of this day, with positions up to it; by default that of the start, with all.",
)
@click.option(
    "--stances",
    "which",
    type=click.Choice(["conditional", "firm"]),
    default="conditional",
    show_default=True,
    help="Whether the positions are taken to suppose the conditions of the proposal.",
)
@click.option("--sure", is_flag=True, help="Only to rows of confidence 2 and 3.")
@click.option(
    "--priors",
    "prior",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is held of the weights before (YAML); by default the scenario's weights, give or take half their size.",
)
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting; may be repeated.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="Where to write the fitted scenario, its posterior beside it; by default under results, with --json nowhere.",
)
@figure_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def fit(
    positions: Path | None,
    scenario: str,
    day: datetime.datetime | None,
    which: str,
    sure: bool,
    prior: Path | None,
    settings: tuple[str, ...],
    out: Path | None,
    figure: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Fit the weights to what governments said, and say how much of each weight comes from the record.

    The weights of the highest posterior density are written as a scenario that extends the one that was fitted.
    """
    from sim.analysis import positions as known
    from sim.analysis import priors
    from sim.analysis.fit import FitSpec
    from sim.analysis.fit import fit as find
    from sim.analysis.hindcast import KINDS
    from sim.cli.drawing import check_figure, draw
    from sim.cli.progress import progress
    from sim.plots.fit import fit_figure
    from sim.report.sheets import of_fit

    check_figure(figure, None if as_json else FITS)
    _check_out(out, scenario, as_json=as_json)
    wanted = FitSpec(
        scenario=scenario,
        settings=settings,
        positions=known.SHIPPED if positions is None else positions,
        priors=priors.SHIPPED if prior is None else prior,
        day=None if day is None else day.date(),
        which=next(each for each in KINDS if each == which),
        sure=sure,
    )
    with progress("Fitting", _steps(scenario, settings)) as on_progress:
        found = find(wanted, on_progress)
    name = f"{found.setup.scenario.name}-fitted-{_identity(found)}"
    written = None if as_json and out is None else _write(found, out, name)
    drawn = None if as_json and figure is None else draw(lambda: fit_figure(found), figure, FITS / f"{name}.png")
    tables.write(lambda: of_fit(found))
    if as_json:
        _print_json(found, written, drawn)
    else:
        _print(found)
        assert written is not None
        click.echo(f"\nScenario: {written}\nPosterior: {_beside(written)}")
        if drawn is not None:
            click.echo(f"Figure: {drawn}")


def _steps(scenario: str, settings: tuple[str, ...]) -> int:
    """Return how many weights and states there are to look at, at most."""
    from sim.scenario import load_scenario

    loaded = load_scenario(scenario, settings)
    return len(loaded.weights) + len(loaded.roster.asked)


def _beside(out: Path) -> Path:
    """Return where the posterior of a fitted scenario lies."""
    from sim.scenario.posterior import SUFFIX

    return out.with_name(out.stem + SUFFIX)


def _check_out(out: Path | None, scenario: str, *, as_json: bool) -> None:
    """Raise ResultsError where the fitted scenario could not lie, before anything is fitted."""
    from sim.errors import ResultsError
    from sim.results.files import check_free, try_place
    from sim.scenario import shipped

    if out is None:
        if not as_json:
            folder = FITS if scenario in shipped() else Path(scenario).parent
            try_place(folder / "fitted.yaml", shown=folder, other="place")
        return
    if out.suffix != ".yaml":
        raise ResultsError(f"--out {out}: a scenario is a YAML file; name one such as {out.stem or 'fitted'}.yaml")
    folder = Path(scenario).parent
    if scenario not in shipped() and out.parent.absolute() != folder.absolute():
        raise ResultsError(
            f"--out {out}: extends {scenario}, so it has to lie beside that; name {folder / out.name}, or leave it out"
        )
    check_free([out, _beside(out)])


def _identity(found: Fit) -> str:
    """Return eight hex digits that say what was fitted to what."""
    import hashlib

    from sim.analysis.posterior import posterior_text

    return hashlib.sha256(posterior_text(found).encode()).hexdigest()[:8]


def _write(found: Fit, out: Path | None, name: str) -> Path:
    """Write the fitted scenario with its posterior, and return where it lies."""
    from sim.analysis.posterior import posterior_text
    from sim.results.files import write_files
    from sim.scenario import shipped
    from sim.scenario.checksum import seal_yaml
    from sim.scenario.export import extending
    from sim.text.heading import heading

    reference = found.wanted.scenario
    folder = FITS if reference in shipped() else Path(reference).parent
    target = out or folder / f"{name}.yaml"
    scenario = found.setup.scenario
    text = extending(
        reference,
        found.settings,
        question=scenario.question,
        about=(
            f"Weights of {heading(scenario)} fitted to {len(found.data.codes)} {found.wanted.which} stances of "
            f"{found.record.source}, given the prior. Made by `willing fit`; {_beside(target).name} holds the "
            "uncertainty of each weight."
        ),
    )
    texts = {target.name: text, _beside(target).name: seal_yaml(posterior_text(found))}
    write_files(target.parent, [], texts=texts, overwrite=out is None)
    return target


def _print(found: Fit) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import opening, paragraph, print_table
    from sim.plots.fit import fit_title
    from sim.text.heading import heading
    from sim.text.numbers import signed
    from sim.text.words import reason

    known = found.record
    opening(
        f"{click.style(heading(found.setup.scenario), bold=True)} fitted to {known.source}: {len(found.data.codes)} of "
        f"{len(known.codes)} states have a stance that counts, {len(known.undecided)} are undecided, "
        f"{len(known.unknown)} not on record"
    )
    paragraph("In short", f"{fit_title(found)}. {_furthest(found)}")
    click.echo()
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("weight", no_wrap=True)
    for name in ("before", "prior", "fitted", "95% profile", "moved", "sd left"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in found.weights.reset_index().to_dict("records"):
        held = row["says"] == "held"
        table.add_row(
            reason(row["weight"], found.setup.scenario),
            f"{row['before']:.2f}",
            "" if held else f"{row['prior_mean']:.2f} ± {row['prior_sd']:.2f}",
            f"{row['mean']:.2f}" if held else f"{row['mean']:.2f} ± {row['sd']:.2f}",
            "" if held else f"{row['low']:.2f} to {row['high']:.2f}",
            "" if held else signed(row["moved"]),
            "" if held else f"{row['left']:.0%}",
            row["says"],
        )
    print_table(table)
    click.echo(
        "moved: in prior standard deviations; sd left: part of the prior's that is left; identified: half of the "
        "variance gone or more"
    )
    click.echo()
    scores = Table(box=SIMPLE, pad_edge=False)
    scores.add_column("", no_wrap=True)
    for name in ("hits", "Brier", "log", "RPS", f"AUC {found.setup.menu.names[-1]}"):
        scores.add_column(name, justify="right")
    for row in found.scores.reset_index().to_dict("records"):
        area = f"{row['auc']:.3f}" if row["auc"] == row["auc"] else ""
        numbers = [f"{row[column]:.3f}" for column in ("brier", "log", "rps")]
        scores.add_row(_ROWS[row["weights"]], f"{row['accuracy']:.0%}", *numbers, area)
    print_table(scores)
    click.echo("Chances of one choice, all others standing where the record has them; willing hindcast plays it out.")


def _furthest(found: Fit) -> str:
    """Return which weight moved furthest from what was held of it."""
    from sim.text.numbers import signed
    from sim.text.words import reason

    moved = found.weights["moved"]
    name = str(moved.abs().idxmax())
    by = float(moved.to_dict()[name])
    return (
        f"No weight moves further than {reason(name, found.setup.scenario)}, by {signed(by)} prior standard deviations"
    )


def _print_json(found: Fit, written: Path | None, drawn: Path | None) -> None:
    import json

    from sim.scenario import digest

    def rows(table: Any, key: str) -> dict[str, Any]:
        return {
            row.pop(key): {name: None if value != value else value for name, value in row.items()}
            for row in table.reset_index().to_dict("records")
        }

    answer = {
        "scenario": found.setup.scenario.name,
        "digest": digest(found.setup.scenario),
        "positions": found.record.source,
        "stances": found.wanted.which,
        "states": list(found.data.codes),
        "undecided": list(found.record.undecided),
        "unknown": list(found.record.unknown),
        "weights": rows(found.weights, "weight"),
        "covariance": found.covariance.tolist(),
        "scores": rows(found.scores, "weights"),
        "fitted": None if written is None else str(written),
        "posterior": None if written is None else str(_beside(written)),
        "figure": None if drawn is None else str(drawn),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
