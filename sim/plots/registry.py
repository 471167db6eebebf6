"""The figures of each class of result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from sim.errors import FigureError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.result import Result

# By the class of the result: the module whose `figures` returns a function for each kind, the usual one first.
_MODULES = {
    "Comparison": "sim.plots.comparison",
    "Explanation": "sim.plots.explanation",
    "Stability": "sim.plots.stability",
    "Thresholds": "sim.plots.thresholds",
    "Run": "sim.plots.run",
    "Hindcast": "sim.plots.hindcast",
    "Fit": "sim.plots.fit",
    "Patterns": "sim.plots.patterns",
    "Ablations": "sim.plots.ablations",
    "Pivots": "sim.plots.pivots",
    "Sensitivity": "sim.plots.sensitivity",
    "Discovery": "sim.plots.discovery",
    "Sweep": "sim.plots.sweeps",
}


def figures(result: Result) -> Mapping[str, Callable[[], Figure]]:
    """Return a function for each kind of figure of a result, the usual one first; none for a result without figures."""
    module = _MODULES.get(type(result).__name__)
    by_kind: Mapping[str, Callable[[], Figure]] = {} if module is None else import_module(module).figures(result)
    return by_kind


def kinds(result: Result) -> tuple[str, ...]:
    """Return the kinds of figures of a result."""
    return tuple(figures(result))


def plot(result: Result, kind: str | None = None) -> Figure:
    """Draw a figure of a result, by default the usual one; FigureError for an unknown kind."""
    by_kind = figures(result)
    name = type(result).__name__
    if not by_kind:
        raise FigureError(f"{name} has no figure")
    chosen = next(iter(by_kind)) if kind is None else kind
    if chosen not in by_kind:
        raise FigureError(f"{name} has no figure '{chosen}'; choose from {', '.join(by_kind)}")
    return by_kind[chosen]()
