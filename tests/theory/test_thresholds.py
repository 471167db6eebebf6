"""Fixed thresholds (Granovetter 1978): momentum alone, without taste shocks or turnovers."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from sim.model.coalition import CoalitionModel
from sim.scenario.schema import Scenario
from tests.theory.society import codes, option, society


def _crowd(thresholds: np.ndarray, rounds: int = 120) -> Scenario:
    """Return a society whose members join once `threshold` others have, each by its sensitivity to the constant.

    Momentum adds the share of the others that have joined; the constant subtracts the threshold, less half a person so
    that reaching it is enough.
    """
    members = codes(thresholds.size)
    others = thresholds.size - 1
    return society(
        members,
        menu={"join": option(1, {"constant": 1, "momentum": 1})},
        weights={"constant": -1, "momentum": 1},
        feels={
            code: {"constant": (threshold - 0.5) / others} for code, threshold in zip(members, thresholds, strict=True)
        },
        rounds=rounds,
    )


def _joined(scenario: Scenario) -> int:
    model = CoalitionModel(scenario, rng=0, collects=False)
    for _ in range(scenario.rounds):
        model.step()
    return model.count("join")


def test_granovetter_1978_thresholds_from_0_to_99_draw_in_all_hundred() -> None:
    assert _joined(_crowd(np.arange(100))) == 100


def test_granovetter_1978_one_threshold_decides_the_cascade() -> None:
    thresholds = np.arange(100)
    thresholds[1] = 2
    assert _joined(_crowd(thresholds)) == 1


def _normal_crowd(spread: float) -> np.ndarray:
    """Return a hundred thresholds at the middles of a normal law's hundredths: mean 25, this standard deviation."""
    return norm.ppf((np.arange(100) + 0.5) / 100, loc=25, scale=spread)


def _lowest_fixed_point(spread: float) -> float:
    """Return the lowest number of members equal to the number whose thresholds it passes."""

    def surplus(joined: float) -> float:
        return 100 * norm.cdf(joined, loc=25, scale=spread) - joined

    grid = np.linspace(0, 100, 200_001)
    gaps = surplus(grid)
    first = int(np.argmax(gaps <= 0))
    return float(brentq(surplus, grid[first - 1], grid[first]))


def test_granovetter_1978_normal_thresholds_jump_at_a_spread_of_12_222() -> None:
    assert abs(_lowest_fixed_point(12.221) - 6.04) < 0.005
    assert _lowest_fixed_point(12.2220) < 6.2
    assert _lowest_fixed_point(12.2221) > 99.99


def test_the_model_reproduces_the_jump_of_normal_thresholds() -> None:
    assert _joined(_crowd(_normal_crowd(11.8))) < 8
    assert _joined(_crowd(_normal_crowd(12.8))) > 95
