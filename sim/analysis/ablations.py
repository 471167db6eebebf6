"""Ablations: each part of the model left out by itself, with all patterns and scores measured again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis import scores
from sim.analysis.interval import Interval, interval
from sim.analysis.pattern import Check, Finding, Pattern, situations
from sim.analysis.pattern_catalogue import PARIS, SPRING
from sim.analysis.pattern_checks.record import last_day, predicted
from sim.analysis.variants import Played, Variant, play_variants
from sim.result import Result
from sim.scenario import load_scenario
from sim.text.encode import jsonable
from sim.theory.considerations import CONSIDERATIONS

type Array = np.ndarray

WHOLE = "whole model"  # the row that all others are compared with
_RECORD = last_day(PARIS)  # where the scores are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """A part of the model, and the settings that leave it out."""

    name: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How the last day of the shipped record is predicted; the lower the better but for auc."""

    brier: Interval  # over states
    log: Interval
    auc: float
    worse_brier: Interval  # less that of the whole model, state by state
    worse_log: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablated:
    """The patterns and scores without a part."""

    ablation: Ablation
    findings: tuple[Finding, ...]
    troop_states: Interval  # change of their number in the situation of spring 2025
    scores: Scores

    def finding(self, number: int) -> Finding:
        """Return the finding on the pattern of this number."""
        return next(each for each in self.findings if each.pattern.number == number)

    @property
    def holding(self) -> int:
        """The number of patterns that hold."""
        return sum(finding.holds for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Ablations(Result):
    """The patterns and scores of the whole model, and without each part."""

    whole: Ablated
    parts: tuple[Ablated, ...]
    replicates: int
    seed: int

    def lost(self, part: Ablated) -> tuple[int, ...]:
        """Return the patterns that hold with the part and fail without it."""
        return self._turned(part, to=False)

    def gained(self, part: Ablated) -> tuple[int, ...]:
        """Return the patterns that fail with the part and hold without it."""
        return self._turned(part, to=True)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per part and measure: its value, the change from the whole model, and the verdict."""
        rows = []
        for part in (self.whole, *self.parts):
            for finding, before in zip(part.findings, self.whole.findings, strict=True):
                for check, was in zip(finding.readings, before.readings, strict=True):
                    rows.append(
                        {
                            "without": "" if part is self.whole else part.ablation.name,
                            "pattern": finding.pattern.number,
                            "verdict": finding.verdict,
                            "reading": was.says,
                            "unit": check.unit,
                            **{name: _rounded(getattr(check.value, name)) for name in ("mean", "low", "high")},
                            "change": _rounded(check.value.mean - was.value.mean),
                            "has_to_be": check.demanded,
                            "holds": check.holds,
                            "decides": check.decides,
                        }
                    )
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole model and each part as plain values, as a list under `parts`."""
        return {"parts": jsonable(map(self._values, (self.whole, *self.parts)))}

    def _values(self, part: Ablated) -> dict[str, Any]:
        return {
            "without": None if part is self.whole else part.ablation.name,
            "settings": part.ablation.settings,
            "patterns_that_hold": part.holding,
            "lost": self.lost(part),
            "gained": self.gained(part),
            "change_in_troop_states": part.troop_states,
            "brier": part.scores.brier.mean,
            "log": part.scores.log.mean,
            "auc": part.scores.auc,
            "change_in_brier": part.scores.worse_brier,
            "change_in_log": part.scores.worse_log,
            "patterns": {
                finding.pattern.number: {
                    "verdict": finding.verdict,
                    "readings": [
                        {"says": check.says, "unit": check.unit, "decides": check.decides, "holds": check.holds}
                        | {name: getattr(check.value, name) for name in ("mean", "low", "high")}
                        for check in finding.readings
                    ],
                }
                for finding in part.findings
            },
        }

    def _turned(self, part: Ablated, *, to: bool) -> tuple[int, ...]:
        pairs = zip(self.whole.findings, part.findings, strict=True)
        return tuple(now.pattern.number for was, now in pairs if now.holds is to and was.holds is not to)


def ablations() -> tuple[Ablation, ...]:
    """Return every part that a setting can leave out: each consideration, turnover, changes of the proposal."""
    weights = load_scenario(SPRING.scenario).weights
    return (
        *(Ablation(name=name, settings=(f"weights.{name}=0",)) for name in CONSIDERATIONS if weights.get(name)),
        Ablation(name="momentum and security", settings=("weights.momentum=0", "weights.security=0")),
        Ablation(name="turnover", settings=("turnover=0",)),
        Ablation(name="proposal revision", settings=("proposal.redimensions=false",)),
    )


def ablate(
    patterns: Sequence[Pattern],
    parts: Sequence[Ablation],
    *,
    seed: int,
    replicates: int,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda done: None,
) -> Ablations:
    """Measure each pattern and score without each part, with common random numbers.

    on_progress is called with the number of situations just finished, of `situations_each` for the whole model
    and each part.
    """
    whole: Ablated | None = None
    before: _Read | None = None
    found = []
    for part in (Ablation(name=WHOLE, settings=()), *parts):
        read = _read(patterns, part, seed=seed, replicates=replicates, workers=workers, on_progress=on_progress)
        before = before or read
        whole = whole or _ablated(part, read, before)
        found.append(_ablated(part, read, before))
    assert whole is not None
    return Ablations(whole=whole, parts=tuple(found[1:]), replicates=replicates, seed=seed)


def situations_each(patterns: Sequence[Pattern]) -> int:
    """Return the number of situations for the whole model, and again for each part."""
    return len(dict.fromkeys([*situations(patterns), SPRING, _RECORD]))


def nearest(finding: Finding) -> int:
    """Return the index of the measure that is closest to changing the verdict, in widths of its interval.

    For a pattern that fails, it is the measure that is farthest from its criterion.
    """
    margins = {place: _margin(reading) for place, reading in enumerate(finding.readings) if reading.decides}
    return min(margins, key=lambda place: margins[place])


def _margin(reading: Check) -> float:
    """Return by how much a measure meets its criterion, in half-widths of its interval."""
    value, half = reading.value, max((reading.value.high - reading.value.low) / 2.0, 1e-9)
    if value.mean != value.mean:
        return -math.inf
    match reading.wanted:
        case "above":
            room = value.low - reading.level
        case "below":
            room = reading.level - value.high
        case "at least":
            room = value.mean - reading.level
        case "at most":
            room = reading.level - value.mean
        case "between":
            room = min(value.mean - reading.level, reading.up_to - value.mean)
    return room / half


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The measures of the whole model, or of the model without a part."""

    findings: tuple[Finding, ...]
    troop_states: Array  # [replicates]
    chances: Array  # [states on record, options]
    came: Array  # [states on record]


def _read(
    patterns: Sequence[Pattern],
    part: Ablation,
    *,
    seed: int,
    replicates: int,
    workers: int,
    on_progress: Callable[[int], object],
) -> _Read:
    without = {each: each.with_settings(*part.settings) for each in [*situations(patterns), SPRING, _RECORD]}
    played = play_variants(without.values(), seed=seed, replicates=replicates, workers=workers)
    on_progress(len(without))
    chances, came = predicted(played[without[_RECORD]])
    return _Read(
        findings=tuple(_found(pattern, without, played, replicates) for pattern in patterns),
        troop_states=played[without[SPRING]].outcome("troop_states"),
        chances=chances,
        came=came,
    )


def _found(
    pattern: Pattern, without: Mapping[Variant, Variant], played: Mapping[Variant, Played], replicates: int
) -> Finding:
    runs = {name: played[without[each]] for name, each in pattern.situations.items()}
    return Finding(pattern=pattern, readings=tuple(pattern.read(runs)), replicates=replicates)


def _ablated(part: Ablation, read: _Read, whole: _Read) -> Ablated:
    brier, log = (rule(read.chances, read.came) for rule in (scores.brier, scores.log_score))
    before_brier, before_log = (rule(whole.chances, whole.came) for rule in (scores.brier, scores.log_score))
    goes = read.came == read.chances.shape[1] - 1
    return Ablated(
        ablation=part,
        findings=read.findings,
        troop_states=interval(read.troop_states - whole.troop_states),
        scores=Scores(
            brier=interval(brier),
            log=interval(log),
            auc=scores.ranking(read.chances[:, -1], goes),
            worse_brier=interval(brier - before_brier),
            worse_log=interval(log - before_log),
        ),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
