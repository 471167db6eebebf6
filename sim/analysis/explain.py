"""Why one state stands where it stands: what each consideration adds to the value of each option."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.analysis.requested_state import requested_state
from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.coalition import CoalitionModel
from sim.model.perception import Outlook, perceive_world, suppose_conditions
from sim.model.setup import Setup
from sim.theory import choice
from sim.theory.ceasefire import PHASES
from sim.theory.choice import FREE

type Array = np.ndarray

_ABSTAIN = 0  # its place on every menu
_STEP = 5  # thousandths of US backing


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A state that another one looks to, and what it declares."""

    code: str
    name: str
    weight: float
    stance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How one state values every option in one situation; its taste, which is luck, is left out."""

    code: str
    name: str
    round: int  # 0: at the start, with everybody abstaining
    date: datetime.date
    seed: int | None  # None: at the start, which no luck has reached yet
    replicate: int | None
    is_conditional: bool  # whether the conditions of the proposal are supposed to be met
    environment: Mapping[str, float]  # in the order of theory.choice.ENVIRONMENT
    phase: str  # of theory.ceasefire.PHASES
    held: str  # the stance that it has declared
    forced: tuple[str, ...]  # codes of the states that the scenario makes declare their stance, whatever they weigh
    options: tuple[str, ...]  # as on the menu, abstaining first
    considerations: tuple[str, ...]
    terms: Array  # [options, considerations]
    values: Array  # [options]
    chances: Array  # [options] how likely a state that values them so, with a fresh taste, chooses each
    values_if_met: Array  # [options] with the conditions met, and everybody's conditional stances
    chances_if_met: Array  # [options]
    offers: Array  # [options] soldiers that it would bring
    asks: Array  # [options] soldiers, as in force
    peers: tuple[Peer, ...]  # by weight, the largest first
    enough_backing: float | None  # least US backing at which the deepest option is its best; see _enough_backing

    @property
    def is_forced(self) -> bool:
        """Whether the scenario makes the state declare the stance that it holds."""
        return self.code in self.forced

    @property
    def deepest(self) -> str:
        """The option of the highest rung."""
        return self.options[-1]

    @property
    def best(self) -> str:
        """The option of the highest value; of equal ones the first on the menu."""
        return self.options[int(self.values.argmax())]

    @property
    def runner_up(self) -> str:
        """The option of the highest value but for the best."""
        return self.best_but(self.best)

    @property
    def stance(self) -> str:
        """What is to be explained: the best option at the start, and later the stance that it holds."""
        return self.best if self.round == 0 and not self.is_forced else self.held

    @property
    def alternative(self) -> str:
        """The option that it might rather take: that of the highest value but for its stance."""
        return self.best_but(self.stance)

    def best_but(self, option: str) -> str:
        """Return the option of the highest value that is not this one."""
        others = self.values.copy()
        others[self.options.index(option)] = -np.inf
        return self.options[int(others.argmax())]

    def value(self, option: str) -> float:
        """Return the value of an option."""
        return float(self.values[self.options.index(option)])

    def between(self, option: str, other: str) -> dict[str, float]:
        """Return by how much each consideration speaks more for one option than for the other, the largest first."""
        place, of = self.options.index(option), self.options.index(other)
        return by_size(self.considerations, self.terms[place] - self.terms[of])


def by_size(considerations: tuple[str, ...], amounts: Array) -> dict[str, float]:
    """Return the amounts [considerations] by name, those of the largest size first."""
    order = np.argsort(-np.abs(amounts), kind="stable")
    return {considerations[c]: float(amounts[c]) for c in order}


def explain_start(setup: Setup, code: str, *, conditional: bool = False) -> Explanation:
    """Return how a state values every option at the start, when everybody abstains who is not forced.

    conditional: as if the conditions of the proposal were met. ModelError for a state that is not on the roster.
    """
    return explain_now(CoalitionModel(setup, collects=False), code, conditional=conditional)


def explain_round(
    setup: Setup,
    code: str,
    *,
    round: int,
    seed: int,
    replicate: int = 0,
    conditional: bool = False,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Explanation:
    """Return how a state values every option after this many rounds of a replicate, holding the stance it then holds.

    conditional: its conditional stance, with the conditions of the proposal met. on_progress is called with the number
    of rounds just played. ModelError for a state that is not on the roster, or a round never played.
    """
    code = requested_state(setup, code)  # refused before rounds are played
    scenario = setup.scenario
    if not 1 <= round <= scenario.rounds:
        raise ModelError(
            f"{scenario.name}: no round {round}; there are rounds 1 to {scenario.rounds}, more with the setting rounds"
        )
    model = CoalitionModel(setup, rng=seed, replicate=replicate, collects=False)
    for _ in range(round):
        model.step()
        on_progress(1)
    return explain_now(model, code, conditional=conditional)


def explain_now(model: CoalitionModel, code: str, *, conditional: bool = False) -> Explanation:
    """Return how a state values every option as the model stands, which is left as it is.

    Before the first round as explain_start does, with everybody abstaining who is not forced; later as explain_round
    does, holding the stance that it holds. After CoalitionModel.change it weighs by the new setup at once, and sees the
    situation of the round last played until the next step. ModelError for a state that is not on the roster.
    """
    setup = model.setup
    place = setup.codes.index(requested_state(setup, code))
    if model.round > 0:
        return _explained(model, place, model.outlook, model.supposed, seed=model.seed, conditional=conditional)
    opens = np.where(setup.forced[0] == FREE, _ABSTAIN, setup.forced[0])
    now = perceive_world(setup, model.environment, opens, model.asks)
    supposed = perceive_world(setup, suppose_conditions(setup, model.environment), opens, model.asks)
    return _explained(model, place, now, supposed, seed=None, conditional=conditional)


def _explained(
    model: CoalitionModel, place: int, now: Outlook, supposed: Outlook, *, seed: int | None, conditional: bool
) -> Explanation:
    setup, state = model.setup, model.states[place]
    outlook = supposed if conditional else now
    held = int(outlook.profile[place])
    utility = state.weigh(state.perceive(outlook, held))
    if_met = state.weigh(state.perceive(supposed, int(supposed.profile[place])))
    choice_precision = setup.scenario.sharpness
    names = setup.menu.names
    return Explanation(
        code=state.code,
        name=state.name,
        round=model.round,
        date=model.date,
        seed=seed,
        replicate=None if seed is None else model.replicate,
        is_conditional=conditional,
        environment=dict(zip(choice.ENVIRONMENT, outlook.environment.tolist(), strict=True)),
        phase=PHASES[model.phase],
        held=names[held],
        forced=tuple(setup.codes[i] for i in np.flatnonzero(setup.forced[max(model.round, 1) - 1] != FREE)),
        options=names,
        considerations=setup.considerations,
        terms=state.terms(outlook, held) + 0.0,  # no -0.0 where a driver is negative and nothing is at stake
        values=utility,
        chances=_chances(utility, choice_precision),
        values_if_met=if_met,
        chances_if_met=_chances(if_met, choice_precision),
        offers=setup.offers[place],
        asks=outlook.asks,
        peers=_peers(setup, place, outlook.profile),
        enough_backing=_enough_backing(setup, state, outlook, held),
    )


def _enough_backing(setup: Setup, state: StateAgent, outlook: Outlook, held: int) -> float | None:
    """Return the least US backing, in thousandths, at which the deepest option has the highest value of all.

    All else as it is: the stances, the asks, the rest of the environment; what backing does to deterrence counts. More
    of it need not keep the option the best: backing also deters without the state's own soldiers. None if it never is,
    at any backing from 0 to 1 in steps of 0.005; a range narrower than that may be missed.
    """

    def is_best(thousandths: int) -> bool:
        environment = outlook.environment.copy()
        environment[choice.US_BACKING] = thousandths / 1000.0
        seen = perceive_world(setup, environment, outlook.profile, outlook.asks)
        return int(state.weigh(state.perceive(seen, held)).argmax()) == len(setup.menu.names) - 1

    enough = next((backing for backing in range(0, 1001, _STEP) if is_best(backing)), None)
    if enough is None:
        return None
    too_little = enough - _STEP
    while enough - too_little > 1 and enough > 0:
        middle = (too_little + enough) // 2
        if is_best(middle):
            enough = middle
        else:
            too_little = middle
    return enough / 1000.0


def _chances(utility: Array, choice_precision: float) -> Array:
    """Return how likely each option is chosen; the best reply is sure."""
    if math.isfinite(choice_precision):
        return choice.choice_chances(utility, choice_precision)
    sure = np.zeros_like(utility)
    sure[utility.argmax()] = 1.0
    return sure


def _peers(setup: Setup, place: int, profile: Array) -> tuple[Peer, ...]:
    weights = setup.peer_weights[place]
    return tuple(
        Peer(
            code=setup.codes[j],
            name=setup.states[j].name,
            weight=float(weights[j]),
            stance=setup.menu.names[profile[j]],
        )
        for j in np.argsort(-weights, kind="stable")
        if weights[j] > 0.0
    )
