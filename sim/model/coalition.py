"""The bargaining as a Mesa model: per round the environment changes, leads revise the proposal, states declare."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from types import EllipsisType
from typing import Any

import mesa
import numpy as np

from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.draws import Draws, checked_replicate, checked_seed, roll
from sim.model.mesa_scenario import MesaScenario, Source, read_parameters, scenario_of
from sim.model.perception import Outlook, perceive_world, suppose_conditions
from sim.model.setup import Setup, check_compatible, frozen
from sim.model.space import capitals
from sim.theory import ceasefire, choice, processes, proposal
from sim.theory.choice import FREE

type Array = np.ndarray


class CoalitionModel(mesa.Model):
    """One replicate of a scenario, simulated with agents.

    Parameters
    ----------
    source : str, Path, Scenario, Setup or mesa Scenario
        The scenario, also by keyword as `scenario`: a name, the path of a file, a loaded scenario, a prepared setup
        (used as it is), or Mesa's Scenario with these parameters.
    rng : int, optional
        Random seed, by default 0; `seed` means the same. None, as from `mesa.batch_run` without `rng`, draws one, which
        `model.seed` then holds.
    replicate : int, optional
        Number of the replicate, by default 0.
    agent_class : type, optional
        Class of the states, by default `StateAgent`.
    collects : bool, optional
        Whether the DataCollector records every round, by default true.
    **settings
        Settings of the scenario by path, such as ``rounds=20`` or ``**{"menu.troops.ask": 30000}``.

    Raises
    ------
    WillingError
        If there is no such scenario, a setting makes no sense, or the scenario cannot be simulated.

    Examples
    --------
    >>> model = CoalitionModel("paris-march-2025", rng=1, rounds=2)
    >>> model.step()
    >>> model.round
    1
    """

    setup: Setup
    draws: Draws
    asks: Array  # [options] soldiers, as in force
    environment: Array  # [quantities] of the last round simulated
    clarity_lost: float
    _scenario: MesaScenario | None
    _plan: Setup  # with its later setups; `setup` is the one in force
    _has_changed: bool

    def __init__(
        self,
        source: Source | None = None,
        /,
        *,
        rng: int | EllipsisType | None = ...,
        replicate: int | None = None,
        agent_class: type[StateAgent] | None = None,
        collects: bool | None = None,
        **settings: Any,
    ) -> None:
        """Create the states; all random draws follow from the seed and the number of the replicate."""
        # `source` is not called `scenario`, since Mesa's page then drops a scenario that is chosen on it
        parameters = read_parameters(
            source, rng=rng, replicate=replicate, agent_class=agent_class, collects=collects, settings=settings
        )
        super().__init__(rng=None if parameters.rng is None else checked_seed(parameters.rng))
        self.seed = checked_seed(self._seed)
        self.replicate = checked_replicate(parameters.replicate)
        self.round = 0
        self.states: tuple[StateAgent, ...] = ()
        self._open(parameters.setup)
        for index in range(len(self.setup.codes)):
            parameters.agent_class(self, index)
        self.states = tuple(self.agents)
        self.space = capitals(self.states)
        self._perceive_world()
        self.datacollector = mesa.DataCollector(
            model_reporters=self._reporters(),
            agent_reporters={
                "state": attrgetter("code"),
                "stance": attrgetter("stance_name"),
                "conditional": attrgetter("conditional_stance_name"),
            },
        )
        self.collects = parameters.collects
        self._agent_class = parameters.agent_class

    @property
    def scenario(self) -> MesaScenario:
        """The parameters of the model as Mesa's Scenario: what Mesa's page builds the model from again on Reset."""
        if self._scenario is None:
            mesa_scenario = scenario_of(
                self._plan,
                rng=self.seed,
                replicate=self.replicate,
                agent_class=self._agent_class,
                collects=self.collects,
            )
            mesa_scenario.model = self
            self._scenario = mesa_scenario
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: object) -> None:
        """The parameters of the model as Mesa's Scenario, from which Mesa's page rebuilds the model on Reset."""
        if hasattr(self, "_scenario"):
            raise ModelError(
                "model.scenario cannot be replaced; use model.change(setup) to continue with another setup"
            )
        self._scenario = None

    def register_agent(self, agent: mesa.Agent) -> None:
        """Add an agent; ModelError for a further state, which would take no part in the bargaining."""
        if self.states and isinstance(agent, StateAgent):
            raise ModelError(
                "cannot add a StateAgent: the model asks only the states on the roster; add a state to "
                "roster.states, or leave one out with roster.leave_out, and build the model again"
            )
        super().register_agent(agent)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Remove an agent; ModelError for a state, which would still take part in the bargaining."""
        if agent in self.states:
            raise self._is_seated(agent)
        super().deregister_agent(agent)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle."""
        return {**self.__dict__, "_scenario": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a pickled model."""
        self.__dict__.update(state)
        for setup in (self._plan, *(later for _, later in self._plan.later)):
            frozen(setup)

    def change(self, setup: Setup) -> None:
        """Continue with another setup of the same roster and menu, from the next round on.

        The history is kept: stances, tastes, beliefs about Moscow's sincerity, lost clarity, the leads' patience, and
        phase, headline and asks except those for which the new scenario has other settings than the old. Random draws
        are still those of the seed and the replicate, so the environment continues along the paths of the new scenario.
        Environment and outlook are updated by the next step, which begins with the effects of the stances under the new
        offers. Before the first round there is no history, and the model is as if newly created. Forced stances and
        changes of the new scenario apply in the rounds that they name.

        Raises ModelError, and changes nothing, if states or options differ or the setup has fewer rounds than were
        simulated.
        """
        check_compatible(self.setup, setup, played=self.round)
        if self.round == 0:
            self._open(setup)
            for state in self.states:
                state.follow()
                state.open()
            self._perceive_world()
        else:
            self._plan = setup
            self._go_on_by(setup.at(self.round + 1))
        self._scenario = None
        self.running = self.round < setup.scenario.rounds

    def step(self) -> None:
        """Simulate one round: the environment, the leads, the states, and the effects of their stances."""
        if self.round == self.setup.scenario.rounds:
            self.running = False
            return
        if len(self.agents) != len(self.states):  # Mesa's set of agents was changed directly
            for state in self.states:
                if state not in self.agents:
                    raise self._is_seated(state)
        if self._plan.at(self.round + 1) is not self.setup:
            self._go_on_by(self._plan.at(self.round + 1))
        if self._has_changed:
            self._has_changed = False
            self._perceive_world()
        before = self.environment
        self.clarity_lost *= 1.0 - self.setup.scenario.proposal.planning
        self.environment = self._circumstances(self.round)
        self.round += 1
        self._let_leads_redimension(bool(self.environment[choice.US_BACKING] > before[choice.US_BACKING]))
        forced = self.setup.forced[self.round - 1]
        for state in self.states:
            if forced[state.index] != FREE:
                state.stance = state.conditional_stance = int(forced[state.index])
        self._perceive_world()
        for group in self._who_revises():
            for state in group:
                state.reconsider()
            for state in group:
                if forced[state.index] == FREE:
                    state.declare()
            self._perceive_world()
        self._try_the_peace()
        self.running = self.round < self.setup.scenario.rounds
        if self.collects:
            self.datacollector.collect(self)

    @property
    def profile(self) -> Array:
        """The stance of every state, as [states] indices on the menu."""
        return np.array([state.stance for state in self.states], dtype=np.int64)

    @property
    def conditional_profile(self) -> Array:
        """The conditional stance of every state, as [states] indices on the menu."""
        return np.array([state.conditional_stance for state in self.states], dtype=np.int64)

    @property
    def forces(self) -> Array:
        """The soldiers declared for each option, as [options]."""
        return self.outlook.forces

    @property
    def deterrence(self) -> float:
        """Deterrence by the stances, in [0, 1]."""
        return self.outlook.deterrence

    @property
    def date(self) -> datetime.date:
        """The date of the last round simulated."""
        return self.setup.date_of(max(self.round, 1))

    def count(self, option: str) -> int:
        """Return the number of states that declare the option."""
        return int((self.profile == self.setup.menu.index(option)).sum())

    def _is_seated(self, state: StateAgent) -> ModelError:
        return ModelError(
            f"{state.code} cannot be removed from the model, since it would still decide; leave it out with "
            f"roster.leave_out: [{state.code}] and build the model again"
        )

    def _open(self, setup: Setup) -> None:
        """Set the state of the model to the opening of a setup."""
        self._plan = setup
        self._follow(setup)
        self._has_changed = False
        self.asks = setup.menu.asks.copy()
        self.headline = setup.headline
        self.redimensioned = 0
        self.rounds_below = 0
        self.clarity_lost = 0.0
        self.sincerity_odds = 1.0
        self.phase = ceasefire.PHASES.index(setup.scenario.ceasefire.phase)
        self.environment = self._circumstances(0)

    def _go_on_by(self, setup: Setup) -> None:
        """Continue with another setup, and apply its settings that differ from the one before."""
        before = self.setup
        self.asks = np.where(setup.menu.asks != before.menu.asks, setup.menu.asks, self.asks)
        if setup.headline != before.headline:
            self.headline, self.rounds_below = setup.headline, 0
        if setup.scenario.ceasefire.phase != before.scenario.ceasefire.phase:
            self.phase = ceasefire.PHASES.index(setup.scenario.ceasefire.phase)
        self._follow(setup)
        for state in self.states:
            state.follow()
        self._has_changed = True

    def _follow(self, setup: Setup) -> None:
        """Use a setup, with the random draws of the seed and the replicate."""
        self.setup = setup
        self.draws = roll(setup, self.seed, self.replicate)
        self.moscow_means_it = float(self.draws.sincerity < setup.scenario.ceasefire.sincere_chance)

    def _circumstances(self, index: int) -> Array:
        """Return the environment [quantities] of a round, including the effects of the states' last stances."""
        couplings, reaction, response = self.setup.scenario.couplings, 0.0, 0.0
        if self.round > 0:
            reaction = couplings.russian_reaction * self._troop_share()
            response = couplings.us_response if self._offer_is_solid() else 0.0
        path = self.draws.paths[index]
        now = np.empty_like(path)
        processes.circumstances(path, reaction, response, self.clarity_lost, self.sincerity_odds, now)
        return now

    def _troop_share(self) -> float:
        """Return the share of states at options that Moscow rejects, each weighted by the strength of the rejection."""
        counts = np.bincount(self.outlook.profile, minlength=len(self.setup.menu.names)).astype(float)
        return proposal.weight_behind(counts, self.setup.menu.provokes) / len(self.states)

    def _offer_is_solid(self) -> bool:
        enough = self.setup.scenario.couplings.solid_offer * self.asks[self.headline]
        return self.phase == ceasefire.PERMANENT_CEASEFIRE and bool(0.0 < enough <= self.forces[self.headline])

    def _let_leads_redimension(self, backing_rises: bool) -> None:
        rules = self.setup.scenario.proposal
        if not rules.redimensions or not self.setup.leads.any():
            return
        headline, ask, self.rounds_below, done = proposal.redimension(
            self.headline,
            self.asks,
            self.setup.menu.asks,
            self.forces,
            self.rounds_below,
            backing_rises,
            rules.patience,
            rules.cut,
            float(rules.floor),
            rules.rise,
        )
        if done != proposal.UNCHANGED:
            self.headline = headline
            self.asks = self.asks.copy()  # an outlook holds the asks of its time
            self.asks[headline] = ask
            self.redimensioned += 1
            lost = min(rules.clarity_cost, self.environment[choice.CLARITY])
            self.clarity_lost += lost
            self.environment[choice.CLARITY] -= lost

    def _who_revises(self) -> Iterable[list[StateAgent]]:
        """Yield the groups of states that decide one after the other; within a group they declare together."""
        revising = [state for state in self.states if state.revises()]
        match self.setup.scenario.activation:
            case "simultaneous":
                yield revising
            case "leads_first":
                yield [state for state in revising if state.is_lead]
                yield [state for state in revising if not state.is_lead]
            case "random_sequence":
                for state in sorted(revising, key=self._turn):
                    yield [state]
            case "one_at_a_time":
                yield [min(self.states, key=self._turn)]

    def _turn(self, state: StateAgent) -> float:
        return float(self.draws.order[self.round - 1, state.index])

    def _perceive_world(self) -> None:
        """Compute the effects of the stances in both views: under present conditions, and with the conditions met."""
        self.outlook: Outlook = perceive_world(self.setup, self.environment, self.profile, self.asks)
        supposed = suppose_conditions(self.setup, self.environment)
        self.supposed: Outlook = perceive_world(self.setup, supposed, self.conditional_profile, self.asks)

    def _try_the_peace(self) -> None:
        """Update the phase of the peace, draw violations, and let the states learn from them."""
        rules, weeks, index = self.setup.scenario.ceasefire, self.setup.weeks, self.round - 1
        if self.phase != ceasefire.FIGHTING:
            means = rules.violations_sincere * weeks, rules.violations_insincere * weeks
            seen = ceasefire.violations(means[0] if self.moscow_means_it else means[1], self.draws.violations[index])
            self.sincerity_odds = ceasefire.learnt_odds(self.sincerity_odds, seen, *means)
        forward = ceasefire.step_chance(
            rules.truce_hazard if self.phase == ceasefire.FIGHTING else rules.deal_hazard,
            self.environment[choice.RUSSIAN_OPPOSITION],
            self._troop_share(),
            rules.opposition_slows,
            rules.troops_slow,
            weeks,
        )
        breakdown = ceasefire.breakdown_chance(rules.breakdown_hazard, self.moscow_means_it, self.deterrence, weeks)
        self.phase = ceasefire.next_phase(self.phase, forward, breakdown, self.draws.peace[index])

    def _reporters(self) -> dict[str, Callable[[CoalitionModel], Any]]:
        """Return the reporters of the DataCollector, by the column names of a run's table of rounds."""
        reporters: dict[str, Callable[[CoalitionModel], Any]] = {
            "round": _round,
            "date": _date,
            "phase": _phase,
            "headline": _headline,
            "headline_rung": _headline_rung,
            "ask": _ask,
            "deterrence": _deterrence,
        }
        for index, quantity in enumerate(choice.ENVIRONMENT):
            reporters[quantity] = partial(_at, "environment", index)
        for index, option in enumerate(self.setup.menu.names[1:], start=1):
            reporters[states_column(option)] = partial(_counted, "profile", index)
            reporters[conditional_column(option)] = partial(_counted, "conditional_profile", index)
            reporters[personnel_column(option)] = partial(_at, "forces", index)
        return reporters


# Reporters are functions of the module and not lambdas, so that a model can be pickled


def _round(model: CoalitionModel) -> int:
    return model.round


def _date(model: CoalitionModel) -> datetime.date:
    return model.date


def _phase(model: CoalitionModel) -> int:
    return model.phase


def _headline(model: CoalitionModel) -> str:
    return model.setup.menu.names[model.headline]


def _headline_rung(model: CoalitionModel) -> int:
    return int(model.setup.menu.rungs[model.headline])


def _ask(model: CoalitionModel) -> float:
    return float(model.asks[model.headline])


def _deterrence(model: CoalitionModel) -> float:
    return model.deterrence


def _counted(attribute: str, index: int, model: CoalitionModel) -> int:
    return int((getattr(model, attribute) == index).sum())


def _at(attribute: str, index: int, model: CoalitionModel) -> float:
    return float(getattr(model, attribute)[index])
