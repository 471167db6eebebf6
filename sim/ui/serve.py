"""How the page is served: to this machine only unless told otherwise, and with everything it needs at hand."""

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

SETTINGS = {  # of Solara, which reads them when it is imported
    "SOLARA_MODE": "production",
    "SOLARA_ROOT_PATH": "",  # else the first visitor's headers say it for all
    "SOLARA_ASSETS_PROXY": "True",  # also where Solara would rather not, as in the terminal of an editor
    "SOLARA_ASSETS_CDN": "/_solara/cdn/",  # no host: Solara has nowhere to fetch from
    "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",  # else it keeps a number for this machine
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_TITLE": "Willing",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "2m",  # a page that said good-bye goes at once, one that could not after this
}
OWN_PAGE, MESAS_PAGE = "sim.ui.page", "sim.ui.mesa_app"
LAST_PORT = 65_535
GRACE = 2.0  # seconds that a visitor's odds, still being played, are waited for when the page is ended


def serve(
    host: str, port: int, *, ready: Callable[[str], None], give_up: Callable[[], None], page: str = OWN_PAGE
) -> None:
    """Serve the page until the process is interrupted or asked to end; ready is called with its address.

    port 0: any that is free. AddressError if the host or port is not available. give_up is called if something still
    computes when the page is to end: it is to leave at once, since the page writes nothing that could be half done.
    page: OWN_PAGE or MESAS_PAGE.
    """
    os.environ.update({**SETTINGS, "SOLARA_APP": page})
    warnings.filterwarnings("ignore", message="Cookies with samesite")  # of no use on a page without https
    with _listening(host, port) as listening:
        import uvicorn
        from solara.server.settings import assets
        from solara.server.starlette import app

        from sim.ui.guard import Guard

        if not (assets.proxy_cache_dir / "@widgetti").is_dir():
            raise AddressError("the page's scripts are not installed; add them with: pip install 'willing[ui]'")

        told: list[int] = []

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    ready(_address(listening))
                    if page == OWN_PAGE:
                        threading.Thread(target=_warm_up, daemon=True).start()  # not sooner: both would import the page

            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                self.should_exit = True
                if not told:  # the first time
                    told.append(sig)
                    late = threading.Timer(GRACE, give_up)
                    late.daemon = True
                    late.start()

        guarded = Guard(app, hosts=_names(host) if is_loopback(host) else None)
        Server(uvicorn.Config(guarded, log_config=None, access_log=False, server_header=False)).run([listening])


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; AddressError, which says what else to name, where there is none to be had."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise AddressError(
            f"--host {host[:60]}: is no address of this machine; name another, such as 127.0.0.1"
        ) from None
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(place)
        listening.listen(128)
    except OSError as error:
        listening.close()
        other = port + 1 if 0 < port < LAST_PORT else 0
        raise AddressError(
            f"{host}:{port}: cannot be listened at ({os.strerror(error.errno or 0).lower()}); "
            f"name another port, such as --port {other}"
        ) from None
    return listening


def _names(host: str) -> set[str]:
    """Return what this machine may call the page."""
    return {"localhost", "127.0.0.1", "::1", host.lower()}


def _address(listening: socket.socket) -> str:
    """Return what to open in a browser of this machine."""
    name, port = listening.getsockname()[:2]
    place = ip_address(str(name).partition("%")[0])
    if place.is_unspecified:
        place = ip_address("127.0.0.1" if place.version == 4 else "::1")
    return f"http://[{place}]:{port}/" if place.version == 6 else f"http://{place}:{port}/"


def _warm_up() -> None:
    """Compile and load what the first visitor would wait for."""
    from sim.analysis.stance_shares import difference
    from sim.plots.svg_map import svg_map
    from sim.ui.case import read_offered, with_settings
    from sim.ui.catalogue import first
    from sim.ui.probabilities import play

    with contextlib.suppress(WillingError):  # the page tells it
        shares = play(with_settings(read_offered(first()), ()), seed=0)
        difference(shares, shares)
        svg_map(shares.setup.scenario.roster.asked, shares.setup.scenario.leads)
