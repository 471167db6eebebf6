"""The door: quick to open, one clear message for what the user can mend, and a traceback only for what is ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

from sim.cli.main import COMMANDS, cli

HEAVY = ("mesa", "numba", "numpy", "pandas", "pyarrow", "matplotlib", "pydantic", "ruamel", "rich", "networkx", "scipy")
LOADED = """
import sys
from sim.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as left:
    assert not left.code, left.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)],
    ids=lambda words: " ".join(words),
)
def test_help_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, cwd=tmp_path, check=True, timeout=60
    )
    loaded = said.stdout.rpartition("loaded:")[2].split()
    assert "click" in loaded
    assert not set(loaded) & set(HEAVY)


def test_the_module_is_the_command(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "sim", "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, f"willing {version('willing')}\n", "")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command_and_an_example(willing: Callable[..., Any], flag: str) -> None:
    answer = willing(flag)
    assert answer.code == 0
    assert not answer.err
    assert answer.out.startswith("Usage: willing ")
    assert "Example: willing run paris-march-2025" in answer.out
    for name, (_, about) in COMMANDS.items():
        assert f"\n  {name} " in answer.out
        assert about.split()[0] in answer.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_and_says_what_its_options_do(willing: Callable[..., Any], name: str) -> None:
    answer = willing(name, "--help")
    assert answer.code == 0
    assert f"Usage: willing {name} " in answer.out
    assert f"Example: willing {name} " in answer.out
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["rnu"], "unknown command 'rnu'; did you mean 'run'?"),
        (["lsit", "states"], "unknown command 'lsit'; did you mean 'list'?"),
        (
            ["frobnicate"],
            "unknown command 'frobnicate'; the commands are run, check, sweep, explain, compare, stability, pivots, "
            "thresholds, sensitivity, discover, hindcast, fit, plot, report, ui, collect, cluster, patterns, "
            "ablations, gallery, list, schema",
        ),
        (["--frobnicate"], "--frobnicate"),
        (["run"], "Missing argument 'SCENARIO'"),
        (["run", "base", "--replicats", "3"], "--replicates"),
        (["run", "base", "--replicates", "many"], "'many' is not a valid integer range"),
        (["run", "base", "--engine", "steam"], "'steam' is not"),
        (["check"], "Missing argument 'FILE...'"),
        (["list", "stats"], "'stats' cannot be listed; did you mean 'states'?"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_slip_of_the_keyboard_is_told_in_one_message(
    willing: Callable[..., Any], wrong: list[str], said: str
) -> None:
    answer = willing(*wrong)
    assert answer.code == 2
    assert not answer.out
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "command",
    [["explain", "A" * 300, "POL"], ["compare", "A" * 5000, "base"], ["plot", "A" * 5000], ["report", "A" * 5000]],
    ids=lambda words: words[0],
)
def test_a_name_that_is_too_long_is_told(command: list[str], willing: Callable[..., Any]) -> None:
    answer = willing(*command)
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.splitlines()) == 1
    assert "AAA" in answer.err


def test_without_a_command_the_help_is_shown(willing: Callable[..., Any]) -> None:
    answer = willing()
    assert answer.code == 2
    assert "Commands:" in answer.out + answer.err
    assert "Traceback" not in answer.err


def test_what_is_ours_to_mend_is_not_hidden(monkeypatch: pytest.MonkeyPatch, willing: Callable[..., Any]) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(cli, "get_command", lambda ctx, name: broken)
    with pytest.raises(ZeroDivisionError, match="ours"):
        willing("run")


def test_our_own_mistake_leaves_with_1_and_a_traceback(tmp_path: Path) -> None:
    text = "import sim.cli.main as m; m.COMMANDS['run'] = ('sim.nowhere:run', ''); m.main(['run'])"
    said = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert said.returncode == 1
    assert "Traceback" in said.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list", "parameters"], ["list", "parameters", "--json"]], ids=" ".join
)
def test_a_reader_who_leaves_early_is_no_mistake(arguments: list[str], tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    said = writer.stderr.read()
    writer.stderr.close()
    assert writer.wait(timeout=60) == 0
    assert not said
