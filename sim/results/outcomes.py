"""The outcomes of a run: each is declared once, with its name, its texts, its unit, its type and its function.

The tables of runs and sweeps, their summaries, targets and conditions, `willing list outcomes`, titles and axes of
figures read from here. An outcome of your own is one more entry of OUTCOMES. The rules of the theory are imported when
an outcome is measured, since they are compiled and numba takes a second to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.scenario.field_types import as_label
from sim.scenario.schema import QUANTITIES

if TYPE_CHECKING:
    from sim.model.setup import Setup
    from sim.model.simulate import EndStates, Trajectories

type Array = np.ndarray
type Seen = Trajectories | EndStates
type Measure = Callable[[Setup, Any], Array]  # of EndStates; of Trajectories too if it is measured in every round

SHARE_UNIT = "0 or 1"  # of an outcome that is true or not in each replicate
OF_STATES = ("stance", "conditional", "joins")  # outcomes of one state, such as stance.DEU
FIRST = ("viable", "viable_now")  # at the head of every list of outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome of a replicate.

    `label` and `phrase` may hold {option}, {promise} (what a state that holds the option would do) and {state}.
    """

    name: str  # of its column
    label: str  # at an axis and in tables
    phrase: str  # within a sentence
    about: str  # what it measures
    unit: str
    measure: Measure
    dtype: type[np.generic] = np.float64
    axis_unit: str = ""  # at an axis, if not the unit
    is_plural: bool = False  # whether a verb after the phrase is in the plural
    is_option: bool = False  # an option, measured as its index on the menu
    in_rounds: bool = False  # measured in every round too
    option: str = ""  # that it counts
    state: str = ""  # that it is about

    @property
    def is_share(self) -> bool:
        """Whether it is true or not in each replicate, so that its mean is a share of replicates."""
        return self.unit == SHARE_UNIT

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which its values always lie, if anything bounds them."""
        return (0.0, 1.0) if self.is_share or self.unit == "share" or self.unit.endswith("0 to 1") else None


def _viable(setup: Setup, seen: Seen) -> Array:
    headline, ask = setup.headline, setup.menu.asks[setup.headline]
    return _viability(setup, seen, np.full_like(seen.headline, headline), np.full_like(seen.asks, ask))


def _viable_now(setup: Setup, seen: Seen) -> Array:
    return _viability(setup, seen, seen.headline, seen.asks)


def _viability(setup: Setup, seen: Seen, headline: Array, asks: Array) -> Array:
    from sim.theory import proposal

    shape = (-1, 1) if headline.ndim == 1 else headline.shape
    stances = seen.stances.reshape(*shape, seen.stances.shape[-1])
    viable = proposal.viability(stances, headline.reshape(shape), asks.reshape(shape), setup.offers, setup.leads)
    return viable.reshape(headline.shape)


def _peace_holds(setup: Setup, ended: EndStates) -> Array:
    from sim.theory.ceasefire import PERMANENT_CEASEFIRE

    return (ended.phase == PERMANENT_CEASEFIRE).astype(np.int8)


def _burden_gini(setup: Setup, ended: EndStates) -> Array:
    """Return the Gini coefficient of the cost of the declared offers relative to GDP, as [replicates]."""
    from sim.theory import forces

    output = np.array([(state.gdp_busd or np.nan) * 1e9 for state in setup.states])  # unknown or 0: no burden
    offered = np.take_along_axis(setup.offers[None, :, :], ended.stances[:, :, None].astype(np.int64), axis=2)[:, :, 0]
    return forces.gini(offered * setup.scenario.forces.yearly_cost / output)


def _stances_kept(setup: Setup, ended: EndStates) -> Array:
    if ended.earlier is None:
        return np.full(len(ended.stances), np.nan)
    return (ended.stances == ended.earlier).mean(axis=1)


def _quantity(index: int, setup: Setup, ended: EndStates) -> Array:
    return ended.environment[:, index]


def _of_environment() -> Iterator[Outcome]:
    for index, (quantity, name) in enumerate(QUANTITIES.items()):
        yield Outcome(
            name=quantity,
            label=f"{as_label(name)}, last round",
            phrase=f"{name} in the last round",
            about=f"{name.removeprefix('the ')} in the last round",
            unit="0 to 1",
            measure=partial(_quantity, index),
        )


# In the order of the columns of a run's table; the outcomes of each option on the menu come before "viable".
OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            name="headline",
            label="Headline",
            phrase="headline",
            about="the option that the proposal in force is about",
            unit="",
            measure=lambda setup, seen: seen.headline,
            dtype=np.int8,
            is_option=True,
            in_rounds=True,
        ),
        Outcome(
            name="headline_rung",
            label="Rung of the final headline",
            phrase="the rung of the final headline",
            about="depth of commitment of the headline in force",
            unit="rung",
            measure=lambda setup, seen: setup.menu.rungs[seen.headline].astype(np.int8),
            dtype=np.int8,
            in_rounds=True,
        ),
        Outcome(
            name="ask",
            label="Final ask",
            phrase="the final ask",
            about="soldiers asked for the headline in force",
            unit="soldiers",
            measure=lambda setup, seen: seen.asks,
            in_rounds=True,
        ),
        Outcome(
            name="redimensioned",
            label="Revisions of the proposal",
            phrase="revisions of the proposal",
            about="how often the leads revised their proposal",
            unit="times",
            measure=lambda setup, seen: seen.redimensioned,
            dtype=np.int32,
            is_plural=True,
            in_rounds=True,
        ),
        Outcome(
            name="deterrence",
            label="Deterrence",
            phrase="deterrence",
            about="degree to which the stances deter a new attack",
            unit="0 to 1",
            measure=lambda setup, seen: seen.deterrence,
            in_rounds=True,
        ),
        Outcome(
            name="viable",
            label="Viable force",
            phrase="the probability of a viable force",
            about="the initial headline reaches its initial ask, and a lead joins it",
            unit=SHARE_UNIT,
            measure=_viable,
            dtype=np.int8,
            in_rounds=True,
        ),
        Outcome(
            name="viable_now",
            label="Final headline viable",
            phrase="the probability that the final headline is viable",
            about="the headline in force reaches its current ask, and a lead joins it",
            unit=SHARE_UNIT,
            measure=_viable_now,
            dtype=np.int8,
            in_rounds=True,
        ),
        Outcome(
            name="phase",
            label="Phase of the ceasefire",
            phrase="the phase of the ceasefire",
            about="0 fighting, 1 limited truce, 2 permanent ceasefire",
            unit="phase",
            axis_unit="0 fighting, 1 truce, 2 ceasefire",
            measure=lambda setup, ended: ended.phase,
            dtype=np.int8,
        ),
        Outcome(
            name="peace_holds",
            label="Permanent ceasefire holds",
            phrase="the probability that a permanent ceasefire holds",
            about="a permanent ceasefire holds after the last round",
            unit=SHARE_UNIT,
            measure=_peace_holds,
            dtype=np.int8,
        ),
        *_of_environment(),
        Outcome(
            name="burden_gini",
            label="Inequality of the burden",
            phrase="inequality of the burden",
            about="inequality of the cost of declared offers relative to GDP",
            unit="Gini, 0 to 1",
            measure=_burden_gini,
        ),
        Outcome(
            name="rounds_to_settle",
            label="Last round with a change of stance",
            phrase="the last round with a change of stance",
            about="last round in which a state changed its stance",
            unit="rounds",
            measure=lambda setup, ended: ended.last_change,
            dtype=np.int32,
        ),
        Outcome(
            name="stances_kept",
            label="Stances kept for five months",
            phrase="the share of stances kept for five months",
            about="share of states with the same stance as five months before",
            unit="share",
            axis_unit="0 to 1",
            measure=_stances_kept,
        ),
    )
}


@cache
def _of_option(option: str, index: int) -> tuple[Outcome, ...]:
    return (
        Outcome(
            name=states_column(option),
            label="States that would {promise}",
            phrase="states that would {promise}",
            about=f"states that declare {option}",
            unit="states",
            measure=lambda setup, seen: (seen.stances == index).sum(axis=-1).astype(np.int32),
            dtype=np.int32,
            is_plural=True,
            in_rounds=True,
            option=option,
        ),
        Outcome(
            name=conditional_column(option),
            label="States that would {promise} if the conditions were met",
            phrase="states that would {promise} if the conditions were met",
            about=f"states that would declare {option} if the conditions were met",
            unit="states",
            measure=lambda setup, seen: (seen.conditional == index).sum(axis=-1).astype(np.int32),
            dtype=np.int32,
            is_plural=True,
            in_rounds=True,
            option=option,
        ),
        Outcome(
            name=personnel_column(option),
            label="Soldiers declared for {option}",
            phrase="soldiers declared for {option}",
            about=f"soldiers declared for {option}",
            unit="soldiers",
            measure=lambda setup, seen: (seen.stances == index) @ setup.offers[:, index],
            is_plural=True,
            in_rounds=True,
            option=option,
        ),
    )


@cache
def _of_state(code: str) -> tuple[Outcome, ...]:
    return (
        Outcome(
            name=f"stance.{code}",
            label="Stance of {state}",
            phrase="the stance of {state}",
            about="the option that the state declares",
            unit="",
            measure=lambda setup, ended: ended.stances[:, setup.codes.index(code)],
            dtype=np.int8,
            is_option=True,
            state=code,
        ),
        Outcome(
            name=f"conditional.{code}",
            label="Stance of {state} if the conditions were met",
            phrase="the stance of {state} if the conditions were met",
            about="the option that the state would declare if the conditions were met",
            unit="",
            measure=lambda setup, ended: ended.conditional[:, setup.codes.index(code)],
            dtype=np.int8,
            is_option=True,
            state=code,
        ),
        Outcome(
            name=f"joins.{code}",
            label="{state} joins",
            phrase="the probability that {state} joins",
            about="the state declares any option except abstaining",
            unit=SHARE_UNIT,
            measure=lambda setup, ended: (ended.stances[:, setup.codes.index(code)] != 0).astype(np.int8),
            dtype=np.int8,
            state=code,
        ),
    )


def table_outcomes(options: Sequence[str], *, in_rounds: bool = False) -> dict[str, Outcome]:
    """Return the outcomes of a run by name, in the order of the columns of its tables.

    Parameters
    ----------
    options : sequence of str
        The options as on the menu, abstaining first.
    in_rounds : bool, optional
        Only those that are measured in every round.
    """
    found: dict[str, Outcome] = {}
    for name, outcome in OUTCOMES.items():
        if name == "viable":
            found |= {each.name: each for each in _of_options(tuple(options))}
        found[name] = outcome
    return {name: outcome for name, outcome in found.items() if outcome.in_rounds or not in_rounds}


def numeric_outcomes(options: Sequence[str]) -> dict[str, Outcome]:
    """Return the outcomes of a run that are numbers by name, in the order in which they are listed.

    Parameters
    ----------
    options : sequence of str
        The options as on the menu, abstaining first.
    """
    numbers = (outcome for outcome in table_outcomes(options).values() if not outcome.is_option)
    ordered = sorted(numbers, key=lambda outcome: 0 if outcome.name in FIRST else 1 if outcome.option else 2)
    return {outcome.name: outcome for outcome in ordered}


def find_outcome(name: str, options: Sequence[str] = ()) -> Outcome | None:
    """Return the outcome of this name, such as viable, troop_states or joins.DEU; None if there is none.

    options: as on the menu, abstaining first; without them outcomes that count an option are not found.
    """
    if name in OUTCOMES:
        return OUTCOMES[name]
    kind, _, code = name.partition(".")
    if kind in OF_STATES and code and "." not in code:
        return _of_state(code)[OF_STATES.index(kind)]
    return next((outcome for outcome in _of_options(tuple(options)) if outcome.name == name), None)


def is_share(name: str) -> bool:
    """Return whether the outcome of this name is true or not in each replicate."""
    outcome = find_outcome(name)
    return outcome is not None and outcome.is_share


def is_option(name: str) -> bool:
    """Return whether the outcome of this name is an option, not a number."""
    outcome = find_outcome(name)
    return outcome is not None and outcome.is_option


def measure_outcomes(setup: Setup, ended: EndStates, names: Sequence[str] | None = None) -> dict[str, Array]:
    """Measure outcomes after the last round.

    If the scenario changes during the run, offers, leads and first asks are those of the last round.

    Parameters
    ----------
    setup : Setup
        What was simulated.
    ended : EndStates
        The state of each replicate after the last round.
    names : sequence of str, optional
        Names of outcomes, by default all columns of a run's table.

    Returns
    -------
    dict of str to ndarray
        By name an array [replicates]. Options are given as their index on the menu.

    Raises
    ------
    KeyError
        If there is no outcome of such a name.
    """
    options, last = setup.menu.names, setup.last
    if names is None:
        return {name: outcome.measure(last, ended) for name, outcome in table_outcomes(options).items()}
    found = {name: find_outcome(name, options) for name in names}
    missing = [name for name, outcome in found.items() if outcome is None]
    if missing:
        raise KeyError(missing[0])
    return {name: outcome.measure(last, ended) for name, outcome in found.items() if outcome is not None}


@cache
def _of_options(options: tuple[str, ...]) -> tuple[Outcome, ...]:
    return tuple(outcome for index, option in enumerate(options) if index > 0 for outcome in _of_option(option, index))
