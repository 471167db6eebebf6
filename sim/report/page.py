"""A run as one page that can be mailed: nothing in it is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim import facts
from sim.analysis.reasons import main_reasons
from sim.model.columns import conditional_column, personnel_column, states_column
from sim.plots import map_title, option_styles
from sim.report.pictures import Picture, pictures
from sim.report.run import share_of, simulated, summary, with_range
from sim.report.states import state_rows
from sim.results.run import Run
from sim.results.summary import spreads, stance_chances
from sim.scenario import Scenario, load_scenario, to_yaml
from sim.scenario.differences import differences
from sim.text.heading import heading
from sim.text.words import promise
from sim.theory.considerations import CONSIDERATIONS, OFFER_NEEDS

TEMPLATE = "page.html.j2"
_ALSO_NEEDED = ("gdp_busd", "defence_budget_busd")  # for deterrence by punishment, and for who is looked to


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One of the few numbers that stand large on top."""

    number: str
    range: str  # that holds 90 % of the replicates; empty where there is none
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """Where a figure about states comes from."""

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

    standing: the scenario whose values count as standing. reasons: as report.states.state_rows takes them.
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
        played=simulated(run),
        heading=heading(scenario),
        headline=map_title(chances, scenario),
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
        whole=to_yaml(scenario),
    )


def _keys(run: Run) -> list[Key]:
    """Return the numbers that answer the question first: viable or not, who, and how many."""
    scenario = run.scenario
    deepest, headline = scenario.deepest, scenario.proposal.headline
    ask, label = scenario.menu[headline].ask, scenario.menu[headline].label
    measured = spreads(run.tables.outcomes, scenario.option_names)
    wanted = f"at least the {ask:,} soldiers asked for it at the start, a lead's among them" if ask else "a lead in it"
    does = promise(deepest, scenario)
    found = [Key(number=share_of(measured["viable"]), range="", says=f"of replicates: “{label}” has {wanted}")]
    for column, says in (
        (states_column(deepest), f"states would {does} as things stand"),
        (conditional_column(deepest), f"states would {does} if the conditions were met"),
        (personnel_column(headline), f"soldiers for “{label}”" + (f", {ask:,} asked at the start" if ask else "")),
    ):
        if column != personnel_column(headline) or scenario.menu[headline].share > 0.0:
            number, _, rest = with_range(measured[column]).partition(" (")
            found.append(Key(number=number, range=rest.removesuffix(")"), says=says))
    return found


def fact_sources(scenario: Scenario) -> list[FactSource]:
    """Return where the figures about states come from that the scenario's considerations and offers need."""
    weighed = [entry.needs for name, entry in CONSIDERATIONS.items() if scenario.weights.get(name)]
    needed = {*OFFER_NEEDS, *_ALSO_NEEDED, *(figure for needs in weighed for figure in needs)}
    if scenario.host != facts.STANDING_HOST:  # the scenario itself gives relations to another one
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
