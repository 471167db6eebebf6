"""`sim.api.patterns` and `ablations` answer in memory, and as the commands do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import ModelError

type Willing = Callable[..., Any]


def test_patterns_are_those_of_the_command(willing: Willing) -> None:
    steps: list[tuple[int, int]] = []
    result = api.patterns([16], replicates=4, workers=1, on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1]
    printed = json.loads(willing("patterns", 16, "--replicates", 4, "--workers", 1, "--json").out)
    assert json.loads(json.dumps(result.to_dict()["patterns"])) == printed
    assert len(result.to_frame()) == 1
    assert "1 patterns hold" in repr(result)
    assert "<table>" in result._repr_html_()
    assert result.plot().axes
    with pytest.raises(ModelError, match="no pattern 99; there are 1, 2"):
        api.patterns([99])
    assert not list(Path().iterdir())


def test_ablations_are_those_of_the_command(willing: Willing) -> None:
    result = api.ablations(["security"], replicates=3, workers=1)
    printed = json.loads(willing("ablations", "security", "--replicates", 3, "--workers", 1, "--json").out)
    assert json.loads(json.dumps(result.to_dict()["parts"])) == printed
    assert set(result.to_frame()["without"]) == {"", "security"}
    assert repr(result).startswith("Ablations: 1 part left out")
    assert result.plot().axes
    with pytest.raises(ModelError, match="did you mean 'security'"):
        api.ablations(["securty"])
    assert not list(Path().iterdir())
