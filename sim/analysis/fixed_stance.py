"""A state forced to declare an option."""

from __future__ import annotations

from dataclasses import replace

from sim.model.setup import Setup, frozen


def force(setup: Setup, state: int, option: int) -> Setup:
    """Return the setup with one state (index on the roster) forced to declare an option from before the first round on.

    The same as `force` in a scenario; the utilities of other states do not change.
    """
    forced, opening = setup.forced.copy(), setup.opening.copy()
    forced[:, state] = option
    opening[state] = option
    later = tuple((first, force(changed, state, option)) for first, changed in setup.later)
    return frozen(replace(setup, forced=forced, opening=opening, later=later))
