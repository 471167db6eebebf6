"""`willing sensitivity` simulates an experiment with the design that its method requires, and ranks its factors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

type Willing = Callable[..., Any]

SMALL = """\
question: On which factors does it depend?
scenario: firm-us-backstop
rounds: 6
vary:
  environment.us_backing: {from: 0, to: 1}
  environment.clarity: {from: 0, to: 1}
  weights.leadership: {from: 2.1, to: 2.3}
design: {latin_hypercube: {points: 4}}
replicates: 8
outcomes: [headline, troop_states, viable]
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    (tmp_path / "small.yaml").write_text(SMALL)
    return "small.yaml"


def test_sobol_reports_the_ranking_its_convergence_and_the_sampling_noise(willing: Willing, small: str) -> None:
    answer = willing("sensitivity", small, "--base", 32, "--out", "s")
    assert answer.code == 0, answer.err
    out = " ".join(answer.out.split())
    assert out.startswith("The number of states that would send troops depends most on ")
    assert "From: small, 160 points, 8 replicates each" in out
    assert "Convergence: " in out
    assert "For a larger sample, use --base 64" in out
    assert "of the variance is sampling noise, which shows up as spurious interaction" in out
    for name in ("sensitivity", "convergence"):
        assert Path(f"s/figures/{name}-troop_states.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_command_simulates_nothing_again_and_other_commands_open_the_sweep(
    willing: Willing, small: str
) -> None:
    first = willing("sensitivity", small, "--base", 8, "--json", "--out", "s")
    again = willing("sensitivity", small, "--base", 8, "--json", "--out", "s")
    assert again.out == first.out
    assert "runs" not in again.err.replace("runs;", "")
    assert willing("plot", "s", "--x", "environment.clarity", "--outcome", "troop_states").code == 0
    assert willing("collect", "s").code == 0
    other = willing("sensitivity", small, "--method", "morris", "--out", "s")
    assert other.code == 2
    assert "other points" in other.err


def test_json_contains_the_indices_and_their_convergence(willing: Willing, small: str) -> None:
    result = json.loads(willing("sensitivity", small, "--base", 16, "--outcome", "viable", "--json").out)
    assert (result["method"], result["outcome"], result["points"]) == ("sobol", "viable", 80)
    assert {factor["factor"] for factor in result["factors"]} == {
        "environment.us_backing",
        "environment.clarity",
        "weights.leadership",
    }
    assert list(result["convergence"]) == ["2", "4", "8", "16"]
    assert result["factors"][0]["total"] >= result["factors"][1]["total"]
    assert result["result"].startswith("results/sweeps/small-")
    assert result["converged"].keys() == {"values", "ranking", "screening"}


def test_elementary_effects_and_one_at_a_time(willing: Willing, small: str) -> None:
    answer = willing("sensitivity", small, "--method", "morris", "--trajectories", 6, "--out", "m")
    assert "mu*, states" in answer.out
    assert "on average over its whole range)" in " ".join(answer.out.split())
    assert Path("m/figures/effects-troop_states.png").is_file()
    answer = willing("sensitivity", small, "--method", "one-at-a-time", "--out", "o")
    assert "; baseline " in " ".join(answer.out.split())
    assert "From: small, 16 points" in answer.out  # five levels of three ranges, and the scenario
    assert "Convergence" not in answer.out
    result = json.loads(willing("sensitivity", small, "--method", "one-at-a-time", "--out", "o", "--json").out)
    runs = pd.read_parquet("o/runs.parquet")
    for factor in result["factors"]:
        low, high = (
            runs.loc[np.isclose(runs[factor["factor"]], factor[end]) & others_at_baseline(runs, factor["factor"])]
            .drop_duplicates("replicate")
            .set_index("replicate")["troop_states"]
            for end in ("low.at", "high.at")
        )
        difference = high - low
        assert factor["swing"] == pytest.approx(difference.mean())
        assert factor["swing.reach"] == pytest.approx(t.ppf(0.975, 7) * difference.std() / 8**0.5)


def others_at_baseline(runs: pd.DataFrame, factor: str) -> pd.Series:
    """Return whether each run has the baseline values of all other factors."""
    names = [name for name in ("environment.us_backing", "environment.clarity", "weights.leadership") if name != factor]
    return (runs[names] == runs.loc[runs["point"] == 0, names].iloc[0]).all(axis=1)


def test_another_seed_gives_other_draws_at_the_same_points(willing: Willing, small: str) -> None:
    results = [
        json.loads(willing("sensitivity", small, "--base", 8, "--seed", seed, "--json", "--out", f"s{seed}").out)
        for seed in (1, 2)
    ]
    assert results[0]["factors"] != results[1]["factors"]
    first, other = (pd.read_parquet(f"s{seed}/summary.parquet") for seed in (1, 2))
    assert first["environment.clarity"].equals(other["environment.clarity"])
    assert willing("sensitivity", small, "--base", 8, "--seed", 2, "--out", "s1").code == 2


def test_the_design_of_the_experiment_is_kept(willing: Willing) -> None:
    Path("own.yaml").write_text(SMALL.replace("{latin_hypercube: {points: 4}}", "{morris: {trajectories: 3}}"))
    result = json.loads(willing("sensitivity", "own.yaml", "--json").out)
    assert (result["method"], result["points"]) == ("morris", 12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("paris-march-2025",), "is a scenario; sensitivity takes an experiment"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("small.yaml", "--base", "48"), "base: 48 is not a power of two; give 32 or 64"),
        (("small.yaml", "--base", "1"), "--base"),
        (("small.yaml", "--method", "morris", "--trajectories", "1"), "--trajectories"),
        (("small.yaml", "--replicates", "0"), "--replicates"),
        (("small.yaml", "--seed", "-1"), "--seed"),
        (("small.yaml", "--outcome", "headline"), "is not a numeric outcome of small"),
        (("small.yaml", "--outcome", "troop_stats"), "did you mean 'troop_states'?"),
        (("small.yaml", "--method", "morris", "--base", "8"), "--base) applies only to the method sobol"),
        (("small.yaml", "--trajectories", "8"), "--trajectories) applies only to the method morris"),
        (("global-sensitivty",), "did you mean"),
    ],
)
def test_a_mistake_is_an_error_and_nothing_is_written(
    willing: Willing, small: str, arguments: tuple[str, ...], message: str
) -> None:
    answer = willing("sensitivity", *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.split())
    assert not answer.out
    assert not Path("results").exists()


def test_a_constant_outcome_is_an_error(willing: Willing) -> None:
    Path("still.yaml").write_text(SMALL.replace("scenario: firm-us-backstop", "scenario: us-opposes"))
    answer = willing("sensitivity", "still.yaml", "--base", 2, "--replicates", 1, "--outcome", "viable")
    assert answer.code == 2
    assert "viable is the same at all points" in " ".join(answer.err.split())
