"""What stands between the page and the network: nothing is fetched from elsewhere, and nobody else may ask."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, MutableMapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import solara.server.settings
from solara.server.kernel_context import contexts
from solara.server.websocket import WebSocketDisconnect
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = ("/", "/probabilities", "/results")
CALLS = "/_solara/api/close/"  # by a page, about itself
SERVED = ("/static/", "/jupyter/", "/_solara/", "/readyz", "/favicon.ico")  # by Solara
ASSETS = "/_solara/cdn/"
NOT_READ = (b"x-forwarded-host", b"x-forwarded-proto", b"script-name", b"x-script-name")  # Solara trusts anybody's
NOT_SHIPPED = "katex"  # Solara's page asks for it, its assets lack it, and nothing here needs it
HEADERS = {
    # Vue compiles templates in the browser, and Vuetify writes styles
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """An application that answers for another only what this page needs, and only to who may ask."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None) -> None:
        """Guard an application; hosts: what it may be called by, None for anything."""
        self.app = app
        self.hosts = hosts
        self.assets = StaticFiles(directory=solara.server.settings.assets.proxy_cache_dir, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, hand on, or refuse."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._may_ask(scope) and _session(scope):
                with contextlib.suppress(WebSocketDisconnect):  # the visitor has left meanwhile
                    await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
        else:
            kept = [(name, value) for name, value in scope["headers"] if name not in NOT_READ]
            await self._answer({**scope, "headers": kept}, receive, _with_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not self._may_ask(scope):
            refused = PlainTextResponse("This page answers only to its own address.\n", status_code=403)
            await refused(scope, receive, send)
        elif path.startswith(CALLS):
            await self._call(scope, receive, send)
        elif path.startswith(ASSETS):
            await self._asset(path.removeprefix(ASSETS), scope, receive, send)
        elif path in PAGES or (path.startswith(SERVED) and not path.startswith("/resourcez")):
            await self.app(scope, receive, send)
        elif path.rstrip("/") in PAGES:
            asked = scope["query_string"].decode("ascii", "replace")
            await RedirectResponse(f"{path.rstrip('/')}?{asked}", status_code=303)(scope, receive, send)
        elif path == "/resourcez" or scope["method"] != "GET":
            await PlainTextResponse("There is nothing here.\n", status_code=404)(scope, receive, send)
        else:
            await RedirectResponse(f"/?page={quote(path[1:60])}", status_code=303)(scope, receive, send)

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what a page says about itself; Solara itself fails where its kernel does not know the page."""
        session, kernel = _session(scope), contexts.get(scope["path"].rpartition("/")[2])
        if session and kernel is not None and session in kernel.page_status:
            await self.app(scope, receive, send)
        elif session and kernel is None and scope["method"] == "POST":  # a page that says good-bye twice
            await Response()(scope, receive, send)
        else:
            await PlainTextResponse("No page has that session.\n", status_code=404)(scope, receive, send)

    async def _asset(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file that lies here; Solara itself would fetch one that does not."""
        if path.startswith(NOT_SHIPPED):
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            await Response(b"", media_type=kind)(scope, receive, send)
            return
        try:
            found: Response = await self.assets.get_response(path, scope)
        except HTTPException as refused:
            found = PlainTextResponse("There is nothing here.\n", status_code=refused.status_code)
        await found(scope, receive, send)

    def _may_ask(self, scope: Scope) -> bool:
        """Return whether a request is for this page and from it, not from a site that only knows where it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return False
        asks = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        origin = headers.get("origin")
        return not asks or origin is None or origin.partition("://")[2] == host


def _session(scope: Scope) -> str:
    """Return the session of a page that asks, nothing where it names none."""
    asked = parse_qs(scope["query_string"].decode("ascii", "replace"))
    return asked.get("session_id", [""])[0]


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # brackets that do not match
        return ""


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=_headed(message))
            for name, value in HEADERS.items():
                headers[name] = value
            cookie = headers.get("set-cookie", "")
            if "samesite=none" in cookie.lower():  # as Solara has it on localhost, and some browsers drop it there
                headers["set-cookie"] = re.sub("samesite=none; *secure", "SameSite=lax", cookie, flags=re.IGNORECASE)
        await send(message)

    return sending


def _headed(message: Message) -> MutableMapping[str, Any]:
    message.setdefault("headers", [])
    return message
