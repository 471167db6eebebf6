"""The decision of a state, at one point or at many side by side, and the move to its new stance."""

from __future__ import annotations

import numpy as np

from sim.ensemble.arrays import BELIEF_FLOOR, BELIEF_SPREAD, Game
from sim.ensemble.buffers import Views, Workspace
from sim.ensemble.jit import INLINED
from sim.theory import choice
from sim.theory.choice import COMMON
from sim.theory.jit_cache import njit

type Array = np.ndarray


@njit(**INLINED)
def choose(points: Array, game: Game, workspace: Workspace, v: int, i: int) -> None:
    """Choose the option that a state would declare in a view, at every point."""
    views, options = workspace.views, game.asked.size
    if views.weighed[v, i] != views.version[v]:
        views.weighed[v, i] = views.version[v]
        for k in range(1, options):
            for p in range(len(points)):
                total = 0.0
                for d in range(COMMON):
                    total += game.pulls[i, k, d, p] * views.common[v, d, p]
                views.weight[v, i, k, p] = total
    if len(points) == 1:
        _choose_alone(game, workspace, v, i)
    else:
        _choose_side_by_side(points, game, workspace, v, i)


@njit(**INLINED)
def _choose_alone(game: Game, workspace: Workspace, v: int, i: int) -> None:
    """Choose at a single point, one option after the other."""
    best, most = 0, workspace.scaled_taste[i, 0, 0]
    for k in range(1, game.asked.size):
        goes_ahead, without_me = _going_ahead(game, workspace, v, i, k, 0)
        here = _utility(game, workspace, v, i, k, 0, goes_ahead, without_me)
        best = k if here > most else best
        most = max(here, most)
    workspace.views.chosen[v, i, 0] = best


@njit(**INLINED)
def _choose_side_by_side(points: Array, game: Game, workspace: Workspace, v: int, i: int) -> None:
    """Choose at all points, evaluating one option at all of them after the other."""
    goes_ahead, without_me, best, most = workspace.goes_ahead, workspace.without_me, workspace.best, workspace.most
    for p in range(len(points)):
        best[p] = 0
        most[p] = workspace.scaled_taste[i, 0, p]
    for k in range(1, game.asked.size):
        for p in range(len(points)):
            goes_ahead[p] = without_me[p] = 1.0
        if game.asked[k]:
            for p in range(len(points)):
                goes_ahead[p], without_me[p] = _going_ahead(game, workspace, v, i, k, p)
        for p in range(len(points)):
            here = _utility(game, workspace, v, i, k, p, goes_ahead[p], without_me[p])
            best[p] = k if here > most[p] else best[p]
            most[p] = max(here, most[p])
    for p in range(len(points)):
        workspace.views.chosen[v, i, p] = best[p]


@njit(**INLINED)
def _going_ahead(game: Game, workspace: Workspace, v: int, i: int, k: int, p: int) -> tuple[float, float]:
    """Return the believed probability that an option goes ahead with, and without, the state's own offer."""
    views, offer = workspace.views, game.offers[i, k, p]
    holds = views.stances[v, i, p] == k
    as_declared = views.beliefs[v, k, p]
    otherwise = choice.belief(
        views.forces[v, k, p] + (-offer if holds else offer),
        workspace.asks[k, p],
        game.rules[BELIEF_SPREAD, p],
        game.rules[BELIEF_FLOOR, p],
    )
    return as_declared if holds else otherwise, otherwise if holds else as_declared


@njit(**INLINED)
def _utility(
    game: Game, workspace: Workspace, v: int, i: int, k: int, p: int, goes_ahead: float, without_me: float
) -> float:
    """Return the utility of an option plus the state's scaled taste shock, summed in the order of choice.values."""
    views, pulls = workspace.views, game.pulls
    called_in, threat, momentum, security, kept = choice.own_to_one(
        goes_ahead,
        without_me,
        views.threat[v, p],
        views.openness[v, p] * game.has_peers[i, p],
        views.peers[v, p, k, i],
        game.peer_norms[k, p],
        views.deterrence[v, p],
        views.slope[v, p],
        game.multipliers[k, p],
        game.offers[i, k, p],
        game.rungs[k, p],
        views.held[v, i, p],
    )
    total = views.weight[v, i, k, p] + pulls[i, k, COMMON, p] * called_in
    total += pulls[i, k, COMMON + 1, p] * threat
    total += pulls[i, k, COMMON + 2, p] * momentum
    total += pulls[i, k, COMMON + 3, p] * security
    total += pulls[i, k, COMMON + 4, p] * kept
    return total + workspace.scaled_taste[i, k, p]


@njit(**INLINED)
def declare(game: Game, views: Views, v: int, j: int, p: int) -> None:
    """Change the stance of a state to its choice."""
    held, chosen = views.stances[v, j, p], views.chosen[v, j, p]
    views.moved[v, p] = True
    views.stances[v, j, p] = chosen
    views.held[v, j, p] = game.rungs[chosen, p]
    views.forces[v, held, p] -= game.offers[j, held, p]
    views.forces[v, chosen, p] += game.offers[j, chosen, p]
    views.economies[v, held, p] -= game.economy[j, p]
    views.economies[v, chosen, p] += game.economy[j, p]
    views.states[v, held, p] -= 1.0
    views.states[v, chosen, p] += 1.0
    for k in range(game.asked.size):
        sign = game.stands_for[chosen, k, p] - game.stands_for[held, k, p]
        if sign != 0.0:
            for i in range(game.is_lead.size):
                views.peers[v, p, k, i] += sign * game.looks_to[game.circle[p], j, i]
