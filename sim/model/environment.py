"""The exogenous paths of the environment: those that the scenario fixes, and those with random draws."""

from __future__ import annotations

import numpy as np

from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.schema import Scenario
from sim.theory import processes, rng
from sim.theory.choice import ENVIRONMENT
from sim.theory.rng import address

type Array = np.ndarray


def fixed_paths(scenario: Scenario) -> Array:
    """Return the environment as [rounds, quantities] as far as the scenario fixes it."""
    paths = np.full((scenario.rounds, len(ENVIRONMENT)), np.nan)
    days = scenario.start.toordinal() + scenario.round_days * np.arange(scenario.rounds)
    for index, quantity in enumerate(ENVIRONMENT):
        process = getattr(scenario.environment, quantity)
        match process:
            case Constant():
                paths[:, index] = process.value
            case Schedule():
                dated = np.array([date.toordinal() for date in process.values])
                values = np.array(list(process.values.values()))
                paths[:, index] = processes.schedule(days, dated, values, process.between == "linear")
            case Ramp():
                paths[:, index] = processes.ramp(
                    scenario.rounds, process.start_value, process.end_value, process.start_round, process.end_round
                )
            case LogitAR1():
                pass
    return paths


def rolled_paths(scenario: Scenario, fixed: Array, seed: int, replicate: int) -> Array:
    """Return the exogenous environment of a replicate, [rounds, quantities]."""
    paths = fixed.copy()
    rounds = scenario.rounds
    for index, quantity in enumerate(ENVIRONMENT):
        process = getattr(scenario.environment, quantity)
        if isinstance(process, LogitAR1):
            who = np.array([address("quantity", quantity)])
            paths[:, index] = processes.logit_ar1(
                process.level,
                process.persistence,
                process.volatility,
                process.jump_chance,
                process.jump_size,
                rng.normals(address("move"), who, rounds, replicate, seed)[:, 0],
                rng.uniforms(address("jump"), who, rounds, replicate, seed)[:, 0],
                rng.normals(address("jump size"), who, rounds, replicate, seed)[:, 0],
            )
    return paths
