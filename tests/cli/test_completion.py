"""The shell completes commands, options, names, states and settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim import facts
from sim.cli.main import COMMANDS
from sim.experiment import shipped_experiments
from sim.scenario import shipped
from tests.conftest import Answer

type Willing = Callable[..., Answer]

SCENARIOS, EXPERIMENTS = sorted(shipped()), sorted(shipped_experiments())


def completed(willing: Willing, monkeypatch: pytest.MonkeyPatch, line: str, shell: str = "bash") -> list[str]:
    """Return what a shell is answered for a line that is completed at its end."""
    monkeypatch.setenv("_WILLING_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    words = line.split(" ")
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
    return willing().out.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("willing ", [f"plain,{name}" for name in COMMANDS]),
        ("willing re", ["plain,report"]),
        ("willing run --rep", ["plain,--replicates"]),
        ("willing run paris", ["file,paris", "plain,paris-march-2025"]),
        ("willing run ", ["file,", *(f"plain,{name}" for name in SCENARIOS)]),
        ("willing compare base us-", ["file,us-", "plain,us-opposes"]),
        ("willing sweep ", ["file,", *(f"plain,{name}" for name in EXPERIMENTS)]),
        ("willing cluster slurm glo", ["file,glo", "plain,global-sensitivity"]),
        ("willing check size", ["file,size", "plain,size-of-the-ask"]),
        ("willing explain base PO", ["plain,POL"]),
        ("willing pivots base --state GB", ["plain,GBR"]),
        ("willing run base --force GB", ["plain,GBR="]),
        ("willing list sta", ["plain,states"]),
        ("willing run base --set menu.troops.as", ["plain,menu.troops.ask="]),
        ("willing plot ", ["dir,"]),
    ],
)
def test_bash_is_offered_what_begins_so(
    willing: Willing, monkeypatch: pytest.MonkeyPatch, line: str, offered: list[str]
) -> None:
    assert completed(willing, monkeypatch, line) == offered


def test_every_state_of_the_table_is_offered(willing: Willing, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = completed(willing, monkeypatch, "willing explain base ")
    assert offered == [f"plain,{code}" for code in facts.states()]


def test_zsh_and_fish_are_told_what_a_name_means(willing: Willing, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(willing, monkeypatch, "willing explain base PO", "zsh") == ["plain", "POL", "Poland"]
    assert completed(willing, monkeypatch, "willing explain base PO", "fish")[0].startswith("plain")


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "complete -o nosort -F _willing_completion willing"),
        ("zsh", "#compdef willing"),
        ("fish", "complete --no-files --command willing"),
    ],
)
def test_each_shell_gets_its_script(willing: Willing, monkeypatch: pytest.MonkeyPatch, shell: str, line: str) -> None:
    monkeypatch.setenv("_WILLING_COMPLETE", f"{shell}_source")
    answer = willing()
    assert answer.code == 0
    assert line in answer.out
    assert "_WILLING_COMPLETE" in answer.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_itself_completes_a_scenario(tmp_path: Path) -> None:
    program = tmp_path / "willing"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sim "$@"\n')
    program.chmod(0o755)
    script = (
        f'eval "$(_WILLING_COMPLETE=bash_source {program})"; COMP_WORDS=(willing run paris); COMP_CWORD=2; '
        f'compopt() {{ :; }}; _willing_completion {program}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.split() == ["paris-march-2025"]


def test_completing_takes_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.environ |= {'_WILLING_COMPLETE': 'bash_complete', 'COMP_WORDS': 'willing run pa', "
        "'COMP_CWORD': '2'}; from sim.cli.main import main\n"
        "try: main()\nfinally: print(sorted({'pandas', 'numba', 'pydantic', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "[]"
