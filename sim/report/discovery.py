"""The text and the tables of scenario discovery."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.box import SIGNIFICANT, BoxStats
from sim.analysis.discover import DiscoveredBox, Discovery
from sim.analysis.discovery_text import (
    factor_label,
    headline,
    limit_text,
    quasi_p_text,
    varied_range_text,
    view_of,
)
from sim.analysis.interval import Interval
from sim.results.spreadsheet import Sheet
from sim.text.numbers import percent
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View


def view(result: Discovery) -> View:
    """Return the condition, and of each box a sentence, its limits, and its coverage and density."""
    blocks: list[Block] = [_heading(result, result.boxes[0] if result.boxes else None), _condition(result)]
    for index, discovered in enumerate(result.boxes):
        if index:
            blocks.append(_heading(result, discovered))
        blocks += [*_limits(result, discovered), _shares(discovered)]
    return View((*blocks, *_notes(result)))


def sheets(result: Discovery) -> dict[str, Sheet]:
    """Return the limits of the boxes, and the peeling trajectories."""
    return {"limits": Sheet(table=result.to_frame()), "trajectory": Sheet(table=result.trajectory)}


def _heading(result: Discovery, discovered: DiscoveredBox | None) -> Heading:
    return Heading(f"{headline(result, discovered)}.")


def _condition(result: Discovery) -> Paragraph:
    """Return where the conditions are met, and how the points are divided."""
    met = int(result.met.sum())
    left_out = f"; {result.left_out:,} more points failed or have unknown outcomes" if result.left_out else ""
    return Paragraph(
        "Condition",
        f"{' and '.join(map(str, result.conditions))}, met at {met:,} of the {len(result.met):,} points of "
        f"{result.experiment.name} ({percent(result.base_rate)}); {int(result.points['runs'].sum()):,} runs, seed "
        f"{result.experiment.seed}{left_out}. The limits were found on one half of the points and tested on the other "
        f"(division by seed {result.seed})",
    )


def _limits(result: Discovery, discovered: DiscoveredBox) -> Iterator[Block]:
    """Yield the limits of a box, and a note if some may be due to chance."""
    sweep = view_of(result)
    rows = []
    for factor in discovered.box.factors:
        limits = discovered.box.of(factor)
        quasi_ps = [
            quasi_p_text(discovered.quasi_p[limit]) + (" ?" if discovered.quasi_p[limit] > SIGNIFICANT else "")
            for limit in limits
        ]
        texts = factor_label(sweep, factor), varied_range_text(sweep, factor), limit_text(sweep, limits)
        rows.append([*texts, ", ".join(quasi_ps)])
    heads = [TableColumn(head=head, is_number=False) for head in ("factor", "varied", "limit")]
    yield TextTable(columns=[*heads, TableColumn(head="quasi-p")], rows=rows)
    if any(value > SIGNIFICANT for value in discovered.quasi_p.values()):
        yield Paragraph("", "?: may be due to chance; the limit alone does not pass the test")


def _shares(discovered: DiscoveredBox) -> TextTable:
    heads = ("points", "cases", "in the box", "coverage", "density", "base rate", "quasi-p")
    columns = [TableColumn(head="half", is_number=False), *(TableColumn(head=head) for head in heads)]
    test, search = discovered.test, discovered.search
    rows = [[*_row("test", test), quasi_p_text(test.quasi_p)], [*_row("search", search), ""]]
    return TextTable(columns=columns, rows=rows)


def _row(name: str, stats: BoxStats) -> list[str]:
    counts = [f"{number:,}" for number in (stats.points, stats.cases, stats.inside)]
    return [
        name,
        *counts,
        _share_text(stats.coverage_interval),
        _share_text(stats.density_interval),
        percent(stats.base_rate),
    ]


def _share_text(share: Interval | None) -> str:
    return "" if share is None else f"{percent(share.mean)} ({percent(share.low)} to {percent(share.high)})"


def _notes(result: Discovery) -> Iterator[Paragraph]:
    """Yield the shares of all boxes together, whether boxes are missing, and an explanation of the terms."""
    if len(result.boxes) > 1:
        together = result.together
        yield Paragraph(
            "Together",
            f"the {len(result.boxes)} boxes contain {percent(together.coverage)} of all cases, with a density of "
            f"{percent(together.density)}",
        )
    if len(result.boxes) < result.most_boxes:
        yield Paragraph("No further box", "no other box passes the test, or too few points are left outside")
    rule = (
        "the box closest to one that contains all cases and nothing else"
        if result.least_density is None
        else f"the box with the highest coverage among those with a density of at least {result.least_density:g}"
    )
    outside = " For a further box, only the points outside the earlier boxes count." if len(result.boxes) > 1 else ""
    yield Paragraph(
        "Terms",
        "A case is a point that meets the condition. Coverage is the share of cases that lie in the box, density the "
        "share of cases among the points in the box, each with its 95% interval. Quasi-p is the probability of at "
        "least as many cases by chance, without the limit or without the box. Insignificant limits were removed; of "
        f"all boxes of the search this is {rule}.{outside} Shares of points are not probabilities",
    )
