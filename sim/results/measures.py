"""What is measured of a run: each outcome, computed from what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from sim.model.columns import conditional_column, personnel_column, states_column
from sim.model.setup import Setup
from sim.model.simulate import EndStates, Trajectories
from sim.theory import ceasefire, forces, proposal
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray
type Seen = Trajectories | EndStates
type Measure[What] = Callable[[Setup, What], Array]

IN_WORDS = ("headline",)  # measured as a place on the menu, told as the option's name


def measures(setup: Setup, ended: EndStates, names: Sequence[str] | None = None) -> dict[str, Array]:
    """Return the outcomes of these names, or all of a run's table, each as [replicates].

    Besides the columns of a run's table: stance.CODE and conditional.CODE, the place on the menu where a state ends,
    and joins.CODE, 1 if it declares any option but abstaining. Where the scenario changes while it is played, offers,
    leads and first asks are those of the last round. KeyError for an outcome that there is not.
    """
    known, held = _outcomes(setup.menu.names), setup.last
    return {name: (known.get(name) or _of_state(setup, name))(held, ended) for name in names or known}


@cache
def standing(options: tuple[str, ...]) -> dict[str, Measure[Seen]]:
    """Return what can be measured of every round alike; options as on the menu, abstaining first."""
    per_option: dict[str, Measure[Seen]] = {}
    for place, option in enumerate(options[1:], start=1):
        per_option[states_column(option)] = partial(_states, place)
        per_option[conditional_column(option)] = partial(_conditional, place)
        per_option[personnel_column(option)] = partial(_personnel, place)
    return {
        "headline": lambda setup, seen: seen.headline,
        "headline_rung": lambda setup, seen: setup.menu.rungs[seen.headline].astype(np.int8),
        "ask": lambda setup, seen: seen.asks,
        "redimensioned": lambda setup, seen: seen.redimensioned,
        "deterrence": lambda setup, seen: seen.deterrence,
        **per_option,
        "viable": _viable,
        "viable_now": _viable_now,
    }


@cache
def _outcomes(options: tuple[str, ...]) -> dict[str, Measure[EndStates]]:
    return {
        **standing(options),
        "phase": lambda setup, ended: ended.phase,
        "peace_holds": lambda setup, ended: (ended.phase == ceasefire.PERMANENT_CEASEFIRE).astype(np.int8),
        **{quantity: partial(_quantity, place) for place, quantity in enumerate(ENVIRONMENT)},
        "burden_gini": _burden_gini,
        "rounds_to_settle": lambda setup, ended: ended.settled,
        "stances_kept": _stances_kept,
    }


def _of_state(setup: Setup, name: str) -> Measure[EndStates]:
    kind, _, code = name.partition(".")
    return partial(_PER_STATE[kind], setup.codes.index(code))


_PER_STATE: dict[str, Callable[[int, Setup, EndStates], Array]] = {
    "stance": lambda state, setup, ended: ended.stances[:, state],
    "conditional": lambda state, setup, ended: ended.conditional[:, state],
    "joins": lambda state, setup, ended: (ended.stances[:, state] != 0).astype(np.int8),
}


def _states(place: int, setup: Setup, seen: Seen) -> Array:
    return (seen.stances == place).sum(axis=-1).astype(np.int32)


def _conditional(place: int, setup: Setup, seen: Seen) -> Array:
    return (seen.conditional == place).sum(axis=-1).astype(np.int32)


def _personnel(place: int, setup: Setup, seen: Seen) -> Array:
    return (seen.stances == place) @ setup.offers[:, place]


def _viable(setup: Setup, seen: Seen) -> Array:
    headline, ask = setup.headline, setup.menu.asks[setup.headline]
    return _viability(setup, seen, np.full_like(seen.headline, headline), np.full_like(seen.asks, ask))


def _viable_now(setup: Setup, seen: Seen) -> Array:
    return _viability(setup, seen, seen.headline, seen.asks)


def _viability(setup: Setup, seen: Seen, headline: Array, asks: Array) -> Array:
    shape = (-1, 1) if headline.ndim == 1 else headline.shape
    stances = seen.stances.reshape(*shape, seen.stances.shape[-1])
    viable = proposal.viability(stances, headline.reshape(shape), asks.reshape(shape), setup.offers, setup.leads)
    return viable.reshape(headline.shape)


def _quantity(place: int, setup: Setup, ended: EndStates) -> Array:
    return ended.environment[:, place]


def _burden_gini(setup: Setup, ended: EndStates) -> Array:
    """Return the Gini coefficient of what the declared offers cost against GDP, as [replicates]."""
    output = np.array([(state.gdp_busd or np.nan) * 1e9 for state in setup.states])  # unknown or 0: no burden to tell
    offered = np.take_along_axis(setup.offers[None, :, :], ended.stances[:, :, None].astype(np.int64), axis=2)[:, :, 0]
    return forces.gini(offered * setup.scenario.forces.yearly_cost / output)


def _stances_kept(setup: Setup, ended: EndStates) -> Array:
    """Return the share of states whose stance is that of five months before; not-a-number in a shorter run."""
    if ended.earlier is None:
        return np.full(len(ended.stances), np.nan)
    return (ended.stances == ended.earlier).mean(axis=1)
