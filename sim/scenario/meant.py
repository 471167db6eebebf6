"""What the user may have meant by a word or a number that does not fit."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from sim import facts

_OTHER_NAMES = {
    "america": "USA",
    "britain": "GBR",
    "czech republic": "CZE",
    "eire": "IRL",
    "england": "GBR",
    "ger": "DEU",
    "gre": "GRC",
    "great britain": "GBR",
    "holland": "NLD",
    "kyiv": "UKR",
    "macedonia": "MKD",
    "moscow": "RUS",
    "russian federation": "RUS",
    "sui": "CHE",
    "turkey": "TUR",
    "uk": "GBR",
    "united states of america": "USA",
    "us": "USA",
}
_SHOWN_AT_MOST = 14


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that is most like this one, None where none is much like it."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    lower = word.lower()[:60]
    close = difflib.get_close_matches(lower, by_lower, n=5, cutoff=cutoff)
    if close:
        return by_lower[max(close, key=lambda each: (_likeness(lower, each), each[:1] == lower[:1]))]
    begun = [each for each in by_lower if each.startswith(lower)] if len(lower) > 2 else []
    return by_lower[begun[0]] if len(begun) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'ask'?`, or the words there are if none is near and they are few, or nothing."""
    words = list(known)
    near = nearest(word, words)
    if near is not None:
        return f"; did you mean '{near}'?"
    if words and len(words) <= _SHOWN_AT_MOST:
        return f"; known here: {', '.join(words)}"
    return ""


def state_meant(word: str, known: Iterable[str] = ()) -> str | None:
    """Return the code of the state that a misspelt code or a name stands for; known are codes outside the table."""
    by_name = _codes_by_name()
    plain = _folded(word)
    if plain in by_name or plain in _OTHER_NAMES:
        return by_name.get(plain) or _OTHER_NAMES[plain]
    codes = [*facts.states(), *known]
    if len(plain) == 2:
        beginning = [code for code in codes if code.lower().startswith(plain)]
        if len(beginning) == 1:
            return beginning[0]
    if len(plain) <= 4:
        return nearest(plain, codes)
    near = nearest(plain, by_name, cutoff=0.75)
    return by_name[near] if near is not None else None


def did_you_mean_state(word: str, known: Iterable[str] = ()) -> str:
    """Return `; did you mean FRA (France)?`, or nothing."""
    code = state_meant(word, known)
    if code is None:
        return ""
    state = facts.states().get(code)
    return f"; did you mean {code} ({state.name})?" if state is not None else f"; did you mean {code}?"


def number_meant(text: str, share: bool = False, whole: bool = False) -> float | None:
    """Return the number that a text such as 0,5 or 40% or 25 000 or 40k may stand for, None where it may be none."""
    word = text.strip().lower()
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?\s*%", word):
        number = float(word.rstrip("% ").replace(",", "."))
        return round(number / 100, 10) if share else number
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?\s*k", word):
        return float(word.rstrip("k ").replace(",", ".")) * 1000
    if re.fullmatch(r"[-+]?\d{1,3}([ ',]\d{3})+", word) and (whole or word.count(",") != 1):
        return float(re.sub(r"[ ',]", "", word))
    if re.fullmatch(r"[-+]?\d*[.,]?\d+", word):
        return float(word.replace(",", "."))
    return None


def written(number: float) -> str:
    """Return the number as a scenario would write it."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


@lru_cache(maxsize=1)
def _codes_by_name() -> dict[str, str]:
    return {_folded(state.name): code for code, state in facts.states().items()}


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _folded(name: str) -> str:
    """Return the name in lower case and without accents."""
    letters = unicodedata.normalize("NFKD", name[:60])
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).lower().strip()
