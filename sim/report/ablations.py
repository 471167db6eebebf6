"""What the model is without each of its parts, in words: the page, its table and its tables of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from sim.analysis.ablations import Ablated, Ablations, nearest
from sim.analysis.interval import Interval
from sim.analysis.pattern import Check, Finding
from sim.text.numbers import signed
from sim.text.words import consideration_name, listed

MARK = "<!-- Made by `willing ablations --out`; change it there. -->"
_SURE = 3  # of the parts without which the record is foreseen worse or better: how many are named


def markdown(found: Ablations, *, picture: str, table: str) -> str:
    """Return the page; picture and table are the names of the figure and of the CSV file beside it."""
    numbers = [finding.pattern.number for finding in found.whole.findings]
    links = " | ".join(_link(finding) for finding in found.whole.findings)
    lines = [
        MARK,
        "",
        "# What is each part of the model there for?",
        "",
        "Each part is left out by itself: a consideration by a weight of 0, turnover by a chance of 0, and the leads' "
        "changes of the proposal. Then all [patterns](patterns.md) are measured again, and the record of spring 2025 "
        f"is foreseen again. `willing ablations`: {found.replicates} replicates of each situation under seed "
        f"{found.seed}, on common shocks throughout. Nothing is fitted anew: the other weights were chosen with the "
        "part in view.",
        "",
        *(f"- {said}" for said in learned(found)),
        "",
        f"![Which patterns turn without each part, and by how much worse the record is foreseen]({picture})",
        "",
        "Under the number of each pattern stands the change in the reading by which its verdict is nearest to "
        "turning, in its own unit, or in the one by which it turns; then *lost* or *gained* is said. Then follow how "
        "many patterns hold, the change in firm troop states in spring 2025, and the scores of the record with the "
        "change against the whole model and its 95 % interval over states: less is better in Brier and log. All "
        "readings are in "
        f"[{table}]({table}).",
        "",
        f"| without | {links} | hold | troop states | Brier | log | AUC |",
        f"|---|{'---:|' * (len(numbers) + 5)}",
        *(_row(found, part) for part in (found.whole, *found.parts)),
        "",
        "## What each column reads",
        "",
        "| pattern | reading | whole model | has to be |",
        "|---:|---|---:|---:|",
        *(_column(finding) for finding in found.whole.findings),
    ]
    return "\n".join(lines) + "\n"


def learned(found: Ablations) -> list[str]:
    """Return what the table says, in sentences that follow from its numbers."""
    said = []
    turning = sorted(found.parts, key=lambda part: -len(found.lost(part)) - len(found.gained(part)))
    most = len(found.lost(turning[0])) + len(found.gained(turning[0]))
    if most:
        named = [part for part in turning if len(found.lost(part)) + len(found.gained(part)) == most]
        said.append(f"Most verdicts turn without {_any_of(named)}: {most} of {len(found.whole.findings)}.")
    none = [part for part in found.parts if not found.lost(part) and not found.gained(part)]
    if none:
        said.append(f"No verdict turns without {_any_of(none)}.")
    never = [
        finding.pattern.number
        for finding in found.whole.findings
        if all(part.finding(finding.pattern.number).holds is finding.holds for part in found.parts)
    ]
    for holds, word in ((True, "hold"), (False, "fail")):
        numbers = [number for number in never if found.whole.finding(number).holds is holds]
        if numbers:
            said.append(f"Whatever is left out, {_patterns(numbers)} {word}{'s' if len(numbers) == 1 else ''}.")
    best = max(found.parts, key=lambda part: part.holding)
    if best.holding > found.whole.holding:
        better = [part for part in found.parts if part.holding == best.holding]
        said.append(
            f"More patterns hold without {_any_of(better)} ({best.holding}) than with the whole model "
            f"({found.whole.holding}). That alone is no reason to leave it out: to count patterns is no fit, and the "
            f"record is foreseen {_worse(better[0].scores.worse_log)} by the log score."
        )
    significantly_worse = [part for part in found.parts if part.scores.worse_log.is_positive]
    significantly_better = [part for part in found.parts if part.scores.worse_log.is_negative]
    for named, word in ((significantly_worse, "worse"), (significantly_better, "better")):
        named = sorted(named, key=lambda part: -abs(part.scores.worse_log.mean))[:_SURE]
        if named:
            said.append(f"The record is foreseen surely {word}, by the log score, without {_any_of(named)}.")
        else:
            said.append(f"Without no part is the record foreseen surely {word}, by the log score.")
    largest = max(found.parts, key=lambda part: abs(part.scores.worse_log.mean))
    said.append(
        f"The largest difference in the log score is that of {_name(largest)}: {_worse(largest.scores.worse_log)}."
    )
    return said


def long_table(found: Ablations) -> pd.DataFrame:
    """Return a row an ablation and reading: what is measured, the change against the whole model, and the verdict."""
    rows = []
    for part in (found.whole, *found.parts):
        for finding, before in zip(part.findings, found.whole.findings, strict=True):
            for reading, was in zip(finding.readings, before.readings, strict=True):
                rows.append(
                    {
                        "without": "" if part is found.whole else part.ablation.name,
                        "pattern": finding.pattern.number,
                        "verdict": finding.verdict,
                        "reading": was.says,
                        "unit": reading.unit,
                        **{name: _rounded(getattr(reading.value, name)) for name in ("mean", "low", "high")},
                        "change": _rounded(reading.value.mean - was.value.mean),
                        "has_to_be": reading.demanded,
                        "holds": reading.holds,
                        "decides": reading.decides,
                    }
                )
    return pd.DataFrame(rows)


def answer(found: Ablations) -> list[dict[str, Any]]:
    """Return a part and what becomes of patterns and scores without it, for programs."""
    return [
        {
            "without": None if part is found.whole else part.ablation.name,
            "settings": list(part.ablation.settings),
            "patterns_that_hold": part.holding,
            "lost": list(found.lost(part)),
            "gained": list(found.gained(part)),
            "change_in_troop_states": _parts(part.troop_states),
            "brier": part.scores.brier.mean,
            "log": part.scores.log.mean,
            "auc": None if part.scores.auc != part.scores.auc else part.scores.auc,
            "change_in_brier": _parts(part.scores.worse_brier),
            "change_in_log": _parts(part.scores.worse_log),
            "patterns": {
                str(finding.pattern.number): {
                    "verdict": finding.verdict,
                    "readings": [
                        {"says": reading.says, "unit": reading.unit, "decides": reading.decides}
                        | {"holds": reading.holds, **_parts(reading.value)}
                        for reading in finding.readings
                    ],
                }
                for finding in part.findings
            },
        }
        for part in (found.whole, *found.parts)
    ]


def _row(found: Ablations, part: Ablated) -> str:
    is_whole = part is found.whole
    lost, gained = found.lost(part), found.gained(part)
    cells = []
    for before, now in zip(found.whole.findings, part.findings, strict=True):
        place = _turning(before, now)
        text = before.verdict if is_whole else before.readings[place].changed(now.readings[place])
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
    """Return the place of the reading by which the verdict turns; the one nearest to it where it does not."""
    pairs = enumerate(zip(before.readings, now.readings, strict=True))
    turned = [place for place, (was, reads) in pairs if was.decides and was.holds is not reads.holds]
    place = nearest(before)
    return turned[0] if before.holds is not now.holds and place not in turned else place


def _column(finding: Finding) -> str:
    reading: Check = finding.readings[nearest(finding)]
    return f"| {finding.pattern.number} | {reading.says} | {reading.measured} | {reading.demanded} |"


def _link(finding: Finding) -> str:
    number = finding.pattern.number
    return f"[{number}](patterns.md#pattern-{number}-{finding.verdict})"


def _change(change: Interval, digits: int) -> str:
    write = partial(signed, digits=digits)
    mean, low, high = map(write, (change.mean, change.low, change.high))
    return mean if low == mean == high else f"{mean}, {low} to {high}"


def _worse(change: Interval) -> str:
    """Return in words by how much a score is worse, and how surely."""
    sure = "surely" if change.is_positive or change.is_negative else "not told apart"
    word = "worse" if change.mean > 0.0 else "better"
    return f"{word} by {abs(change.mean):.3f} ({signed(change.low, 3)} to {signed(change.high, 3)}: {sure})"


def _patterns(numbers: Sequence[int]) -> str:
    return f"pattern{'' if len(numbers) == 1 else 's'} {listed(list(map(str, numbers)))}"


def _name(part: Ablated) -> str:
    return consideration_name(part.ablation.name)


def _any_of(parts: Sequence[Ablated]) -> str:
    return listed([_name(part) for part in parts], "or")


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _parts(value: Interval) -> dict[str, float | None]:
    return {part: None if (known := getattr(value, part)) != known else known for part in ("mean", "low", "high")}
