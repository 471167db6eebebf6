"""Utilities and payoffs of states in fixed circumstances, compiled.

Every formula is taken from sim.theory, in the order in which sim.model.agent and sim.model.perception use them, so the
numbers equal those of the agents to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.model.setup import Setup
from sim.theory import choice, deterrence, proposal
from sim.theory.choice import BATTLEFIELD, CLARITY, MANDATE, US_BACKING
from sim.theory.considerations import DRIVERS
from sim.theory.jit_cache import njit

type Array = np.ndarray


class Rules(NamedTuple):
    """The parts of a setup that are the same for all replicates, as plain arrays and numbers."""

    pulls: Array  # [states, options, drivers]
    offers: Array  # [states, options] soldiers
    economy: Array  # [states]
    peer_weights: Array  # [states, states]
    has_peers: Array  # [states]
    rungs: Array  # [options]
    multipliers: Array  # [options]
    punishes: Array  # [options]
    peer_norms: Array  # [options]
    same_option: bool  # whether only peers at the same option count for it
    spread: float
    floor: float
    host_soldiers: float
    opponent_soldiers: float
    us_soldiers: float
    decisiveness: float
    punishment: float
    economic_reach: float


class Circumstances(NamedTuple):
    """The fixed circumstances of one replicate."""

    environment: Array  # [quantities]
    asks: Array  # [options] soldiers
    scaled_taste: Array  # [states, options] taste shock / choice precision


class PayoffWorkspace(NamedTuple):
    """Working arrays for the evaluation of a profile; one set per thread."""

    forces: Array  # [options] soldiers
    economies: Array  # [options]
    beliefs: Array  # [options]
    of_all: Array  # [3] deterrence, its slope, and the mass in host soldiers
    peers: Array  # [options]
    present: Array  # [options, drivers]
    utility: Array  # [options] of the last state: utility plus scaled taste shock


def rules_of(setup: Setup) -> Rules:
    """Return the rules of a setup."""
    scenario, menu = setup.scenario, setup.menu
    return Rules(
        pulls=setup.pulls,
        offers=setup.offers,
        economy=setup.economy,
        peer_weights=setup.peer_weights,
        has_peers=setup.has_peers,
        rungs=menu.rungs,
        multipliers=menu.multipliers,
        punishes=menu.punishes,
        peer_norms=menu.peer_norms,
        same_option=scenario.momentum.counts == "same_option",
        spread=float(scenario.belief.spread),
        floor=float(scenario.belief.floor),
        host_soldiers=float(scenario.deterrence.host_soldiers),
        opponent_soldiers=float(scenario.deterrence.opponent_soldiers),
        us_soldiers=float(scenario.deterrence.us_soldiers),
        decisiveness=float(scenario.deterrence.decisiveness),
        punishment=float(scenario.deterrence.punishment),
        economic_reach=float(scenario.deterrence.economic_reach),
    )


def payoff_workspace(rules: Rules) -> PayoffWorkspace:
    """Return a workspace for these rules."""
    options = rules.rungs.size
    return PayoffWorkspace(
        forces=np.zeros(options),
        economies=np.zeros(options),
        beliefs=np.zeros(options),
        of_all=np.zeros(3),
        peers=np.zeros(options),
        present=np.zeros((options, len(DRIVERS))),
        utility=np.zeros(options),
    )


@njit(cache=True, nogil=True)
def add_up(rules: Rules, case: Circumstances, profile: Array, workspace: PayoffWorkspace) -> None:
    """Write forces, beliefs and deterrence of a profile [states] to the workspace; as perceive_world."""
    proposal.declared_forces(profile, rules.offers, workspace.forces)
    proposal.added_up(profile, rules.economy, workspace.economies)
    environment = case.environment
    mass = deterrence.strength(
        environment[BATTLEFIELD],
        rules.host_soldiers,
        workspace.forces,
        rules.multipliers,
        choice.effective_backing(environment[US_BACKING], environment[CLARITY]),
        rules.us_soldiers,
    )
    denied = deterrence.denial(mass, rules.opponent_soldiers, rules.decisiveness)
    behind = proposal.weight_behind(workspace.economies, rules.punishes)
    punished = deterrence.punishment(behind, rules.economic_reach)
    for k in range(rules.rungs.size):
        workspace.beliefs[k] = choice.belief(workspace.forces[k], case.asks[k], rules.spread, rules.floor)
    workspace.of_all[0] = deterrence.deterrence(denied, punished, rules.punishment)
    workspace.of_all[1] = deterrence.deterrence_slope(mass, denied, punished, rules.punishment, rules.decisiveness)
    workspace.of_all[2] = mass


@njit(cache=True, nogil=True)
def perceive(rules: Rules, case: Circumstances, profile: Array, workspace: PayoffWorkspace, i: int) -> None:
    """Write the drivers of a state in the current profile to the workspace; as StateAgent.perceive."""
    choice.peers_at(rules.peer_weights[i], profile, rules.rungs, rules.same_option, workspace.peers)
    choice.common_drivers(case.environment, workspace.present)
    choice.state_drivers(
        workspace.forces,
        workspace.beliefs,
        case.asks,
        rules.offers[i],
        profile[i],
        workspace.peers,
        rules.peer_norms,
        1.0 - case.environment[MANDATE] if rules.has_peers[i] else 0.0,
        rules.rungs,
        rules.multipliers,
        choice.threat(case.environment),
        workspace.of_all[0],
        workspace.of_all[1],
        rules.spread,
        rules.floor,
        workspace.present,
    )


@njit(cache=True, nogil=True)
def weigh(rules: Rules, case: Circumstances, profile: Array, workspace: PayoffWorkspace, i: int) -> None:
    """Write the utility of each option for a state in the current profile to the workspace."""
    perceive(rules, case, profile, workspace, i)
    choice.values(rules.pulls[i], workspace.present, workspace.utility)
    for k in range(rules.rungs.size):
        workspace.utility[k] = workspace.utility[k] + case.scaled_taste[i, k]


@njit(cache=True, nogil=True)
def best_of(utility: Array, held: int) -> int:
    """Return the option of the largest utility [options]; the current stance if no other is better."""
    best = held
    for k in range(utility.size):
        if utility[k] > utility[best]:
            best = k
    return best


@njit(cache=True, nogil=True)
def payoff_to(
    rules: Rules, case: Circumstances, held: Array, profile: Array, workspace: PayoffWorkspace, i: int
) -> float:
    """Return the payoff of a state in a profile: the utility of its option there, evaluated from its current stance.

    held and profile are [states]; profile is unchanged. The others have their stances of the profile, the state itself
    that of held, so deterrence and consistency are those that it evaluates when it decides.
    """
    option = profile[i]
    profile[i] = held[i]
    add_up(rules, case, profile, workspace)
    weigh(rules, case, profile, workspace, i)
    profile[i] = option
    return float(workspace.utility[option])


@njit(cache=True, nogil=True)
def payoffs(
    rules: Rules, case: Circumstances, held: Array, profile: Array, workspace: PayoffWorkspace, found: Array
) -> None:
    """Write the payoff of every state in a profile [states] into found [states]; see payoff_to."""
    for i in range(profile.size):
        found[i] = payoff_to(rules, case, held, profile, workspace, i)
