"""`willing patterns`: whether the model shows what was reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.pages import situation_options
from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.analysis.pattern import Finding


@click.command(epilog="Example: willing patterns 3 15 --replicates 1000")
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@situation_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page (.md) with its figure (.png) beside it.",
)
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def patterns(
    numbers: tuple[int, ...],
    replicates: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    tables: TableFiles,
    as_json: bool,
) -> None:
    """Measure the patterns of these numbers, or all: what was reported of the talks, declared before any run.

    Every situation is played on the same luck. A pattern holds if each number that decides is what it has to be; the
    exit code is 0 either way, because a pattern that fails is a finding.
    """
    import os

    from sim.analysis.pattern import find, situations
    from sim.analysis.pattern_catalogue import PATTERNS
    from sim.cli.pages import check_page
    from sim.cli.progress import progress
    from sim.report.findings import MARK
    from sim.report.sheets import of_patterns

    known = [pattern.number for pattern in PATTERNS]
    unknown = [str(number) for number in numbers if number not in known]
    if unknown:
        raise click.UsageError(f"no pattern {', '.join(unknown)}; there are {', '.join(map(str, known))}")
    if out is not None:
        check_page(out, mark=MARK, command="willing patterns", beside=[".png"])
    chosen = [pattern for pattern in PATTERNS if not numbers or pattern.number in numbers]
    total = len(situations(chosen))
    workers = workers or os.cpu_count() or 1
    with progress("Playing situations", total) as on_progress:
        findings = find(chosen, seed=seed, replicates=replicates, workers=workers, on_progress=on_progress)
    tables.write(lambda: of_patterns(findings))
    if as_json:
        _print_json(findings, seed)
    else:
        _print(findings, seed)
    if out is not None:
        _write(findings, seed, out)
        if not as_json:
            click.echo(f"\nPage: {out}")


def _write(findings: list[Finding], seed: int, out: Path) -> None:
    from sim.plots import save
    from sim.plots.patterns import readings_of_patterns
    from sim.report.findings import markdown
    from sim.results.files import write_files

    picture = out.with_suffix(".png").name

    text = markdown(findings, seed=seed, picture=picture)

    def draw(aside: Path) -> None:
        save(readings_of_patterns(findings, seed=seed), aside / picture)

    write_files(out.parent, [picture], draw, texts={out.name: text}, overwrite=True)


def _print(findings: list[Finding], seed: int) -> None:
    holding = sum(finding.holds for finding in findings)
    click.echo(
        f"{holding} of {len(findings)} patterns hold; {findings[0].replicates} replicates of each situation on common "
        f"shocks, seed {seed}; in brackets 95% intervals.\n"
    )
    for finding in findings:
        colour = "green" if finding.holds else "red"
        heading = f"{finding.pattern.number:>2} {click.style(finding.verdict, fg=colour, bold=True)}  "
        click.echo(heading + click.wrap_text(finding.pattern.claim, 92, subsequent_indent=" " * 10))
        for reading in finding.readings:
            mark = ("yes" if reading.holds else "no") if reading.decides else "·"
            text = f"{reading.says}: {reading.measured}, has to be {reading.demanded}"
            click.echo(click.wrap_text(text, 100, initial_indent=f"   {mark:>5}  ", subsequent_indent=" " * 10))
    click.echo("\nyes and no: a reading that decides; ·: read for comparison.")


def _print_json(findings: list[Finding], seed: int) -> None:
    import json

    answer: list[dict[str, Any]] = [
        {
            "pattern": finding.pattern.number,
            "claim": finding.pattern.claim,
            "verdict": finding.verdict,
            "replicates": finding.replicates,
            "seed": seed,
            "readings": [
                {
                    "says": reading.says,
                    "unit": reading.unit,
                    **{part: _known(getattr(reading.value, part)) for part in ("mean", "low", "high")},
                    "wanted": reading.demanded,
                    "holds": reading.holds,
                    "decides": reading.decides,
                }
                for reading in finding.readings
            ],
            "remark": finding.pattern.remark,
        }
        for finding in findings
    ]
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))


def _known(value: float) -> float | None:
    return None if value != value else value
