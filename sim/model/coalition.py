"""The bargaining as a Mesa model: rounds in which the world moves, leads propose and states declare."""

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
    """One replicate of a scenario, played by agents.

    >>> model = CoalitionModel("paris-march-2025", rng=1)
    >>> model.step()
    >>> model.count("troops")
    """

    setup: Setup
    draws: Draws
    asks: Array  # [options] soldiers, as in force
    environment: Array  # [quantities] of the round last played
    clarity_lost: float
    _scenario: MesaScenario | None
    _plan: Setup  # of which `setup` is what holds in the round
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
        """Seat the states; all random draws follow from the seed and the number of the replicate.

        Parameters
        ----------
        source
            What is played, also by keyword as `scenario`: the name of a scenario, the path of a file, a scenario that
            was loaded, a setup that was prepared (used as it is), or Mesa's Scenario with these parameters.
        rng
            The seed, a whole number; `seed` means the same. 0 if not given. None, as from `mesa.batch_run` without
            `rng`: any number, which `model.seed` then holds.
        replicate
            Number of the replicate; 0 if not given.
        agent_class
            Class of the states; StateAgent if not given.
        collects
            Whether the DataCollector keeps every round; true if not given.
        **settings
            Settings of the scenario by their path, such as `rounds=20` or `**{"menu.troops.ask": 30000}`.

        Raises
        ------
        WillingError
            Where there is no such scenario, a setting does not make sense, or the scenario cannot be played.
        """
        # `source` is not called `scenario`, since Mesa's page then drops a scenario that is chosen on it
        given = read_parameters(
            source, rng=rng, replicate=replicate, agent_class=agent_class, collects=collects, settings=settings
        )
        super().__init__(rng=None if given.rng is None else checked_seed(given.rng))
        self.seed = checked_seed(self._seed)
        self.replicate = checked_replicate(given.replicate)
        self.round = 0
        self.states: tuple[StateAgent, ...] = ()
        self._open(given.setup)
        for place in range(len(self.setup.codes)):
            given.agent_class(self, place)
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
        self.collects = given.collects
        self._agent_class = given.agent_class

    @property
    def scenario(self) -> MesaScenario:
        """The parameters of the model as Mesa's Scenario: what Mesa's page builds the model from again on Reset."""
        if self._scenario is None:
            made = scenario_of(
                self._plan,
                rng=self.seed,
                replicate=self.replicate,
                agent_class=self._agent_class,
                collects=self.collects,
            )
            made.model = self
            self._scenario = made
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: object) -> None:
        """Let Mesa begin with an empty one; ModelError for any other."""
        if hasattr(self, "_scenario"):
            raise ModelError(
                "model.scenario cannot be replaced; use model.change(setup) to continue with another setup"
            )
        self._scenario = None

    def register_agent(self, agent: mesa.Agent) -> None:
        """Add an agent; ModelError for a further state, which the model would never ask."""
        if self.states and isinstance(agent, StateAgent):
            raise ModelError(
                "cannot add a StateAgent: the model asks only the states on the roster; add a state to "
                "roster.states, or leave one out with roster.leave_out, and build the model again"
            )
        super().register_agent(agent)

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Remove an agent; ModelError for a state, which would still decide."""
        if agent in self.states:
            raise self._is_seated(agent)
        super().deregister_agent(agent)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled."""
        return {**self.__dict__, "_scenario": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the model as it was pickled."""
        self.__dict__.update(state)
        for setup in (self._plan, *(later for _, later in self._plan.later)):
            frozen(setup)

    def change(self, setup: Setup) -> None:
        """Continue with another setup of the same roster and menu, from the next round on.

        What has come about stays: stances, tastes, what was learnt of Moscow's sincerity, clarity lost, the leads'
        patience, and phase, headline and asks but for those that the new scenario sets otherwise than the old. The
        random draws are still those of the seed and the replicate, so the environment continues along the paths of the
        new scenario. Environment and outlook show it with the next step, which begins with what the stances add up to
        by the new offers. Before the first round nothing has come about: all is at once as in a new model. What the
        new scenario forces, and its own changes, hold in the rounds that they name.

        ModelError, and no change, where states or options differ or more rounds were played than the setup has.
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
        """Play one round: the environment, the leads, the states, and what it all adds up to."""
        if self.round == self.setup.scenario.rounds:
            self.running = False
            return
        if len(self.agents) != len(self.states):  # somebody reached into Mesa's set of agents
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
            if forced[state.place] != FREE:
                state.stance = state.conditional_stance = int(forced[state.place])
        self._perceive_world()
        for group in self._who_revises():
            for state in group:
                state.reconsider()
            for state in group:
                if forced[state.place] == FREE:
                    state.declare()
            self._perceive_world()
        self._try_the_peace()
        self.running = self.round < self.setup.scenario.rounds
        if self.collects:
            self.datacollector.collect(self)

    @property
    def profile(self) -> Array:
        """The stance of every state, as [states] places on the menu."""
        return np.array([state.stance for state in self.states], dtype=np.int64)

    @property
    def conditional_profile(self) -> Array:
        """The conditional stance of every state, as [states] places on the menu."""
        return np.array([state.conditional_stance for state in self.states], dtype=np.int64)

    @property
    def forces(self) -> Array:
        """The soldiers declared for each option, as [options]."""
        return self.outlook.forces

    @property
    def deterrence(self) -> float:
        """How far the stances deter, in [0, 1]."""
        return self.outlook.deterrence

    @property
    def date(self) -> datetime.date:
        """The date of the round last played."""
        return self.setup.date_of(max(self.round, 1))

    def count(self, option: str) -> int:
        """Return how many states declare the option."""
        return int((self.profile == self.setup.menu.place(option)).sum())

    def _is_seated(self, state: StateAgent) -> ModelError:
        return ModelError(
            f"{state.code} cannot be removed from the model, since it would still decide; leave it out with "
            f"roster.leave_out: [{state.code}] and build the model again"
        )

    def _open(self, setup: Setup) -> None:
        """Stand where the bargaining by a setup opens."""
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
        """Continue with another setup, and take over what it sets differently from the one before."""
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
        """Play by a setup, on the luck of the seed and the replicate."""
        self.setup = setup
        self.draws = roll(setup, self.seed, self.replicate)
        self.moscow_means_it = float(self.draws.sincerity < setup.scenario.ceasefire.sincere_chance)

    def _circumstances(self, place: int) -> Array:
        """Return the environment [quantities] of a round, with what the states' last stances do to it."""
        couplings, reaction, response = self.setup.scenario.couplings, 0.0, 0.0
        if self.round > 0:
            reaction = couplings.russian_reaction * self._troop_share()
            response = couplings.us_response if self._offer_is_solid() else 0.0
        path = self.draws.paths[place]
        now = np.empty_like(path)
        processes.circumstances(path, reaction, response, self.clarity_lost, self.sincerity_odds, now)
        return now

    def _troop_share(self) -> float:
        """Return the share of states that declare what Moscow refuses, each by how strongly it does."""
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
            self.asks = self.asks.copy()  # an outlook keeps the asks that it was taken with
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
        return float(self.draws.order[self.round - 1, state.place])

    def _perceive_world(self) -> None:
        """See what the stances add up to, as things are and as conditional stances suppose them to be."""
        self.outlook: Outlook = perceive_world(self.setup, self.environment, self.profile, self.asks)
        supposed = suppose_conditions(self.setup, self.environment)
        self.supposed: Outlook = perceive_world(self.setup, supposed, self.conditional_profile, self.asks)

    def _try_the_peace(self) -> None:
        """Let a truce come, be tested or break, and let the states learn from its violations."""
        rules, weeks, place = self.setup.scenario.ceasefire, self.setup.weeks, self.round - 1
        if self.phase != ceasefire.FIGHTING:
            means = rules.violations_sincere * weeks, rules.violations_insincere * weeks
            seen = ceasefire.violations(means[0] if self.moscow_means_it else means[1], self.draws.violations[place])
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
        self.phase = ceasefire.next_phase(self.phase, forward, breakdown, self.draws.peace[place])

    def _reporters(self) -> dict[str, Callable[[CoalitionModel], Any]]:
        """Return what the DataCollector keeps of every round, by the column names of a run's table of rounds."""
        reporters: dict[str, Callable[[CoalitionModel], Any]] = {
            "round": _round,
            "date": _date,
            "phase": _phase,
            "headline": _headline,
            "headline_rung": _headline_rung,
            "ask": _ask,
            "deterrence": _deterrence,
        }
        for place, quantity in enumerate(choice.ENVIRONMENT):
            reporters[quantity] = partial(_at, "environment", place)
        for place, option in enumerate(self.setup.menu.names[1:], start=1):
            reporters[states_column(option)] = partial(_counted, "profile", place)
            reporters[conditional_column(option)] = partial(_counted, "conditional_profile", place)
            reporters[personnel_column(option)] = partial(_at, "forces", place)
        return reporters


# Reporters are functions of the module, and no lambdas, so that a model can be pickled


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


def _counted(attribute: str, place: int, model: CoalitionModel) -> int:
    return int((getattr(model, attribute) == place).sum())


def _at(attribute: str, place: int, model: CoalitionModel) -> float:
    return float(getattr(model, attribute)[place])
