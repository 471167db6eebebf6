"""A state as an agent: it observes, evaluates the options and declares a stance."""

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
    """The input of a driver of your own: one state, one option, one view of the situation.

    Attributes
    ----------
    state : str
        ISO 3166 code of the state, three letters.
    option : str
        Name of the option.
    round : int
        Number of the round, from 1.
    environment : dict of str to float
        Quantities of the environment, each in [0, 1], by name.
    drivers : dict of str to float
        Values of the drivers of `sim.theory.considerations.DRIVERS` for the state and the option, by name.

    Examples
    --------
    >>> def doubt(seen: Observation) -> float:
    ...     return 1.0 - seen.environment["sincerity"]
    """

    state: str  # ISO 3166 code
    option: str
    round: int
    environment: dict[str, float]
    drivers: dict[str, float]  # by the names in theory.considerations.DRIVERS


class StateAgent(mesa.Agent):
    """A state that decides which option to declare.

    A subclass can decide otherwise: pass it to `sim.run(..., agent_class=...)` or `CoalitionModel(...,
    agent_class=...)`. The usual methods to override are `revises`, `perceive`, `weigh` and `choose`.

    Parameters
    ----------
    model : CoalitionModel
        The model that the state is part of.
    index : int
        Index of the state on the roster.

    Attributes
    ----------
    code, name : str
        Three-letter code and name of the state.
    is_lead : bool
        Whether it leads the proposal.
    offers : array [options]
        Its offer to each option, in soldiers.
    taste : array [options]
        Its taste shocks, standard Gumbel draws.
    stance, conditional_stance : int
        Options that it declares, as indices on the menu: under present conditions, and if the conditions of the
        proposal were met.

    Examples
    --------
    >>> class Steadfast(StateAgent):
    ...     def revises(self) -> bool:
    ...         return False
    """

    model: CoalitionModel

    def __init__(self, model: CoalitionModel, index: int) -> None:
        """Create the state with its first type and its opening stance."""
        super().__init__(model)
        self.index = index
        self.code = model.setup.codes[index]
        self.follow()
        self.open()

    def follow(self) -> None:
        """Read the state's data from the model's setup; a subclass with further data extends this method."""
        setup = self.model.setup
        self.name = setup.states[self.index].name
        self.is_lead = bool(setup.leads[self.index])
        self.offers: Array = setup.offers[self.index]
        self.stakes: Array = setup.stakes[self.index]
        self.pulls: Array = setup.pulls[self.index]

    def open(self) -> None:
        """Reset the stance and the taste shocks to those of the opening."""
        self.taste: Array = self.model.draws.tastes[0, self.index]
        self.stance = int(self.model.setup.opening[self.index])
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
        """Return whether the state revises its stance in this round."""
        drawn = self.model.draws.revision[self.model.round - 1, self.index]
        return bool(drawn < self.model.setup.scenario.revision)

    def reconsider(self) -> None:
        """Choose the next stances, firm and conditional, without declaring them; a turnover brings a new type."""
        draws, number = self.model.draws, self.model.round
        if draws.turnover[number - 1, self.index] < self.model.setup.scenario.turnover:
            self.taste = draws.tastes[number, self.index]
        self._next = (
            self.choose(self.model.outlook, self.stance),
            self.choose(self.model.supposed, self.conditional_stance),
        )

    def declare(self) -> None:
        """Declare the chosen stances."""
        self.stance, self.conditional_stance = self._next

    def choose(self, outlook: Outlook, held: int) -> int:
        """Return the option that the state would declare in a view of the situation, given its current option.

        Parameters
        ----------
        outlook : Outlook
            The view: the present one, or the one in which the conditions of the proposal are met.
        held : int
            Index of the current option.

        Returns
        -------
        int
            Index of the chosen option.
        """
        utility = self.weigh(self.perceive(outlook, held))
        return choice.choose(utility, self.taste / self.model.setup.scenario.sharpness)

    def perceive(self, outlook: Outlook, held: int) -> Array:
        """Return the value of each driver for this state, as [options, drivers]."""
        setup, scenario = self.model.setup, self.model.setup.scenario
        menu = setup.menu
        peers = np.empty(len(menu.names))
        choice.peers_at(
            setup.peer_weights[self.index],
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
            1.0 - outlook.environment[choice.MANDATE] if setup.has_peers[self.index] else 0.0,
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
        """Return the utility of each option as [options]; abstaining has utility 0."""
        utility = np.empty(present.shape[0])
        choice.values(self.pulls, present, utility)
        return utility

    def terms(self, outlook: Outlook, held: int) -> Array:
        """Return the term of each consideration in the utility of each option, as [options, considerations]."""
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
