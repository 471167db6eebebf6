"""Which figures there are of which result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from sim.errors import FigureError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.result import Result

# By the class of the result: the module whose `figures` gives what draws each kind of figure, the usual one first.
_MODULES = {
    "Stability": "sim.plots.stability",
    "Thresholds": "sim.plots.thresholds",
    "Run": "sim.plots.run",
    "Hindcast": "sim.plots.hindcast",
    "Fit": "sim.plots.fit",
    "Pivots": "sim.plots.pivots",
    "Sweep": "sim.plots.sweeps",
}


def figures(result: Result) -> Mapping[str, Callable[[], Figure]]:
    """Return what draws each kind of figure of a result, the usual one first."""
    made: Mapping[str, Callable[[], Figure]] = import_module(_MODULES[type(result).__name__]).figures(result)
    return made


def kinds(result: Result) -> tuple[str, ...]:
    """Return the kinds of figures of a result."""
    return tuple(figures(result))


def plot(result: Result, kind: str | None = None) -> Figure:
    """Draw a figure of a result, the usual one unless a kind is named; FigureError for a kind that there is not."""
    known = figures(result)
    name = type(result).__name__
    if not known:
        raise FigureError(f"{name} has no figure")
    chosen = next(iter(known)) if kind is None else kind
    if chosen not in known:
        raise FigureError(f"{name} has no figure '{chosen}'; choose from {', '.join(known)}")
    return known[chosen]()
