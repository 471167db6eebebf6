"""The text and the tables of each class of result."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.result import Result
    from sim.results.spreadsheet import Sheet
    from sim.view import View

# By the class of the result: the module that has its `view` and its `sheets`.
_MODULES = {
    "Catalogue": "sim.report.catalogue",
    "Comparison": "sim.report.comparison",
    "Explanation": "sim.report.explanation",
    "Stability": "sim.report.stability",
    "Thresholds": "sim.report.thresholds",
    "Run": "sim.report.run",
    "Hindcast": "sim.report.hindcast",
    "Fit": "sim.report.fit",
    "Patterns": "sim.report.patterns",
    "Ablations": "sim.report.ablations",
    "Pivots": "sim.report.pivots",
    "Sensitivity": "sim.report.sensitivity",
    "Discovery": "sim.report.discovery",
    "Sweep": "sim.report.sweep",
}


def view(result: Result) -> View:
    """Return a result as headings, paragraphs and tables."""
    return _module_of(result).view(result)


def sheets(result: Result) -> Mapping[str, Sheet]:
    """Return the tables of a result as sheets of a spreadsheet, with the units of their columns."""
    return _module_of(result).sheets(result)


def _module_of(result: Result) -> Any:
    return import_module(_MODULES[type(result).__name__])
