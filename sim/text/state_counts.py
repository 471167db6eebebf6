"""The mean number of states with an option, as titles, legends and texts of a run write it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.scenario.schema import ABSTAIN, Scenario
from sim.text.numbers import counted
from sim.text.words import capitalised, listed, promise, state_name

FEW = 3  # largest number of states that a title names, if all replicates end alike


def is_certain(chances: pd.DataFrame) -> bool:
    """Return whether all replicates end alike, so that counts are whole numbers."""
    return bool(chances.isin((0.0, 1.0)).to_numpy().all())


def mean_states(chances: pd.DataFrame, column: str) -> float:
    """Return the mean over replicates of the number of states with an option: the sum of the shares of the states.

    Parameters
    ----------
    chances : DataFrame
        The share of replicates by state and option, from `results.summary.stance_chances`.
    column : str
        An option, or the deepest option with `_conditional`.
    """
    return round(float(chances[column].sum()), 9)


def count_text(mean: float, *, certain: bool = False) -> str:
    """Return a mean number of states with one decimal, or as a whole number if all replicates end alike."""
    return f"{mean:,.0f}" if certain else f"{round(mean, 9):,.1f}"


def states_headline(chances: pd.DataFrame, scenario: Scenario, likeliest: Sequence[str] = ()) -> str:
    """Return a sentence with the mean numbers of states that would take the headline and the deepest option.

    likeliest: states that the sentence names as the likeliest to take the deepest option.
    """
    headline, deepest = scenario.proposal.headline, scenario.deepest
    if is_certain(chances):
        return _certain_title(chances, scenario)
    does = promise(deepest, scenario)
    now, then = (count_text(mean_states(chances, column)) for column in (deepest, f"{deepest}_conditional"))
    if headline not in (deepest, ABSTAIN):
        return f"{_on_average(headline, chances, scenario)}; {now} would {does}, {then} if the conditions were met"
    named = [state_name(code, scenario) for code in likeliest]
    names = f", likeliest {listed(named)}" if named and mean_states(chances, deepest) else ""
    more = "no more" if then == now else then
    return f"{_on_average(deepest, chances, scenario)}{names}; {more} would if the conditions were met"


def _on_average(option: str, chances: pd.DataFrame, scenario: Scenario) -> str:
    mean, does = mean_states(chances, option), promise(option, scenario)
    if mean in (0.0, float(len(chances))):
        return f"All {len(chances)} states would {does}" if mean else f"No state would {does} as things stand"
    return f"On average {count_text(mean)} states would {does}"


def _certain_title(chances: pd.DataFrame, scenario: Scenario) -> str:
    """Return the sentence for replicates that all end alike: with the names of the states if they are few."""
    headline, deepest = scenario.proposal.headline, scenario.deepest
    does = promise(deepest, scenario)
    firm = int(chances[deepest].sum())
    more = int(((chances[f"{deepest}_conditional"] == 1.0) & (chances[deepest] == 0.0)).sum())
    if headline not in (deepest, ABSTAIN):
        if not firm and not more:
            return f"{_who_would(headline, chances, scenario)}; none would {does}, even if the conditions were met"
        headline_text = f"{_who_would(headline, chances, scenario)}; {firm or 'none'} would {does}"
        return f"{headline_text}, {more} more if the conditions were met" if more else headline_text
    text = _who_would(deepest, chances, scenario)
    if not firm:
        then = f" as things stand; {more} would if the conditions were met" if more else ""
        return text + (then or ", even if the conditions were met")
    if more:
        return f"{text}; {more} more would if the conditions were met"
    return text if firm == len(chances) else f"{text}; no more would if the conditions were met"


def _who_would(option: str, chances: pd.DataFrame, scenario: Scenario) -> str:
    """Return a clause with the states that take an option: by name if they are few, leads first; else their number."""
    does, leads = promise(option, scenario), scenario.leads
    holding = [str(code) for code in chances.index[chances[option] == 1.0]]
    if not holding:
        return f"No state would {does}"
    if len(holding) > FEW:
        return f"{'All ' if len(holding) == len(chances) else ''}{counted(len(holding), 'state')} would {does}"
    holding.sort(key=lambda code: leads.index(code) if code in leads else len(chances))
    return f"{capitalised(listed([state_name(code, scenario) for code in holding]))} would {does}"
