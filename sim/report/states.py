"""The states of a report: the share of each stance, the soldiers offered, and the reasons for and against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.plots.stance_shares import rows_from_deepest
from sim.plots.style import ink_on, option_styles, tinted
from sim.results.run import Run
from sim.results.summary import stance_chances
from sim.scenario.schema import Scenario
from sim.text.numbers import percent, signed
from sim.text.words import consideration_name

_FULL = 0.85  # strength of a colour at a share of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The share of one stance, and the colours of its cell."""

    option: str
    label: str
    text: str
    background: str
    ink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons for and against the most frequent stance of a state, compared with the next best option."""

    stance: str  # label
    colour: str
    chance: str
    alternative: str  # label
    for_: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """The text of a report about one state."""

    code: str
    name: str
    leads: bool
    chances: tuple[Chance, ...]  # from the deepest option to abstaining
    conditional: str
    offer: str  # soldiers for the deepest option
    why: Why | None


def state_rows(run: Run, reasons: pd.DataFrame) -> list[StateRow]:
    """Return a row per state, those with the highest share of the deepest option first.

    reasons: a row per state, from `main_reasons`.
    """
    scenario = run.scenario
    styles = option_styles(scenario)
    from_deepest = list(reversed(styles.items()))
    labels = {name: style.label for name, style in styles.items()}
    by_state = {str(row["state"]): row for _, row in reasons.iterrows()}
    result = []
    for row in rows_from_deepest(stance_chances(run.tables.stances, scenario.option_names), run.setup):
        chances = []
        for (name, style), chance in zip(from_deepest, row.chances, strict=True):
            background = tinted(style.colour, _FULL * chance)
            chances.append(
                Chance(
                    option=name, label=style.label, text=percent(chance), background=background, ink=ink_on(background)
                )
            )
        reason = by_state.get(row.code)
        result.append(
            StateRow(
                code=row.code,
                name=row.name,
                leads=row.leads,
                chances=tuple(chances),
                conditional=percent(row.conditional),
                offer=f"{row.offer:,.0f}",
                why=None if reason is None else _why(reason, labels, styles[str(reason["stance"])].colour, scenario),
            )
        )
    return result


def _why(reason: pd.Series, labels: Mapping[str, str], colour: str, scenario: Scenario) -> Why:
    def texts(amounts: Sequence[tuple[str, float]]) -> tuple[str, ...]:
        return tuple(f"{consideration_name(name, scenario)} {signed(amount)}" for name, amount in amounts)

    return Why(
        stance=labels[str(reason["stance"])],
        colour=colour,
        chance=percent(reason["chance"]),
        alternative=labels[str(reason["alternative"])],
        for_=texts(reason["for_"]),
        against=texts(reason["against"]),
    )
