"""The codes of states as people write them: ISO 3166 with three or two letters, the EU's EL and UK, and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

# ISO 3166 with three letters -> with two letters, short English name, other names. The states of the table, and those
# near them that a scenario may name as host or opponent.
_CODES: Mapping[str, tuple[str, ...]] = {
    "ALB": ("AL", "Albania"),
    "AND": ("AD", "Andorra"),
    "ARM": ("AM", "Armenia"),
    "AUS": ("AU", "Australia"),
    "AUT": ("AT", "Austria"),
    "AZE": ("AZ", "Azerbaijan"),
    "BEL": ("BE", "Belgium"),
    "BGR": ("BG", "Bulgaria"),
    "BIH": ("BA", "Bosnia and Herzegovina", "Bosnia", "Bosnia-Herzegovina"),
    "BLR": ("BY", "Belarus"),
    "CAN": ("CA", "Canada"),
    "CHE": ("CH", "Switzerland", "SUI"),
    "CHN": ("CN", "China"),
    "CYP": ("CY", "Cyprus"),
    "CZE": ("CZ", "Czechia", "Czech Republic"),
    "DEU": ("DE", "Germany", "GER", "Deutschland", "Federal Republic of Germany"),
    "DNK": ("DK", "Denmark"),
    "ESP": ("ES", "Spain"),
    "EST": ("EE", "Estonia"),
    "FIN": ("FI", "Finland"),
    "FRA": ("FR", "France"),
    "GBR": ("GB", "United Kingdom", "UK", "Britain", "Great Britain", "England"),
    "GEO": ("GE", "Georgia"),
    "GRC": ("GR", "Greece", "EL", "GRE", "Hellas"),
    "HRV": ("HR", "Croatia"),
    "HUN": ("HU", "Hungary"),
    "IRL": ("IE", "Ireland", "Eire", "Republic of Ireland"),
    "IRN": ("IR", "Iran"),
    "ISL": ("IS", "Iceland"),
    "ITA": ("IT", "Italy"),
    "JPN": ("JP", "Japan"),
    "KAZ": ("KZ", "Kazakhstan"),
    "KOR": ("KR", "South Korea", "Republic of Korea"),
    "LIE": ("LI", "Liechtenstein"),
    "LTU": ("LT", "Lithuania"),
    "LUX": ("LU", "Luxembourg"),
    "LVA": ("LV", "Latvia"),
    "MCO": ("MC", "Monaco"),
    "MDA": ("MD", "Moldova", "Republic of Moldova"),
    "MKD": ("MK", "North Macedonia", "Macedonia"),
    "MLT": ("MT", "Malta"),
    "MNE": ("ME", "Montenegro"),
    "NLD": ("NL", "Netherlands", "The Netherlands", "Holland"),
    "NOR": ("NO", "Norway"),
    "NZL": ("NZ", "New Zealand"),
    "POL": ("PL", "Poland"),
    "PRK": ("KP", "North Korea"),
    "PRT": ("PT", "Portugal"),
    "ROU": ("RO", "Romania"),
    "RUS": ("RU", "Russia", "Russian Federation", "Moscow"),
    "SMR": ("SM", "San Marino"),
    "SRB": ("RS", "Serbia"),
    "SVK": ("SK", "Slovakia", "Slovak Republic"),
    "SVN": ("SI", "Slovenia"),
    "SWE": ("SE", "Sweden"),
    "TUR": ("TR", "Türkiye", "Turkey"),
    "TWN": ("TW", "Taiwan"),
    "UKR": ("UA", "Ukraine", "Kyiv"),
    "USA": ("US", "United States", "America", "United States of America"),
    "XKX": ("XK", "Kosovo"),
}
_FEWEST_LETTERS = 2  # of a beginning that names its candidates


def find_state(word: str, names: Mapping[str, str] | None = None) -> str | None:
    """Find the code of a state from a code or a name.

    Parameters
    ----------
    word : str
        A code of two or three letters, or a name, in upper or lower case, with or without accents.
    names : mapping of str to str, optional
        Names of further states by code, such as those that only a scenario describes. They take precedence.

    Returns
    -------
    str or None
        The code, with three letters; None if the word is not the code or full name of a state.
    """
    plain = _folded(word)
    own = names or {}
    if word in own:
        return word
    for code, name in own.items():
        if plain in (_folded(code), _folded(name)):
            return code
    return _by_word().get(plain)


def states_beginning(word: str, names: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the codes of the states whose name or code begins with a word, in alphabetical order."""
    plain = _folded(word)
    if len(plain) < _FEWEST_LETTERS:
        return ()
    known = {**{code: words[1] for code, words in _CODES.items()}, **(names or {})}
    begun = {each for each, name in known.items() if _folded(each).startswith(plain) or _folded(name).startswith(plain)}
    return tuple(sorted(begun))


def state_name(code: str, names: Mapping[str, str] | None = None) -> str:
    """Return the short English name of a state, or its code if it has none."""
    own = (names or {}).get(code)
    return own or (_CODES[code][1] if code in _CODES else code)


def shown_state(code: str, names: Mapping[str, str] | None = None) -> str:
    """Return a state as it appears in messages: `FRA (France)`."""
    name = state_name(code, names)
    return code if name == code else f"{code} ({name})"


def known_codes() -> Iterable[str]:
    """Return all known three-letter codes."""
    return _CODES.keys()


@cache
def _by_word() -> Mapping[str, str]:
    return {_folded(word): code for code, words in _CODES.items() for word in (code, *words)}


def _folded(word: str) -> str:
    """Return a word in lower case, without accents and with single spaces."""
    letters = unicodedata.normalize("NFKD", word[:60])
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())
