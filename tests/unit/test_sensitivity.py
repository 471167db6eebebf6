"""Sensitivity indices, effects and swings of known functions, and the cases in which there are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.sensitivity_indices import (
    morris_effects,
    saltelli_indices,
    second_order_indices,
    swing_reaches,
    swings,
)
from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table

TWO = "  environment.us_backing: {from: 0, to: 1, steps: 3}\n  environment.clarity: {from: 0, to: 1, steps: 3}\n"
THREE = f"{TWO}  activation: [simultaneous, leads_first]\n"


def experiment_of(folder: Path, design: str, vary: str = THREE, *, seed: int = 0) -> Experiment:
    path = folder / "sensitive.yaml"
    path.write_text(
        f"question: What moves it?\nscenario: base\nvary:\n{vary}design: {design}\nreplicates: 10\nseed: {seed}\n"
        "outcomes: [viable]\n"
    )
    return load_experiment(path)


def measured(experiment: Experiment, of: Callable[[pd.DataFrame], np.ndarray | pd.Series]) -> pd.DataFrame:
    """Return the points of the experiment with the outcome that a function of the factors gives."""
    points = design_table(experiment).reset_index()
    return points.assign(viable=np.asarray(of(points), dtype=float))


def linear(points: pd.DataFrame) -> pd.Series:
    return 2.0 * points["environment.us_backing"] + points["environment.clarity"]


def test_the_factors_of_a_sum_explain_its_variance_without_interactions(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 1024}}")
    found = saltelli_indices(experiment, measured(experiment, linear), "viable")
    assert list(found.index) == ["environment.us_backing", "environment.clarity", "activation"]
    assert found["first"].tolist() == pytest.approx([0.8, 0.2, 0.0], abs=0.03)
    assert found["total"].tolist() == pytest.approx([0.8, 0.2, 0.0], abs=0.03)
    assert (found[["first.reach", "total.reach"]].loc["environment.us_backing"] > 0.0).all()


def test_the_variance_of_a_product_is_due_to_interaction(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 1024, second_order: true}}", TWO)

    def product(points: pd.DataFrame) -> pd.Series:
        return (points["environment.us_backing"] - 0.5) * (points["environment.clarity"] - 0.5)

    points = measured(experiment, product)
    found = saltelli_indices(experiment, points, "viable")
    assert found["first"].tolist() == pytest.approx([0.0, 0.0], abs=0.05)
    assert found["total"].tolist() == pytest.approx([1.0, 1.0], abs=0.05)
    pairs = second_order_indices(experiment, points, "viable")
    assert pairs["second"].tolist() == pytest.approx([1.0], abs=0.1)


def test_intervals_are_reproducible_also_with_seed_0(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 64}}")
    points = measured(experiment, linear)
    first = saltelli_indices(experiment, points, "viable")
    np.random.default_rng(5).random(3)
    pd.testing.assert_frame_equal(first, saltelli_indices(experiment, points, "viable"))


def test_base_points_with_a_failed_point_are_left_out(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 256}}")
    points = measured(experiment, linear)
    points.loc[[0, 7, 400], "viable"] = np.nan
    found = saltelli_indices(experiment, points, "viable")
    assert found["total"].tolist() == pytest.approx([0.8, 0.2, 0.0], abs=0.06)


def test_points_may_come_in_any_order(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 64}}")
    points = measured(experiment, linear)
    shuffled = points.sample(frac=1.0, random_state=1)
    whole = saltelli_indices(experiment, points, "viable")
    pd.testing.assert_frame_equal(whole, saltelli_indices(experiment, shuffled, "viable"))


def test_a_constant_outcome_has_no_indices(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 16}}")
    points = measured(experiment, lambda points: np.full(len(points), 0.3))
    with pytest.raises(ModelError, match="is the same at all points"):
        saltelli_indices(experiment, points, "viable")


def test_all_points_of_the_design_are_required(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 16}}")
    points = measured(experiment, linear)
    with pytest.raises(ModelError, match="only 79 of the 80 points of the design are simulated"):
        saltelli_indices(experiment, points.head(79), "viable")


def test_the_elementary_effects_of_a_sum_are_its_weights(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{morris: {trajectories: 20}}")
    found = morris_effects(experiment, measured(experiment, linear), "viable")
    assert found["mu_star"].tolist() == pytest.approx([2.0, 1.0, 0.0])
    assert found["sigma"].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_only_mu_has_the_sign_of_a_negative_effect(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{morris: {trajectories: 20}}")
    found = morris_effects(experiment, measured(experiment, lambda points: -linear(points)), "viable")
    assert found["mu"].tolist() == pytest.approx([-2.0, -1.0, 0.0])
    assert found["mu_star"].tolist() == pytest.approx([2.0, 1.0, 0.0])


def test_trajectories_with_a_failed_point_are_left_out(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{morris: {trajectories: 4}}")
    points = measured(experiment, linear)
    points.loc[[1, 6], "viable"] = np.nan
    assert morris_effects(experiment, points, "viable")["mu_star"].tolist() == pytest.approx([2.0, 1.0, 0.0])
    points.loc[9, "viable"] = np.nan
    with pytest.raises(ModelError, match="only 1 of 4 trajectories"):
        morris_effects(experiment, points, "viable")


def test_swings_start_from_the_scenario_without_changes(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "one_at_a_time")
    points = measured(experiment, linear)
    found = swings(experiment, points, "viable")
    base = 2.0 * 0.27 + 0.3
    assert found["baseline"].tolist() == pytest.approx([base] * 3)
    backing = found.loc["environment.us_backing"]
    assert (backing["low"], backing["high"]) == pytest.approx((0.3, 2.3))
    assert (backing["low.at"], backing["high.at"]) == (0.0, 1.0)
    assert found["swing"].tolist() == pytest.approx([2.0, 1.0, 0.0])


def test_the_interval_of_a_swing_is_that_of_paired_differences(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "one_at_a_time")
    points = measured(experiment, linear)
    table = swings(experiment, points, "viable")
    noise = np.random.default_rng(1).normal(0.0, 5.0, 10)  # the same at every point, so it moves no swing
    reaches = swing_reaches(table, lambda point: points["viable"].iloc[point] + noise)
    assert reaches.tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    jitter = np.tile([-0.1, 0.1], 5)  # of differences, when it is all at one level
    top = table.loc["environment.us_backing", "high.point"]
    reaches = swing_reaches(table, lambda point: points["viable"].iloc[point] + noise + (point == top) * jitter)
    assert reaches.tolist() == pytest.approx([2.262157 * 0.1 / 3.0, 0.0, 0.0], abs=1e-6)  # Student's t of 9


def test_a_factor_that_only_increases_the_outcome_has_its_low_end_at_the_baseline(tmp_path: Path) -> None:
    vary = "  environment.us_backing: [0.5, 1]\n  environment.clarity: [0.4, 0.6]\n"
    experiment = experiment_of(tmp_path, "one_at_a_time", vary)
    found = swings(experiment, measured(experiment, linear), "viable")
    assert found["low"].tolist() == pytest.approx(found["baseline"].tolist())


def test_a_factor_whose_levels_all_failed_has_no_swing_and_the_others_do(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "one_at_a_time")
    points = measured(experiment, linear)
    points.loc[1:3, "viable"] = np.nan
    found = swings(experiment, points, "viable")
    assert np.isnan(found.loc["environment.us_backing", "swing"])
    assert np.isnan(swing_reaches(found, lambda point: np.ones(10))).tolist() == [True, False, False]
    assert found.loc["environment.clarity", "swing"] == pytest.approx(1.0)
    points.loc[0, "viable"] = np.nan
    with pytest.raises(ModelError, match="the baseline, which is the scenario without changes, failed"):
        swings(experiment, points, "viable")


def test_each_measure_names_the_design_that_it_requires(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "grid")
    points = measured(experiment, linear)
    for measure, design in ((saltelli_indices, "saltelli"), (morris_effects, "morris"), (swings, "one_at_a_time")):
        with pytest.raises(ModelError, match=f"points of the design {design}"):
            measure(experiment, points, "viable")


def test_a_baseline_without_a_number_is_still_the_baseline(tmp_path: Path) -> None:
    """US backing is a random walk in March 2025, so the scenario has no level; outcomes by hand 1, then 0 and 3, 2."""
    path = tmp_path / "wandering.yaml"
    path.write_text(
        "question: What moves it?\nscenario: paris-march-2025\nvary:\n  environment.us_backing: [0, 1]\n"
        "  environment.clarity: [0.5, 0.6]\ndesign: one_at_a_time\nreplicates: 10\noutcomes: [viable]\n"
    )
    experiment = load_experiment(path)
    points = design_table(experiment).reset_index()
    assert np.isnan(points["environment.us_backing"].iloc[0])
    found = swings(experiment, points.assign(viable=[1.0, 0.0, 3.0, 2.0, 1.0]), "viable")
    assert found["low"].tolist() == [0.0, 1.0]
    assert found["high"].tolist() == [3.0, 2.0]
    assert found["swing"].tolist() == [3.0, 1.0]
    assert found["high.at"].tolist() == [1.0, 0.5]
