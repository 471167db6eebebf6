"""Without peers, the choice is a multinomial logit (McFadden 1974)."""

import numpy as np
import pytest
from scipy.stats import binom

from sim.model.coalition import CoalitionModel
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.scenario import load_scenario, resolve
from sim.scenario.schema import Scenario
from sim.theory.choice import choice_chances

REPLICATES = 3000


def _first_choices(scenario: Scenario, replicates: int = REPLICATES) -> np.ndarray:
    """Return the stance of every state after one round in which all revise, as [replicates, states]."""
    return simulate(prepare(scenario), seed=11, replicates=range(replicates)).stances[:, 0]


def _one_round(**changes: object) -> Scenario:
    plain = resolve(load_scenario("paris-march-2025"))
    plain |= {"rounds": 1, "revision": 1, "turnover": 0}
    for path, value in changes.items():
        *blocks, last = path.split("__")
        part = plain
        for block in blocks:
            part = part[block]
        part[last] = value
    return Scenario.model_validate(plain)


def _inside_binomial_band(count: int, trials: int, chance: float) -> bool:
    """Return whether a count lies in the central 1 - 1e-5 of its binomial law (hundreds are looked at)."""
    low, high = binom.interval(1 - 1e-5, trials, chance)
    return bool(low <= count <= high)


def test_with_all_weights_zero_each_of_four_options_is_as_likely() -> None:
    choices = _first_choices(_one_round(weights=dict.fromkeys(load_scenario("base").weights, 0.0)))
    for option in range(4):
        assert _inside_binomial_band((choices == option).sum(), choices.size, 0.25)


def test_without_momentum_and_security_states_choose_by_multinomial_logit() -> None:
    scenario = _one_round(weights__momentum=0, weights__security=0)
    choices = _first_choices(scenario)
    model = CoalitionModel(scenario, rng=11)
    chances = np.array(
        [choice_chances(s.weigh(s.perceive(model.outlook, s.stance)), scenario.sharpness) for s in model.states]
    )
    for option in range(4):
        counts = (choices == option).sum(axis=0)
        for count, chance in zip(counts, chances[:, option], strict=True):
            assert _inside_binomial_band(count, REPLICATES, chance)


def test_taking_an_option_off_the_menu_keeps_the_ratios_of_the_others() -> None:
    plain = resolve(_one_round(weights__momentum=0, weights__security=0, deterrence__punishment=0))
    without = {**plain, "menu": {name: o for name, o in plain["menu"].items() if name != "backstop"}}
    ratios = []
    for each in (plain, without):
        model = CoalitionModel(Scenario.model_validate(each), rng=1)
        names = model.setup.menu.names
        rows = [choice_chances(s.weigh(s.perceive(model.outlook, s.stance)), 2.4) for s in model.states]
        ratios.append([row[names.index("troops")] / row[names.index("guarantee")] for row in rows])
    np.testing.assert_allclose(ratios[0], ratios[1], rtol=1e-12)


@pytest.mark.parametrize("sharpness", [0.5, 2.4, 10.0])
def test_chances_are_those_of_the_formula(sharpness: float) -> None:
    utility = np.array([0.0, 0.3, -0.2, 1.1])
    weights = np.exp(sharpness * utility)
    np.testing.assert_allclose(choice_chances(utility, sharpness), weights / weights.sum(), rtol=1e-14)
