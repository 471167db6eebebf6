"""Ablations: the page shows what is measured, and its conclusions follow from the numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from sim.analysis.ablations import WHOLE, Ablation, Ablations, ablate, ablations, nearest
from sim.analysis.interval import Interval
from sim.analysis.pattern import Check, Finding
from sim.analysis.pattern_catalogue import PATTERNS
from sim.plots.ablations import parts_and_patterns
from sim.plots.style import tinted
from sim.report.ablations import conclusions, markdown
from tests.figures import marks, strokes

PAGE = Path(__file__).parents[2] / "docs" / "ablations.md"


@pytest.fixture(scope="module")
def found() -> Ablations:
    return ablate(
        PATTERNS, [part for part in ablations() if part.name == "momentum"], seed=0, replicates=400, workers=2
    )


def test_the_page_of_ablations_is_current(found: Ablations) -> None:
    page = PAGE.read_text("utf-8")
    for line in markdown(found, picture="ablations.png", table="ablations.csv").splitlines():
        if line.startswith("| "):
            assert line in page, "run `make ablations`"


@pytest.mark.proof
def test_the_whole_page_of_ablations_is_current() -> None:
    made = ablate(PATTERNS, ablations(), seed=0, replicates=400, workers=2)
    assert PAGE.read_text("utf-8") == markdown(made, picture="ablations.png", table="ablations.csv")


def test_without_momentum_no_state_follows_others(found: Ablations) -> None:
    assert 9 in found.lost(found.parts[0])
    assert found.lost(found.whole) == found.gained(found.whole) == ()


def test_without_revisions_the_proposal_is_not_scaled_back() -> None:
    cold = [pattern for pattern in PATTERNS if pattern.number == 2]
    fixed = [part for part in ablations() if part.name == "proposal revision"]
    found = ablate(cold, fixed, seed=0, replicates=40)
    assert found.lost(found.parts[0]) == (2,)
    assert found.parts[0].scores.worse_log.mean == 0.0  # the record ends before the first change of the proposal


def test_leaving_nothing_out_changes_nothing() -> None:
    few = [pattern for pattern in PATTERNS if pattern.number in (7, 9)]
    found = ablate(few, [Ablation(name="nothing", settings=())], seed=3, replicates=8)
    (part,) = found.parts
    assert part.findings == found.whole.findings
    assert part.troop_states == part.scores.worse_brier == Interval(mean=0.0, low=0.0, high=0.0)


def test_every_part_is_a_setting_that_is_in_force_otherwise() -> None:
    names = [part.name for part in ablations()]
    assert len(names) == len(set(names)) == 23
    assert {"momentum", "security", "momentum and security", "turnover", "proposal revision", "constant"} <= set(names)


def test_the_conclusions_follow_from_the_numbers(found: Ablations) -> None:
    text = " ".join(conclusions(found))
    (momentum,) = found.parts
    assert f"{len(found.lost(momentum)) + len(found.gained(momentum))} of 19" in text
    better = replace(momentum, scores=replace(momentum.scores, worse_log=Interval(mean=-0.2, low=-0.3, high=-0.1)))
    text = " ".join(conclusions(replace(found, parts=(better,))))
    assert "Without momentum among peers the log score is significantly better." in text
    assert "better by 0.200 (−0.300 to −0.100: significant)" in text


def test_the_table_and_the_dictionary_have_every_measure(found: Ablations) -> None:
    table = found.to_frame()
    readings = sum(len(finding.readings) for finding in found.whole.findings)
    assert len(table) == 2 * readings
    assert (table.loc[table["without"] == "", "change"].dropna() == 0.0).all()
    first, momentum = found.to_dict()["parts"]
    assert first["without"] is None
    assert momentum["settings"] == ["weights.momentum=0"]
    assert 9 in momentum["lost"]


@pytest.mark.parametrize(
    ("wanted", "level", "up_to", "means", "place"),
    [
        ("above", 0.0, 0.0, (0.5, 0.3, 0.9), 1),
        ("at most", 0.6, 0.0, (0.5, 0.3, 0.9), 2),
        ("between", 0.2, 0.8, (0.5, 0.3, 0.75), 2),
    ],
)
def test_the_reading_nearest_to_turning(
    wanted: str, level: float, up_to: float, means: tuple[float, ...], place: int
) -> None:
    readings = tuple(
        Check(
            says=f"{mean}",
            value=Interval(mean=mean, low=mean - 0.1, high=mean + 0.1),
            unit="states",
            wanted=wanted,  # type: ignore[arg-type]
            level=level,
            up_to=up_to,
        )
        for mean in means
    )
    assert nearest(Finding(pattern=PATTERNS[0], readings=readings, replicates=2)) == place


def test_the_figure_has_a_row_a_part_and_marks_what_turns(found: Ablations) -> None:
    made = parts_and_patterns(found)
    texts = [text.get_text() for text in (*made.texts, *(t for axes in made.axes for t in axes.texts))]
    assert "The whole model" in texts
    assert "Momentum among peers" in texts
    turned = sum(len(found.lost(part)) + len(found.gained(part)) for part in found.parts)
    assert sum(text in ("–", "+") for text in texts) == turned + 2  # and the key
    assert np.isfinite(made.get_size_inches()).all()
    assert found.whole.ablation.name == WHOLE


def test_cells_and_scores_of_the_figure_are_the_verdicts_and_the_changes(found: Ablations) -> None:
    made = parts_and_patterns(found)
    cells, scores = made.axes[:2]
    rows = (found.whole, *found.parts)
    filled = [to_hex(patch.get_facecolor()) for patch in cells.patches]
    numbers = [finding.pattern.number for finding in found.whole.findings]
    wanted = []
    for part in rows:
        for was, now in zip(found.whole.findings, part.findings, strict=True):
            turned = {(True, False): "#c4512d", (False, True): "#1b4f9c"}.get((was.holds, now.holds))
            wanted.append(turned or (tinted("#1B4F9C", 0.18) if now.holds else "#f1f1ef"))
    assert filled == wanted
    assert len(filled) == len(rows) * len(numbers)
    assert {"#c4512d"} <= set(filled)
    for part, (x, _, _), (line, _) in zip(found.parts, marks(scores), strokes(scores)[1:], strict=True):
        change = part.scores.worse_log
        assert x == change.mean == pytest.approx(part.scores.log.mean - found.whole.scores.log.mean)
        assert line[:, 0].tolist() == [change.low, change.high]
    holding = [text.get_text() for text in made.texts]
    assert {str(part.holding) for part in rows} <= set(holding)
