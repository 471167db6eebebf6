"""The engines agree, to the last bit, on scenarios with forced stances and changes during the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.ensemble.draws import key_of
from sim.ensemble.simulate import EnsembleRunner
from sim.ensemble.simulate import simulate as simulate_ensemble
from sim.experiment import load_experiment
from sim.experiment.plan import plan_of
from sim.model import simulate as agents
from sim.model.setup import Setup, prepare
from sim.model.simulate import end_states
from sim.scenario import load_scenario
from sim.scenario.environment_process import Constant
from tests.agreement.random_scenarios import changing
from tests.agreement.test_engines_agree import differing, disagreement


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_the_engines_agree_while_anything_changes(first: int) -> None:
    for number in range(first, first + 10):
        setup = prepare(changing(number))
        assert disagreement(setup, number, range(number, number + 2)) == [], f"changing({number})"


def test_scenarios_that_change_are_lively() -> None:
    made = [prepare(changing(number)) for number in range(40)]
    assert sum(bool(setup.later) for setup in made) > 20
    assert sum(bool((setup.forced >= 0).any()) for setup in made) > 30
    assert any(len({key_of(setup)[0][1], *(key for _, key in key_of(setup))}) > 1 for setup in made)
    moved = [simulate_ensemble(setup, seed=0, replicates=range(1)) for setup in made[:20]]
    assert sum((each.stances[:, 1:] != each.stances[:, :-1]).any() for each in moved) > 10


def points(*changes: tuple[str, ...]) -> list[Setup]:
    base = ("rounds=14",)
    return [prepare(load_scenario("paris-march-2025", (*base, *more))) for more in changes]


def test_points_with_their_own_changes_have_the_results_of_each_alone() -> None:
    setups = points(
        (),
        ("force.POL=troops",),
        ("force.DEU={option: troops, from: 2025-05-01, until: 2025-05-20}",),
        ("changes=[{at: 2025-05-01, set: {environment.us_backing: 0.8, menu.troops.ask: 5000}}]",),
        (
            "changes=[{at: 2025-04-20, until: 2025-05-10, set: {weights.momentum: 3, sharpness: 1}, "
            "force: {ITA: troops}}]",
        ),
        ("weights.momentum=2",),
    )
    assert len({key_of(setup) for setup in setups}) == 1
    together = EnsembleRunner(3, range(6)).end_states(setups)
    for setup, ended in zip(setups, together, strict=True):
        assert differing(EnsembleRunner(3, range(6)).run(setup), ended) == []
        assert differing(end_states(setup, agents.simulate(setup, seed=3, replicates=range(6))), ended) == []


def test_points_whose_revisions_change_at_different_times_are_simulated_separately() -> None:
    one, other, plain = points(
        ("changes=[{at: 2025-05-01, set: {revision: 0.5}}]",), ("changes=[{at: 2025-05-15, set: {revision: 0.5}}]",), ()
    )
    assert len({key_of(setup) for setup in (one, other, plain)}) == 3
    runner = EnsembleRunner(0, range(4))
    for setup, ended in zip((one, other, plain) * 4, runner.end_states([one, other, plain] * 4), strict=True):
        assert differing(EnsembleRunner(0, range(4)).run(setup), ended) == []


def test_a_change_to_the_current_values_changes_no_bit() -> None:
    plain, changed = points((), ("changes=[{at: 2025-05-01, set: {weights.momentum: 1.6, sharpness: 2.4}}]",))
    assert changed.later
    one, other = (simulate_ensemble(setup, seed=5, replicates=range(20)) for setup in (plain, changed))
    assert differing(one, other) == []


def test_before_a_change_every_bit_is_as_without_it() -> None:
    plain, changed = points((), ("changes=[{at: 2025-05-01, set: {environment.us_backing: 0.9}}]",))
    one, other = (simulate_ensemble(setup, seed=5, replicates=range(20)) for setup in (plain, changed))
    first = 7  # rounds a week apart from 26 March: 30 April is round 6, so 1 May is reached in round 7
    assert np.array_equal(one.stances[:, : first - 1], other.stances[:, : first - 1])
    assert np.array_equal(one.environment[:, : first - 1], other.environment[:, : first - 1])
    assert not np.array_equal(one.environment[:, first - 1], other.environment[:, first - 1])


def test_a_sweep_varies_forced_stances_and_settings_of_a_scenario_that_changes(tmp_path: Path) -> None:
    """Agents simulate each point as its scenario, and a change takes precedence over the settings of the point."""
    (tmp_path / "talks.yaml").write_text(
        "question: What if?\nextends: paris-march-2025\nrounds: 14\nchanges:\n"
        "  - {at: 2025-05-01, until: 2025-06-01, set: {environment.us_backing: 0.9, weights.momentum: 1}}\n"
        "  - {at: 2025-05-20, set: {menu.troops.ask: 9000}, force: {ITA: backstop}}\n",
        "utf-8",
    )
    (tmp_path / "forces.yaml").write_text(
        "question: Whom does it move?\nscenario: talks\nreplicates: 3\noutcomes: [troop_states]\nvary:\n"
        "  force.POL: [abstain, troops]\n  environment.us_backing: [0.2, 0.6]\n"
        "  weights.momentum: {from: 0.5, to: 2, steps: 2}\n",
        "utf-8",
    )
    experiment = load_experiment(tmp_path / "forces.yaml")
    setups: list[Setup] = []
    for _, row in plan_of(experiment, "forces.yaml").table.iterrows():
        scenario = experiment.scenario_at({str(name): level for name, level in row.items()})
        setups.append(prepare(scenario, setups[-1] if setups else None))
    assert len(setups) == 8
    assert {(setup.scenario.weights["momentum"], setup.at(8).scenario.weights["momentum"]) for setup in setups} == {
        (0.5, 1),
        (2, 1),
    }
    assert {setup.at(8).scenario.environment.us_backing for setup in setups} == {Constant(value=0.9)}
    for setup, ended in zip(setups, EnsembleRunner(0, range(3)).end_states(setups), strict=True):
        assert differing(end_states(setup, agents.simulate(setup, seed=0, replicates=range(3))), ended) == []
