"""Thresholds: the smallest change of one lever, or of two, at which an outcome reaches a target."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.analysis.common_random_numbers import CommonRandomNumbers
from sim.analysis.interval import Interval
from sim.analysis.lever import Lever
from sim.analysis.outcome_target import Target
from sim.errors import ModelError
from sim.model.setup import Setup, prepare
from sim.model.simulate import EndStates
from sim.result import Result
from sim.results.outcomes import measure_outcomes
from sim.scenario import digest
from sim.text.encode import jsonable

if TYPE_CHECKING:
    from sim.analysis.join_thresholds import Joining

type Array = np.ndarray
type Point = tuple[tuple[Lever, float], ...]  # levers with their values
type Claim = Callable[[Evaluation], bool]

GRID = 21  # values of a lever that are tried first
COLUMNS, ROWS = 9, 9  # values of the two levers of a pair
_SECTIONS = 8  # a bracket is narrowed to an eighth at a time: eight points side by side cost little more than one
_FINER, _ROUNDS = 4, 2  # of a frontier: a bracket is cut in four, twice; between two points it is a straight line


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Outcomes of the replicates with levers at some values."""

    outcome: Interval
    joins: Array  # [states] share of replicates in which each declares the headline


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverCurve:
    """The outcome along one lever, and the smallest change that reaches the target."""

    lever: Lever
    values: tuple[float, ...]  # ascending
    evaluations: tuple[Evaluation, ...]
    answer: float | None  # None: not within the range
    there: Interval | None  # the outcome at the threshold
    rises: bool  # whether the search went upward
    nearest_end: float | None  # 95 %: where the interval of the outcome first reaches the target
    farthest_end: float | None  # where all of it has reached the target; None: nowhere in the range
    fails_again: float | None  # the first value beyond the answer at which the target is significantly missed again
    best: float  # value at which the outcome comes nearest to the target
    best_there: Interval
    helps: int  # 1 where a higher value brings the outcome nearer, -1 where a lower one does, by the ends of the range


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """For each value of one lever the smallest change of another that reaches the target."""

    across: Lever
    up: Lever
    helps: int  # of `up`: 1 if more of it helps, -1 if less
    values: tuple[float, ...]  # of `across`
    least: tuple[float, ...]  # of `up`; not-a-number where none reaches the target
    until: tuple[float, ...]  # of `up`: the last value tried beyond that at which the target is still met
    nearest_ends: tuple[float, ...]  # 95 %: where the interval of the outcome first reaches it
    farthest_ends: tuple[float, ...]
    cheapest: tuple[float, float] | None  # the pair of values with the least change, each as a part of its range
    best: tuple[float, float]  # values at which the outcome comes nearest to the target
    best_there: Interval


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Thresholds(Result):
    """The smallest changes of levers at which a scenario reaches a target."""

    setup: Setup
    target: Target
    seed: int
    replicates: int
    now: Evaluation
    curves: tuple[LeverCurve, ...]
    frontiers: tuple[Frontier, ...]
    joining: Joining | None = None  # thresholds of states; None if they were not requested

    @property
    def is_met_now(self) -> bool:
        """Whether the scenario meets the target without changes."""
        return self.target.is_met(self.now.outcome.mean)

    @property
    def is_reached(self) -> bool:
        """Whether the target is met without changes, or by a change of one lever or two."""
        return (
            self.is_met_now
            or any(curve.answer is not None for curve in self.curves)
            or any(frontier.cheapest is not None for frontier in self.frontiers)
        )

    @property
    def file_name(self) -> str:
        """A name for files: scenario, target, levers, replicates, seed and digest."""
        scenario, target = self.setup.scenario, self.target
        parts = [
            scenario.name,
            target.outcome + ("-from-" if target.is_least else "-to-") + f"{target.value:.12g}",
            *(curve.lever.name.replace(".", "_") for curve in self.curves),
        ]
        return f"{'-'.join(parts)[:150]}-{self.replicates}x-seed{self.seed}-{digest(scenario)[:8]}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per lever: its current value, its threshold with the 95 % interval, and the outcome there."""
        rows = {
            curve.lever.name: {
                "now": curve.lever.now,
                "threshold": curve.answer,
                "nearest_end": curve.nearest_end,
                "farthest_end": curve.farthest_end,
                "outcome": None if curve.there is None else curve.there.mean,
            }
            for curve in self.curves
        }
        return pd.DataFrame.from_dict(rows, orient="index").astype(float).rename_axis("lever")

    def to_dict(self) -> dict[str, Any]:
        """Return the curves of levers, the frontiers of pairs and the thresholds of states as plain values."""
        scenario, target = self.setup.scenario, self.target
        answer = {
            "scenario": scenario.name,
            "digest": digest(scenario),
            "target": {"outcome": target.outcome, "sign": target.sign, "value": target.value},
            "seed": self.seed,
            "replicates": self.replicates,
            "headline": self.setup.menu.names[self.setup.headline],
            "now": self.now.outcome,
            "levers": [_curve_values(curve) for curve in self.curves],
            "pairs": [_frontier_values(frontier) for frontier in self.frontiers],
            "states": None if self.joining is None else self.joining.states,
        }
        return dict(jsonable(answer))


def _curve_values(curve: LeverCurve) -> dict[str, Any]:
    lever = curve.lever
    return {
        "lever": lever.name,
        "path": lever.path,
        "now": lever.now,
        "from": lever.low,
        "to": lever.high,
        "how": lever.how or None,
        "answer": curve.answer,
        "nearest_end": curve.nearest_end,
        "farthest_end": curve.farthest_end,
        "outcome": curve.there,
        "fails_again": curve.fails_again,
        "best": {"value": curve.best, **asdict(curve.best_there)},
        "curve": [
            {"value": value, **asdict(evaluation.outcome)}
            for value, evaluation in zip(curve.values, curve.evaluations, strict=True)
        ],
    }


def _frontier_values(frontier: Frontier) -> dict[str, Any]:
    across, up = frontier.across, frontier.up
    columns = {
        across.name: frontier.values,
        "least": frontier.least,
        "until": frontier.until,
        "nearest_end": frontier.nearest_ends,
        "farthest_end": frontier.farthest_ends,
    }
    cheapest = frontier.cheapest
    return {
        "levers": [across.name, up.name],
        "least_is": "lowest" if frontier.helps > 0 else "highest",
        "cheapest": None if cheapest is None else {across.name: cheapest[0], up.name: cheapest[1]},
        "best": {across.name: frontier.best[0], up.name: frontier.best[1], **asdict(frontier.best_there)},
        "frontier": [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)],
    }


class Evaluator:
    """Evaluates outcomes with levers at any values, all on common random draws, each combination once."""

    def __init__(
        self, setup: Setup, target: Target, *, seed: int, replicates: int, threads: int = 1,
        on_progress: Callable[[int], object] = lambda done: None,
    ) -> None:  # fmt: skip
        """Use a scenario with a seed; on_progress is called with the number of simulations just finished."""
        self.setup = setup
        self.target = target
        self.common_draws = CommonRandomNumbers(seed, replicates, threads)
        self._on_progress = on_progress
        self._known: dict[tuple[tuple[str, float], ...], Evaluation] = {}

    def read(self, points: Sequence[Point]) -> list[Evaluation]:
        """Return the evaluation of each point; new points are simulated together."""
        keys = [
            tuple(sorted((lever.path, value) for lever, value in point if not lever.is_at(value))) for point in points
        ]
        new = {key: point for key, point in zip(keys, points, strict=True) if key not in self._known}
        setups = [self._at(point) for point in new.values()]
        for key, evaluation in zip(new, self.of(setups), strict=True):
            self._known[key] = evaluation
        return [self._known[key] for key in keys]

    def of(self, setups: Sequence[Setup]) -> list[Evaluation]:
        """Return the evaluations of other setups."""
        measured = self.common_draws.measure(setups, self._measured) if setups else []
        self._on_progress(len(setups))
        return [
            Evaluation(outcome=self.target.estimate(values[:, 0]), joins=values[:, 1:].mean(axis=0))
            for values in measured
        ]

    def _at(self, point: Point) -> Setup:
        scenario = self.setup.whole
        for lever, value in point:
            if not lever.is_at(value):
                scenario = lever.moved(scenario, value)
        return prepare(scenario, like=self.setup)

    def _measured(self, setup: Setup, ended: EndStates) -> Array:
        outcome = measure_outcomes(setup, ended, [self.target.outcome])[self.target.outcome]
        return np.column_stack([outcome.astype(float), ended.stances == self.setup.headline])


def find_thresholds(evaluator: Evaluator, levers: Sequence[Lever], *, pairs: bool = True) -> Thresholds:
    """Return the smallest change of each lever, and the frontier of each pair, that reaches the target.

    A lever is first evaluated on a grid over its range; then the bracket nearest to its current value in which the
    target is reached is narrowed to the lever's step. A lever that replaces a path has no current value: its smallest
    sufficient value is searched from the end of the range that helps least. The 95 % interval of the threshold is that
    of the outcome, inverted: from the value at which the interval of the outcome first reaches the target to that at
    which all of it has.
    """
    (now,) = evaluator.read([()])
    curves = [_curve(evaluator, lever) for lever in levers]
    by_lever = dict(zip(levers, curves, strict=True))
    frontiers = [
        _frontier(evaluator, across, up, by_lever[up].helps)
        for across, up in itertools.combinations(levers, 2)
        if pairs
    ]
    return Thresholds(
        setup=evaluator.setup,
        target=evaluator.target,
        seed=evaluator.common_draws.seed,
        replicates=evaluator.common_draws.replicates,
        now=now,
        curves=tuple(curves),
        frontiers=tuple(frontiers),
    )


def plays(levers: int, *, pairs: bool) -> int:
    """Return the approximate number of simulations that find_thresholds needs."""
    pair = levers * (levers - 1) // 2 * (COLUMNS + 1) * (ROWS + 1 + _ROUNDS * (_FINER - 1)) if pairs else 0
    return 1 + levers * (GRID + 4 * (_SECTIONS - 1)) + pair


def check_reached(answer: Thresholds) -> None:
    """Raise ModelError, with the nearest outcome and its location, for a target that is out of reach."""
    if answer.is_reached:
        return
    target = answer.target
    tried: list[tuple[float, str, Interval]] = []
    for curve in answer.curves:
        where = f"{curve.lever.name} {curve.lever.shown(curve.best)}"
        tried.append((target.gap(curve.best_there.mean), where, curve.best_there))
    for frontier in answer.frontiers:
        across, up = frontier.across, frontier.up
        where = f"{up.name} {up.shown(frontier.best[1])} with {across.name} {across.shown(frontier.best[0])}"
        tried.append((target.gap(frontier.best_there.mean), where, frontier.best_there))
    known = [each for each in tried if each[0] == each[0]]
    ranges = ", ".join(
        f"{curve.lever.name} from {curve.lever.shown(curve.lever.low)} to {curve.lever.shown(curve.lever.high)}"
        for curve in answer.curves
    )
    start = f"{answer.setup.scenario.name}: {target} is out of reach of {ranges}"
    if not known:
        raise ModelError(f"{start}: {target.outcome} is not known there; name another outcome")
    _, where, outcome = min(known, key=lambda each: each[0])
    raise ModelError(
        f"{start}{', nor of two of them together' if answer.frontiers else ''}: the nearest is "
        f"{interval_text(outcome)} at {where}; without changes it is {interval_text(answer.now.outcome)}. "
        "Lower the target, or name other levers or wider ranges with --levers"
    )


def interval_text(value: Interval) -> str:
    """Return the mean of an outcome with its interval, in words."""
    digits = 0 if abs(value.mean) >= 1000.0 else 3
    return f"{value.mean:,.{digits}f} ({value.low:,.{digits}f} to {value.high:,.{digits}f})"


def _curve(evaluator: Evaluator, lever: Lever) -> LeverCurve:
    target = evaluator.target
    grid = lever.grid(GRID)
    evaluator.read([((lever, value),) for value in grid])
    is_met, may_be_met, is_significantly_met = _claims(target)
    evaluations = [_at(evaluator, lever, value) for value in grid]
    helps = 1 if (evaluations[-1].outcome.mean >= evaluations[0].outcome.mean) == target.is_least else -1
    sides = [side for side in (_outward(grid, lever.now, 1), _outward(grid, lever.now, -1)) if len(side) > 1]
    if lever.replaces:  # then it has no current value, and the smallest sufficient one is searched
        sides = [grid[::helps]]
    brackets = [(bracket, side) for side in sides if (bracket := _bracket(evaluator, lever, side, is_met)) is not None]
    ends: list[float | None] = [None, None]
    answer = fails_again = None
    rises = helps > 0
    if brackets:
        bracket, side = min(brackets, key=lambda each: abs(each[0][1] - lever.now))
        answer = _narrowed(evaluator, lever, bracket, is_met)
        for index, claim in enumerate((may_be_met, is_significantly_met)):
            bracket_ = _bracket(evaluator, lever, side, claim)
            ends[index] = None if bracket_ is None else _narrowed(evaluator, lever, bracket_, claim)
        rises = side[-1] > side[0]
        beyond = [value for value in side if (value > answer if rises else value < answer)]
        missed = (value for value in beyond if not may_be_met(_at(evaluator, lever, value)))
        fails_again = next(missed, None)
    gaps = [target.gap(evaluation.outcome.mean) for evaluation in evaluations]
    best = int(np.nanargmin(gaps)) if not np.isnan(gaps).all() else 0
    return LeverCurve(
        lever=lever,
        values=tuple(grid),
        evaluations=tuple(evaluations),
        answer=answer,
        there=None if answer is None else _at(evaluator, lever, answer).outcome,
        nearest_end=ends[0],
        farthest_end=ends[1],
        fails_again=fails_again,
        best=grid[best],
        best_there=evaluations[best].outcome,
        rises=rises,
        helps=helps,
    )


def _claims(target: Target) -> tuple[Claim, Claim, Claim]:
    """Return whether the target is met by the mean, by the better end of the interval, and by all of it."""
    return (
        lambda evaluation: target.is_met(evaluation.outcome.mean),
        lambda evaluation: target.is_met(target.best(evaluation.outcome)),
        lambda evaluation: target.is_met(target.worst(evaluation.outcome)),
    )


def _at(evaluator: Evaluator, lever: Lever, value: float) -> Evaluation:
    return evaluator.read([((lever, value),)])[0]


def _outward(grid: Sequence[float], now: float, direction: int) -> list[float]:
    """Return the values on one side of the lever's current value, from there outward."""
    return sorted((value for value in grid if (value - now) * direction >= 0.0), key=lambda value: abs(value - now))


def _bracket(evaluator: Evaluator, lever: Lever, outward: Sequence[float], claim: Claim) -> tuple[float, float] | None:
    """Return the last value at which a claim fails and the first at which it holds; the same if it holds at once."""
    for number, value in enumerate(outward):
        if claim(_at(evaluator, lever, value)):
            return outward[max(number - 1, 0)], value
    return None


def _narrowed(evaluator: Evaluator, lever: Lever, bracket: tuple[float, float], claim: Claim) -> float:
    """Return the value nearest to the current one at which a claim holds, to the lever's step."""
    near, far = bracket
    while abs(far - near) > lever.step * 1.0001:
        inner = [v for v in lever.rounded(np.linspace(near, far, _SECTIONS + 1)[1:-1]) if v not in (near, far)]
        if not inner:
            break
        evaluations = evaluator.read([((lever, value),) for value in inner])
        for value, evaluation in zip(inner, evaluations, strict=True):
            if claim(evaluation):
                far = value
                break
            near = value
    return far


def _frontier(evaluator: Evaluator, across: Lever, up: Lever, helps: int) -> Frontier:
    """Return the frontier of two levers: a grid, refined in each column where the target is first reached.

    At the current value of `across` it equals the threshold of `up` alone, apart from linear interpolation.
    """
    target = evaluator.target
    columns = across.grid(COLUMNS)
    rows = up.grid(ROWS)[::helps]  # from the end that helps least
    evaluator.read([((across, x), (up, y)) for x in columns for y in rows])
    finer = {x: list(rows) for x in columns}
    for _ in range(_ROUNDS):
        for x, ys in finer.items():
            evaluations = evaluator.read([((across, x), (up, y)) for y in ys])
            first = next((n for n, each in enumerate(evaluations) if target.is_met(each.outcome.mean)), 0)
            if first:
                inner = np.linspace(ys[first - 1], ys[first], _FINER + 1)[1:-1]
                finer[x] = sorted({*ys, *up.rounded(inner)}, reverse=helps < 0)
        evaluator.read([((across, x), (up, y)) for x, ys in finer.items() for y in ys])
    lines: list[list[float]] = [[], [], []]
    until = []
    for x in columns:
        ys = finer[x]
        column_outcomes = [evaluation.outcome for evaluation in evaluator.read([((across, x), (up, y)) for y in ys])]
        for line, of in zip(lines, (lambda outcome: outcome.mean, target.best, target.worst), strict=True):
            line.append(crossing(ys, [target.gap(of(outcome)) for outcome in column_outcomes]))
        met = itertools.dropwhile(
            lambda each: not each[1], zip(ys, (target.is_met(each.mean) for each in column_outcomes), strict=True)
        )
        until.append(
            max((y for y, _ in itertools.takewhile(lambda each: each[1], met)), key=ys.index, default=math.nan)
        )
    points = [(x, y) for x in columns for y in rows]
    outcomes = [evaluation.outcome for evaluation in evaluator.read([((across, x), (up, y)) for x, y in points])]
    gaps = [target.gap(each.mean) for each in outcomes]
    best = int(np.nanargmin(gaps)) if not np.isnan(gaps).all() else 0
    return Frontier(
        across=across,
        up=up,
        helps=helps,
        values=tuple(columns),
        least=tuple(lines[0]),
        until=tuple(until),
        nearest_ends=tuple(lines[1]),
        farthest_ends=tuple(lines[2]),
        cheapest=_cheapest(across, up, helps, columns, lines[0]),
        best=points[best],
        best_there=outcomes[best],
    )


def crossing(values: Sequence[float], gaps: Sequence[float]) -> float:
    """Return the value at which a gap is first closed, on a straight line between two values; not-a-number if never."""
    for number, gap in enumerate(gaps):
        if gap <= 0.0:
            if number == 0 or gaps[number - 1] != gaps[number - 1]:
                return values[number]
            before = gaps[number - 1]
            return values[number - 1] + (values[number] - values[number - 1]) * before / (before - gap)
    return math.nan


def _cheapest(
    across: Lever, up: Lever, helps: int, values: Sequence[float], least: Sequence[float]
) -> tuple[float, float] | None:
    """Return the values of both levers that change least together, without a change of `up` if that is enough."""
    known = [
        (x, y if (y - up.now) * helps > 0.0 else up.now) for x, y in zip(values, least, strict=True) if y == y
    ]  # fmt: skip
    return min(known, key=lambda pair: across.part(pair[0]) + up.part(pair[1]), default=None)
