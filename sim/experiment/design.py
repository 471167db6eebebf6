"""The points of an experiment: the levels of its factors that are simulated together.

The same file gives the same points on every machine: random numbers depend on the design's seed only, and numbers on a
log scale are computed by correctly rounded operations.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import ModelError
from sim.experiment.design_table import POINT, Table
from sim.experiment.factor import AS_IT_IS, Choices, Factor, Range, listed
from sim.experiment.point_scenarios import SCENARIO
from sim.experiment.schema import DesignSchema, Grid, LatinHypercube, Morris, OneAtATime, Saltelli, Sobol
from sim.scenario.environment_process import Constant

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.experiment import Design, Experiment

type Array = np.ndarray


def design_table(experiment: Experiment) -> pd.DataFrame:
    """Return the points: one row per point, numbered from 0, and one column per factor, in order.

    Numbers are float64, whole numbers int64, words text. In the first row of one_at_a_time, which has the scenario's
    own values, a number that the scenario does not have is not-a-number.
    """
    import pandas as pd

    match experiment.design:
        case Grid():
            columns = _grid(experiment.factors)
        case OneAtATime():
            columns = _one_at_a_time(experiment)
        case Table(rows=rows):
            columns = {
                factor.name: _column(factor, [row[index] for row in rows])
                for index, factor in enumerate(experiment.factors)
            }
        case _:
            unit = unit_sample(experiment)
            columns = {factor.name: factor.at(unit[:, index]) for index, factor in enumerate(experiment.factors)}
    index = pd.RangeIndex(len(next(iter(columns.values()))), name=POINT)
    return pd.DataFrame(columns, index=index)


def name_of(design: Design) -> str:
    """Return the name of a design in experiment files."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(design).__name__).lower()


def count_points(design: Design, factors: Sequence[Factor]) -> int:
    """Return the number of points of a design."""
    match design:
        case Grid():
            return math.prod(_number_of_levels(factor) for factor in factors)
        case OneAtATime():
            return 1 + sum(_number_of_levels(factor) for factor in factors)
        case LatinHypercube(points=points) | Sobol(points=points):
            return points
        case Saltelli():
            return design.base * (2 * len(factors) + 2 if design.second_order else len(factors) + 2)
        case Morris():
            return design.trajectories * (len(factors) + 1)
        case Table():
            return len(design.rows)


def problem(experiment: Experiment) -> dict[str, Any]:
    """Return the factors in the form that SALib needs: names, and bounds in the unit cube of `unit_sample`."""
    names = [factor.name for factor in experiment.factors]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0] for _ in names]}


def unit_sample(experiment: Experiment) -> Array:
    """Return the points of a sampled design in the unit cube, as [points, factors].

    ModelError if the design is not sampled.
    """
    size = len(experiment.factors)
    match experiment.design:
        case LatinHypercube(points=points, seed=seed):
            from scipy.stats import qmc

            return qmc.LatinHypercube(d=size, rng=seed).random(points)
        case Sobol(points=points, seed=seed):
            from scipy.stats import qmc

            return qmc.Sobol(d=size, scramble=True, rng=seed).random(points)
        case Saltelli(base=base, second_order=second_order, seed=seed):
            saltelli = _from_salib("sobol")
            return saltelli.sample(problem(experiment), base, calc_second_order=second_order, seed=seed)
        case Morris(trajectories=trajectories, levels=levels, seed=seed):
            morris = _from_salib("morris")
            return morris.sample(problem(experiment), trajectories, num_levels=levels, seed=seed)
    raise ModelError(f"{experiment.name}: its design is not sampled; sensitivity needs saltelli or morris")


def design_errors(design: DesignSchema, factors: Sequence[Factor]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the reasons why the design cannot be used with the factors: the path in the file, and a message."""
    by_levels = next((name for name in ("grid", "one_at_a_time") if getattr(design, name) is not None), None)
    for factor in factors if by_levels else ():
        if isinstance(factor, Range) and factor.steps is None:
            message = f"a range needs steps in the design {by_levels}; write {{from: ..., to: ..., steps: 11}}"
            yield ("vary", factor.name), message
    for name, key in (("sobol", "points"), ("saltelli", "base")):
        size = getattr(getattr(design, name), key, 1)
        if size & (size - 1):
            lower = 1 << (size.bit_length() - 1)
            yield ("design", name, key), f"{size:,} is not a power of two; give {lower} or {2 * lower}"
    if design.morris is not None and design.morris.levels % 2:
        yield ("design", "morris", "levels"), f"{design.morris.levels} is not an even number"


def _number_of_levels(factor: Factor) -> int:
    if isinstance(factor, Range) and not factor.is_whole:
        return factor.steps or 0
    return len(factor.levels)


def _grid(factors: Sequence[Factor]) -> dict[str, Array]:
    """Return all combinations of levels; the first factor changes slowest."""
    columns = {}
    levels = [listed(factor) for factor in factors]
    for index, (factor, own) in enumerate(zip(factors, levels, strict=True)):
        before = math.prod(len(other) for other in levels[:index])
        after = math.prod(len(other) for other in levels[index + 1 :])
        columns[factor.name] = np.tile(np.repeat(own, after), before)
    return columns


def _one_at_a_time(experiment: Experiment) -> dict[str, Array]:
    factors = experiment.factors
    own = {factor.name: _own_level(factor, experiment) for factor in factors}
    rows: list[dict[str, Any]] = [own]
    for factor in factors:
        rows += [own | {factor.name: level} for level in factor.levels]
    return {factor.name: _column(factor, [row[factor.name] for row in rows]) for factor in factors}


def _own_level(factor: Factor, experiment: Experiment) -> Any:
    """Return the scenario's own level of a factor; not-a-number or AS_IT_IS if it has none."""
    if factor.name == SCENARIO:
        return experiment.scenarios[0]
    if isinstance(factor, Choices):
        return experiment.point_scenarios.unchanged(factor.name) or AS_IT_IS
    value = experiment.point_scenarios.own_value(factor.name)
    value = value.value if isinstance(value, Constant) else value
    if not factor.is_numeric:
        return str(value).lower() if isinstance(value, bool) else AS_IT_IS if value is None else str(value)
    return value if isinstance(value, int | float) else math.nan


def _column(factor: Factor, levels: list[Any]) -> Array:
    if not factor.is_numeric:
        return np.array(levels, dtype=object)
    is_whole = factor.is_whole and all(isinstance(level, int) for level in levels)
    return np.array(levels, dtype=np.int64 if is_whole else np.float64)


def _from_salib(name: str) -> Any:
    from importlib import import_module

    return import_module(f"SALib.sample.{name}")
