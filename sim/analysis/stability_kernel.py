"""Stability of the final profiles of replicates, compiled: deviations of single states, and paths of best replies.

The definitions are those of sim.games.stability, with the payoffs of payoffs.payoff_to.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.analysis.payoffs import Circumstances, PayoffWorkspace, Rules, add_up, best_of, payoff_to, perceive, weigh
from sim.theory import choice
from sim.theory.jit_cache import njit

type Array = np.ndarray

IN_TURN, AT_ONCE = range(2)
CONVERGED, CYCLING, STOPPED = range(3)
ABSTAINING = 0  # its index on every menu; states that abstain are no coalition


class StabilityBuffers(NamedTuple):
    """The results for each replicate."""

    utility: Array  # [replicates, states, options] utility plus scaled taste shock in the final profile
    individual: Array  # [replicates] whether individually stable
    contractual: Array  # [replicates]
    ends: Array  # [replicates, orders] CONVERGED, CYCLING or STOPPED, if states revise IN_TURN or AT_ONCE
    turns: Array  # [replicates, orders] until no stance changes, or until the cycle begins
    length: Array  # [replicates, orders] length of the cycle in turns; 0 if there is none
    leads_to: Array  # [replicates, orders, states] the profile in which it ends, or one of the cycle
    turning: Array  # [replicates, orders, states] whether the state changes within the cycle


def buffers_for(replicates: int, states: int, options: int) -> StabilityBuffers:
    """Return empty arrays for the results of this many replicates."""
    each = replicates, 2
    return StabilityBuffers(
        utility=np.empty((replicates, states, options)),
        individual=np.empty(replicates, dtype=np.bool_),
        contractual=np.empty(replicates, dtype=np.bool_),
        ends=np.empty(each, dtype=np.int8),
        turns=np.empty(each, dtype=np.int32),
        length=np.empty(each, dtype=np.int32),
        leads_to=np.empty((*each, states), dtype=np.int64),
        turning=np.zeros((*each, states), dtype=np.bool_),
    )


@njit(cache=True, nogil=True)
def judge(
    rules: Rules,
    environment: Array,
    asks: Array,
    scaled_tastes: Array,
    profiles: Array,
    workspace: PayoffWorkspace,
    most: int,
    buffers: StabilityBuffers,
) -> None:
    """Write the results for each replicate into found; the other arrays are those of FinalProfiles.

    most: largest number of turns in which states continue to revise.
    """
    states = profiles.shape[1]
    profile = np.empty(states, dtype=np.int64)
    seen = np.empty((most + 1, states), dtype=np.int64)
    for r in range(profiles.shape[0]):
        case = Circumstances(environment[r], asks[r], scaled_tastes[r])
        current = profiles[r]
        add_up(rules, case, current, workspace)
        for i in range(states):
            weigh(rules, case, current, workspace, i)
            buffers.utility[r, i] = workspace.utility
        buffers.individual[r], buffers.contractual[r] = _consented(
            rules, case, current, workspace, buffers.utility[r], profile
        )
        for order in range(2):
            profile[:] = current
            _go_on(rules, case, profile, workspace, order, most, seen, buffers, r)


@njit(cache=True, nogil=True)
def _consented(
    rules: Rules, case: Circumstances, current: Array, workspace: PayoffWorkspace, utility: Array, profile: Array
) -> tuple[bool, bool]:
    """Return individual and contractual stability (Bogomolnaia & Jackson 2002)."""
    individual = contractual = True
    profile[:] = current
    for i in range(current.size):
        for k in range(rules.rungs.size):
            if utility[i, k] <= utility[i, current[i]]:
                continue
            profile[i] = k
            if _are_no_worse(rules, case, current, workspace, utility, profile, i, k):
                individual = False
                if contractual and _are_no_worse(rules, case, current, workspace, utility, profile, i, current[i]):
                    contractual = False
            profile[i] = current[i]
            if not contractual:
                return individual, contractual
    return individual, contractual


@njit(cache=True, nogil=True)
def _are_no_worse(
    rules: Rules,
    case: Circumstances,
    current: Array,
    workspace: PayoffWorkspace,
    utility: Array,
    profile: Array,
    mover: int,
    option: int,
) -> bool:
    """Return whether none of the other states at an option loses by the profile; states that abstain do not count."""
    if option == ABSTAINING:
        return True
    for j in range(current.size):
        if j == mover or current[j] != option:
            continue
        if payoff_to(rules, case, current, profile, workspace, j) < utility[j, option]:
            return False
    return True


@njit(cache=True, nogil=True)
def _go_on(
    rules: Rules,
    case: Circumstances,
    profile: Array,
    workspace: PayoffWorkspace,
    order: int,
    most: int,
    seen: Array,
    buffers: StabilityBuffers,
    r: int,
) -> None:
    """Let states revise with fixed taste shocks until no stance changes, a profile recurs, or for `most` turns."""
    states = profile.size
    seen[0] = profile
    for turn in range(1, most + 1):
        revise(rules, case, profile, workspace, order, seen[turn])
        for back in range(turn - 1, -1, -1):
            if (seen[back] == seen[turn]).all():
                settles = back == turn - 1
                buffers.ends[r, order] = CONVERGED if settles else CYCLING
                buffers.turns[r, order] = back
                buffers.length[r, order] = 0 if settles else turn - back
                buffers.leads_to[r, order] = seen[back]
                for i in range(states):
                    for t in range(back, turn):
                        if seen[t, i] != seen[t + 1, i]:
                            buffers.turning[r, order, i] = True
                return
    buffers.ends[r, order] = STOPPED
    buffers.turns[r, order], buffers.length[r, order] = most, 0
    buffers.leads_to[r, order] = seen[most]


@njit(cache=True, nogil=True)
def revise(
    rules: Rules, case: Circumstances, profile: Array, workspace: PayoffWorkspace, order: int, then: Array
) -> None:
    """Let every state revise once, in the order of the roster or all on the same profile; write it into then too."""
    then[:] = profile
    add_up(rules, case, profile, workspace)
    for i in range(profile.size):
        weigh(rules, case, profile, workspace, i)
        then[i] = best_of(workspace.utility, profile[i])
        if order == IN_TURN and then[i] != profile[i]:
            profile[i] = then[i]
            add_up(rules, case, profile, workspace)
    profile[:] = then


@njit(cache=True, nogil=True)
def draw_weights(
    rules: Rules,
    pulls: Array,
    environment: Array,
    asks: Array,
    scaled_tastes: Array,
    profiles: Array,
    workspace: PayoffWorkspace,
    nash: Array,
    keeps: Array,
    internal: Array,
    external: Array,
) -> None:
    """Test every replicate's profile under other weights, given as pulls [draws, states, options, drivers].

    Writes nash [replicates, draws], and adds to keeps [draws, states], internal and external [draws, options] the
    number of replicates in which a state gains nothing by deviating, or an option is stable.
    """
    states, options = profiles.shape[1], rules.rungs.size
    present = np.empty((states, *workspace.present.shape))
    left, entered = np.empty(options, dtype=np.bool_), np.empty(options, dtype=np.bool_)
    for r in range(profiles.shape[0]):
        case = Circumstances(environment[r], asks[r], scaled_tastes[r])
        current = profiles[r]
        add_up(rules, case, current, workspace)
        for i in range(states):
            perceive(rules, case, current, workspace, i)
            present[i] = workspace.present
        for draw in range(pulls.shape[0]):
            left[:] = False
            entered[:] = False
            nash[r, draw] = True
            for i in range(states):
                choice.values(pulls[draw, i], present[i], workspace.utility)
                for k in range(options):
                    workspace.utility[k] = workspace.utility[k] + case.scaled_taste[i, k]
                own, keeps_its_own = workspace.utility[current[i]], True
                for k in range(options):
                    if workspace.utility[k] > own:
                        keeps_its_own = False
                        left[current[i]] = entered[k] = True
                keeps[draw, i] += keeps_its_own
                nash[r, draw] = nash[r, draw] and keeps_its_own
            for k in range(options):
                internal[draw, k] += not left[k]
                external[draw, k] += not entered[k]
