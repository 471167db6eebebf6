"""Measures of the viability of the force, and of the proposal."""

from __future__ import annotations

import numpy as np

from sim.analysis.interval import Interval, interval, share_interval
from sim.analysis.pattern import Check
from sim.analysis.pattern_checks.gain import Runs
from sim.theory import rng

type Array = np.ndarray

STEPS = tuple(round(0.1 * step, 1) for step in range(11))


def viable_when_warm(runs: Runs) -> list[Check]:
    """Measure viability in the two extreme corners of the warm region."""
    return [
        *(
            Check(
                says=f"runs in which the force of 25,000 is viable, {where}",
                value=share_interval(runs[where].outcome("viable")),
                unit="share",
                wanted="at least",
                level=0.8,
            )
            for where in ("US backing .8, opposition .6", "US backing 1, opposition 0")
        ),
        *(
            Check(
                says=f"the same, {where}",
                value=share_interval(runs[where].outcome("viable")),
                unit="share",
                wanted="at least",
                level=0.8,
                decides=False,
            )
            for where in ("and a clear mission (.7), a sincere ceasefire (.6)", "scenario firm-us-backstop")
        ),
    ]


def hopeless_when_cold(runs: Runs) -> list[Check]:
    """Measure viability and revisions of the proposal in a cold situation."""
    cold = runs["cold"]
    return [
        Check(
            says="runs in which the force of 25,000 is viable",
            value=share_interval(cold.outcome("viable")),
            unit="share",
            wanted="at most",
            level=0.1,
        ),
        Check(
            says="runs in which the leads revise the proposal",
            value=share_interval(cold.outcome("redimensioned") > 0),
            unit="share",
            wanted="at least",
            level=0.5,
        ),
    ]


def the_ask_decides(runs: Runs) -> list[Check]:
    """Measure the effect of a larger ask on viability and on the soldiers offered."""
    small, large = runs["25,000 asked"], runs["64,000 asked"]
    offered = small.outcome("personnel_troops")
    return [
        Check(
            says="change in viability if 64,000 are asked rather than 25,000",
            value=interval(large.outcome("viable") - small.outcome("viable")),
            unit="points",
            wanted="at most",
            level=-0.5,
        ),
        Check(
            says="relative change in the soldiers offered",
            value=interval((large.outcome("personnel_troops") - offered) / offered.mean()),
            unit="share",
            wanted="at least",
            level=-0.15,
        ),
    ]


def headline_moves(runs: Runs) -> list[Check]:
    """Measure in how many runs the final headline is below troops."""

    def ends_low(name: str) -> Array:
        return runs[name].outcome("headline_rung") <= 2

    return [
        Check(
            says="runs that end at or below the backstop, US backing .25",
            value=share_interval(ends_low("weak")),
            unit="share",
            wanted="at least",
            level=0.5,
        ),
        Check(
            says="runs that end at or below the backstop, US backing .9",
            value=share_interval(ends_low("strong")),
            unit="share",
            wanted="at most",
            level=0.2,
        ),
        *(
            Check(
                says=f"runs that end at or below the backstop, US backing .25, {name}",
                value=share_interval(ends_low(name)),
                unit="share",
                wanted="at least",
                level=0.5,
                decides=False,
            )
            for name in ("floor 15,000", "patience 4 rounds", "leads with the share of others")
        ),
    ]


def cliff(runs: Runs) -> list[Check]:
    """Measure the steepest slope of viability over US backing."""
    viable = np.array([runs[f"US backing {step}"].outcome("viable") for step in STEPS])  # [steps, replicates]

    def steepness(drawn: Array) -> float:
        curve = viable[:, drawn].mean(axis=1)
        mean = curve[-1] - curve[0]
        return float(np.diff(curve).max() / (mean / (len(STEPS) - 1))) if mean > 0.0 else np.nan

    count = viable.shape[1]
    drawn = rng.uniforms(rng.address("bootstrap"), np.arange(count), 1000, 0, 0)
    resampled = [steepness((count * row).astype(np.int64)) for row in drawn]
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return [
        Check(
            says="steepest slope of viability over US backing, relative to the mean slope (bootstrap)",
            value=Interval(mean=steepness(np.arange(count)), low=float(low), high=float(high)),
            unit="times",
            wanted="at least",
            level=2.0,
        )
    ]
