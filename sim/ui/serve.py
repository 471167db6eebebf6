"""Serve the page: to this machine only by default, and from local files only."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import warnings
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType

from sim.errors import AddressError, WillingError

SETTINGS = {  # Solara reads them when it is imported
    "SOLARA_MODE": "production",
    "SOLARA_ROOT_PATH": "",  # otherwise taken from the first visitor's headers
    "SOLARA_ASSETS_PROXY": "True",  # also in the terminal of an editor, where Solara would turn it off
    "SOLARA_ASSETS_CDN": "/_solara/cdn/",  # without a host, so that Solara downloads nothing
    "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",  # otherwise it stores an identifier of this machine
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_TITLE": "Willing",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "2m",  # for pages that could not report that they close
}
OWN_PAGE, MESA_PAGE = "sim.ui.page", "sim.ui.mesa_app"
LAST_PORT = 65_535
GRACE = 2.0  # seconds to wait for a simulation that still runs when the server stops


def serve(
    host: str, port: int, *, ready: Callable[[str], None], give_up: Callable[[], None], page: str = OWN_PAGE
) -> None:
    """Serve the page until the process is interrupted or terminated; ready is called with its address.

    port 0: any free port. give_up is called if a simulation still runs when the server is to stop; it may end the
    process at once, since the page writes no files. page: OWN_PAGE or MESA_PAGE. AddressError if the host or port is
    not available.
    """
    os.environ.update({**SETTINGS, "SOLARA_APP": page})
    warnings.filterwarnings("ignore", message="Cookies with samesite")  # irrelevant without https
    with _listening(host, port) as listening:
        import uvicorn
        from solara.server.settings import assets
        from solara.server.starlette import app

        from sim.ui.guard import Guard

        if not (assets.proxy_cache_dir / "@widgetti").is_dir():
            raise AddressError("the page's scripts are not installed; add them with: pip install 'willing[ui]'")

        signals: list[int] = []

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    ready(_address(listening))
                    if page == OWN_PAGE:
                        threading.Thread(
                            target=_warm_up, daemon=True
                        ).start()  # not earlier: both would import the page

            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                self.should_exit = True
                if not signals:  # the first one
                    signals.append(sig)
                    timer = threading.Timer(GRACE, give_up)
                    timer.daemon = True
                    timer.start()

        guarded = Guard(app, hosts=_host_names(host) if is_loopback(host) else None)
        Server(uvicorn.Config(guarded, log_config=None, access_log=False, server_header=False)).run([listening])


def is_loopback(host: str) -> bool:
    """Return whether a host can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    """Return a listening socket; AddressError with an alternative if that is not possible."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise AddressError(
            f"--host {host[:60]}: is not an address of this machine; choose another, such as 127.0.0.1"
        ) from None
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        other = port + 1 if 0 < port < LAST_PORT else 0
        raise AddressError(
            f"{host}:{port}: cannot listen there ({os.strerror(error.errno or 0).lower()}); "
            f"choose another port, such as --port {other}"
        ) from None
    return listening


def _host_names(host: str) -> set[str]:
    """Return the host names under which this machine may open the page."""
    return {"localhost", "127.0.0.1", "::1", host.lower()}


def _address(listening: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    name, port = listening.getsockname()[:2]
    address = ip_address(str(name).partition("%")[0])
    if address.is_unspecified:
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://[{address}]:{port}/" if address.version == 6 else f"http://{address}:{port}/"


def _warm_up() -> None:
    """Compile and load the code that the first visitor would have to wait for."""
    from sim.analysis.stance_shares import difference
    from sim.plots.svg_map import svg_map
    from sim.ui.case import read_listed, with_settings
    from sim.ui.catalogue import first_scenario
    from sim.ui.probabilities import simulate

    with contextlib.suppress(WillingError):  # the page shows it
        shares = simulate(with_settings(read_listed(first_scenario()), ()), seed=0)
        difference(shares, shares)
        svg_map(shares.setup.scenario.roster.asked, shares.setup.scenario.leads)
