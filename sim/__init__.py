"""Willing: who joins a force for Ukraine, and why; an agent-based simulation of the bargaining.

>>> from sim import CoalitionModel, load_scenario
>>> model = CoalitionModel(load_scenario("paris-march-2025"), rng=1)
>>> model.step()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.errors import WillingError
    from sim.facts import read_state_table
    from sim.model.agent import Observation, StateAgent
    from sim.model.coalition import CoalitionModel
    from sim.model.setup import prepare
    from sim.model.simulate import play
    from sim.results.tables import tabulate
    from sim.scenario import Scenario, load_scenario
    from sim.theory.considerations import CONSIDERATIONS, Consideration

    __version__: str

__all__ = [
    "CONSIDERATIONS",
    "CoalitionModel",
    "Consideration",
    "Observation",
    "Scenario",
    "StateAgent",
    "WillingError",
    "load_scenario",
    "play",
    "prepare",
    "read_state_table",
    "tabulate",
]

_HOME = {
    "CONSIDERATIONS": "sim.theory.considerations",
    "CoalitionModel": "sim.model.coalition",
    "Consideration": "sim.theory.considerations",
    "Scenario": "sim.scenario",
    "Observation": "sim.model.agent",
    "StateAgent": "sim.model.agent",
    "WillingError": "sim.errors",
    "load_scenario": "sim.scenario",
    "play": "sim.model.simulate",
    "prepare": "sim.model.setup",
    "read_state_table": "sim.facts",
    "tabulate": "sim.results.tables",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: Mesa alone takes a second."""
    if name == "__version__":
        from importlib.metadata import version

        return version("willing")
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
