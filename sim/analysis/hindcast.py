"""Hindcast: the model and simpler forecasts, scored on the positions that governments are on record with."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.analysis import baselines, scores
from sim.analysis.explain import by_size
from sim.analysis.interval import interval
from sim.analysis.positions import SHIPPED, Record, read_positions, record
from sim.analysis.scores import Bin
from sim.ensemble import simulate as ensemble
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, check_no_changes, prepare
from sim.model.simulate import Trajectories
from sim.result import Result
from sim.scenario import Scenario, digest
from sim.scenario.load import with_settings
from sim.text.encode import jsonable

type Array = np.ndarray
type Which = Literal["conditional", "firm"]
type OnProgress = Callable[[int], object]

KINDS: tuple[Which, ...] = ("conditional", "firm")
EXPLAINED = 20  # replicates over which reasons are averaged
MOST = 3  # reasons named on either side
FEWEST = 3  # decided states, below which nothing can be predicted from the others
EDGES = np.linspace(0.0, 1.0, 6)  # of the bins of the calibration curve
ALONE = ("momentum", "security")  # the considerations that look at other states
MODEL, BY_LOGIT = "model", "multinomial_logit"
FITTED = ("majority", "multinomial_logit", "binary_logit")  # each state is predicted from the others


@dataclass(frozen=True, slots=True, kw_only=True)
class HindcastSpec:
    """Which stances of which scenario are scored on which record."""

    scenario: Scenario
    positions: Path = SHIPPED
    day: datetime.date | None = None  # None: the day of the last position, so that all count
    which: Which = "conditional"
    replicates: int = 1000
    seed: int = 0
    threads: int = 1

    @property
    def steps(self) -> int:
        """The number of replicates simulated in all."""
        return 2 * self.replicates + EXPLAINED


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The probabilities that one forecast gives to each decided state."""

    chances: Array | None  # [rows, options]; None for a forecast of the deepest option only
    deepest: Array  # [rows] probability of the deepest option
    ranks: bool = True  # whether it distinguishes states


@dataclass(frozen=True, kw_only=True, repr=False)
class Hindcast(Result):
    """The scores of the model and of the forecasts that it has to beat."""

    spec: HindcastSpec
    setup: Setup
    record: Record
    round: int
    scores: pd.DataFrame  # a row a forecast on all rows; columns in _score
    sure: pd.DataFrame | None  # the same on rows of confidence 2 and more; None where they are too few
    states: pd.DataFrame  # a row a state on record
    counts: pd.DataFrame  # states by option, and soldiers: the record's and the model's
    calibration: Mapping[str, list[Bin]]  # by forecast: every option of every decided state

    @property
    def day(self) -> datetime.date:
        """The date of the round in which the model is read."""
        return self.setup.date_of(self.round)

    @property
    def deepest(self) -> str:
        """The option of the yes-or-no scores."""
        return self.setup.menu.names[-1]

    @property
    def file_name(self) -> str:
        """A name for files: scenario, stances, replicates, seed, day, positions and digest."""
        spec, scenario = self.spec, self.setup.scenario
        parts = [scenario.name, spec.which, f"{spec.replicates}x", f"seed{spec.seed}"]
        parts += [] if spec.day is None else [spec.day.isoformat()]
        parts += [] if spec.positions == SHIPPED else [spec.positions.stem]
        return "-".join([*parts, digest(scenario)[:8]])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per state on record: its position, the probabilities of the model, and the verdict."""
        return self.states.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return scores, counts, calibration and states as plain values."""
        known, spec = self.record, self.spec
        answer = {
            "scenario": self.setup.scenario.name,
            "digest": digest(self.setup.scenario),
            "positions": known.source,
            "stances": spec.which,
            "date": self.day,
            "round": self.round,
            "replicates": spec.replicates,
            "seed": spec.seed,
            "deepest": self.deepest,
            "decided": known.decided(),
            "undecided": known.undecided,
            "unknown": known.unknown,
            "not_on_the_roster": known.not_asked,
            "later_rows": known.later,
            "scores": {
                "all": by_forecast(self.scores),
                "sure": None if self.sure is None else by_forecast(self.sure),
            },
            "counts": self.counts,
            "calibration": {name: [_bin_values(each) for each in bins] for name, bins in self.calibration.items()},
            "states": {row["state"]: _state_values(row) for row in self.states.reset_index().to_dict("records")},
        }
        return dict(jsonable(answer))


def by_forecast(scores: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the row of each forecast by its name; undefined numbers are None."""
    return {str(row.pop("forecast")): row for row in jsonable(scores.reset_index())}


def _bin_values(each: Bin) -> dict[str, float]:
    values = {name: getattr(each, name) for name in ("low", "high", "count", "foreseen")}
    return values | {"came": each.came.mean, "came_low": each.came.low, "came_high": each.came.high}


def _state_values(row: dict[Any, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name not in ("state", "for_", "against")}
    return values | {"for": dict(row["for_"]), "against": dict(row["against"])}


def hindcast(spec: HindcastSpec, on_progress: OnProgress = lambda steps: None) -> Hindcast:
    """Score the model on the record; on_progress is called with the number of replicates just finished.

    Raises FactsError for positions that cannot be read, and ModelError for a day outside the scenario or a record with
    too few stances.
    """
    setup = prepare(spec.scenario)
    check_no_changes(setup, "a hindcast")
    number = None if spec.day is None else round_on(setup, spec.day)
    known = record(read_positions(spec.positions, setup), setup, source=spec.positions, until=spec.day)
    if number is None:
        number = _round_of(known, setup)
    decided = known.decided()
    if len(decided) < FEWEST:
        raise ModelError(
            f"{known.source}: states on the roster of {setup.scenario.name} that have a stance: {len(decided)}; "
            f"at least {FEWEST} are needed, so that each can be predicted from others"
        )
    none = [f"weights.{name}=0" for name in ALONE if name in setup.considerations]
    alone = prepare(with_settings(spec.scenario, none))
    played = _play(setup, spec, on_progress)
    played_alone = _play(alone, spec, on_progress)
    at = _Round(setup=setup, number=number)
    predicted = {which: at.chances(played, which) for which in KINDS}
    other = next(which for which in KINDS if which != spec.which)
    models = {
        MODEL: predicted[spec.which],
        f"model_{other}": predicted[other],
        "model_alone": at.chances(played_alone, spec.which),
    }
    sure = known.decided(sure=True)

    def stances_of(codes: Sequence[str]) -> Array:
        return np.array([known.stance(code) for code in codes])

    forecasts = _forecasts(setup, known, decided, models)
    stances = stances_of(decided)
    return Hindcast(
        spec=spec,
        setup=setup,
        record=known,
        round=number,
        scores=_scored(forecasts, stances, setup),
        sure=None if len(sure) < FEWEST else _scored(_forecasts(setup, known, sure, models), stances_of(sure), setup),
        states=_states(at, known, predicted[spec.which], spec, on_progress),
        counts=_counts(at, known, played),
        calibration={name: _calibrated(forecasts[name], stances) for name in (MODEL, BY_LOGIT)},
    )


def _round_of(known: Record, setup: Setup) -> int:
    """Return the round of the last position on record; the last round of all if none of them has that day."""
    last = max(said.date for said in known.said.values())
    within = setup.scenario.start <= last <= setup.date_of(setup.scenario.rounds)
    return round_on(setup, last) if within else setup.scenario.rounds


def round_on(setup: Setup, day: datetime.date) -> int:
    """Return the last round on or before a day; ModelError outside the rounds."""
    scenario = setup.scenario
    number = (day - scenario.start).days // scenario.round_days + 1
    last = setup.date_of(scenario.rounds)
    if day < scenario.start or number > scenario.rounds:
        raise ModelError(
            f"{scenario.name}: {day} is outside its rounds, {scenario.start} to {last}; name a day among them, or a "
            "scenario that holds it, such as replay-2025"
        )
    return number


def _play(setup: Setup, spec: HindcastSpec, on_progress: OnProgress) -> Trajectories:
    replicates = range(spec.replicates)
    if setup.own_drivers:
        return agents.simulate(setup, seed=spec.seed, replicates=replicates, on_progress=on_progress)
    return ensemble.simulate(
        setup, seed=spec.seed, replicates=replicates, threads=spec.threads, on_progress=on_progress
    )


@dataclass(frozen=True, kw_only=True)
class _Round:
    """The round of a setup in which the model is read."""

    setup: Setup
    number: int

    def stances(self, played: Trajectories, which: Which) -> Array:
        """Return the stances in this round, as [replicates, states]."""
        found = played.conditional if which == "conditional" else played.stances
        return found[:, self.number - 1]

    def chances(self, played: Trajectories, which: Which) -> Array:
        """Return the share of replicates in which each state holds each option, as [states, options]."""
        stances = self.stances(played, which)
        return np.stack([(stances == option).mean(axis=0) for option in range(len(self.setup.menu.names))], axis=1)


def _forecasts(setup: Setup, known: Record, codes: Sequence[str], models: Mapping[str, Array]) -> dict[str, Forecast]:
    """Return each forecast of these states; what is fitted is fitted to the other states only."""
    options = len(setup.menu.names)
    stances = np.array([known.stance(code) for code in codes])
    before = np.array([known.stance_before(code) for code in codes])
    table = baselines.predictors(setup, tuple(codes))
    indices = [setup.codes.index(code) for code in codes]
    found = {name: _whole(chances[indices]) for name, chances in models.items()}
    found["majority"] = _whole(baselines.majority(stances, options), ranks=False)
    found["last_kept"] = _whole(baselines.kept(before, options))
    found[BY_LOGIT] = _whole(baselines.leave_one_out(table, stances, options))
    is_deepest = (stances == options - 1).astype(np.int64)
    found["binary_logit"] = Forecast(
        chances=None, deepest=baselines.leave_one_out(table, is_deepest, 2)[:, 1]
    )  # fmt: skip
    return found


def _whole(chances: Array, *, ranks: bool = True) -> Forecast:
    return Forecast(chances=chances, deepest=chances[:, -1], ranks=ranks)


def _scored(forecasts: Mapping[str, Forecast], came: Array, setup: Setup) -> pd.DataFrame:
    """Return one row per forecast: its scores, and by how much they are worse than the model's."""
    rungs = setup.menu.rungs
    goes = came == len(setup.menu.names) - 1
    model = forecasts[MODEL]
    assert model.chances is not None
    rows = []
    for forecast in forecasts.values():
        area = scores.ranking(forecast.deepest, goes) if forecast.ranks else math.nan
        yes_no = scores.brier_yes_no(forecast.deepest, goes)
        row = {
            "rows": len(came),
            "accuracy": math.nan,
            "brier": math.nan,
            "log": math.nan,
            "rps": math.nan,
            "auc": area,
            "auc_error": scores.ranking_error(area, int(goes.sum()), int((~goes).sum())),
            "brier_deepest": float(yes_no.mean()),
            "log_deepest": float(scores.log_yes_no(forecast.deepest, goes).mean()),
        }
        worse = yes_no - scores.brier_yes_no(model.deepest, goes)
        if forecast.chances is not None:
            row["accuracy"] = float(scores.hits(forecast.chances, came).mean())
            row["brier"] = float(scores.brier(forecast.chances, came).mean())
            row["log"] = float(scores.log_score(forecast.chances, came).mean())
            row["rps"] = float(scores.ranked_probability(forecast.chances, came, rungs).mean())
            worse_brier = scores.brier(forecast.chances, came) - scores.brier(model.chances, came)
        else:
            worse_brier = np.full(len(came), math.nan)
        for name, values in (("worse_brier", worse_brier), ("worse_brier_deepest", worse)):
            found = interval(values)
            row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
        rows.append(row)
    return pd.DataFrame(rows, index=pd.Index(list(forecasts), name="forecast"))


def _calibrated(forecast: Forecast, came: Array) -> list[Bin]:
    """Return the calibration of all options of all states together."""
    assert forecast.chances is not None
    held = np.eye(forecast.chances.shape[1], dtype=bool)[came]
    return scores.calibration(forecast.chances.ravel(), held.ravel(), EDGES)


def _states(at: _Round, known: Record, chances: Array, spec: HindcastSpec, on_progress: OnProgress) -> pd.DataFrame:
    """Return one row per state on record: its position, the model's probabilities, the verdict and the reasons."""
    setup = at.setup
    terms = _mean_terms(at, spec, on_progress)
    values = terms.sum(axis=2)
    names = setup.menu.names
    decided = set(known.decided())
    rows = []
    for place, code in enumerate(setup.codes):
        if code not in known.said:
            continue
        said = known.said[code]
        likeliest = int(chances[place].argmax())
        recorded = known.stance(code) if code in decided else None
        if recorded is not None and recorded != likeliest:
            other = recorded
        else:
            other = int(np.where(np.arange(len(names)) == likeliest, -np.inf, values[place]).argmax())
        differences = by_size(setup.considerations, terms[place, likeliest] - terms[place, other])
        rows.append(
            {
                "state": code,
                "date": said.date,
                "recorded": said.stance,
                "alternative": said.alternative,
                "confidence": said.confidence,
                "conditions": said.conditions,
                "likeliest": names[likeliest],
                "verdict": "undecided" if recorded is None else "hit" if recorded == likeliest else "miss",
                **{f"chance_{name}": float(chances[place, k]) for k, name in enumerate(names)},
                "over": names[other],
                "for_": [(name, by) for name, by in differences.items() if by > 0.0][:MOST],
                "against": [(name, by) for name, by in differences.items() if by < 0.0][:MOST],
            }
        )
    return pd.DataFrame(rows).set_index("state")


def _mean_terms(at: _Round, spec: HindcastSpec, on_progress: OnProgress) -> Array:
    """Return the mean contribution of each consideration to each utility in this round, shaped as the stakes."""
    setup = at.setup
    terms = np.zeros(setup.stakes.shape)
    for replicate in range(EXPLAINED):
        model = CoalitionModel(setup, rng=spec.seed, replicate=replicate, collects=False)
        for _ in range(at.number):
            model.step()
        for state in model.states:
            if spec.which == "conditional":
                terms[state.index] += state.terms(model.supposed, state.conditional_stance)
            else:
                terms[state.index] += state.terms(model.outlook, state.stance)
        on_progress(1)
    return terms / EXPLAINED


def _counts(at: _Round, known: Record, played: Trajectories) -> pd.DataFrame:
    """Return the number of decided states at each option and the soldiers named, with the model's range.

    One row per count and kind of stances: recorded_low and recorded_high, mean, low and high (5th and 95th
    percentile of replicates), error (mean less the recorded number, or less its nearer end) and inside
    (whether the ranges touch).
    """
    setup = at.setup
    decided = known.decided()
    indices = [setup.codes.index(code) for code in decided]
    recorded = np.array([known.stance(code) for code in decided])
    named = [
        code
        for code in decided
        if recorded[decided.index(code)] == len(setup.menu.names) - 1
        and (known.said[code].troops_low is not None or known.said[code].troops_high is not None)
    ]
    rows = []
    for which in KINDS:
        stances = at.stances(played, which)
        for option, name in enumerate(setup.menu.names):
            count = float((recorded == option).sum())
            rows.append(_counted(f"{name}_states", which, count, count, (stances[:, indices] == option).sum(axis=1)))
        for code in named:
            rows.append(_soldiers(setup, known, (code,), f"soldiers_{code}", which, stances))
        if len(named) > 1:
            rows.append(_soldiers(setup, known, tuple(named), "soldiers", which, stances))
    return pd.DataFrame(rows)


def _soldiers(
    setup: Setup, known: Record, codes: tuple[str, ...], name: str, which: Which, stances: Array
) -> dict[str, object]:
    """Return the soldiers that these states named, with those that the model has them send."""
    deepest = len(setup.menu.names) - 1
    indices = [setup.codes.index(code) for code in codes]
    numbers = [known.said[code] for code in codes]
    low = sum(said.troops_low if said.troops_low is not None else said.troops_high or 0.0 for said in numbers)
    high = sum(said.troops_high if said.troops_high is not None else said.troops_low or 0.0 for said in numbers)
    sent = (stances[:, indices] == deepest) @ setup.offers[indices, deepest]
    return _counted(name, which, low, high, sent)


def _counted(name: str, which: Which, least: float, most: float, found: Array) -> dict[str, object]:
    mean = float(found.mean())
    low, high = (float(end) for end in np.quantile(found, [0.05, 0.95]))
    return {
        "counted": name,
        "stances": which,
        "recorded_low": least,
        "recorded_high": most,
        "mean": mean,
        "low": low,
        "high": high,
        "error": mean - least if mean < least else max(mean - most, 0.0),
        "inside": low <= most and high >= least,
    }
