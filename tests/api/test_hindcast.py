"""`sim.api.hindcast` answers in memory, and as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim import api

type Willing = Callable[..., Any]


def test_the_result_is_that_of_the_command(willing: Willing) -> None:
    result = api.hindcast(api.load_scenario("paris-march-2025", {"rounds": 5}), replicates=40, workers=1)
    command = ("hindcast", "--replicates", 40, "--set", "rounds=5", "--workers", 1, "--json")
    printed = json.loads(willing(*command).out)
    assert printed.pop("figure") is None
    assert json.loads(json.dumps(result.to_dict())) == printed
    assert len(result.to_frame()) == 38
    assert repr(result).startswith("Hindcast of paris-march-2025 with 5 rounds instead of 52 against")
    assert "<table>" in result._repr_html_()
    assert result.plot().axes
    assert not list(Path().iterdir())
