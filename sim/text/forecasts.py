"""What tables and figures call each forecast of a hindcast."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "model_firm": "model, firm stances",
        "model_conditional": "model, conditional stances",
        "model_alone": "model without momentum and security",
        "majority": "shares of the other states",
        "last_kept": "last stance kept",
        "multinomial_logit": "multinomial logit",
        "binary_logit": "binary logit",
    }
)


def forecast_name(forecast: str, which: str) -> str:
    """Return the name of a forecast; which: the stances of the model that are scored, firm or conditional."""
    return f"model, {which} stances" if forecast == "model" else _NAMES[forecast]
