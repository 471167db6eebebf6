"""The page is served to this machine only, reads no other files, and stops cleanly."""

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


def request(
    server: Server, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the response; the path is sent as it is."""
    parts = urlsplit(server.address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in (headers or {}))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", ["/", "/probabilities", "/results", "/probabilities?scenario=us-opposes"])
def test_every_view_is_served_without_other_hosts(server: Server, path: str) -> None:
    status, headers, body = request(server, path)
    assert status == 200
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert b"<title>Willing</title>" in body
    assert b"mixpanel.init" not in body


def test_an_unknown_path_redirects_to_the_page_that_reports_it(server: Server) -> None:
    status, headers, _ = request(server, "/somewhere/else")
    assert (status, headers["location"]) == (303, "/?page=somewhere/else")


def test_a_trailing_slash_redirects_to_the_view(server: Server) -> None:
    status, headers, _ = request(server, "/probabilities/?seed=3")
    assert (status, headers["location"]) == (303, "/probabilities?seed=3")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "", "[", "127.0.0.1.evil.example"])
def test_other_host_names_are_rejected(server: Server, host: str) -> None:
    assert request(server, "/", headers={"Host": host})[0] in (400, 403)


def test_another_site_can_neither_post_nor_open_a_socket(server: Server) -> None:
    foreign, own = {"Origin": "http://evil.example"}, {"Origin": server.address.rstrip("/")}
    assert request(server, "/_solara/api/close/x", "POST", foreign)[0] == 403
    assert request(server, "/_solara/api/close/x?session_id=x", "POST", own)[0] == 200
    assert request(server, "/jupyter/api/kernels/x/channels?session_id=x", headers=UPGRADE | foreign)[0] == 403


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_a_request_without_a_session_is_rejected_without_a_traceback(tmp_path: Path) -> None:
    served = start_server(tmp_path)
    for query in ("", "?session_id=", "?session=x"):
        assert request(served, f"/_solara/api/close/x{query}", "POST")[0] == 404
        assert request(served, f"/_solara/api/evict/x{query}", "POST")[0] == 404
        assert request(served, f"/jupyter/api/kernels/x/channels{query}", headers=UPGRADE)[0] == 403
    channel = "/jupyter/api/kernels/x/channels?session_id=page"
    parts = urlsplit(served.address)
    with socket.create_connection((parts.hostname, parts.port)) as closing:  # a browser closes early
        head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **UPGRADE}.items())
        closing.sendall(f"GET {channel} HTTP/1.1\r\n{head}\r\n".encode())
        assert closing.recv(12) == b"HTTP/1.1 101"
    assert request(served, "/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"})[0] == 200
    assert request(served, "/", headers={"X-Script-Name": "/elsewhere"})[0] == 200
    assert served.stop() == 0
    assert served.process.stderr is not None
    errors = served.process.stderr.read()
    assert "Traceback" not in errors
    assert "Warning" not in errors


@pytest.mark.parametrize(
    ("query", "status", "is_passed_on"),
    [("session_id=page", 200, True), ("session_id=another", 404, False), ("", 404, False)],
)
def test_only_a_page_that_its_kernel_knows_can_close(
    query: str, status: int, is_passed_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.ui import guard

    passed_on: list[str] = []
    statuses: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        passed_on.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    monkeypatch.setattr(guard, "contexts", {"known": SimpleNamespace(page_status={"page": "connected"})})
    scope = {"type": "http", "method": "POST", "headers": [], "query_string": query.encode()}
    for kernel in ("known", "gone"):
        call = guard.Guard(app, hosts=None)({**scope, "path": f"/_solara/api/close/{kernel}"}, None, send)
        with ThreadPoolExecutor(1) as thread:  # the browser of other tests has an event loop in this thread
            thread.submit(asyncio.run, call).result()
    assert statuses == [status, 200 if query else 404]
    assert passed_on == ["/_solara/api/close/known"] * is_passed_on


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
    status, _, body = request(server, path)
    assert status in (303, 400, 403, 404)
    for content in (SECRET.encode(), b"root:", b"home =", b"import "):
        assert content not in body


def test_a_missing_asset_is_not_downloaded(server: Server) -> None:
    assert request(server, "/_solara/cdn/left-pad@1.3.0/index.js")[0] == 404  # it exists on the CDN
    assert request(server, "/_solara/cdn/katex@0.16.9/dist/katex.min.css")[::2] == (200, b"")


def test_a_port_in_use_is_reported_with_an_alternative(willing: Callable[..., Answer], server: Server) -> None:
    port = urlsplit(server.address).port or 0
    answer = willing("ui", "--port", port)
    assert answer.code == 2
    assert f"127.0.0.1:{port}: cannot listen there" in answer.err
    assert f"--port {port + 1}" in answer.err


def test_an_unknown_host_or_scenario_is_reported_at_once(willing: Callable[..., Answer]) -> None:
    assert "did you mean 'paris-march-2025'?" in willing("ui", "paris-march-2052").err
    answer = willing("ui", "--host", "no.such.host.invalid")
    assert (answer.code, answer.out) == (2, "")
    assert "is not an address of this machine" in answer.err


def test_it_opens_a_user_file_warns_about_other_machines_and_stops_silently(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: Mine?\nenviroment: {}\n")
    served = start_server(tmp_path, "mine.yaml", "--host", "0.0.0.0")
    status, _, _ = request(served, "/", headers={"Host": "anything.example"})
    assert status == 200
    assert served.stop(signal.SIGTERM) == 0
    assert served.process.stderr is not None
    assert served.process.stderr.read() == (
        "Warning: anyone who can reach 0.0.0.0 can use the page and read the results under results/.\n"
    )


def test_in_the_terminal_of_an_editor_it_uses_no_other_hosts_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSCODE_PID", "1")  # Solara would then load scripts from a CDN
    served = start_server(tmp_path, "--host", "127.0.0.2")
    status, _, body = request(served, "/")
    assert served.stop() == 0
    assert status == 200  # on any loopback address
    assert b'src="/_solara/cdn/' in body
    assert b"jsdelivr" not in body


def test_the_session_cookie_is_accepted_by_every_browser(server: Server) -> None:
    for name in ("127.0.0.1", "localhost"):
        _, headers, _ = request(server, "/", headers={"Host": name})
        assert "SameSite=lax" in headers["set-cookie"]
        assert "Secure" not in headers["set-cookie"]


@pytest.mark.parametrize("wrong", ["http://[", "null", "http://127.0.0.1", "https://evil.example"])
def test_other_origins_are_rejected(server: Server, wrong: str) -> None:
    assert request(server, "/_solara/api/close/x", "POST", {"Origin": wrong})[0] == 403


def test_ctrl_c_stops_it_during_an_open_request(tmp_path: Path) -> None:
    served = start_server(tmp_path)
    parts = urlsplit(served.address)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # an incomplete request
        assert served.stop() == 0
    assert served.process.stderr is not None
    assert served.process.stderr.read() == ""


def test_help_has_an_example() -> None:
    answer = subprocess.run([sys.executable, "-m", "sim", "ui", "--help"], capture_output=True, text=True, check=True)
    assert "Example: willing ui us-opposes --port 8766" in answer.stdout
