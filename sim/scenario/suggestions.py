"""Suggestions for words and numbers that do not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from sim import facts
from sim.facts.state_codes import find_state, shown_state, states_beginning

_SHOWN_AT_MOST = 14


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the most similar known word; None if none is similar."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    lower = word.lower()[:60]
    close = difflib.get_close_matches(lower, by_lower, n=5, cutoff=cutoff)
    if close:
        return by_lower[max(close, key=lambda each: (_likeness(lower, each), each[:1] == lower[:1]))]
    begun = [each for each in by_lower if each.startswith(lower)] if len(lower) > 2 else []
    return by_lower[begun[0]] if len(begun) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'ask'?`, or the known words if none is similar and they are few, or an empty text."""
    words = list(known)
    near = nearest(word, words)
    if near is not None:
        return f"; did you mean '{near}'?"
    if words and len(words) <= _SHOWN_AT_MOST:
        return f"; known here: {', '.join(words)}"
    return ""


def state_meant(word: str, names: Mapping[str, str] | None = None) -> str | None:
    """Return the code of the state that a word names, begins or misspells; None if it may be several.

    names: the states outside the table, by code. A word of two letters is a code or a beginning, never a misspelling.
    """
    code = find_state(word, names)
    if code is not None:
        return code
    begun = states_beginning(word, names)
    if begun or len(word) <= 2:
        return begun[0] if len(begun) == 1 else None
    known = {**{code: state.name for code, state in facts.states().items()}, **(names or {})}
    if len(word) <= 4:
        return nearest(word, known)
    by_name = {name: code for code, name in known.items()}
    near = nearest(word, by_name, cutoff=0.75)
    return by_name[near] if near is not None else None


def did_you_mean_state(word: str, names: Mapping[str, str] | None = None) -> str:
    """Return `; did you mean FRA (France)?`, or all states whose names begin with the word, or an empty text."""
    code = state_meant(word, names)
    begun = (code,) if code is not None else states_beginning(word, names)
    begun = () if begun == (word,) else begun  # the word is correct as it is
    shown = " or ".join(shown_state(each, names) for each in begun)
    return f"; did you mean {shown}?" if shown else ""


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
