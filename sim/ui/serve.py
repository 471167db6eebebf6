"""How the page is served: to this machine only unless told otherwise, and with everything it needs at hand."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable
from ipaddress import ip_address
from typing import NoReturn

from sim.errors import AddressError, WillingError

SETTINGS = {  # of Solara, which reads them when it is imported
    "SOLARA_APP": "sim.ui.page",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_TITLE": "Willing",
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",  # a page that said good-bye goes at once, one that could not after this
}
LAST_PORT = 65_535


def serve(host: str, port: int, *, ready: Callable[[str], None]) -> None:
    """Serve the page until the process is interrupted or asked to end; ready is told its address.

    port 0: any that is free. AddressError where the host or port cannot be had.
    """
    os.environ.update(SETTINGS)
    warnings.filterwarnings("ignore", message="Cookies with samesite")  # of no use on a page without https
    with _listening(host, port) as listening:
        import uvicorn
        from solara.server.starlette import app

        from sim.ui.guard import Guard

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    ready(_address(host, listening.getsockname()[1]))

        guarded = Guard(app, only_here=is_loopback(host))
        config = uvicorn.Config(guarded, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        threading.Thread(target=_warm_up, daemon=True).start()
        ended_by = signal.signal(signal.SIGTERM, _end)
        try:
            Server(config).run([listening])
        except KeyboardInterrupt:
            pass  # uvicorn hands it on when all is closed
        finally:
            signal.signal(signal.SIGTERM, ended_by)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _end(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


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


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _warm_up() -> None:
    """Compile and load what the first visitor would wait for."""
    from sim.analysis.odds import difference
    from sim.plots.atlas import atlas
    from sim.ui.case import Case
    from sim.ui.odds import play
    from sim.ui.offered import first

    with contextlib.suppress(WillingError):  # the page tells it
        odds = play(Case(scenario=first()))
        difference(odds, odds)
        atlas(odds.setup.scenario.roster.asked, odds.setup.scenario.leads)
