"""The site that `make docs` builds: it lacks nothing, and fetches nothing."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.main import COMMANDS
from sim.scenario import Scenario
from tests.pages import ROOT

pytest.importorskip("mkdocs", reason="`make docs` installs mkdocs")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without the outputs of the notebooks; a link or page that is missing is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "RUN_NOTEBOOKS": "false"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_fetches_nothing(site: Path) -> None:
    for page in site.rglob("*.html"):
        tags = re.findall(r"<(?:script|img|iframe|source|link)\b[^>]*>", page.read_text("utf-8"))
        assert [tag for tag in tags if re.search(r"""(?:src|srcset|href)=["']?(?:https?:)?//""", tag)] == [], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8")), sheet.name


def test_every_command_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "command-line.html").read_text("utf-8")
    assert [name for name in COMMANDS if f"Usage: willing {name} " not in text] == []


def test_every_key_of_a_scenario_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "scenario-file.html").read_text("utf-8")
    blocks = (block["properties"] for block in Scenario.model_json_schema()["$defs"].values())
    keys = {"extends", *Scenario.model_fields, *itertools.chain.from_iterable(blocks)}
    assert [name for name in sorted(keys) if f"<code>{name}</code>" not in text] == []


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "api.html").read_text("utf-8")
    assert [name for name in sim.__all__ if not re.search(rf'id="sim\.[a-z_.]+\.{name}"', text)] == []
