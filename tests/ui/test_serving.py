"""The page is served to this machine, lets nobody else in, reads nothing else, and ends when it is told to."""

import asyncio
import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Answer
from tests.ui.conftest import Server, start_server

SECRET = "top-secret-4711"


def ask(
    server: Server, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer; the path goes out as it is written."""
    parts = urlsplit(server.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in (headers or {}))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    got = connection.getresponse()
    found = got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    connection.close()
    return found


@pytest.mark.parametrize("path", ["/", "/probabilities", "/results", "/probabilities?scenario=us-opposes"])
def test_every_view_is_served_with_nothing_from_elsewhere(server: Server, path: str) -> None:
    status, headers, body = ask(server, path)
    assert status == 200
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert b"<title>Willing</title>" in body
    assert b"mixpanel.init" not in body


def test_an_address_that_leads_nowhere_leads_to_the_page_that_says_so(server: Server) -> None:
    status, headers, _ = ask(server, "/somewhere/else")
    assert (status, headers["location"]) == (303, "/?page=somewhere/else")


def test_a_slash_too_many_leads_to_the_view(server: Server) -> None:
    status, headers, _ = ask(server, "/probabilities/?seed=3")
    assert (status, headers["location"]) == (303, "/probabilities?seed=3")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "", "[", "127.0.0.1.evil.example"])
def test_a_name_that_somebody_else_gave_this_machine_is_refused(server: Server, host: str) -> None:
    assert ask(server, "/", headers={"Host": host})[0] in (400, 403)


def test_another_site_may_neither_post_nor_open_a_socket(server: Server) -> None:
    foreign, own = {"Origin": "http://evil.example"}, {"Origin": server.address.rstrip("/")}
    assert ask(server, "/_solara/api/close/x", "POST", foreign)[0] == 403
    assert ask(server, "/_solara/api/close/x?session_id=x", "POST", own)[0] == 200
    assert ask(server, "/jupyter/api/kernels/x/channels?session_id=x", headers=UPGRADE | foreign)[0] == 403


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_a_request_without_a_session_is_refused_and_no_traceback_follows(tmp_path: Path) -> None:
    served = start_server(tmp_path)
    for query in ("", "?session_id=", "?session=x"):
        assert ask(served, f"/_solara/api/close/x{query}", "POST")[0] == 404
        assert ask(served, f"/_solara/api/evict/x{query}", "POST")[0] == 404
        assert ask(served, f"/jupyter/api/kernels/x/channels{query}", headers=UPGRADE)[0] == 403
    channel = "/jupyter/api/kernels/x/channels?session_id=page"
    parts = urlsplit(served.address)
    with socket.create_connection((parts.hostname, parts.port)) as leaving:  # a browser that is closed while it opens
        head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **UPGRADE}.items())
        leaving.sendall(f"GET {channel} HTTP/1.1\r\n{head}\r\n".encode())
        assert leaving.recv(12) == b"HTTP/1.1 101"
    assert ask(served, "/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"})[0] == 200
    assert ask(served, "/", headers={"X-Script-Name": "/elsewhere"})[0] == 200
    assert served.stop() == 0
    assert served.process.stderr is not None
    said = served.process.stderr.read()
    assert "Traceback" not in said
    assert "Warning" not in said


@pytest.mark.parametrize(
    ("query", "status", "is_handed_on"),
    [("session_id=page", 200, True), ("session_id=another", 404, False), ("", 404, False)],
)
def test_only_a_page_that_its_kernel_knows_says_that_it_closes(
    query: str, status: int, is_handed_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.ui import guard

    handed_on: list[str] = []
    answered: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        handed_on.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        answered.extend([message["status"]] if message["type"] == "http.response.start" else [])

    monkeypatch.setattr(guard, "contexts", {"known": SimpleNamespace(page_status={"page": "connected"})})
    scope = {"type": "http", "method": "POST", "headers": [], "query_string": query.encode()}
    for kernel in ("known", "gone"):
        asked = guard.Guard(app, hosts=None)({**scope, "path": f"/_solara/api/close/{kernel}"}, None, send)
        with ThreadPoolExecutor(1) as thread:  # the browser of other tests keeps an event loop in this one
            thread.submit(asyncio.run, asked).result()
    assert answered == [status, 200 if query else 404]
    assert handed_on == ["/_solara/api/close/known"] * is_handed_on


@pytest.mark.parametrize(
    "path",
    [
        "/_solara/cdn/nothing@1/there.js",
        "/_solara/cdn/../../../secret.txt",
        "/_solara/cdn/..%2f..%2f..%2fpyvenv.cfg",
        "/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/pyvenv.cfg",
        "/_solara/cdn//etc/passwd",
        "/static/public/../../secret.txt",
        "/static/public/..%2f..%2fpage.py",
        "/static/assets/..%2f..%2fsettings.py",
        "/static/nbextensions/..%2f..%2fsecret.txt",
        "/static/..%2fserver.py",
        "/jupyter/nbextensions/..%2f..%2f..%2fpyvenv.cfg",
        "/resourcez",
        "/resourcez?verbose",
    ],
)
def test_no_path_reads_a_file_that_is_not_part_of_the_page(server: Server, path: str) -> None:
    (server.folder / "secret.txt").write_text(SECRET)
    status, _, body = ask(server, path)
    assert status in (303, 400, 403, 404)
    for inside in (SECRET.encode(), b"root:", b"home =", b"import "):
        assert inside not in body


def test_a_file_that_the_assets_lack_is_not_fetched_from_elsewhere(server: Server) -> None:
    assert ask(server, "/_solara/cdn/left-pad@1.3.0/index.js")[0] == 404  # it exists out there
    assert ask(server, "/_solara/cdn/katex@0.16.9/dist/katex.min.css")[::2] == (200, b"")


def test_a_port_that_is_taken_is_told_with_another(willing: Callable[..., Answer], server: Server) -> None:
    port = urlsplit(server.address).port or 0
    told = willing("ui", "--port", port)
    assert told.code == 2
    assert f"127.0.0.1:{port}: cannot be listened at" in told.err
    assert f"--port {port + 1}" in told.err


def test_a_host_that_is_none_and_a_scenario_that_is_none_are_told_at_once(willing: Callable[..., Answer]) -> None:
    assert "did you mean 'paris-march-2025'?" in willing("ui", "paris-march-2052").err
    told = willing("ui", "--host", "no.such.host.invalid")
    assert (told.code, told.out) == (2, "")
    assert "is no address of this machine" in told.err


def test_it_opens_with_a_file_of_ones_own_warns_beyond_this_machine_and_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: Mine?\nenviroment: {}\n")
    served = start_server(tmp_path, "mine.yaml", "--host", "0.0.0.0")
    status, _, _ = ask(served, "/", headers={"Host": "anything.example"})
    assert status == 200
    assert served.stop(signal.SIGTERM) == 0
    assert served.process.stderr is not None
    assert served.process.stderr.read() == (
        "Warning: everybody who reaches 0.0.0.0 can use the page, and read the runs under results/.\n"
    )


def test_in_the_terminal_of_an_editor_it_fetches_nothing_from_elsewhere_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSCODE_PID", "1")  # where Solara by itself would have the browser ask others for its scripts
    served = start_server(tmp_path, "--host", "127.0.0.2")
    status, _, body = ask(served, "/")
    assert served.stop() == 0
    assert status == 200  # whichever address of this machine it was given
    assert b'src="/_solara/cdn/' in body
    assert b"jsdelivr" not in body


def test_a_session_is_kept_by_every_browser(server: Server) -> None:
    for name in ("127.0.0.1", "localhost"):
        _, headers, _ = ask(server, "/", headers={"Host": name})
        assert "SameSite=lax" in headers["set-cookie"]
        assert "Secure" not in headers["set-cookie"]


@pytest.mark.parametrize("wrong", ["http://[", "null", "http://127.0.0.1", "https://evil.example"])
def test_an_origin_that_is_not_the_page_is_refused_however_it_is_written(server: Server, wrong: str) -> None:
    assert ask(server, "/_solara/api/close/x", "POST", {"Origin": wrong})[0] == 403


def test_control_c_ends_it_even_while_somebody_listens(tmp_path: Path) -> None:
    served = start_server(tmp_path)
    parts = urlsplit(served.address)
    with socket.create_connection((parts.hostname, parts.port)) as hanging:
        hanging.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # and never the end of it
        assert served.stop() == 0
    assert served.process.stderr is not None
    assert served.process.stderr.read() == ""


def test_help_has_an_example() -> None:
    told = subprocess.run([sys.executable, "-m", "sim", "ui", "--help"], capture_output=True, text=True, check=True)
    assert "Example: willing ui us-opposes --port 8766" in told.stdout
