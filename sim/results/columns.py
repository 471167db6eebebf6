"""The columns of a run's tables: what each says, and in which unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.model.columns import conditional_column, personnel_column, states_column


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that is measured of a replicate."""

    about: str
    unit: str


def outcomes(options: Sequence[str]) -> dict[str, Outcome]:
    """Return the outcomes of a run by name, in the order of the table; options without abstaining."""
    per_option = {
        name: outcome
        for option in options
        for name, outcome in (
            (states_column(option), Outcome(about=f"states that declare {option}", unit="states")),
            (
                conditional_column(option),
                Outcome(about=f"states that would declare {option} if the conditions were met", unit="states"),
            ),
            (personnel_column(option), Outcome(about=f"soldiers declared for {option}", unit="soldiers")),
        )
    }
    return {
        "viable": Outcome(about="the first headline has the ask that it started with, and a lead", unit="0 or 1"),
        "viable_now": Outcome(about="the headline in force has the ask in force, and a lead", unit="0 or 1"),
        **per_option,
        "headline_rung": Outcome(about="depth of commitment of the headline in force", unit="rung"),
        "ask": Outcome(about="soldiers asked for the headline in force", unit="soldiers"),
        "redimensioned": Outcome(about="times that the leads changed their proposal", unit="times"),
        "deterrence": Outcome(about="how far the stances deter a new attack", unit="0 to 1"),
        "phase": Outcome(about="0 fighting, 1 limited truce, 2 permanent ceasefire", unit="phase"),
        "peace_holds": Outcome(about="a permanent ceasefire stands at the end", unit="0 or 1"),
        "us_backing": Outcome(about="US backing in the last round", unit="0 to 1"),
        "russian_opposition": Outcome(about="Russian opposition in the last round", unit="0 to 1"),
        "mandate": Outcome(about="international mandate in the last round", unit="0 to 1"),
        "clarity": Outcome(about="clarity of the mission in the last round", unit="0 to 1"),
        "sincerity": Outcome(about="believed sincerity of the ceasefire in the last round", unit="0 to 1"),
        "battlefield": Outcome(about="how well the host's forces hold in the last round", unit="0 to 1"),
        "burden_gini": Outcome(about="inequality of the cost of declared offers against GDP", unit="Gini, 0 to 1"),
        "rounds_to_settle": Outcome(about="last round in which a state changed its stance", unit="rounds"),
        "stances_kept": Outcome(about="share of states that stand where they stood five months before", unit="share"),
    }
