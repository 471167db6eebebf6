"""A run as one HTML page that contains its figures and loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim import facts
from sim.analysis.reasons import main_reasons
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots import option_styles
from sim.report.pictures import Picture, pictures
from sim.report.run import share_of, simulated, summary, with_range
from sim.report.states import state_rows
from sim.results.run import Run
from sim.results.summary import spreads, stance_chances
from sim.scenario import Scenario, load_scenario, to_yaml
from sim.scenario.differences import differences
from sim.text.heading import heading
from sim.text.state_counts import states_headline
from sim.text.words import promise
from sim.theory.considerations import CONSIDERATIONS, OFFER_NEEDS

TEMPLATE = "page.html.j2"
_ALSO_NEEDED = ("gdp_busd", "defence_budget_busd")  # for deterrence by punishment and for the peers of a state


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNumber:
    """One of the few large numbers at the top of the page."""

    number: str
    range: str  # that contains 90 % of the replicates; may be empty
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """The source of a figure about states."""

    about: str
    unit: str
    source: str
    vintage: str
    licence: str


def page_of_run(run: Run, on_progress: Callable[[int, int], object] | None = None) -> str:
    """Return a run as an HTML page, with its figures and the main reasons of every state.

    on_progress is called with the steps done and in total: a step is a replicate or a figure.
    """
    replicates = run.manifest.replicates
    done, total = 0, replicates + len(run.kinds)

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        if on_progress is not None:
            on_progress(done, total)

    reasons = main_reasons(run.setup, seed=run.manifest.seed, replicates=replicates, on_progress=advance)
    return report_page(run, standing=load_scenario("base"), figures=pictures(run, advance), reasons=reasons)


def report_page(
    run: Run,
    *,
    standing: Scenario,
    figures: Sequence[Picture],
    reasons: pd.DataFrame,
) -> str:
    """Return a run as an HTML page.

    standing: the scenario with the standing values. reasons: a row per state, from `main_reasons`.
    """
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scenario, manifest = run.scenario, run.manifest
    styles = option_styles(scenario)
    chances = stance_chances(run.tables.stances, scenario.option_names)
    return pages.get_template(TEMPLATE).render(
        scenario=scenario,
        manifest=manifest,
        simulated=simulated(run),
        heading=heading(scenario),
        headline=states_headline(chances, scenario),
        keys=_keys(run),
        summary=summary(run),
        figures=figures,
        options=list(reversed(styles.items())),
        deepest=styles[scenario.deepest],
        promise=promise(scenario.deepest, scenario),
        offers=scenario.menu[scenario.deepest].share > 0.0,
        states=state_rows(run, reasons),
        leads=any(code in scenario.leads for code in scenario.roster.asked),
        differences=differences(scenario, standing),
        standing=standing.name,
        facts=fact_sources(scenario),
        scenario_file=to_yaml(scenario),
    )


def _keys(run: Run) -> list[KeyNumber]:
    """Return the main numbers: whether the force is viable, the number of states, and the soldiers."""
    scenario = run.scenario
    deepest, headline = scenario.deepest, scenario.proposal.headline
    ask, label = scenario.menu[headline].ask, scenario.menu[headline].label
    measured = spreads(run.tables.outcomes, scenario.option_names)
    needed = f"at least the {ask:,} soldiers asked for it at the start, and a lead" if ask else "a lead"
    does = promise(deepest, scenario)
    result = [KeyNumber(number=share_of(measured["viable"]), range="", label=f"of replicates: “{label}” has {needed}")]
    for column, text in (
        (states_column(deepest), f"states would {does} under the current conditions"),
        (conditional_column(deepest), f"states would {does} if the conditions were met"),
        (personnel_column(headline), f"soldiers for “{label}”" + (f", {ask:,} asked at the start" if ask else "")),
    ):
        if column != personnel_column(headline) or scenario.menu[headline].share > 0.0:
            number, _, rest = with_range(measured[column]).partition(" (")
            result.append(KeyNumber(number=number, range=rest.removesuffix(")"), label=text))
    return result


def fact_sources(scenario: Scenario) -> list[FactSource]:
    """Return the sources of the figures about states that the scenario's considerations and offers need."""
    in_use = [entry.needs for name, entry in CONSIDERATIONS.items() if scenario.weights.get(name)]
    needed = {*OFFER_NEEDS, *_ALSO_NEEDED, *(figure for needs in in_use for figure in needs)}
    if scenario.host != facts.STANDING_HOST:  # relations to another host come from the scenario
        needed -= {*facts.columns_about("host")}
    if scenario.opponent != facts.STANDING_OPPONENT:
        needed -= {*facts.columns_about("opponent")}
    return [
        FactSource(
            about=column.about,
            unit=column.unit,
            source=column.source.partition("; read from")[0],
            vintage=column.vintage,
            licence=column.licence,
        )
        for name, column in facts.columns().items()
        if name in needed
    ]
