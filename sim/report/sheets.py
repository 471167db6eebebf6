"""The tables of every answer as sheets of a spreadsheet, with the units of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.results.spreadsheet import Sheet

if TYPE_CHECKING:
    from sim.analysis.convergence import Convergence

type Sheets = dict[str, Sheet]

_SHARE = "share of replicates"


def of_discovery(limits: Sequence[Mapping[str, Any]], trail: Sequence[Mapping[str, Any]]) -> Sheets:
    """Return the limits of each box, and the boxes on the way to it."""
    return {"limits": Sheet(table=pd.DataFrame(limits)), "trajectory": Sheet(table=pd.DataFrame(trail))}


def of_sensitivity(table: pd.DataFrame, found: Convergence | None) -> Sheets:
    """Return how much of the outcome depends on each factor, and how that settled as points were added."""
    sheets = {"factors": Sheet(table=table.rename_axis("factor"))}
    if found is None:
        return sheets
    return sheets | {"convergence": Sheet(table=found.index.rename_axis("factor"))}


def of_rows(name: str, rows: Sequence[Mapping[str, Any]], units: Mapping[str, str]) -> Sheets:
    """Return rows that were listed as one sheet."""
    return {name: Sheet(table=pd.DataFrame(rows), units=units)}
