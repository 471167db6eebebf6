"""Discovery finds a box that is there, owns up to it where there is none, and counts what it says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy.stats import binomtest

from sim.analysis.box import Box, BoxStats, Limit, box_stats, log_quasi_p, prune
from sim.analysis.condition import Condition, measured_numbers, read_condition
from sim.analysis.discover import Discovery, discover
from sim.analysis.discovery_text import in_a_sentence, limits_said, quasi_p
from sim.analysis.prim import peel, prim
from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table
from sim.plots.discovery import discovered_box
from tests.figures import bars, marks, points, texts

type Where = Callable[[pd.DataFrame], np.ndarray | pd.Series]

BACKING, CLARITY, MANDATE, ASK = (
    "environment.us_backing",
    "environment.clarity",
    "environment.mandate",
    "menu.troops.ask",
)
VARY = f"""\
  {BACKING}: {{from: 0, to: 1}}
  {CLARITY}: {{from: 0, to: 1}}
  {MANDATE}: {{from: 0, to: 1}}
  environment.sincerity: {{from: 0, to: 1}}
  {ASK}: {{from: 1000, to: 100000, scale: log}}
  activation: [simultaneous, leads_first, random_sequence]
"""
GRAIN = 0.05  # of the points in the box, which are peeled off at a time
NOT_VIABLE = Condition(outcome="viable", sign="<", value=0.5)


def experiment_of(folder: Path, design: str = "{sobol: {points: 1024}}", vary: str = VARY) -> Experiment:
    path = folder / "boxed.yaml"
    path.write_text(
        f"question: Where is it?\nscenario: base\nvary:\n{vary}design: {design}\nreplicates: 10\n"
        "outcomes: [viable, headline, troop_states]\n"
    )
    return load_experiment(path)


def summary_of(experiment: Experiment, where: Where) -> pd.DataFrame:
    """Return the points of an experiment, viable in none of ten replicates where something is the case, else in all."""
    points = design_table(experiment).reset_index()
    viable = np.where(np.asarray(where(points), dtype=bool), 0.0, 1.0)
    return points.assign(runs=10, viable=viable, troop_states=10.0 * viable, **{"headline.troops": viable})


def in_the_box(points: pd.DataFrame) -> pd.Series:
    return (points[BACKING] < 0.4) & (points[CLARITY] > 0.55)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return experiment_of(tmp_path_factory.mktemp("boxed"))


@pytest.fixture(scope="module")
def found(experiment: Experiment) -> Discovery:
    return discover(experiment, summary_of(experiment, in_the_box), [NOT_VIABLE], seed=1)


def test_a_box_that_is_there_is_found_within_the_grain_of_a_peel(found: Discovery) -> None:
    (one,) = found.boxes
    assert set(one.box.factors) == {BACKING, CLARITY}
    assert [limit.high for limit in one.box.of(BACKING)] == pytest.approx([0.4], abs=GRAIN)
    assert [limit.low for limit in one.box.of(CLARITY)] == pytest.approx([0.55], abs=GRAIN)
    assert one.stands
    assert one.there.coverage > 0.85
    assert one.there.density > 0.9
    assert all(value < 1e-15 for value in one.quasi_p.values())


def test_limits_between_and_on_words_and_on_a_log_scale_are_found(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return points[MANDATE].between(0.3, 0.8) & (points["activation"] != "random_sequence") & (points[ASK] > 10_000)

    found = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)
    box = found.boxes[0].box
    (words,) = box.of("activation")
    assert set(words.levels) == {"simultaneous", "leads_first"}
    low, high = box.of(MANDATE)
    assert (low.low, high.high) == pytest.approx((0.3, 0.8), abs=GRAIN)
    (ask,) = box.of(ASK)
    assert math.log10(ask.low) == pytest.approx(4.0, abs=2 * GRAIN)
    said = limits_said(found, found.boxes[0])
    assert "the order of declaring is simultaneous or leads first" in said
    assert "the international mandate is between 0." in said
    assert "soldiers" in said
    discovered_box(found, 0)


def test_half_of_the_points_finds_and_the_other_half_tests(found: Discovery) -> None:
    (one,) = found.boxes
    assert (found.tests.sum(), (~found.tests).sum()) == (512, 512)
    for half, counted in ((found.tests, one.there), (~found.tests, one.here)):
        points, met = found.points[half], found.met[half]
        inside = (points[BACKING] <= one.box.of(BACKING)[0].high) & (points[CLARITY] >= one.box.of(CLARITY)[0].low)
        assert counted == BoxStats(
            points=512, cases=int(met.sum()), inside=int(inside.sum()), hits=int((inside & met).sum())
        )
    assert one.trail[0].coverage == 1.0
    assert one.trail[0].density == one.trail[0].base_rate
    smallest = min(each.inside for each in one.trail)
    assert smallest == pytest.approx(0.05 * 512, rel=0.2) or one.trail[-1].density == 1.0


def boxes_in_noise(experiment: Experiment, seeds: range) -> int:
    """Return how many boxes stand the test among cases that were drawn by lot; all others have to own up to it."""
    stood = 0
    for seed in seeds:
        drawn = np.random.default_rng(seed + 1000).random(1024) < 0.4
        found = discover(experiment, summary_of(experiment, lambda points, drawn=drawn: drawn), [NOT_VIABLE], seed=seed)
        if found.boxes and found.boxes[0].stands:
            stood += 1
            continue
        said = in_a_sentence(found, found.boxes[0] if found.boxes else None)
        assert said.startswith("No limits ")
        assert "there is no viable force" in said
    return stood


def test_a_box_in_noise_is_owned_up_to(experiment: Experiment) -> None:
    assert boxes_in_noise(experiment, range(4)) <= 1  # of 4 fair tests at 5 % more than 1 does in 1.4 %


@pytest.mark.proof
def test_of_boxes_in_noise_no_more_stand_the_test_than_a_fair_one_lets(experiment: Experiment) -> None:
    assert boxes_in_noise(experiment, range(100, 200)) <= 11  # 5 expected; more than 11 in 0.4 %


def test_which_scenario_is_played_may_be_the_limit(tmp_path: Path) -> None:
    vary = f"  {BACKING}: {{from: 0, to: 1, steps: 30}}\n  {CLARITY}: {{from: 0, to: 1, steps: 4}}\n"
    experiment = experiment_of(tmp_path, "grid", vary)
    (tmp_path / "boxed.yaml").write_text(
        (tmp_path / "boxed.yaml").read_text().replace("scenario: base", "scenario: [base, us-opposes]")
    )
    experiment = load_experiment(tmp_path / "boxed.yaml")
    summary = summary_of(experiment, lambda points: points["scenario"] == "us-opposes")
    found = discover(experiment, summary, [NOT_VIABLE], seed=0)
    assert found.boxes[0].box == Box((Limit(factor="scenario", levels=("us-opposes",)),))
    assert in_a_sentence(found, found.boxes[0]).startswith("Where the scenario is us-opposes, ")


def test_noise_about_a_box_lowers_density_and_leaves_the_limits(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return np.random.default_rng(3).random(len(points)) < np.where(in_the_box(points), 0.85, 0.1)

    found = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)
    (one,) = found.boxes
    assert {BACKING, CLARITY} <= set(one.box.factors)
    assert one.box.of(BACKING)[0].high == pytest.approx(0.4, abs=2 * GRAIN)
    assert 0.7 < one.there.density < 0.95
    assert one.there.density - one.there.base_rate > 0.3


def test_two_boxes_are_found_one_after_the_other_and_hold_together_what_each_holds(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return (points[BACKING] < 0.3) | ((points[BACKING] > 0.5) & (points[MANDATE] > 0.8))

    found = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0, boxes=3)
    assert len(found.boxes) >= 2
    first, second = found.boxes[:2]
    assert first.box.factors[0] == BACKING
    assert MANDATE in second.box.factors
    left = found.outside(1) & found.tests
    assert second.there.points == left.sum() == 512 - first.there.inside
    assert second.there.cases == found.met[left].sum()
    together = found.together
    assert together.hits == sum(one.there.hits for one in found.boxes)
    assert together.coverage == pytest.approx(sum(found.coverage(one) for one in found.boxes))
    assert together.coverage > 0.9
    assert in_a_sentence(found, second).startswith("Outside of that, where ")


def test_a_density_that_is_asked_for_is_kept_with_as_much_coverage_as_there_is(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return points[BACKING] + points[CLARITY] < 0.8

    summary = summary_of(experiment, where)
    wide, narrow = (discover(experiment, summary, [NOT_VIABLE], seed=0, least_density=each) for each in (0.5, 0.95))
    assert wide.boxes[0].here.density >= 0.5
    assert narrow.boxes[0].here.density >= 0.95
    assert wide.boxes[0].here.coverage > narrow.boxes[0].here.coverage
    half_full = in_the_box(summary) & (np.random.default_rng(9).random(1024) < 0.5)
    with pytest.raises(ModelError, match=r"no box has a density of 0\.99; the densest found has .* with --density"):
        discover(experiment, summary_of(experiment, lambda _: half_full), [NOT_VIABLE], seed=0, least_density=0.99)


def test_quasi_p_is_a_binomial_test_that_can_be_done_by_hand() -> None:
    points = pd.DataFrame({"x": np.arange(8.0)})
    met = np.array([True, True, True, False, True, False, False, False])
    box = Box((Limit(factor="x", high=3.0),))
    held = box_stats(box, points, met)
    assert (held.coverage, held.density, held.base_rate) == (0.75, 0.75, 0.5)
    assert held.quasi_p == pytest.approx(5 / 16)  # three or four heads of four fair coins
    assert math.exp(log_quasi_p(box, points, met)[box.limits[0]]) == pytest.approx(5 / 16)
    assert held.distance == pytest.approx(math.hypot(0.25, 0.5))
    assert box_stats(Box(), points, met).distance == 1.0
    assert BoxStats(points=8, cases=4, inside=0, hits=0).quasi_p == 1.0


def test_quasi_p_is_that_of_the_workbench(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    points = summary[[factor.name for factor in experiment.factors]].drop(columns=["activation", ASK])
    met = ((summary["viable"] < 0.5) ^ (np.random.default_rng(0).random(1024) < 0.2)).to_numpy()
    theirs = prim().Prim(points, met.astype(int)).find_box()
    ours = peel(points, met)
    assert len(ours) == len(theirs.box_lims)
    for step in range(1, len(ours), 6):
        held = box_stats(ours[step], points, met)
        row = theirs.peeling_trajectory.iloc[step]
        assert (held.coverage, held.density) == pytest.approx((row["coverage"], row["density"]))
        for limit, log in log_quasi_p(ours[step], points, met).items():
            side = 0 if math.isinf(limit.high) else 1
            assert math.exp(log) == pytest.approx(theirs.p_values[step][limit.factor][side], rel=1e-6, abs=1e-300)


def test_limits_that_do_not_matter_are_taken_off() -> None:
    generator = np.random.default_rng(0)
    points = pd.DataFrame(generator.random((600, 3)), columns=["x", "y", "z"])
    met = (points["x"] < 0.5).to_numpy()
    useful = Limit(factor="x", high=0.5)
    box = Box((useful, Limit(factor="y", high=0.9), Limit(factor="z", low=0.1)))
    assert prune(box, points, met) == Box((useful,))
    wider = box.without(useful).holds(points)
    expected = binomtest(
        int(box.holds(points).sum()), int(box.holds(points).sum()), float(met[wider].mean()), "greater"
    )
    assert math.exp(log_quasi_p(box, points, met)[useful]) == pytest.approx(expected.pvalue)


def test_points_that_failed_or_are_not_known_are_left_out(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary.loc[:9, ["runs", "viable"]] = [0, np.nan]
    summary.loc[10, "viable"] = np.nan
    found = discover(experiment, summary, [NOT_VIABLE], seed=0)
    assert (found.left_out, len(found.points)) == (11, 1013)


def test_an_option_that_is_not_on_a_menu_is_the_headline_of_nobody(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary["headline.troops"] = summary["headline.troops"].where(summary["headline.troops"] > 0.5)
    condition = read_condition("headline.troops < 0.5", experiment)
    found = discover(experiment, summary, [condition], seed=0)
    assert found.left_out == 0
    assert in_a_sentence(found, found.boxes[0]).count(
        "the probability that the headline is troops in Ukraine is below 50%"
    )


def test_of_several_conditions_all_have_to_hold(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary["troop_states"] = 20 * summary[MANDATE]
    few = Condition(outcome="troop_states", sign="<=", value=10)
    found = discover(experiment, summary, [NOT_VIABLE, few], seed=0)
    assert found.met.tolist() == (in_the_box(summary) & (summary[MANDATE] <= 0.5)).tolist()
    assert set(found.boxes[0].box.factors) == {BACKING, CLARITY, MANDATE}
    said = in_a_sentence(found, found.boxes[0])
    assert "there is no viable force and states that would send troops are at most 10 at" in said


@pytest.mark.parametrize("design", ["{saltelli: {base: 64}}", "{morris: {trajectories: 64}}"])
def test_points_made_of_one_another_go_to_the_same_half(design: str, tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, design)
    together = {"saltelli": 8, "morris": 7}[design[1:].partition(":")[0]]
    found = discover(experiment, summary_of(experiment, in_the_box), [NOT_VIABLE], seed=0)
    blocks = found.tests.reshape(64, together)
    assert (blocks.all(axis=1) | ~blocks.any(axis=1)).all()
    assert blocks[:, 0].sum() == 32


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (lambda _: np.zeros(1024), "'viable < 0.5' holds at none of 1,024 points"),
        (lambda _: np.ones(1024), "'viable < 0.5' holds at every one of 1,024 points"),
        (lambda points: points["point"] < 12, "holds at 12 of 1,024 points, and each half of the points needs 10"),
    ],
)
def test_a_condition_that_tells_no_points_apart_is_told(experiment: Experiment, where: Where, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)


def test_a_library_that_is_missing_is_told_with_what_to_type(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ema_workbench.analysis", None)
    with pytest.raises(ModelError, match=r"needs the library ema_workbench.*pip install 'willing\[analysis\]'"):
        discover(experiment, summary_of(experiment, in_the_box), [NOT_VIABLE], seed=0)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("viable < 0.5", Condition(outcome="viable", sign="<", value=0.5)),
        (" viable<=50% ", Condition(outcome="viable", sign="<=", value=0.5)),
        ("troop_states ≥ 10", Condition(outcome="troop_states", sign=">=", value=10.0)),
        ("troop_states>-1,5", Condition(outcome="troop_states", sign=">", value=-1.5)),
        ("headline.troops ≤ .25", Condition(outcome="headline.troops", sign="<=", value=0.25)),
    ],
)
def test_a_condition_is_read_as_it_is_meant(text: str, condition: Condition, experiment: Experiment) -> None:
    assert read_condition(text, experiment) == condition
    assert read_condition(str(condition), experiment) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("viable", "no condition; write it as OUTCOME < VALUE"),
        ("viable = 0.5", "no condition"),
        ("viable << 0.5", "no condition"),
        ("viable < half", "'half' is no number"),
        ("viabel < 0.5", "no outcome 'viabel' was measured in boxed; did you mean 'viable'?"),
        ("deterrence < 0.5", "no outcome 'deterrence' was measured in boxed; measured were viable, headline"),
        ("headline < 1", "write the share of one, such as 'headline.troops < 0.5'"),
        (f"{CLARITY} < 1", "is varied in boxed, not measured"),
    ],
)
def test_what_is_no_condition_is_told(text: str, said: str, experiment: Experiment) -> None:
    with pytest.raises(ModelError) as told:
        read_condition(text, experiment)
    assert said in str(told.value)
    assert "--when" in str(told.value)


@pytest.mark.parametrize(
    ("sign", "met"), [("<", [True, False, False]), ("<=", [True, True, False]), (">", [False, False, True]),
                      (">=", [False, True, True])],
)  # fmt: skip
def test_a_condition_is_met_as_its_sign_says(sign: str, met: list[bool]) -> None:
    condition = Condition(outcome="viable", sign=sign, value=0.5)
    assert condition.met(np.array([0.4, 0.5, 0.6])).tolist() == met
    assert not condition.met(np.array([np.nan])).any()


def test_a_condition_may_be_about_every_number_and_the_share_of_every_option(experiment: Experiment) -> None:
    options = ("abstain", "guarantee", "backstop", "troops")
    assert measured_numbers(experiment) == ("viable", *(f"headline.{each}" for each in options), "troop_states")


def test_the_figure_says_the_sentence_and_the_limits(found: Discovery) -> None:
    made = discovered_box(found, 0)
    written = [" ".join(text.get_text().split()) for text in texts(made)]
    assert in_a_sentence(found, found.boxes[0]) in written
    assert in_a_sentence(found, found.boxes[0]).startswith("Where ")
    assert {"US backing (0 to 1)", "Clarity of the mission (0 to 1)", "No viable force", "all points"} <= set(written)
    assert any(text.startswith("below 0.") for text in written)


def test_a_box_of_one_factor_is_drawn_against_the_outcome(experiment: Experiment) -> None:
    summary = summary_of(experiment, lambda points: points["activation"] == "leads_first")
    found = discover(experiment, summary, [Condition(outcome="troop_states", sign="<", value=5)], seed=0)
    assert found.boxes[0].box == Box((Limit(factor="activation", levels=("leads_first",)),))
    written = [" ".join(text.get_text().split()) for text in texts(discovered_box(found, 0))]
    assert "States that would send troops" in written
    assert "leads first" in written


def test_a_quasi_p_has_the_digits_that_matter() -> None:
    assert [quasi_p(value) for value in (0.431, 0.00123, 3.2e-7, 0.0)] == ["0.43", "0.0012", "3e-07", "<1e-15"]


def test_limits_trade_and_points_are_drawn_as_they_were_found(found: Discovery) -> None:
    made = discovered_box(found, 0)
    (one,) = found.boxes
    for axes, factor in zip(made.axes, one.box.factors, strict=False):
        limit = one.box.of(factor)[0]
        low, high = (0.0 if limit.low is None else limit.low), (1.0 if limit.high is None else limit.high)
        within = [bar for bar in bars(axes) if bar.colour == "#1d3f63"]  # both factors go from 0 to 1
        span = found.points[factor].min(), found.points[factor].max()
        assert len(within) == 1
        assert within[0].left == pytest.approx(max(low, 0.0), abs=span[0] + 1e-9)
        assert within[0].left + within[0].width == pytest.approx(min(high, 1.0), abs=1 - span[1] + 1e-9)
    trade, plane = made.axes[-2:]
    trail = [(each.coverage, each.density) for each in one.trail]
    assert points(trade.lines[0]).tolist() == [pytest.approx(each) for each in trail]
    taken = [(x, y) for x, y, _ in marks(trade)]
    assert taken[-2:] == [(one.here.coverage, one.here.density), (one.there.coverage, one.there.density)]
    offsets = {to_hex(each.get_facecolor()[0]): [] for each in plane.collections if len(each.get_offsets())}
    for each in plane.collections:
        if len(each.get_offsets()):
            offsets[to_hex(each.get_facecolor()[0])] += np.asarray(each.get_offsets()).tolist()
    testing = found.points[found.tests]
    met = found.met[found.tests]
    x, y = one.box.factors
    for colour, which in (("#c4512d", met), ("#9aa3ab", ~met)):
        assert sorted(offsets[colour]) == sorted(testing.loc[which, [x, y]].to_numpy().tolist())


def test_a_box_stands_by_the_points_that_test_it_and_not_by_those_that_found_it(found: Discovery) -> None:
    """Of 100 points half are cases. In the box lie 20: all of them cases, or one half, as by chance."""
    (one,) = found.boxes
    all_cases, by_chance = (BoxStats(points=100, cases=50, inside=20, hits=hits) for hits in (20, 10))
    assert replace(one, here=by_chance, there=all_cases).stands
    assert not replace(one, here=all_cases, there=by_chance).stands
    assert not replace(one, here=all_cases, there=BoxStats(points=100, cases=50, inside=0, hits=0)).stands
