"""The text, the table and the page of the patterns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.analysis.pattern import Finding, Patterns
from sim.report.pages import mark, write_page
from sim.results.spreadsheet import Sheet
from sim.view import Block, Heading, Paragraph, TableColumn, TextTable, View

COMMAND = "willing patterns"
_COLUMNS = (
    TableColumn(head="", is_number=False),
    TableColumn(head="measure", is_number=False, width=60),
    TableColumn(head="measured"),
    TableColumn(head="criterion"),
)


def view(result: Patterns) -> View:
    """Return the verdict on each pattern, with the measures that decide it."""
    return View(
        (
            Heading(
                f"{result.holding} of {len(result.findings)} patterns hold",
                f"; {result.replicates} replicates of each situation with common random numbers, seed {result.seed}. "
                "Brackets hold 95% intervals.",
            ),
            *_findings(result),
            Paragraph("", "yes, no: a measure that decides the verdict; ·: a measure for comparison."),
        )
    )


def sheets(result: Patterns) -> dict[str, Sheet]:
    """Return one row per measure of each pattern."""
    return {"readings": Sheet(table=result.to_frame())}


def write(result: Patterns, path: Path) -> None:
    """Write the page of the patterns, with its figure beside it."""
    write_page(result, path, {path.name: markdown(result, picture=path.with_suffix(".png").name)})


def markdown(result: Patterns, *, picture: str) -> str:
    """Return the page; picture is the name of the figure beside it."""
    lines = [
        mark(COMMAND),
        "",
        "# Does the model reproduce what was reported?",
        "",
        f"The {len(result.findings)} patterns below were reported of the talks, or follow from what is known about "
        "such coalitions. They were written down before the model was run, and no setting was chosen to reproduce "
        f"them. {result.holding} of them hold.",
        "",
        f"`{COMMAND}` measures every number: {result.replicates} replicates of each situation under seed "
        f"{result.seed}, with common random numbers. Brackets hold the 95 % interval; points are percentage points. "
        "Where a pattern states a direction, the whole interval must lie beyond 0; where it states a level, the mean "
        "must reach it. Situations are those of spring 2025 (scenario `base`) except for the changes named.",
        "",
        f"![The measures of all patterns, each with its interval and its criterion]({picture})",
        "",
        "| pattern | | verdict |",
        "|---:|---|---|",
        *(
            f"| [{each.pattern.number}](#{_anchor(each)}) | {each.pattern.claim} | {each.verdict} |"
            for each in result.findings
        ),
    ]
    for finding in result.findings:
        lines += ["", f"## {_heading(finding)}", "", finding.pattern.claim, ""]
        lines += ["| measure | measured | criterion | met |", "|---|---:|---:|---|"]
        for check in finding.readings:
            met = ("yes" if check.holds else "no") if check.decides else "for comparison"
            lines.append(f"| {check.says} | {check.measured} | {check.demanded} | {met} |")
        if finding.pattern.remark:
            lines += ["", finding.pattern.remark]
    return "\n".join(lines) + "\n"


def _findings(result: Patterns) -> Iterator[Block]:
    for finding in result.findings:
        rows = [
            [("yes" if check.holds else "no") if check.decides else "·", check.says, check.measured, check.demanded]
            for check in finding.readings
        ]
        yield Paragraph(f"{finding.pattern.number} {finding.verdict}", finding.pattern.claim)
        yield TextTable(columns=_COLUMNS, rows=rows)


def _heading(finding: Finding) -> str:
    return f"Pattern {finding.pattern.number} {finding.verdict}"


def _anchor(finding: Finding) -> str:
    return _heading(finding).lower().replace(" ", "-")
