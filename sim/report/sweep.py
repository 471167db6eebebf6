"""The text and the tables of a sweep."""

from __future__ import annotations

from sim.experiment.sweep import Sweep
from sim.results.outcomes import numeric_outcomes
from sim.results.spreadsheet import MOST_ROWS, Sheet
from sim.view import Heading, Paragraph, View


def view(result: Sweep) -> View:
    """Return the question, the size of the sweep, and how many runs were simulated or are missing."""
    plan, progress = result.plan, result.progress
    size = f"{plan.points:,} points, {plan.experiment.replicates:,} replicates each"
    if progress.missing:
        text = f"{progress.runs:,} runs simulated; {progress.missing:,} of {plan.runs:,} are still missing"
    elif progress.runs:
        rate = progress.runs / progress.seconds
        text = f"{size}; {progress.runs:,} runs simulated in {progress.seconds:.1f} s ({rate:,.0f} per second)"
    else:
        text = f"Already simulated: {size}"
    return View((Heading(plan.experiment.question), Paragraph("", text)))


def sheets(result: Sweep) -> dict[str, Sheet]:
    """Return the summary by point, and the table of runs if a sheet can hold it."""
    experiment = result.experiment
    known = numeric_outcomes(experiment.bases[0].option_names)
    names = {str(name): str(name).partition(".")[0] for name in result.summary}
    units = {name: known[outcome].unit for name, outcome in names.items() if outcome in known}
    units |= {factor.name: factor.unit for factor in experiment.factors}
    tables = {"points": Sheet(table=result.summary, units=units)}
    if result.plan.runs <= MOST_ROWS:
        tables["runs"] = Sheet(table=result.runs, units=units)
    return tables
