"""A lever: one number of a scenario that can be changed, with the range of values that are tried."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.errors import ModelError
from sim.facts.numbers import is_counted, point_for_thousands
from sim.model.setup import Setup
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.scenario.parameters import Parameter, parameters
from sim.scenario.parties import has_no_effect
from sim.scenario.scheduled_changes import changed_throughout
from sim.scenario.schema import Scenario
from sim.scenario.suggestions import did_you_mean
from sim.theory.choice import ENVIRONMENT

type Array = np.ndarray

ASK = "ask"  # short for the ask of the headline; and each quantity of the environment by its name
DEFAULT = ("us_backing", "clarity", "mandate", ASK)
_FINEST = 900  # steps of a range at least
_STRENGTH = (-1000.0, 1000.0)  # range of a weight
_RANGE = "give the range in which to try it, such as weights.momentum:0:4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One number of a scenario that is changed."""

    name: str  # as requested
    path: str
    now: float  # the value in the scenario
    low: float
    high: float
    is_whole: bool = False
    counts: bool = False  # whether the number is usually in thousands, such as soldiers
    how: str = ""  # a note on the meaning of a change, if needed
    replaces: bool = False  # whether it replaces a path, so that the value `now` is a change as well

    @property
    def step(self) -> float:
        """The finest step in which it is changed: a power of ten, about a thousandth of the range."""
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / _FINEST) + 1e-9)
        return max(step, 1.0) if self.is_whole else step

    def rounded(self, values: Array | Sequence[float]) -> list[float]:
        """Return values in steps, within the range, each once and in their order."""
        stepped = np.round(np.asarray(values, dtype=float) / self.step) * self.step
        return list(dict.fromkeys(float(f"{value:.12g}") for value in np.clip(stepped, self.low, self.high)))

    def grid(self, number: int) -> list[float]:
        """Return this many values from end to end, and the current value, in ascending order."""
        return sorted({*self.rounded(np.linspace(self.low, self.high, number)), self.now})

    def is_at(self, value: float) -> bool:
        """Return whether a value leaves the lever unchanged."""
        return value == self.now and not self.replaces

    def part(self, value: float) -> float:
        """Return the distance of a value from the current one, as a part of the range."""
        return abs(value - self.now) / (self.high - self.low)

    def moved(self, scenario: Scenario, value: float) -> Scenario:
        """Return the scenario with the lever at a value; blocks without it stay the same objects."""
        moved = _replaced(scenario, self.path.split("."), int(value) if self.is_whole else float(value))
        assert isinstance(moved, Scenario)
        return moved

    def shown(self, value: float) -> str:
        """Return a value as text, no finer than the step."""
        return f"{value:,.{max(0, -math.floor(math.log10(self.step) + 1e-9))}f}"


def read_levers(texts: Sequence[str], setup: Setup) -> list[Lever]:
    """Return the levers of these names; ModelError for one that is not in the scenario.

    A name is short (us_backing and the like, ask) or the path of a setting that is a number, optionally followed by a
    range, as in weights.momentum:0:4.
    """
    levers = [_read(text.strip(), setup) for text in texts if text.strip()]
    if not levers:
        raise ModelError(f"{setup.scenario.name}: no lever to move; name some with --levers, such as us_backing,ask")
    paths = [lever.path for lever in levers]
    for path in paths:
        if paths.count(path) > 1:
            raise ModelError(f"{setup.scenario.name}: lever {path} is named twice; name it once")
    return levers


def default_levers(setup: Setup) -> list[Lever]:
    """Return the levers that are used by default; without the ask if the headline has none."""
    names = [name for name in DEFAULT if name != ASK or setup.menu.asks[setup.headline] > 0]
    names = [name for name in names if not changed_throughout(_path(name, setup.scenario), setup.scenario)]
    return read_levers(names, setup)


def _read(text: str, setup: Setup) -> Lever:
    scenario = setup.scenario
    name, *own = text.split(":")
    path = _path(name, scenario)
    if has_no_effect(path, scenario):
        raise ModelError(f"{scenario.name}: lever {name}: has no effect: there is no opponent; name another lever")
    if changed_throughout(path, scenario):
        raise ModelError(
            f"{scenario.name}: lever {name}: has no effect: changes set {path} in every round; name another lever"
        )
    lever = _lever(name, path, setup, bool(own))
    if not own:
        if lever.low == lever.high:
            raise ModelError(f"{scenario.name}: lever {name}: it is {lever.now:g}, and any number would do; {_RANGE}")
        return lever
    numbers = [float(end) if re.fullmatch(r"-?\d+(\.\d*)?(e-?\d+)?", end.strip()) else math.nan for end in own]
    for end in own:
        trouble = point_for_thousands(end, whole=lever.is_whole, low=lever.low, high=lever.high) if lever.counts else ""
        if trouble:
            raise ModelError(f"{scenario.name}: lever '{text[:60]}': {trouble}")
    if len(numbers) != 2 or not numbers[0] < numbers[1]:
        raise ModelError(f"{scenario.name}: lever '{text[:60]}': {_RANGE}")
    if numbers[0] < lever.low or numbers[1] > lever.high:
        raise ModelError(
            f"{scenario.name}: lever '{text[:60]}': it may be from {lever.low:,.12g} to {lever.high:,.12g}; {_RANGE}"
        )
    if not numbers[0] <= lever.now <= numbers[1]:
        raise ModelError(
            f"{scenario.name}: lever '{text[:60]}': it is {lever.now:,.12g} now, outside of that; {_RANGE}"
        )
    return replace(lever, low=numbers[0], high=numbers[1])


def _path(name: str, scenario: Scenario) -> str:
    if name in ENVIRONMENT:
        return f"environment.{name}"
    return f"menu.{scenario.proposal.headline}.ask" if name == ASK else name


def _lever(name: str, path: str, setup: Setup, has_range: bool) -> Lever:
    """Return the lever with its default range, or the range that is given, within its limits."""
    scenario = setup.scenario
    quantity = path.removeprefix("environment.")
    if quantity in ENVIRONMENT and path != quantity:
        return _quantity(name, path, setup)
    parameter = _parameter(path, scenario)
    if parameter is None:
        raise _unknown(name, scenario)
    value = parameter.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ModelError(f"{scenario.name}: lever {name}: is {value!s:.40}, no number that could be moved")
    is_whole, low, high = isinstance(value, int), *_limits(parameter)
    if has_range:
        pass
    elif path.startswith("menu.") and path.endswith(".ask"):
        if value == 0:
            raise ModelError(f"{scenario.name}: lever {name}: {path} is 0, so there is no ask that could be lower")
        offers = setup.offers[:, setup.menu.index(path.split(".")[1])].sum()
        low, high = 1.0, 100.0 * math.ceil(max(float(value), float(offers)) / 100.0)
    elif math.isinf(low) or math.isinf(high) or (low, high) != (0.0, 1.0):
        low, high = max(low, min(0.0, 2.0 * value)), min(high, max(0.0, 2.0 * value))
    counts = is_whole or is_counted(parameter.unit, parameter.high)
    return Lever(name=name, path=path, now=float(value), low=low, high=high, is_whole=is_whole, counts=counts)


def _limits(parameter: Parameter) -> tuple[float, float]:
    """Return the range of a setting, including its ends."""
    low = -math.inf if parameter.low is None else parameter.low
    high = math.inf if parameter.high is None else parameter.high
    margin = 0.001 * (1.0 if math.isinf(high - low) else high - low)
    return low + margin * parameter.open_low, high - margin * parameter.open_high


def _quantity(name: str, path: str, setup: Setup) -> Lever:
    process = getattr(setup.scenario.environment, path.partition(".")[2])
    match process:
        case Constant():
            return Lever(name=name, path=path, now=process.value, low=0.0, high=1.0)
        case LogitAR1():
            how = "the level about which it wanders"
            return Lever(name=name, path=path, now=process.level, low=0.001, high=0.999, how=how)
    last = float(setup.fixed_paths[-1, ENVIRONMENT.index(path.partition(".")[2])])
    how = f"held throughout, in place of its {process.process}; now is its last value"
    return Lever(name=name, path=path, now=last, low=0.0, high=1.0, how=how, replaces=True)


def _parameter(path: str, scenario: Scenario) -> Parameter | None:
    """Return a setting with its range; also one entry of a block of strengths, such as weights.cost."""
    block, _, key = path.rpartition(".")
    for found in parameters(scenario):
        if found.path == path:
            return found
        if found.path == block and isinstance(found.value, Mapping) and key in found.value:
            low, high = _STRENGTH
            return replace(found, path=path, value=found.value[key], low=low, high=high)
    return None


def _unknown(name: str, scenario: Scenario) -> ModelError:
    known = [*ENVIRONMENT, ASK]
    for found in parameters(scenario):
        known += [f"{found.path}.{key}" for key in found.value] if isinstance(found.value, Mapping) else [found.path]
    hint = did_you_mean(name, known) or "; `willing list parameters` names the settings"
    return ModelError(f"{scenario.name}: no lever '{name[:60]}' in the scenario{hint}")


def _replaced(part: Any, path: Sequence[str], value: float) -> Any:
    """Return a block with a number replaced."""
    name, *further = path
    is_dict = isinstance(part, Mapping)
    before = part[name] if is_dict else getattr(part, name)
    if further:
        after = _replaced(before, further, value)
    elif isinstance(before, LogitAR1):
        after = before.model_copy(update={"level": value})
    elif isinstance(before, (Constant, Schedule, Ramp)):
        after = Constant(value=value)
    else:
        after = value
    return {**part, name: after} if is_dict else part.model_copy(update={name: after})
