"""Who is asked, with the figures that the scenario takes to be different, and what is not known of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim import facts
from sim.errors import FactsError
from sim.scenario.schema import Scenario

type Array = np.ndarray


def roster(scenario: Scenario) -> tuple[facts.State, ...]:
    """Return the states that the scenario asks, with the figures that it takes to be different."""
    table = facts.states()
    asked = []
    for code in scenario.roster.asked:
        override = scenario.states.get(code)
        state = table.get(code)
        if state is None:
            state = facts.State(code=code, name=code, capital="", **dict.fromkeys(facts.FIGURES))
        if override is not None:
            changes: dict[str, object] = dict(override.facts)
            if override.name:
                changes["name"] = override.name
            state = replace(state, **changes)  # type: ignore[arg-type]
        asked.append(state)
    return tuple(asked)


def figures(states: tuple[facts.State, ...], column: str) -> Array:
    """Return a column of the table of states as [states], unknown figures as not-a-number."""
    values = [getattr(state, column) for state in states]
    return np.array([np.nan if value is None else float(value) for value in values])


class Gaps:
    """Figures that are asked for and unknown, gathered so that all can be told at once."""

    def __init__(self, states: tuple[facts.State, ...]) -> None:
        self.states = states
        self.lacking: dict[str, dict[str, list[str]]] = {}  # by state and figure: what asks for it

    def note(self, missing: Array, columns: tuple[str, ...], asks: str) -> None:
        """Note the states [states] that lack one of the figures which a setting of the scenario asks for."""
        for state, lacks in zip(self.states, missing, strict=True):
            for column in columns if lacks else ():
                if getattr(state, column) is None:
                    self.lacking.setdefault(state.code, {}).setdefault(column, []).append(asks)

    def tell(self, scenario: str) -> None:
        """Raise FactsError if anything is lacking, naming state, figure and what asks for it."""
        if not self.lacking:
            return
        names = {state.code: state.name for state in self.states}
        lines = [
            f"  {code} ({names[code]}): {column}, for {', '.join(dict.fromkeys(asks))}"
            for code, figures in self.lacking.items()
            for column, asks in figures.items()
        ]
        first = next(iter(self.lacking))
        raise FactsError(
            f"{scenario}: figures unknown that the scenario needs:\n"
            + "\n".join(lines)
            + f"\nGive them under states.{first}.facts, leave the state out with roster.leave_out, "
            "or set what asks for them to 0."
        )
