"""`sim.api.fit` answers in memory, and as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import ResultsError

type Willing = Callable[..., Any]


def test_the_result_is_that_of_the_command(willing: Willing) -> None:
    steps: list[tuple[int, int]] = []
    result = api.fit(on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1][0] <= steps[-1][1]
    printed = json.loads(willing("fit", "--json").out)
    assert [printed.pop(key) for key in ("fitted", "posterior", "figure")] == [None] * 3
    assert json.loads(json.dumps(result.to_dict())) == printed
    assert list(result.to_frame().index) == list(result.data.names)
    assert repr(result).startswith("Fit of base to ")
    assert "<table>" in result._repr_html_()
    assert result.plot().axes
    assert not list(Path().iterdir())


def test_a_fit_is_saved_as_a_scenario_with_its_posterior(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = api.load_scenario("base", {"environment.clarity": 0.4})
    result = api.fit(scenario)
    assert result.save("mine.yaml") == Path("mine.yaml")
    assert api.load_scenario("mine.yaml").environment == scenario.environment
    assert Path("mine.posterior.yaml").is_file()
    with pytest.raises(ResultsError, match="already exist"):
        result.save("mine.yaml")
