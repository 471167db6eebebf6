"""Default numbers that a scenario with another host or opponent still uses, for messages."""

from __future__ import annotations

from functools import cache

from sim import facts
from sim.scenario.environment_process import Constant
from sim.scenario.load import load_scenario
from sim.scenario.parties import has_no_effect, name_in_sentence
from sim.scenario.schema import Scenario

# numbers in base that describe its host or its opponent
_OF_THE_HOST = ("deterrence.host_soldiers", "environment.battlefield", "environment.mandate")
_OF_THE_OPPONENT = ("deterrence.opponent_soldiers", "environment.russian_opposition", "ceasefire.sincere_chance")


def kept_of_the_standing_case(scenario: Scenario) -> str | None:
    """Return which numbers of the default host and opponent a scenario with others keeps; None if it keeps none.

    A number that was set again to the same value is included.
    """
    has_own_host = scenario.host != facts.STANDING_HOST
    has_own_opponent = scenario.opponent != facts.STANDING_OPPONENT
    if not has_own_host and not has_own_opponent:
        return None
    base = _base()
    headline = scenario.proposal.headline
    paths = list(_OF_THE_HOST) if has_own_host else []
    paths += [f"menu.{headline}.ask"] if has_own_host and headline in base.menu and base.menu[headline].ask else []
    paths += list(_OF_THE_OPPONENT) if has_own_opponent and scenario.opponent is not None else []
    paths = [path for path in paths if not has_no_effect(path, scenario)]
    numbers = {path: value for path in paths if (value := _at(scenario, path)) is not None and value == _at(base, path)}
    parts = [f"{path} {value:,.12g}" for path, value in numbers.items()]
    if has_own_host and scenario.weights.get("opinion", 0.0) != 0.0:
        parts.append(f"peacekeeping_support_pct, which was polled for {name_in_sentence(base.host, base)}")
    if not parts:
        return None
    names = [name_in_sentence(code, base) for code in (base.host, base.opponent) if code is not None]
    return f"from the case of {' and '.join(names)}: {'; '.join(parts)}"


@cache
def _base() -> Scenario:
    return load_scenario("base")


def _at(scenario: Scenario, path: str) -> float | None:
    """Return the number at a path; None for a process that varies."""
    part: object = scenario
    for name in path.split("."):
        part = part.get(name) if isinstance(part, dict) else getattr(part, name, None)
    if isinstance(part, Constant):
        return part.value
    return float(part) if isinstance(part, int | float) else None
