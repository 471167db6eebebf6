"""The bargaining as a Mesa model: rounds in which the world moves, leads propose and states declare."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

import mesa
import numpy as np

from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.outlook import Outlook, look_out, suppose_conditions
from sim.model.setup import Setup, prepare
from sim.model.shocks import Shocks, checked_seed, roll
from sim.scenario.schema import Scenario
from sim.theory import ceasefire, choice, processes, proposal

type Array = np.ndarray


class CoalitionModel(mesa.Model):
    """One replicate of a scenario, played by agents.

    >>> model = CoalitionModel(load_scenario("paris-march-2025"), rng=1)
    >>> model.step()
    >>> model.count("troops")
    """

    setup: Setup
    shocks: Shocks
    asks: Array  # [options] soldiers, as in force
    environment: Array  # [quantities] of the round last played
    clarity_lost: float

    def __init__(
        self,
        scenario: Scenario | Setup,
        *,
        rng: int = 0,
        replicate: int = 0,
        agent_class: type[StateAgent] = StateAgent,
        collects: bool = True,
    ) -> None:
        """Seat the states; rng is the seed, and all luck follows from it and the replicate's number.

        A Setup that was prepared before is used as it is. Without `collects` the DataCollector stays empty.
        """
        self.seed = checked_seed(rng)
        super().__init__(rng=self.seed)
        self.replicate = replicate
        self.round = 0
        self._open(scenario if isinstance(scenario, Setup) else prepare(scenario))
        for place in range(len(self.setup.codes)):
            agent_class(self, place)
        self.states: list[StateAgent] = list(self.agents)
        self._look_out()
        self.datacollector = mesa.DataCollector(
            model_reporters=self._reporters(),
            agent_reporters={"state": "code", "stance": "stance_name", "conditional": "conditional_stance_name"},
        )
        self.collects = collects

    def change(self, setup: Setup) -> None:
        """Go on by another setup of the same roster and menu, from the next round on.

        What has come about stays: stances, tastes, phase, headline, what was learnt of Moscow's sincerity, clarity
        lost, the leads' patience, and every ask but those that the new scenario sets otherwise than the old. The luck
        is still that of the seed and the replicate, so the environment goes on along the paths of the new scenario.
        Environment and outlook show it with the next step, which begins with what the stances add up to by the new
        offers. Before the first round nothing has come about: all is at once as in a new model.

        ModelError, and no change, where states or options differ or more rounds were played than the setup has.
        """
        refuse_another_table(self.setup, setup, played=self.round)
        if self.round == 0:
            self._open(setup)
            for state in self.states:
                state.follow()
                state.open()
            self._look_out()
        else:
            self.asks = np.where(setup.menu.asks != self.setup.menu.asks, setup.menu.asks, self.asks)
            self._follow(setup)
            for state in self.states:
                state.follow()
            self._has_changed = True
        self.running = self.round < setup.scenario.rounds

    def step(self) -> None:
        """Play one round: the environment, the leads, the states, and what it all adds up to."""
        if self.round == self.setup.scenario.rounds:
            self.running = False
            return
        if self._has_changed:
            self._has_changed = False
            self._look_out()
        before = self.environment
        self.clarity_lost *= 1.0 - self.setup.scenario.proposal.planning
        self.environment = self._circumstances(self.round)
        self.round += 1
        self._let_leads_redimension(bool(self.environment[choice.US_BACKING] > before[choice.US_BACKING]))
        self._look_out()
        for group in self._who_revises():
            for state in group:
                state.reconsider()
            for state in group:
                state.declare()
            self._look_out()
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

    def _open(self, setup: Setup) -> None:
        """Stand where the bargaining by a setup opens."""
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

    def _follow(self, setup: Setup) -> None:
        """Play by a setup, on the luck of the seed and the replicate."""
        self.setup = setup
        self.shocks = roll(setup, self.seed, self.replicate)
        self.moscow_means_it = float(self.shocks.sincerity < setup.scenario.ceasefire.sincere_chance)

    def _circumstances(self, place: int) -> Array:
        """Return the environment [quantities] of a round, with what the states' last stances do to it."""
        couplings, reaction, response = self.setup.scenario.couplings, 0.0, 0.0
        if self.round > 0:
            reaction = couplings.russian_reaction * self._troop_share()
            response = couplings.us_response if self._offer_is_solid() else 0.0
        path = self.shocks.paths[place]
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
        return float(self.shocks.order[self.round - 1, state.place])

    def _look_out(self) -> None:
        """See what the stances add up to, as things are and as conditional stances suppose them to be."""
        self.outlook: Outlook = look_out(self.setup, self.environment, self.profile, self.asks)
        supposed = suppose_conditions(self.setup, self.environment)
        self.supposed: Outlook = look_out(self.setup, supposed, self.conditional_profile, self.asks)

    def _try_the_peace(self) -> None:
        """Let a truce come, be tested or break, and let the states learn from its violations."""
        rules, weeks, place = self.setup.scenario.ceasefire, self.setup.weeks, self.round - 1
        if self.phase != ceasefire.FIGHTING:
            means = rules.violations_sincere * weeks, rules.violations_insincere * weeks
            seen = ceasefire.violations(means[0] if self.moscow_means_it else means[1], self.shocks.violations[place])
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
        self.phase = ceasefire.next_phase(self.phase, forward, breakdown, self.shocks.peace[place])

    def _reporters(self) -> dict[str, Callable[[CoalitionModel], Any]]:
        """Return what the DataCollector keeps of every round, by the column names of a run's table of rounds."""
        reporters: dict[str, Callable[[CoalitionModel], Any]] = {
            "round": lambda model: model.round,
            "date": lambda model: model.date,
            "phase": lambda model: model.phase,
            "headline": lambda model: model.setup.menu.names[model.headline],
            "headline_rung": lambda model: int(model.setup.menu.rungs[model.headline]),
            "ask": lambda model: float(model.asks[model.headline]),
            "deterrence": lambda model: model.deterrence,
        }
        for place, quantity in enumerate(choice.ENVIRONMENT):
            reporters[quantity] = _at("environment", place)
        for place, option in enumerate(self.setup.menu.names[1:], start=1):
            reporters[states_column(option)] = _counted(option)
            reporters[conditional_column(option)] = _counted_if_met(place)
            reporters[personnel_column(option)] = _at("forces", place)
        return reporters


def refuse_another_table(before: Setup, after: Setup, *, played: int) -> None:
    """Raise ModelError where bargaining by one setup cannot go on by another after the rounds played."""
    trouble = _differs("states", before.codes, after.codes) or _differs("options", before.menu.names, after.menu.names)
    if trouble:
        raise ModelError(f"{after.scenario.name}: bargaining cannot go on by it: {trouble}; start anew with it")
    rounds = after.scenario.rounds
    if rounds < played:
        raise ModelError(
            f"{after.scenario.name}: rounds: {played:,} were played, so it cannot go on with {rounds:,} in all; "
            f"set {played:,} or more, or start anew with it"
        )


def _differs(what: str, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Return in what two lists of names differ, nothing where they do not."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    told = [f"{words} {', '.join(names)}" for words, names in (("without", gone), ("with", new)) if names]
    if told:
        return f"other {what}, {' and '.join(told)}"
    return "" if before == after else f"the same {what}, but in the order {', '.join(after)}"


def _counted(option: str) -> Callable[[CoalitionModel], int]:
    return lambda model: model.count(option)


def _counted_if_met(place: int) -> Callable[[CoalitionModel], int]:
    return lambda model: int((model.conditional_profile == place).sum())


def _at(attribute: str, place: int) -> Callable[[CoalitionModel], float]:
    return lambda model: float(getattr(model, attribute)[place])
