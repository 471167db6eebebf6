"""Small invented societies, described with the settings of real scenarios and simulated by the same code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from string import ascii_uppercase, digits
from typing import Any

from sim.scenario import Scenario, load_scenario, resolve

_PLAIN_OPTION = {
    "share": 0,
    "ask": 0,
    "home_tie_counts": 0,
    "deters": 0,
    "punishes": 0,
    "provokes": 0,
    "peer_norm": 0,
}


def codes(count: int) -> list[str]:
    """Return made-up codes of states: QAA, QAB, ..."""
    letters = product("QXZ", ascii_uppercase, ascii_uppercase + digits)
    return ["".join(next(letters)) for _ in range(count)]


def option(rung: int, raises: Mapping[str, float], **settings: Any) -> dict[str, Any]:
    """Return an option without soldiers, only with considerations."""
    return {**_PLAIN_OPTION, "label": f"Option {rung}", "rung": rung, "raises": dict(raises), **settings}


def society(
    members: Sequence[str],
    *,
    menu: Mapping[str, Mapping[str, Any]],
    weights: Mapping[str, float],
    feels: Mapping[str, Mapping[str, float]] | None = None,
    same_option: bool = False,
    environment: Mapping[str, float] | None = None,
    **settings: Any,
) -> Scenario:
    """Return a scenario of invented states that all observe one another equally, in a constant environment."""
    plain = resolve(load_scenario("base"))
    still = {"us_backing": 0.5, "russian_opposition": 0, "mandate": 0, "clarity": 1, "sincerity": 0.4, "battlefield": 1}
    plain |= {
        "name": "society",
        "leads": [],
        "roster": {"states": list(members)},
        "states": {code: {"feels": dict((feels or {}).get(code, {}))} for code in members},
        "menu": {name: dict(entry) for name, entry in menu.items()},
        "weights": dict(weights),
        "environment": still | dict(environment or {}),
        "momentum": {
            "formats": "everyone",
            "counts": "same_option" if same_option else "at_or_above",
            "budgets_count": False,
            "lead_factor": 1,
        },
        "revision": 1,
        "turnover": 0,
        "sharpness": math.inf,
    }
    plain["proposal"] |= {"headline": max(menu, key=lambda name: menu[name]["rung"]), "redimensions": False}
    plain["couplings"] |= {"russian_reaction": 0, "us_response": 0}
    plain["deterrence"] |= {"punishment": 0}
    return Scenario.model_validate(plain | settings)
