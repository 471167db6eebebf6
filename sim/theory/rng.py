"""Random draws: one for every purpose, state and round, found by its address and not by its turn.

A counter-based generator (Philox4x32-10; Salmon et al. 2011) turns an address into a random number. No draw depends
on another, so leaving a state out, adding an option or simulating more rounds changes no other draw.
"""

from __future__ import annotations

import math
from zlib import crc32

import numpy as np
from numba import uint32, uint64

from sim.theory.jit_cache import njit

_MULTIPLIER_0 = 0xD2511F53
_MULTIPLIER_1 = 0xCD9E8D57
_WEYL_0 = 0x9E3779B9
_WEYL_1 = 0xBB67AE85


def address(*words: str) -> int:
    """Return the 32-bit address of a purpose, a state or an option, such as address("taste", "troops")."""
    return crc32(":".join(words).encode())


@njit(cache=True, inline="always")
def _times(a: int, b: int) -> tuple[int, int]:
    product = uint64(a) * uint64(b)
    return uint32(product >> uint64(32)), uint32(product & uint64(0xFFFFFFFF))


@njit(cache=True, inline="always")
def philox(what: int, who: int, when: int, replicate: int, seed: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox4x32-10 at the counter (what, who, when, replicate) under the key seed."""
    c0, c1, c2, c3 = uint32(what), uint32(who), uint32(when), uint32(replicate)
    k0, k1 = uint32(uint64(seed) & uint64(0xFFFFFFFF)), uint32(uint64(seed) >> uint64(32))
    for _ in range(10):
        high_0, low_0 = _times(c0, uint32(_MULTIPLIER_0))
        high_1, low_1 = _times(c2, uint32(_MULTIPLIER_1))
        c0, c1, c2, c3 = uint32(high_1 ^ c1 ^ k0), low_1, uint32(high_0 ^ c3 ^ k1), low_0
        k0, k1 = uint32(k0 + uint32(_WEYL_0)), uint32(k1 + uint32(_WEYL_1))
    return c0, c1, c2, c3


@njit(cache=True, inline="always")
def _open_unit(word: int, next_word: int) -> float:
    """Return a number in the open interval (0, 1) from 52 bits of two words."""
    bits = (uint64(word) >> uint64(6)) * uint64(1 << 26) + (uint64(next_word) >> uint64(6))
    return (float(bits) + 0.5) / 4503599627370496.0


@njit(cache=True, inline="always")
def uniform(what: int, who: int, when: int, replicate: int, seed: int) -> float:
    """Return the uniform draw in (0, 1) at an address."""
    first, second, _, _ = philox(what, who, when, replicate, seed)
    return _open_unit(first, second)


@njit(cache=True, inline="always")
def normal(what: int, who: int, when: int, replicate: int, seed: int) -> float:
    """Return the standard normal draw at an address (Box & Muller 1958)."""
    first, second, third, fourth = philox(what, who, when, replicate, seed)
    radius = math.sqrt(-2.0 * math.log(_open_unit(first, second)))
    return radius * math.cos(2.0 * math.pi * _open_unit(third, fourth))


@njit(cache=True)
def gumbel(what: int, who: int, when: int, replicate: int, seed: int) -> float:
    """Return the standard Gumbel draw at an address: the taste shock that makes the choice a logit (McFadden 1974)."""
    return -math.log(-math.log(uniform(what, who, when, replicate, seed)))


@njit(cache=True)
def uniforms(what: int, who: np.ndarray, rounds: int, replicate: int, seed: int) -> np.ndarray:
    """Return uniform draws [rounds, who] for the rounds from 1 on."""
    drawn = np.empty((rounds, who.size))
    for t in range(rounds):
        for i in range(who.size):
            drawn[t, i] = uniform(what, who[i], t + 1, replicate, seed)
    return drawn


@njit(cache=True)
def normals(what: int, who: np.ndarray, rounds: int, replicate: int, seed: int) -> np.ndarray:
    """Return standard normal draws [rounds, who] for the rounds from 1 on."""
    drawn = np.empty((rounds, who.size))
    for t in range(rounds):
        for i in range(who.size):
            drawn[t, i] = normal(what, who[i], t + 1, replicate, seed)
    return drawn


@njit(cache=True)
def gumbels(what: np.ndarray, who: np.ndarray, rounds: int, replicate: int, seed: int) -> np.ndarray:
    """Return standard Gumbel draws [rounds + 1, who, what], the first row being the draw before round 1."""
    drawn = np.empty((rounds + 1, who.size, what.size))
    for t in range(rounds + 1):
        for i in range(who.size):
            for k in range(what.size):
                drawn[t, i, k] = gumbel(what[k], who[i], t, replicate, seed)
    return drawn
