"""Words of sentences: names of states, options and considerations, lists, dates and the promise of an option."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sim import facts
from sim.scenario.parties import name_in_sentence
from sim.scenario.schema import ABSTAIN, QUANTITIES, Scenario
from sim.theory.considerations import CONSIDERATIONS

PROMISES: Mapping[str, str] = MappingProxyType(
    {
        ABSTAIN: "abstain",
        "guarantee": "give a guarantee",
        "backstop": "join the backstop",
        "troops": "send troops",
        "training": "train soldiers",
        "monitoring": "send monitors",
        "air_policing": "police the air",
        "equipment": "give equipment",
    }
)

PHASE_CLAIMS = (
    "fighting continues",
    "a limited truce holds",
    "a permanent ceasefire holds",
)  # as theory.ceasefire.PHASES


def promise(option: str, scenario: Scenario) -> str:
    """Return the action of a state that takes an option, such as send troops."""
    return PROMISES[option] if option in PROMISES else f"join “{scenario.menu[option].label}”"


def option_name(option: str) -> str:
    """Return an option's short name as a sentence uses it."""
    return "abstaining" if option == ABSTAIN else option.replace("_", " ")


def consideration_name(consideration: str, scenario: Scenario | None = None) -> str:
    """Return a consideration as a sentence names it; one without a label by its name."""
    entry = CONSIDERATIONS.get(consideration)
    name = entry.label if entry is not None and entry.label else consideration.replace("_", " ")
    return name if scenario is None else with_parties(name, scenario)


def quantity_name(quantity: str, scenario: Scenario) -> str:
    """Return a quantity of the environment as a sentence names it."""
    return with_parties(QUANTITIES.get(quantity, quantity.replace("_", " ")), scenario)


def state_name(code: str, scenario: Scenario) -> str:
    """Return the state's name as a sentence uses it; the code where nobody has named the state."""
    return name_in_sentence(code, scenario)


def with_parties(text: str, scenario: Scenario) -> str:
    """Return a text of the program's own, written for Ukraine and Russia, with the scenario's host and opponent in it.

    Not for texts that a user wrote.
    """
    if scenario.host != facts.STANDING_HOST:
        text = text.replace("Ukraine", state_name(scenario.host, scenario))
    if scenario.opponent == facts.STANDING_OPPONENT:
        return text
    nobody = scenario.opponent is None
    name = "the opponent" if scenario.opponent is None else state_name(scenario.opponent, scenario)
    text = text.replace("Russian opposition", "opposition" if nobody else f"{name}'s opposition")
    text = text.replace("a Russian border", f"a border with {name}")
    return re.sub(r"\b(Moscow|Russia)\b", lambda _: name, text)


def conditions_text(scenario: Scenario) -> str:
    """Return the conditions of the proposal, such as US backing ≥ 0.5, clarity of the mission ≥ 0.4."""
    return ", ".join(
        f"{quantity_name(name, scenario).removeprefix('the ')} ≥ {least:g}"
        for name, least in scenario.conditions.model_dump().items()
    )


def listed(names: Sequence[str], conjunction: str = "and") -> str:
    """Return the names as a sentence lists them; empty if there are none."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def date_text(date: Any) -> str:
    """Return a date, whatever its type, such as 26 March 2025."""
    if not isinstance(date, datetime.date):
        import pandas as pd  # here: half a second

        date = pd.Timestamp(date)
    moment: datetime.date = date
    return f"{moment.day} {moment:%B %Y}"


def capitalised(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]
