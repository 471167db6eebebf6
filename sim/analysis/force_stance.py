"""A state forced to hold an option, whatever it would weigh."""

from __future__ import annotations

from dataclasses import replace

from sim.model.setup import Setup, frozen


def force(setup: Setup, state: int, option: int) -> Setup:
    """Return the setup with one state, a place on the roster, forced to hold an option from before the first round on.

    As `force` in a scenario does; no other state's reasons are touched.
    """
    forced, opening = setup.forced.copy(), setup.opening.copy()
    forced[:, state] = option
    opening[state] = option
    later = tuple((first, force(changed, state, option)) for first, changed in setup.later)
    return frozen(replace(setup, forced=forced, opening=opening, later=later))
