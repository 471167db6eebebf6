"""Sensitivity analysis of an experiment as a result: the effect of each factor on an outcome, and its convergence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.sensitivity_convergence import Convergence, convergence, sampling_noise_share
from sim.analysis.sensitivity_indices import morris_effects, saltelli_indices, swing_reaches, swings
from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import count_points, design_errors, name_of
from sim.experiment.plan import Plan, plan_of
from sim.experiment.point_summaries import replicates_at
from sim.experiment.schema import MOST_POINTS, DesignSchema, Morris, OneAtATime, Saltelli
from sim.experiment.sweep import Sweep
from sim.result import Result
from sim.scenario import shipped
from sim.scenario.suggestions import did_you_mean

METHODS = {"sobol": "saltelli", "morris": "morris", "one-at-a-time": "one_at_a_time"}  # and the design of each
BASE, TRAJECTORIES = 512, 40  # size of the sample if neither the caller nor the experiment gives one
RANK = {"sobol": "total", "morris": "mu_star", "one-at-a-time": "swing"}  # the column by which factors are ranked


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Sensitivity(Result):
    """The effect of each factor of an experiment on an outcome.

    Attributes
    ----------
    sweep : Sweep
        The sweep that was simulated.
    outcome : str
        The outcome.
    factors : DataFrame
        One row per factor, the one with the largest effect first. The columns depend on the method: those of
        `saltelli_indices`, `morris_effects` or `swings`, with half the width of the 95 % interval as `.reach`.
    convergence : Convergence or None
        The index by which factors are ranked, on growing parts of the sample; None with one factor at a time.
    sampling_noise_at_most : float
        Upper bound of the share of the variance between points that is sampling noise of the replicates;
        not-a-number if nothing varies.
    """

    sweep: Sweep
    outcome: str
    factors: pd.DataFrame
    convergence: Convergence | None
    sampling_noise_at_most: float

    @property
    def experiment(self) -> Experiment:
        """The experiment, with the design that was simulated."""
        return self.sweep.experiment

    @property
    def method(self) -> str:
        """The method: ``"sobol"``, ``"morris"`` or ``"one-at-a-time"``."""
        return _method_of(self.experiment)

    @property
    def rank(self) -> str:
        """The column of `factors` by which the factors are ranked."""
        return RANK[self.method]

    @property
    def file_name(self) -> str:
        """The name of the sweep and the outcome."""
        return f"{self.sweep.file_name}-{self.outcome}"

    def to_frame(self) -> pd.DataFrame:
        """Return the factors: one row per factor."""
        return self.factors.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return the analysis as plain values, which `willing sensitivity` prints with `--json`."""
        found = self.convergence
        return {
            "experiment": self.experiment.name,
            "method": self.method,
            "outcome": self.outcome,
            "points": self.sweep.plan.points,
            "replicates": self.experiment.replicates,
            "factors": [{"factor": str(factor)} | row for factor, row in _plain_rows(self.factors).items()],
            "sampling_noise_at_most": _plain(self.sampling_noise_at_most),
            "converged": None if found is None else found.converged,
            "convergence": None
            if found is None
            else {str(size): row for size, row in _plain_rows(found.index.T).items()},
            "failed": len(self.sweep.failed),
        }


def sensitivity_plan(
    experiment: str | Path | Mapping[str, Any] | Experiment,
    *,
    method: str | None = None,
    base: int | None = None,
    trajectories: int | None = None,
    replicates: int | None = None,
    seed: int | None = None,
) -> Plan:
    """Return the sweep that a method requires.

    Parameters
    ----------
    experiment
        The experiment, as `load_experiment` takes it.
    method : {"sobol", "morris", "one-at-a-time"}, optional
        By default the one of the experiment's own design, or else Sobol' indices.
    base, trajectories
        Size of the sample of Sobol' indices, a power of two, or of elementary effects.
    replicates, seed
        In place of the experiment's.

    Raises
    ------
    ScenarioError
        If the experiment cannot be read or makes no sense.
    ModelError
        If it is a scenario, if the method is unknown, or if the sample has a size that it cannot have.
    """
    if isinstance(experiment, str) and experiment in shipped():
        raise ModelError(
            f"{experiment} is a scenario; sensitivity takes an experiment, which names the factors and their ranges, "
            f"such as global-sensitivity; copy that file and set scenario: {experiment}"
        )
    loaded = load_experiment(experiment)
    designed = _with_design(loaded, method, base, trajectories)
    requested = dataclasses.replace(
        designed,
        replicates=designed.replicates if replicates is None else replicates,
        seed=designed.seed if seed is None else seed,
    )
    return plan_of(requested, is_redesigned=requested.design != loaded.design)


def find_outcome(experiment: Experiment, outcome: str | None) -> str:
    """Return the outcome to analyse, by default the first numeric one; ModelError if it is not measured as a number."""
    numbers = [name for name in experiment.outcomes if not experiment.is_word(name)]
    if not numbers:
        raise ModelError(f"{experiment.name} has no numeric outcome; add one under outcomes, such as viable")
    if outcome is None:
        return numbers[0]
    if outcome not in numbers:
        hint = did_you_mean(outcome, numbers)
        known = hint if "known here" in hint else f"{hint}; its numeric outcomes are {', '.join(numbers)}"
        raise ModelError(f"outcome {outcome}: is not a numeric outcome of {experiment.name}{known}")
    return outcome


def sensitivity(sweep: Sweep, outcome: str | None = None) -> Sensitivity:
    """Return the effect of each factor of a complete sweep on an outcome, by the method that its design allows.

    ModelError if the design allows none, the outcome is not a numeric outcome or does not vary, or too many points
    failed.
    """
    experiment, summary = sweep.experiment, sweep.summary
    if name_of(experiment.design) not in METHODS.values():
        raise ModelError(
            f"{experiment.name}: sensitivity needs points of the design saltelli, morris or one_at_a_time; this is "
            f"{name_of(experiment.design)}; analyse the experiment instead of the sweep, with a method"
        )
    column = find_outcome(experiment, outcome)
    match experiment.design:
        case Saltelli():
            table = saltelli_indices(experiment, summary, column)
        case Morris():
            table = morris_effects(experiment, summary, column)
        case _:
            table = swings(experiment, summary, column)
            table["swing.reach"] = swing_reaches(table, partial(replicates_at, sweep.store, outcome=column))
            table = table.drop(columns=["low.point", "high.point"])
    rank = RANK[_method_of(experiment)]
    is_sample = not isinstance(experiment.design, OneAtATime)
    return Sensitivity(
        sweep=sweep,
        outcome=column,
        factors=table.sort_values(rank, ascending=False, kind="stable", na_position="last"),
        convergence=convergence(experiment, summary, column) if is_sample else None,
        sampling_noise_at_most=sampling_noise_share(summary, column),
    )


def _method_of(experiment: Experiment) -> str:
    return next(method for method, design in METHODS.items() if design == name_of(experiment.design))


def _with_design(experiment: Experiment, method: str | None, base: int | None, trajectories: int | None) -> Experiment:
    """Return the experiment with the design of the method; unchanged if that is its own."""
    if method is not None and method not in METHODS:
        raise ModelError(f"method {method}: is unknown; choose from {', '.join(METHODS)}")
    own = name_of(experiment.design)
    requested = METHODS[method] if method is not None else own if own in METHODS.values() else "saltelli"
    if base is not None and requested != "saltelli":
        raise ModelError("base (--base) applies only to the method sobol")
    if trajectories is not None and requested != "morris":
        raise ModelError("trajectories (--trajectories) applies only to the method morris")
    if requested == own and base is None and trajectories is None:
        return experiment
    for name, size in (("base", base), ("trajectories", trajectories)):
        if size is not None and not 2 <= size <= MOST_POINTS:
            raise ModelError(f"{name} must be from 2 to {MOST_POINTS:,}; {size:,} is not")
    design: Saltelli | Morris | OneAtATime
    if requested == "saltelli":
        saltelli = experiment.design if isinstance(experiment.design, Saltelli) else Saltelli(base=BASE)
        design = saltelli.model_copy(update={"base": saltelli.base if base is None else base})
    elif requested == "morris":
        morris = experiment.design if isinstance(experiment.design, Morris) else Morris(trajectories=TRAJECTORIES)
        design = morris.model_copy(
            update={"trajectories": morris.trajectories if trajectories is None else trajectories}
        )
    else:
        design = OneAtATime()
    for _, reason in design_errors(DesignSchema.model_validate({requested: design.model_dump()}), ()):
        raise ModelError(f"base: {reason}")
    points = count_points(design, experiment.factors)
    if points > MOST_POINTS:
        raise ModelError(f"{points:,} points are too many; at most {MOST_POINTS:,} are possible")
    return experiment.redesigned(design)


def _plain_rows(table: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table with finite numbers, texts and None."""
    return {
        label: {str(name): _plain(value) for name, value in row.items()}
        for label, row in table.to_dict("index").items()
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return None if number != number else number
