"""The host and the opponent of a scenario: their names, and the rules of a scenario without an opponent."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim import facts
from sim.facts.state_codes import state_name
from sim.scenario.environment_process import Constant

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario

# settings that are 0 without an opponent, whatever the scenario gives; `*` is any option of the menu
ZERO_WITHOUT_OPPONENT = (
    "environment.russian_opposition",
    "couplings.russian_reaction",
    "deterrence.host_soldiers",
    "deterrence.us_soldiers",
    "deterrence.punishment",
    "menu.*.deters",
    "menu.*.provokes",
)
# settings that then have no effect but keep their value
IDLE_WITHOUT_OPPONENT = (
    "weights.escalation",
    "weights.security",
    "ceasefire.opposition_slows",
    "ceasefire.troops_slow",
    "geography.far",
    "geography.fading",
    "geography.border_share",
    "geography.host_border",
    "geography.home_tie_front",
    "deterrence.opponent_soldiers",
    "deterrence.decisiveness",
    "deterrence.economic_reach",
)
_WITH_ARTICLE = frozenset({"Netherlands", "United Kingdom", "United States", "Philippines"})
_PARTIES: Mapping[str, str] = MappingProxyType({"{host}": "host", "{opponent}": "opponent"})


def name_in_sentence(code: str, scenario: Scenario) -> str:
    """Return the state's name as used in a sentence; the code if the state has no name."""
    override = scenario.states.get(code)
    if override is not None and override.name is not None:
        return override.name
    known = facts.states().get(code)
    name = state_name(code) if known is None else known.name
    return f"the {name}" if name in _WITH_ARTICLE else name


def resolve_parties(scenario: Scenario) -> dict[str, Any]:
    """Return the blocks of a scenario that follow from its host and opponent and differ from its own.

    Without an opponent nobody is deterred, refuses or threatens, so the settings of these rules are 0. The labels of
    options with `{host}` or `{opponent}` contain the names.
    """
    blocks: dict[str, Any] = {}
    menu = {name: option.model_copy(update=_of_option(option, scenario)) for name, option in scenario.menu.items()}
    if menu != scenario.menu:
        blocks["menu"] = menu
    if scenario.opponent is None:
        known = facts.RELATIONS
        remaining = {
            name: given for name, given in scenario.relations.items() if name not in known or known[name].to == "host"
        }
        if len(remaining) < len(scenario.relations):
            blocks["relations"] = remaining
        for path in ZERO_WITHOUT_OPPONENT:
            block, name, *further = path.split(".")
            if further:
                continue
            part = blocks.get(block, getattr(scenario, block))
            zero: Any = Constant(value=0.0) if block == "environment" else 0.0
            if getattr(part, name) != zero:
                blocks[block] = part.model_copy(update={name: zero})
    return blocks


def without_opponent(scenario: Scenario) -> Scenario:
    """Return the scenario without the settings of an opponent that it does not have; if there are none, itself."""
    changed = resolve_parties(scenario) if scenario.opponent is None else {}
    return scenario.model_copy(update=changed) if changed else scenario


def renamed(scenario: Scenario, before: Scenario) -> Scenario:
    """Return a scenario made from another one, with inherited labels naming its own host and opponent."""
    names = {
        name_in_sentence(old, before): name_in_sentence(new, scenario)
        for old, new in ((before.host, scenario.host), (before.opponent, scenario.opponent))
        if old != new and old is not None and new is not None
    }
    menu = dict(scenario.menu)
    for option, dish in menu.items():
        label = dish.label
        if names and option in before.menu and before.menu[option].label == label:
            for old_name, name in names.items():
                label = label.replace(old_name, name)
            menu[option] = dish.model_copy(update={"label": label})
    return scenario.model_copy(update={"menu": menu}) if menu != scenario.menu else scenario


def has_no_effect(path: str, scenario: Scenario) -> bool:
    """Return whether a setting has no effect in this scenario because there is no opponent."""
    if scenario.opponent is not None:
        return False
    parts = path.split(".")
    patterns = (pattern.split(".") for pattern in (*ZERO_WITHOUT_OPPONENT, *IDLE_WITHOUT_OPPONENT))
    return any(
        len(parts) >= len(pattern)
        and all(required in ("*", part) for required, part in zip(pattern, parts, strict=False))
        for pattern in patterns
    )


def _of_option(option: Any, scenario: Scenario) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for placeholder, party in _PARTIES.items():
        if placeholder in option.label:
            code = getattr(scenario, party)
            name = "nobody" if code is None else name_in_sentence(code, scenario)
            changed["label"] = changed.get("label", option.label).replace(placeholder, name)
    if scenario.opponent is None:
        changed |= {name: 0.0 for name in ("deters", "provokes") if getattr(option, name) != 0.0}
    return changed
