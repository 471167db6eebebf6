"""Compiled code that is stale, damaged or cannot be kept: no wrong number, no traceback, and a sentence about it."""

from __future__ import annotations

import errno
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import source_hash
from sim.theory import ceasefire, jit_cache
from sim.theory.jit_cache import folders, njit, take_notes
from tests.conftest import Answer

CHANCE = 1.0 - math.exp(-0.1)  # hazard 0.1, nobody sincere, nobody deterred, one week


def rule() -> Any:
    """Return a rule as a new process has it: not compiled, and with the code that is kept."""
    return njit(cache=True)(ceasefire.breakdown_chance.py_func)


def played(compiled_rule: Any) -> bool:
    """Play the rule, assert that it says what it should, and return whether its code was kept from before."""
    assert compiled_rule(0.1, 0.0, 0.0, 1.0) == CHANCE
    return bool(compiled_rule.stats.cache_hits)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for compiled code, and a temporary one beside it."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    take_notes()
    return tmp_path / "home"


@pytest.fixture
def kept(home: Path) -> Path:
    """The file that holds what was compiled of the rule."""
    assert not played(rule())
    assert played(rule())
    (path,) = (path for path in home.rglob("*") if path.is_file())
    assert take_notes() == []
    return path


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _cut_to_its_checksum(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:32])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _filled_with_nothing(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _of_another_rule(path: Path) -> None:
    other = njit(cache=True)(ceasefire.step_chance.py_func)
    other(0.1, 0.0, 0.0, 0.0, 0.0, 1.0)
    (code,) = (each for each in path.parent.iterdir() if "step_chance" in each.name)
    code.replace(path)


@pytest.mark.parametrize(
    "damage", [_cut_short, _cut_to_its_checksum, _emptied, _filled_with_nothing, _longer, _of_another_rule]
)
def test_damaged_code_is_named_and_compiled_again(kept: Path, damage: Callable[[Path], None]) -> None:
    damage(kept)
    assert not played(rule())
    assert take_notes() == [f"{kept}: compiled code was damaged; it is compiled again"]
    assert played(rule())
    assert take_notes() == []


def test_code_of_which_any_bit_was_flipped_is_not_taken(kept: Path) -> None:
    content, chance = kept.read_bytes(), random.Random(1)
    for place in [*range(40), *chance.sample(range(len(content)), 200)]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.randrange(8)
        kept.write_bytes(flipped)
        assert jit_cache._read(kept) is None
        assert not kept.exists()
    assert len(take_notes()) == 1


def test_a_folder_that_cannot_be_made_is_named_and_another_one_serves(home: Path) -> None:
    home.write_text("no folder")
    first, other = folders("theory")
    assert not played(rule())
    assert take_notes() == [f"{first}: cannot write there: Not a directory; compiled code is stored in {other}"]
    assert played(rule())
    assert take_notes() == []


def _full(path: Path, content: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_on_a_full_disk_rules_are_played_and_nothing_is_left_half_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", _full)
        assert not played(rule())
        first, _ = folders("theory")
        assert take_notes() == [
            f"{first}: cannot write there: No space left on device; compiled code is not stored; the next command "
            "compiles it again"
        ]
    assert [path for path in home.parent.rglob("*") if path.is_file()] == []
    assert not played(rule())
    assert played(rule())


def _nowhere() -> str:
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


def test_without_a_home_and_without_a_folder_for_temporary_files_rules_are_played(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setattr(tempfile, "gettempdir", _nowhere)
    assert list(folders("theory")) == []
    assert not played(rule())
    text = "there is no cache folder; compiled code is not stored; the next command compiles it again"
    assert take_notes() == [text]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner here")
def test_code_from_a_folder_of_somebody_else_is_not_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    assert not played(rule())
    assert played(rule())
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert not played(rule())
    assert "cannot write there: it belongs to another user" in take_notes()[0]


def test_a_folder_of_the_users_own_has_one_inside_for_each_text_of_the_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = jit_cache._text_of("theory")
    for named, first in ((None, "cache"), ("", "cache"), (str(tmp_path / "own"), "own")):
        if named is None:
            monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
        else:
            monkeypatch.setenv("NUMBA_CACHE_DIR", named)
        assert next(folders("theory")) == tmp_path / first / "willing" / text
    assert jit_cache._text_of("ensemble") == text
    assert jit_cache._text_of("analysis") != text  # which compiles functions of its own into its own


SINCERITY = """\
import numpy as np
from sim.theory.choice import ENVIRONMENT, SINCERITY
from sim.theory.processes import circumstances
now = np.empty(len(ENVIRONMENT))
circumstances(np.full(len(ENVIRONMENT), 0.5), 0.0, 0.0, 0.0, 3.0, now)
print(now[SINCERITY])
"""


def test_a_rule_that_was_changed_is_played_as_it_reads_now(tmp_path: Path) -> None:
    shutil.copytree(source_hash.PACKAGE, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))

    def sincerity() -> float:
        said = subprocess.run(
            [sys.executable, "-c", SINCERITY],
            env={**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "own")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return float(said.stdout)

    assert sincerity() == 0.75  # a prior of 1/2 with odds of 3: 1.5 / (1.5 + 0.5)
    rules = tmp_path / "sim" / "theory" / "ceasefire.py"
    text = rules.read_text("utf-8")
    rule_of_bayes = "return prior * odds / (prior * odds + (1.0 - prior))"
    assert text.count(rule_of_bayes) == 1
    rules.write_text(text.replace(rule_of_bayes, "return prior"), "utf-8")
    assert sincerity() == 0.5  # nothing is learnt; the caller is in another file, which has not changed


def test_the_command_line_says_what_became_of_compiled_code(willing: Callable[..., Answer]) -> None:
    jit_cache._notes.append("the folder is full")
    answer = willing("check", "base")
    assert (answer.code, answer.err) == (0, "the folder is full\n")
    assert willing("check", "base").err == ""
