"""Simulate a scenario: choose the engine, draw weights from a posterior if requested, and tabulate what happened."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.compile_time import clock
from sim.ensemble import simulate as ensemble
from sim.errors import ModelError, WillingError
from sim.memory import check_memory
from sim.model import simulate as agents
from sim.model.agent import StateAgent
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories
from sim.model.weight_draws import drawn_weights, draws_for, setups_drawn, simulate_drawn
from sim.results.manifest import Manifest, PosteriorSource, create_manifest
from sim.results.run import Run
from sim.results.tables import tabulate
from sim.scenario import Scenario, digest, load_scenario
from sim.scenario.posterior import read_posterior
from sim.scenario.suggestions import did_you_mean
from sim.theory.considerations import CONSIDERATIONS

ENGINES = ("auto", "agents", "ensemble")
FEW = 20  # replicates up to which agents are used by default: the ensemble would gain nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A scenario that is ready to be simulated; its manifest says what the run will be."""

    manifest: Manifest
    setups: Sequence[Setup]  # one, or one per draw of the weights
    weights: pd.DataFrame | None  # a row per draw
    workers: int | None
    agent_class: type[StateAgent]

    def run(self, on_progress: Callable[[int], object] = lambda done: None) -> Run:
        """Simulate all replicates; on_progress is called with the number that were just finished."""
        manifest = self.manifest
        check_memory(
            manifest.scenario,
            replicates=manifest.replicates,
            rounds=manifest.rounds,
            states=len(self.setups[0].codes),
        )
        began = clock()

        def simulate(setup: Setup, replicates: range) -> Trajectories:
            if manifest.engine == "ensemble":
                threads = self.workers or os.cpu_count() or 1
                return ensemble.simulate(
                    setup, seed=manifest.seed, replicates=replicates, threads=threads, on_progress=on_progress
                )
            return agents.simulate(
                setup,
                seed=manifest.seed,
                replicates=replicates,
                agent_class=self.agent_class,
                workers=self.workers or agents.useful_workers(setup, len(replicates)),
                on_progress=on_progress,
            )

        setup = self.setups[0]
        if self.weights is None:
            tables = tabulate(setup, simulate(setup, range(manifest.replicates)))
        else:
            tables = tabulate(setup, simulate_drawn(self.setups, manifest.replicates, simulate)).under(self.weights)
        return Run(manifest=manifest.with_duration(clock() - began), tables=tables)


def plan_simulation(
    scenario: Scenario,
    *,
    replicates: int,
    seed: int,
    engine: str = "auto",
    workers: int | None = None,
    posterior: Path | None = None,
    draws: int | None = None,
    agent_class: type[StateAgent] | None = None,
) -> Simulation:
    """Return a scenario ready to be simulated.

    ModelError, ScenarioError or FactsError where it cannot be.
    """
    if engine not in ENGINES:
        raise ModelError(f"no engine '{engine}'{did_you_mean(engine, ENGINES)}")
    if agent_class is not None and engine == "ensemble":
        raise ModelError("the ensemble engine cannot use an agent class of your own; choose the engine 'agents'")
    if draws is not None and posterior is None:
        raise ModelError("draws need a posterior to draw the weights from")
    setup = prepare(scenario)
    setups, weights, drawn = [setup], None, None
    if posterior is not None:
        fitted = read_posterior(posterior)
        values = drawn_weights(fitted, seed=seed, draws=draws_for(replicates, draws))
        setups = setups_drawn(scenario, fitted, values)
        weights = pd.DataFrame(values, columns=list(fitted.names))
        weights.insert(0, "draw", range(len(weights)))
        drawn = PosteriorSource(reference=str(posterior), sha256=fitted.sha256, draws=len(setups))
    reference, settings = _origin(scenario)
    own = agent_class not in (None, StateAgent)
    manifest = create_manifest(
        scenario,
        reference=reference,
        settings=settings,
        seed=seed,
        replicates=replicates,
        engine=_name_of_engine(scenario, engine, replicates, agent_class if own else None),
        started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        posterior=drawn,
    )
    return Simulation(
        manifest=manifest,
        setups=setups,
        weights=weights,
        workers=workers,
        agent_class=agent_class or StateAgent,
    )


def _name_of_engine(scenario: Scenario, engine: str, replicates: int, agent_class: type[Any] | None) -> str:
    if agent_class is not None:
        return f"agents of {agent_class.__module__}.{agent_class.__qualname__}"
    if engine != "auto":
        return engine
    has_own_driver = any(not isinstance(CONSIDERATIONS[name].driver, str) for name in scenario.weights)
    return "agents" if replicates <= FEW or has_own_driver else "ensemble"


def _origin(scenario: Scenario) -> tuple[str, tuple[str, ...]]:
    """Return the reference and the settings that give the scenario; nothing where it was built in Python."""
    if scenario.origin is not None:
        reference, settings = scenario.origin
        try:
            if digest(load_scenario(reference, settings)) == digest(scenario):
                return reference, settings
        except WillingError:  # the file is gone or has changed
            pass
    return "", ()
