"""The sweep that is disturbed, and what it leaves when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.sweeps import LARGE, played, tables, written


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("experiment"), LARGE)


@pytest.fixture(scope="module")
def undisturbed(experiment: Path) -> tuple[bytes, bytes]:
    return tables(played(experiment, experiment.parent / "undisturbed").folder)
