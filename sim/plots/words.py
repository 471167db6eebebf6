"""How figures speak: names, counts, dates and what an option has a state do."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from sim import facts
from sim.scenario.schema import Scenario

PROMISES: Mapping[str, str] = MappingProxyType(
    {
        "guarantee": "give a guarantee",
        "backstop": "join the backstop",
        "troops": "send troops",
        "training": "train soldiers",
        "monitoring": "send monitors",
        "air_policing": "police the air",
        "equipment": "give equipment",
    }
)
WITH_ARTICLE = frozenset({"Netherlands", "United Kingdom", "United States", "Philippines"})


def promise(option: str, scenario: Scenario) -> str:
    """Return what a state that holds this option would do."""
    return PROMISES.get(option, f"join “{scenario.menu[option].label}”")


def state_name(code: str, scenario: Scenario) -> str:
    """Return the state's name as a sentence uses it; the code where nobody has named the state."""
    override = scenario.states.get(code)
    if override is not None and override.name is not None:
        return override.name
    known = facts.states().get(code)
    name = code if known is None else known.name
    return f"the {name}" if name in WITH_ARTICLE else name


def listed(names: Sequence[str]) -> str:
    """Return the names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: float, noun: str) -> str:
    """Return a whole number with its noun."""
    whole = round(number)
    return f"{whole:,} {noun}" + ("" if whole == 1 else "s")


def day(date: Any) -> str:
    """Return a date as a briefing writes it."""
    moment: datetime.date = pd.Timestamp(date).date()
    return f"{moment.day} {moment:%B %Y}"
