"""`willing schema` writes the schema of a kind of file to the screen or to a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import sim
from tests.conftest import Answer

type Willing = Callable[..., Answer]


@pytest.mark.parametrize("kind", ["scenario", "experiment"])
def test_the_schema_is_printed(willing: Willing, kind: str) -> None:
    answer = willing("schema", kind)
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == json.loads(json.dumps(sim.schema(kind)))


def test_the_schema_is_written_to_a_file_that_is_not_there(willing: Willing, tmp_path: Path) -> None:
    path = tmp_path / "scenario.schema.json"
    answer = willing("schema", "scenario", "--out", path)
    assert (answer.code, answer.out.strip()) == (0, str(path))
    assert path.read_text("utf-8") == willing("schema", "scenario").out

    again = willing("schema", "experiment", "--out", path)
    assert again.code == 2
    assert "already exists" in again.err
    assert path.read_text("utf-8") == willing("schema", "scenario").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["schema"], "Missing argument"),
        (["schema", "run"], "'run' is not one of 'scenario', 'experiment'"),
        (["schema", "scenario", "--out", "schema.yaml"], "the name must end in .json"),
    ],
)
def test_other_kinds_and_names_are_refused(willing: Willing, arguments: list[str], message: str) -> None:
    answer = willing(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in " ".join(answer.err.split())
