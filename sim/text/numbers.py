"""Numbers as sentences, titles and tables write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

_COUNTED = ("soldiers", "rounds", "days", "km", "USD", "USD a year", "% of GDP", "states", "times", "per week")


class Estimate(Protocol):
    """A mean with the ends of its interval."""

    @property
    def mean(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102


def counted(number: float, noun: str) -> str:
    """Return a whole number with its noun in the singular or the plural."""
    whole = round(number)
    return f"{whole:,} {noun}" + ("" if whole == 1 else "s")


def percent(share: float) -> str:
    """Return a share in %: never 0% for something that occurs, nor 100% for something that sometimes does not."""
    if 0.0 < share <= 0.005:
        return "<1%"
    if 0.995 <= share < 1.0:
        return ">99%"
    return f"{share:.0%}"


def signed(value: float, digits: int = 2) -> str:
    """Return a change with its sign, such as +0.12 or −1,200.00; a plain 0 if it rounds to zero.

    >>> signed(-0.123), signed(0.004), signed(1234.5, digits=0)
    ('−0.12', '0', '+1,234')
    """
    if math.isnan(value):
        return "unknown"
    text = f"{value:+z,.{digits}f}"
    return text.replace("-", "−") if any(digit in text for digit in "123456789") else "0"


def with_half_width(value: float, half_width: float, digits: int = 2) -> str:
    """Return a change with the half-width of its interval, such as +0.50 ±0.12; without it if it is unknown."""
    text = signed(value, digits)
    return text if math.isnan(half_width) else f"{text} ±{half_width:,.{digits}f}"


def with_interval(estimate: Estimate, write: Callable[[float], str] = signed) -> str:
    """Return an estimate with its interval in brackets; without it if it is unknown or has no width.

    write: how each of the three numbers is written.
    """
    mean, low, high = estimate.mean, estimate.low, estimate.high
    if math.isnan(low) or low == mean == high:
        return write(mean)
    return f"{write(mean)} ({write(low)} to {write(high)})"


def outcome_number(value: float, *, within: tuple[float, float] | None = None) -> str:
    """Return a number with the digits that a reader needs: about three, or two decimals in a narrow range."""
    if value == 0.0:
        return "0"
    if abs(value) >= 100.0:
        return f"{float(f'{value:.3g}'):,.0f}"
    if within is not None and within[1] - within[0] <= 2.0:
        return f"{round(value, 2) + 0.0:.2f}"
    if abs(value) >= 1.0:
        return f"{value:.1f}".removesuffix(".0")
    return f"{value:.2g}"


def setting_number(value: float) -> str:
    """Return the value of a setting with as many digits as it has, at most six decimals, thousands separated."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞"
    if value == 0.0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(value: str, unit: str) -> str:
    """Return a value with its unit; without it if the unit only names a range or a scale."""
    return f"{value} {unit}" if unit in _COUNTED else value
