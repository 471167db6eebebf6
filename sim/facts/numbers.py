"""Numbers as people write them, with commas, points, spaces and per cent signs, and their likely meaning."""

from __future__ import annotations

import re

_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")  # 25.000 and 1.000.000
_THREE_DECIMALS = re.compile(r"[-+]?[1-9]\d*\.\d{3}")
COUNTED_UNITS = ("soldiers", "km", "USD", "USD a year")  # usually in thousands
_SPACES = "\u0020\u00a0\u202f\u2009"


def number_meant(text: str, share: bool = False, whole: bool = False) -> float | None:
    """Return the likely meaning of a text such as 0,5 or 40% or 25 000 or 40k as a number; None if there is none.

    share: whether per cent are a part of 1; whole: whether the number counts something, so that 25.000 is 25 thousand.
    """
    word = text.strip().lower()
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?\s*%", word):
        number = float(word.rstrip("% ").replace(",", "."))
        return round(number / 100, 10) if share else number
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?\s*k", word):
        return float(word.rstrip("k ").replace(",", ".")) * 1000
    if re.fullmatch(rf"[-+]?\d{{1,3}}([{_SPACES}',’]\d{{3}})+", word) and (whole or word.count(",") != 1):
        return float(re.sub(rf"[{_SPACES}',’]", "", word))
    if _GROUPED.fullmatch(word) and (whole or word.count(".") > 1):
        return float(word.replace(".", ""))
    if re.fullmatch(r"[-+]?\d*[.,]?\d+", word):
        return float(word.replace(",", "."))
    return None


def written(number: float) -> str:
    """Return the number as it is written in a scenario."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def unmistakable(text: str) -> str:
    """Return a number that a program writes so that it cannot be taken for thousands: 25.125 as 25.1250."""
    return f"{text}0" if _GROUPED.fullmatch(text) else text


def is_counted(unit: str, high: float | None = None) -> bool:
    """Return whether numbers of a unit are usually in thousands, so that 25.000 hardly means 25."""
    return unit in COUNTED_UNITS and (high is None or high > 1000)


def point_for_thousands(text: str, *, whole: bool, low: float | None = None, high: float | None = None) -> str | None:
    """Return an error message for a number such as 25.000 where soldiers are counted; None if the number is clear.

    Parameters
    ----------
    text : str
        The number as it is written.
    whole : bool
        Whether only whole numbers are allowed. Otherwise the number is refused only if thousands are within the range.
    low, high : float, optional
        The range of the number.
    """
    word = text.strip()
    if not _THREE_DECIMALS.fullmatch(word):
        return None
    value, meant = float(word), float(word.replace(".", ""))
    is_meant = bool(_GROUPED.fullmatch(word)) and not (
        (low is not None and meant < low) or (high is not None and meant > high)
    )
    if is_meant and whole and not value.is_integer():
        return f"{word} is not a whole number; did you mean {written(meant)}?"
    if is_meant:
        return f"{word} would be read as {written(value)}; did you mean {written(meant)}?"
    if whole and value.is_integer():
        return f"{word} is written with decimals, where a whole number is needed; write {written(value)}"
    return None
