"""The text, the table and the page of the ablations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sim.analysis.ablations import Ablated, Ablations, nearest
from sim.analysis.interval import Interval
from sim.analysis.pattern import Check, Finding
from sim.report.pages import mark, write_page
from sim.results.files import as_csv
from sim.results.spreadsheet import Sheet
from sim.text.numbers import counted, signed, with_interval
from sim.text.words import consideration_name, listed
from sim.view import Heading, Paragraph, TableColumn, TextTable, View

COMMAND = "willing ablations"
_MOST_NAMED = 3  # parts without which the log score is significantly worse or better


def view(result: Ablations) -> View:
    """Return the patterns and scores of the whole model and without each part, and what follows from them."""
    return View(
        (
            Heading(
                "Ablations",
                f": {counted(len(result.parts), 'part')} left out, one at a time; {result.replicates} replicates of "
                "each situation with common random numbers, seed {result.seed}",
            ),
            _table(result),
            *(Paragraph("", text) for text in conclusions(result)),
        )
    )


def sheets(result: Ablations) -> dict[str, Sheet]:
    """Return one row per part and measure."""
    return {"readings": Sheet(table=result.to_frame())}


def write(result: Ablations, path: Path) -> None:
    """Write the page of the ablations, with its figure and a table of all measures beside it."""
    picture, table = (path.with_suffix(suffix).name for suffix in (".png", ".csv"))
    text = markdown(result, picture=picture, table=table)
    write_page(result, path, {path.name: text, table: as_csv(result.to_frame())})


def markdown(result: Ablations, *, picture: str, table: str) -> str:
    """Return the page; picture and table are the names of the figure and of the CSV file beside it."""
    findings = result.whole.findings
    lines = [
        mark(COMMAND),
        "",
        "# What does each part of the model contribute?",
        "",
        "Each part is left out by itself: a consideration by a weight of 0, turnover by a probability of 0, and the "
        "revision of the proposal by the leads. All [patterns](patterns.md) are then measured again, and the model is "
        f"scored on the record of spring 2025 again. `{COMMAND}`: {result.replicates} replicates of each situation "
        f"under seed {result.seed}, with common random numbers. Nothing is fitted again: the other weights were chosen "
        "with the part included.",
        "",
        *(f"- {text}" for text in conclusions(result)),
        "",
        f"![The patterns whose verdict changes without each part, and the change in the log score]({picture})",
        "",
        "The column of each pattern holds the change in the measure whose verdict changes, or is closest to changing, "
        "in its own unit; *lost* and *gained* mark changed verdicts. The next columns hold the number of patterns that "
        "hold, the change in firm troop states in spring 2025, and the scores on the record with the change from the "
        "whole model and its 95 % interval over states. Lower Brier and log scores are better. All measures are in "
        f"[{table}]({table}).",
        "",
        f"| without | {' | '.join(map(_link, findings))} | hold | troop states | Brier | log | AUC |",
        f"|---|{'---:|' * (len(findings) + 5)}",
        *(_row(result, part) for part in (result.whole, *result.parts)),
        "",
        "## Measures shown in the table",
        "",
        "| pattern | measure | whole model | criterion |",
        "|---:|---|---:|---:|",
        *map(_measure, findings),
    ]
    return "\n".join(lines) + "\n"


def conclusions(result: Ablations) -> list[str]:
    """Return the main results as sentences that follow from the numbers."""
    changes = {id(part): len(result.lost(part)) + len(result.gained(part)) for part in result.parts}
    most = max(changes.values())
    texts = []
    if most:
        parts = [part for part in result.parts if changes[id(part)] == most]
        texts.append(f"Leaving out {_any_of(parts)} changes the most verdicts: {most} of {len(result.whole.findings)}.")
    unchanged = [part for part in result.parts if not changes[id(part)]]
    if unchanged:
        texts.append(f"Leaving out {_any_of(unchanged)} changes no verdict.")
    constant = [
        finding
        for finding in result.whole.findings
        if all(part.finding(finding.pattern.number).holds is finding.holds for part in result.parts)
    ]
    for holds, verb in ((True, "hold"), (False, "fail")):
        numbers = [finding.pattern.number for finding in constant if finding.holds is holds]
        if numbers:
            texts.append(f"{_patterns(numbers)} {verb}{'s' if len(numbers) == 1 else ''} whichever part is left out.")
    best = max(result.parts, key=lambda part: part.holding)
    if best.holding > result.whole.holding:
        better = [part for part in result.parts if part.holding == best.holding]
        texts.append(
            f"More patterns hold without {_any_of(better)} ({best.holding}) than with the whole model "
            f"({result.whole.holding}). This alone is no reason to leave it out: the number of patterns is not a "
            f"measure of fit, and the log score becomes {_difference(better[0].scores.worse_log)}."
        )
    worse = [part for part in result.parts if part.scores.worse_log.is_positive]
    better = [part for part in result.parts if part.scores.worse_log.is_negative]
    for parts, verb, adjective in ((worse, "worsens", "worse"), (better, "improves", "better")):
        named = sorted(parts, key=lambda part: -abs(part.scores.worse_log.mean))[:_MOST_NAMED]
        if named:
            texts.append(f"Without {_any_of(named)} the log score is significantly {adjective}.")
        else:
            texts.append(f"Removing no single part significantly {verb} the log score.")
    largest = max(result.parts, key=lambda part: abs(part.scores.worse_log.mean))
    texts.append(
        f"Leaving out {_name(largest)} makes the largest difference to the log score: "
        f"{_difference(largest.scores.worse_log)}."
    )
    return texts


def _table(result: Ablations) -> TextTable:
    columns = [
        TableColumn(head="without", is_number=False),
        TableColumn(head="patterns\nthat hold"),
        TableColumn(head="lost", is_number=False),
        TableColumn(head="gained", is_number=False),
        *(TableColumn(head=head) for head in ("troop states", "log score, change", "AUC")),
    ]
    rows = []
    for part in (result.whole, *result.parts):
        is_whole, change = part is result.whole, part.scores.worse_log
        rows.append(
            [
                "nothing" if is_whole else _name(part),
                f"{part.holding}",
                ", ".join(map(str, result.lost(part))),
                ", ".join(map(str, result.gained(part))),
                "" if is_whole else signed(part.troop_states.mean),
                f"{part.scores.log.mean:.3f}" if is_whole else with_interval(change, partial(signed, digits=3)),
                f"{part.scores.auc:.2f}",
            ]
        )
    return TextTable(columns=columns, rows=rows)


def _row(result: Ablations, part: Ablated) -> str:
    is_whole = part is result.whole
    lost, gained = result.lost(part), result.gained(part)
    cells = []
    for before, now in zip(result.whole.findings, part.findings, strict=True):
        index = _turning(before, now)
        text = before.verdict if is_whole else before.readings[index].changed(now.readings[index])
        number = before.pattern.number
        turned = "lost" if number in lost else "gained" if number in gained else ""
        cells.append(f"**{text} {turned}**" if turned else text)
    scores = part.scores
    troops = "" if is_whole else _change(part.troop_states, 2)
    brier = f"{scores.brier.mean:.3f}" + ("" if is_whole else f" ({_change(scores.worse_brier, 3)})")
    log = f"{scores.log.mean:.3f}" + ("" if is_whole else f" ({_change(scores.worse_log, 3)})")
    name = "nothing" if is_whole else _name(part)
    return f"| {name} | {' | '.join(cells)} | {part.holding} | {troops} | {brier} | {log} | {scores.auc:.2f} |"


def _turning(before: Finding, now: Finding) -> int:
    """Return the index of the measure whose verdict changes; of the one closest to changing if none does."""
    pairs = enumerate(zip(before.readings, now.readings, strict=True))
    changed = [index for index, (was, reads) in pairs if was.decides and was.holds is not reads.holds]
    index = nearest(before)
    return changed[0] if before.holds is not now.holds and index not in changed else index


def _measure(finding: Finding) -> str:
    reading: Check = finding.readings[nearest(finding)]
    return f"| {finding.pattern.number} | {reading.says} | {reading.measured} | {reading.demanded} |"


def _link(finding: Finding) -> str:
    number = finding.pattern.number
    return f"[{number}](patterns.md#pattern-{number}-{finding.verdict})"


def _change(change: Interval, digits: int) -> str:
    write = partial(signed, digits=digits)
    mean, low, high = map(write, (change.mean, change.low, change.high))
    return mean if low == mean == high else f"{mean}, {low} to {high}"


def _difference(change: Interval) -> str:
    """Return by how much a score is worse or better, with the interval and whether it excludes 0."""
    significant = "significant" if change.is_positive or change.is_negative else "not significant"
    word = "worse" if change.mean > 0.0 else "better"
    return f"{word} by {abs(change.mean):.3f} ({signed(change.low, 3)} to {signed(change.high, 3)}: {significant})"


def _patterns(numbers: Sequence[int]) -> str:
    return f"Pattern{'' if len(numbers) == 1 else 's'} {listed(list(map(str, numbers)))}"


def _name(part: Ablated) -> str:
    return consideration_name(part.ablation.name)


def _any_of(parts: Sequence[Ablated]) -> str:
    return listed([_name(part) for part in parts], "or")
