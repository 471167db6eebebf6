"""The wheel works without the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import sim
from tests.pages import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _run(ROOT, sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    assert [path.name for path in folder.glob("*.tar.gz")] == [f"willing-{VERSION}.tar.gz"]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a new virtual environment that holds the wheel; packages are those of the tests."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder)
    programs = Path(sysconfig.get_path("scripts", "venv", {"base": str(folder)}))
    library = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    (library / "packages.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    pip = (sys.executable, "-m", "pip", "--python", str(programs / "python"))
    _run(folder, *pip, "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall", str(wheel))
    return programs


def _run(folder: Path, *command: str) -> str:
    """Run a command in a folder and return what it prints."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_version_of_the_package_is_that_of_the_project() -> None:
    assert sim.__version__ == VERSION


def test_the_wheel_holds_the_package_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {"sim", f"willing-{VERSION}.dist-info"}
    assert {"sim/scenario/scenario.schema.json", "sim/experiment/experiment.schema.json"} <= names
    assert {"sim/py.typed", "sim/shipped_scenarios/base.yaml", "sim/shipped_experiments/menu-design.yaml"} <= names
    assert not [name for name in names if "__pycache__" in name]


def test_the_installed_program_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    willing = str(installed / "willing")
    assert _run(tmp_path, willing, "--version").strip() == f"willing {VERSION}"
    assert "paris-march-2025" in _run(tmp_path, willing, "list", "scenarios")
    answer = _run(tmp_path, willing, "run", "paris-march-2025", "--replicates", "20", "--no-figures")
    assert "Troops, firm" in answer
    assert (tmp_path / "results" / "runs").is_dir()


def test_the_installed_package_is_the_one_that_is_imported(installed: Path, tmp_path: Path) -> None:
    program = "import sim; print(sim.__file__, sim.__version__, sim.load_scenario('base').name)"
    where, version, scenario = _run(tmp_path, str(installed / "python"), "-c", program).split()
    assert Path(where).is_relative_to(installed.parent)
    assert (version, scenario) == (VERSION, "base")
