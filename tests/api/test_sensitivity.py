"""`sim.api.sensitivity` analyses experiments and sweeps in memory, and as the command does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import FigureError, ModelError

type Willing = Callable[..., Any]

EXPERIMENT = {
    "question": "Which factors matter?",
    "scenario": "firm-us-backstop",
    "rounds": 4,
    "vary": {"environment.us_backing": {"from": 0, "to": 1}, "environment.clarity": {"from": 0, "to": 1}},
    "design": {"morris": {"trajectories": 4}},
    "replicates": 4,
    "outcomes": ["headline", "troop_states", "viable"],
}


def test_the_result_is_that_of_the_command(willing: Willing) -> None:
    steps: list[tuple[int, int]] = []
    options = {"method": "morris", "trajectories": 2, "replicates": 2, "outcome": "troop_states"}
    result = api.sensitivity(**options, on_progress=lambda done, total: steps.append((done, total)))  # type: ignore[arg-type]
    assert steps[-1] == (108, 108)
    assert not list(Path().iterdir())
    arguments = [f"--{name}={value}" for name, value in options.items()]
    printed = json.loads(willing("sensitivity", *arguments, "--no-figures", "--json", "--out", "sweep").out)
    assert [printed.pop(key) for key in ("result", "figures")] == ["sweep", []]
    assert json.loads(json.dumps(result.to_dict())) == printed


def test_a_result_has_a_table_figures_and_a_text() -> None:
    result = api.sensitivity(EXPERIMENT)
    assert list(result.to_frame().columns) == ["mu", "mu_star", "mu_star.reach", "sigma"]
    assert (result.outcome, result.method, result.sweep.folder) == ("troop_states", "morris", None)
    assert result.kinds == ("sensitivity", "convergence", "effects")
    assert result.plot("effects").axes
    with pytest.raises(FigureError, match="choose from sensitivity, convergence, effects"):
        result.plot("map")
    assert " has the largest effect on the number of states that would send troops (" in repr(result)
    assert "<table>" in result._repr_html_()


def test_a_sweep_is_analysed_for_any_of_its_outcomes(tmp_path: Path) -> None:
    sweep = api.sweep(EXPERIMENT, folder=tmp_path / "sweep")
    of_sweep = api.sensitivity(sweep, outcome="viable")
    assert api.sensitivity(tmp_path / "sweep", outcome="viable").to_dict() == of_sweep.to_dict()
    assert api.sensitivity(EXPERIMENT, outcome="viable").to_dict() == of_sweep.to_dict()


def test_mistakes_are_model_errors() -> None:
    sweep = api.sweep(EXPERIMENT)
    with pytest.raises(ModelError, match="replicates: experiment is a sweep and is used as it was simulated"):
        api.sensitivity(sweep, replicates=3)
    with pytest.raises(ModelError, match="is not a numeric outcome"):
        api.sensitivity(sweep, outcome="headline")
    grid = EXPERIMENT | {"design": {"sobol": {"points": 4}}}
    with pytest.raises(ModelError, match="needs points of the design saltelli, morris or one_at_a_time; this is sobol"):
        api.sensitivity(api.sweep(grid))
    with pytest.raises(ModelError, match="method anova: is unknown; choose from sobol, morris, one-at-a-time"):
        api.sensitivity(EXPERIMENT, method="anova")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="base must be from 2"):
        api.sensitivity(EXPERIMENT, method="sobol", base=1)
