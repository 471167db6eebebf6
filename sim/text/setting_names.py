"""Names of settings within sentences and at axes, from the labels of the schema."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sim import facts
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.field_types import as_label, label_of
from sim.scenario.schema import Option, Scenario, StateOverride
from sim.text.words import consideration_name, date_text, quantity_name, state_name, with_parties

PROPER = frozenset({"Moscow", "Moscow's", "Washington", "Washington's", "Russian", "Ukraine", "Ukrainian", "European"})
SCENARIO = "scenario"  # the factor that says which scenario is played


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingName:
    """The name of a setting within a sentence, and its unit."""

    phrase: str  # within a sentence
    unit: str = ""

    @property
    def bare(self) -> str:
        """The phrase without its article."""
        return self.phrase.removeprefix("the ")

    @property
    def label(self) -> str:
        """The label of an axis: the phrase with a capital and without an article, and the unit."""
        name = as_label(self.phrase)
        return f"{name} ({self.unit})" if self.unit else name


_PROCESS_LABELS: Mapping[str, str] = MappingProxyType(
    {
        name: label_of(field)
        for process in (Constant, Schedule, Ramp, LogitAR1)
        for name, field in process.model_fields.items()
    }
)


def setting_name(path: str, scenario: Scenario, *, unit: str) -> SettingName:
    """Return the name of a factor.

    Parameters
    ----------
    path : str
        The path of a setting, such as ``menu.troops.ask``, or a name from an experiment file.
    scenario : Scenario
        Its options, states, host and opponent appear in the names.
    unit : str
        The unit; the unit ``share`` is written as its range.
    """
    return SettingName(phrase=_name(path, scenario), unit={"share": "0 to 1"}.get(unit, unit))


def option_phrase(option: str, scenario: Scenario) -> str:
    """Return an option's label as a sentence uses it; its name where the menu does not have it."""
    known = scenario.menu.get(option)
    label = known.label if known is not None else option.replace("_", " ")
    return lower_first(label)


def lower_first(text: str) -> str:
    """Return the text without its capital, unless the first word has more capitals or figures, or is a proper name."""
    first = text.split(" ", 1)[0]
    proper = first in PROPER or re.search(r"\d|[A-Z]", first[1:]) is not None
    return text if proper else text[:1].lower() + text[1:]


def _name(path: str, scenario: Scenario) -> str:
    if path == SCENARIO:
        return "the scenario"
    if dated := re.fullmatch(r"(\S+) from (\d{4}-\d\d-\d\d)(?: until (\d{4}-\d\d-\d\d))?", path):
        begin, end = (date_text(datetime.date.fromisoformat(date)) if date else "" for date in dated.group(2, 3))
        return f"{_name(dated[1], scenario)} from {begin}" + (f" until {end}" if end else "")
    match path.split("."):
        case ["environment", quantity]:
            return quantity_name(quantity, scenario)
        case ["environment", quantity, part, *date]:
            label = _PROCESS_LABELS.get(part) or f"the {_spelled(part)} of {{quantity}}"
            return _filled(label, scenario, quantity=quantity_name(quantity, scenario), date=".".join(date))
        case ["menu", option, part, *of]:
            label = _label_in(Option, part) or f"{_spelled(part)} of {{option}}"
            consideration = consideration_name(of[0], scenario) if of else "considerations"
            option = option_phrase(option, scenario)
            return _filled(label, scenario, option=option, consideration=consideration)
        case ["states", code, part, *of]:
            label = _label_in(StateOverride, part) or f"{_spelled(part)} of {{state}}"
            consideration = consideration_name(of[0], scenario) if of else "considerations"
            fact = _spelled(of[0]) if of else "facts"
            return _filled(label, scenario, state=state_name(code, scenario), consideration=consideration, fact=fact)
        case ["weights", consideration]:
            return _filled(
                _label_in(Scenario, "weights"), scenario, consideration=consideration_name(consideration, scenario)
            )
        case ["force" | "opening" as block, code]:
            return f"{_label_in(Scenario, block)} of {state_name(code, scenario)}"
        case ["relations", relation] if relation in facts.RELATIONS:
            return facts.RELATIONS[relation].label
        case [block, part] if label := _label_in(_block(block), part):
            return with_parties(label, scenario)
        case [field] if (label := _label_in(Scenario, field)) and "{" not in label:
            return with_parties(label, scenario)
        case [block, *_, last] if path.count("."):
            return f"{_spelled(last)} ({_spelled(block)})"
    return _spelled(path)


def _block(name: str) -> Any:
    return Scenario.model_fields[name].annotation if name in Scenario.model_fields else None


def _label_in(block: Any, name: str) -> str:
    """Return the label of a setting in a block of the schema; empty if there is none."""
    fields = getattr(block, "model_fields", {})
    return label_of(fields[name]) if name in fields else ""


def _filled(label: str, scenario: Scenario, **names: str) -> str:
    """Return a label with names in place of its keys; names may come from a user and are left as they are."""
    text = with_parties(label, scenario)
    for key, name in names.items():
        text = text.replace(f"{{{key}}}", name)
    return text


def _spelled(name: str) -> str:
    return name.replace("_", " ")
