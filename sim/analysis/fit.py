"""Weights fitted to the record under a prior, and how much the record says of each."""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from sim.analysis import baselines, priors, scores
from sim.analysis.hindcast import FEWEST, Which, round_on
from sim.analysis.positions import SHIPPED, Record, read_positions, record
from sim.analysis.priors import Prior, read_priors
from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world, suppose_conditions
from sim.model.setup import Setup, check_no_changes, prepare
from sim.result import Result
from sim.scenario import Scenario, digest
from sim.scenario.load import with_settings
from sim.text.encode import jsonable
from sim.text.numbers import counted
from sim.text.words import consideration_name, listed

type Array = np.ndarray
type OnProgress = Callable[[int], object]

IDENTIFIED = math.sqrt(0.5)  # of the prior's standard deviation: at least half of the variance is gone
_STEPS = 200  # of Newton's method at most
_CLOSE = 1e-9
_DROP = 1.9207  # of the logarithm, at the ends of a 95 % interval (chi-squared with one degree of freedom, halved)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSpec:
    """Which scenario's weights are fitted to which record."""

    scenario: Scenario
    positions: Path = SHIPPED
    priors: Path = priors.SHIPPED
    day: datetime.date | None = None  # None: the situation at the start, with all rows
    which: Which = "conditional"
    sure: bool = False  # only rows of confidence 2 and more


@dataclass(frozen=True, kw_only=True)
class Data:
    """The record as a choice of every decided state, with all others at their recorded stances."""

    codes: tuple[str, ...]
    names: tuple[str, ...]  # of the weights
    raised: Array  # [states, options, weights] contribution of one unit of each weight to each utility
    came: Array  # [states] index of the recorded stance
    sharpness: float

    def without_row(self, row: int) -> Data:
        """Return the data without one state."""
        others = np.arange(len(self.codes)) != row
        return Data(
            codes=tuple(code for code, stays in zip(self.codes, others, strict=True) if stays),
            names=self.names,
            raised=self.raised[others],
            came=self.came[others],
            sharpness=self.sharpness,
        )

    def chances(self, weights: Array) -> Array:
        """Return the probability of each option as [states, options]: a multinomial logit (McFadden 1974)."""
        values = self.sharpness * (self.raised @ weights)
        raised = np.exp(values - values.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)

    def likelihood(self, weights: Array) -> float:
        """Return the log-likelihood of the record."""
        values = self.sharpness * (self.raised @ weights)
        most = values.max(axis=1)
        whole = most + np.log(np.exp(values - most[:, None]).sum(axis=1))
        return float((values[np.arange(len(self.came)), self.came] - whole).sum())

    def gradient(self, weights: Array) -> Array:
        """Return the gradient of the log-likelihood."""
        chances = self.chances(weights)
        expected = np.einsum("ik,ikc->c", chances, self.raised)
        return self.sharpness * (self.raised[np.arange(len(self.came)), self.came].sum(axis=0) - expected)

    def information(self, weights: Array) -> Array:
        """Return the observed information: minus the Hessian of the log-likelihood, as [weights, weights]."""
        chances = self.chances(weights)
        mean = np.einsum("ik,ikc->ic", chances, self.raised)
        spread = np.einsum("ik,ikc,ikd->cd", chances, self.raised, self.raised) - mean.T @ mean
        return self.sharpness**2 * spread


@dataclass(frozen=True, kw_only=True, repr=False)
class Fit(Result):
    """The fitted weights, and how much the record says of each."""

    spec: FitSpec
    setup: Setup
    record: Record
    data: Data
    weights: pd.DataFrame  # a row a weight: prior, mean, sd, low, high, identified
    covariance: Array  # [weights, weights]; 0 where a weight is held
    scores: pd.DataFrame  # a row a set of weights: before, fitted, left_out, and the logit

    @property
    def headline(self) -> str:
        """A sentence: which weights the record identifies."""
        says = self.weights["says"]
        identified = [
            consideration_name(str(name), self.setup.scenario) for name in self.weights.index[says == "identified"]
        ]
        free = counted(int((says != "held").sum()), "weight")
        if not identified:
            return f"The record identifies none of {free}: their uncertainty is that of the prior"
        return f"The record identifies {len(identified)} of {free}: {listed(identified)}"

    @property
    def file_name(self) -> str:
        """A name for files: scenario and a hash of the posterior."""
        from sim.analysis.save_fit import posterior_text

        identity = hashlib.sha256(posterior_text(self).encode()).hexdigest()[:8]
        return f"{self.setup.scenario.name}-fitted-{identity}"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per weight: prior, fitted mean and standard deviation, interval, and what the record says."""
        return self.weights.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return the weights, their covariance and the scores as plain values."""
        answer = {
            "scenario": self.setup.scenario.name,
            "digest": digest(self.setup.scenario),
            "positions": self.record.source,
            "stances": self.spec.which,
            "states": self.data.codes,
            "undecided": self.record.undecided,
            "unknown": self.record.unknown,
            "weights": self.weights.to_dict("index"),
            "covariance": self.covariance,
            "scores": self.scores.to_dict("index"),
        }
        return dict(jsonable(answer))

    def save(self, path: str | Path | None = None, *, folder: str | Path = ".") -> Path:
        """Write the fitted scenario, which extends the one that was fitted, and its posterior beside it.

        Parameters
        ----------
        path : str or Path, optional
            A new YAML file; by default one in `folder` that is named after the result, and is replaced if it exists.
        folder : str or Path, optional
            The folder of the default file. A scenario of your own can be extended from its own folder only.

        Returns
        -------
        Path
            The file of the scenario; the posterior lies beside it.

        Raises
        ------
        ResultsError
            If the file exists or cannot be written, or if the scenario was not loaded from a file.
        """
        from sim.analysis.save_fit import save_fit

        return save_fit(self, None if path is None else Path(path), Path(folder))

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that make the fitted scenario of the file that was fitted."""
        origin = self.spec.scenario.origin
        changed = [
            f"weights.{name}={mean:.4f}"
            for name, mean, sd in zip(self.weights.index, self.weights["mean"], self.weights["prior_sd"], strict=True)
            if sd > 0.0 or mean != self.setup.scenario.weights[name]
        ]
        return (*(origin.settings if origin else ()), *changed)


def fit(spec: FitSpec, on_progress: OnProgress = lambda steps: None) -> Fit:
    """Find the weights of the highest posterior density; on_progress is called with 1 for each weight and state done.

    Raises FactsError for positions and ScenarioError for priors that cannot be read, and ModelError where there is
    nothing to fit, or too few states have a stance.
    """
    setup = prepare(spec.scenario)
    check_no_changes(setup, "a fit", forced=True)
    if not math.isfinite(setup.scenario.sharpness):
        raise ModelError(
            f"{setup.scenario.name}: sharpness: best reply (infinite) gives no probabilities; set a finite value"
        )
    number = round_on(setup, spec.day) if spec.day is not None else None
    before = {name: setup.scenario.weights[name] for name in setup.considerations}
    prior = read_priors(spec.priors, before)
    if not any(each.sd > 0.0 for each in prior.values()):
        raise ModelError(f"{spec.priors}: every weight is held (sd 0); give one an sd above 0")
    known = record(read_positions(spec.positions, setup), setup, source=spec.positions, until=spec.day)
    decided = known.decided(sure=spec.sure)
    if len(decided) < FEWEST:
        raise ModelError(
            f"{known.source}: states on the roster of {setup.scenario.name} that have a stance to be fitted to: "
            f"{len(decided)}; at least {FEWEST} are needed"
        )
    data = choices(spec, known, decided, {name: p for name, p in prior.items() if p.mean or p.sd}, number)
    held = [prior[name] for name in data.names]
    best = highest(data, held)
    covariance = spread(data, held, best)
    return Fit(
        spec=spec,
        setup=setup,
        record=known,
        data=data,
        weights=_weights(data, held, best, covariance, before, on_progress),
        covariance=covariance,
        scores=_scores(setup, data, held, best, before, on_progress),
    )


def choices(
    spec: FitSpec,
    known: Record,
    codes: Sequence[str],
    prior: Mapping[str, Prior],
    number: int | None = None,
) -> Data:
    """Return the record as choices of these states, with every other state at its recorded stance.

    States that are undecided or not on record abstain. A state itself holds its position before, or abstains, so that
    its own stance does not explain itself. The environment is that of the start, or of a round, with the conditions met
    for conditional stances.
    """
    ones = [f"weights.{name}=1" for name in prior]
    setup = prepare(with_settings(spec.scenario, ones))
    model = CoalitionModel(setup, collects=False)
    environment = model.environment.copy()
    if number is not None:
        path = setup.fixed_paths[number - 1]
        environment = np.where(np.isnan(path), environment, path)
    if spec.which == "conditional":
        environment = suppose_conditions(setup, environment)
    decided = set(known.decided())
    stances = np.array([known.stance(code) if code in decided else 0 for code in setup.codes], dtype=np.int64)
    places = [setup.considerations.index(name) for name in prior]
    raised = []
    for code in codes:
        place = setup.codes.index(code)
        profile = stances.copy()
        profile[place] = known.stance_before(code)
        outlook = perceive_world(setup, environment, profile, setup.menu.asks)
        raised.append(model.states[place].terms(outlook, int(profile[place]))[:, places])
    return Data(
        codes=tuple(codes),
        names=tuple(prior),
        raised=np.array(raised),
        came=np.array([known.stance(code) for code in codes]),
        sharpness=setup.scenario.sharpness,
    )


def highest(data: Data, held: Sequence[Prior], fixed: Mapping[int, float] | None = None) -> Array:
    """Find the weights of the highest posterior density, some fixed by index; the log-density is concave.

    Newton's method, with steps halved where a full one would lower the density.
    """
    mean, sd = np.array([p.mean for p in held]), np.array([p.sd for p in held])
    weights = mean.copy()
    free = sd > 0.0
    for place, value in (fixed or {}).items():
        weights[place], free[place] = value, False
    if not free.any():
        return weights
    precision = np.where(sd > 0.0, 1.0 / np.where(sd > 0.0, sd, 1.0) ** 2, 0.0)
    here = _density(data, weights, mean, precision)
    for _ in range(_STEPS):
        uphill = (data.gradient(weights) - precision * (weights - mean))[free]
        matrix = (data.information(weights) + np.diag(precision))[np.ix_(free, free)]
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(matrix, uphill)
        if float(uphill @ step[free]) < _CLOSE:
            break
        length = 1.0
        while (there := _density(data, weights + length * step, mean, precision)) < here and length > 1e-8:
            length /= 2.0
        weights, here = weights + length * step, there
    return weights


def spread(data: Data, held: Sequence[Prior], best: Array) -> Array:
    """Return the covariance of the weights (Laplace approximation): the inverse Hessian; 0 for a fixed weight."""
    sd = np.array([p.sd for p in held])
    free = np.flatnonzero(sd > 0.0)
    found = np.zeros((len(sd), len(sd)))
    matrix = data.information(best)[np.ix_(free, free)] + np.diag(1.0 / sd[free] ** 2)
    found[np.ix_(free, free)] = np.linalg.inv(matrix)
    return (found + found.T) / 2.0


def profile(data: Data, held: Sequence[Prior], best: Array, place: int, sd: float) -> tuple[float, float]:
    """Return the 95 % profile interval of one weight, maximised over all others."""
    mean = np.array([p.mean for p in held])
    precision = np.array([1.0 / p.sd**2 if p.sd > 0.0 else 0.0 for p in held])
    top = _density(data, best, mean, precision)

    def above(value: float) -> float:
        return _density(data, highest(data, held, {place: value}), mean, precision) - top + _DROP

    ends = []
    for side in (-1.0, 1.0):
        reach = 2.0 * sd
        while above(best[place] + side * reach) > 0.0:  # ends: the prior alone falls off without bound
            reach *= 1.5
        ends.append(float(brentq(above, best[place], best[place] + side * reach, xtol=1e-3 * sd)))
    return ends[0], ends[1]


def _density(data: Data, weights: Array, mean: Array, precision: Array) -> float:
    return data.likelihood(weights) - 0.5 * float((precision * (weights - mean) ** 2).sum())


def _weights(
    data: Data,
    held: Sequence[Prior],
    best: Array,
    covariance: Array,
    before: Mapping[str, float],
    on_progress: OnProgress,
) -> pd.DataFrame:
    rows = []
    for place, name in enumerate(data.names):
        sd = math.sqrt(covariance[place, place])
        low, high = profile(data, held, best, place, sd) if sd > 0.0 else (best[place], best[place])
        part = sd / held[place].sd if sd > 0.0 else math.nan
        rows.append(
            {
                "weight": name,
                "before": before[name],
                "prior_mean": held[place].mean,
                "prior_sd": held[place].sd,
                "mean": float(best[place]),
                "sd": sd,
                "low": float(low),
                "high": float(high),
                "moved": (best[place] - held[place].mean) / held[place].sd if sd > 0.0 else 0.0,
                "left": part,
                "says": "held" if sd == 0.0 else "identified" if part <= IDENTIFIED else "prior only",
            }
        )
        on_progress(1)
    return pd.DataFrame(rows).set_index("weight")


def _scores(
    setup: Setup, data: Data, held: Sequence[Prior], best: Array, before: Mapping[str, float], on_progress: OnProgress
) -> pd.DataFrame:
    """Score the weights before, the fitted ones, those fitted without the state, and the logit."""
    options = len(setup.menu.names)
    left_out = np.empty((len(data.codes), options))
    for row in range(len(data.codes)):
        left_out[row] = data.chances(highest(data.without_row(row), held))[row]
        on_progress(1)
    table = baselines.predictors(setup, data.codes)
    found = {
        "before": data.chances(np.array([before[name] for name in data.names])),
        "fitted": data.chances(best),
        "left_out": left_out,
        "multinomial_logit": baselines.leave_one_out(table, data.came, options),
    }
    goes = data.came == options - 1
    rows = [
        {
            "accuracy": float(scores.hits(chances, data.came).mean()),
            "brier": float(scores.brier(chances, data.came).mean()),
            "log": float(scores.log_score(chances, data.came).mean()),
            "rps": float(scores.ranked_probability(chances, data.came, setup.menu.rungs).mean()),
            "auc": scores.ranking(chances[:, -1], goes),
        }
        for chances in found.values()
    ]
    return pd.DataFrame(rows, index=pd.Index(list(found), name="weights"))
