"""The controls: every setting that can be moved, made from the schema, with its range, unit and meaning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sim.facts.numbers import unmistakable
from sim.scenario import Scenario
from sim.scenario.environment_process import Constant, LogitAR1
from sim.scenario.field_types import as_label
from sim.scenario.parameters import Parameter, parameters
from sim.scenario.parties import has_no_effect
from sim.scenario.schema import Environment
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, consideration_name, quantity_name, with_parties
from sim.theory.considerations import CONSIDERATIONS

SITUATION = "Situation"
BLOCKS: Mapping[str, str] = MappingProxyType(  # block of the schema -> what its group is called, in this order
    {
        "weights": "Weights",
        "proposal": "Proposal",
        "conditions": "Conditions of conditional offers",
        "ceasefire": "Ceasefire",
        "menu": "Menu",
        "couplings": "How the world answers",
        "forces": "Forces",
        "geography": "Geography",
        "belief": "Belief in others",
        "momentum": "Momentum",
        "deterrence": "Deterrence",
        "": "Rounds and choice",
    }
)
FIRST_OF_ALL = ("ceasefire.phase",)  # beside the environment and the asks
STEPS = 200  # of a slider, at most


def groups(scenario: Scenario, own: Scenario) -> list[dict[str, Any]]:
    """Return the groups of controls, each with its settings as vue/controls.vue shows them.

    scenario: as it now stands; own: as it is without any setting replaced.
    """
    first = [*_environment(scenario, own)]
    others: dict[str, list[dict[str, Any]]] = {name: [] for name in BLOCKS.values()}
    theirs = {parameter.path: parameter.value for parameter in parameters(own)}
    for parameter in parameters(scenario):
        block = parameter.path.partition(".")[0] if "." in parameter.path else ""
        if parameter.path == "weights":
            others[BLOCKS["weights"]] += _weights(scenario, own)
            continue
        if has_no_effect(parameter.path, scenario):
            continue
        made = _control(parameter, theirs.get(parameter.path, parameter.value), scenario)
        if made is None or (block and block not in BLOCKS):
            continue
        is_ask = parameter.path.endswith(".ask") and (parameter.value or theirs.get(parameter.path))
        (first if is_ask or parameter.path in FIRST_OF_ALL else others[BLOCKS[block]]).append(made)
    return [
        {"name": name, "settings": settings} for name, settings in ({SITUATION: first} | others).items() if settings
    ]


def _environment(scenario: Scenario, own: Scenario) -> Iterator[dict[str, Any]]:
    """Yield a control for each quantity: its value, or the level that it wanders around."""
    for name, field in Environment.model_fields.items():
        if has_no_effect(f"environment.{name}", scenario):
            continue
        now, theirs = getattr(scenario.environment, name), getattr(own.environment, name)
        path, about = f"environment.{name}", capitalised(with_parties(field.description or "", scenario))
        match now:
            case Constant():
                value = now.value
            case LogitAR1():
                path, value, about = f"{path}.level", now.level, f"{about}; it wanders around this"
            case _:
                value = _where_it_begins(now)
                about = f"{about}; it follows the scenario's own course until this is moved"
        least = 0.01 if isinstance(now, LogitAR1) else 0.0
        yield _slider(
            path,
            label=as_label(quantity_name(name, scenario)),
            unit="0 to 1",
            about=about,
            value=value,
            default=_where_it_begins(theirs),
            low=least,
            high=1.0 - least,
        ) | {"moved": now != theirs}


def _where_it_begins(process: Any) -> float:
    match process:
        case Constant():
            return float(process.value)
        case LogitAR1():
            return float(process.level)
        case _ if hasattr(process, "start_value"):
            return float(process.start_value)
        case _:
            return float(next(iter(process.values.values())))


def _weights(scenario: Scenario, own: Scenario) -> Iterator[dict[str, Any]]:
    for name, value in scenario.weights.items():
        if has_no_effect(f"weights.{name}", scenario):
            continue
        known = CONSIDERATIONS.get(name)
        default = own.weights.get(name, value)
        reach = _round_up(2.5 * abs(default)) or 2.0
        yield _slider(
            f"weights.{name}",
            label=capitalised(consideration_name(name, scenario)),
            unit="weight",
            about="" if known is None else capitalised(with_parties(known.about, scenario)),
            value=value,
            default=default,
            low=-reach if default < 0 else 0.0,
            high=0.0 if default < 0 else reach,
        )


def _control(parameter: Parameter, default: Any, scenario: Scenario) -> dict[str, Any] | None:
    """Return the control of a setting that is a number or a word of a few; None for any other."""
    named = setting_name(parameter.path, scenario, unit=parameter.unit)
    about = capitalised(with_parties(parameter.about, scenario))
    choices = _choices(parameter, scenario)
    if choices:
        return {
            "path": parameter.path,
            "label": as_label(named.phrase),
            "unit": "",
            "about": about,
            "value": _word(parameter.value),
            "default": _word(default),
            "moved": parameter.value != default,
            "choices": choices,
        }
    if parameter.path == "menu" or not _is_number(parameter.value):
        return None
    low, high = _reach(parameter, default)
    inward = _step(high - low)
    low, high = low + inward * parameter.open_low, high - inward * parameter.open_high
    return _slider(
        parameter.path,
        label=as_label(named.phrase),
        unit=named.unit,
        about=about,
        value=parameter.value,
        default=default,
        low=low,
        high=high,
        whole=isinstance(parameter.value, int),
    )


def _choices(parameter: Parameter, scenario: Scenario) -> list[dict[str, str]]:
    words: Sequence[str] = parameter.choices
    if isinstance(parameter.value, bool):
        return [{"text": "yes", "value": "true"}, {"text": "no", "value": "false"}]
    if parameter.path == "proposal.headline":
        words = tuple(scenario.menu)
    return [{"text": word.replace("_", " "), "value": word} for word in words]


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _reach(parameter: Parameter, default: Any) -> tuple[float, float]:
    """Return the range of a slider: all that the schema allows where that is little, else some times the default."""
    low = 0.0 if parameter.low is None else parameter.low
    if parameter.high is not None and parameter.high - low <= 1.0:
        return low, parameter.high
    at_most = math.inf if parameter.high is None else parameter.high
    wanted = 2.5 * abs(default) if _is_number(default) and default else min(at_most, 10.0)
    return low, min(at_most, max(_round_up(wanted), low + 1.0 if isinstance(default, int) else 0.0))


def _round_up(value: float) -> float:
    """Return the next value that is a round number."""
    if value <= 0.0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(part * power for part in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if part * power >= value * (1 - 1e-9)))


def _slider(
    path: str,
    *,
    label: str,
    unit: str,
    about: str,
    value: float,
    default: Any,
    low: float,
    high: float,
    whole: bool = False,
) -> dict[str, Any]:
    step = max(1.0, _step(high - low)) if whole else _step(high - low)
    low, high = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    low, high = min(low, math.floor(value / step + 1e-9)), max(high, math.ceil(value / step - 1e-9))
    return {
        "path": path,
        "label": label,
        "unit": unit,
        "about": about,
        "value": value,
        "default": default,
        "moved": value != default,
        "low": _short(low * step),
        "high": _short(high * step),
        "step": _short(step),
    }


def _short(value: float) -> float:
    """Return a value without what a computer adds to its last digits."""
    return float(f"{value:.10g}")


def _step(length: float) -> float:
    """Return a round step that makes a slider of some length take at most STEPS of them."""
    if length <= 0.0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(length / STEPS))
    return float(next(part * power for part in (1, 2, 5, 10) if part * power >= length / STEPS * (1 - 1e-9)))


def as_setting(path: str, value: Any) -> str:
    """Return what a control was moved to as PATH=VALUE; what is no number is handed on, to be told so."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{path}={value}"
    is_whole = float(value).is_integer() and abs(value) < 1e15
    return f"{path}={int(value) if is_whole else unmistakable(f'{value:.10g}')}"
