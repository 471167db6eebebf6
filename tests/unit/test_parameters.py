"""The bounds of a setting are those that a scenario is held to."""

from __future__ import annotations

import math

import pytest

from sim.errors import ScenarioError
from sim.scenario import load_scenario
from sim.scenario.parameters import Parameter, parameters

SETTINGS = [
    "environment.mandate={process: ramp, start_value: 0, end_value: 1, start_round: 1, end_round: 2000000}",
    "ceasefire.violations_insincere=1000",
]
BASE = load_scenario("paris-march-2025", SETTINGS)
BOUNDED = [parameter for parameter in parameters(BASE) if parameter.low is not None or parameter.high is not None]
IN_ORDER = ("end_round", "violations_sincere", "violations_insincere")  # which another setting bounds too


def loads(path: str, value: float) -> bool:
    try:
        load_scenario("paris-march-2025", [*SETTINGS, f"{path}={value!r}"])
    except ScenarioError:
        return False
    return True


@pytest.mark.parametrize(
    "parameter",
    [each for each in BOUNDED if not each.path.endswith(IN_ORDER)],
    ids=lambda parameter: parameter.path,
)
def test_a_scenario_accepts_values_within_the_bounds_and_no_others(parameter: Parameter) -> None:
    is_whole = isinstance(parameter.value, int)
    step = 1 if is_whole else 1e-6

    def number(value: float) -> float:
        return int(value) if is_whole else float(value)

    if parameter.low is not None:
        assert loads(parameter.path, number(parameter.low)) is not parameter.open_low
        assert loads(parameter.path, number(parameter.low) + step)
        assert not loads(parameter.path, number(parameter.low) - step)
    if parameter.high is not None:
        assert loads(parameter.path, number(parameter.high)) is not parameter.open_high
        assert loads(parameter.path, number(parameter.high) - step)
        assert not loads(parameter.path, number(parameter.high) + step)


def test_settings_without_bounds_are_not_numbers_or_may_be_any_number() -> None:
    unbounded = [each for each in parameters(BASE) if each.low is None and each.high is None]
    assert not any(isinstance(each.value, int | float) and not isinstance(each.value, bool) for each in unbounded)
    assert not any(each.open_low or each.open_high or each.limits for each in unbounded)


def test_the_bounds_are_those_of_the_text() -> None:
    for each in BOUNDED:
        told = [float(word) for word in each.limits.replace(",", "").split() if word[-1].isdigit()]
        bounds = [bound for bound in (each.low, each.high) if bound is not None]
        assert told == bounds, each.path
    found = {each.path: each for each in BOUNDED}
    assert (found["sharpness"].low, found["sharpness"].high, found["sharpness"].open_low) == (0.0, None, True)
    cut = found["proposal.cut"]
    assert (cut.low, cut.high, cut.open_low, cut.open_high) == (0.0, 1.0, True, True)
    zeros = [bound for each in BOUNDED for bound in (each.low, each.high) if bound == 0.0]
    assert zeros
    assert all(math.copysign(1.0, zero) > 0.0 for zero in zeros)
