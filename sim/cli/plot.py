"""`willing plot`: the figures of a run, drawn anew."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="Example: willing plot results/runs/paris-march-2025-1a2b3c4d map odds --format svg --out figures"
)
@click.argument("result")
@click.argument("figures", nargs=-1, metavar="[FIGURE]...")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="What to write them as.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; by default RESULT/figures.")
@click.option("--as-played", is_flag=True, help="Draw the scenario as it was played, even if its file has changed.")
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def plot(result: str, figures: tuple[str, ...], kind: str, out: Path | None, as_played: bool, as_json: bool) -> None:
    """Draw the figures of a run anew, or only those that are named, and print where they are.

    RESULT is the folder of a run. FIGURE is one of map, odds, stances, personnel, environment. Figures in RESULT are
    replaced; in another folder nothing is written over.
    """
    import json

    from sim.cli.opening import open_result
    from sim.cli.progress import progress
    from sim.plots import FIGURES, save
    from sim.results.files import write_files
    from sim.scenario.meant import did_you_mean

    for name in figures:
        if name not in FIGURES:
            raise click.UsageError(f"no figure '{name}'{did_you_mean(name, FIGURES)}")
    if out is not None and out.suffix in (".png", ".svg", ".pdf"):
        raise click.UsageError(f"--out {out}: name a folder; the files in it are named after the figures")
    wanted = list(dict.fromkeys(figures)) or list(FIGURES)
    run = open_result(result, as_played=as_played)
    own = run.folder / "figures"
    folder = own if out is None else out

    def draw(aside: Path) -> None:
        with progress("Drawing", len(wanted)) as tell:
            for name in wanted:
                save(FIGURES[name](run.tables, run.scenario, seed=run.manifest.seed), aside / f"{name}.{kind}")
                tell(1)

    files = [f"{name}.{kind}" for name in wanted]
    written = write_files(folder, files, draw, anew=folder.absolute() == own.absolute())
    if as_json:
        click.echo(json.dumps({"result": str(run.folder), "figures": [str(path) for path in written]}, indent=2))
    else:
        click.echo("\n".join(map(str, written)))
