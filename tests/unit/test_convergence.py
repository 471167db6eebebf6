"""Indices of known functions have their published values, and converge as the sample grows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.sensitivity_convergence import Convergence, convergence, sampling_noise_share
from sim.analysis.sensitivity_indices import morris_effects, saltelli_indices
from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table

FACTORS = ("us_backing", "clarity", "mandate")


def experiment_of(folder: Path, design: str) -> Experiment:
    vary = "".join(f"  environment.{name}: {{from: 0, to: 1}}\n" for name in FACTORS)
    path = folder / "known.yaml"
    path.write_text(
        f"question: What moves it?\nscenario: base\nvary:\n{vary}design: {design}\nreplicates: 10\n"
        "outcomes: [deterrence]\n"
    )
    return load_experiment(path)


def measured(experiment: Experiment, of: object) -> pd.DataFrame:
    points = design_table(experiment)
    unit = points.to_numpy(dtype=float)
    return points.reset_index().assign(deterrence=of(unit), runs=10)  # type: ignore[operator]


def ishigami(unit: np.ndarray) -> np.ndarray:
    """Return Ishigami & Homma's (1990) function with a 7, b 0.1 of three factors from -pi to pi."""
    x = np.pi * (2.0 * unit - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(unit: np.ndarray) -> np.ndarray:
    """Return Sobol's g-function of three factors with a 0, 1, 9 (Saltelli & Sobol' 1995)."""
    return np.prod([(abs(4.0 * unit[:, i] - 2.0) + a) / (1.0 + a) for i, a in enumerate((0.0, 1.0, 9.0))], axis=0)


def test_ishigami_and_homma_1990(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 4096}}")
    found = saltelli_indices(experiment, measured(experiment, ishigami), "deterrence")
    assert found["first"].tolist() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found["total"].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_sobol_s_g_function(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{saltelli: {base: 4096}}")
    found = saltelli_indices(experiment, measured(experiment, g_function), "deterrence")
    parts = [1.0 / 3.0 / (1.0 + a) ** 2 for a in (0.0, 1.0, 9.0)]
    whole = np.prod([1.0 + part for part in parts]) - 1.0
    assert found["first"].tolist() == pytest.approx([part / whole for part in parts], abs=0.02)
    totals = [part * np.prod([1.0 + other for other in parts if other is not part]) / whole for part in parts]
    assert found["total"].tolist() == pytest.approx(totals, abs=0.02)


def test_the_effects_of_a_linear_function_are_its_slopes(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{morris: {trajectories: 8}}")
    found = morris_effects(
        experiment, measured(experiment, lambda unit: unit @ np.array([2.0, -1.0, 0.0])), "deterrence"
    )
    assert found["mu"].tolist() == pytest.approx([2.0, -1.0, 0.0], abs=1e-9)
    assert found["mu_star"].tolist() == pytest.approx([2.0, 1.0, 0.0], abs=1e-9)
    assert found["sigma"].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_indices_converge_with_many_points_and_not_with_few(tmp_path: Path) -> None:
    many = experiment_of(tmp_path, "{saltelli: {base: 16384}}")
    found = convergence(many, measured(many, ishigami), "deterrence")
    assert found.sizes == (2048, 4096, 8192, 16384)
    assert found.widest < 0.05
    assert found.converged == {"values": True, "ranking": True, "screening": True}
    assert found.text == "values, ranking and screening have converged"
    few = experiment_of(tmp_path, "{saltelli: {base: 32}}")
    found = convergence(few, measured(few, ishigami), "deterrence")
    assert found.sizes == (4, 8, 16, 32)
    assert not found.values_converged
    assert "values" in found.text.rpartition("converged, ")[2]


def test_a_part_of_the_sample_gives_the_indices_of_a_sample_of_that_size(tmp_path: Path) -> None:
    large, small = (experiment_of(tmp_path, f"{{saltelli: {{base: {base}}}}}") for base in (256, 128))
    whole = convergence(large, measured(large, ishigami), "deterrence")
    alone = saltelli_indices(small, measured(small, ishigami), "deterrence")
    assert whole.index[128].tolist() == alone["total"].tolist()


def test_elementary_effects_are_relative_to_the_largest(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{morris: {trajectories: 16}}")
    found = convergence(experiment, measured(experiment, lambda unit: unit @ np.array([4.0, 1.0, 0.0])), "deterrence")
    assert found.sizes == (2, 4, 8, 16)
    assert found.index[16].tolist() == pytest.approx([1.0, 0.25, 0.0])
    assert found.converged == {"values": True, "ranking": True, "screening": True}


def of(*columns: tuple[float, ...], reach: float = 0.01) -> Convergence:
    index = pd.DataFrame({2 ** (place + 1): list(column) for place, column in enumerate(columns)})
    return Convergence(index=index, reach=index * 0.0 + reach)


def test_ranking_and_screening_concern_different_factors() -> None:
    assert of((0.6, 0.3, 0.01), (0.3, 0.6, 0.02)).text == "values and screening have converged, ranking has not"
    assert of((0.6, 0.3, 0.06), (0.6, 0.3, 0.02)).text == "values and ranking have converged, screening has not"
    assert of((0.6, 0.3, 0.01), (0.6, 0.3, 0.01), reach=0.1).text == (
        "ranking has converged, values and screening have not"
    )
    assert of((0.6, 0.3)).converged == {
        "values": True,
        "ranking": False,
        "screening": False,
    }  # nothing to compare with


def test_the_ranking_of_factors_that_may_be_tied_has_not_converged() -> None:
    kept = ((0.33, 0.30, 0.01), (0.325, 0.318, 0.01))
    assert not of(*kept).ranking_converged  # 0.315 to 0.335 and 0.308 to 0.328
    assert of(*kept, reach=0.003).ranking_converged  # 0.322 to 0.328 and 0.315 to 0.321
    assert of((0.6, 0.02, 0.01), (0.6, 0.01, 0.02)).ranking_converged  # ties of negligible factors do not count


def test_only_designs_with_a_sample_have_a_convergence(tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, "{latin_hypercube: {points: 8}}")
    with pytest.raises(ModelError, match="use the design saltelli or morris"):
        convergence(experiment, measured(experiment, ishigami), "deterrence")


def test_the_share_of_sampling_noise_is_that_of_the_error_of_means() -> None:
    rng = np.random.default_rng(1)
    truth, runs = rng.normal(0.0, 1.0, 2000), 25
    runs_of_points = truth[:, None] + rng.normal(0.0, 2.0, (2000, runs))
    points = pd.DataFrame({"y": runs_of_points.mean(axis=1), "y.sd": runs_of_points.std(axis=1), "runs": runs})
    assert sampling_noise_share(points, "y") == pytest.approx((4.0 / 25.0) / (1.0 + 4.0 / 25.0), abs=0.01)
    assert np.isnan(sampling_noise_share(points.assign(y=1.0), "y"))


@pytest.mark.parametrize(("reach", "converged"), [(0.024, True), (0.026, False)])  # a width of 0.048, of 0.052
def test_values_have_converged_if_no_interval_is_wider_than_a_twentieth(reach: float, converged: bool) -> None:
    index = pd.DataFrame({64: [0.6, 0.2], 128: [0.61, 0.2]}, index=["backing", "clarity"])
    found = Convergence(index=index, reach=pd.DataFrame({64: [0.3, 0.3], 128: [reach, 0.01]}, index=index.index))
    assert found.widest == pytest.approx(2 * reach)
    assert found.values_converged is converged
