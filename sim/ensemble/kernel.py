"""The compiled round: the steps of CoalitionModel.step on arrays, replicate after replicate, at one point or many.

Read sim/model/coalition.py first; the functions here follow it step by step and take every formula from sim.theory.
Four things make them fast. Only the states that revise are visited (DrawArrays lists them); since points on common
random draws have the same states revise at the same time, a visit decides at all points at once. Sums over stances are
updated when a stance changes and not computed again; they are exact in any order. Results of inputs that have not
changed are not computed again. And the kernel allocates no memory.

Both views, the present one and the one with the conditions met, use the same code: arrays over `views` have an entry
for ACTUAL and one for CONDITIONS_MET.
"""

from __future__ import annotations

import numpy as np

from sim.ensemble.arrays import (
    BELIEF_FLOOR,
    BELIEF_SPREAD,
    BREAKDOWN_HAZARD,
    CLARITY_COST,
    CONDITION_BACKING,
    CONDITION_CLARITY,
    CONDITION_SINCERITY,
    CUT,
    DEAL_HAZARD,
    DECISIVENESS,
    ECONOMIC_REACH,
    FLOOR,
    HOST_SOLDIERS,
    LEADS_FIRST,
    OPPONENT_SOLDIERS,
    OPPOSITION_SLOWS,
    PATIENCE,
    PLANNING,
    PUNISHMENT,
    RISE,
    RUSSIAN_REACTION,
    SEQUENCE,
    SHARPNESS,
    SINCERE_CHANCE,
    SOLID_OFFER,
    TROOPS_SLOW,
    TRUCE_HAZARD,
    US_RESPONSE,
    US_SOLDIERS,
    VIOLATIONS_INSINCERE,
    VIOLATIONS_SINCERE,
    WEEKS,
    Game,
)
from sim.ensemble.buffers import ACTUAL, CONDITIONS_MET, KernelOutput, Views, Workspace
from sim.ensemble.decide import choose, declare
from sim.ensemble.draws import DrawArrays, Fluctuations
from sim.ensemble.jit import COMPILED, INLINED
from sim.theory import ceasefire, choice, deterrence, processes, proposal
from sim.theory.choice import BATTLEFIELD, CLARITY, COMMON, ENVIRONMENT, FREE, MANDATE, SINCERITY, US_BACKING
from sim.theory.choice import RUSSIAN_OPPOSITION as OPPOSITION
from sim.theory.jit_cache import njit

type Array = np.ndarray


@njit(**COMPILED)
def run_kernel(
    points: Array,
    replicates: tuple[int, int],
    rounds: tuple[int, int],
    before: Game,
    game: Game,
    draws: DrawArrays,
    wandering: Fluctuations,
    output: KernelOutput,
    keeps_rounds: bool,
    workspace: Workspace,
    stop: Array,
) -> None:
    """Simulate some rounds of replicates at all points and write the results to output.

    points: an array with one entry per point, or a tuple, whose length the compiler knows, so that loops over a single
    point are removed. replicates, rounds: the first, and the one after the last, counted from 0. Rounds other than the
    first continue a single replicate from the workspace as the game `before` has left it. keeps_rounds: every round is
    written, otherwise the last. The simulation ends early once stop[0] is set.
    """
    views = workspace.views
    for r in range(replicates[0], replicates[1]):
        if stop[0]:
            return
        if rounds[0] == 0:
            _reset(points, game, draws, workspace, r)
        else:
            _go_on(points, before, game, draws, workspace, r)
        for t in range(rounds[0], rounds[1]):
            for p in range(len(points)):
                _let_the_world_move(game, wandering, workspace, r, t, p)
            for v in range(2):
                _look_around(points, views, v)
            if game.forced.size:
                _force(points, game, workspace, t)
            begin, end = draws.starts[r, t], draws.starts[r, t + 1]
            upto = begin
            while True:
                for v in range(2):
                    for p in range(len(points)):
                        if views.moved[v, p]:
                            _believe(game, views, workspace.asks, v, p)
                        if views.moved[v, p] or upto == draws.starts[r, t]:
                            _add_up(game, views, v, p)
                        views.moved[v, p] = False
                if upto == end:
                    break
                begin, upto = upto, _end_of_group(game, draws, upto, end)
                for n in range(begin, upto):
                    i = np.intp(draws.reviser[n])
                    if draws.turnover[n] >= 0:
                        for k in range(game.asked.size):
                            taste = workspace.tastes[i, k] = draws.new_tastes[draws.turnover[n], k]
                            for p in range(len(points)):
                                workspace.scaled_taste[i, k, p] = taste / game.rules[SHARPNESS, p]
                    for v in range(2):
                        choose(points, game, workspace, v, i)
                for n in range(begin, upto):
                    i = np.intp(draws.reviser[n])
                    for v in range(2):
                        for p in range(len(points)):
                            if game.forced.size and game.forced[t, i, p] != FREE:
                                continue
                            if views.chosen[v, i, p] != views.stances[v, i, p]:
                                declare(game, views, v, i, p)
                                if v == ACTUAL:
                                    workspace.last_change[p] = t + 1
            for p in range(len(points)):
                _try_the_peace(game, draws, workspace, r, t, p)
                if keeps_rounds or t == game.rounds - 1:
                    _write_down(workspace, output, r, t if keeps_rounds else 0, p)
                if t == game.rounds - 1 - game.stability_window[p]:
                    for j in range(game.is_lead.size):
                        output.earlier[p, r, j] = views.stances[ACTUAL, j, p]
        for p in range(len(points)):
            output.last_change[p, r] = workspace.last_change[p]


@njit(**INLINED)
def _reset(points: Array, game: Game, draws: DrawArrays, workspace: Workspace, r: int) -> None:
    """Reset all states to the opening of a replicate."""
    views = workspace.views
    states, options = game.is_lead.size, game.asked.size
    for p in range(len(points)):
        workspace.headline[p] = game.headline[p]
        workspace.phase[p] = game.phase[p]
        workspace.redimensioned[p] = workspace.rounds_below[p] = workspace.last_change[p] = 0
        workspace.clarity_lost[p] = 0.0
        workspace.odds[p] = 1.0
        workspace.means_it[p] = 1.0 if draws.sincerity[r] < game.rules[SINCERE_CHANCE, p] else 0.0
    for k in range(options):
        for p in range(len(points)):
            workspace.asks[k, p] = game.asks[k, p]
            for i in range(states):
                workspace.tastes[i, k] = draws.tastes[r, i, k]
                workspace.scaled_taste[i, k, p] = draws.tastes[r, i, k] / game.rules[SHARPNESS, p]
    for v in range(2):
        for j in range(states):
            for p in range(len(points)):
                views.stances[v, j, p] = game.opening[j, p]
                views.held[v, j, p] = game.rungs[game.opening[j, p], p]
        for k in range(options):
            for p in range(len(points)):
                views.forces[v, k, p] = game.opening_forces[k, p]
                views.economies[v, k, p] = game.opening_economies[k, p]
                views.states[v, k, p] = game.opening_states[k, p]
        for p in range(len(points)):
            views.moved[v, p] = True
            for k in range(options):
                for i in range(game.is_lead.size):
                    views.peers[v, p, k, i] = game.opening_peers[p, k, i]


@njit(**INLINED)
def _go_on(points: Array, before: Game, game: Game, draws: DrawArrays, workspace: Workspace, r: int) -> None:
    """Continue with another game: apply its settings that differ from the one before, and keep everything else."""
    views = workspace.views
    states, options = game.is_lead.size, game.asked.size
    for p in range(len(points)):
        if game.headline[p] != before.headline[p]:
            workspace.headline[p] = game.headline[p]
            workspace.rounds_below[p] = 0
        if game.phase[p] != before.phase[p]:
            workspace.phase[p] = game.phase[p]
        workspace.means_it[p] = 1.0 if draws.sincerity[r] < game.rules[SINCERE_CHANCE, p] else 0.0
        workspace.forward[p, 1] = np.nan
    for k in range(options):
        for p in range(len(points)):
            if game.asks[k, p] != before.asks[k, p]:
                workspace.asks[k, p] = game.asks[k, p]
            for i in range(states):
                workspace.scaled_taste[i, k, p] = workspace.tastes[i, k] / game.rules[SHARPNESS, p]
    for v in range(2):
        views.version[v] += 1
        for p in range(len(points)):
            views.moved[v, p] = True
            views.mass[v, p] = views.behind[v, p] = np.nan
            for k in range(options):
                views.forces[v, k, p] = views.economies[v, k, p] = views.states[v, k, p] = 0.0
                for i in range(states):
                    views.peers[v, p, k, i] = 0.0
            for j in range(states):
                held = views.stances[v, j, p]
                views.forces[v, held, p] += game.offers[j, held, p]
                views.economies[v, held, p] += game.economy[j, p]
                views.states[v, held, p] += 1.0
                for k in range(options):
                    if game.stands_for[held, k, p] != 0.0:
                        for i in range(states):
                            views.peers[v, p, k, i] += game.looks_to[game.circle[p], j, i]


@njit(**INLINED)
def _force(points: Array, game: Game, workspace: Workspace, t: int) -> None:
    """Set the stances of forced states, before any state decides."""
    views = workspace.views
    for i in range(game.is_lead.size):
        for v in range(2):
            for p in range(len(points)):
                forced = game.forced[t, i, p]
                if forced != FREE and forced != views.stances[v, i, p]:
                    views.chosen[v, i, p] = forced
                    declare(game, views, v, i, p)
                    if v == ACTUAL:
                        workspace.last_change[p] = t + 1


@njit(**INLINED)
def _let_the_world_move(game: Game, wandering: Fluctuations, workspace: Workspace, r: int, t: int, p: int) -> None:
    """Update the environment, and let the leads revise their proposal."""
    views, path, rules = workspace.views, workspace.path, game.rules
    now, supposed = views.environment[ACTUAL, p], views.environment[CONDITIONS_MET, p]
    backing_before = now[US_BACKING]
    workspace.clarity_lost[p] *= 1.0 - rules[PLANNING, p]
    reaction, response = 0.0, 0.0
    if t > 0:
        reaction = rules[RUSSIAN_REACTION, p] * _troop_share(game, views, p)
        headline = workspace.headline[p]
        enough = rules[SOLID_OFFER, p] * workspace.asks[headline, p]
        if workspace.phase[p] == ceasefire.PERMANENT_CEASEFIRE and 0.0 < enough <= views.forces[ACTUAL, headline, p]:
            response = rules[US_RESPONSE, p]
    for q in range(len(ENVIRONMENT)):
        row = wandering.rows[q, p]
        path[q] = game.fixed_paths[t, q, p] if row < 0 else wandering.paths[row, r, t]
    processes.circumstances(path, reaction, response, workspace.clarity_lost[p], workspace.odds[p], now)
    if game.redimensions[p]:
        headline, ask, workspace.rounds_below[p], done = proposal.redimension(
            workspace.headline[p],
            workspace.asks[:, p],
            game.asks[:, p],
            views.forces[ACTUAL, :, p],
            workspace.rounds_below[p],
            t > 0 and now[US_BACKING] > backing_before,
            rules[PATIENCE, p],
            rules[CUT, p],
            rules[FLOOR, p],
            rules[RISE, p],
        )
        if done != proposal.UNCHANGED:
            workspace.headline[p] = headline
            workspace.asks[headline, p] = ask
            workspace.redimensioned[p] += 1
            lost = min(rules[CLARITY_COST, p], now[CLARITY])
            workspace.clarity_lost[p] += lost
            now[CLARITY] -= lost
            views.moved[ACTUAL, p] = views.moved[CONDITIONS_MET, p] = True  # asks affect beliefs as stances do
    for q in range(len(ENVIRONMENT)):
        supposed[q] = now[q]
    supposed[US_BACKING] = max(now[US_BACKING], rules[CONDITION_BACKING, p])
    supposed[SINCERITY] = max(now[SINCERITY], rules[CONDITION_SINCERITY, p])
    supposed[CLARITY] = max(now[CLARITY], rules[CONDITION_CLARITY, p])


@njit(**INLINED)
def _troop_share(game: Game, views: Views, p: int) -> float:
    return proposal.weight_behind(views.states[ACTUAL, :, p], game.provokes[:, p]) / game.is_lead.size


@njit(**INLINED)
def _look_around(points: Array, views: Views, v: int) -> None:
    """Update the common drivers from the environment."""
    changed = False
    for p in range(len(points)):
        environment = views.environment[v, p]
        views.threat[v, p] = choice.threat(environment)
        views.openness[v, p] = 1.0 - environment[MANDATE]
        common = choice.common_to_all(environment)
        for d in range(COMMON):
            changed |= views.common[v, d, p] != common[d]
            views.common[v, d, p] = common[d]
    if changed:
        views.version[v] += 1


@njit(**INLINED)
def _believe(game: Game, views: Views, asks: Array, v: int, p: int) -> None:
    """Update the beliefs that the options will go ahead with the declared forces."""
    for k in range(game.asked.size):
        views.beliefs[v, k, p] = choice.belief(
            views.forces[v, k, p], asks[k, p], game.rules[BELIEF_SPREAD, p], game.rules[BELIEF_FLOOR, p]
        )


@njit(**INLINED)
def _add_up(game: Game, views: Views, v: int, p: int) -> None:
    """Update deterrence by the stances."""
    environment, rules = views.environment[v, p], game.rules
    backing = choice.effective_backing(environment[US_BACKING], environment[CLARITY])
    mass = deterrence.strength(
        environment[BATTLEFIELD],
        rules[HOST_SOLDIERS, p],
        views.forces[v, :, p],
        game.multipliers[:, p],
        backing,
        rules[US_SOLDIERS, p],
    )
    if mass != views.mass[v, p]:
        views.mass[v, p] = mass
        views.denied[v, p] = deterrence.denial(mass, rules[OPPONENT_SOLDIERS, p], rules[DECISIVENESS, p])
    behind = proposal.weight_behind(views.economies[v, :, p], game.punishes[:, p])
    if behind != views.behind[v, p]:
        views.behind[v, p] = behind
        views.punished[v, p] = deterrence.punishment(behind, rules[ECONOMIC_REACH, p])
    denied, punished = views.denied[v, p], views.punished[v, p]
    limit = rules[PUNISHMENT, p]
    views.deterrence[v, p] = deterrence.deterrence(denied, punished, limit)
    views.slope[v, p] = deterrence.deterrence_slope(mass, denied, punished, limit, rules[DECISIVENESS, p])


@njit(**INLINED)
def _end_of_group(game: Game, draws: DrawArrays, begin: int, end: int) -> int:
    """Return the end of the group of states that declare together."""
    if game.grouping == SEQUENCE:
        return begin + 1
    if game.grouping == LEADS_FIRST and game.is_lead[draws.reviser[begin]]:
        upto = begin
        while upto < end and game.is_lead[draws.reviser[upto]]:
            upto += 1
        return upto
    return end


@njit(**INLINED)
def _try_the_peace(game: Game, draws: DrawArrays, workspace: Workspace, r: int, t: int, p: int) -> None:
    """Update the phase of the peace, draw violations, and let the states learn from them."""
    views, rules, phase = workspace.views, game.rules, workspace.phase[p]
    if phase != ceasefire.FIGHTING:
        sincere, insincere = rules[VIOLATIONS_SINCERE, p], rules[VIOLATIONS_INSINCERE, p]
        seen = ceasefire.violations(sincere if workspace.means_it[p] > 0.0 else insincere, draws.violations[r, t])
        workspace.odds[p] = ceasefire.learnt_odds(workspace.odds[p], seen, sincere, insincere)
    hazard = rules[TRUCE_HAZARD, p] if phase == ceasefire.FIGHTING else rules[DEAL_HAZARD, p]
    opposition, share = views.environment[ACTUAL, p, OPPOSITION], _troop_share(game, views, p)
    known = workspace.forward[p]
    if known[1] != hazard or known[2] != opposition or known[3] != share:
        known[0] = ceasefire.step_chance(
            hazard, opposition, share, rules[OPPOSITION_SLOWS, p], rules[TROOPS_SLOW, p], rules[WEEKS, p]
        )
        known[1], known[2], known[3] = hazard, opposition, share
    breakdown = 0.0
    if phase != ceasefire.FIGHTING:
        breakdown = ceasefire.breakdown_chance(
            rules[BREAKDOWN_HAZARD, p], workspace.means_it[p], views.deterrence[ACTUAL, p], rules[WEEKS, p]
        )
    workspace.phase[p] = ceasefire.next_phase(phase, known[0], breakdown, draws.peace[r, t])


@njit(**INLINED)
def _write_down(workspace: Workspace, output: KernelOutput, r: int, slot: int, p: int) -> None:
    """Write the results of a round."""
    views = workspace.views
    for q in range(len(ENVIRONMENT)):
        output.environment[p, r, slot, q] = views.environment[ACTUAL, p, q]
    output.phase[p, r, slot] = workspace.phase[p]
    output.headline[p, r, slot] = workspace.headline[p]
    output.asks[p, r, slot] = workspace.asks[workspace.headline[p], p]
    output.deterrence[p, r, slot] = views.deterrence[ACTUAL, p]
    output.redimensioned[p, r, slot] = workspace.redimensioned[p]
    for i in range(views.stances.shape[1]):
        output.stances[p, r, slot, i] = views.stances[ACTUAL, i, p]
        output.conditional[p, r, slot, i] = views.stances[CONDITIONS_MET, i, p]
