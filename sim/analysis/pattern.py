"""Patterns: what was reported of the talks, and the measures of the model that decide whether a pattern holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from sim.analysis.interval import Interval
from sim.analysis.variants import Played, Variant, play_variants
from sim.result import Result
from sim.text.encode import jsonable

type Criterion = Literal["above", "below", "at least", "at most", "between"]

_DIGITS = {"states": 2, "rank correlation": 2, "Brier score": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One measure of the model and its criterion.

    above and below state a direction: the whole 95 % interval must lie beyond the level. The others state the level
    itself: the mean counts.
    """

    says: str
    value: Interval
    unit: str  # states, times, rank correlation, Brier score; share of runs or states; points, a difference of shares
    wanted: Criterion = "above"
    level: float = 0.0
    up_to: float = 0.0  # the upper level of between
    decides: bool = True  # False: for comparison only

    @property
    def holds(self) -> bool:
        """Whether the measure meets its criterion."""
        match self.wanted:
            case "above":
                return self.value.low > self.level
            case "below":
                return self.value.high < self.level
            case "at least":
                return self.value.mean >= self.level
            case "at most":
                return self.value.mean <= self.level
            case "between":
                return self.level <= self.value.mean <= self.up_to

    @property
    def measured(self) -> str:
        """The measure with its interval, as 7.5 % (4.9 to 10.1)."""
        mean, low, high = (self._digits(part) for part in (self.value.mean, self.value.low, self.value.high))
        unit = {"share": " %", "rank correlation": "", "Brier score": ""}.get(self.unit, f" {self.unit}")
        return f"{mean}{unit}" if low == mean == high else f"{mean}{unit} ({low} to {high})"

    def changed(self, then: Check) -> str:
        """Return the change to another value of the same measure, without its unit, as +0.12."""
        change = then.value.mean - self.value.mean
        text = self._digits(change)
        return f"+{text}" if change > 0.0 and text.strip("0.") else text

    @property
    def demanded(self) -> str:
        """The criterion, as at least 80 %."""
        return f"{self.wanted} {self.level_shown}" + (f" and {self._level(self.up_to)}" if self.up_to else "")

    @property
    def level_shown(self) -> str:
        """The level, as 80 %."""
        return self._level(self.level)

    def _level(self, level: float) -> str:
        if level == 0.0:
            return "0"
        shown = f"{100 * level:g}" if self.unit in ("share", "points") else f"{level:g}"
        return shown.replace("-", "−") + (" %" if self.unit == "share" else "")

    def _digits(self, value: float) -> str:
        if value != value:
            return "undefined"
        shown = 100.0 * value if self.unit in ("share", "points") else value
        text = f"{shown:,.{_DIGITS.get(self.unit, 1)}f}"
        is_zero = not float(text.replace(",", ""))
        return text.lstrip("-") if is_zero else text.replace("-", "−")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A reported pattern, declared before any run, and how it is measured."""

    number: int
    claim: str
    situations: Mapping[str, Variant]
    read: Callable[[Mapping[str, Played]], list[Check]]
    remark: str = ""  # how it is measured; where it fails, why, and what was tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of measuring a pattern."""

    pattern: Pattern
    readings: tuple[Check, ...]
    replicates: int

    @property
    def holds(self) -> bool:
        """Whether every deciding measure meets its criterion."""
        return all(reading.holds for reading in self.readings if reading.decides)

    @property
    def verdict(self) -> str:
        """holds or fails."""
        return "holds" if self.holds else "fails"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Patterns(Result):
    """The findings on the patterns that were measured."""

    findings: tuple[Finding, ...]
    replicates: int
    seed: int

    @property
    def holding(self) -> int:
        """The number of patterns that hold."""
        return sum(finding.holds for finding in self.findings)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per measure of each pattern."""
        rows = [
            {
                "pattern": finding.pattern.number,
                "claim": finding.pattern.claim,
                "verdict": finding.verdict,
                "reading": check.says,
                "unit": check.unit,
                **{part: getattr(check.value, part) for part in ("mean", "low", "high")},
                "has_to_be": check.demanded,
                "holds": check.holds,
                "decides": check.decides,
            }
            for finding in self.findings
            for check in finding.readings
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the patterns as plain values, as a list under `patterns`."""
        return {"patterns": jsonable(map(self._values, self.findings))}

    def _values(self, finding: Finding) -> dict[str, Any]:
        return {
            "pattern": finding.pattern.number,
            "claim": finding.pattern.claim,
            "verdict": finding.verdict,
            "replicates": finding.replicates,
            "seed": self.seed,
            "readings": [
                {
                    "says": check.says,
                    "unit": check.unit,
                    **{part: getattr(check.value, part) for part in ("mean", "low", "high")},
                    "wanted": check.demanded,
                    "holds": check.holds,
                    "decides": check.decides,
                }
                for check in finding.readings
            ],
            "remark": finding.pattern.remark,
        }


def measure(
    patterns: Iterable[Pattern],
    *,
    seed: int,
    replicates: int,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda steps: None,
) -> Patterns:
    """Measure patterns; every situation is simulated once, with common random numbers.

    on_progress is called with the number of situations just finished.
    """
    requested = list(patterns)
    simulated = play_variants(
        situations(requested), seed=seed, replicates=replicates, workers=workers, on_progress=on_progress
    )
    findings = tuple(
        Finding(
            pattern=pattern,
            readings=tuple(pattern.read({name: simulated[each] for name, each in pattern.situations.items()})),
            replicates=replicates,
        )
        for pattern in requested
    )
    return Patterns(findings=findings, replicates=replicates, seed=seed)


def situations(patterns: Iterable[Pattern]) -> list[Variant]:
    """Return every situation of the patterns, once."""
    return list(dict.fromkeys(each for pattern in patterns for each in pattern.situations.values()))
