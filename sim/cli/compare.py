"""`willing compare`: which states move between runs, and whether significantly."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import no_figures_option
from sim.cli.suffixes import FolderPath
from sim.cli.tables import TableFiles, table_options
from sim.cli.what_if import what_if_options

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.compare import Comparison, Step
    from sim.cli.playing import RunOptions
    from sim.results.manifest import Manifest
    from sim.results.run import Run

COMPARISONS = Path("results") / "comparisons"
_FEWEST, _MOST = 2, 5  # runs
_NAMED = 8  # states on either side
_COLUMN = 14  # characters over which a label is broken in a table's head


@click.command(epilog="Example: willing compare paris-march-2025 firm-us-backstop un-mandate")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--replicates",
    type=click.IntRange(1, 1_000_000),
    help="How many runs with luck of their own; by default 400, or as many as a folder that is named holds.",
)
@click.option("--rounds", type=click.IntRange(1, 10_000), help="How many rounds, in place of the scenarios'.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Where luck starts from; by default 0, or the seed of a folder that is named.",
)
@what_if_options
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
@click.option("--chain", is_flag=True, help="Compare each run with the one before it, instead of the first.")
@click.option("--as-played", is_flag=True, help="Take folders as they were played, even if a scenario has changed.")
@click.option("--out", type=FolderPath(), help="Folder to write; by default one in results/comparisons.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="What to write the figure as.",
)
@no_figures_option
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def compare(
    runs: tuple[str, ...],
    replicates: int | None,
    rounds: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    workers: int | None,
    chain: bool,
    as_played: bool,
    out: Path | None,
    kind: str,
    no_figures: bool,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Compare the first RUN with each other one: which states move, whether significantly, and what follows.

    RUN is the folder of a run, or a scenario, by name or file, which is played, or read back if it lies there already.
    All need the same seed: replicate by replicate their random draws are then the same, and what differs is due
    to the scenarios. --replicates, --rounds, --seed, --set, --force, --at and --workers say how scenarios
    are played.
    """
    from sim.analysis.compare import Compared, check_paired
    from sim.analysis.compare import compare as compare_runs
    from sim.cli.playing import RunOptions, play_scenario
    from sim.report.sheets import of_comparison
    from sim.results.comparison import ComparisonManifest, reserve_comparison, unique_labels
    from sim.scenario.settings import shown_setting
    from sim.text.heading import heading

    if not _FEWEST <= len(runs) <= _MOST:
        raise click.UsageError(f"{len(runs)} named; name {_FEWEST} to {_MOST} runs, each a folder or a scenario")
    playing = {
        "--replicates": replicates,
        "--rounds": rounds,
        "--seed": seed,
        **({shown_setting(settings[0]).split()[0]: settings} if settings else {}),
        "--workers": workers,
    }
    opened = _opened(runs, [name for name, value in playing.items() if value is not None], as_played=as_played)
    first = next((run.manifest for run in opened.values()), None)
    wanted = RunOptions(
        replicates=replicates or (first.replicates if first else 400),
        seed=seed if seed is not None else (first.seed if first else 0),
        workers=workers,
        settings=[*settings, *([f"rounds={rounds}"] if rounds else [])],
        figures=not no_figures,
    )
    manifests = [opened[name].manifest if name in opened else _certified(name, wanted) for name in runs]
    check_paired(runs, manifests)
    labels = unique_labels(manifests, [heading(manifest.as_scenario(), before=False) for manifest in manifests])
    figure = "" if no_figures else f"comparison.{kind}"
    certificate = ComparisonManifest(labels=labels, runs=tuple(manifests), figure=figure, is_chain=chain)
    folder = COMPARISONS / certificate.name if out is None else out
    stands = reserve_comparison(folder, certificate)
    for name in runs:
        if name not in opened:
            opened[name] = play_scenario(name, wanted)
    held = [Compared(label=label, run=opened[name]) for label, name in zip(labels, runs, strict=True)]
    compared = compare_runs(held, chain=chain)
    if stands:
        click.echo(f"Already compared: {folder}", err=True)
    else:
        _write(folder, certificate, compared)
    tables.write(lambda: of_comparison(compared))
    if as_json:
        _print_json(compared, folder)
    else:
        _print(compared)
        click.echo(f"\n{'Tables' if no_figures else 'Figure, tables'} and manifest: {folder}")


def _opened(runs: Sequence[str], playing: Sequence[str], *, as_played: bool) -> dict[str, Run]:
    """Return the runs that are folders; UsageError for options that say how to play, where nothing can be played."""
    from sim.results.open_run import check_is_not_a_file, open_run
    from sim.scenario import shipped

    paths = [name for name in dict.fromkeys(runs) if name not in shipped()]
    for name in paths:
        check_is_not_a_file(Path(name))
    folders = [name for name in paths if Path(name).is_dir()]
    changing = [name for name in playing if name in ("--set", "--force", "--at")]
    if folders and changing:
        raise click.UsageError(
            f"{changing[0]} applies to scenarios that are still to be played, but {folders[0]} is the folder of a run; "
            f"play the others with `willing run SCENARIO {changing[0]} ...`, then name their folders here"
        )
    if playing and set(folders) == set(runs):
        raise click.UsageError(f"{playing[0]} says how scenarios are played, and all that is named has been played")
    return {name: open_run(Path(name), as_played=as_played) for name in folders}


def _certified(reference: str, wanted: RunOptions) -> Manifest:
    """Return what a scenario would be as a run, and find every mistake in it before anything is played."""
    from sim.cli.playing import certificate
    from sim.model.setup import prepare
    from sim.scenario import load_scenario

    scenario = load_scenario(reference, wanted.settings)
    prepare(scenario)
    return certificate(scenario, reference, wanted)


def _write(folder: Path, certificate: Any, compared: Comparison) -> None:
    from sim.cli.drawing import attempt
    from sim.cli.progress import progress
    from sim.plots import comparison, save
    from sim.results.comparison import write_comparison
    from sim.results.files import as_csv

    tables = {"states.csv": as_csv(compared.states.round(6)), "outcomes.csv": as_csv(compared.outcomes.round(6))}
    with progress("Drawing", 1) as on_progress:

        def draw(path: Path) -> None:
            with attempt(path.name):
                save(comparison(compared), path)
            on_progress(1)

        write_comparison(folder, certificate, tables, draw)


def _print_json(compared: Comparison, folder: Path) -> None:
    import json

    answer = {
        "runs": [
            {
                "label": each.label,
                "scenario": each.manifest.scenario,
                "digest": each.manifest.digest,
                "seed": each.manifest.seed,
                "replicates": each.manifest.replicates,
                "rounds": each.manifest.rounds,
                "result": str(each.run.folder),
            }
            for each in compared.runs
        ],
        "each_with": "the one before" if compared.is_chain else "the first",
        "steps": [_step_as_json(step) for step in compared.steps],
        "notes": list(compared.notes),
        "result": str(folder),
    }
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _step_as_json(step: Step) -> dict[str, Any]:
    ends = ("difference", "low", "high")
    menus = {"from": ("before", step.before), "to": ("after", step.after)}
    return {
        "from": step.before.label,
        "to": step.after.label,
        "outcomes": {
            str(name): {
                key: _number(row[column])
                for key, column in (("from", "before"), ("to", "after"), *zip(ends, ends, strict=True))
            }
            for name, row in step.outcomes.iterrows()
        },
        "states": {
            str(code): {
                end: {option: _number(row[f"{when}_{option}"]) for option in run.scenario.option_names}
                for end, (when, run) in menus.items()
            }
            | {key: _number(row[key]) for key in ("moves", *ends)}
            for code, row in step.states.iterrows()
        },
    }


def _number(value: Any) -> float | None:
    """Return a number that JSON knows."""
    return None if value != value else float(value)


def _print(compared: Comparison) -> None:
    from sim.cli.printing import paragraph
    from sim.plots import comparison_title
    from sim.plots.comparison import FEW

    seed = compared.runs[0].manifest.seed
    counts = sorted({step.replicates for step in compared.steps})
    over = " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))
    click.echo(click.style(click.wrap_text(comparison_title(compared), width=100), bold=True))
    paragraph(
        "Compared",
        f"{over} replicate{'' if over == '1' else 's'} under the same luck, seed {seed}; ±: the 95% interval of a mean "
        "change, which covers luck only, not what the model may have wrong",
    )
    if counts[0] < FEW:
        paragraph("Note", f"with fewer than {FEW} replicates intervals may be far too narrow; play 100 or more")
    for note in compared.notes:
        paragraph("Note", note)
    for step in compared.steps:
        click.echo()
        _print_step(step)


def _print_step(step: Step) -> None:
    from sim.cli.printing import paragraph

    movers = step.movers
    deeper, less_deep = movers[movers["difference"] > 0.0], movers[movers["difference"] < 0.0]
    of = f"{len(step.codes)} state{'' if len(step.codes) == 1 else 's'}"
    said = (
        "one replicate: nothing is sure"
        if step.replicates == 1
        else f"{len(movers) or 'none'} of {of} surely move{'' if len(movers) > 1 else 's'}"
    )
    if len(deeper) and len(less_deep):
        said += f", {len(deeper)} deeper and {len(less_deep)} less deep"
    paragraph(f"From {step.before.label} to {step.after.label}", said)
    for heading, table in (("Deeper, in rungs", deeper), ("Less deep, in rungs", less_deep)):
        if len(table):
            paragraph(heading, _moves(table))
    click.echo()
    _print_outcomes(step)


def _moves(table: pd.DataFrame) -> str:
    """Return who moves, by how much, and how as a rule."""
    from sim.text.numbers import percent

    named = [
        f"{code} {row['difference']:+.2f} ±{row['high'] - row['difference']:.2f} "
        f"({row['likeliest_from']} -> {row['likeliest_to']} in {percent(row['likeliest_move'])})"
        for code, row in table.head(_NAMED).iterrows()
    ]
    more = len(table) - len(named)
    return ", ".join(named) + (f", and {more} more" if more else "")


def _print_outcomes(step: Step) -> None:
    """Print the main outcomes of two runs side by side, with the difference."""
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("after the last round", no_wrap=True)
    for label in (step.before.label, step.after.label, "difference"):
        table.add_column(_stacked(label), justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    measured = step.outcomes.to_dict("index")
    for name, (words, digits, scale) in _main_outcomes(step).items():
        if name in measured:
            table.add_row(words, *_cells(measured[name], digits, scale))
    print_table(table)


def _stacked(label: str) -> str:
    """Return a label in lines that fit above a column, broken between words, after hyphens and in paths after dots."""
    lines = [""]
    for piece in re.split(r"(?<=[\s.-])(?=[^\d\s])", label):
        if lines[-1] and len(lines[-1] + piece.rstrip()) > _COLUMN:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def _cells(row: Mapping[Hashable, Any], digits: int, scale: float) -> list[str]:
    """Return a mean before and after, their difference, and how far the interval of that reaches."""
    said = [
        "undefined" if row[name] != row[name] else f"{scale * row[name]:{sign}z,.{digits}f}"
        for name, sign in (("before", ""), ("after", ""), ("difference", "+"))
    ]
    reach = scale * (row["high"] - row["difference"])
    return [*said, "" if reach != reach else f"±{reach:,.{digits}f}"]


def _main_outcomes(step: Step) -> dict[str, tuple[str, int, float]]:
    """Return the outcomes that are printed, with what they are called, their digits, and the factor of their unit."""
    from sim.model.columns import conditional_column, personnel_column, states_column

    scenario = step.after.scenario
    found: dict[str, tuple[str, int, float]] = {}
    for option in reversed(scenario.option_names[1:]):
        words = option.replace("_", " ")
        found[states_column(option)] = (f"states, {words}", 1, 1.0)
        if option in (step.before.scenario.deepest, scenario.deepest):
            found[conditional_column(option)] = ("  if the conditions were met", 1, 1.0)
    for option in reversed(scenario.option_names[1:]):
        if scenario.menu[option].share > 0.0:
            found[personnel_column(option)] = (f"soldiers, {option.replace('_', ' ')}", 0, 1.0)
    return found | {
        "viable": ("viable at the first ask, %", 1, 100.0),
        "viable_now": ("viable at the last ask, %", 1, 100.0),
        "redimensioned": ("changes of the proposal", 1, 1.0),
        "deterrence": ("deterrence, 0 to 1", 2, 1.0),
    }
