"""`sim.api.pivots` answers in memory, and as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import FigureError

type Willing = Callable[..., Any]


def test_the_result_has_a_table_a_dictionary_a_figure_and_a_text(willing: Willing) -> None:
    steps: list[tuple[int, int]] = []
    scenario = api.load_scenario("paris-march-2025", {"rounds": 8})
    result = api.pivots(
        scenario,
        states=["DEU", "Poland"],
        replicates=20,
        workers=1,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert steps[-1] == (100, 100)
    assert set(result.to_frame().index) == {"DEU", "POL"}
    command = ("pivots", "paris-march-2025", "--set", "rounds=8", "--state", "DEU", "--state", "POL")
    printed = json.loads(willing(*command, "--replicates", 20, "--workers", 1, "--json").out)
    assert printed.pop("figure") is None
    assert json.loads(json.dumps(result.to_dict())) == printed
    assert repr(result).startswith("Pivotal states of paris-march-2025")
    assert "<table>" in result._repr_html_()
    assert result.kinds == ("effects",)
    assert result.plot().axes
    with pytest.raises(FigureError, match="choose from effects"):
        result.plot("efects")
    assert not list(Path().iterdir())
