"""Screenshots of the page for README and docs. `python -m tests.screens` renews them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.pages import ROOT, kept_picture

BACKING = "environment.us_backing.level"
SIZE = {"width": 1400, "height": 940}


def bargaining(page: Page, address: str) -> None:
    page.goto(f"{address}?scenario=paris-march-2025&then=20:{BACKING}=0.6&round=38&state=DEU")
    page.wait_for_selector(".willing-reasons")
    page.wait_for_selector(".willing-drawn canvas")


def probabilities(page: Page, address: str) -> None:
    pinned = "scenario%3Dparis-march-2025"
    page.goto(f"{address}probabilities?scenario=paris-march-2025&set={BACKING}=0.6&pin={pinned}")
    page.wait_for_selector("text=Change, points")
    page.wait_for_selector(".willing-drawn canvas")


def results(page: Page, address: str) -> None:
    page.goto(f"{address}results")
    page.locator(".willing-result").first.click()
    page.get_by_role("tab", name="Two factors").click()
    page.locator('img[alt*=" over "]').wait_for(timeout=60_000)


SCREENS = {"page.png": bargaining, "page-probabilities.png": probabilities, "page-results.png": results}


def renew(folder: Path) -> None:
    """Write the screenshots into a folder."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    command = [sys.executable, "-m", "sim"]
    with tempfile.TemporaryDirectory() as working:
        for arguments in (["run", "paris-march-2025"], ["sweep", "clarity-x-mandate", "--replicates", "50"]):
            subprocess.run([*command, *arguments], cwd=working, check=True, stdout=subprocess.DEVNULL)
        served = subprocess.Popen([*command, "ui", "--port", "0"], cwd=working, stdout=subprocess.PIPE, text=True)
        assert served.stdout is not None
        address = served.stdout.readline().split()[-1]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, show in SCREENS.items():
                page = browser.new_page(viewport=SIZE)
                show(page, address)
                page.wait_for_timeout(2_500)
                page.screenshot(path=str(Path(working) / name))
                kept_picture(Path(working) / name).save(folder / name, optimize=True)
            browser.close()
        served.terminate()
        served.wait()


if __name__ == "__main__":
    renew(ROOT / "docs")
