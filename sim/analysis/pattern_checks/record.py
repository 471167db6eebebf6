"""What the record of 2025 says, by date: who was counted, what was foreseen, what was kept."""

from __future__ import annotations

import numpy as np

from sim.analysis import scores
from sim.analysis.interval import interval
from sim.analysis.pattern import Check
from sim.analysis.pattern_checks.gain import Runs
from sim.analysis.positions import SHIPPED, read_positions, record
from sim.analysis.variants import Played, Variant

type Array = np.ndarray

COUNTED = {"spring 2025": (4.0, 8.0), "September 2025": (8.0, 13.0)}  # firm troop states, as contemporaries told


def counts_by_date(runs: Runs) -> list[Check]:
    """Return how many states are firmly at troops in the circumstances of spring and of September 2025."""
    return [
        Check(
            says=f"firm troop states in the circumstances of {date}{how}",
            value=interval(runs[f"{date}{how}"].outcome("troop_states")),
            unit="states",
            wanted="between",
            level=least,
            up_to=most,
            decides=not how,
        )
        for how in ("", ", replayed week by week", ", nobody looks at others")
        for date, (least, most) in COUNTED.items()
    ]


def worse_alone(runs: Runs) -> list[Check]:
    """Return by how much the record is foreseen worse where nobody looks at others."""
    return [
        Check(
            says=f"Brier score on the record of spring 2025 where nobody looks at others, less the model's, {when}",
            value=interval(scores.brier(*foreseen(runs[f"alone, {when}"])) - scores.brier(*foreseen(runs[when]))),
            unit="Brier score",
            decides=when == "on its last day",
        )
        for when in ("on its last day", "after a year", "replayed week by week")
    ]


def sticky(runs: Runs) -> list[Check]:
    """Return how many stances are kept."""
    return [
        Check(
            says="stances kept over the last five months of the record",
            value=interval(runs["replay"].outcome("stances_kept")),
            unit="share",
            wanted="between",
            level=0.76,
            up_to=0.87,
        )
    ]


def last_day(situation: Variant) -> Variant:
    """Return the situation of March 2025 as it is on the day of the last position of the shipped record."""
    return situation.with_settings("rounds=6")


def foreseen(played: Played) -> tuple[Array, Array]:
    """Return the chances of conditional stances after the last round, and what came, by state on the shipped record.

    The chances are [states with a stance on record, options], what came their places on the menu.
    """
    setup = played.setup
    known = record(read_positions(SHIPPED, setup), setup, source=SHIPPED)
    decided = known.decided()
    places = [setup.codes.index(code) for code in decided]
    held = [played.conditional[:, places] == option for option in range(len(setup.menu.names))]
    chances = np.stack([option.mean(axis=0) for option in held], axis=1)
    return chances, np.array([known.stance(code) for code in decided])
