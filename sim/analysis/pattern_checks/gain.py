"""The gain in an outcome from one situation to another, which many measures share."""

from __future__ import annotations

from collections.abc import Mapping

from sim.analysis.interval import interval
from sim.analysis.pattern import Check
from sim.analysis.variants import Played

type Runs = Mapping[str, Played]


def gain(says: str, more: Played, less: Played, outcome: str) -> Check:
    """Return the measure of how much larger an outcome is in one situation than in another."""
    return Check(says=says, value=interval(more.outcome(outcome) - less.outcome(outcome)), unit="states")
