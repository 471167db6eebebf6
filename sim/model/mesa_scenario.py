"""The parameters of a model, as a caller gives them and as Mesa's Scenario.

Mesa rebuilds a model from its Scenario, as its page does on Reset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType
from typing import Any

from mesa.experimental import scenarios

from sim.errors import ModelError
from sim.model.agent import StateAgent
from sim.model.setup import Setup, prepare
from sim.scenario.load import load_scenario, with_settings
from sim.scenario.parameters import json_value, parameters
from sim.scenario.schema import Scenario
from sim.scenario.setting_text import written_setting
from sim.theory.choice import ENVIRONMENT

type Source = Scenario | Setup | scenarios.Scenario | str | Path

OF_THE_MODEL = ("scenario", "rng", "replicate", "agent_class", "collects")


class MesaScenario(scenarios.Scenario):
    """A Willing scenario as Mesa's Scenario: the parameters of a model, all with defaults.

    `model.scenario` has a class of its own, whose defaults are the parameters of the model: `scenario`, `rng`,
    `replicate`, `agent_class`, `collects`, and every setting by its path. So Mesa can rebuild the model from keyword
    arguments alone, as its page does on Reset.

    >>> CoalitionModel(MesaScenario(scenario="paris-march-2025", rng=1, **{"menu.troops.ask": 30000}))
    """

    __slots__ = ("_requested",)

    def __init__(self, *, rng: Any = None, **parameters: Any) -> None:
        """Set the given parameters; all others have the defaults of the class."""
        number = parameters.pop("_scenario_id", None)
        super().__init__(
            rng=self._scenario_defaults.get("rng") if rng is None else rng,
            _scenario_id=next(self._ids[MesaScenario]) if number is None else number,  # one count for all classes
            **parameters,
        )
        self._requested = frozenset(parameters if rng is None else {*parameters, "rng"})

    def requested(self) -> dict[str, Any]:
        """Return the parameters that were given, or set since then."""
        defaults = self._scenario_defaults
        return {
            name: value
            for name, value in self
            if name in self._requested or (name not in defaults and name != "rng") or value is not defaults.get(name)
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the parameters, since the class cannot be found by its name."""
        return _mesa_scenario, (self._scenario_defaults, self.requested())


def _mesa_scenario(defaults: Mapping[str, Any], requested: Mapping[str, Any]) -> MesaScenario:
    """Return a MesaScenario of a class with these defaults."""
    kind: Any = type(MesaScenario.__name__, (MesaScenario,), {"__slots__": ()})
    kind._scenario_defaults = dict(defaults)
    mesa_scenario: MesaScenario = kind(**requested)
    return mesa_scenario


def scenario_of(setup: Setup, **parameters_of_the_model: Any) -> MesaScenario:
    """Return Mesa's Scenario of a model with this setup and these further parameters."""
    settings = {each.path: json_value(each.value) for each in parameters(setup.whole)}
    for quantity in ENVIRONMENT:
        path = f"environment.{quantity}"
        if f"{path}.value" in settings:  # a constant, written as a number
            settings[path] = settings.pop(f"{path}.value")
            del settings[f"{path}.process"]
    return _mesa_scenario({**settings, "scenario": setup, **parameters_of_the_model}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """The complete parameters of a model."""

    setup: Setup
    rng: Any  # the seed; None: any
    replicate: Any
    agent_class: type[StateAgent]
    collects: bool


def read_parameters(
    source: Source | None,
    *,
    rng: Any,
    replicate: Any,
    agent_class: type[StateAgent] | None,
    collects: bool | None,
    settings: Mapping[str, Any],
) -> ModelParameters:
    """Return a model's parameters from its arguments; ModelError if the source is not a scenario.

    source may also be given as `scenario` in settings, and rng (not given: ...) as `seed`.
    """
    settings = dict(settings)
    source = _either(source, settings.pop("scenario", None), "scenario", absent=None)
    rng = _either(rng, settings.pop("seed", ...), "the seed (rng, or seed)", absent=...)
    defaults: dict[str, Any] = {"rng": 0, "replicate": 0, "agent_class": StateAgent, "collects": True}
    if isinstance(source, scenarios.Scenario):
        if isinstance(source, MesaScenario):
            stated = source.requested()
            defaults |= {name: value for name, value in source._scenario_defaults.items() if name in OF_THE_MODEL}
        else:
            stated = dict(source)
        if rng is not ... and stated.get("rng") not in (None, rng):
            raise ModelError(f"rng={rng!r}: its scenario already has rng={stated['rng']!r}; give only one of them")
        defaults |= {name: stated.pop(name) for name in OF_THE_MODEL if name in stated}
        source = defaults.pop("scenario", None)
        settings = {**stated, **settings}
    return ModelParameters(
        setup=_setup(source, [as_setting(path, value) for path, value in settings.items()]),
        rng=defaults["rng"] if rng is ... else rng,
        replicate=defaults["replicate"] if replicate is None else replicate,
        agent_class=defaults["agent_class"] if agent_class is None else agent_class,
        collects=defaults["collects"] if collects is None else collects,
    )


def _either(one: Any, other: Any, name: str, *, absent: EllipsisType | None) -> Any:
    """Return the one of two values that is given; ModelError if both are."""
    if one is not absent and other is not absent:
        raise ModelError(f"{name}: given twice, as {_shortened(one)} and as {_shortened(other)}; give one")
    return other if one is absent else one


def _setup(source: Any, settings: list[str]) -> Setup:
    """Return the setup of a scenario, or of its name or path, with settings such as menu.troops.ask=40000 applied."""
    match source:
        case str() | Path():
            return prepare(load_scenario(source, settings))
        case Scenario():
            return prepare(with_settings(source, settings))
        case Setup():
            return prepare(with_settings(source.whole, settings)) if settings else source
        case None:
            raise ModelError(
                'scenario: missing; name one, such as CoalitionModel("paris-march-2025"); '
                "`willing list scenarios` lists those that come with the program"
            )
        case _:
            raise ModelError(
                f"scenario: {_shortened(source)} is not a scenario; give the name of one, the path of a file, "
                "or a result of load_scenario or prepare"
            )


def as_setting(path: str, value: Any) -> str:
    """Return PATH=VALUE as load_scenario takes it; ModelError for a value that a setting cannot have."""
    try:
        return written_setting(path, value)
    except TypeError:
        raise ModelError(
            f"{path}: {_shortened(value)} is neither a parameter of CoalitionModel nor the value of a setting; "
            "`willing list parameters` lists the settings"
        ) from None


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
