"""Scenarios: one question each, loaded from a file or a mapping, checked as a whole and frozen."""

from __future__ import annotations

from sim.scenario.digest import digest, resolve, to_yaml
from sim.scenario.files import shipped
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

__all__ = ["Scenario", "digest", "load_scenario", "resolve", "shipped", "to_yaml"]
