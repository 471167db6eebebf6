"""An experiment, checked as a whole: factors, design, outcomes and figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.experiment.design_table import Table
from sim.experiment.factor import Choices, Factor, Range
from sim.experiment.figure_specs import Figure, Tornado, named
from sim.experiment.point_scenarios import SCENARIO, PointScenarios
from sim.experiment.schema import Grid, LatinHypercube, Morris, OneAtATime, Saltelli, Sobol
from sim.results.outcomes import is_option
from sim.scenario.digest import digest
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 5  # of a range without steps, in a design that goes through the levels

type Design = Grid | LatinHypercube | Sobol | Saltelli | Morris | OneAtATime | Table


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment that is ready to be simulated.

    Attributes
    ----------
    name, question, about, sources : str, str, str, tuple of str
        What the experiment is called, asks, shows and is based on.
    scenarios : tuple of str
        The scenarios that are varied.
    factors : tuple of Range, Levels or Choices
        The settings that are varied; in a grid the first changes slowest.
    design : Grid, LatinHypercube, Sobol, Saltelli, Morris, OneAtATime or Table
        Which levels are simulated together.
    replicates, seed : int
        Runs per point, and the random seed.
    rounds : int or None
        Number of rounds in place of the scenarios' own.
    outcomes : tuple of str
        The outcomes to measure; ``joins.*`` and the like are written out for every state.
    figures : tuple of figure specifications
        The figures to draw.
    options, states : tuple of str
        Abstaining and all options that are on the menu at some level, from the lowest rung up; all states that are on
        the roster at some level.
    """

    name: str
    question: str
    about: str
    sources: tuple[str, ...]
    scenarios: tuple[str, ...]
    factors: tuple[Factor, ...]
    design: Design
    replicates: int
    seed: int
    rounds: int | None
    outcomes: tuple[str, ...]
    figures: tuple[Figure, ...]
    options: tuple[str, ...]
    states: tuple[str, ...]
    point_scenarios: PointScenarios = field(repr=False, compare=False)
    reference: str = field(default="", repr=False, compare=False)  # the name or file it was loaded by
    mapping: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)  # the one it was made from

    def factor(self, name: str) -> Factor:
        """Return a factor by name; KeyError if it is not varied."""
        return {factor.name: factor for factor in self.factors}[name]

    def scenario_at(self, row: Mapping[str, Any] | pd.Series) -> Scenario:
        """Return the scenario of a point, a row of the design's table; ScenarioError if its levels make no sense.

        Blocks that no factor changes are the same objects at every point, so that values computed from them can be
        kept.
        """
        return self.point_scenarios.at(row if isinstance(row, Mapping) else dict(row.items()))  # type: ignore[arg-type]

    def redesigned(self, design: Design) -> Experiment:
        """Return the experiment with another design and, in place of its figures, a tornado of the first number.

        A range without steps gets some if the design goes through the levels.
        """
        factors = self.factors
        if isinstance(design, OneAtATime):
            factors = tuple(
                replace(factor, steps=factor.steps or LEVELS) if isinstance(factor, Range) else factor
                for factor in factors
            )
        numbers = tuple(outcome for outcome in self.outcomes if not self.is_word(outcome))
        figures = named(tuple(Tornado(kind="tornado", outcome=(outcome,)) for outcome in numbers[:1]))
        return replace(self, design=design, factors=factors, figures=figures)

    @property
    def bases(self) -> tuple[Scenario, ...]:
        """The scenarios that are varied, without any variation."""
        return tuple(self.point_scenarios.bases.values())

    def is_word(self, outcome: str) -> bool:
        """Return whether an outcome is the name of an option rather than a number."""
        return is_option(outcome)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that determines the runs: scenarios, levels, design, replicates, seed and outcomes.

        Names, texts and figures do not count; labels of levels do, since the tables contain them.
        """
        meaning = {
            "scenarios": [digest(scenario) for scenario in self.bases],
            "factors": [self._meaning(factor) for factor in self.factors],
            "design": [type(self.design).__name__, self.design.model_dump()],
            "replicates": self.replicates,
            "seed": self.seed,
            "outcomes": self.outcomes,
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()

    def _meaning(self, factor: Factor) -> list[Any]:
        match factor:
            case Range():
                return [factor.name, "range", factor.low, factor.high, factor.steps, factor.scale, factor.is_whole]
            case Choices() if factor.name != SCENARIO:
                changed = [
                    digest(self.point_scenarios.checked({SCENARIO: name, factor.name: level}))
                    for name in self.scenarios
                    for level in factor.levels
                ]
                return [factor.name, "choices", list(factor.levels), changed]
            case _:
                return [factor.name, "levels", [str(level) for level in factor.levels]]
