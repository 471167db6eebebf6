"""The random draws of a replicate, made before it is simulated and the same for every engine."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np

from sim.errors import ModelError
from sim.model.environment import rolled_paths
from sim.model.setup import Setup
from sim.theory import rng
from sim.theory.rng import address

type Array = np.ndarray

_NOBODY = np.zeros(1, dtype=np.int64)
MOST_SEED = 2**63 - 1
MOST_REPLICATES = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """The random draws of one replicate; uniform draws in (0, 1) unless noted."""

    tastes: Array  # [1 + rounds, states, options] standard Gumbel; row 0 is the first type
    revision: Array  # [rounds, states]
    turnover: Array  # [rounds, states]
    order: Array  # [rounds, states] the order of revising, where it is random
    paths: Array  # [rounds, quantities] the exogenous environment, in [0, 1]
    peace: Array  # [rounds] whether a phase of peace begins or breaks
    violations: Array  # [rounds]
    sincerity: float  # whether Moscow is sincere


def roll(setup: Setup, seed: int, replicate: int) -> Draws:
    """Return the random draws of one replicate.

    Every draw has an address of its own (seed, replicate, purpose, state or option, round). So replicate r has the same
    draws at every point of a sweep, and leaving a state out does not change the draws of the others.
    """
    seed, replicate = checked_seed(seed), checked_replicate(replicate)
    rounds = setup.scenario.rounds
    who = addresses("state", setup.codes)
    return Draws(
        tastes=rng.gumbels(addresses("taste", setup.menu.names), who, rounds, replicate, seed),
        revision=rng.uniforms(address("revision"), who, rounds, replicate, seed),
        turnover=rng.uniforms(address("turnover"), who, rounds, replicate, seed),
        order=rng.uniforms(address("order"), who, rounds, replicate, seed),
        paths=rolled_paths(setup.scenario, setup.fixed_paths, seed, replicate),
        peace=rng.uniforms(address("peace"), _NOBODY, rounds, replicate, seed)[:, 0],
        violations=rng.uniforms(address("violations"), _NOBODY, rounds, replicate, seed)[:, 0],
        sincerity=rng.uniform(address("sincerity"), 0, 0, replicate, seed),
    )


def checked_seed(seed: int) -> int:
    """Return the seed as an int; ModelError if it is not a whole number from 0 to 2^63 - 1."""
    return _checked_whole(seed, MOST_SEED, "seed", "2^63 - 1")


def checked_replicate(replicate: int) -> int:
    """Return the number of a replicate as an int; ModelError if it is not a whole number from 0 to 2^32 - 1."""
    return _checked_whole(replicate, MOST_REPLICATES - 1, "replicate", "2^32 - 1")


def _checked_whole(value: int, most: int, name: str, most_in_words: str) -> int:
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number <= most:
        raise ModelError(f"{name} {value}: must be a whole number from 0 to {most_in_words}")
    return number


def addresses(kind: str, names: tuple[str, ...]) -> Array:
    """Return the 32-bit addresses of names of a kind; ModelError if two names would share their draws."""
    result = [address(kind, name) for name in names]
    if len(set(result)) < len(result):
        raise ModelError(f"two of these names happen to have the same random draws; rename one: {', '.join(names)}")
    return np.array(result, dtype=np.int64)
