"""A state made to hold an option, whatever it would weigh."""

from __future__ import annotations

from dataclasses import replace

from sim.model.setup import Setup, frozen
from sim.theory.considerations import DRIVERS

FORCE = 1e9  # value, beyond all reasons and tastes
_ALWAYS = DRIVERS.index("always")


def force(setup: Setup, state: int, option: int) -> Setup:
    """Return the setup with one state, a place on the roster, made to hold an option from before the first round on.

    The value of the option is raised for it beyond all reasons and tastes, or for abstaining that of all others
    lowered; no other state's reasons are touched.
    """
    pulls, opening = setup.pulls.copy(), setup.opening.copy()
    if option:
        pulls[state, option, _ALWAYS] += FORCE
    else:
        pulls[state, 1:, _ALWAYS] -= FORCE
    opening[state] = option
    return frozen(replace(setup, pulls=pulls, opening=opening))
