"""Peeling: from all points to ever smaller boxes that hold ever more of what is looked for (PRIM).

Friedman and Fisher 1999, as the Exploratory Modelling Workbench plays it (Kwakkel 2017), with its standing settings:
5 % of the points in the box are peeled off at a time, the peel that raises the share of cases most for what it costs,
until less than 5 % of all points are left.
"""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.box import Box, Limit
from sim.errors import ModelError

type Array = np.ndarray

INSTALL = "pip install 'willing[analysis]'"


def peel(points: pd.DataFrame, met: Array) -> list[Box]:
    """Return the boxes on the way from all points to the smallest box, then of pasting back; the first has no limits.

    points: one column a factor, numbers or words; met [points]: whether a point is a case, at least one and not all.
    ModelError where the library is missing.
    """
    library = prim()
    numbers = points.select_dtypes("number").columns
    kinds = {name: np.float64 if name in numbers else object for name in points.columns}  # limits lie between levels
    sample = points.astype(kinds).reset_index(drop=True)
    sample.columns = pd.Index([f"factor {place}" for place in range(len(points.columns))])  # it drops one by its name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of what the library calls
        found = library.Prim(sample, met.astype(np.int64)).find_box()
    factors = dict(zip(sample.columns, map(str, points.columns), strict=True))
    boxes = [limits.rename(columns=factors) for limits in found.box_lims]
    return [_box(limits, boxes[0]) for limits in boxes]


def prim() -> ModuleType:
    """Return the library's module; ModelError, which says how to install it, where it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what else could be installed
            from ema_workbench.analysis import prim as library
    except ModuleNotFoundError:
        raise ModelError(f"discovery needs the library ema_workbench, which is not installed; say {INSTALL}") from None
    return library


def _box(limits: pd.DataFrame, first: pd.DataFrame) -> Box:
    """Return the box of a table with a lower and an upper row; only what differs from the first box is a limit."""
    found = []
    for factor in limits.columns:
        low, high = limits[factor].iloc[0], limits[factor].iloc[1]
        lowest, highest = first[factor].iloc[0], first[factor].iloc[1]
        if isinstance(low, set):
            if low != lowest:
                found.append(Limit(factor=str(factor), levels=_levels(low)))
            continue
        if low > lowest:
            found.append(Limit(factor=str(factor), low=float(low)))
        if high < highest:
            found.append(Limit(factor=str(factor), high=float(high)))
    return Box(tuple(found))


def _levels(found: set[Any]) -> tuple[str, ...]:
    return tuple(sorted(map(str, found)))
