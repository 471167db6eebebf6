"""The working arrays of the kernel, and the arrays that it writes its results to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.ensemble.arrays import Game
from sim.theory.choice import COMMON, ENVIRONMENT

type Array = np.ndarray

ACTUAL, CONDITIONS_MET = range(2)


class KernelOutput(NamedTuple):
    """The results of the kernel, for the last round or for all; the fields are those of Trajectories and EndStates."""

    environment: Array  # [points, replicates, rounds or 1, quantities]
    phase: Array  # [points, replicates, rounds or 1]
    headline: Array  # [points, replicates, rounds or 1]
    asks: Array  # [points, replicates, rounds or 1]
    deterrence: Array  # [points, replicates, rounds or 1]
    redimensioned: Array  # [points, replicates, rounds or 1]
    stances: Array  # [points, replicates, rounds or 1, states]
    conditional: Array  # [points, replicates, rounds or 1, states]
    earlier: Array  # [points, replicates, states] the stances five months before the end
    last_change: Array  # [points, replicates] the last round in which a state changed its stance


class Views(NamedTuple):
    """Both outlooks as in sim.model.perception.Outlook, updated as stances change: present, and conditions met."""

    environment: Array  # [views, points, quantities]
    stances: Array  # [views, states, points]
    chosen: Array  # [views, states, points] the choice, before it is declared
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
    moved: Array  # [views, points] whether a stance or an ask has changed
    version: Array  # [views] how many times a common driver has changed at any point
    weighed: Array  # [views, states] the version for which `weight` was computed
    weight: Array  # [views, states, options, points] part of the utility from common drivers


class Workspace(NamedTuple):
    """The working arrays of the kernel; one set per thread."""

    views: Views
    tastes: Array  # [states, options]
    scaled_taste: Array  # [states, options, points] taste shock / choice precision
    asks: Array  # [options, points] as in force
    headline: Array  # [points]
    redimensioned: Array  # [points]
    rounds_below: Array  # [points]
    phase: Array  # [points]
    last_change: Array  # [points]
    clarity_lost: Array  # [points]
    odds: Array  # [points] of sincerity, as learnt
    means_it: Array  # [points] whether Moscow is sincere
    forward: Array  # [points, 4] the probability of a next phase, and its inputs
    path: Array  # [quantities]
    goes_ahead: Array  # [points]
    without_me: Array  # [points]
    best: Array  # [points]
    most: Array  # [points]


def workspace_for(game: Game) -> Workspace:
    """Return new working arrays for the kernel."""
    states, options, _, points = game.pulls.shape
    return Workspace(
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
        tastes=np.zeros((states, options)),
        scaled_taste=np.zeros((states, options, points)),
        asks=np.zeros((options, points)),
        headline=np.zeros(points, dtype=np.int64),
        redimensioned=np.zeros(points, dtype=np.int64),
        rounds_below=np.zeros(points, dtype=np.int64),
        phase=np.zeros(points, dtype=np.int64),
        last_change=np.zeros(points, dtype=np.int64),
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


def output_for(game: Game, replicates: int, rounds: int) -> KernelOutput:
    """Return empty arrays for this many rounds, the last or all, of each replicate at each point."""
    states, _, _, points = game.pulls.shape
    each = points, replicates, rounds
    return KernelOutput(
        environment=np.empty((*each, len(ENVIRONMENT))),
        phase=np.empty(each, dtype=np.int8),
        headline=np.empty(each, dtype=np.int8),
        asks=np.empty(each),
        deterrence=np.empty(each),
        redimensioned=np.empty(each, dtype=np.int32),
        stances=np.empty((*each, states), dtype=np.int8),
        conditional=np.empty((*each, states), dtype=np.int8),
        earlier=np.empty((points, replicates, states), dtype=np.int8),
        last_change=np.empty((points, replicates), dtype=np.int32),
    )
