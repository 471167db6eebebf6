"""The settings of a scenario as a list, each with path, value, range, unit and description."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting of a scenario."""

    path: str  # such as menu.troops.ask
    value: Any
    limits: str  # such as 0 to 1, > 0, or an empty text
    unit: str
    about: str
    low: float | None = None  # None: no lower limit
    high: float | None = None
    open_low: bool = False  # whether low itself is excluded
    open_high: bool = False
    choices: tuple[str, ...] = ()  # the allowed words, if there are few


def parameters(scenario: Scenario) -> list[Parameter]:
    """Return every setting of the scenario, in the order of the schema."""
    return list(_below(scenario, ""))


def _below(part: BaseModel, prefix: str) -> Iterator[Parameter]:
    for name, field in type(part).model_fields.items():
        value, path = getattr(part, name), f"{prefix}{field.alias or name}"
        extra = field.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        if isinstance(value, BaseModel):
            yield from _below(value, f"{path}.")
        elif isinstance(value, dict) and value and all(isinstance(entry, BaseModel) for entry in value.values()):
            for key, entry in value.items():
                yield from _below(entry, f"{path}.{key}.")
        else:
            found = _bounds(field.metadata)
            low, open_low = _strictest(found.get("ge", -math.inf), found.get("gt", -math.inf))
            high, open_high = _strictest(-found.get("le", math.inf), -found.get("lt", math.inf))
            yield Parameter(
                path=path,
                value=value,
                limits=range_text(found),
                low=low,
                high=None if high is None else 0.0 - high,
                open_low=open_low,
                open_high=open_high,
                unit=unit,
                about=field.description or "",
                choices=get_args(field.annotation) if get_origin(field.annotation) is Literal else (),
            )


def _bounds(limits: Iterable[Any]) -> dict[str, float]:
    """Return the bounds among a field's limits: ge, gt, le, lt."""
    bounds: dict[str, float] = {}
    for limit in limits:
        bounds |= {name: getattr(limit, name) for name in ("ge", "gt", "le", "lt") if hasattr(limit, name)}
    return bounds


def _strictest(closed: float, open_: float) -> tuple[float | None, bool]:
    """Return the larger of two lower bounds, None if both are infinite, and whether it is excluded."""
    bound = max(closed, open_)
    return (float(bound), open_ >= closed) if math.isfinite(bound) else (None, False)


def range_text(bounds: Mapping[str, float]) -> str:
    """Return the range of bounds, such as 0 to 1, > 0, or an empty text."""
    low = f"{bounds['ge']:,.15g}" if "ge" in bounds else f"> {bounds['gt']:,.15g}" if "gt" in bounds else ""
    high = f"{bounds['le']:,.15g}" if "le" in bounds else f"< {bounds['lt']:,.15g}" if "lt" in bounds else ""
    return f"{low} to {high}" if low and high else low or high


def json_value(value: Any) -> Any:
    """Return a value as a JSON value."""
    if isinstance(value, BaseModel):
        return json_value(value.model_dump(by_alias=True, exclude_none=True))
    if isinstance(value, dict):
        return {str(key): json_value(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [json_value(entry) for entry in value]
    is_plain = isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else str(value)
