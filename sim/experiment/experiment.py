"""An experiment, checked as a whole: what is varied, by which design, what is measured, which figures are drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.experiment.factor import Choices, Factor, Range
from sim.experiment.figure_specs import Figure, Tornado, named
from sim.experiment.outcome_names import words_of
from sim.experiment.point_scenarios import SCENARIO, Situations
from sim.experiment.schema import Grid, LatinHypercube, Morris, OneAtATime, Saltelli, Sobol
from sim.experiment.table import Table
from sim.scenario.digest import digest
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 5  # of a range in a design that goes through levels, where the experiment names none

type Design = Grid | LatinHypercube | Sobol | Saltelli | Morris | OneAtATime | Table


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment, ready to be played."""

    name: str
    question: str
    about: str
    sources: tuple[str, ...]
    scenarios: tuple[str, ...]
    factors: tuple[Factor, ...]  # the first is the slowest in a grid
    design: Design
    replicates: int
    seed: int
    rounds: int | None  # None: the scenario's own
    outcomes: tuple[str, ...]  # joins.* and the like written out for every state
    figures: tuple[Figure, ...]
    options: tuple[str, ...]  # abstaining and all that is on the menu at some level, from the lowest rung up
    states: tuple[str, ...]  # all that are on the roster at some level
    situations: Situations = field(repr=False, compare=False)

    def factor(self, name: str) -> Factor:
        """Return a factor by its name; KeyError if it is not varied."""
        return {factor.name: factor for factor in self.factors}[name]

    def scenario_at(self, row: Mapping[str, Any] | pd.Series) -> Scenario:
        """Return the scenario of a point, a row of the design's table; ScenarioError where its levels make no sense.

        Blocks that no factor changes are the same objects at every point, so that what is made of them can be kept.
        """
        return self.situations.at(row if isinstance(row, Mapping) else dict(row.items()))  # type: ignore[arg-type]

    def redesigned(self, design: Design) -> Experiment:
        """Return the experiment with its factors played by another design, and the figure that goes with it.

        A range gets as many levels as it needs where the design goes through levels; the first outcome that is a number
        has a tornado in place of the experiment's own figures.
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
        """The scenarios that are varied, as they are without it."""
        return tuple(self.situations.bases.values())

    def is_word(self, outcome: str) -> bool:
        """Return whether an outcome is the name of an option, not a number."""
        return outcome in words_of(self.states)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that decides the runs: scenarios, levels, points, replicates, seed, rounds and outcomes.

        Names, words about it and figures do not matter; labels of levels do, since tables hold them.
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
                    digest(self.situations.checked({SCENARIO: name, factor.name: level}))
                    for name in self.scenarios
                    for level in factor.levels
                ]
                return [factor.name, "choices", list(factor.levels), changed]
            case _:
                return [factor.name, "levels", [str(level) for level in factor.levels]]
