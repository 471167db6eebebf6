"""The round, compiled: what CoalitionModel.step does, replicate after replicate, on arrays.

Read sim/model/coalition.py first; the functions here follow it step by step and take every formula from sim.theory.
Three things make them fast. Only the states that look at their stance again are visited (Luck lists them). What all
states' stances add up to is kept up to date when one of them moves, instead of being added up anew; the sums are exact
in any order. And nothing is allocated once the first replicate plays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from sim.ensemble.game import LEADS_FIRST, SEQUENCE, Game
from sim.ensemble.luck import Luck
from sim.theory import ceasefire, choice, deterrence, processes, proposal
from sim.theory.choice import BATTLEFIELD, CLARITY, MANDATE, RUSSIAN_OPPOSITION, SINCERITY, US_BACKING

type Array = np.ndarray

_DETERRENCE, _SLOPE, _THREAT, _OPENNESS = range(4)


class Record(NamedTuple):
    """What happened; one round of it, the last, or all. The fields are those of Trajectories and Endings."""

    environment: Array  # [replicates, rounds or 1, quantities]
    phase: Array  # [replicates, rounds or 1]
    headline: Array  # [replicates, rounds or 1]
    asks: Array  # [replicates, rounds or 1]
    deterrence: Array  # [replicates, rounds or 1]
    redimensioned: Array  # [replicates, rounds or 1]
    stances: Array  # [replicates, rounds or 1, states]
    conditional: Array  # [replicates, rounds or 1, states]
    earlier: Array  # [replicates, states] the stances five months before the end
    settled: Array  # [replicates] the last round in which a state changed its stance


class _View(NamedTuple):
    """One outlook, as sim.model.outlook.Outlook: the present one, or the one that conditional stances suppose."""

    environment: Array  # [quantities]
    profile: Array  # [states]
    chosen: Array  # [states] what is to be declared
    forces: Array  # [options]
    economies: Array  # [options]
    states: Array  # [options] how many states
    peers: Array  # [options, states] weighted share of each state's peers that counts for an option
    beliefs: Array  # [options]
    present: Array  # [options, drivers]
    sums: Array  # deterrence, its slope, the threat, openness to peers


class Room(NamedTuple):
    """The arrays that the kernel works in; one for each thread."""

    now: _View
    supposed: _View
    leaning: Array  # [states, options] taste over sharpness
    asks: Array  # [options] as in force
    path: Array  # [quantities]
    peers: Array  # [options]
    worth: Array  # [options]


@njit(cache=True, nogil=True, _nrt=False)
def bargain(
    game: Game,
    luck: Luck,
    wandering: Array,
    record: Record,
    keeps_rounds: bool,
    five_months: int,
    room: Room,
    stop: Array,
) -> None:
    """Play all replicates of the luck and write down what happened.

    wandering [wandering quantities, replicates, rounds]; keeps_rounds: every round is written down, else the last;
    five_months in rounds; nothing more is played once stop[0] is set.
    """
    states, options = game.offers.shape
    now, supposed, leaning, asks, path, peers, worth = room
    for r in range(luck.sincerity.size):
        if stop[0]:
            return
        for k in range(options):
            asks[k] = game.asks[k]
        headline = game.headline
        redimensioned, rounds_below, settled = 0, 0, 0
        clarity_lost, odds = 0.0, 1.0
        phase = game.phase
        means_it = 1.0 if luck.sincerity[r] < game.sincere_chance else 0.0
        for i in range(states):
            for k in range(options):
                leaning[i, k] = luck.tastes[r, i, k] / game.sharpness
        _seat(game, now)
        _seat(game, supposed)
        for t in range(game.rounds):
            backing_before = now.environment[US_BACKING]
            clarity_lost *= 1.0 - game.planning
            reaction, response = 0.0, 0.0
            if t > 0:
                reaction = game.russian_reaction * _troop_share(game, now)
                enough = game.solid_offer * asks[headline]
                if phase == ceasefire.PERMANENT_CEASEFIRE and 0.0 < enough <= now.forces[headline]:
                    response = game.us_response
            for q in range(path.size):
                path[q] = game.fixed_paths[t, q]
            for w in range(game.wandering.size):
                path[game.wandering[w]] = wandering[w, r, t]
            processes.circumstances(path, reaction, response, clarity_lost, odds, now.environment)
            if game.redimensions:
                headline, ask, rounds_below, done = proposal.redimension(
                    headline,
                    asks,
                    game.asks,
                    now.forces,
                    rounds_below,
                    t > 0 and now.environment[US_BACKING] > backing_before,
                    game.patience,
                    game.cut,
                    game.floor,
                    game.rise,
                )
                if done != proposal.UNCHANGED:
                    asks[headline] = ask
                    redimensioned += 1
                    lost = min(game.clarity_cost, now.environment[CLARITY])
                    clarity_lost += lost
                    now.environment[CLARITY] -= lost
            _suppose(game, now, supposed)
            _look_around(game, now)
            _look_around(game, supposed)
            _add_up(game, now, asks)
            _add_up(game, supposed, asks)

            begin, end = luck.starts[r, t], luck.starts[r, t + 1]
            while begin < end:
                upto = _end_of_group(game, luck, begin, end)
                for n in range(begin, upto):
                    i = luck.reviser[n]
                    if luck.turnover[n] >= 0:
                        for k in range(options):
                            leaning[i, k] = luck.new_tastes[luck.turnover[n], k] / game.sharpness
                    now.chosen[i] = _choose(game, now, asks, i, leaning, peers, worth)
                    supposed.chosen[i] = _choose(game, supposed, asks, i, leaning, peers, worth)
                moves, supposed_moves = False, False
                for n in range(begin, upto):
                    i = luck.reviser[n]
                    moves |= _declare(game, now, i)
                    supposed_moves |= _declare(game, supposed, i)
                if moves:
                    settled = t + 1
                    _add_up(game, now, asks)
                if supposed_moves and upto < end:
                    _add_up(game, supposed, asks)
                begin = upto

            if phase != ceasefire.FIGHTING:
                sincere, insincere = game.violations_sincere, game.violations_insincere
                seen = ceasefire.violations(sincere if means_it > 0.0 else insincere, luck.violations[r, t])
                odds = ceasefire.learnt_odds(odds, seen, sincere, insincere)
            forward = ceasefire.step_chance(
                game.truce_hazard if phase == ceasefire.FIGHTING else game.deal_hazard,
                now.environment[RUSSIAN_OPPOSITION],
                _troop_share(game, now),
                game.opposition_slows,
                game.troops_slow,
                game.weeks,
            )
            breakdown = ceasefire.breakdown_chance(game.breakdown_hazard, means_it, now.sums[_DETERRENCE], game.weeks)
            phase = ceasefire.next_phase(phase, forward, breakdown, luck.peace[r, t])

            last = t == game.rounds - 1
            if keeps_rounds or last:
                slot = t if keeps_rounds else 0
                for q in range(path.size):
                    record.environment[r, slot, q] = now.environment[q]
                record.phase[r, slot] = phase
                record.headline[r, slot] = headline
                record.asks[r, slot] = asks[headline]
                record.deterrence[r, slot] = now.sums[_DETERRENCE]
                record.redimensioned[r, slot] = redimensioned
                for i in range(states):
                    record.stances[r, slot, i] = now.profile[i]
                    record.conditional[r, slot, i] = supposed.profile[i]
            if t == game.rounds - 1 - five_months:
                for i in range(states):
                    record.earlier[r, i] = now.profile[i]
        record.settled[r] = settled


@njit(cache=True, inline="always", _nrt=False)
def _seat(game: Game, view: _View) -> None:
    """Let every state hold the stance that it opens with."""
    states, options = game.offers.shape
    for k in range(options):
        view.forces[k] = view.economies[k] = view.states[k] = 0.0
        for i in range(states):
            view.peers[k, i] = 0.0
    for j in range(states):
        held = game.opening[j]
        view.profile[j] = held
        view.forces[held] += game.offers[j, held]
        view.economies[held] += game.economy[j]
        view.states[held] += 1.0
        for k in range(options):
            if game.stands_for[held, k] > 0.0:
                for i in range(states):
                    view.peers[k, i] += game.looks_to[j, i]


@njit(cache=True, inline="always", _nrt=False)
def _troop_share(game: Game, now: _View) -> float:
    return proposal.weight_behind(now.states, game.provokes) / game.opening.size


@njit(cache=True, inline="always", _nrt=False)
def _suppose(game: Game, now: _View, supposed: _View) -> None:
    """Let every condition of the proposal be met."""
    for q in range(now.environment.size):
        supposed.environment[q] = now.environment[q]
    supposed.environment[US_BACKING] = max(now.environment[US_BACKING], game.condition_backing)
    supposed.environment[SINCERITY] = max(now.environment[SINCERITY], game.condition_sincerity)
    supposed.environment[CLARITY] = max(now.environment[CLARITY], game.condition_clarity)


@njit(cache=True, inline="always", _nrt=False)
def _look_around(game: Game, view: _View) -> None:
    """See the environment as all states see it."""
    choice.common_drivers(view.environment, view.present)
    view.sums[_THREAT] = choice.threat(view.environment)
    view.sums[_OPENNESS] = 1.0 - view.environment[MANDATE]


@njit(cache=True, inline="always", _nrt=False)
def _add_up(game: Game, view: _View, asks: Array) -> None:
    """See what the stances add up to."""
    backing = choice.effective_backing(view.environment[US_BACKING], view.environment[CLARITY])
    mass = deterrence.strength(
        view.environment[BATTLEFIELD], game.host_soldiers, view.forces, game.multipliers, backing, game.us_soldiers
    )
    denied = deterrence.denial(mass, game.opponent_soldiers, game.decisiveness)
    behind = proposal.weight_behind(view.economies, game.punishes)
    punished = deterrence.punishment(behind, game.economic_reach)
    view.sums[_DETERRENCE] = deterrence.deterrence(denied, punished, game.punishment)
    view.sums[_SLOPE] = deterrence.deterrence_slope(mass, denied, punished, game.punishment, game.decisiveness)
    for k in range(asks.size):
        view.beliefs[k] = choice.belief(view.forces[k], asks[k], game.belief_spread, game.belief_floor)


@njit(cache=True, inline="always", _nrt=False)
def _end_of_group(game: Game, luck: Luck, begin: int, end: int) -> int:
    """Return where the group of states that declare together ends."""
    if game.grouping == SEQUENCE:
        return begin + 1
    if game.grouping == LEADS_FIRST and game.leads[luck.reviser[begin]] > 0.0:
        upto = begin
        while upto < end and game.leads[luck.reviser[upto]] > 0.0:
            upto += 1
        return upto
    return end


@njit(cache=True, inline="always", _nrt=False)
def _choose(game: Game, view: _View, asks: Array, i: int, leaning: Array, peers: Array, worth: Array) -> int:
    """Return the option that a state would declare in this view."""
    for k in range(peers.size):
        peers[k] = view.peers[k, i]
    choice.state_drivers(
        view.forces,
        view.beliefs,
        asks,
        game.offers[i],
        view.profile[i],
        peers,
        game.peer_norms,
        view.sums[_OPENNESS] if game.has_peers[i] else 0.0,
        game.rungs,
        game.multipliers,
        view.sums[_THREAT],
        view.sums[_DETERRENCE],
        view.sums[_SLOPE],
        game.belief_spread,
        game.belief_floor,
        view.present,
    )
    choice.values(game.pulls[i], view.present, worth)
    return choice.choose(worth, leaning[i])


@njit(cache=True, inline="always", _nrt=False)
def _declare(game: Game, view: _View, j: int) -> bool:
    """Let a state declare what it has chosen; return whether it moves."""
    held, chosen = view.profile[j], view.chosen[j]
    if held == chosen:
        return False
    view.profile[j] = chosen
    view.forces[held] -= game.offers[j, held]
    view.forces[chosen] += game.offers[j, chosen]
    view.economies[held] -= game.economy[j]
    view.economies[chosen] += game.economy[j]
    view.states[held] -= 1.0
    view.states[chosen] += 1.0
    for k in range(game.rungs.size):
        sign = game.stands_for[chosen, k] - game.stands_for[held, k]
        if sign != 0.0:
            for i in range(view.profile.size):
                view.peers[k, i] += sign * game.looks_to[j, i]
    return True


def room_for(game: Game) -> Room:
    """Return the arrays that the kernel works in."""
    states, options = game.offers.shape
    return Room(
        now=_empty_view(game),
        supposed=_empty_view(game),
        leaning=np.empty((states, options)),
        asks=np.empty(options),
        path=np.empty(game.fixed_paths.shape[1]),
        peers=np.empty(options),
        worth=np.empty(options),
    )


def record_for(game: Game, replicates: int, rounds: int) -> Record:
    """Return room to write down this many rounds, the last or all, of each replicate."""
    states = game.opening.size
    return Record(
        environment=np.empty((replicates, rounds, game.fixed_paths.shape[1])),
        phase=np.empty((replicates, rounds), dtype=np.int8),
        headline=np.empty((replicates, rounds), dtype=np.int8),
        asks=np.empty((replicates, rounds)),
        deterrence=np.empty((replicates, rounds)),
        redimensioned=np.empty((replicates, rounds), dtype=np.int32),
        stances=np.empty((replicates, rounds, states), dtype=np.int8),
        conditional=np.empty((replicates, rounds, states), dtype=np.int8),
        earlier=np.empty((replicates, states), dtype=np.int8),
        settled=np.empty(replicates, dtype=np.int32),
    )


def _empty_view(game: Game) -> _View:
    states, options, drivers = game.pulls.shape
    return _View(
        environment=np.empty(game.fixed_paths.shape[1]),
        profile=np.empty(states, dtype=np.int64),
        chosen=np.empty(states, dtype=np.int64),
        forces=np.empty(options),
        economies=np.empty(options),
        states=np.empty(options),
        peers=np.empty((options, states)),
        beliefs=np.empty(options),
        present=np.zeros((options, drivers)),
        sums=np.empty(4),
    )
