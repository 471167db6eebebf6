"""Measures against the record of 2025: counts by date, prediction of stances, and stances kept."""

from __future__ import annotations

import numpy as np

from sim.analysis import scores
from sim.analysis.interval import interval
from sim.analysis.pattern import Check
from sim.analysis.pattern_checks.gain import Runs
from sim.analysis.positions import SHIPPED, read_positions, record
from sim.analysis.variants import Played, Variant

type Array = np.ndarray

COUNTED = {"spring 2025": (4.0, 8.0), "September 2025": (8.0, 13.0)}  # firm troop states, in contemporary reports


def counts_by_date(runs: Runs) -> list[Check]:
    """Measure the number of firm troop states in the circumstances of spring and of September 2025."""
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
        for how in ("", ", replayed week by week", ", without momentum and security")
        for date, (least, most) in COUNTED.items()
    ]


def worse_alone(runs: Runs) -> list[Check]:
    """Measure how much worse the record is predicted without momentum and security."""
    return [
        Check(
            says=f"Brier score on the record of spring 2025 without momentum and security, less the model's, {when}",
            value=interval(scores.brier(*predicted(runs[f"alone, {when}"])) - scores.brier(*predicted(runs[when]))),
            unit="Brier score",
            decides=when == "on its last day",
        )
        for when in ("on its last day", "after a year", "replayed week by week")
    ]


def sticky(runs: Runs) -> list[Check]:
    """Measure the share of stances kept."""
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
    """Return the situation of March 2025 on the day of the last position of the included record."""
    return situation.with_settings("rounds=6")


def predicted(played: Played) -> tuple[Array, Array]:
    """Return the probabilities of conditional stances after the last round, and the recorded stances.

    The probabilities are [states with a stance on record, options], the stances their indices on the menu.
    """
    setup = played.setup
    known = record(read_positions(SHIPPED, setup), setup, source=SHIPPED)
    decided = known.decided()
    indices = [setup.codes.index(code) for code in decided]
    at_option = [played.conditional[:, indices] == option for option in range(len(setup.menu.names))]
    chances = np.stack([option.mean(axis=0) for option in at_option], axis=1)
    return chances, np.array([known.stance(code) for code in decided])
