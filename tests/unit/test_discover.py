"""Scenario discovery finds an existing box, reports if there is none, and its statistics are correct."""

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
from sim.analysis.discover import Discovery, discover
from sim.analysis.discovery_text import headline, limits_text, quasi_p_text
from sim.analysis.outcome_condition import Condition, measured_numbers, read_condition
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
STEP = 0.05  # share of the points in the box that one step removes
NOT_VIABLE = Condition(outcome="viable", sign="<", value=0.5)


def experiment_of(folder: Path, design: str = "{sobol: {points: 1024}}", vary: str = VARY) -> Experiment:
    path = folder / "boxed.yaml"
    path.write_text(
        f"question: Where is it?\nscenario: base\nvary:\n{vary}design: {design}\nreplicates: 10\n"
        "outcomes: [viable, headline, troop_states]\n"
    )
    return load_experiment(path)


def summary_of(experiment: Experiment, where: Where) -> pd.DataFrame:
    """Return the points of an experiment, viable in no replicate where a condition holds, else in all."""
    points = design_table(experiment).reset_index()
    viable = np.where(np.asarray(where(points), dtype=bool), 0.0, 1.0)
    return points.assign(runs=10, viable=viable, troop_states=10.0 * viable, **{"headline.troops": viable})


def in_the_box(points: pd.DataFrame) -> pd.Series:
    return (points[BACKING] < 0.4) & (points[CLARITY] > 0.55)


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return experiment_of(tmp_path_factory.mktemp("boxed"))


@pytest.fixture(scope="module")
def result(experiment: Experiment) -> Discovery:
    return discover(experiment, summary_of(experiment, in_the_box), [NOT_VIABLE], seed=1)


def test_an_existing_box_is_found_within_one_peeling_step(result: Discovery) -> None:
    (one,) = result.boxes
    assert set(one.box.factors) == {BACKING, CLARITY}
    assert [limit.high for limit in one.box.of(BACKING)] == pytest.approx([0.4], abs=STEP)
    assert [limit.low for limit in one.box.of(CLARITY)] == pytest.approx([0.55], abs=STEP)
    assert one.passes_test
    assert one.test.coverage > 0.85
    assert one.test.density > 0.9
    assert all(value < 1e-15 for value in one.quasi_p.values())


def test_two_sided_limits_levels_and_limits_on_a_log_scale_are_found(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return points[MANDATE].between(0.3, 0.8) & (points["activation"] != "random_sequence") & (points[ASK] > 10_000)

    result = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)
    box = result.boxes[0].box
    (words,) = box.of("activation")
    assert set(words.levels) == {"simultaneous", "leads_first"}
    low, high = box.of(MANDATE)
    assert (low.low, high.high) == pytest.approx((0.3, 0.8), abs=STEP)
    (ask,) = box.of(ASK)
    assert math.log10(ask.low) == pytest.approx(4.0, abs=2 * STEP)
    text = limits_text(result, result.boxes[0])
    assert "the order of declaring is simultaneous or leads first" in text
    assert "the international mandate is between 0." in text
    assert "soldiers" in text
    discovered_box(result, 0)


def test_one_half_of_the_points_is_searched_and_the_other_half_tests(result: Discovery) -> None:
    (one,) = result.boxes
    assert (result.is_test.sum(), (~result.is_test).sum()) == (512, 512)
    for half, counted in ((result.is_test, one.test), (~result.is_test, one.search)):
        points, met = result.points[half], result.met[half]
        inside = (points[BACKING] <= one.box.of(BACKING)[0].high) & (points[CLARITY] >= one.box.of(CLARITY)[0].low)
        assert counted == BoxStats(
            points=512, cases=int(met.sum()), inside=int(inside.sum()), hits=int((inside & met).sum())
        )
    assert one.trajectory[0].coverage == 1.0
    assert one.trajectory[0].density == one.trajectory[0].base_rate
    smallest = min(each.inside for each in one.trajectory)
    assert smallest == pytest.approx(0.05 * 512, rel=0.2) or one.trajectory[-1].density == 1.0


def boxes_in_noise(experiment: Experiment, seeds: range) -> int:
    """Return how many boxes pass the test with random cases; the headlines of all others report a failure."""
    passed = 0
    for seed in seeds:
        drawn = np.random.default_rng(seed + 1000).random(1024) < 0.4
        result = discover(
            experiment, summary_of(experiment, lambda points, drawn=drawn: drawn), [NOT_VIABLE], seed=seed
        )
        if result.boxes and result.boxes[0].passes_test:
            passed += 1
            continue
        text = headline(result, result.boxes[0] if result.boxes else None)
        assert text.startswith("No limits ")
        assert "there is no viable force" in text
    return passed


def test_a_box_in_noise_is_reported_as_such(experiment: Experiment) -> None:
    assert boxes_in_noise(experiment, range(4)) <= 1  # of 4 fair tests at 5 % more than 1 does in 1.4 %


@pytest.mark.proof
def test_boxes_in_noise_pass_the_test_no_more_often_than_its_level_allows(experiment: Experiment) -> None:
    assert boxes_in_noise(experiment, range(100, 200)) <= 11  # 5 expected; more than 11 in 0.4 %


def test_the_scenario_can_be_the_limit(tmp_path: Path) -> None:
    vary = f"  {BACKING}: {{from: 0, to: 1, steps: 30}}\n  {CLARITY}: {{from: 0, to: 1, steps: 4}}\n"
    experiment = experiment_of(tmp_path, "grid", vary)
    (tmp_path / "boxed.yaml").write_text(
        (tmp_path / "boxed.yaml").read_text().replace("scenario: base", "scenario: [base, us-opposes]")
    )
    experiment = load_experiment(tmp_path / "boxed.yaml")
    summary = summary_of(experiment, lambda points: points["scenario"] == "us-opposes")
    result = discover(experiment, summary, [NOT_VIABLE], seed=0)
    assert result.boxes[0].box == Box((Limit(factor="scenario", levels=("us-opposes",)),))
    assert headline(result, result.boxes[0]).startswith("Where the scenario is us-opposes, ")


def test_noise_around_a_box_lowers_density_and_keeps_the_limits(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return np.random.default_rng(3).random(len(points)) < np.where(in_the_box(points), 0.85, 0.1)

    result = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)
    (one,) = result.boxes
    assert {BACKING, CLARITY} <= set(one.box.factors)
    assert one.box.of(BACKING)[0].high == pytest.approx(0.4, abs=2 * STEP)
    assert 0.7 < one.test.density < 0.95
    assert one.test.density - one.test.base_rate > 0.3


def test_two_boxes_are_found_in_turn_and_their_statistics_add_up(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return (points[BACKING] < 0.3) | ((points[BACKING] > 0.5) & (points[MANDATE] > 0.8))

    result = discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0, boxes=3)
    assert len(result.boxes) >= 2
    first, second = result.boxes[:2]
    assert first.box.factors[0] == BACKING
    assert MANDATE in second.box.factors
    left = result.outside(1) & result.is_test
    assert second.test.points == left.sum() == 512 - first.test.inside
    assert second.test.cases == result.met[left].sum()
    together = result.together
    assert together.hits == sum(one.test.hits for one in result.boxes)
    assert together.coverage == pytest.approx(sum(result.coverage(one) for one in result.boxes))
    assert together.coverage > 0.9
    assert headline(result, second).startswith("Outside that box, where ")


def test_a_required_density_is_reached_with_the_highest_coverage(experiment: Experiment) -> None:
    def where(points: pd.DataFrame) -> pd.Series:
        return points[BACKING] + points[CLARITY] < 0.8

    summary = summary_of(experiment, where)
    wide, narrow = (discover(experiment, summary, [NOT_VIABLE], seed=0, least_density=each) for each in (0.5, 0.95))
    assert wide.boxes[0].search.density >= 0.5
    assert narrow.boxes[0].search.density >= 0.95
    assert wide.boxes[0].search.coverage > narrow.boxes[0].search.coverage
    half_full = in_the_box(summary) & (np.random.default_rng(9).random(1024) < 0.5)
    with pytest.raises(ModelError, match=r"no box has a density of 0\.99; the highest is .*\(--density\)"):
        discover(experiment, summary_of(experiment, lambda _: half_full), [NOT_VIABLE], seed=0, least_density=0.99)


def test_quasi_p_is_a_binomial_test() -> None:
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


def test_quasi_p_equals_that_of_the_workbench(experiment: Experiment) -> None:
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


def test_insignificant_limits_are_removed() -> None:
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


def test_failed_and_unknown_points_are_left_out(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary.loc[:9, ["runs", "viable"]] = [0, np.nan]
    summary.loc[10, "viable"] = np.nan
    result = discover(experiment, summary, [NOT_VIABLE], seed=0)
    assert (result.left_out, len(result.points)) == (11, 1013)


def test_an_option_outside_the_menu_is_never_the_headline(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary["headline.troops"] = summary["headline.troops"].where(summary["headline.troops"] > 0.5)
    condition = read_condition("headline.troops < 0.5", experiment)
    result = discover(experiment, summary, [condition], seed=0)
    assert result.left_out == 0
    assert headline(result, result.boxes[0]).count(
        "the probability that the headline is troops in Ukraine is below 50%"
    )


def test_all_of_several_conditions_have_to_hold(experiment: Experiment) -> None:
    summary = summary_of(experiment, in_the_box)
    summary["troop_states"] = 20 * summary[MANDATE]
    few = Condition(outcome="troop_states", sign="<=", value=10)
    result = discover(experiment, summary, [NOT_VIABLE, few], seed=0)
    assert result.met.tolist() == (in_the_box(summary) & (summary[MANDATE] <= 0.5)).tolist()
    assert set(result.boxes[0].box.factors) == {BACKING, CLARITY, MANDATE}
    text = headline(result, result.boxes[0])
    assert "there is no viable force and the number of states that would send troops is at most 10 at" in text


@pytest.mark.parametrize("design", ["{saltelli: {base: 64}}", "{morris: {trajectories: 64}}"])
def test_points_derived_from_one_another_belong_to_the_same_half(design: str, tmp_path: Path) -> None:
    experiment = experiment_of(tmp_path, design)
    together = {"saltelli": 8, "morris": 7}[design[1:].partition(":")[0]]
    result = discover(experiment, summary_of(experiment, in_the_box), [NOT_VIABLE], seed=0)
    blocks = result.is_test.reshape(64, together)
    assert (blocks.all(axis=1) | ~blocks.any(axis=1)).all()
    assert blocks[:, 0].sum() == 32


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (lambda _: np.zeros(1024), "'viable < 0.5' holds at none of 1,024 points"),
        (lambda _: np.ones(1024), "'viable < 0.5' holds at all of 1,024 points"),
        (lambda points: points["point"] < 12, "holds at 12 of 1,024 points, and each half of the points needs 10"),
    ],
)
def test_a_condition_that_separates_no_points_is_an_error(experiment: Experiment, where: Where, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        discover(experiment, summary_of(experiment, where), [NOT_VIABLE], seed=0)


def test_a_missing_library_is_an_error_with_the_command_to_install_it(
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
def test_a_condition_is_read_with_its_sign_and_number(text: str, condition: Condition, experiment: Experiment) -> None:
    assert read_condition(text, experiment) == condition
    assert read_condition(str(condition), experiment) == condition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("viable", "is not a condition; write it as OUTCOME < VALUE"),
        ("viable = 0.5", "is not a condition"),
        ("viable << 0.5", "is not a condition"),
        ("viable < half", "'half' is not a number"),
        ("viabel < 0.5", "no outcome 'viabel' was measured in boxed; did you mean 'viable'?"),
        ("deterrence < 0.5", "no outcome 'deterrence' was measured in boxed; measured were viable, headline"),
        ("headline < 1", "use the share of one, such as 'headline.troops < 0.5'"),
        (f"{CLARITY} < 1", "is varied in boxed, not measured"),
    ],
)
def test_a_text_that_is_not_a_condition_is_an_error(text: str, message: str, experiment: Experiment) -> None:
    with pytest.raises(ModelError) as error:
        read_condition(text, experiment)
    assert message in str(error.value)
    assert "--when" in str(error.value)


@pytest.mark.parametrize(
    ("sign", "met"), [("<", [True, False, False]), ("<=", [True, True, False]), (">", [False, False, True]),
                      (">=", [False, True, True])],
)  # fmt: skip
def test_the_sign_of_a_condition_decides_whether_it_is_met(sign: str, met: list[bool]) -> None:
    condition = Condition(outcome="viable", sign=sign, value=0.5)
    assert condition.met(np.array([0.4, 0.5, 0.6])).tolist() == met
    assert not condition.met(np.array([np.nan])).any()


def test_conditions_can_refer_to_every_number_and_the_share_of_every_option(experiment: Experiment) -> None:
    options = ("abstain", "guarantee", "backstop", "troops")
    assert measured_numbers(experiment) == ("viable", *(f"headline.{each}" for each in options), "troop_states")


def test_the_figure_shows_the_headline_and_the_limits(result: Discovery) -> None:
    fig = discovered_box(result, 0)
    written = [" ".join(text.get_text().split()) for text in texts(fig)]
    assert headline(result, result.boxes[0]) in written
    assert headline(result, result.boxes[0]).startswith("Where ")
    assert {"US backing (0 to 1)", "Clarity of the mission (0 to 1)", "No viable force", "all points"} <= set(written)
    assert any(text.startswith("below 0.") for text in written)


def test_a_box_of_one_factor_is_drawn_against_the_outcome(experiment: Experiment) -> None:
    summary = summary_of(experiment, lambda points: points["activation"] == "leads_first")
    result = discover(experiment, summary, [Condition(outcome="troop_states", sign="<", value=5)], seed=0)
    assert result.boxes[0].box == Box((Limit(factor="activation", levels=("leads_first",)),))
    written = [" ".join(text.get_text().split()) for text in texts(discovered_box(result, 0))]
    assert "States that would send troops" in written
    assert "leads first" in written


def test_a_quasi_p_has_its_significant_digits() -> None:
    assert [quasi_p_text(value) for value in (0.431, 0.00123, 3.2e-7, 0.0)] == ["0.43", "0.0012", "3e-07", "<1e-15"]


def test_limits_trajectory_and_points_are_drawn_at_their_values(result: Discovery) -> None:
    fig = discovered_box(result, 0)
    (one,) = result.boxes
    for axes, factor in zip(fig.axes, one.box.factors, strict=False):
        limit = one.box.of(factor)[0]
        low, high = (0.0 if limit.low is None else limit.low), (1.0 if limit.high is None else limit.high)
        within = [bar for bar in bars(axes) if bar.colour == "#1d3f63"]  # both factors go from 0 to 1
        span = result.points[factor].min(), result.points[factor].max()
        assert len(within) == 1
        assert within[0].left == pytest.approx(max(low, 0.0), abs=span[0] + 1e-9)
        assert within[0].left + within[0].width == pytest.approx(min(high, 1.0), abs=1 - span[1] + 1e-9)
    trade, plane = fig.axes[-2:]
    trail = [(each.coverage, each.density) for each in one.trajectory]
    assert points(trade.lines[0]).tolist() == [pytest.approx(each) for each in trail]
    taken = [(x, y) for x, y, _ in marks(trade)]
    assert taken[-2:] == [(one.search.coverage, one.search.density), (one.test.coverage, one.test.density)]
    offsets = {to_hex(each.get_facecolor()[0]): [] for each in plane.collections if len(each.get_offsets())}
    for each in plane.collections:
        if len(each.get_offsets()):
            offsets[to_hex(each.get_facecolor()[0])] += np.asarray(each.get_offsets()).tolist()
    testing = result.points[result.is_test]
    met = result.met[result.is_test]
    x, y = one.box.factors
    for colour, which in (("#c4512d", met), ("#9aa3ab", ~met)):
        assert sorted(offsets[colour]) == sorted(testing.loc[which, [x, y]].to_numpy().tolist())


def test_only_the_test_half_decides_whether_a_box_passes(result: Discovery) -> None:
    """Half of 100 points are cases. The box contains 20: all of them cases, or one half, as by chance."""
    (one,) = result.boxes
    all_cases, by_chance = (BoxStats(points=100, cases=50, inside=20, hits=hits) for hits in (20, 10))
    assert replace(one, search=by_chance, test=all_cases).passes_test
    assert not replace(one, search=all_cases, test=by_chance).passes_test
    assert not replace(one, search=all_cases, test=BoxStats(points=100, cases=50, inside=0, hits=0)).passes_test
