"""Whether the model shows what was reported: the verdict on each pattern, and the page that tells them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.interval import Interval
from sim.analysis.pattern import Check, Finding, Patterns, measure
from sim.analysis.pattern_catalogue import PATTERNS
from sim.plots.patterns import measures_of_patterns
from sim.report.patterns import markdown
from tests.figures import marks, strokes

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
NOT_SHOWN = {  # what docs/patterns.md says about each
    1: "backing alone is not enough while mission and ceasefire are in doubt",
    5: "two leads alone meet the ask after three cuts",
    6: "the states with strong parliaments are farther from the point of going",
    10: "exposure ties the Baltic states to home while the conditions are not met",
    11: "strain drives out of the backstop too",
    12: "momentum brings too many in the circumstances of September, held for a year",
    15: "a vague promise keeps three quarters of its cover",
    17: "the record of spring cannot tell",
}


@pytest.fixture(scope="module")
def result() -> Patterns:
    return measure(PATTERNS, seed=0, replicates=400)


@pytest.fixture(scope="module")
def findings(result: Patterns) -> tuple[Finding, ...]:
    return result.findings


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(
            pattern.number,
            marks=[pytest.mark.xfail(strict=True, reason=NOT_SHOWN[pattern.number])]
            if pattern.number in NOT_SHOWN
            else [],
        )
        for pattern in PATTERNS
    ],
)
def test_the_model_shows_pattern(number: int, findings: tuple[Finding, ...]) -> None:
    finding = next(each for each in findings if each.pattern.number == number)
    assert finding.holds, "\n".join(f"{r.says}: {r.measured}, criterion {r.demanded}" for r in finding.readings)


def test_the_page_of_patterns_is_current(result: Patterns) -> None:
    assert PAGE.read_text("utf-8") == markdown(result, picture="patterns.png"), "run `make patterns`"


def test_patterns_are_numbered_once_and_each_decides_something(findings: tuple[Finding, ...]) -> None:
    numbers = [finding.pattern.number for finding in findings]
    assert numbers == sorted(set(numbers))
    for finding in findings:
        assert any(reading.decides for reading in finding.readings), finding.pattern.number


def test_a_pattern_that_fails_says_what_was_tried(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        if not finding.holds:
            assert finding.pattern.remark, finding.pattern.number


def test_the_figure_draws_every_measure_with_its_criterion() -> None:
    """Readings by hand: one that holds, one too low, and one that has to lie between two levels."""

    def reading(mean: float, wanted: str, level: float, up_to: float = 0.0) -> Check:
        value = Interval(mean=mean, low=mean - 0.1, high=mean + 0.1)
        return Check(says="it is", value=value, unit="states", wanted=wanted, level=level, up_to=up_to)  # type: ignore[arg-type]

    readings = (
        reading(0.6, "above", 0.2),
        reading(0.25, "above", 0.2),
        reading(0.5, "between", 0.3, 0.8),
        reading(0.5, "at most", 0.4),
    )
    finding = Finding(pattern=PATTERNS[0], readings=readings, replicates=9)
    made = measures_of_patterns([finding], seed=0)
    panels = made.axes[: len(readings)]
    faces = []
    for axes, each in zip(panels, readings, strict=True):
        ((x, _, face),) = marks(axes)
        assert x == each.value.mean
        faces.append(face)
        interval = next(line for line, colour in strokes(axes) if np.ptp(line[:, 0]) > 0)
        assert interval[:, 0].tolist() == [each.value.low, each.value.high]
        (due,) = axes.patches
        left, right = due.get_x(), due.get_x() + due.get_width()
        assert (left <= each.value.mean <= right) == (each.holds or each is readings[1])
    assert faces == ["#1b4f9c", "#ffffff", "#1b4f9c", "#ffffff"]
    assert made.texts[0].get_text() == "The model reproduces 0 of 1 patterns that were reported of the talks"
