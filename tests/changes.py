"""Every setting of a scenario, each with another value: for tests of what may not depend on any of them."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from sim.scenario import load_scenario
from sim.scenario.environment_process import Constant, Ramp
from sim.scenario.field_types import SettingsBlock
from sim.scenario.schema import Change, Force, StateOverride

BASE = load_scenario(
    "replay-2025",  # its environment follows dates
    [
        "rounds=9",
        "momentum.formats=[WEIMAR+, NB8]",
        "deterrence.punishment=0.3",
        "menu.troops.punishes=0.5",
        "menu.guarantee.share=0.1",
        "states={POL: {feels: {opinion: 0.3}}, HUN: {facts: {debt_pct_gdp: 90}}}",
        "relations={border_host: {POL: 1, SVK: 1, others: 0}, aid_pct_gdp: {GBR: 0.5, POL: 0.9, others: 0.2}, "
        "border_opponent: {FIN: 1, others: 0}, opponent_alignment: {HUN: 0.8, others: 0.1}}",  # to any host or opponent
    ],
)
OTHERWISE: Mapping[str, Any] = {  # what a rule for all cannot think of
    "name": "another-name",
    "host": "POL",
    "opponent": "HUN",
    "leads": ("POL", "FRA"),
    "relations.border_host": {"ROU": 1.0, "others": 0.0},
    "relations.aid_pct_gdp": 0.3,
    "relations.border_opponent": {"EST": 1.0, "others": 0.0},
    "relations.opponent_alignment": {"SVK": 0.9, "others": 0.0},
    "force": {"DEU": Force.model_validate({"option": "troops", "from": BASE.start + datetime.timedelta(days=20)})},
    "changes": (
        Change(
            at=BASE.start + datetime.timedelta(days=30),
            set={"weights.cost": -9.0, "environment.clarity": 0.9, "menu.troops.ask": 9000},
            force={"POL": "backstop"},
        ),
    ),
    "opening": {"POL": "troops", "SWE": "backstop"},
    "roster.states": BASE.roster.states[2:30],
    "roster.leave_out": ("FRA", "ITA"),
    "states": {"POL": StateOverride(name="Polonia", facts={"land_forces": 9000}, feels={"cost": 2.0})},
    "menu.troops.label": "Boots",
    "proposal.headline": "backstop",
    "momentum.formats": "everyone",
    "environment.mandate": Ramp(start_value=0.1, end_value=0.9, start_round=2, end_round=5, process="ramp"),
}


def other(path: str, value: Any, annotation: Any) -> Any:
    """Return another value of a setting, or of a block with its first setting changed."""
    if path in OTHERWISE:
        return OTHERWISE[path]
    choices = (
        [choice for choice in get_args(annotation) if choice != value] if get_origin(annotation) is Literal else []
    )
    match value:
        case _ if choices:
            return choices[0]
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return 1.5 if math.isinf(value) else 0.9 * value + 0.03
        case datetime.date():
            return value + datetime.timedelta(days=10)
        case Constant():
            return Constant(value=0.9 * value.value + 0.03)
        case str():
            return f"{value} too"
        case tuple():
            return value[1:]
    if path.startswith("environment."):
        return Constant(value=0.345)
    raise AssertionError(f"{path}: say under OTHERWISE what else it could be")


def changes(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every setting by its path, with the update of the part that changes it alone."""
    is_dict = isinstance(part, dict)
    known = part if is_dict else {name: getattr(part, name) for name in type(part).model_fields}
    for name, value in known.items():
        here = (*path, name)
        dotted = ".".join(here)
        deeper = isinstance(value, dict) or (isinstance(value, SettingsBlock) and here[0] != "environment")
        deeper = deeper or dotted == "environment"
        if deeper and dotted not in OTHERWISE and not dotted.endswith(".raises"):
            for inner, update in changes(value, here):
                yield inner, {name: {**value, **update} if isinstance(value, dict) else value.model_copy(update=update)}
            continue
        if dotted.endswith(".raises"):
            yield dotted, {name: {**value, "neutrality": value.get("neutrality", 0.0) - 0.4, "cost": 0.0}}
            continue
        annotation = None if is_dict else type(part).model_fields[name].annotation
        yield dotted, {name: other(dotted, value, annotation)}


CHANGES = dict(changes(BASE))
