"""The slow twin's random draws: every draw from its address, as described in docs/odd.md, III.4.n."""

from __future__ import annotations

import math
from dataclasses import dataclass
from zlib import crc32

_WORD = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """The random draws of one replicate: the same address always gives the same draw."""

    seed: int
    replicate: int

    def uniform(self, what: str, who: str | int, when: int) -> float:
        """Return a draw between 0 and 1."""
        first, second, _, _ = self._words(what, who, when)
        return unit(first, second)

    def normal(self, what: str, who: str | int, when: int) -> float:
        """Return a standard normal draw."""
        first, second, third, fourth = self._words(what, who, when)
        return math.sqrt(-2 * math.log(unit(first, second))) * math.cos(2 * math.pi * unit(third, fourth))

    def gumbel(self, what: str, who: str | int, when: int) -> float:
        """Return a standard Gumbel draw."""
        return -math.log(-math.log(self.uniform(what, who, when)))

    def _words(self, what: str, who: str | int, when: int) -> tuple[int, int, int, int]:
        counter = (_word_for(what), _word_for(who), when, self.replicate)
        return philox(counter, (self.seed % _WORD, self.seed // _WORD))


def unit(first: int, second: int) -> float:
    """Return a number strictly between 0 and 1 made of the upper 26 bits of two words."""
    return (first // 64 * 2**26 + second // 64 + 0.5) / 2**52


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the four words of Philox4x32-10 (Salmon and others 2011): ten rounds of multiplying and crossing over."""
    for turn in range(10):
        left, right = ((word + turn * step) % _WORD for word, step in zip(key, (0x9E3779B9, 0xBB67AE85), strict=True))
        high_0, low_0 = divmod(0xD2511F53 * counter[0], _WORD)
        high_2, low_2 = divmod(0xCD9E8D57 * counter[2], _WORD)
        counter = (high_2 ^ counter[1] ^ left, low_2, high_0 ^ counter[3] ^ right, low_0)
    return counter


def _word_for(name: str | int) -> int:
    return crc32(name.encode()) if isinstance(name, str) else name
