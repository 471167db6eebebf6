"""THE SWEEP: an experiment file, checked as a whole, its points, and the scenario of each."""

from __future__ import annotations

from sim.experiment.experiment import Experiment
from sim.experiment.load import load_experiment, shipped_experiments

__all__ = ["Experiment", "load_experiment", "shipped_experiments"]
