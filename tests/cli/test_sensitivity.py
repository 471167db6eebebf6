"""`willing sensitivity` plays an experiment by the design that its method needs, and says what matters."""

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
question: On what does it hang?
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


def test_sobol_says_what_matters_how_sure_and_what_is_luck(willing: Willing, small: str) -> None:
    answer = willing("sensitivity", small, "--base", 32, "--out", "s")
    assert answer.code == 0, answer.err
    out = " ".join(answer.out.split())
    assert out.startswith("States that would send troops hang most on ")
    assert "From: small, 160 points, 8 replicates each" in out
    assert "Settled: " in out
    assert "For more, say --base 64" in out
    assert "Luck: at most " in out
    for name in ("sensitivity", "convergence"):
        assert Path(f"s/figures/{name}-troop_states.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_command_plays_nothing_again_and_other_commands_open_the_sweep(willing: Willing, small: str) -> None:
    first = willing("sensitivity", small, "--base", 8, "--json", "--out", "s")
    again = willing("sensitivity", small, "--base", 8, "--json", "--out", "s")
    assert again.out == first.out
    assert "runs" not in again.err.replace("runs;", "")
    assert willing("plot", "s", "--x", "environment.clarity", "--outcome", "troop_states").code == 0
    assert willing("collect", "s").code == 0
    other = willing("sensitivity", small, "--method", "morris", "--out", "s")
    assert other.code == 2
    assert "other points" in other.err


def test_programs_get_indices_and_how_they_converged(willing: Willing, small: str) -> None:
    found = json.loads(willing("sensitivity", small, "--base", 16, "--outcome", "viable", "--json").out)
    assert (found["method"], found["outcome"], found["points"]) == ("sobol", "viable", 80)
    assert {factor["factor"] for factor in found["factors"]} == {
        "environment.us_backing",
        "environment.clarity",
        "weights.leadership",
    }
    assert list(found["convergence"]) == ["2", "4", "8", "16"]
    assert found["factors"][0]["total"] >= found["factors"][1]["total"]
    assert found["result"].startswith("results/sweeps/small-")
    assert found["settled"].keys() == {"values", "ranking", "screening"}


def test_elementary_effects_and_one_at_a_time(willing: Willing, small: str) -> None:
    answer = willing("sensitivity", small, "--method", "morris", "--trajectories", 6, "--out", "m")
    assert "mu*, states" in answer.out
    assert "on average over its whole range" in " ".join(answer.out.split())
    assert Path("m/figures/effects-troop_states.png").is_file()
    answer = willing("sensitivity", small, "--method", "one-at-a-time", "--out", "o")
    assert "as things are" in " ".join(answer.out.split())
    assert "From: small, 16 points" in answer.out  # five levels of three ranges, and the scenario
    assert "Settled" not in answer.out
    found = json.loads(willing("sensitivity", small, "--method", "one-at-a-time", "--out", "o", "--json").out)
    runs = pd.read_parquet("o/runs.parquet")
    for factor in found["factors"]:
        low, high = (
            runs.loc[np.isclose(runs[factor["factor"]], factor[end]) & others_stand(runs, factor["factor"])]
            .drop_duplicates("replicate")
            .set_index("replicate")["troop_states"]
            for end in ("low.at", "high.at")
        )
        difference = high - low
        assert factor["swing"] == pytest.approx(difference.mean())
        assert factor["swing.reach"] == pytest.approx(t.ppf(0.975, 7) * difference.std() / 8**0.5)


def others_stand(runs: pd.DataFrame, factor: str) -> pd.Series:
    """Return which runs have all other factors where the first point has them."""
    names = [name for name in ("environment.us_backing", "environment.clarity", "weights.leadership") if name != factor]
    return (runs[names] == runs.loc[runs["point"] == 0, names].iloc[0]).all(axis=1)


def test_another_seed_is_other_luck_at_the_same_points(willing: Willing, small: str) -> None:
    found = [
        json.loads(willing("sensitivity", small, "--base", 8, "--seed", seed, "--json", "--out", f"s{seed}").out)
        for seed in (1, 2)
    ]
    assert found[0]["factors"] != found[1]["factors"]
    first, other = (pd.read_parquet(f"s{seed}/summary.parquet") for seed in (1, 2))
    assert first["environment.clarity"].equals(other["environment.clarity"])
    assert willing("sensitivity", small, "--base", 8, "--seed", 2, "--out", "s1").code == 2


def test_an_experiment_s_own_design_is_kept(willing: Willing) -> None:
    Path("own.yaml").write_text(SMALL.replace("{latin_hypercube: {points: 4}}", "{morris: {trajectories: 3}}"))
    found = json.loads(willing("sensitivity", "own.yaml", "--json").out)
    assert (found["method"], found["points"]) == ("morris", 12)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("paris-march-2025",), "is a scenario; sensitivity takes an experiment"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("small.yaml", "--base", "48"), "--base: 48 is not a power of two; give 32 or 64"),
        (("small.yaml", "--base", "1"), "--base"),
        (("small.yaml", "--method", "morris", "--trajectories", "1"), "--trajectories"),
        (("small.yaml", "--replicates", "0"), "--replicates"),
        (("small.yaml", "--seed", "-1"), "--seed"),
        (("small.yaml", "--outcome", "headline"), "is no number that small measures"),
        (("small.yaml", "--outcome", "troop_stats"), "did you mean 'troop_states'?"),
        (("small.yaml", "--method", "morris", "--base", "8"), "--base goes with --method sobol"),
        (("small.yaml", "--trajectories", "8"), "--trajectories goes with --method morris"),
        (("global-sensitivty",), "did you mean"),
    ],
)
def test_mistakes_are_told_and_nothing_is_left(
    willing: Willing, small: str, arguments: tuple[str, ...], said: str
) -> None:
    answer = willing("sensitivity", *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert not answer.out
    assert not Path("results").exists()


def test_an_outcome_that_never_varies_explains_nothing(willing: Willing) -> None:
    Path("still.yaml").write_text(SMALL.replace("scenario: firm-us-backstop", "scenario: us-opposes"))
    answer = willing("sensitivity", "still.yaml", "--base", 2, "--replicates", 1, "--outcome", "viable")
    assert answer.code == 2
    assert "viable is the same at all points" in " ".join(answer.err.split())
