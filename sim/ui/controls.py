"""Controls: the settings that can be changed, from the schema, with range, unit and meaning."""

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
BLOCKS: Mapping[str, str] = MappingProxyType(  # block of the schema -> name of its group, in this order
    {
        "weights": "Weights",
        "proposal": "Proposal",
        "conditions": "Conditions of conditional offers",
        "ceasefire": "Ceasefire",
        "menu": "Menu",
        "couplings": "Feedback on the environment",
        "forces": "Forces",
        "geography": "Geography",
        "belief": "Belief in others",
        "momentum": "Momentum",
        "deterrence": "Deterrence",
        "": "Rounds and choice",
    }
)
IN_SITUATION = ("ceasefire.phase",)  # besides the environment and the asks
MAX_STEPS = 200  # of a slider


def groups(scenario: Scenario, own: Scenario) -> list[dict[str, Any]]:
    """Return the groups of controls, each with its settings as vue/controls.vue shows them.

    scenario: with the settings of the case; own: with no setting replaced.
    """
    first = [*_environment(scenario, own)]
    others: dict[str, list[dict[str, Any]]] = {name: [] for name in BLOCKS.values()}
    defaults = {parameter.path: parameter.value for parameter in parameters(own)}
    for parameter in parameters(scenario):
        block = parameter.path.partition(".")[0] if "." in parameter.path else ""
        if parameter.path == "weights":
            others[BLOCKS["weights"]] += _weights(scenario, own)
            continue
        if has_no_effect(parameter.path, scenario):
            continue
        control = _control(parameter, defaults.get(parameter.path, parameter.value), scenario)
        if control is None or (block and block not in BLOCKS):
            continue
        is_ask = parameter.path.endswith(".ask") and (parameter.value or defaults.get(parameter.path))
        (first if is_ask or parameter.path in IN_SITUATION else others[BLOCKS[block]]).append(control)
    return [
        {"name": name, "settings": settings} for name, settings in ({SITUATION: first} | others).items() if settings
    ]


def _environment(scenario: Scenario, own: Scenario) -> Iterator[dict[str, Any]]:
    """Yield a control for each quantity: its value, or the level to which it reverts."""
    for name, field in Environment.model_fields.items():
        if has_no_effect(f"environment.{name}", scenario):
            continue
        now, default = getattr(scenario.environment, name), getattr(own.environment, name)
        path, about = f"environment.{name}", capitalised(with_parties(field.description or "", scenario))
        match now:
            case Constant():
                value = now.value
            case LogitAR1():
                path, value, about = f"{path}.level", now.level, f"{about}; it fluctuates around this level"
            case _:
                value = _first_value(now)
                about = f"{about}; it follows the scenario's schedule until this is changed"
        least = 0.01 if isinstance(now, LogitAR1) else 0.0
        yield _slider(
            path,
            label=as_label(quantity_name(name, scenario)),
            unit="0 to 1",
            about=about,
            value=value,
            default=_first_value(default),
            low=least,
            high=1.0 - least,
        ) | {"moved": now != default}


def _first_value(process: Any) -> float:
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
        limit = _round_up(2.5 * abs(default)) or 2.0
        yield _slider(
            f"weights.{name}",
            label=capitalised(consideration_name(name, scenario)),
            unit="weight",
            about="" if known is None else capitalised(with_parties(known.about, scenario)),
            value=value,
            default=default,
            low=-limit if default < 0 else 0.0,
            high=0.0 if default < 0 else limit,
        )


def _control(parameter: Parameter, default: Any, scenario: Scenario) -> dict[str, Any] | None:
    """Return the control of a setting that is a number or one of a few words; None for any other."""
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
    low, high = _range(parameter, default)
    margin = _step(high - low)
    low, high = low + margin * parameter.open_low, high - margin * parameter.open_high
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


def _range(parameter: Parameter, default: Any) -> tuple[float, float]:
    """Return the range of a slider: that of the schema if it is at most 1 wide, else a multiple of the default."""
    low = 0.0 if parameter.low is None else parameter.low
    if parameter.high is not None and parameter.high - low <= 1.0:
        return low, parameter.high
    at_most = math.inf if parameter.high is None else parameter.high
    typical = 2.5 * abs(default) if _is_number(default) and default else min(at_most, 10.0)
    return low, min(at_most, max(_round_up(typical), low + 1.0 if isinstance(default, int) else 0.0))


def _round_up(value: float) -> float:
    """Return the next round number."""
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
        "low": _rounded(low * step),
        "high": _rounded(high * step),
        "step": _rounded(step),
    }


def _rounded(value: float) -> float:
    """Return a value without binary rounding error in its last digits."""
    return float(f"{value:.10g}")


def _step(length: float) -> float:
    """Return a round step of which a slider of this length has at most MAX_STEPS."""
    if length <= 0.0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(length / MAX_STEPS))
    return float(next(part * power for part in (1, 2, 5, 10) if part * power >= length / MAX_STEPS * (1 - 1e-9)))


def as_setting(path: str, value: Any) -> str:
    """Return the new value of a control as PATH=VALUE; text that is not a number is passed on, to be reported."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{path}={value}"
    is_whole = float(value).is_integer() and abs(value) < 1e15
    return f"{path}={int(value) if is_whole else unmistakable(f'{value:.10g}')}"
