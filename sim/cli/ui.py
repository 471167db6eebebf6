"""`willing ui`: the page in the browser, where a case is watched, varied and looked up."""

from __future__ import annotations

import click

HERE = "127.0.0.1"


@click.command(epilog="Example: willing ui us-opposes --port 8766")
@click.argument("scenario", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="Where this machine listens; 0: any port that is free.",
)
@click.option(
    "--host",
    default=HERE,
    show_default=True,
    help="Which address it listens at; any but this machine's own opens the page to others.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser at once.")
@click.option("--mesa", "is_mesas", is_flag=True, help="Open Mesa's own page of the scenario instead.")
def ui(scenario: str | None, port: int, host: str, opens: bool, is_mesas: bool) -> None:
    """Open the page: watch the bargaining, ask what if, look at results.

    SCENARIO, a name from `willing list scenarios` or a YAML file, is shown first. Results are those under results/ in
    the folder where the command is given. Control-C ends it.
    """
    import contextlib
    import importlib.util
    import os
    import sys

    from sim.errors import AddressError
    from sim.model.setup import prepare
    from sim.scenario import load_scenario
    from sim.scenario.files import find_scenario

    if importlib.util.find_spec("solara") is None:
        raise AddressError("the page needs Solara, which is not installed; add it with: pip install 'willing[ui]'")
    if scenario is not None:
        find_scenario(scenario)

    from sim.ui.catalogue import first, offer, references
    from sim.ui.serve import MESAS_PAGE, OWN_PAGE, is_loopback, serve

    if scenario is not None:
        offer(scenario)
    if is_mesas:
        prepare(load_scenario(references()[first()]))  # it has no place to say what is wrong with one
    if not is_loopback(host):
        click.echo(
            f"Warning: everybody who reaches {host} can use the page, and read the runs under results/.", err=True
        )

    out = sys.stdout

    def ready(address: str) -> None:
        click.echo(f"The page is at {address}\nControl-C ends it.", file=out)
        if opens:
            click.launch(address)

    with contextlib.redirect_stdout(sys.stderr):  # where Solara prints what went wrong in a view
        serve(host, port, ready=ready, give_up=lambda: os._exit(0), page=MESAS_PAGE if is_mesas else OWN_PAGE)
    out.flush()
    os._exit(0)  # and wait for no thread that still plays
