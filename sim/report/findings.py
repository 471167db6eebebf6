"""What the model says about the patterns, in words: for the screen and for docs/patterns.md."""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.pattern import Finding

MARK = "<!-- Made by `willing patterns --out`; change it there. -->"


def markdown(findings: Sequence[Finding], *, seed: int, picture: str) -> str:
    """Return the findings as a page; picture is the name of the figure beside it."""
    replicates = findings[0].replicates
    holding = sum(finding.holds for finding in findings)
    lines = [
        MARK,
        "",
        "# Does the model show what was reported?",
        "",
        f"{len(findings)} patterns were reported of the talks, or follow from what is known of such coalitions. They "
        "were written down before the model was run, and nothing was set so that they come out. "
        f"{holding} of them hold.",
        "",
        f"Every number is measured by `willing patterns`: {replicates} replicates of each situation under seed {seed}, "
        "on common shocks, so that differences are between like and like. In brackets the 95 % interval; points are "
        "percentage points. Where a pattern names a direction, the whole interval has to lie beyond 0; where it names "
        "a level, the mean has to reach it. Situations are those of spring 2025 (scenario `base`) but for what is "
        "named.",
        "",
        f"![The readings of all patterns, each with its interval, against what it has to be]({picture})",
        "",
        "| pattern | | verdict |",
        "|---:|---|---|",
        *(
            f"| [{each.pattern.number}](#{_anchor(each)}) | {each.pattern.claim} | {each.verdict} |"
            for each in findings
        ),
    ]
    for finding in findings:
        lines += ["", f"## {_heading(finding)}", "", finding.pattern.claim, ""]
        lines += ["| read off the model | measured | has to be | |", "|---|---:|---:|---|"]
        for reading in finding.readings:
            mark = ("yes" if reading.holds else "no") if reading.decides else "for comparison"
            lines.append(f"| {reading.says} | {reading.measured} | {reading.demanded} | {mark} |")
        if finding.pattern.remark:
            lines += ["", finding.pattern.remark]
    return "\n".join(lines) + "\n"


def _heading(finding: Finding) -> str:
    return f"Pattern {finding.pattern.number} {finding.verdict}"


def _anchor(finding: Finding) -> str:
    return _heading(finding).lower().replace(" ", "-")
