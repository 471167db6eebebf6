"""The repository carries nothing of the machine it was made on, and everything that it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# written so that this file does not accuse itself
_FOLDERS = ("root", "home", "work", "Users")
_HOSTS = ("pypi" + ".org/simple", "python" + "hosted", "index" + "-url", "artifact" + "ory", "local" + "host:")
FOREIGN = re.compile("|".join([*(rf"(?<![\w.])/{folder}/[\w.]" for folder in _FOLDERS), *map(re.escape, _HOSTS)]))


def tracked() -> list[Path]:
    """The files of the repository, those that are not yet kept in it too."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_the_pattern_finds_what_it_looks_for() -> None:
    assert FOREIGN.search("cache: /" + "root/.cache")
    assert FOREIGN.search("see /" + "home/somebody/x")
    assert not FOREIGN.search("scenarios/home/of/theirs and sim/root")


def test_no_file_tells_of_a_machine_or_of_a_registry() -> None:
    told = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        told += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if FOREIGN.search(line)
        ]
    assert not told, "\n".join(told)


def test_what_is_made_by_running_is_not_kept() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    made = [
        name for name in names if re.search(r"__pycache__|\.pyc$|\.egg-info|^\.venv/|^results/(runs|sweeps)/", name)
    ]
    assert not made


def test_no_file_is_larger_than_it_need_be() -> None:
    assert not [path for path in tracked() if path.stat().st_size > 2_000_000]


def test_every_dependency_is_pinned_without_an_address() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    )
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in pinned)
    known = {name.lower().replace("_", "-") for name in pinned}
    extras = settings["optional-dependencies"]
    for needed in [*settings["dependencies"], *extras["dev"], *extras["docs"]]:
        name = re.split(r"[<>=\[;~! ]", needed)[0].lower().replace("_", "-")
        assert name in known, needed


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "CITATION.cff",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "constraints.txt",
        "pyproject.toml",
        ".python-version",
        ".ci/run",
        "docs/adr",
        "sim/facts/SOURCES.md",
    ],
)
def test_a_newcomer_finds_what_belongs_to_a_project(name: str) -> None:
    assert (ROOT / name).exists()


def test_the_makefile_has_the_promised_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    assert {"demo", "test", "check", "docs", "bench", "ui", "clean"} <= targets
