"""Every fault of `make mutants` has its place, and tests that can notice it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants import TESTS, files_for, planted
from tests.planted import FAULTS, Fault

ROOT = Path(__file__).parents[2]


def test_every_fault_can_be_planted_and_is_python_still() -> None:
    for fault in FAULTS:
        text = planted((ROOT / "sim" / fault.file).read_text("utf-8"), fault)
        compile(text, fault.file, "exec")


def test_every_fault_has_tests_that_exist() -> None:
    for fault in FAULTS:
        assert all((ROOT / name).exists() for name in files_for(fault)), fault
    assert all((ROOT / "tests" / name).exists() for names in TESTS.values() for name in names)


def test_faults_lie_in_every_part_of_the_program_and_no_place_has_two_of_a_kind() -> None:
    parts = Counter(fault.file.partition("/")[0] for fault in FAULTS)
    assert set(parts) >= {path.name for path in (ROOT / "sim").iterdir() if path.is_dir() and path.name[0].islower()}
    assert len(FAULTS) >= 60
    assert len({(fault.file, fault.old) for fault in FAULTS}) == len(FAULTS)


def test_a_fault_that_has_lost_its_place_is_named() -> None:
    with pytest.raises(ValueError, match=r"sim/x\.py: 'a = 1' stands there 0 times, and has to once"):
        planted("b = 1\n", Fault("x.py", "a = 1", "a = 2", "wrong"))
    with pytest.raises(ValueError, match="stands there 2 times"):
        planted("a = 1\na = 1\n", Fault("x.py", "a = 1", "a = 2", "wrong"))
