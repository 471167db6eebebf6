"""Characters that are invisible or look like others, and their names for messages."""

from __future__ import annotations

import unicodedata

_INVISIBLE_NAMES = {
    "\t": "a tab",
    "\u0085": "a next-line character",
    "\u00a0": "a non-breaking space",
    "\u00ad": "a soft hyphen",
    "\u200b": "a zero-width space",
    "\u2028": "a line separator",
    "\u2029": "a paragraph separator",
    "\u202f": "a narrow non-breaking space",
    "\ufeff": "a byte-order mark",
}
_NAMES = _INVISIBLE_NAMES | {
    "\u2212": "a minus sign that is not a hyphen",
    "\u2018": "a curly quote",
    "\u2019": "a curly quote",
    "\u201a": "a curly quote",
    "\u201c": "a curly quote",
    "\u201d": "a curly quote",
    "\u201e": "a curly quote",
}
_INVISIBLE = ("Cf", "Zs", "Zl", "Zp")  # Unicode's categories of formats and separators


def odd_character(text: str, *, invisible_only: bool = False) -> str:
    """Return the first invisible or misleading character, such as `a tab (U+0009)`, or an empty text."""
    names = _INVISIBLE_NAMES if invisible_only else _NAMES
    for letter in text:
        name = names.get(letter)
        if name is None and letter != " " and unicodedata.category(letter) in _INVISIBLE:
            name = f"the invisible character {unicodedata.name(letter, 'without a name').lower()}"
        if name is None and letter.isdecimal() and not letter.isascii():
            name = f"the character {unicodedata.name(letter, letter).lower()}"
        if name is not None:
            return f"{name} (U+{ord(letter):04X})"
    return ""


def holds_odd(text: str) -> str:
    """Return `; it holds a non-breaking space (U+00A0)`, or an empty text if all characters are ordinary."""
    odd = odd_character(text)
    return f"; it holds {odd}, which has to go" if odd else ""
