"""What a figure of a sweep calls a setting: a name that goes into a sentence, and its unit."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sim.scenario.schema import Scenario
from sim.text.words import day, of_case, reason, sentence, state_name

PROPER = frozenset({"Moscow", "Moscow's", "Washington", "Washington's", "Russian", "Ukraine", "Ukrainian", "European"})
SCENARIO = "scenario"  # the factor that says which scenario is played


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What something is called within a sentence, and the unit it is measured in."""

    name: str
    unit: str = ""

    @property
    def bare(self) -> str:
        """The name without its article."""
        return self.name.removeprefix("the ")

    @property
    def label(self) -> str:
        """What stands at an axis: the name with a capital and without an article, and the unit."""
        name = sentence(self.bare)
        return f"{name} ({self.unit})" if self.unit else name


QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "us_backing": "US backing",
        "russian_opposition": "Russian opposition",
        "mandate": "the international mandate",
        "clarity": "clarity of the mission",
        "sincerity": "believed sincerity of a ceasefire",
        "battlefield": "the state of the host's forces",
    }
)
PROCESSES: Mapping[str, str] = MappingProxyType(
    {
        "level": "the level of {}",
        "value": "{}",
        "persistence": "the persistence of {}",
        "volatility": "the volatility of {}",
        "jump_chance": "the chance of a jump in {}",
        "jump_size": "the size of jumps in {}",
        "start_value": "{} at the start of its ramp",
        "end_value": "{} at the end of its ramp",
        "start_round": "the first round of the ramp of {}",
        "end_round": "the last round of the ramp of {}",
        "process": "the process of {}",
    }
)
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "ask": "the ask for {}",
        "share": "the share of forces offered to {}",
        "home_tie_counts": "the weight of home defence in offers to {}",
        "deters": "the deterrent weight of {}",
        "punishes": "the economic weight behind {}",
        "provokes": "Moscow's refusal of {}",
        "peer_norm": "the peer norm of {}",
        "rung": "the rung of {}",
    }
)
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        SCENARIO: "the scenario",
        "host": "the host",
        "opponent": "the opponent",
        "relations.border_host": "borders with the host",
        "relations.aid_pct_gdp": "aid to the host",
        "relations.border_opponent": "borders with the opponent",
        "relations.dist_opponent_km": "distances to the opponent",
        "relations.opponent_alignment": "closeness to the opponent",
        "opening": "the opening stance",
        "leads": "the leads",
        "roster.states": "the roster",
        "roster.leave_out": "the states left out",
        "round_days": "the length of a round",
        "rounds": "the number of rounds",
        "activation": "the order of declaring",
        "revision": "the chance of revising a stance",
        "turnover": "the chance of political turnover",
        "sharpness": "sharpness of choice",
        "couplings.russian_reaction": "Moscow's reaction to troops",
        "couplings.us_response": "Washington's response to a solid offer",
        "couplings.solid_offer": "what makes an offer solid",
        "ceasefire.phase": "the phase at the start",
        "ceasefire.truce_hazard": "the rate of a limited truce",
        "ceasefire.deal_hazard": "the rate of a permanent ceasefire",
        "ceasefire.breakdown_hazard": "the rate of breakdown",
        "ceasefire.opposition_slows": "the delay by Russian opposition",
        "ceasefire.troops_slow": "the delay by declared troops",
        "ceasefire.sincere_chance": "the chance that Moscow means a ceasefire",
        "ceasefire.violations_sincere": "violations by a sincere side",
        "ceasefire.violations_insincere": "violations by an insincere side",
        "conditions.us_backing": "US backing asked for in the conditions",
        "conditions.sincerity": "sincerity asked for in the conditions",
        "conditions.clarity": "clarity asked for in the conditions",
        "proposal.headline": "the first headline",
        "proposal.redimensions": "the leads' freedom to change the proposal",
        "proposal.patience": "the patience of the leads",
        "proposal.cut": "the cut of the ask",
        "proposal.floor": "the floor of the ask",
        "proposal.rise": "the multiple of the ask for moving up",
        "proposal.clarity_cost": "the clarity that a change costs",
        "proposal.planning": "the clarity won back by planning",
        "forces.sustaining_budget": "the budget that sustains a soldier",
        "forces.rotation": "the rotation factor",
        "forces.strain_limit": "the limit of strain",
        "forces.small_force": "the size of a small force",
        "forces.yearly_cost": "the yearly cost of a soldier",
        "forces.debt_reference": "the reference debt ratio",
        "forces.lead_factor": "the multiple that leads offer",
        "geography.far": "the reach of full exposure",
        "geography.fading": "the fading of exposure",
        "geography.border_share": "the weight of borders in exposure",
        "geography.host_border": "the weight of a border with the host",
        "geography.home_tie_base": "the part of forces kept at home",
        "geography.home_tie_front": "the part kept at home on the front",
        "belief.floor": "belief in an option nobody backs",
        "belief.spread": "the spread of belief",
        "momentum.formats": "the formats of peers",
        "momentum.counts": "which stances of peers count",
        "momentum.budgets_count": "the count of peers by budget",
        "momentum.lead_factor": "the weight of leads as peers",
        "deterrence.host_soldiers": "the host's soldiers",
        "deterrence.opponent_soldiers": "the opponent's soldiers",
        "deterrence.us_soldiers": "soldiers' worth of US backing",
        "deterrence.decisiveness": "the decisiveness of the contest",
        "deterrence.punishment": "the reach of punishment",
        "deterrence.economic_reach": "the reach of economic weight",
    }
)


def setting(path: str, scenario: Scenario, *, unit: str) -> Named:
    """Return what the factor of this name is called: a setting of the scenario by its path, or a label of one's own."""
    return Named(name=_name(path, scenario), unit={"share": "0 to 1"}.get(unit, unit))


def option_in_a_sentence(option: str, scenario: Scenario) -> str:
    """Return an option's label as a sentence uses it; its name where the menu does not have it."""
    known = scenario.menu.get(option)
    label = known.label if known is not None else option.replace("_", " ")
    return uncapped(label)


def uncapped(text: str) -> str:
    """Return the text without its capital, unless the first word has more capitals or figures, or is a proper name."""
    first = text.split(" ", 1)[0]
    proper = first in PROPER or re.search(r"\d|[A-Z]", first[1:]) is not None
    return text if proper else text[:1].lower() + text[1:]


def _name(path: str, scenario: Scenario) -> str:
    if path in SETTINGS:
        return of_case(SETTINGS[path], scenario)
    if dated := re.fullmatch(r"(\S+) from (\d{4}-\d\d-\d\d)(?: until (\d{4}-\d\d-\d\d))?", path):
        begin, end = (day(datetime.date.fromisoformat(date)) if date else "" for date in dated.group(2, 3))
        return f"{_name(dated[1], scenario)} from {begin}" + (f" until {end}" if end else "")
    match path.split("."):
        case ["environment", quantity]:
            return _quantity(quantity, scenario)
        case ["environment", quantity, part]:
            return PROCESSES.get(part, f"{_spelled(part)} of {{}}").replace("{}", _quantity(quantity, scenario))
        case ["environment", quantity, "values", date]:
            return f"{_quantity(quantity, scenario)} from {date}"
        case ["menu", option, part]:
            template = of_case(OPTIONS.get(part, f"{_spelled(part)} of {{}}"), scenario)
            return template.replace("{}", option_in_a_sentence(option, scenario))
        case ["menu", option, "raises", consideration]:
            return f"how far {option_in_a_sentence(option, scenario)} raises {reason(consideration, scenario)}"
        case ["weights", consideration]:
            return f"the weight of {reason(consideration, scenario)}"
        case ["force", code]:
            return f"the forced stance of {state_name(code, scenario)}"
        case ["opening", code]:
            return f"the opening stance of {state_name(code, scenario)}"
        case ["states", code, "facts", fact]:
            return f"{_spelled(fact)} of {state_name(code, scenario)}"
        case ["states", code, "feels", consideration]:
            return f"how far {state_name(code, scenario)} feels {reason(consideration, scenario)}"
        case [block, *_, last] if path.count("."):
            return f"{_spelled(last)} ({_spelled(block)})"
    return _spelled(path)


def _quantity(quantity: str, scenario: Scenario) -> str:
    return of_case(QUANTITIES.get(quantity, _spelled(quantity)), scenario)


def _spelled(name: str) -> str:
    return name.replace("_", " ")
