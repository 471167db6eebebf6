"""`willing check`: every mistake of a scenario at once."""

from __future__ import annotations

import click


@click.command(epilog="Example: willing check paris-march-2025 my-scenario.yaml")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Check with a setting replaced.")
@click.pass_context
def check(context: click.Context, files: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Look scenarios over and name every mistake in them, with its place and what may have been meant.

    FILE is a file or the name of a shipped scenario. A scenario is good if it can be played: every figure that it
    needs is known. Exit code 2 if there is any mistake.
    """
    from sim.errors import WillingError
    from sim.model.setup import prepare
    from sim.scenario import digest, load_scenario

    bad = 0
    for file in files:
        try:
            scenario = load_scenario(file, settings)
            prepare(scenario)
        except WillingError as error:
            bad += 1
            click.echo(str(error), err=True)
        else:
            click.echo(f"{file}: good (digest {digest(scenario)[:12]})")
    if bad:
        context.exit(2)
