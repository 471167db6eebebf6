"""`sim.api.discover` searches experiments and sweeps in memory, and as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import FigureError, ModelError, ResultsError

type Willing = Callable[..., Any]

EXPERIMENT = {
    "question": "Where do few states send troops?",
    "scenario": "paris-march-2025",
    "rounds": 4,
    "vary": {"environment.us_backing": {"from": 0, "to": 1}, "environment.clarity": {"from": 0, "to": 1}},
    "design": {"sobol": {"points": 128}},
    "replicates": 3,
    "outcomes": ["troop_states", "viable"],
}
FEW = "troop_states < 8"


def test_the_result_is_that_of_the_command(willing: Willing) -> None:
    Path("few.yaml").write_text(json.dumps(EXPERIMENT))
    steps: list[tuple[int, int]] = []
    result = api.discover("few.yaml", FEW, on_progress=lambda done, total: steps.append((done, total)))
    assert (384, 384) in steps
    assert steps[-1] == (1, 1)
    assert [path.name for path in Path().iterdir()] == ["few.yaml"]
    printed = json.loads(willing("discover", "few.yaml", "--when", FEW, "--no-figures", "--json", "--out", "d").out)
    assert printed.pop("result") == "d"
    sweep = printed.pop("sweep")
    assert json.loads(json.dumps(result.to_dict())) == printed
    assert api.discover(sweep, FEW).to_dict() == result.to_dict()


def test_a_result_has_a_table_figures_and_a_text(tmp_path: Path) -> None:
    result = api.discover(EXPERIMENT, [FEW, "viable < 0.5"], seed=2)
    assert set(result.to_frame()["factor"]) <= set(EXPERIMENT["vary"])  # type: ignore[arg-type]
    assert result.kinds == ("box-1",)
    assert result.plot().axes
    assert repr(result).splitlines()[1].startswith("Condition: troop_states < 8 and viable < 0.5, met at ")
    assert "<table>" in result._repr_html_()
    folder = result.save(tmp_path / "saved")
    assert sorted(path.name for path in folder.iterdir()) == ["answer.json", "limits.csv", "trajectory.csv"]
    with pytest.raises(ResultsError, match="already exist"):
        result.save(folder)


def test_mistakes_are_reported_before_anything_is_simulated() -> None:
    with pytest.raises(ModelError, match="did you mean 'troop_states'"):
        api.discover(EXPERIMENT | {"replicates": 10**6}, "troop_stats < 8")
    sweep = api.sweep(EXPERIMENT, replicates=1)
    with pytest.raises(ModelError, match="replicates: experiment is a sweep"):
        api.discover(sweep, FEW, replicates=3)
    with pytest.raises(FigureError, match="choose from box-1"):
        api.discover(sweep, FEW).plot("box-2")
