"""The capitals of the states as a space for Mesa's page."""

from __future__ import annotations

from collections.abc import Sequence

from mesa.space import ContinuousSpace

from sim.model.agent import StateAgent

MARGIN = 5.0  # degrees around the capitals
EUROPE = ((-25.0, 34.0), (45.0, 70.0))  # corners of the space where no capital is known


def capitals(states: Sequence[StateAgent]) -> ContinuousSpace:
    """Return a space of degrees east and north with each state at its capital.

    A state without coordinates (`lat` and `lon` of its facts) is not placed: its `pos` stays None.
    """
    places = {}
    for state in states:
        facts = state.model.setup.states[state.index]
        if facts.lon is not None and facts.lat is not None:
            places[state] = (float(facts.lon), float(facts.lat))
    corners = [(x + side, y + side) for x, y in places.values() for side in (-MARGIN, MARGIN)] or EUROPE
    (west, south), (east, north) = map(min, zip(*corners, strict=True)), map(max, zip(*corners, strict=True))
    space = ContinuousSpace(east, north, torus=False, x_min=west, y_min=south)
    for state, place in places.items():
        space.place_agent(state, place)
    return space
