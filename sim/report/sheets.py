"""The tables of every answer as sheets of a spreadsheet, with the units of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.results.spreadsheet import Sheet

if TYPE_CHECKING:
    from sim.analysis.convergence import Convergence
    from sim.analysis.explain import Explanation

type Sheets = dict[str, Sheet]

_SHARE = "share of replicates"


def of_explanation(explained: Explanation) -> Sheets:
    """Return what each consideration adds to each option, what is said of each option, and the peers."""
    options = pd.DataFrame(
        {
            "option": explained.options,
            "value": explained.values,
            "chance": explained.chances,
            "value if the conditions were met": explained.values_if_met,
            "chance if the conditions were met": explained.chances_if_met,
            "offer": explained.offers,
            "ask": explained.asks,
        }
    )
    terms = pd.DataFrame(explained.terms.T, columns=list(explained.options))
    terms.insert(0, "consideration", list(explained.considerations))
    peers = pd.DataFrame([asdict(peer) for peer in explained.peers])
    units = {"chance": "share", "chance if the conditions were met": "share", "offer": "soldiers", "ask": "soldiers"}
    return {
        "considerations": Sheet(table=terms, units=dict.fromkeys(explained.options, "added to its value")),
        "options": Sheet(table=options, units=units),
        "peers": Sheet(table=peers, units={"weight": "share"}),
    }


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
