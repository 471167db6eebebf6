"""The page as a visitor sees it: served from a folder of its own and opened in a real browser."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import hears_signals

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 60_000  # ms, for a machine under load

expect.set_options(timeout=TIMEOUT / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server of the page."""

    address: str  # ends with a slash
    folder: Path  # its working folder, with results/ in it
    process: subprocess.Popen[str]

    def stop(self, signal_number: int = signal.SIGINT) -> int:
        """Stop the server and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=30)


def start_server(folder: Path, *arguments: str) -> Server:
    """Serve the page from a folder on a free port."""
    command = [sys.executable, "-m", "sim", "ui", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears_signals
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("The page is at "), line + process.communicate()[1]
    return Server(address=line.split()[-1], folder=folder, process=process)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page, served from an empty folder."""
    served = start_server(tmp_path_factory.mktemp("served"))
    yield served
    assert served.stop() == 0


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of Chromium, installed if that is possible."""
    with (tmp_path_factory.getbasetemp().parent / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one test process installs it for all
        if (path := _find()) is not None:
            return path
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            pytest.skip("no Chromium, and only root can install it")
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode:
                pytest.skip(f"no Chromium, and {' '.join(command)} failed: {result.stderr.strip()[-300:]}")
    path = _find()
    assert path is not None
    return path


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(slots=True, kw_only=True)
class Visit:
    """Pages that one visitor opens, and the errors on all of them."""

    server: Server
    browser: Browser
    errors: list[str] = field(default_factory=list)
    opened: list[Page] = field(default_factory=list)

    def __call__(self, path: str = "", *, width: int = 1400, height: int = 1000) -> Page:
        """Open the page at a path and wait until it has content."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("console", lambda message: message.type == "error" and self.errors.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        page.on("response", lambda reply: reply.status >= 400 and self.errors.append(f"{reply.status}: {reply.url}"))
        page.on("request", lambda request: self._check_host(request.url))
        self.opened.append(page)
        page.goto(self.server.address + path)
        page.wait_for_selector(".willing-main")
        return page

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.server.address).netloc:
            self.errors.append(f"another host: {url}")


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Visit]:
    """Open pages; afterwards check that there was no error and no request to another host."""
    visiting = Visit(server=server, browser=browser)
    yield visiting
    for page in visiting.opened:
        page.context.close()
    assert visiting.errors == []


def figures(page: Page) -> dict[str, str]:
    """Return the figures at the top of the page, by label."""
    labels = page.locator(".willing-figure dt").all_inner_texts()
    return dict(zip(labels, page.locator(".willing-value").all_inner_texts(), strict=True))


def field_of(page: Page, path: str) -> Callable[[str], None]:
    """Return a function that types a value into the control of a setting."""

    def type_in(value: str) -> None:
        field = page.locator(f'[data-setting="{path}"] input.willing-field')
        field.fill(value)
        field.press("Enter")

    return type_in
