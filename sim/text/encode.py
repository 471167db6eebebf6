"""Results as the plain values that JSON has."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def jsonable(value: Any) -> Any:
    """Return a value as dictionaries, lists, numbers, texts, truth values and None.

    Undefined numbers (NaN) become None. A data frame becomes a list of records, one per row, with its named index as a
    key; a series becomes a dictionary; a dataclass a dictionary of its fields; an array or another sequence a list.

    >>> jsonable({"mean": np.float64("nan"), "states": ("DEU", "POL")})
    {'mean': None, 'states': ['DEU', 'POL']}
    """
    if value is pd.NaT or value is pd.NA:
        return None
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return None if math.isnan(value) else float(value)
        case np.generic():
            return jsonable(value.item())
        case datetime.date() | Path():
            return str(value)
        case pd.DataFrame():
            named = any(name is not None for name in value.index.names)
            return [jsonable(row) for row in (value.reset_index() if named else value).to_dict("records")]
        case pd.Series():
            return jsonable(value.to_dict())
        case Mapping():
            return {str(key): jsonable(each) for key, each in value.items()}
        case np.ndarray():
            return jsonable(value.tolist())
        case Iterable():
            return [jsonable(each) for each in value]
    if dataclasses.is_dataclass(value):
        return {field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")
