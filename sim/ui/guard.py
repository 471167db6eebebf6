"""Middleware between the page and the network: checks requests, and fetches nothing from other hosts."""

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
CLOSE = "/_solara/api/close/"  # a page reports that it closes
SOLARA = ("/static/", "/jupyter/", "/_solara/", "/readyz", "/favicon.ico")  # served by Solara
ASSETS = "/_solara/cdn/"
IGNORED_HEADERS = (
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"script-name",
    b"x-script-name",
)  # Solara would trust them
NOT_INCLUDED = "katex"  # Solara's page requests it, its assets lack it, and nothing here needs it
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
    """Middleware that passes on only what the page needs, and only requests from the page itself."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] | None) -> None:
        """Wrap an application; hosts: the host names that requests may use, None for any."""
        self.app = app
        self.hosts = hosts
        self.assets = StaticFiles(directory=solara.server.settings.assets.proxy_cache_dir, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, pass it on, or reject it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._is_allowed(scope) and _session(scope):
                with contextlib.suppress(WebSocketDisconnect):  # the visitor has left
                    await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(name, value) for name, value in scope["headers"] if name not in IGNORED_HEADERS]
            await self._answer({**scope, "headers": headers}, receive, _with_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if not self._is_allowed(scope):
            response = PlainTextResponse("This page accepts requests only from its own address.\n", status_code=403)
            await response(scope, receive, send)
        elif path.startswith(CLOSE):
            await self._close(scope, receive, send)
        elif path.startswith(ASSETS):
            await self._asset(path.removeprefix(ASSETS), scope, receive, send)
        elif path in PAGES or (path.startswith(SOLARA) and not path.startswith("/resourcez")):
            await self.app(scope, receive, send)
        elif path.rstrip("/") in PAGES:
            query = scope["query_string"].decode("ascii", "replace")
            await RedirectResponse(f"{path.rstrip('/')}?{query}", status_code=303)(scope, receive, send)
        elif path == "/resourcez" or scope["method"] != "GET":
            await PlainTextResponse("Not found.\n", status_code=404)(scope, receive, send)
        else:
            await RedirectResponse(f"/?page={quote(path[1:60])}", status_code=303)(scope, receive, send)

    async def _close(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the message that a page closes, unless its kernel does not know it, where Solara would fail."""
        session, kernel = _session(scope), contexts.get(scope["path"].rpartition("/")[2])
        if session and kernel is not None and session in kernel.page_status:
            await self.app(scope, receive, send)
        elif session and kernel is None and scope["method"] == "POST":  # the page has closed already
            await Response()(scope, receive, send)
        else:
            await PlainTextResponse("Unknown session.\n", status_code=404)(scope, receive, send)

    async def _asset(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an installed file; Solara itself would download one that is missing."""
        if path.startswith(NOT_INCLUDED):
            kind = "text/css" if path.endswith(".css") else "text/javascript"
            await Response(b"", media_type=kind)(scope, receive, send)
            return
        try:
            response: Response = await self.assets.get_response(path, scope)
        except HTTPException as error:
            response = PlainTextResponse("Not found.\n", status_code=error.status_code)
        await response(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        """Return whether a request is for this page and comes from it, not from another site."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return False
        has_effect = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        origin = headers.get("origin")
        return not has_effect or origin is None or origin.partition("://")[2] == host


def _session(scope: Scope) -> str:
    """Return the session that a request names, or an empty string."""
    query = parse_qs(scope["query_string"].decode("ascii", "replace"))
    return query.get("session_id", [""])[0]


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # unbalanced brackets
        return ""


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=_with_header_list(message))
            for name, value in HEADERS.items():
                headers[name] = value
            cookie = headers.get("set-cookie", "")
            if "samesite=none" in cookie.lower():  # Solara sets this on localhost, where some browsers drop it
                headers["set-cookie"] = re.sub("samesite=none; *secure", "SameSite=lax", cookie, flags=re.IGNORECASE)
        await send(message)

    return sending


def _with_header_list(message: Message) -> MutableMapping[str, Any]:
    message.setdefault("headers", [])
    return message
