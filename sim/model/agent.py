"""A state at the table: it sees, weighs and declares."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim.errors import ModelError
from sim.model.perception import Outlook
from sim.theory import choice
from sim.theory.considerations import DRIVERS

if TYPE_CHECKING:
    from sim.model.coalition import CoalitionModel

type Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a driver of one's own may look at: one state, one option, one view of the situation."""

    state: str  # ISO 3166 code
    option: str
    round: int
    environment: dict[str, float]
    drivers: dict[str, float]  # how present the drivers of theory.considerations.DRIVERS are


class StateAgent(mesa.Agent):
    """A state that decides which option to declare.

    Subclass it to let states decide otherwise, and hand the class to CoalitionModel(..., agent_class=...).
    """

    model: CoalitionModel

    def __init__(self, model: CoalitionModel, place: int) -> None:
        """Seat the state at its place on the roster, with the type that it starts with."""
        super().__init__(model)
        self.place = place
        self.code = model.setup.codes[place]
        self.follow()
        self.open()

    def follow(self) -> None:
        """Take over what the model's setup says of the state; a subclass that keeps more of it extends this."""
        setup = self.model.setup
        self.name = setup.states[self.place].name
        self.is_lead = bool(setup.leads[self.place])
        self.offers: Array = setup.offers[self.place]
        self.stakes: Array = setup.stakes[self.place]
        self.pulls: Array = setup.pulls[self.place]

    def open(self) -> None:
        """Hold the stance and the taste with which the bargaining opens."""
        self.taste: Array = self.model.draws.tastes[0, self.place]
        self.stance = int(self.model.setup.opening[self.place])
        self.conditional_stance = self.stance
        self._next = (self.stance, self.conditional_stance)

    @property
    def stance_name(self) -> str:
        """The option that the state declares under present conditions."""
        return self.model.setup.menu.names[self.stance]

    @property
    def conditional_stance_name(self) -> str:
        """The option that it would declare if the conditions of the proposal were met."""
        return self.model.setup.menu.names[self.conditional_stance]

    def revises(self) -> bool:
        """Return whether the state looks at its stance again in this round."""
        drawn = self.model.draws.revision[self.model.round - 1, self.place]
        return bool(drawn < self.model.setup.scenario.revision)

    def reconsider(self) -> None:
        """Decide, firmly and conditionally, but do not declare yet; a political turnover brings a new type."""
        draws, number = self.model.draws, self.model.round
        if draws.turnover[number - 1, self.place] < self.model.setup.scenario.turnover:
            self.taste = draws.tastes[number, self.place]
        self._next = (
            self.choose(self.model.outlook, self.stance),
            self.choose(self.model.supposed, self.conditional_stance),
        )

    def declare(self) -> None:
        """Declare what was decided."""
        self.stance, self.conditional_stance = self._next

    def choose(self, outlook: Outlook, held: int) -> int:
        """Return the option that the state would declare, holding an option at present."""
        utility = self.weigh(self.perceive(outlook, held))
        return choice.choose(utility, self.taste / self.model.setup.scenario.sharpness)

    def perceive(self, outlook: Outlook, held: int) -> Array:
        """Return how present each driver is for this state, as [options, drivers]."""
        setup, scenario = self.model.setup, self.model.setup.scenario
        menu = setup.menu
        peers = np.empty(len(menu.names))
        choice.peers_at(
            setup.peer_weights[self.place],
            outlook.profile,
            menu.rungs,
            scenario.momentum.counts == "same_option",
            peers,
        )
        present = np.zeros((len(menu.names), len(DRIVERS) + len(setup.own_drivers)))
        choice.common_drivers(outlook.environment, present)
        choice.state_drivers(
            outlook.forces,
            outlook.beliefs,
            outlook.asks,
            self.offers,
            held,
            peers,
            menu.peer_norms,
            1.0 - outlook.environment[choice.MANDATE] if setup.has_peers[self.place] else 0.0,
            menu.rungs,
            menu.multipliers,
            choice.threat(outlook.environment),
            outlook.deterrence,
            outlook.deterrence_slope,
            scenario.belief.spread,
            scenario.belief.floor,
            present,
        )
        for number, driver in enumerate(setup.own_drivers):
            for k in range(1, len(menu.names)):
                present[k, len(DRIVERS) + number] = _finite(driver, driver(self._observation(outlook, k, present[k])))
        return present

    def weigh(self, present: Array) -> Array:
        """Return the value of each option as [options]; abstaining is worth 0."""
        utility = np.empty(present.shape[0])
        choice.values(self.pulls, present, utility)
        return utility

    def terms(self, outlook: Outlook, held: int) -> Array:
        """Return what each consideration adds to each option's value, as [options, considerations]."""
        return self.stakes * self.perceive(outlook, held)[:, self.model.setup.driver_of]

    def _observation(self, outlook: Outlook, option: int, present: Array) -> Observation:
        return Observation(
            state=self.code,
            option=self.model.setup.menu.names[option],
            round=self.model.round,
            environment=dict(zip(choice.ENVIRONMENT, outlook.environment.tolist(), strict=True)),
            drivers=dict(zip(DRIVERS, present.tolist(), strict=False)),
        )


def _finite(driver: Callable[[Observation], float], value: float) -> float:
    if not math.isfinite(value):
        name = getattr(driver, "__name__", driver)
        raise ModelError(
            f"driver {name} of your own gave {value}; it must be a finite number for every state and round"
        )
    return value
