"""`willing ui`: serve the page in the browser."""

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
    help="Port to listen on; 0 for any free port.",
)
@click.option(
    "--host",
    default=HERE,
    show_default=True,
    help="Address to listen on; any other than a loopback address opens the page to other machines.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@click.option("--mesa", "is_mesa", is_flag=True, help="Serve Mesa's own page for the scenario instead.")
def ui(scenario: str | None, port: int, host: str, opens: bool, is_mesa: bool) -> None:
    """Serve a page in the browser: follow the bargaining, vary settings, browse results.

    SCENARIO, a name from `willing list scenarios` or a YAML file, is shown first. Results are those under results/ in
    the working folder. Press Ctrl-C to stop.
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
        raise AddressError("the page needs Solara, which is not installed; install it with: pip install 'willing[ui]'")
    if scenario is not None:
        find_scenario(scenario)

    from sim.ui.catalogue import first_scenario, references, set_first_scenario
    from sim.ui.serve import MESA_PAGE, OWN_PAGE, is_loopback, serve

    if scenario is not None:
        set_first_scenario(scenario)
    if is_mesa:
        prepare(load_scenario(references()[first_scenario()]))  # this page cannot show errors
    if not is_loopback(host):
        click.echo(
            f"Warning: anyone who can reach {host} can use the page and read the results under results/.", err=True
        )

    out = sys.stdout

    def ready(address: str) -> None:
        click.echo(f"The page is at {address}\nPress Ctrl-C to stop.", file=out)
        if opens:
            click.launch(address)

    with contextlib.redirect_stdout(sys.stderr):  # Solara prints errors of a view to standard output
        serve(host, port, ready=ready, give_up=lambda: os._exit(0), page=MESA_PAGE if is_mesa else OWN_PAGE)
    out.flush()
    os._exit(0)  # without waiting for threads that still simulate
