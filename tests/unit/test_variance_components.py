"""Variance components are those of the textbook, and drawing weights changes nothing but the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.variance_components import variance_components
from sim.ensemble import simulate as ensemble
from sim.errors import ModelError, ScenarioError
from sim.model import simulate as agents
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories
from sim.model.weight_draws import drawn_weights, draws_for, setups_drawn, simulate_drawn
from sim.results.tables import tabulate
from sim.scenario import load_scenario
from sim.scenario.checksum import seal_yaml
from sim.scenario.posterior import Posterior, read_posterior

POSTERIOR = """\
scenario: base
digest: 'x'
mean:
  opinion: 2.5
  momentum: 1.2
covariance:
  opinion: [0.36, 0.06]
  momentum: [0.06, 0.25]
"""


@pytest.fixture
def posterior(tmp_path: Path) -> Posterior:
    path = tmp_path / "small.posterior.yaml"
    path.write_text(seal_yaml(POSTERIOR))
    return read_posterior(path)


# The components


def test_components_equal_those_computed_by_hand() -> None:
    values = np.array([1.0, 3.0, 5.0, 7.0, 3.0, 5.0])  # means 2, 6, 4; within each draw a variance of 2
    found = variance_components(values, np.array([0, 0, 1, 1, 2, 2]))
    of_draws = (2.0 * 4.0 - 2.0) / 2.0  # mean square of draws 8, within 2, two replicates each
    assert found.weights.mean == pytest.approx(of_draws / (of_draws + 2.0))
    assert found.sd == pytest.approx((of_draws + 2.0) ** 0.5)
    assert found.sd_of_draws == pytest.approx(of_draws**0.5)
    assert found.other == pytest.approx(2.0 / (of_draws + 2.0))


def test_draws_that_differ_less_than_replicates_contribute_nothing() -> None:
    found = variance_components(np.array([1.0, 5.0, 1.0, 5.0, 1.0, 5.0]), np.repeat([0, 1, 2], 2))
    assert (found.weights.mean, found.weights.low) == (0.0, 0.0)


def test_without_variance_within_draws_all_of_it_comes_from_weights() -> None:
    found = variance_components(np.repeat([1.0, 2.0, 4.0], 2), np.repeat([0, 1, 2], 2))
    assert (found.weights.mean, found.weights.low, found.weights.high) == (1.0, 1.0, 1.0)
    assert variance_components(np.ones(6), np.repeat([0, 1, 2], 2)).sd == 0.0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_the_interval_covers_the_true_share_as_often_as_it_claims(share: float) -> None:
    rng = np.random.default_rng(7)
    draws, each, tries = 60, 4, 300
    held = 0
    for _ in range(tries):
        values = np.sqrt(share) * rng.normal(size=(draws, 1)) + np.sqrt(1.0 - share) * rng.normal(size=(draws, each))
        found = variance_components(values.ravel(), np.repeat(np.arange(draws), each)).weights
        held += found.low <= share <= found.high
    assert held / tries > 0.91


@pytest.mark.parametrize("draws", [[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 2, 3]])
def test_draws_have_to_be_of_one_size_and_more_than_one(draws: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two draws"):
        variance_components(np.arange(4.0), np.array(draws))


# The draws


def test_drawn_weights_have_the_mean_and_the_covariance_of_the_posterior(posterior: Posterior) -> None:
    drawn = drawn_weights(posterior, seed=3, draws=40_000)
    assert drawn.mean(axis=0) == pytest.approx([2.5, 1.2], abs=0.02)
    assert np.cov(drawn.T).ravel() == pytest.approx([0.36, 0.06, 0.06, 0.25], abs=0.01)


def test_more_draws_leave_the_first_ones_and_another_seed_none(posterior: Posterior) -> None:
    few, many = (drawn_weights(posterior, seed=3, draws=number) for number in (5, 50))
    assert few.tolist() == many[:5].tolist()
    assert not np.isclose(few, drawn_weights(posterior, seed=4, draws=5)).any()


def test_a_replicate_plays_as_in_a_scenario_with_its_weights_by_either_engine(posterior: Posterior) -> None:
    scenario = load_scenario("base", ["rounds=6"])
    weights = drawn_weights(posterior, seed=0, draws=3)
    setups = setups_drawn(scenario, posterior, weights)

    def by_ensemble(setup: Setup, replicates: range) -> Trajectories:
        return ensemble.simulate(setup, seed=0, replicates=replicates)

    def by_agents(setup: Setup, replicates: range) -> Trajectories:
        return agents.simulate(setup, seed=0, replicates=replicates)

    drawn = simulate_drawn(setups, 6, by_ensemble)
    assert drawn.replicates.tolist() == [0, 1, 2, 3, 4, 5]
    assert (drawn.stances == simulate_drawn(setups, 6, by_agents).stances).all()
    opinion, momentum = weights[1].tolist()
    alone = prepare(
        load_scenario("base", ["rounds=6", f"weights.opinion={opinion!r}", f"weights.momentum={momentum!r}"])
    )
    second = by_ensemble(alone, range(2, 4))
    assert (drawn.stances[2:4] == second.stances).all()
    assert (drawn.environment[2:4] == second.environment).all()


def test_weights_that_are_sure_give_the_run_of_these_weights(posterior: Posterior) -> None:
    scenario = load_scenario("base", ["rounds=6"])
    sure = Posterior(
        source="sure",
        scenario="base",
        digest="",
        sha256="",
        names=("opinion",),
        mean=np.array([scenario.weights["opinion"]]),
        covariance=np.zeros((1, 1)),
    )
    setups = setups_drawn(scenario, sure, drawn_weights(sure, seed=0, draws=2))
    drawn = simulate_drawn(setups, 8, lambda setup, part: ensemble.simulate(setup, seed=0, replicates=part))
    plain = ensemble.simulate(prepare(scenario), seed=0, replicates=range(8))
    pd.testing.assert_frame_equal(tabulate(setups[0], drawn).outcomes, tabulate(setups[0], plain).outcomes)


def test_a_posterior_of_other_weights_is_told(posterior: Posterior) -> None:
    scenario = load_scenario("base")
    lacking = scenario.model_copy(update={"weights": {name: 1.0 for name in scenario.weights if name != "momentum"}})
    with pytest.raises(ModelError, match=r"momentum is not a weight of base.*it was fitted to base"):
        setups_drawn(lacking, posterior, drawn_weights(posterior, seed=0, draws=2))


@pytest.mark.parametrize(
    ("replicates", "asked", "draws"), [(400, None, 100), (40, None, 10), (90, None, 18), (4, None, 2), (400, 50, 50)]
)
def test_draws_share_the_replicates_equally(replicates: int, asked: int | None, draws: int) -> None:
    assert draws_for(replicates, asked) == draws


@pytest.mark.parametrize(
    ("replicates", "asked", "message"),
    [(400, 30, "use 390 replicates"), (401, None, "use 402 replicates"), (3, None, "use 4 replicates"),
     (10, 10, "use 20 replicates")],
)  # fmt: skip
def test_replicates_that_draws_cannot_share_equally_are_refused_with_a_way_out(
    replicates: int, asked: int | None, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        draws_for(replicates, asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no settings"),
        ("mean: {opinion: 1}\n", "mean and covariance of the same weights are missing"),
        ("mean: {}\ncovariance: {}\n", "it holds no weights"),
        ("mean: {opinion: .nan}\ncovariance: {opinion: [1]}\n", "must hold finite numbers only"),
        ("mean: {opinion: 1}\ncovariance: {opinion: [-1]}\n", "is not positive semi-definite"),
    ],
)
def test_a_file_that_is_not_a_posterior_is_refused_with_a_way_out(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "odd.posterior.yaml"
    path.write_text(seal_yaml(text) if text else text)
    with pytest.raises(ScenarioError) as error:
        read_posterior(path)
    assert message in str(error.value)
    assert "willing fit" in str(error.value)
