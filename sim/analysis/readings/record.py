"""What was counted and kept, by date."""

from __future__ import annotations

from sim.analysis.interval import interval
from sim.analysis.pattern import Reading
from sim.analysis.readings.gain import Runs


def sticky(runs: Runs) -> list[Reading]:
    """Return how many stances are kept."""
    return [
        Reading(
            says="stances kept over the last five months of the record",
            value=interval(runs["replay"].outcome("stances_kept")),
            unit="share",
            wanted="between",
            level=0.76,
            up_to=0.87,
        )
    ]
