"""A fit finds the top of the posterior, and reports how much the record says of each weight."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from sim.analysis import priors
from sim.analysis.fit import Data, Fit, FitSpec, fit, highest, profile, spread
from sim.analysis.priors import Prior, read_priors
from sim.analysis.save_fit import posterior_text
from sim.errors import ModelError, ScenarioError
from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world, suppose_conditions
from sim.model.setup import prepare
from sim.plots.fit import fit_figure
from sim.scenario import load_scenario
from sim.scenario.checksum import seal_yaml
from sim.scenario.posterior import read_posterior
from tests.figures import bars, marks, strokes

type Array = np.ndarray


def _data(states: int = 60, weights: int = 3, seed: int = 0, truth: Array | None = None) -> Data:
    rng = np.random.default_rng(seed)
    raised = rng.normal(size=(states, 4, weights))
    raised[:, 0] = 0.0
    known = np.linspace(-1.0, 1.0, weights) if truth is None else truth
    values = 2.4 * raised @ known + rng.gumbel(size=(states, 4))
    return Data(
        codes=tuple(f"S{i}" for i in range(states)),
        names=tuple("abcdefgh"[:weights]),
        raised=raised,
        came=values.argmax(axis=1),
        sharpness=2.4,
    )


@pytest.fixture(scope="module")
def found() -> Fit:
    return fit(FitSpec(scenario=load_scenario("base")))


def test_the_slopes_of_the_likelihood_are_those_of_differences() -> None:
    data, at, step = _data(), np.array([0.3, -0.2, 0.8]), 1e-5
    for place in range(3):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        assert data.gradient(at)[place] == pytest.approx((data.likelihood(up) - data.likelihood(down)) / (2 * step))
        bent = (data.gradient(up) - data.gradient(down)) / (2 * step)
        assert -data.information(at)[place] == pytest.approx(bent, rel=1e-5, abs=1e-6)


def test_the_best_weights_are_those_that_a_general_optimiser_finds() -> None:
    data = _data(states=25)
    held = [Prior(mean=0.5, sd=0.4), Prior(mean=-1.0, sd=2.0), Prior(mean=0.0, sd=0.1)]

    def loss(weights: Array) -> float:
        prior = sum(((w - p.mean) / p.sd) ** 2 for w, p in zip(weights, held, strict=True))
        return 0.5 * prior - data.likelihood(weights)

    assert highest(data, held) == pytest.approx(minimize(loss, np.zeros(3), tol=1e-10).x, abs=1e-4)


def test_many_choices_give_the_weights_back_that_made_them() -> None:
    truth = np.array([0.8, -0.5, 0.2])
    data = _data(states=4000, truth=truth)
    held = [Prior(mean=0.0, sd=10.0)] * 3
    best = highest(data, held)
    error = np.sqrt(np.diag(spread(data, held, best)))
    assert (np.abs(best - truth) < 4.0 * error).all()
    assert (error < 0.05).all()


def test_a_weight_that_the_choices_do_not_touch_keeps_its_prior() -> None:
    data = _data(states=30)
    data.raised[:, :, 1] = 0.0
    held = [Prior(mean=0.0, sd=1.0), Prior(mean=7.0, sd=3.0), Prior(mean=0.0, sd=1.0)]
    best = highest(data, held)
    assert best[1] == pytest.approx(7.0)
    assert math.sqrt(spread(data, held, best)[1, 1]) == pytest.approx(3.0)
    assert profile(data, held, best, 1, 3.0) == pytest.approx((7.0 - 1.96 * 3.0, 7.0 + 1.96 * 3.0), abs=1e-2)


def test_a_weight_with_no_spread_is_held() -> None:
    data, held = _data(states=30), [Prior(mean=0.0, sd=1.0), Prior(mean=7.0, sd=0.0), Prior(mean=0.0, sd=1.0)]
    best = highest(data, held)
    assert best[1] == 7.0
    assert (spread(data, held, best)[1] == 0.0).all()


def test_the_profile_interval_is_that_of_the_standard_error_where_choices_are_many() -> None:
    data, held = _data(states=2000), [Prior(mean=0.0, sd=5.0)] * 3
    best = highest(data, held)
    sd = math.sqrt(spread(data, held, best)[0, 0])
    assert profile(data, held, best, 0, sd) == pytest.approx((best[0] - 1.96 * sd, best[0] + 1.96 * sd), abs=0.05 * sd)


def test_choices_are_valued_as_the_model_values_them(found: Fit) -> None:
    setup, known = prepare(load_scenario("base")), found.record
    model = CoalitionModel(setup, collects=False)
    profile_ = np.array([known.stance(code) if code in found.data.codes else 0 for code in setup.codes])
    place = setup.codes.index("POL")
    profile_[place] = 0
    outlook = perceive_world(setup, suppose_conditions(setup, model.environment), profile_, setup.menu.asks)
    state = model.states[place]
    weights = np.array([setup.scenario.weights[name] for name in found.data.names])
    ours = found.data.raised[found.data.codes.index("POL")] @ weights
    assert ours == pytest.approx(state.weigh(state.perceive(outlook, 0)), abs=1e-12)


def test_fitted_on_spring_2025_the_weights_stay_near_the_standing_ones(found: Fit) -> None:
    assert found.weights["moved"].abs().max() < 1.0
    assert ((found.weights["low"] < found.weights["before"]) & (found.weights["before"] < found.weights["high"])).all()


def test_what_is_identified_has_lost_half_of_its_variance(found: Fit) -> None:
    identified = found.weights["says"] == "identified"
    assert (found.weights["left"][identified] <= math.sqrt(0.5)).all()
    assert (found.weights["left"][~identified] > math.sqrt(0.5)).all()
    assert (found.weights["left"] <= 1.0 + 1e-9).all()


def test_the_fit_is_better_on_what_it_has_seen_than_on_what_it_has_not(found: Fit) -> None:
    for score in ("brier", "log"):
        assert found.scores.loc["fitted", score] < found.scores.loc["before", score]
        assert found.scores.loc["fitted", score] < found.scores.loc["left_out", score]


def test_no_state_is_foreseen_by_weights_that_were_fitted_to_it() -> None:
    data, held = _data(states=12), [Prior(mean=0.0, sd=1.0)] * 3
    other = Data(
        codes=data.codes,
        names=data.names,
        raised=data.raised,
        came=np.where(np.arange(12) == 4, (data.came + 1) % 4, data.came),
        sharpness=2.4,
    )
    assert highest(data.without_row(4), held) == pytest.approx(highest(other.without_row(4), held))
    assert data.without_row(4).codes == (*data.codes[:4], *data.codes[5:])
    assert np.abs(highest(data, held) - highest(other, held)).max() > 1e-3


def test_the_settings_make_a_scenario_of_the_fitted_weights(found: Fit) -> None:
    fitted = load_scenario("base", found.settings).weights
    assert list(fitted.values()) == pytest.approx(found.weights["mean"].tolist(), abs=5e-5)


def test_a_posterior_is_read_back_and_its_draws_have_its_mean_and_covariance(found: Fit, tmp_path: Path) -> None:
    path = tmp_path / "x.posterior.yaml"
    path.write_text(seal_yaml(posterior_text(found)), "utf-8")
    kept = read_posterior(path)
    assert kept.names == found.data.names
    assert kept.covariance == pytest.approx(found.covariance, rel=1e-8, abs=1e-10)
    drawn = kept.draws(np.random.default_rng(0).standard_normal((20_000, len(kept.names))))
    sd = np.sqrt(np.diag(kept.covariance))
    assert (np.abs(drawn.mean(axis=0) - kept.mean) < 5.0 * sd / math.sqrt(20_000)).all()
    scaled = np.cov(drawn.T) / np.outer(sd, sd)
    assert np.abs(scaled - kept.covariance / np.outer(sd, sd)).max() < 0.05


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mean: {a: 1}\n", "are missing"),
        ("mean: {a: 1}\ncovariance: {a: [x]}\n", "must hold numbers only"),
        ("mean: {a: 1, b: 1}\ncovariance: {a: [1, 2], b: [3, 1]}\n", "not square and symmetric"),
        ("mean: {a: 1, b: 1}\ncovariance: {a: [1, 2], b: [2, 1]}\n", "not positive semi-definite"),
    ],
)
def test_what_is_no_posterior_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(seal_yaml(text), "utf-8")
    with pytest.raises(ScenarioError, match=said):
        read_posterior(path)


def test_a_posterior_of_which_any_bit_has_changed_is_refused(found: Fit, tmp_path: Path) -> None:
    path = tmp_path / "x.posterior.yaml"
    content, chance = seal_yaml(posterior_text(found)).encode(), random.Random(5)
    for place in [*range(0, len(content), 61), *range(len(content) - 80, len(content), 3)]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(ScenarioError):
            read_posterior(path)


def test_the_shipped_priors_are_the_weights_give_or_take_half_their_size() -> None:
    weights = load_scenario("base").weights
    for name, prior in read_priors(priors.SHIPPED, weights).items():
        assert (prior.mean, prior.sd) == (weights[name], abs(weights[name]) / 2)


def test_priors_of_ones_own_may_name_some_weights_only(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("part: 0.1\nweights: {opinion: {mean: 3}, cost: {sd: 0}}\n", "utf-8")
    found = read_priors(path, {"opinion": 2.0, "cost": -10.0, "hub": 1.0})
    assert found == {
        "opinion": Prior(mean=3.0, sd=0.2),
        "cost": Prior(mean=-10.0, sd=0.0),
        "hub": Prior(mean=1.0, sd=0.1),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("part: -1\n", "p.yaml:1:7: part: -1 is below 0"),
        ("weights:\n  opinon: {sd: 1}\n", "p.yaml:2:3: weights.opinon: unknown; did you mean 'opinion'?"),
        ("weights:\n  opinion: {sd: wide}\n", "p.yaml:2:17: weights.opinion.sd: is not a number"),
        ("weights:\n  opinion: 2\n", "p.yaml:2:3: weights.opinion: must be a mapping"),
        ("wights: {}\n", "p.yaml:1:1: wights: unknown; did you mean 'weights'?"),
    ],
)
def test_what_is_wrong_with_priors_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as told:
        read_priors(path, {"opinion": 2.0})
    assert said in str(told.value)


def test_where_nothing_can_be_fitted_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("part: 0\n", "utf-8")
    with pytest.raises(ModelError, match="every weight is held"):
        fit(FitSpec(scenario=load_scenario("base"), priors=path))
    with pytest.raises(ModelError, match=r"best reply \(infinite\)"):
        fit(FitSpec(scenario=load_scenario("base", ("sharpness=.inf",))))


def test_lines_and_dots_of_the_figure_are_in_prior_standard_deviations_from_the_prior_mean(found: Fit) -> None:
    away = found.weights["prior_mean"] + 0.3 * found.weights["prior_sd"]  # a prior that is not the weight of before
    moved = found.weights["moved"] - 0.3
    found = replace(found, weights=found.weights.assign(prior_mean=away, moved=moved))
    (axes,) = fit_figure(found).axes
    shown = found.weights[found.weights["says"] != "held"].sort_values("left", kind="stable")
    assert [bar.left for bar in bars(axes)] == pytest.approx([-1.96] * len(shown))
    assert [bar.width for bar in bars(axes)] == pytest.approx([3.92] * len(shown))
    for (name, row), (x, _, _), (line, colour) in zip(shown.iterrows(), marks(axes), strokes(axes), strict=True):
        assert x == pytest.approx((row["mean"] - row["prior_mean"]) / row["prior_sd"]), name
        ends = [(row[end] - row["prior_mean"]) / row["prior_sd"] for end in ("low", "high")]
        assert line[:, 0] == pytest.approx(ends)
        assert (colour == "#1b4f9c") == (row["left"] ** 2 <= 0.5) == (row["says"] == "identified")
    written = [text.get_text() for text in fit_figure(found).texts]
    for row in shown.to_dict("records"):
        assert {f"{row['mean']:.2f} ± {row['sd']:.2f}", f"{row['left']:.0%}"} <= set(written)
