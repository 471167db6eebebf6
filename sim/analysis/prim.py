"""The Patient Rule Induction Method (PRIM): a sequence of smaller boxes with higher shares of cases.

Friedman and Fisher 1999, as implemented in the Exploratory Modelling Workbench (Kwakkel 2017), with its default
settings: each step removes 5 % of the points in the box, where that raises the share of cases most relative to the
points lost, until less than 5 % of all points are left.
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
    """Return the boxes of the peeling trajectory, from all points to the smallest box, then those of pasting.

    points: one column per factor, numbers or texts; met [points]: whether a point is a case, at least one and not all.
    The first box has no limits. ModelError if the library is missing.
    """
    library = prim()
    numbers = points.select_dtypes("number").columns
    kinds = {
        name: np.float64 if name in numbers else object for name in points.columns
    }  # so that limits can lie between levels
    sample = points.astype(kinds).reset_index(drop=True)
    sample.columns = pd.Index(
        [f"factor {index}" for index in range(len(points.columns))]
    )  # the library reserves a name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from packages that the library calls
        result = library.Prim(sample, met.astype(np.int64)).find_box()
    factors = dict(zip(sample.columns, map(str, points.columns), strict=True))
    boxes = [limits.rename(columns=factors) for limits in result.box_lims]
    return [_box(limits, boxes[0]) for limits in boxes]


def prim() -> ModuleType:
    """Return the module of the library; ModelError with the command to install it if it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about optional packages
            from ema_workbench.analysis import prim as library
    except ModuleNotFoundError:
        raise ModelError(
            f"discovery needs the library ema_workbench, which is not installed; install it with: {INSTALL}"
        ) from None
    return library


def _box(limits: pd.DataFrame, first: pd.DataFrame) -> Box:
    """Return a box from a table with a lower and an upper row; only differences from the first box are limits."""
    limited = []
    for factor in limits.columns:
        low, high = limits[factor].iloc[0], limits[factor].iloc[1]
        lowest, highest = first[factor].iloc[0], first[factor].iloc[1]
        if isinstance(low, set):
            if low != lowest:
                limited.append(Limit(factor=str(factor), levels=_levels(low)))
            continue
        if low > lowest:
            limited.append(Limit(factor=str(factor), low=float(low)))
        if high < highest:
            limited.append(Limit(factor=str(factor), high=float(high)))
    return Box(tuple(limited))


def _levels(levels: set[Any]) -> tuple[str, ...]:
    return tuple(sorted(map(str, levels)))
