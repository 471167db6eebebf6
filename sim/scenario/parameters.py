"""Every setting of a scenario as a list: its path, value, range, unit and meaning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting of a scenario."""

    path: str  # such as menu.troops.ask
    value: Any
    limits: str  # such as 0 to 1, > 0, or nothing
    unit: str
    about: str


def parameters(scenario: Scenario) -> list[Parameter]:
    """Return every setting of the scenario, in the order of the schema."""
    return list(_below(scenario, ""))


def _below(part: BaseModel, prefix: str) -> Iterator[Parameter]:
    for name, field in type(part).model_fields.items():
        value, path = getattr(part, name), f"{prefix}{name}"
        extra = field.json_schema_extra
        unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
        if isinstance(value, BaseModel):
            yield from _below(value, f"{path}.")
        elif isinstance(value, dict) and value and all(isinstance(entry, BaseModel) for entry in value.values()):
            for key, entry in value.items():
                yield from _below(entry, f"{path}.{key}.")
        else:
            limits, about = _range(field.metadata), field.description or ""
            yield Parameter(path=path, value=value, limits=limits, unit=unit, about=about)


def _range(limits: Iterable[Any]) -> str:
    """Return the range that a field's limits leave, such as 0 to 1, > 0, or nothing."""
    found: dict[str, float] = {}
    for limit in limits:
        found |= {name: getattr(limit, name) for name in ("ge", "gt", "le", "lt") if hasattr(limit, name)}
    low = f"{found['ge']:,.15g}" if "ge" in found else f"> {found['gt']:,.15g}" if "gt" in found else ""
    high = f"{found['le']:,.15g}" if "le" in found else f"< {found['lt']:,.15g}" if "lt" in found else ""
    return f"{low} to {high}" if low and high else low or high


def plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [plain(entry) for entry in value]
    is_plain = isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else str(value)
