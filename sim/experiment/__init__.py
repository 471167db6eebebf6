"""Experiments: the points of a design, their scenarios, their simulation, and the folders of sweeps."""

from __future__ import annotations

from sim.experiment.experiment import Experiment
from sim.experiment.load import load_experiment, shipped_experiments

__all__ = ["Experiment", "load_experiment", "shipped_experiments"]
