"""Setups as the plain arrays that the kernel uses.

Every array that may differ between the points of a sweep has points as its last axis, so that the numbers of all points
are adjacent in memory. A single scenario is a single point.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.model.setup import Setup
from sim.model.simulate import stability_window
from sim.theory import ceasefire
from sim.theory.choice import FREE

type Array = np.ndarray

SIMULTANEOUS, LEADS_FIRST, SEQUENCE = range(3)

# fmt: off
(
    SHARPNESS, BELIEF_SPREAD, BELIEF_FLOOR, RUSSIAN_REACTION, US_RESPONSE, SOLID_OFFER,
    CONDITION_BACKING, CONDITION_SINCERITY, CONDITION_CLARITY,
    PATIENCE, CUT, FLOOR, RISE, CLARITY_COST, PLANNING,
    HOST_SOLDIERS, OPPONENT_SOLDIERS, US_SOLDIERS, DECISIVENESS, PUNISHMENT, ECONOMIC_REACH,
    TRUCE_HAZARD, DEAL_HAZARD, BREAKDOWN_HAZARD, OPPOSITION_SLOWS, TROOPS_SLOW, SINCERE_CHANCE,
    VIOLATIONS_SINCERE, VIOLATIONS_INSINCERE, WEEKS,
) = range(30)
# fmt: on


class Game(NamedTuple):
    """Setups as arrays, one per point; units as in the scenario."""

    rounds: int
    grouping: int  # SIMULTANEOUS, LEADS_FIRST, or SEQUENCE: one after the other
    is_lead: Array  # [states] where leads go first, in which case they are the same at all points
    rules: Array  # [rules, points] the settings that are single numbers; violations a round, WEEKS in a round
    redimensions: Array  # [points]
    phase: Array  # [points]
    headline: Array  # [points]
    stability_window: Array  # [points] in rounds
    asked: Array  # [options] whether there is an ask at any point
    rungs: Array  # [options, points]
    asks: Array  # [options, points] soldiers at the start
    multipliers: Array  # [options, points]
    punishes: Array  # [options, points]
    provokes: Array  # [options, points]
    peer_norms: Array  # [options, points]
    stands_for: Array  # [options, options, points] 1 if a peer at the first counts for the second
    pulls: Array  # [states, options, drivers, points]
    offers: Array  # [states, options, points] soldiers
    has_peers: Array  # [states, points] 1 or 0
    economy: Array  # [states, points]
    opening: Array  # [states, points]
    opening_forces: Array  # [options, points] forces at the opening
    opening_economies: Array  # [options, points]
    opening_states: Array  # [options, points]
    opening_peers: Array  # [points, options, states] share of each state's peers that counts for an option
    forced: Array  # [rounds, states, points] option that a state is forced to declare, FREE: none; empty if no state is
    fixed_paths: Array  # [rounds, quantities, points]
    circle: Array  # [points] index of the circle of peers
    looks_to: Array  # [circles, states, states] weight of the first among the last one's peers


_GROUPINGS = {
    "simultaneous": SIMULTANEOUS,
    "leads_first": LEADS_FIRST,
    "random_sequence": SEQUENCE,
    "one_at_a_time": SEQUENCE,
}


def game_of(setups: Sequence[Setup]) -> Game:
    """Return the arrays of setups that share their random draws (see draws.key_of)."""
    scenarios, menus = [setup.scenario for setup in setups], [setup.menu for setup in setups]
    circles = {id(setup.peer_weights): setup.peer_weights for setup in setups}
    asks = _side_by_side(menu.asks for menu in menus)
    some_forced = any((setup.forced != FREE).any() for setup in setups)
    return Game(
        rounds=scenarios[0].rounds,
        grouping=_GROUPINGS[scenarios[0].activation],
        is_lead=setups[0].leads > 0.0,
        rules=_side_by_side(map(_rules, setups)),
        redimensions=np.array([setup.scenario.proposal.redimensions and setup.leads.any() for setup in setups]),
        phase=np.array([ceasefire.PHASES.index(scenario.ceasefire.phase) for scenario in scenarios]),
        headline=np.array([setup.headline for setup in setups]),
        stability_window=np.array([stability_window(setup) for setup in setups]),
        asked=(asks > 0.0).any(axis=1),
        rungs=_side_by_side(menu.rungs.astype(float) for menu in menus),
        asks=asks,
        multipliers=_side_by_side(menu.multipliers for menu in menus),
        punishes=_side_by_side(menu.punishes for menu in menus),
        provokes=_side_by_side(menu.provokes for menu in menus),
        peer_norms=_side_by_side(menu.peer_norms for menu in menus),
        stands_for=_side_by_side(map(_stands_for, setups)),
        pulls=_side_by_side(setup.pulls for setup in setups),
        offers=_side_by_side(setup.offers for setup in setups),
        has_peers=_side_by_side(setup.has_peers.astype(float) for setup in setups),
        economy=_side_by_side(setup.economy for setup in setups),
        opening=_side_by_side(setup.opening for setup in setups),
        opening_forces=_side_by_side(_by_stance(setup, _offered(setup)) for setup in setups),
        opening_economies=_side_by_side(_by_stance(setup, setup.economy) for setup in setups),
        opening_states=_side_by_side(_by_stance(setup, np.ones(len(setup.codes))) for setup in setups),
        opening_peers=np.stack([_stands_for(setup)[setup.opening].T @ setup.peer_weights.T for setup in setups]),
        forced=_side_by_side(setup.forced[: setup.scenario.rounds if some_forced else 0] for setup in setups),
        fixed_paths=_side_by_side(setup.fixed_paths for setup in setups),
        circle=np.array([list(circles).index(id(setup.peer_weights)) for setup in setups]),
        looks_to=np.stack([weights.T for weights in circles.values()]).copy(),
    )


def _side_by_side(arrays: Iterable[Array]) -> Array:
    return np.ascontiguousarray(np.stack(list(arrays), axis=-1))


def _stands_for(setup: Setup) -> Array:
    rungs, places = setup.menu.rungs, np.arange(setup.menu.rungs.size)
    same_option = setup.scenario.momentum.counts == "same_option"
    return (places[:, None] == places if same_option else rungs[:, None] >= rungs).astype(float)


def _offered(setup: Setup) -> Array:
    return np.take_along_axis(setup.offers, setup.opening[:, None], axis=1)[:, 0]


def _by_stance(setup: Setup, sizes: Array) -> Array:
    """Return the sum of sizes [states] at each option at the opening; exact in any order, as all such sums are."""
    return np.bincount(setup.opening, weights=sizes, minlength=len(setup.menu.names))


def _rules(setup: Setup) -> Array:
    scenario = setup.scenario
    couplings, conditions, proposal = scenario.couplings, scenario.conditions, scenario.proposal
    settings, peace = scenario.deterrence, scenario.ceasefire
    rules = {
        SHARPNESS: scenario.sharpness,
        BELIEF_SPREAD: scenario.belief.spread,
        BELIEF_FLOOR: scenario.belief.floor,
        RUSSIAN_REACTION: couplings.russian_reaction,
        US_RESPONSE: couplings.us_response,
        SOLID_OFFER: couplings.solid_offer,
        CONDITION_BACKING: conditions.us_backing,
        CONDITION_SINCERITY: conditions.sincerity,
        CONDITION_CLARITY: conditions.clarity,
        PATIENCE: proposal.patience,
        CUT: proposal.cut,
        FLOOR: proposal.floor,
        RISE: proposal.rise,
        CLARITY_COST: proposal.clarity_cost,
        PLANNING: proposal.planning,
        HOST_SOLDIERS: settings.host_soldiers,
        OPPONENT_SOLDIERS: settings.opponent_soldiers,
        US_SOLDIERS: settings.us_soldiers,
        DECISIVENESS: settings.decisiveness,
        PUNISHMENT: settings.punishment,
        ECONOMIC_REACH: settings.economic_reach,
        TRUCE_HAZARD: peace.truce_hazard,
        DEAL_HAZARD: peace.deal_hazard,
        BREAKDOWN_HAZARD: peace.breakdown_hazard,
        OPPOSITION_SLOWS: peace.opposition_slows,
        TROOPS_SLOW: peace.troops_slow,
        SINCERE_CHANCE: peace.sincere_chance,
        VIOLATIONS_SINCERE: peace.violations_sincere * setup.weeks,
        VIOLATIONS_INSINCERE: peace.violations_insincere * setup.weeks,
        WEEKS: setup.weeks,
    }
    return np.array([float(rules[number]) for number in range(len(rules))])
