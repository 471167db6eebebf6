"""`willing ablations`: what each part of the model is there for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.pages import situation_options
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.ablations import Ablations


@click.command(epilog="Example: willing ablations momentum security --replicates 1000")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@situation_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page (.md), with its figure (.png) and all numbers (.csv) beside it.",
)
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def ablations(
    parts: tuple[str, ...],
    replicates: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Leave out parts of the model, one at a time, and measure all patterns and the record again.

    PART is a consideration, "momentum and security", turnover or re-dimensioning; without any all of them are left out
    in turn, which takes about a minute. Everything is played on the same luck.
    """
    import os

    from sim.analysis import ablations as analysis
    from sim.analysis.pattern_catalogue import PATTERNS
    from sim.cli.pages import check_page
    from sim.cli.progress import progress
    from sim.report.ablations import MARK
    from sim.report.sheets import of_ablations
    from sim.scenario.suggestions import did_you_mean

    known = {part.name: part for part in analysis.ablations()}
    for name in parts:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise click.UsageError(f"no part {name[:40]!r}{hint}")
    if out is not None:
        check_page(out, mark=MARK, command="willing ablations", beside=[".png", ".csv"])
    chosen = [part for name, part in known.items() if not parts or name in parts]
    total = analysis.situations_each(PATTERNS) * (len(chosen) + 1)
    with progress("Playing situations", total) as on_progress:
        found = analysis.ablate(
            PATTERNS,
            chosen,
            seed=seed,
            replicates=replicates,
            workers=workers or os.cpu_count() or 1,
            on_progress=on_progress,
        )
    tables.write(lambda: of_ablations(found))
    if as_json:
        click.echo(_json(found))
    else:
        _print(found)
    if out is not None:
        _write(found, out)
        if not as_json:
            click.echo(f"\nPage: {out}")


def _json(found: Ablations) -> str:
    import json

    from sim.report.ablations import answer

    return json.dumps(answer(found), indent=2, ensure_ascii=False, allow_nan=False)


def _write(found: Ablations, out: Path) -> None:
    from sim.plots import save
    from sim.plots.ablations import parts_and_patterns
    from sim.report.ablations import long_table, markdown
    from sim.results.files import as_csv, write_files

    picture, table = (out.with_suffix(ending).name for ending in (".png", ".csv"))
    texts = {
        out.name: markdown(found, picture=picture, table=table),
        table: as_csv(long_table(found)),
    }

    def draw(aside: Path) -> None:
        save(parts_and_patterns(found), aside / picture)

    write_files(out.parent, [picture], draw, texts=texts, overwrite=True)


def _print(found: Ablations) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from sim.cli.printing import print_table
    from sim.report.ablations import learned
    from sim.text.words import consideration_name

    click.echo(
        f"{len(found.parts)} part{'' if len(found.parts) == 1 else 's'} left out, one at a time; {found.replicates} "
        f"replicates of each situation on common shocks, seed {found.seed}\n"
    )
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("without", no_wrap=True)
    table.add_column("patterns\nthat hold", justify="right", no_wrap=True)
    table.add_column("lost", no_wrap=True)
    table.add_column("gained", no_wrap=True)
    for head in ("troop states", "log score, change", "AUC"):
        table.add_column(head, justify="right", no_wrap=True)
    for part in (found.whole, *found.parts):
        is_whole = part is found.whole
        change = part.scores.worse_log
        log = (
            f"{part.scores.log.mean:.3f}"
            if is_whole
            else f"{change.mean:+z.3f} ({change.low:+z.3f} to {change.high:+z.3f})"
        )
        table.add_row(
            "nothing" if is_whole else consideration_name(part.ablation.name),
            f"{part.holding}",
            ", ".join(map(str, found.lost(part))),
            ", ".join(map(str, found.gained(part))),
            "" if is_whole else f"{part.troop_states.mean:+z.2f}",
            log,
            f"{part.scores.auc:.2f}",
        )
    print_table(table)
    click.echo()
    for said in learned(found):
        click.echo(click.wrap_text(said, 100))
