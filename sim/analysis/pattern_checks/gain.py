"""What all readings share: the runs that they are read off, and the gain from one situation to another."""

from __future__ import annotations

from collections.abc import Mapping

from sim.analysis.interval import interval
from sim.analysis.pattern import Check
from sim.analysis.variants import Played

type Runs = Mapping[str, Played]


def gain(says: str, more: Played, less: Played, outcome: str) -> Check:
    """Return the reading that an outcome is larger in one situation than in another."""
    return Check(says=says, value=interval(more.outcome(outcome) - less.outcome(outcome)), unit="states")
