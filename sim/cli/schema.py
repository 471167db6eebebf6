"""`willing schema`: the JSON Schema of scenario or experiment files, for editors."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: willing schema scenario --out scenario.schema.json")
@click.argument("kind", type=click.Choice(["scenario", "experiment"]))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write, such as scenario.schema.json; by default standard output.",
)
def schema(kind: str, out: Path | None) -> None:
    """Write the JSON Schema of scenario or experiment files, with which editors complete and check them.

    A file that begins with the line `# yaml-language-server: $schema=scenario.schema.json` is then completed and
    checked while you write it. The schema refuses nothing that `willing check` accepts; `check` finds more errors.
    """
    from sim import api
    from sim.cli.suffixes import check_suffix
    from sim.results.files import write_page
    from sim.scenario.json_schema import to_text

    text = to_text(api.schema(kind))
    if out is None:
        click.echo(text, nl=False)
        return
    check_suffix("--out", out, (".json",))
    write_page(out, text)
    click.echo(out)
