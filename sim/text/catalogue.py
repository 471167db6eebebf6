"""What a user can choose from: scenarios, experiments, and the states, options, reasons, outcomes and settings."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim import facts
from sim.errors import WillingError
from sim.experiment import load_experiment, shipped_experiments
from sim.experiment.design import count_points
from sim.facts import State
from sim.model.setup import prepare
from sim.result import Result
from sim.results.outcomes import numeric_outcomes
from sim.scenario import Scenario, load_scenario, shipped
from sim.scenario.parameters import json_value, parameters
from sim.scenario.suggestions import did_you_mean
from sim.text.words import with_parties
from sim.theory.considerations import CONSIDERATIONS

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Catalogue(Result):
    """The entries of one kind, such as the states that a scenario asks: one row per entry."""

    kind: str
    rows: Sequence[Row]
    heads: Mapping[str, str] = field(default_factory=dict)  # by column: its head in a text, if not its name
    units: Mapping[str, str] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per entry, indexed by its name."""
        table = pd.DataFrame(list(self.rows))
        return table.set_index(str(table.columns[0]))

    def to_dict(self) -> dict[str, Any]:
        """Return the rows under the kind of the entries; `willing list --json` prints the rows alone."""
        return {self.kind: list(self.rows)}

    @property
    def file_name(self) -> str:
        """The kind of the entries."""
        return self.kind

    def __repr__(self) -> str:
        names = [str(next(iter(row.values()))) for row in self.rows]
        return f"{len(names)} {self.kind}: {textwrap.shorten(', '.join(names), 100, placeholder=' ...')}"


def catalogue(kind: str, scenario: Scenario) -> Catalogue:
    """Return the entries of a kind, those of a scenario where they depend on one.

    Raises WillingError for an unknown kind.
    """
    if kind == "scenarios":
        return Catalogue(kind=kind, rows=_scenarios())
    if kind == "experiments":
        return Catalogue(kind=kind, rows=_experiments())
    if kind not in KINDS:
        raise WillingError(f"'{kind}' cannot be listed{did_you_mean(kind, KINDS)}")
    return _OF_A_SCENARIO[kind](scenario)


def _scenarios() -> list[Row]:
    return [{"scenario": name, "question": load_scenario(path).question} for name, path in shipped().items()]


def _experiments() -> list[Row]:
    loaded = {name: load_experiment(path) for name, path in shipped_experiments().items()}
    return [
        {
            "experiment": name,
            "question": experiment.question,
            "points": (points := count_points(experiment.design, experiment.factors)),
            "replicates": experiment.replicates,
            "runs": points * experiment.replicates,
        }
        for name, experiment in loaded.items()
    ]


def _states(scenario: Scenario) -> Catalogue:
    setup = prepare(scenario)
    offering = [
        (index, option)
        for index, option in enumerate(setup.menu.names[1:], start=1)
        if scenario.menu[option].share > 0.0
    ]
    has_opponent = scenario.opponent is not None
    rows = [
        {
            "state": state.code,
            "name": state.name,
            "lead": bool(setup.leads[number]),
            "land_forces": state.land_forces,
            **{f"offer_{option}": float(setup.offers[number, index]) for index, option in offering},
            "home_tie": _rounded(setup.characteristics.home_tie[number]),
            "aid_pct_gdp": state.aid_pct_gdp,
            "peacekeeping_support_pct": state.peacekeeping_support_pct,
            "parliament_veto": state.parliament_veto,
            **({"moscow_alignment": state.moscow_alignment} if has_opponent else {}),
            "non_aligned": None if state.non_aligned is None else bool(state.non_aligned),
            "imputed": _imputed(state),
        }
        for number, state in enumerate(setup.states)
    ]
    heads = {
        "land_forces": "land forces",
        "home_tie": "kept at home",
        "aid_pct_gdp": "aid, % of GDP",
        "peacekeeping_support_pct": "support, %",
        "parliament_veto": "parliament's say",
        "moscow_alignment": with_parties("close to Moscow", scenario),
        "non_aligned": "non-aligned",
    }
    offers = {f"offer_{option}": f"offer to {option}" for _, option in offering}
    units = dict.fromkeys(("land_forces", *offers), "soldiers") | {"home_tie": "share"}
    return Catalogue(kind="states", rows=rows, heads=heads | offers, units=units)


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 2)


def _imputed(state: State) -> list[str]:
    """Return the figures of a state that a rule filled in and that the scenario does not replace."""
    table = facts.states().get(state.code)
    kept = [name for name in facts.FIGURES if table is not None and getattr(state, name) == getattr(table, name)]
    return [column for column in kept if facts.provenance(state.code, column).kind == "imputed"]


def _options(scenario: Scenario) -> Catalogue:
    rows = [
        {"option": name, **scenario.menu[name].model_dump(exclude={"raises"})} for name in scenario.option_names[1:]
    ]
    return Catalogue(kind="options", rows=rows, units={"ask": "soldiers", "share": "share"})


def _considerations(scenario: Scenario) -> Catalogue:
    options = scenario.option_names[1:]
    rows = [
        {
            "consideration": name,
            "weight": scenario.weights.get(name, 0.0),
            **{f"raises_{option}": scenario.menu[option].raises.get(name, 0.0) for option in options},
            "driver": entry.driver if isinstance(entry.driver, str) else "own",
            "about": with_parties(entry.about, scenario),
        }
        for name, entry in CONSIDERATIONS.items()
    ]
    return Catalogue(
        kind="considerations", rows=rows, heads={f"raises_{option}": f"raised by {option}" for option in options}
    )


def _outcomes(scenario: Scenario) -> Catalogue:
    rows = [
        {"outcome": name, "unit": outcome.unit, "about": with_parties(outcome.about, scenario)}
        for name, outcome in numeric_outcomes(scenario.option_names).items()
    ]
    return Catalogue(kind="outcomes", rows=rows)


def _parameters(scenario: Scenario) -> Catalogue:
    rows = [
        {
            "parameter": parameter.path,
            "value": json_value(parameter.value),
            "range": parameter.limits,
            "unit": parameter.unit,
            "about": with_parties(parameter.about, scenario),
        }
        for parameter in parameters(scenario)
    ]
    return Catalogue(kind="parameters", rows=rows)


_OF_A_SCENARIO: dict[str, Callable[[Scenario], Catalogue]] = {
    "states": _states,
    "options": _options,
    "considerations": _considerations,
    "outcomes": _outcomes,
    "parameters": _parameters,
}
KINDS = ("scenarios", "experiments", *_OF_A_SCENARIO)
