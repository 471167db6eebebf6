"""The round, compiled: what CoalitionModel.step does, replicate after replicate, at one point or many, on arrays.

Read sim/model/coalition.py first; the functions here follow it step by step and take every formula from sim.theory.
Four things make them fast. Only the states that look at their stance again are visited (Luck lists them); as points on
common luck have the same states look at the same time, a visit decides at all points at once, side by side. What all
stances add up to is kept up to date when one of them moves, instead of being added up anew; the sums are exact in any
order. What follows from numbers that have not changed is not reckoned again. And nothing is allocated while it plays.

Both views, as things are and as conditional stances suppose them to be, are played by the same code: arrays over
`views` hold NOW and SUPPOSED.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.core.cpu import CPUTargetOptions
from numba.core.options import TargetOptions

from sim.ensemble.game import (
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
from sim.ensemble.luck import Luck, Wandering
from sim.theory import ceasefire, choice, deterrence, processes, proposal
from sim.theory.choice import BATTLEFIELD, CLARITY, COMMON, ENVIRONMENT, MANDATE, SINCERITY, US_BACKING
from sim.theory.choice import RUSSIAN_OPPOSITION as OPPOSITION

type Array = np.ndarray

NOW, SUPPOSED = range(2)

CPUTargetOptions.noalias = TargetOptions.Mapping("noalias")  # a flag of Numba's for which njit has no word of its own
_COMPILED = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",  # no rule divides by zero; agents would raise where one did
    "noalias": True,  # the arrays do not overlap, so that a loop over points need not look whether they do
    "_nrt": False,  # nothing is allocated, so that references need not be counted
    "no_cfunc_wrapper": True,
}


class Record(NamedTuple):
    """What happened; one round of it, the last, or all. The fields are those of Trajectories and Endings."""

    environment: Array  # [points, replicates, rounds or 1, quantities]
    phase: Array  # [points, replicates, rounds or 1]
    headline: Array  # [points, replicates, rounds or 1]
    asks: Array  # [points, replicates, rounds or 1]
    deterrence: Array  # [points, replicates, rounds or 1]
    redimensioned: Array  # [points, replicates, rounds or 1]
    stances: Array  # [points, replicates, rounds or 1, states]
    conditional: Array  # [points, replicates, rounds or 1, states]
    earlier: Array  # [points, replicates, states] the stances five months before the end
    settled: Array  # [points, replicates] the last round in which a state changed its stance


class Views(NamedTuple):
    """The outlooks, as sim.model.outlook.Outlook, kept up to date: that of the present and that supposed."""

    environment: Array  # [views, points, quantities]
    stances: Array  # [views, states, points]
    chosen: Array  # [views, states, points] what is to be declared
    held: Array  # [views, states, points] the rung of the stance
    forces: Array  # [views, options, points]
    economies: Array  # [views, options, points]
    states: Array  # [views, options, points] how many states
    peers: Array  # [views, points, options, states] share of each state's peers that counts for an option
    beliefs: Array  # [views, options, points]
    common: Array  # [views, drivers, points] the drivers that are common to all
    openness: Array  # [views, points] to peers
    threat: Array  # [views, points]
    deterrence: Array  # [views, points]
    slope: Array  # [views, points] of deterrence
    mass: Array  # [views, points] from which `denied` follows
    denied: Array  # [views, points]
    behind: Array  # [views, points] from which `punished` follows
    punished: Array  # [views, points]
    moved: Array  # [views, points] whether a stance or an ask has just moved
    version: Array  # [views] how many times a common driver has changed at any point
    weighed: Array  # [views, states] the version by which `weight` was reckoned
    weight: Array  # [views, states, options, points] what the common drivers add to the value of an option


class Room(NamedTuple):
    """The arrays that the kernel works in; one for each thread."""

    views: Views
    leaning: Array  # [states, options, points] taste over sharpness
    asks: Array  # [options, points] as in force
    headline: Array  # [points]
    redimensioned: Array  # [points]
    rounds_below: Array  # [points]
    phase: Array  # [points]
    settled: Array  # [points]
    clarity_lost: Array  # [points]
    odds: Array  # [points] of sincerity, learnt
    means_it: Array  # [points] whether Moscow means it
    forward: Array  # [points, 4] the chance of a next phase, and what it followed from
    path: Array  # [quantities]
    goes_ahead: Array  # [points]
    without_me: Array  # [points]
    best: Array  # [points]
    most: Array  # [points]


@njit(**_COMPILED)
def bargain(
    points: Array,
    game: Game,
    luck: Luck,
    wandering: Wandering,
    record: Record,
    keeps_rounds: bool,
    room: Room,
    stop: Array,
) -> None:
    """Play all replicates of the luck at all points and write down what happened.

    points: something of their number; a tuple, whose length the compiler knows, saves the loops over a single point.
    keeps_rounds: every round is written down, else the last. Nothing more is played once stop[0] is set.
    """
    views = room.views
    for r in range(luck.sincerity.size):
        if stop[0]:
            return
        _sit_down(points, game, luck, room, r)
        for t in range(game.rounds):
            for p in range(len(points)):
                _let_the_world_move(game, wandering, room, r, t, p)
            for v in range(2):
                _look_around(points, views, v)
            begin, end = luck.starts[r, t], luck.starts[r, t + 1]
            upto = begin
            while True:
                for v in range(2):
                    for p in range(len(points)):
                        if views.moved[v, p]:
                            _believe(game, views, room.asks, v, p)
                        if views.moved[v, p] or upto == luck.starts[r, t]:
                            _add_up(game, views, v, p)
                        views.moved[v, p] = False
                if upto == end:
                    break
                begin, upto = upto, _end_of_group(game, luck, upto, end)
                for n in range(begin, upto):
                    i = np.intp(luck.reviser[n])
                    if luck.turnover[n] >= 0:
                        for k in range(game.asked.size):
                            for p in range(len(points)):
                                taste = luck.new_tastes[luck.turnover[n], k]
                                room.leaning[i, k, p] = taste / game.rules[SHARPNESS, p]
                    for v in range(2):
                        _choose(points, game, room, v, i)
                for n in range(begin, upto):
                    i = np.intp(luck.reviser[n])
                    for v in range(2):
                        for p in range(len(points)):
                            if views.chosen[v, i, p] != views.stances[v, i, p]:
                                _declare(game, views, v, i, p)
                                if v == NOW:
                                    room.settled[p] = t + 1
            for p in range(len(points)):
                _try_the_peace(game, luck, room, r, t, p)
                if keeps_rounds or t == game.rounds - 1:
                    _write_down(room, record, r, t if keeps_rounds else 0, p)
                if t == game.rounds - 1 - game.five_months[p]:
                    for j in range(game.is_lead.size):
                        record.earlier[p, r, j] = views.stances[NOW, j, p]
        for p in range(len(points)):
            record.settled[p, r] = room.settled[p]


@njit(**_COMPILED, inline="always")
def _sit_down(points: Array, game: Game, luck: Luck, room: Room, r: int) -> None:
    """Let every state hold the stance that it opens with, and everything be as before the first round."""
    views = room.views
    states, options = game.is_lead.size, game.asked.size
    for p in range(len(points)):
        room.headline[p] = game.headline[p]
        room.phase[p] = game.phase[p]
        room.redimensioned[p] = room.rounds_below[p] = room.settled[p] = 0
        room.clarity_lost[p] = 0.0
        room.odds[p] = 1.0
        room.means_it[p] = 1.0 if luck.sincerity[r] < game.rules[SINCERE_CHANCE, p] else 0.0
    for k in range(options):
        for p in range(len(points)):
            room.asks[k, p] = game.asks[k, p]
            for i in range(states):
                room.leaning[i, k, p] = luck.tastes[r, i, k] / game.rules[SHARPNESS, p]
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


@njit(**_COMPILED, inline="always")
def _let_the_world_move(game: Game, wandering: Wandering, room: Room, r: int, t: int, p: int) -> None:
    """Move the environment, and let the leads re-dimension their proposal."""
    views, path, rules = room.views, room.path, game.rules
    now, supposed = views.environment[NOW, p], views.environment[SUPPOSED, p]
    backing_before = now[US_BACKING]
    room.clarity_lost[p] *= 1.0 - rules[PLANNING, p]
    reaction, response = 0.0, 0.0
    if t > 0:
        reaction = rules[RUSSIAN_REACTION, p] * _troop_share(game, views, p)
        headline = room.headline[p]
        enough = rules[SOLID_OFFER, p] * room.asks[headline, p]
        if room.phase[p] == ceasefire.PERMANENT_CEASEFIRE and 0.0 < enough <= views.forces[NOW, headline, p]:
            response = rules[US_RESPONSE, p]
    for q in range(len(ENVIRONMENT)):
        row = wandering.rows[q, p]
        path[q] = game.fixed_paths[t, q, p] if row < 0 else wandering.paths[row, r, t]
    processes.circumstances(path, reaction, response, room.clarity_lost[p], room.odds[p], now)
    if game.redimensions[p]:
        headline, ask, room.rounds_below[p], done = proposal.redimension(
            room.headline[p],
            room.asks[:, p],
            game.asks[:, p],
            views.forces[NOW, :, p],
            room.rounds_below[p],
            t > 0 and now[US_BACKING] > backing_before,
            rules[PATIENCE, p],
            rules[CUT, p],
            rules[FLOOR, p],
            rules[RISE, p],
        )
        if done != proposal.UNCHANGED:
            room.headline[p] = headline
            room.asks[headline, p] = ask
            room.redimensioned[p] += 1
            lost = min(rules[CLARITY_COST, p], now[CLARITY])
            room.clarity_lost[p] += lost
            now[CLARITY] -= lost
            views.moved[NOW, p] = views.moved[SUPPOSED, p] = True  # asks move beliefs as stances do
    for q in range(len(ENVIRONMENT)):
        supposed[q] = now[q]
    supposed[US_BACKING] = max(now[US_BACKING], rules[CONDITION_BACKING, p])
    supposed[SINCERITY] = max(now[SINCERITY], rules[CONDITION_SINCERITY, p])
    supposed[CLARITY] = max(now[CLARITY], rules[CONDITION_CLARITY, p])


@njit(**_COMPILED, inline="always")
def _troop_share(game: Game, views: Views, p: int) -> float:
    return proposal.weight_behind(views.states[NOW, :, p], game.provokes[:, p]) / game.is_lead.size


@njit(**_COMPILED, inline="always")
def _look_around(points: Array, views: Views, v: int) -> None:
    """See the environment as all states see it."""
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


@njit(**_COMPILED, inline="always")
def _believe(game: Game, views: Views, asks: Array, v: int, p: int) -> None:
    """Judge whether the options will go ahead with the forces declared."""
    for k in range(game.asked.size):
        views.beliefs[v, k, p] = choice.belief(
            views.forces[v, k, p], asks[k, p], game.rules[BELIEF_SPREAD, p], game.rules[BELIEF_FLOOR, p]
        )


@njit(**_COMPILED, inline="always")
def _add_up(game: Game, views: Views, v: int, p: int) -> None:
    """See how far the stances deter."""
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


@njit(**_COMPILED, inline="always")
def _end_of_group(game: Game, luck: Luck, begin: int, end: int) -> int:
    """Return where the group of states that declare together ends."""
    if game.grouping == SEQUENCE:
        return begin + 1
    if game.grouping == LEADS_FIRST and game.is_lead[luck.reviser[begin]]:
        upto = begin
        while upto < end and game.is_lead[luck.reviser[upto]]:
            upto += 1
        return upto
    return end


@njit(**_COMPILED, inline="always")
def _choose(points: Array, game: Game, room: Room, v: int, i: int) -> None:
    """Let a state decide what it would declare in a view, at every point."""
    views, options = room.views, game.asked.size
    if views.weighed[v, i] != views.version[v]:
        views.weighed[v, i] = views.version[v]
        for k in range(1, options):
            for p in range(len(points)):
                total = 0.0
                for d in range(COMMON):
                    total += game.pulls[i, k, d, p] * views.common[v, d, p]
                views.weight[v, i, k, p] = total
    if len(points) == 1:
        _choose_alone(game, room, v, i)
    else:
        _choose_side_by_side(points, game, room, v, i)


@njit(**_COMPILED, inline="always")
def _choose_alone(game: Game, room: Room, v: int, i: int) -> None:
    """Decide at a single point, one option after the other."""
    best, most = 0, room.leaning[i, 0, 0]
    for k in range(1, game.asked.size):
        goes_ahead, without_me = _going_ahead(game, room, v, i, k, 0)
        here = _worth(game, room, v, i, k, 0, goes_ahead, without_me)
        best = k if here > most else best
        most = max(here, most)
    room.views.chosen[v, i, 0] = best


@njit(**_COMPILED, inline="always")
def _choose_side_by_side(points: Array, game: Game, room: Room, v: int, i: int) -> None:
    """Decide at all points, an option at all of them after the other."""
    goes_ahead, without_me, best, most = room.goes_ahead, room.without_me, room.best, room.most
    for p in range(len(points)):
        best[p] = 0
        most[p] = room.leaning[i, 0, p]
    for k in range(1, game.asked.size):
        for p in range(len(points)):
            goes_ahead[p] = without_me[p] = 1.0
        if game.asked[k]:
            for p in range(len(points)):
                goes_ahead[p], without_me[p] = _going_ahead(game, room, v, i, k, p)
        for p in range(len(points)):
            here = _worth(game, room, v, i, k, p, goes_ahead[p], without_me[p])
            best[p] = k if here > most[p] else best[p]
            most[p] = max(here, most[p])
    for p in range(len(points)):
        room.views.chosen[v, i, p] = best[p]


@njit(**_COMPILED, inline="always")
def _going_ahead(game: Game, room: Room, v: int, i: int, k: int, p: int) -> tuple[float, float]:
    """Return how likely an option is taken to go ahead with, and without, the state's own offer."""
    views, offer = room.views, game.offers[i, k, p]
    holds = views.stances[v, i, p] == k
    as_declared = views.beliefs[v, k, p]
    otherwise = choice.belief(
        views.forces[v, k, p] + (-offer if holds else offer),
        room.asks[k, p],
        game.rules[BELIEF_SPREAD, p],
        game.rules[BELIEF_FLOOR, p],
    )
    return as_declared if holds else otherwise, otherwise if holds else as_declared


@njit(**_COMPILED, inline="always")
def _worth(game: Game, room: Room, v: int, i: int, k: int, p: int, goes_ahead: float, without_me: float) -> float:
    """Return the value of an option plus the state's leaning to it, added up in the order of choice.values."""
    views, pulls = room.views, game.pulls
    called_in, threat, momentum, security, retreat = choice.own_to_one(
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
        views.held[v, i, p] - game.rungs[k, p],
    )
    total = views.weight[v, i, k, p] + pulls[i, k, COMMON, p] * called_in
    total += pulls[i, k, COMMON + 1, p] * threat
    total += pulls[i, k, COMMON + 2, p] * momentum
    total += pulls[i, k, COMMON + 3, p] * security
    total += pulls[i, k, COMMON + 4, p] * retreat
    return total + room.leaning[i, k, p]


@njit(**_COMPILED, inline="always")
def _declare(game: Game, views: Views, v: int, j: int, p: int) -> None:
    """Let a state move to what it has chosen."""
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


@njit(**_COMPILED, inline="always")
def _try_the_peace(game: Game, luck: Luck, room: Room, r: int, t: int, p: int) -> None:
    """Let a truce come, be tested or break, and let the states learn from its violations."""
    views, rules, phase = room.views, game.rules, room.phase[p]
    if phase != ceasefire.FIGHTING:
        sincere, insincere = rules[VIOLATIONS_SINCERE, p], rules[VIOLATIONS_INSINCERE, p]
        seen = ceasefire.violations(sincere if room.means_it[p] > 0.0 else insincere, luck.violations[r, t])
        room.odds[p] = ceasefire.learnt_odds(room.odds[p], seen, sincere, insincere)
    hazard = rules[TRUCE_HAZARD, p] if phase == ceasefire.FIGHTING else rules[DEAL_HAZARD, p]
    opposition, share = views.environment[NOW, p, OPPOSITION], _troop_share(game, views, p)
    known = room.forward[p]
    if known[1] != hazard or known[2] != opposition or known[3] != share:
        known[0] = ceasefire.step_chance(
            hazard, opposition, share, rules[OPPOSITION_SLOWS, p], rules[TROOPS_SLOW, p], rules[WEEKS, p]
        )
        known[1], known[2], known[3] = hazard, opposition, share
    breakdown = 0.0
    if phase != ceasefire.FIGHTING:
        breakdown = ceasefire.breakdown_chance(
            rules[BREAKDOWN_HAZARD, p], room.means_it[p], views.deterrence[NOW, p], rules[WEEKS, p]
        )
    room.phase[p] = ceasefire.next_phase(phase, known[0], breakdown, luck.peace[r, t])


@njit(**_COMPILED, inline="always")
def _write_down(room: Room, record: Record, r: int, slot: int, p: int) -> None:
    """Write a round down."""
    views = room.views
    for q in range(len(ENVIRONMENT)):
        record.environment[p, r, slot, q] = views.environment[NOW, p, q]
    record.phase[p, r, slot] = room.phase[p]
    record.headline[p, r, slot] = room.headline[p]
    record.asks[p, r, slot] = room.asks[room.headline[p], p]
    record.deterrence[p, r, slot] = views.deterrence[NOW, p]
    record.redimensioned[p, r, slot] = room.redimensioned[p]
    for i in range(views.stances.shape[1]):
        record.stances[p, r, slot, i] = views.stances[NOW, i, p]
        record.conditional[p, r, slot, i] = views.stances[SUPPOSED, i, p]


def room_for(game: Game) -> Room:
    """Return the arrays that the kernel works in."""
    states, options, _, points = game.pulls.shape
    return Room(
        views=Views(
            environment=np.zeros((2, points, len(ENVIRONMENT))),
            stances=np.zeros((2, states, points), dtype=np.int64),
            chosen=np.zeros((2, states, points), dtype=np.int64),
            held=np.zeros((2, states, points)),
            forces=np.zeros((2, options, points)),
            economies=np.zeros((2, options, points)),
            states=np.zeros((2, options, points)),
            peers=np.zeros((2, *game.opening_peers.shape)),
            beliefs=np.zeros((2, options, points)),
            common=np.full((2, COMMON, points), np.nan),
            openness=np.zeros((2, points)),
            threat=np.zeros((2, points)),
            deterrence=np.zeros((2, points)),
            slope=np.zeros((2, points)),
            mass=np.full((2, points), np.nan),
            denied=np.zeros((2, points)),
            behind=np.full((2, points), np.nan),
            punished=np.zeros((2, points)),
            moved=np.zeros((2, points), dtype=np.bool_),
            version=np.zeros(2, dtype=np.int64),
            weighed=np.zeros((2, states), dtype=np.int64),
            weight=np.zeros((2, states, options, points)),
        ),
        leaning=np.zeros((states, options, points)),
        asks=np.zeros((options, points)),
        headline=np.zeros(points, dtype=np.int64),
        redimensioned=np.zeros(points, dtype=np.int64),
        rounds_below=np.zeros(points, dtype=np.int64),
        phase=np.zeros(points, dtype=np.int64),
        settled=np.zeros(points, dtype=np.int64),
        clarity_lost=np.zeros(points),
        odds=np.zeros(points),
        means_it=np.zeros(points),
        forward=np.full((points, 4), np.nan),
        path=np.zeros(len(ENVIRONMENT)),
        goes_ahead=np.zeros(points),
        without_me=np.zeros(points),
        best=np.zeros(points, dtype=np.int64),
        most=np.zeros(points),
    )


def record_for(game: Game, replicates: int, rounds: int) -> Record:
    """Return room to write down this many rounds, the last or all, of each replicate at each point."""
    states, _, _, points = game.pulls.shape
    each = points, replicates, rounds
    return Record(
        environment=np.empty((*each, len(ENVIRONMENT))),
        phase=np.empty(each, dtype=np.int8),
        headline=np.empty(each, dtype=np.int8),
        asks=np.empty(each),
        deterrence=np.empty(each),
        redimensioned=np.empty(each, dtype=np.int32),
        stances=np.empty((*each, states), dtype=np.int8),
        conditional=np.empty((*each, states), dtype=np.int8),
        earlier=np.empty((points, replicates, states), dtype=np.int8),
        settled=np.empty((points, replicates), dtype=np.int32),
    )
