"""A model that can be watched: it plays a case, is changed in mid-run, and is seen whole while it plays."""

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
from sim.ui.case import Case, played, read_offered, with_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How the table looks after a round."""

    setup: Setup
    round: int  # 0: before the first
    date: datetime.date
    chances: pd.DataFrame  # of each state and option, 0 or 1; as results.summary.stance_chances
    headline: str
    ask: float  # soldiers asked for the headline
    declared: float  # soldiers declared for it
    redimensioned: int  # times that the leads changed the proposal
    phase: str
    deterrence: float
    environment: dict[str, float]
    rounds: pd.DataFrame  # a row a round played, as the DataCollector keeps them


class LiveModel(CoalitionModel):
    """One replicate of a case. Whoever steps, changes or sees it waits for the others: the page plays in a thread.

    Its scenario is read once; a file that is edited meanwhile is another one.
    """

    def __init__(self, case: Case, rounds: int = 0) -> None:
        """Seat the states and play some rounds.

        Raises what reading and preparing a scenario raise, for every setting that holds at some time.
        """
        self.case = case
        self.taken = read_offered(case.scenario)
        self._table = RLock()
        super().__init__(prepare(played(self.taken, case)), rng=case.seed)
        while self.round < min(rounds, self.setup.scenario.rounds):
            self.step()

    @property
    def own(self) -> Scenario:
        """The scenario without any setting replaced."""
        return with_settings(self.taken, ())

    def step(self) -> None:
        """Play one round, by the settings that hold from it on."""
        with self._table:
            super().step()

    def set(self, setting: str) -> None:
        """Let a setting hold from now on; raises what loading it raises, and ModelError where it comes too late."""
        with self._table:
            self._take_over(self.case.with_settings(setting, after=self.round))

    def put_back(self, path: str) -> None:
        """Let a setting be as the scenario has it, from now on."""
        with self._table:
            if self.round == 0:
                self._take_over(self.case.without(path))
            else:
                own = _written_out(resolve(self.own), path)
                self._take_over(self.case.with_settings(f"{path}={own}", after=self.round))

    def force(self, code: str, option: str | None) -> None:
        """Force a state to declare an option from now on; None: let it decide for itself again."""
        path = f"force.{code}"
        with self._table:
            if option is None and self.round == 0 and code not in self.own.force:
                self._take_over(self.case.without(path))
            else:
                self._take_over(self.case.with_settings(f"{path}={option or 'null'}", after=self.round))

    def forces_next(self, code: str) -> str | None:
        """Return the option that a state is forced to declare in the next round, None where it decides for itself."""
        with self._table:
            numbers = self.setup.forced[:, self.setup.codes.index(code)]
            held = int(numbers[min(self.round, len(numbers) - 1)])
            return None if held == FREE else self.setup.menu.names[held]

    def look(self) -> Seen:
        """Return how the table looks now."""
        with self._table:
            names = self.setup.menu.names
            return Seen(
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
        """Return why a state stands where it stands now; ModelError for a state that is not on the roster."""
        with self._table:
            return explain_now(self, code, conditional=conditional)

    def _take_over(self, case: Case) -> None:
        now = prepare(played(self.taken, case))
        if self.round == now.scenario.rounds:
            raise ModelError(f"all {self.round} rounds are played; press Reset to play them with other settings")
        self.change(now)
        self.case = case


def _written_out(settings: Any, path: str) -> str:
    """Return the value at a path as a setting can hold it."""
    for name in path.split("."):
        settings = settings[name]
    return json.dumps(settings)
