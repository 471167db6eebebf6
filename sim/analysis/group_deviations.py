"""Joint deviations of two or three states from which all of them gain, in the final profiles of replicates, compiled.

There are thousands of joint deviations per replicate, and nearly all can be excluded: a state's largest possible gain,
with one or two others anywhere, is bounded from above. The search is therefore complete without trying them all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.analysis.payoffs import Circumstances, PayoffWorkspace, Rules, add_up, payoff_to, weigh
from sim.theory import choice, deterrence, proposal
from sim.theory.choice import COMMON
from sim.theory.jit_cache import njit

type Array = np.ndarray

WIDTH = 7  # of a row: the replicate, and up to three states each with its option; -1 where there are fewer
_SLACK = 1e-9  # rounding error of a bound


class Reach(NamedTuple):
    """Bounds of the changes that one or two other states can make to forces, deterrence and peers."""

    enter: Array  # [options] largest number of soldiers that they could add
    leave: Array  # [options] largest number of soldiers that they could remove
    deterred: Array  # [2] deterrence at least and at most
    slope: Array  # [2] of deterrence


@njit(cache=True, nogil=True)
def joint_changes(
    rules: Rules,
    environment: Array,
    asks: Array,
    scaled_tastes: Array,
    profiles: Array,
    workspace: PayoffWorkspace,
    largest: int,
    most: int,
    rows: Array,
    cut: Array,
) -> int:
    """Write joint deviations of two up to `largest` states into rows [., WIDTH] and return their number.

    Only those without a smaller one are written: no state in them gains alone, and no two of three gain together. The
    number may exceed the rows; then call again with as many. most: deviations tried per replicate; cut [replicates]
    marks the replicates in which this was not enough.
    """
    states, options = profiles.shape[1], rules.rungs.size
    own = np.empty(states)
    could = np.empty((states * options, 2), dtype=np.int64)
    together = np.zeros((states * options, states * options), dtype=np.bool_)
    others = largest - 1
    reach = Reach(np.empty(options), np.empty(options), np.empty(2), np.empty(2))
    profile = np.empty(states, dtype=np.int64)
    count = 0
    for r in range(profiles.shape[0]):
        case = Circumstances(environment[r], asks[r], scaled_tastes[r])
        current = profiles[r]
        profile[:] = current
        add_up(rules, case, current, workspace)
        _reach_of(rules, case, current, workspace, others, reach)
        candidates = 0
        for i in range(states):
            weigh(rules, case, current, workspace, i)
            own[i] = workspace.utility[current[i]]
            for k in range(options):
                if k == current[i] or workspace.utility[k] > own[i]:  # a state that gains alone needs no others
                    continue
                if _at_best(rules, case, current, workspace, reach, others, i, k) > own[i] - _SLACK:
                    could[candidates, 0], could[candidates, 1] = i, k
                    candidates += 1
        together[:candidates, :candidates] = False
        count = _try(
            rules,
            case,
            current,
            profile,
            workspace,
            own,
            could[:candidates],
            together,
            largest,
            most,
            rows,
            count,
            cut,
            r,
        )
    return count


@njit(cache=True, nogil=True)
def _try(
    rules: Rules,
    case: Circumstances,
    current: Array,
    profile: Array,
    workspace: PayoffWorkspace,
    own: Array,
    could: Array,
    together: Array,
    largest: int,
    most: int,
    rows: Array,
    count: int,
    cut: Array,
    r: int,
) -> int:
    """Try the joint deviations of states that could gain, pairs before threes; return the number of rows so far."""
    tried = 0
    cut[r] = False
    for a in range(len(could)):
        for b in range(a + 1, len(could)):
            if could[a, 0] == could[b, 0]:
                continue
            if tried == most:
                cut[r] = True
                return count
            tried += 1
            profile[could[a, 0]], profile[could[b, 0]] = could[a, 1], could[b, 1]
            if _gains(rules, case, current, profile, workspace, own, could[a, 0]) and _gains(
                rules, case, current, profile, workspace, own, could[b, 0]
            ):
                together[a, b] = True
                count = _write(rows, count, r, could, a, b, -1)
            profile[could[a, 0]], profile[could[b, 0]] = current[could[a, 0]], current[could[b, 0]]
    if largest < 3:
        return count
    for a in range(len(could)):
        for b in range(a + 1, len(could)):
            if could[a, 0] == could[b, 0] or together[a, b]:
                continue
            for c in range(b + 1, len(could)):
                if could[c, 0] == could[b, 0] or together[a, c] or together[b, c]:
                    continue
                if tried == most:
                    cut[r] = True
                    return count
                tried += 1
                for one in (a, b, c):
                    profile[could[one, 0]] = could[one, 1]
                gain = True
                for one in (a, b, c):
                    gain = gain and _gains(rules, case, current, profile, workspace, own, could[one, 0])
                if gain:
                    count = _write(rows, count, r, could, a, b, c)
                for one in (a, b, c):
                    profile[could[one, 0]] = current[could[one, 0]]
    return count


@njit(cache=True, nogil=True)
def _gains(
    rules: Rules, case: Circumstances, current: Array, profile: Array, workspace: PayoffWorkspace, own: Array, i: int
) -> bool:
    return payoff_to(rules, case, current, profile, workspace, i) > own[i]


@njit(cache=True, nogil=True)
def _write(rows: Array, count: int, r: int, could: Array, a: int, b: int, c: int) -> int:
    if count < len(rows):
        rows[count] = -1
        rows[count, 0] = r
        rows[count, 1:3] = could[a]
        rows[count, 3:5] = could[b]
        if c >= 0:
            rows[count, 5:7] = could[c]
    return count + 1


@njit(cache=True, nogil=True)
def _reach_of(
    rules: Rules, case: Circumstances, current: Array, workspace: PayoffWorkspace, others: int, reach: Reach
) -> None:
    """Write bounds of the changes by others in the current profile, each from the state with the largest effect."""
    states, options = current.size, rules.rungs.size
    reach.enter[:] = 0.0
    reach.leave[:] = 0.0
    mass_up = mass_down = behind_up = behind_down = 0.0
    for j in range(states):
        own_mass = rules.multipliers[current[j]] * rules.offers[j, current[j]]
        own_weight = rules.punishes[current[j]] * rules.economy[j]
        for k in range(options):
            if k == current[j]:
                reach.leave[k] = max(reach.leave[k], others * rules.offers[j, k])
            else:
                reach.enter[k] = max(reach.enter[k], others * rules.offers[j, k])
            mass = rules.multipliers[k] * rules.offers[j, k] - own_mass
            weight = rules.punishes[k] * rules.economy[j] - own_weight
            mass_up, mass_down = max(mass_up, others * mass), min(mass_down, others * mass)
            behind_up, behind_down = max(behind_up, others * weight), min(behind_down, others * weight)
    behind = proposal.weight_behind(workspace.economies, rules.punishes)
    low, high = max(workspace.of_all[2] + mass_down, 0.0), workspace.of_all[2] + mass_up
    denied_low = deterrence.denial(low, rules.opponent_soldiers, rules.decisiveness)
    denied_high = deterrence.denial(high, rules.opponent_soldiers, rules.decisiveness)
    punished_low = deterrence.punishment(max(behind + behind_down, 0.0), rules.economic_reach)
    punished_high = deterrence.punishment(behind + behind_up, rules.economic_reach)
    reach.deterred[0] = deterrence.deterrence(denied_low, punished_low, rules.punishment)
    reach.deterred[1] = deterrence.deterrence(denied_high, punished_high, rules.punishment)
    steep_low, steep_high = denied_low * (1.0 - denied_low), denied_high * (1.0 - denied_high)
    steepest = 0.25 if denied_low <= 0.5 <= denied_high else max(steep_low, steep_high)
    reach.slope[0] = 0.0
    reach.slope[1] = np.inf
    if low > 0.0:
        scale = rules.decisiveness
        reach.slope[0] = scale * min(steep_low, steep_high) / high * (1.0 - rules.punishment * punished_high)
        reach.slope[1] = scale * steepest / low * (1.0 - rules.punishment * punished_low)


@njit(cache=True, nogil=True)
def _at_best(
    rules: Rules,
    case: Circumstances,
    current: Array,
    workspace: PayoffWorkspace,
    reach: Reach,
    others: int,
    i: int,
    k: int,
) -> float:
    """Return an upper bound of the utility of an option to a state over all stances of the others."""
    if k == 0:
        return workspace.utility[k]  # the utility of abstaining does not depend on others
    offer, ask, pulls = rules.offers[i, k], case.asks[k], rules.pulls[i, k]
    without = workspace.forces[k] - (offer if current[i] == k else 0.0)
    low, high = max(without - reach.leave[k], 0.0), without + reach.enter[k]
    likely_low = choice.belief(low + offer, ask, rules.spread, rules.floor)
    likely_high = choice.belief(high + offer, ask, rules.spread, rules.floor)
    decisive = min(max(ask - offer / 2.0, low), high)  # where the own offer has the largest effect on the belief
    gap_low, gap_high = (
        min(_gap(rules, ask, low, offer), _gap(rules, ask, high, offer)),
        _gap(rules, ask, decisive, offer),
    )
    host_soldiers = rules.multipliers[k] * offer
    bought_low = likely_low * reach.slope[0] * host_soldiers
    bought_high = likely_high * reach.slope[1] * host_soldiers if host_soldiers > 0.0 else 0.0
    openness = workspace.present[k, COMMON + 2]
    up, down = _peers_could(rules, current, others, i, k)
    mandated = 1.0 - case.environment[choice.MANDATE] if rules.has_peers[i] else 0.0
    threatened = choice.threat(case.environment)
    total = case.scaled_taste[i, k]
    for d in range(COMMON):
        total += pulls[d] * workspace.present[k, d]
    total += _larger(pulls[COMMON], likely_low, likely_high)
    total += _larger(pulls[COMMON + 1], threatened * likely_low, threatened * likely_high)
    total += _larger(pulls[COMMON + 2], openness - mandated * down, openness + mandated * up)
    total += _larger(
        pulls[COMMON + 3],
        gap_low * reach.deterred[0] + bought_low,
        gap_high * reach.deterred[1] + bought_high,
    )
    return total + pulls[COMMON + 4] * workspace.present[k, COMMON + 4]


@njit(cache=True, nogil=True)
def _peers_could(rules: Rules, current: Array, others: int, i: int, k: int) -> tuple[float, float]:
    """Return the largest increase, and decrease, by others of the share of a state's peers that support an option."""
    up = down = 0.0
    for j in range(current.size):
        supports = current[j] == k if rules.same_option else rules.rungs[current[j]] >= rules.rungs[k]
        if supports:
            down = max(down, others * rules.peer_weights[i, j])
        else:
            up = max(up, others * rules.peer_weights[i, j])
    return up, down


@njit(cache=True, nogil=True)
def _gap(rules: Rules, ask: float, force: float, offer: float) -> float:
    """Return the increase by an offer of the belief that an option goes ahead with this force of others."""
    with_it = choice.belief(force + offer, ask, rules.spread, rules.floor)
    return with_it - choice.belief(force, ask, rules.spread, rules.floor)


@njit(cache=True, nogil=True)
def _larger(pull: float, low: float, high: float) -> float:
    return max(pull * low, pull * high) if pull != 0.0 else 0.0
