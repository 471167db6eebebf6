"""The states on the roster with their figures, including those that the scenario replaces, and the missing ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim import facts
from sim.errors import FactsError
from sim.scenario.parties import name_in_sentence
from sim.scenario.schema import Scenario

type Array = np.ndarray

_OTHERS = "others"
_NOT_GIVEN = object()
_NAMED_AT_MOST = 6


def roster(scenario: Scenario) -> tuple[facts.State, ...]:
    """Return the states on the roster, with the figures that the scenario replaces.

    The table describes relations to one host and one opponent. For any other pair they are those of the scenario, the
    distance between two known capitals, and otherwise unknown.
    """
    opponent = None if scenario.opponent is None else known_of(scenario.opponent, scenario)
    return tuple(_related(known_of(code, scenario), opponent, scenario) for code in scenario.roster.asked)


def known_of(code: str, scenario: Scenario) -> facts.State:
    """Return the figures of a state from the table and the scenario, with relations as in the table."""
    state = facts.states().get(code)
    if state is None:
        state = facts.State(code=code, name=code, capital="", **dict.fromkeys(facts.FIGURES))
    override = scenario.states.get(code)
    if override is None:
        return state
    changes: dict[str, object] = dict(override.facts)
    if override.name:
        changes["name"] = override.name
    return replace(state, **changes)  # type: ignore[arg-type]


def _related(state: facts.State, opponent: facts.State | None, scenario: Scenario) -> facts.State:
    """Return the state with its relations to the scenario's own host and opponent."""
    override = scenario.states.get(state.code)
    own = {} if override is None else override.facts
    changes: dict[str, object] = {}
    if scenario.host != facts.STANDING_HOST:
        changes |= dict.fromkeys(facts.columns_about("host"))
    if scenario.opponent != facts.STANDING_OPPONENT:
        changes |= dict.fromkeys(facts.columns_about("opponent"))
        if opponent is not None:
            changes["dist_moscow_km"] = facts.distance_km(state, opponent)
    for name, values in scenario.relations.items():
        value = values.get(state.code, values.get(_OTHERS, _NOT_GIVEN)) if isinstance(values, dict) else values
        if value is not _NOT_GIVEN:
            changes[facts.RELATIONS[name].column] = value
    changes = {column: value for column, value in changes.items() if column not in own}
    return replace(state, **changes) if changes else state  # type: ignore[arg-type]


def figures(states: tuple[facts.State, ...], column: str) -> Array:
    """Return a column of the table of states as [states], unknown figures as not-a-number."""
    values = [getattr(state, column) for state in states]
    return np.array([np.nan if value is None else float(value) for value in values])


class MissingData:
    """Unknown figures that are needed, collected so that one message can list them all."""

    def __init__(self, states: tuple[facts.State, ...], scenario: Scenario) -> None:
        self.states = states
        self.scenario = scenario
        self.lacking: dict[str, dict[str, list[str]]] = {}  # by state and figure: the settings that need it
        self._never_asked = facts.columns_about("opponent") if scenario.opponent is None else ()

    def note(self, missing: Array, columns: tuple[str, ...], asks: str) -> None:
        """Record the states [states] that lack one of the figures which a setting of the scenario needs."""
        for state, lacks in zip(self.states, missing, strict=True):
            for column in columns if lacks else ():
                if getattr(state, column) is None and column not in self._never_asked:
                    self.lacking.setdefault(state.code, {}).setdefault(column, []).append(asks)

    def raise_if_any(self) -> None:
        """Raise FactsError if figures are missing, with each state, figure and the setting that needs it."""
        if not self.lacking:
            return
        relations = self._relations()
        names = {state.code: state.name for state in self.states}
        lines, first = [], None
        for name in relations:
            column = facts.RELATIONS[name].column
            codes = [code for code in self.lacking if column in self.lacking[code]]
            asks = dict.fromkeys(ask for code in codes for ask in self.lacking[code][column])
            lines.append(f"  {name} ({relations[name]}) of {self._counted(codes)}, for {', '.join(asks)}")
        shown_above = {facts.RELATIONS[name].column for name in relations}
        for code, figures in self.lacking.items():
            for column, asked_by in figures.items():
                if column not in shown_above:
                    first = first or code
                    lines.append(f"  {code} ({names[code]}): {column}, for {', '.join(dict.fromkeys(asked_by))}")
        remedies = [self._how_to_relate(relations)] if relations else []
        if first is not None:
            remedies.append(
                f"Give them under states.{first}.facts, leave the state out with roster.leave_out, "
                "or set the settings that need them to 0."
            )
        text = "\n".join((*lines, *remedies))
        raise FactsError(f"{self.scenario.name}: figures unknown that the scenario needs:\n{text}")

    def _relations(self) -> dict[str, str]:
        """Return the relations to a host or an opponent that the table lacks, with a description of each."""
        columns = {column for figures in self.lacking.values() for column in figures}
        relations = {}
        for name, relation in facts.RELATIONS.items():
            party = self.scenario.host if relation.to == "host" else self.scenario.opponent
            standing = facts.STANDING_HOST if relation.to == "host" else facts.STANDING_OPPONENT
            if party is not None and party != standing and relation.column in columns:
                relations[name] = relation.about.format(name_in_sentence(party, self.scenario))
        return relations

    def _counted(self, codes: list[str]) -> str:
        if len(codes) == len(self.states) > 1:
            return f"all {len(codes)} states"
        more = len(codes) - _NAMED_AT_MOST
        return ", ".join(codes[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")

    def _how_to_relate(self, relations: dict[str, str]) -> str:
        """Return a remedy for relations to a host or an opponent that the table does not describe."""
        table = facts.states()
        pair = " and ".join(table[code].name for code in (facts.STANDING_HOST, facts.STANDING_OPPONENT))
        values = [name for name in relations if name != "dist_opponent_km"]
        example = ", ".join(f"{name}: {{{self.states[0].code}: 0, others: 0}}" for name in values)
        text = f"The table of states describes relations to {pair} only."
        if values:
            text += f" Give these by state; `others` is every state not named:\n  relations: {{{example}}}"
        if "dist_opponent_km" in relations:
            opponent = self.scenario.opponent
            lat, lon = f"states.{opponent}.facts", "{lat: ..., lon: ...}"
            text += f"\nDistances follow from the capitals: give {lat}: {lon}, or relations.dist_opponent_km."
        return text
