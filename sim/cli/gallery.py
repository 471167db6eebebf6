"""`willing gallery`: write a small table and a map of each scenario, and one page of all."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import options
from sim.cli.suffixes import FolderPath


@click.command(epilog="Example: willing gallery us-opposes firm-us-backstop --replicates 100 --out two")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--out",
    type=FolderPath(),
    default=Path("gallery"),
    show_default=True,
    help="Folder for the page and for one folder per scenario.",
)
@options.replicates(400, "Replicates of each scenario.")
@options.seed
@options.workers
def gallery(scenarios: tuple[str, ...], out: Path, replicates: int, seed: int, workers: int | None) -> None:
    """Simulate scenarios, by default all that are included, and write a small table and a map of each.

    An existing gallery is replaced; anything else is never overwritten.
    """
    from sim import api
    from sim.cli import console
    from sim.report.gallery import PAGE, check_gallery, entry, page, write_entry
    from sim.results.files import check_free, write_page
    from sim.scenario import shipped

    loaded = [api.load_scenario(reference) for reference in dict.fromkeys(scenarios or shipped())]
    check_gallery(out, [scenario.name for scenario in loaded])
    check_free([out / PAGE], overwrite=True)
    entries = []
    for scenario in loaded:
        with console.progress(f"Simulating {scenario.name}") as on_progress:
            run = api.run(scenario, replicates=replicates, seed=seed, workers=workers, on_progress=on_progress)
        write_entry(out, run)
        entries.append(entry(run))
    write_page(out / PAGE, page(entries, seed=seed, replicates=replicates), overwrite=True)
    click.echo(out / PAGE)
