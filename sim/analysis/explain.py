"""Explain the stance of a state: the contribution of each consideration to the utility of each option."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.requested_state import requested_state
from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.coalition import CoalitionModel
from sim.model.perception import Outlook, perceive_world, suppose_conditions
from sim.model.setup import Setup, prepare
from sim.result import Result
from sim.results.run import Run
from sim.scenario import Scenario, digest
from sim.text.encode import jsonable
from sim.text.words import (
    PHASE_CLAIMS,
    capitalised,
    consideration_name,
    date_text,
    listed,
    promise,
    quantity_name,
    state_name,
)
from sim.theory import choice
from sim.theory.ceasefire import PHASES
from sim.theory.choice import FREE

type Array = np.ndarray

_ABSTAIN = 0  # its index on every menu
_STEP = 5  # thousandths of US backing


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A state that another one observes, and its declared stance."""

    code: str
    name: str
    weight: float
    stance: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Explanation(Result):
    """How one state values every option at one moment; its taste shocks, which are random, are left out.

    Attributes
    ----------
    terms : array [options, considerations]
        The contribution of each consideration to the utility of each option.
    utilities : array [options]
        The utility of each option: the sum of its terms. Abstaining has utility 0.
    probabilities : array [options]
        The choice probabilities of a state with these utilities, over taste shocks.
    utilities_if_met, probabilities_if_met : array [options]
        The same with the conditions of the proposal met, and the conditional stances of all states.
    offers, asks : array [options]
        The soldiers that the state would bring, and the number asked for at this moment.
    enough_backing : float or None
        The least US backing, to a thousandth, at which the deepest option has the highest utility, all else equal.

    Examples
    --------
    >>> import sim
    >>> result = sim.explain("paris-march-2025", "POL")
    >>> result.headline
    'Poland would rather abstain than join the backstop: momentum among peers and public opinion weigh most'
    """

    scenario: Scenario
    code: str
    name: str
    round: int  # 0: at the start, when all states abstain that are not forced
    date: datetime.date
    seed: int | None  # None at the start, when nothing has been drawn yet
    replicate: int | None
    is_conditional: bool  # whether the conditions of the proposal are supposed to be met
    environment: Mapping[str, float]  # in the order of theory.choice.ENVIRONMENT
    phase: str  # of theory.ceasefire.PHASES
    declared: str  # the stance that it has declared
    forced: tuple[str, ...]  # codes of the states that the scenario forces to declare their stance
    options: tuple[str, ...]  # as on the menu, abstaining first
    considerations: tuple[str, ...]
    terms: Array
    utilities: Array
    probabilities: Array
    utilities_if_met: Array
    probabilities_if_met: Array
    offers: Array
    asks: Array
    peers: tuple[Peer, ...]  # by weight, the largest first
    enough_backing: float | None  # see _enough_backing

    @property
    def is_forced(self) -> bool:
        """Whether the scenario forces the state to declare its stance."""
        return self.code in self.forced

    @property
    def deepest(self) -> str:
        """The option of the highest rung."""
        return self.options[-1]

    @property
    def best(self) -> str:
        """The option with the highest utility; of equal ones the first on the menu."""
        return self.options[int(self.utilities.argmax())]

    @property
    def stance(self) -> str:
        """The stance that is explained: the best option at the start, later the stance that the state has declared."""
        return self.best if self.round == 0 and not self.is_forced else self.declared

    @property
    def alternative(self) -> str:
        """The option with the highest utility except the stance."""
        return self.best_except(self.stance)

    @property
    def file_name(self) -> str:
        """A name for files: scenario, state, round, seed, replicate and digest."""
        parts = [self.scenario.name, self.code]
        if self.seed is not None:
            parts += [f"round{self.round}", f"seed{self.seed}"]
        parts += [f"replicate{self.replicate}"] if self.replicate else []
        parts += ["conditional"] if self.is_conditional else []
        return "-".join([*parts, digest(self.scenario)[:8]])

    @property
    def headline(self) -> str:
        """A sentence: the stance, the alternative, and the considerations that weigh most."""
        stance, alternative = (promise(option, self.scenario) for option in (self.stance, self.alternative))
        name = capitalised(state_name(self.code, self.scenario))
        met = " if the conditions were met" if self.is_conditional else ""
        differences = self.differences(self.stance, self.alternative)
        in_favour = [each for each, difference in differences.items() if difference > 0.0]
        against = [each for each, difference in differences.items() if difference < 0.0]
        if self.utility(self.stance) < self.utility(self.alternative):
            return (
                f"{name} would {stance}{met}, although it has more reason to {alternative}: {self._weigh_most(against)}"
            )
        if not in_favour:
            return f"{name} is indifferent{met}: it would as soon {stance} as {alternative}"
        return f"{name} would rather {stance} than {alternative}{met}: {self._weigh_most(in_favour)}"

    @property
    def moment(self) -> str:
        """The moment that is explained, in words."""
        if self.seed is None:
            others = f" except {listed(self.forced)}" if self.forced else ""
            return f"at the start, {date_text(self.date)}, when all states{others} abstain"
        return f"after round {self.round}, {date_text(self.date)}, in replicate {self.replicate} of seed {self.seed}"

    @property
    def situation(self) -> str:
        """The environment and the phase of the ceasefire at this moment, in words."""
        quantities = [
            f"{quantity_name(name, self.scenario).removeprefix('the ')} {value:.2f}"
            for name, value in self.environment.items()
            if name != "russian_opposition" or self.scenario.opponent is not None
        ]
        met = ", with the conditions of the proposal met" if self.is_conditional else ""
        return f"{', '.join(quantities)}{met}; {PHASE_CLAIMS[PHASES.index(self.phase)]}"

    def best_except(self, option: str) -> str:
        """Return the option with the highest utility that is not this one."""
        others = self.utilities.copy()
        others[self.options.index(option)] = -np.inf
        return self.options[int(others.argmax())]

    def utility(self, option: str) -> float:
        """Return the utility of an option."""
        return float(self.utilities[self.options.index(option)])

    def differences(self, option: str, other: str) -> dict[str, float]:
        """Return by how much each consideration favours one option over the other, the largest difference first."""
        first, second = self.options.index(option), self.options.index(other)
        return by_size(self.considerations, self.terms[first] - self.terms[second])

    def to_frame(self) -> pd.DataFrame:
        """Return the terms: one row per option and one column per consideration."""
        index = pd.Index(self.options, name="option")
        return pd.DataFrame(self.terms, index=index, columns=pd.Index(self.considerations, name="consideration"))

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values, the same that `willing explain` prints with `--json`."""

        def by_option(values: Array) -> dict[str, float]:
            return dict(zip(self.options, values.tolist(), strict=True))

        terms = self.to_frame().to_dict("index")
        answer = {
            "state": self.code,
            "name": self.name,
            "scenario": self.scenario.name,
            "digest": digest(self.scenario),
            "round": self.round,
            "date": self.date,
            "seed": self.seed,
            "replicate": self.replicate,
            "conditional": self.is_conditional,
            "environment": {**self.environment, "phase": self.phase},
            "stance": self.declared,
            "forced": self.is_forced,
            "options": {
                option: {"value": value, "considerations": terms[option]}
                for option, value in by_option(self.utilities).items()
            },
            "chances": by_option(self.probabilities),
            "if_conditions_were_met": {
                "values": by_option(self.utilities_if_met),
                "chances": by_option(self.probabilities_if_met),
            },
            "asks": by_option(self.asks),
            "offers": by_option(self.offers),
            "enough_backing": self.enough_backing,
            "peers": [
                {"state": peer.code, "name": peer.name, "weight": peer.weight, "stance": peer.stance}
                for peer in self.peers
            ],
        }
        return dict(jsonable(answer))

    def _weigh_most(self, considerations: Sequence[str]) -> str:
        names = [consideration_name(each, self.scenario) for each in considerations[:2]]
        return f"{listed(names)} weigh{'s' if len(names) == 1 else ''} most"


def by_size(considerations: tuple[str, ...], amounts: Array) -> dict[str, float]:
    """Return the amounts [considerations] by name, sorted by size, the largest first."""
    order = np.argsort(-np.abs(amounts), kind="stable")
    return {considerations[c]: float(amounts[c]) for c in order}


def explain(
    case: Scenario | Run,
    state: str,
    *,
    round: int | None = None,
    seed: int | None = None,
    replicate: int | None = None,
    conditional: bool = False,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Explanation:
    """Explain the stance of a state in a scenario or in a run; see `sim.api.explain` for the parameters."""
    if isinstance(case, Run):
        _check_in_run(case, seed, replicate)
        round, seed = case.scenario.rounds if round is None else round, case.manifest.seed
    setup = case.setup if isinstance(case, Run) else prepare(case)
    if round is None:
        if seed is not None or replicate is not None:
            raise ModelError("seed and replicate apply to a round; at the start nothing has been drawn yet")
        return explain_start(setup, state, conditional=conditional)
    rounds, done = round, 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        on_progress(done, rounds)

    return explain_round(
        setup,
        state,
        round=round,
        seed=seed or 0,
        replicate=replicate or 0,
        conditional=conditional,
        on_progress=advance,
    )


def _check_in_run(run: Run, seed: int | None, replicate: int | None) -> None:
    """Raise ModelError unless the standard agents with the scenario's weights reproduce this replicate of the run."""
    manifest = run.manifest
    if seed not in (None, manifest.seed):
        raise ModelError(f"the run has seed {manifest.seed}, not {seed}; explain its scenario for another seed")
    if replicate is not None and not 0 <= replicate < manifest.replicates:
        raise ModelError(f"no replicate {replicate} in the run; it has replicates 0 to {manifest.replicates - 1:,}")
    if manifest.posterior is not None:
        raise ModelError("weights were drawn in the run, so the weights of its scenario do not explain it")
    if manifest.engine not in ("agents", "ensemble"):
        raise ModelError(f"the run was simulated by {manifest.engine}, so the standard agents do not explain it")


def explain_start(setup: Setup, code: str, *, conditional: bool = False) -> Explanation:
    """Explain a state at the start, when all states abstain that are not forced.

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
    """Explain a state after this many rounds of a replicate.

    conditional: its conditional stance, with the conditions of the proposal met. on_progress is called with the number
    of rounds just played. ModelError for a state that is not on the roster, or a round never played.
    """
    code = requested_state(setup, code)  # before rounds are simulated
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
    """Explain a state of a model as it is now; the model does not change.

    The result equals that of explain_start before the first round, and that of explain_round later. After
    CoalitionModel.change, utilities are those of the new setup at once, but the environment and the stances are those
    of the last round until the next step. ModelError for a state that is not on the roster.
    """
    setup = model.setup
    index = setup.codes.index(requested_state(setup, code))
    if model.round > 0:
        return _explained(model, index, model.outlook, model.supposed, seed=model.seed, conditional=conditional)
    opens = np.where(setup.forced[0] == FREE, _ABSTAIN, setup.forced[0])
    now = perceive_world(setup, model.environment, opens, model.asks)
    supposed = perceive_world(setup, suppose_conditions(setup, model.environment), opens, model.asks)
    return _explained(model, index, now, supposed, seed=None, conditional=conditional)


def _explained(
    model: CoalitionModel, index: int, now: Outlook, supposed: Outlook, *, seed: int | None, conditional: bool
) -> Explanation:
    setup, state = model.setup, model.states[index]
    outlook = supposed if conditional else now
    stance = int(outlook.profile[index])
    utilities = state.weigh(state.perceive(outlook, stance))
    if_met = state.weigh(state.perceive(supposed, int(supposed.profile[index])))
    choice_precision = setup.scenario.sharpness
    names = setup.menu.names
    return Explanation(
        scenario=setup.scenario,
        code=state.code,
        name=state.name,
        round=model.round,
        date=model.date,
        seed=seed,
        replicate=None if seed is None else model.replicate,
        is_conditional=conditional,
        environment=dict(zip(choice.ENVIRONMENT, outlook.environment.tolist(), strict=True)),
        phase=PHASES[model.phase],
        declared=names[stance],
        forced=tuple(setup.codes[i] for i in np.flatnonzero(setup.forced[max(model.round, 1) - 1] != FREE)),
        options=names,
        considerations=setup.considerations,
        terms=state.terms(outlook, stance) + 0.0,  # no -0.0 where a driver is negative and nothing is at stake
        utilities=utilities,
        probabilities=_probabilities(utilities, choice_precision),
        utilities_if_met=if_met,
        probabilities_if_met=_probabilities(if_met, choice_precision),
        offers=setup.offers[index],
        asks=outlook.asks,
        peers=_peers(setup, index, outlook.profile),
        enough_backing=_enough_backing(setup, state, outlook, stance),
    )


def _enough_backing(setup: Setup, state: StateAgent, outlook: Outlook, stance: int) -> float | None:
    """Return the least US backing, to a thousandth, at which the deepest option has the highest utility.

    The stances, the asks and the rest of the environment stay as they are; the effect of backing on deterrence counts.
    With still more backing the option need not stay the best, since backing also deters without the state's own
    soldiers. None if the option is never the best at any backing from 0 to 1 in steps of 0.005; a range narrower than
    that may be missed.
    """

    def is_best(thousandths: int) -> bool:
        environment = outlook.environment.copy()
        environment[choice.US_BACKING] = thousandths / 1000.0
        new_outlook = perceive_world(setup, environment, outlook.profile, outlook.asks)
        return int(state.weigh(state.perceive(new_outlook, stance)).argmax()) == len(setup.menu.names) - 1

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


def _probabilities(utilities: Array, choice_precision: float) -> Array:
    """Return the choice probabilities; with infinite precision the best option is certain."""
    if math.isfinite(choice_precision):
        return choice.choice_chances(utilities, choice_precision)
    certain = np.zeros_like(utilities)
    certain[utilities.argmax()] = 1.0
    return certain


def _peers(setup: Setup, index: int, profile: Array) -> tuple[Peer, ...]:
    weights = setup.peer_weights[index]
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
