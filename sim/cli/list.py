"""`willing list`: what there is to choose from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sim.cli.tables import TableFiles, table_options

if TYPE_CHECKING:
    from sim.facts import State
    from sim.scenario import Scenario

type Row = dict[str, Any]

KINDS = ("scenarios", "experiments", "states", "options", "considerations", "outcomes", "parameters")


class Kind(click.Choice[str]):
    """One of the words that there are, with the nearest one for a misspelt one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word, or say which was probably meant."""
        from sim.scenario.suggestions import did_you_mean

        if value not in KINDS:
            self.fail(f"'{value}' cannot be listed{did_you_mean(str(value), KINDS)}", param, ctx)
        return str(value)


@click.command(name="list", epilog="Example: willing list states --scenario us-opposes")
@click.argument("kind", type=Kind(KINDS), default="scenarios")
@click.option(
    "--scenario",
    "reference",
    default="base",
    show_default=True,
    help="Scenario whose roster, menu or weights are shown.",
)
@click.option("--set", "settings", metavar="PATH=VALUE", multiple=True, help="Change a setting of it; may be repeated.")
@table_options
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def list_(kind: str, reference: str, settings: tuple[str, ...], tables: TableFiles, as_json: bool) -> None:
    """Show what there is: scenarios, experiments, states, options, considerations, outcomes or parameters.

    States are those on the scenario's roster, with the soldiers that each would offer to each option.
    """
    from sim.report.sheets import of_rows

    if kind == "scenarios":
        rows = _scenarios()
    elif kind == "experiments":
        rows = _experiments()
    else:
        from sim.scenario import load_scenario

        shown: dict[str, Callable[[Scenario], list[Row]]] = {
            "states": _states,
            "options": _options,
            "considerations": _considerations,
            "outcomes": _outcomes,
            "parameters": _parameters,
        }
        rows = shown[kind](load_scenario(reference, settings))
    tables.write(
        lambda: of_rows(kind, rows, _UNITS | {name: "soldiers" for name in rows[0] if name.startswith("offers to ")})
    )
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(rows)


_UNITS = {"land forces": "soldiers", "kept at home": "share", "ask": "soldiers", "share": "share"}


def _scenarios() -> list[Row]:
    from sim.scenario import load_scenario, shipped

    return [{"scenario": name, "question": load_scenario(path).question} for name, path in shipped().items()]


def _experiments() -> list[Row]:
    from sim.experiment import load_experiment, shipped_experiments
    from sim.experiment.design import count_points

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


def _states(scenario: Scenario) -> list[Row]:
    from sim.model.setup import prepare

    setup = prepare(scenario)
    offering = [
        (place, option)
        for place, option in enumerate(setup.menu.names[1:], start=1)
        if scenario.menu[option].share > 0.0
    ]
    felt = setup.characteristics
    return [
        {
            "state": state.code,
            "name": state.name,
            "lead": bool(setup.leads[i]),
            "land forces": state.land_forces,
            **{f"offers to {option}": float(setup.offers[i, place]) for place, option in offering},
            "kept at home": _known(felt.home_tie[i], 2),
            "aid, % of GDP": state.aid_pct_gdp,
            "support, %": state.peacekeeping_support_pct,
            "parliament's say": state.parliament_veto,
            **_alignment(state, scenario),
            "non-aligned": None if state.non_aligned is None else bool(state.non_aligned),
            "imputed": _imputed(state),
        }
        for i, state in enumerate(setup.states)
    ]


def _alignment(state: State, scenario: Scenario) -> Row:
    """Return how close the government is to the opponent's, nothing where there is no opponent."""
    from sim.text.words import of_case

    return {} if scenario.opponent is None else {of_case("close to Moscow", scenario): state.moscow_alignment}


def _imputed(state: State) -> list[str]:
    """Return the figures of a state of the table that were filled by a rule and are not replaced by the scenario."""
    from sim import facts

    table = facts.states().get(state.code)
    kept = [name for name in facts.FIGURES if table is not None and getattr(state, name) == getattr(table, name)]
    return [column for column in kept if facts.provenance(state.code, column).kind == "imputed"]


def _options(scenario: Scenario) -> list[Row]:
    return [
        {"option": name, **scenario.menu[name].model_dump(exclude={"raises"})} for name in scenario.option_names[1:]
    ]


def _considerations(scenario: Scenario) -> list[Row]:
    from sim.text.words import of_case
    from sim.theory.considerations import CONSIDERATIONS

    return [
        {
            "consideration": name,
            "weight": scenario.weights.get(name, 0.0),
            **{
                f"raised by {option}": scenario.menu[option].raises.get(name, 0.0)
                for option in scenario.option_names[1:]
            },
            "driver": entry.driver if isinstance(entry.driver, str) else "own",
            "about": of_case(entry.about, scenario),
        }
        for name, entry in CONSIDERATIONS.items()
    ]


def _outcomes(scenario: Scenario) -> list[Row]:
    from sim.results.outcomes import numeric_outcomes
    from sim.text.words import of_case

    return [
        {"outcome": name, "unit": outcome.unit, "about": of_case(outcome.about, scenario)}
        for name, outcome in numeric_outcomes(scenario.option_names).items()
    ]


def _parameters(scenario: Scenario) -> list[Row]:
    from sim.scenario.parameters import json_value, parameters
    from sim.text.words import of_case

    return [
        {
            "parameter": parameter.path,
            "value": json_value(parameter.value),
            "range": parameter.limits,
            "unit": parameter.unit,
            "about": of_case(parameter.about, scenario),
        }
        for parameter in parameters(scenario)
    ]


def _known(value: float, digits: int) -> float | None:
    return None if value != value else round(float(value), digits)


def _print(rows: list[Row]) -> None:
    """Print rows as a table that fits the terminal; where there is none, of 220 characters, or of as many as needed."""
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    from sim.cli.printing import print_table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        shown = [_shown(row[name]) for row in rows]
        is_number = all(isinstance(row[name], int | float | None) and not isinstance(row[name], bool) for row in rows)
        whole = is_number or name in _KEYS  # others may be wrapped between words
        words = [*name.split(), *(shown if whole else (word for text in shown for word in text.split()))]
        least = max(*map(cell_len, words), min(30, max(map(cell_len, shown))))
        table.add_column(name, justify="right" if is_number else "left", min_width=least)
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    console = Console(markup=False, highlight=False)
    least_of_all = Measurement.get(console, console.options.update(max_width=10_000), table).minimum + 3 * len(rows[0])
    print_table(table, width=max(220, least_of_all))


_KEYS = ("scenario", "experiment", "state", "name", "option", "consideration", "outcome", "parameter")


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) and abs(value) >= 100 else f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
