"""What one scenario fixes for every replicate, as the plain arrays and numbers that the kernel plays on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.model.setup import Setup
from sim.scenario.process import LogitAR1
from sim.theory import ceasefire
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray

SIMULTANEOUS, LEADS_FIRST, SEQUENCE = range(3)


class Game(NamedTuple):
    """A Setup without its words; units as in the scenario."""

    rounds: int
    grouping: int  # SIMULTANEOUS, LEADS_FIRST, or SEQUENCE: one after the other
    sharpness: float
    rungs: Array  # [options]
    asks: Array  # [options] soldiers at the start
    multipliers: Array  # [options]
    punishes: Array  # [options]
    provokes: Array  # [options]
    peer_norms: Array  # [options]
    stands_for: Array  # [options, options] 1 if a peer at the first counts for the second
    pulls: Array  # [states, options, drivers]
    offers: Array  # [states, options] soldiers
    looks_to: Array  # [states, states] how much each column looks to each row
    has_peers: Array  # [states]
    economy: Array  # [states]
    leads: Array  # [states]
    opening: Array  # [states]
    headline: int
    fixed_paths: Array  # [rounds, quantities]
    wandering: Array  # [wandering quantities] their places
    belief_spread: float
    belief_floor: float
    russian_reaction: float
    us_response: float
    solid_offer: float
    condition_backing: float
    condition_sincerity: float
    condition_clarity: float
    redimensions: bool
    patience: int
    cut: float
    floor: float
    rise: float
    clarity_cost: float
    planning: float
    host_soldiers: float
    opponent_soldiers: float
    us_soldiers: float
    decisiveness: float
    punishment: float
    economic_reach: float
    phase: int
    truce_hazard: float
    deal_hazard: float
    breakdown_hazard: float
    opposition_slows: float
    troops_slow: float
    sincere_chance: float
    violations_sincere: float  # a round
    violations_insincere: float  # a round
    weeks: float  # in a round


_GROUPINGS = {
    "simultaneous": SIMULTANEOUS,
    "leads_first": LEADS_FIRST,
    "random_sequence": SEQUENCE,
    "one_at_a_time": SEQUENCE,
}


def game_of(setup: Setup) -> Game:
    """Return what the kernel needs of a setup."""
    scenario, menu = setup.scenario, setup.menu
    rungs = menu.rungs
    places = np.arange(rungs.size)
    same_option = scenario.momentum.counts == "same_option"
    wanders = [isinstance(getattr(scenario.environment, quantity), LogitAR1) for quantity in ENVIRONMENT]
    conditions, rules = scenario.conditions, scenario.proposal
    settings, peace = scenario.deterrence, scenario.ceasefire
    return Game(
        rounds=scenario.rounds,
        grouping=_GROUPINGS[scenario.activation],
        sharpness=float(scenario.sharpness),
        rungs=rungs,
        asks=menu.asks,
        multipliers=menu.multipliers,
        punishes=menu.punishes,
        provokes=menu.provokes,
        peer_norms=menu.peer_norms,
        stands_for=(places[:, None] == places if same_option else rungs[:, None] >= rungs).astype(float),
        pulls=setup.pulls,
        offers=setup.offers,
        looks_to=np.ascontiguousarray(setup.peer_weights.T),
        has_peers=setup.has_peers,
        economy=setup.economy,
        leads=setup.leads,
        opening=setup.opening,
        headline=setup.headline,
        fixed_paths=setup.fixed_paths,
        wandering=np.flatnonzero(wanders),
        belief_spread=float(scenario.belief.spread),
        belief_floor=float(scenario.belief.floor),
        russian_reaction=float(scenario.couplings.russian_reaction),
        us_response=float(scenario.couplings.us_response),
        solid_offer=float(scenario.couplings.solid_offer),
        condition_backing=float(conditions.us_backing),
        condition_sincerity=float(conditions.sincerity),
        condition_clarity=float(conditions.clarity),
        redimensions=bool(rules.redimensions and setup.leads.any()),
        patience=rules.patience,
        cut=float(rules.cut),
        floor=float(rules.floor),
        rise=float(rules.rise),
        clarity_cost=float(rules.clarity_cost),
        planning=float(rules.planning),
        host_soldiers=float(settings.host_soldiers),
        opponent_soldiers=float(settings.opponent_soldiers),
        us_soldiers=float(settings.us_soldiers),
        decisiveness=float(settings.decisiveness),
        punishment=float(settings.punishment),
        economic_reach=float(settings.economic_reach),
        phase=ceasefire.PHASES.index(peace.phase),
        truce_hazard=float(peace.truce_hazard),
        deal_hazard=float(peace.deal_hazard),
        breakdown_hazard=float(peace.breakdown_hazard),
        opposition_slows=float(peace.opposition_slows),
        troops_slow=float(peace.troops_slow),
        sincere_chance=float(peace.sincere_chance),
        violations_sincere=peace.violations_sincere * setup.weeks,
        violations_insincere=peace.violations_insincere * setup.weeks,
        weeks=setup.weeks,
    )
