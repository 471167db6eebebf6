"""The text and the tables of a sensitivity analysis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.analysis.sensitivity import Sensitivity
from sim.analysis.sensitivity_convergence import NARROW, NEGLIGIBLE, Convergence
from sim.analysis.sweep_view import SweepView, sweep_view
from sim.results.spreadsheet import Sheet
from sim.text.numbers import percent
from sim.text.outcome_names import OutcomeText
from sim.text.setting_names import setting_name
from sim.text.words import capitalised, listed
from sim.view import Heading, Paragraph, TableColumn, TextTable, View

NAMED = 3  # factors in the headline
_REASONS = 3  # failed points that are listed with their reasons


def view(result: Sensitivity) -> View:
    """Return the factors with the largest effects, the table of all factors, and whether it has converged."""
    experiment = result.experiment
    size = f"{result.sweep.plan.points:,} points, {experiment.replicates:,} replicates each"
    return View(
        (
            Heading(headline(result)),
            Paragraph("From", f"{experiment.name}, {size}"),
            _factors(result),
            *_notes(result),
        )
    )


def sheets(result: Sensitivity) -> dict[str, Sheet]:
    """Return the effect of each factor, and its convergence with the size of the sample."""
    sheets = {"factors": Sheet(table=result.factors.rename_axis("factor"))}
    if result.convergence is not None:
        sheets["convergence"] = Sheet(table=result.convergence.index.rename_axis("factor"))
    return sheets


def headline(result: Sensitivity) -> str:
    """Return a sentence about the factors with the largest effects, and the number of negligible ones."""
    sweep, table = _sweep(result), result.factors
    measure = sweep.as_number(result.outcome)
    names = [setting_name(str(factor), sweep.scenario, unit="").phrase for factor in table.index[:NAMED]]
    largest = float(table[result.rank].iloc[0])
    limit = NEGLIGIBLE if result.method == "sobol" else NEGLIGIBLE * largest
    negligible = int((table[result.rank] <= limit).sum())
    have = "has a negligible effect" if negligible == 1 else "have negligible effects"
    rest = f". {negligible} of {len(table)} factors {have}" if negligible else ""
    if result.method == "sobol":
        return f"{_variance_sentence(result, measure, names)}{rest}."
    first = table.iloc[0]
    value_text = measure.text if measure.is_plural else measure.text_with_unit
    if result.method == "morris":
        effect = f"{100.0 * first['mu_star']:.0f} points" if measure.is_share else value_text(first["mu_star"])
        size = f"{effect} on average over its whole range"
    else:
        size = (
            f"{measure.text(first['low'])} to {value_text(first['high'])}; baseline {measure.text(first['baseline'])}"
        )
    followed = f", followed by {listed(names[1:])}" if names[1:] else ""
    return f"{capitalised(names[0])} has the largest effect on {measure.quantity} ({size}){followed}{rest}."


def _variance_sentence(result: Sensitivity, measure: OutcomeText, names: list[str]) -> str:
    """Return a sentence about the factors with the largest total indices, and those that may be tied with the first."""
    table = result.factors
    first = table.iloc[0]
    totals = [percent(min(1.0, max(0.0, total))) for total in table["total"][:NAMED]]
    overlaps = table["total"] + table["total.reach"] >= first["total"] - first["total.reach"]
    tied = int(overlaps[:NAMED].cumprod().sum())
    start = f"{capitalised(measure.quantity)} depends most on {listed(names[:tied])}"
    if tied > 1:
        size = f"{listed(totals[:tied])} of the variance including interactions; not significantly different"
    else:
        alone = percent(min(1.0, max(0.0, first["first"])))
        size = f"{totals[0]} of the variance including interactions, {alone} alone"
    rest = [f"{name} ({total})" for name, total in zip(names[tied:], totals[tied:], strict=True)]
    return f"{start} ({size})" + (f", followed by {listed(rest)}" if rest else "")


def _factors(result: Sensitivity) -> TextTable:
    sweep = _sweep(result)
    measure = sweep.as_number(result.outcome)
    scale, unit = (100.0, "points") if measure.is_share else (1.0, measure.unit)
    in_unit = f", {unit}" if unit else ""
    heads = {
        "sobol": ["total", "±", "alone", "±"],
        "morris": [f"mu*{in_unit}", "±", "mu", "sigma"],
        "one-at-a-time": [f"swing{in_unit}", "±", "lowest", "at", "highest", "at"],
    }
    rows = []
    for factor, row in result.factors.to_dict("index").items():
        match result.method:
            case "sobol":
                cells = [f"{row[name]:z.3f}" for name in ("total", "total.reach", "first", "first.reach")]
            case "morris":
                cells = [_short(scale * row[name]) for name in ("mu_star", "mu_star.reach", "mu", "sigma")]
            case _:
                cells = [*(_short(scale * row[name]) for name in ("swing", "swing.reach")), *_ends(measure, row)]
        rows.append([setting_name(str(factor), sweep.scenario, unit="").label, *cells])
    columns = [TableColumn(head="factor", is_number=False), *(TableColumn(head=head) for head in heads[result.method])]
    return TextTable(columns=columns, rows=rows)


def _notes(result: Sensitivity) -> Iterator[Paragraph]:
    """Yield what has converged, how much may be sampling noise, and why points failed."""
    noise = result.sampling_noise_at_most
    if result.convergence is not None:
        yield Paragraph("Convergence", _convergence_text(result.convergence, result.method))
        if noise == noise:
            yield Paragraph(
                "Sampling noise",
                f"Up to {percent(noise)} of the variance is sampling noise, which shows up as spurious interaction; "
                "increase --replicates to reduce it.",
            )
    failed = result.sweep.failed.head(_REASONS)
    for point, reason in zip(failed["point"], failed["reason"], strict=True):
        yield Paragraph("Failed", f"point {point}: {reason}")


def _convergence_text(convergence: Convergence, method: str) -> str:
    text = f"{convergence.text} (widest 95% interval: {convergence.widest:.2f}; narrow: up to {NARROW:g})"
    if all(convergence.converged.values()):
        return text
    option = "--base" if method == "sobol" else "--trajectories"
    return f"{text}. For a larger sample, use {option} {2 * convergence.sizes[-1]}"


def _sweep(result: Sensitivity) -> SweepView:
    return sweep_view(result.experiment, result.sweep.summary)


def _ends(measure: OutcomeText, row: Mapping[Any, Any]) -> list[str]:
    return [measure.text(row["low"]), _level(row["low.at"]), measure.text(row["high"]), _level(row["high.at"])]


def _level(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, int | float) else str(value)


def _short(value: float) -> str:
    return f"{value:z,.0f}" if abs(value) >= 1000.0 else f"{value:z.2f}"
