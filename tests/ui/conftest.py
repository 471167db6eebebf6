"""The page as a visitor meets it: served from a folder of its own, opened in a real browser."""

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
PATIENCE = 60_000  # ms that a loaded machine may take

expect.set_options(timeout=PATIENCE / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A page that is served."""

    address: str  # with a slash at its end
    folder: Path  # where it was called, with results/ in it
    process: subprocess.Popen[str]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def start_server(folder: Path, *arguments: str) -> Server:
    """Serve the page from a folder, at a port that is free."""
    command = [sys.executable, "-m", "sim", "ui", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hears_signals
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("The page is at "), said + process.communicate()[1]
    return Server(address=said.split()[-1], folder=folder, process=process)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page, served from an empty folder."""
    served = start_server(tmp_path_factory.mktemp("desk"))
    yield served
    assert served.stop() == 0


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The browser of this machine; installed where it is missing and can be."""
    with (tmp_path_factory.getbasetemp().parent / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process of the test run installs it for all
        if (found := _find()) is not None:
            return found
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            pytest.skip("no Chromium here, and only root can install Debian's")
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"no Chromium here, and {' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    found = _find()
    assert found is not None
    return found


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@dataclass(slots=True, kw_only=True)
class Visit:
    """Pages that one visitor opens, and what went wrong on any of them."""

    server: Server
    browser: Browser
    wrong: list[str] = field(default_factory=list)
    opened: list[Page] = field(default_factory=list)

    def __call__(self, path: str = "", *, width: int = 1400, height: int = 1000) -> Page:
        """Open the page at a path, and wait until it shows something."""
        context = self.browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: said.type == "error" and self.wrong.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.wrong.append(f"page: {error}"))
        page.on("response", lambda got: got.status >= 400 and self.wrong.append(f"{got.status}: {got.url}"))
        page.on("request", lambda asked: self._note(asked.url))
        self.opened.append(page)
        page.goto(self.server.address + path)
        page.wait_for_selector(".willing-main")
        return page

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.server.address).netloc:
            self.wrong.append(f"asked elsewhere: {url}")


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Visit]:
    """Open pages; afterwards no error of any kind, and no request to another host, may have been seen."""
    visiting = Visit(server=server, browser=browser)
    yield visiting
    for page in visiting.opened:
        page.context.close()
    assert visiting.wrong == []


def figures(page: Page) -> dict[str, str]:
    """Return the plain figures that the page shows, by label."""
    labels = page.locator(".willing-figure dt").all_inner_texts()
    return dict(zip(labels, page.locator(".willing-value").all_inner_texts(), strict=True))


def field_of(page: Page, path: str) -> Callable[[str], None]:
    """Return what types a value into the control of a setting."""

    def type_in(value: str) -> None:
        typed = page.locator(f'[data-setting="{path}"] input.willing-field')
        typed.fill(value)
        typed.press("Enter")

    return type_in
