"""A model that the page steps through: it simulates a case, can be changed during the run, and is safe for threads."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from threading import RLock
from typing import Any

import pandas as pd

from sim.analysis.explain import Explanation, explain_now
from sim.analysis.stance_shares import chances_of
from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, prepare
from sim.scenario import Scenario, resolve
from sim.theory.ceasefire import PHASES
from sim.theory.choice import ENVIRONMENT, FREE
from sim.ui.case import Case, read_listed, scenario_of_case, with_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of the model after a round."""

    setup: Setup
    round: int  # 0: before the first round
    date: datetime.date
    chances: pd.DataFrame  # 0 or 1 by state and option; columns as in results.summary.stance_chances
    headline: str
    ask: float  # soldiers asked for the headline option
    declared: float  # soldiers declared for the headline option
    redimensioned: int  # number of times that the leads have revised the proposal
    phase: str
    deterrence: float
    environment: dict[str, float]
    rounds: pd.DataFrame  # one row per simulated round, from the DataCollector


class LiveModel(CoalitionModel):
    """One replicate of a case.

    The page steps the model in a thread, so a lock guards stepping, changing and reading it. The scenario is read once;
    later edits to its file have no effect.
    """

    def __init__(self, case: Case, rounds: int = 0) -> None:
        """Create the model and simulate some rounds.

        Raises the errors of loading and preparing a scenario, for the settings of every round.
        """
        self.case = case
        self.source = read_listed(case.scenario)
        self._lock = RLock()
        super().__init__(prepare(scenario_of_case(self.source, case)), rng=case.seed)
        while self.round < min(rounds, self.setup.scenario.rounds):
            self.step()

    @property
    def own(self) -> Scenario:
        """The scenario with no setting replaced."""
        return with_settings(self.source, ())

    def step(self) -> None:
        """Simulate one round."""
        with self._lock:
            super().step()

    def set(self, setting: str) -> None:
        """Replace a setting from the next round on.

        Raises the errors of loading a scenario, and ModelError after the last round.
        """
        with self._lock:
            self._apply(self.case.with_settings(setting, after=self.round))

    def restore(self, path: str) -> None:
        """Restore the scenario's value of a setting from the next round on."""
        with self._lock:
            if self.round == 0:
                self._apply(self.case.without(path))
            else:
                own = _value_at(resolve(self.own), path)
                self._apply(self.case.with_settings(f"{path}={own}", after=self.round))

    def force(self, code: str, option: str | None) -> None:
        """Force a state to declare an option from the next round on; None ends this."""
        path = f"force.{code}"
        with self._lock:
            if option is None and self.round == 0 and code not in self.own.force:
                self._apply(self.case.without(path))
            else:
                self._apply(self.case.with_settings(f"{path}={option or 'null'}", after=self.round))

    def forces_next(self, code: str) -> str | None:
        """Return the option that a state is forced to declare in the next round, None if it is not forced."""
        with self._lock:
            forced = self.setup.forced[:, self.setup.codes.index(code)]
            option = int(forced[min(self.round, len(forced) - 1)])
            return None if option == FREE else self.setup.menu.names[option]

    def snapshot(self) -> Snapshot:
        """Return the current state of the model."""
        with self._lock:
            names = self.setup.menu.names
            return Snapshot(
                setup=self.setup,
                round=self.round,
                date=self.date,
                chances=chances_of(self.setup, self.profile[None, :], self.conditional_profile[None, :]),
                headline=names[self.headline],
                ask=float(self.asks[self.headline]),
                declared=float(self.forces[self.headline]),
                redimensioned=self.redimensioned,
                phase=PHASES[self.phase],
                deterrence=self.deterrence,
                environment=dict(zip(ENVIRONMENT, self.environment.tolist(), strict=True)),
                rounds=self.datacollector.get_model_vars_dataframe(),
            )

    def explain(self, code: str, *, conditional: bool = False) -> Explanation:
        """Explain the current stance of a state; ModelError if the state is not on the roster."""
        with self._lock:
            return explain_now(self, code, conditional=conditional)

    def _apply(self, case: Case) -> None:
        setup = prepare(scenario_of_case(self.source, case))
        if self.round == setup.scenario.rounds:
            raise ModelError(
                f"all {self.round} rounds have been simulated; press Reset to start again with other settings"
            )
        self.change(setup)
        self.case = case


def _value_at(resolved: Any, path: str) -> str:
    """Return the value at a path as the text of a setting."""
    for name in path.split("."):
        resolved = resolved[name]
    return json.dumps(resolved)
