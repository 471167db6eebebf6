"""`willing gallery`: a small table and figure of each scenario, with its manifest, and one page of all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.suffixes import FolderPath

if TYPE_CHECKING:
    from sim.model.setup import Setup
    from sim.results.manifest import Manifest
    from sim.results.tables import RunTables

PAGE = "README.md"


@click.command(epilog="Example: willing gallery us-opposes firm-us-backstop --replicates 100 --out two")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--out",
    type=FolderPath(),
    default=Path("gallery"),
    show_default=True,
    help="Folder for the page and a folder of each scenario.",
)
@click.option("--replicates", type=click.IntRange(1, 100_000), default=400, show_default=True, help="Of each scenario.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Where luck starts from.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads that share the work; by default one a processor.")
def gallery(scenarios: tuple[str, ...], out: Path, replicates: int, seed: int, workers: int | None) -> None:
    """Play scenarios, the shipped ones unless some are named, and keep a small table and figure of each.

    A gallery that stands there is made anew; anything else is never written over.
    """
    from sim.cli.playing import RunOptions, certificate, play_tables
    from sim.model.setup import prepare
    from sim.plots import map_title
    from sim.report.gallery import page, piece
    from sim.results.files import check_free, write_page
    from sim.results.summary import stance_chances
    from sim.scenario import load_scenario, shipped

    wanted = RunOptions(replicates=replicates, seed=seed, workers=workers)
    setups = {reference: prepare(load_scenario(reference)) for reference in dict.fromkeys(scenarios or shipped())}
    _check_replaceable(out, [setup.scenario.name for setup in setups.values()])
    check_free([out / PAGE], overwrite=True)
    pieces = []
    for reference, setup in setups.items():
        tables = play_tables(setup, wanted)
        _keep(out, setup, tables, certificate(setup.scenario, reference, wanted))
        chances = stance_chances(tables.stances, setup.menu.names)
        pieces.append(piece(setup, tables, map_title(chances, setup.scenario)))
    write_page(out / PAGE, page(pieces, seed=seed, replicates=replicates), overwrite=True)
    click.echo(out / PAGE)


def _keep(out: Path, setup: Setup, tables: RunTables, manifest: Manifest) -> None:
    """Write what is kept of a scenario into its folder."""
    from sim.plots import map_of_run
    from sim.plots.thumbnail import save_thumbnail
    from sim.report.gallery import states_table
    from sim.results.files import write_files
    from sim.scenario.checksum import checksum, seal_json

    table = states_table(setup, tables)
    sealed = manifest.with_checksums({"states.csv": checksum(table.encode())})
    texts = {
        "states.csv": table,
        "manifest.json": seal_json(sealed.as_dict()),
    }

    def draw(aside: Path) -> None:
        save_thumbnail(map_of_run(tables, setup.scenario, seed=manifest.seed), aside / "map.png")

    write_files(out / setup.scenario.name, ["map.png"], draw, texts=texts, overwrite=True)


def _check_replaceable(out: Path, names: list[str]) -> None:
    """Raise ResultsError where something stands that no gallery made, or two scenarios would share a folder."""
    from sim.errors import ResultsError
    from sim.report.gallery import MARK
    from sim.results.store import MANIFEST

    for name in names:
        if names.count(name) > 1:
            raise ResultsError(f"{out / name}: two scenarios are called {name}; give one of them another name")
    page = out / PAGE
    if page.is_file() and page.read_text("utf-8", errors="replace").startswith(MARK):
        return
    is_other = out.is_file() or (out / MANIFEST).exists()  # the latter of a run or a comparison
    taken = [out] if is_other else [path for path in (page, *(out / name for name in names)) if path.exists()]
    if taken:
        raise ResultsError(f"{taken[0]}: exists and was not made by `willing gallery`; name another folder with --out")
