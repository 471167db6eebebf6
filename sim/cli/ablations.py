"""`willing ablations`: measure what each part of the model contributes."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.output import Output


@click.command(epilog="Example: willing ablations momentum security --replicates 1000")
@click.argument("parts", nargs=-1, metavar="[PART]...")
@options.replicates(400, "Replicates of each situation.", least=2)
@options.seed
@options.workers
@options.page("Write a page (.md), with its figure (.png) and all measures (.csv) beside it.")
@options.output()
def ablations(
    parts: tuple[str, ...], replicates: int, seed: int, workers: int | None, out: Path | None, output: Output
) -> None:
    """Leave out parts of the model, one at a time, and measure all patterns and scores again.

    PART is a consideration, "momentum and security", turnover or "proposal revision"; by default all are left out in
    turn, which takes about a minute. All situations use the same random draws.
    """
    from sim import api
    from sim.cli import console
    from sim.report import ablations as report
    from sim.report.pages import check_page

    if out is not None:
        check_page(out, command=report.COMMAND, beside=(".png", ".csv"))
    with console.progress("Simulating situations") as on_progress:
        result = api.ablations(
            parts or None, replicates=replicates, seed=seed, workers=workers, on_progress=on_progress
        )
    output.answer(result, only="parts")
    if out is not None:
<<<<<<< HEAD
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
=======
        report.write(result, out)
        output.report_file("Page", out)
>>>>>>> 6e7ee76 (patterns and ablations are library functions whose results the commands print and write)
