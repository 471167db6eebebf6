"""A threshold is the value at which the outcome reaches the target, with its confidence interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sim.analysis.interval import Interval
from sim.analysis.join_thresholds import joining, relieved
from sim.analysis.lever import Lever, default_levers, read_levers
from sim.analysis.outcome_target import Target, read_target
from sim.analysis.thresholds import Evaluation, Evaluator, Point, Thresholds, check_reached, crossing, find_thresholds
from sim.ensemble.simulate import simulate
from sim.errors import ModelError
from sim.model.setup import Setup, prepare
from sim.plots.thresholds import answer_title
from sim.plots.thresholds import thresholds_of_levers as drawn
from sim.scenario import Scenario, digest, load_scenario
from tests.figures import bands, marks, points, strokes
from tests.theory.society import option, society

SHARPNESS = 2.4
HALF_WAY, NINE_IN_TEN = 0.0, math.log(9.0) / SHARPNESS  # values at which a lone chooser joins so often


def choosers(**feels: float) -> Setup:
    """Return states that weigh 4 * (US backing - 0.5) - 0.3 * what they feel, once, against abstaining."""
    return prepare(
        society(
            list(feels),
            menu={"join": option(1, {"us_backing": 1, "constant": 1})},
            weights={"us_backing": 4, "constant": -0.3},
            feels={code: {"constant": felt} for code, felt in feels.items()},
            sharpness=SHARPNESS,
            rounds=1,
        )
    )


class Drawn(Evaluator):
    """An evaluator whose outcome is a given function of the values of the levers."""

    def __init__(self, setup: Setup, target: Target, outcome: Callable[..., float], error: float = 0.02) -> None:
        super().__init__(setup, target, seed=0, replicates=1)
        self.outcome, self.error = outcome, error

    def read(self, points: Sequence[Point]) -> list[Evaluation]:
        nobody = np.zeros(len(self.setup.codes))
        found = []
        for point in points:
            mean = self.outcome(*(value for _, value in point)) if point else self.outcome(0.27)
            found.append(
                Evaluation(outcome=Interval(mean=mean, low=mean - self.error, high=mean + self.error), joins=nobody)
            )
        return found


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare(load_scenario("base", ["rounds=4"]))


@pytest.fixture(scope="module")
def answer(setup: Setup) -> Thresholds:
    evaluator = Evaluator(setup, read_target("viable>=0.5", setup), seed=0, replicates=80, threads=2)
    return find_thresholds(evaluator, read_levers(["us_backing", "ask"], setup))


# Against what can be reckoned by hand


def test_the_interval_of_a_threshold_has_its_nominal_coverage_for_a_logit() -> None:
    setup = choosers(QAA=1.0)
    exact = 0.5 + (NINE_IN_TEN + 0.3) / 4.0
    held, answers = 0, []
    for seed in range(10):
        evaluator = Evaluator(setup, read_target("joins.QAA>=0.9", setup), seed=seed, replicates=1000, threads=2)
        (curve,) = find_thresholds(evaluator, read_levers(["us_backing"], setup)).curves
        assert curve.answer is not None
        assert curve.nearest_end is not None
        assert curve.farthest_end is not None
        assert curve.nearest_end < curve.answer < curve.farthest_end < curve.nearest_end + 0.06
        held += curve.nearest_end <= exact <= curve.farthest_end
        answers.append(curve.answer)
    assert held >= 8
    assert np.mean(answers) == pytest.approx(exact, abs=0.01)


def test_the_frontier_of_two_levers_of_a_logit_is_a_straight_line() -> None:
    setup = choosers(QAA=1.0)
    evaluator = Evaluator(setup, read_target("joins.QAA>=0.9", setup), seed=0, replicates=2000, threads=2)
    (frontier,) = find_thresholds(evaluator, read_levers(["weights.constant:-1:0", "us_backing"], setup)).frontiers
    exact = 0.5 + (NINE_IN_TEN - np.array(frontier.values)) / 4.0
    assert frontier.least == pytest.approx(exact.tolist(), abs=0.02)
    inside = [
        low <= y <= high for low, y, high in zip(frontier.nearest_ends, exact, frontier.farthest_ends, strict=True)
    ]
    assert sum(inside) >= len(inside) - 1


def test_a_state_joins_in_half_of_the_replicates_where_its_value_is_that_of_abstaining() -> None:
    setup = choosers(QAA=0.0, QAB=2.0, QAC=-6.0, QAD=8.0)
    evaluator = Evaluator(setup, read_target("viable<=1", setup), seed=0, replicates=2000, threads=2)
    found = joining(evaluator, read_levers(["us_backing"], setup)).states
    exact = {code: 0.5 + 0.3 * felt / 4.0 for code, felt in {"QAA": 0.0, "QAB": 2.0, "QAC": -6.0}.items()}
    for code, backing in exact.items():
        row = found.loc[code]
        assert row["us_backing.low"] <= max(backing, 0.0) <= row["us_backing.high"]
        assert row["us_backing"] == pytest.approx(max(backing, 0.0), abs=0.02)
    assert math.isnan(found.loc["QAD", "us_backing"])
    assert found.loc["QAD", "us_backing.most"] == pytest.approx(1 / (1 + math.exp(SHARPNESS * 0.4)), abs=0.04)


def test_the_first_value_at_which_a_gap_closes_is_interpolated() -> None:
    assert crossing([0.0, 1.0, 2.0], [3.0, 1.0, -1.0]) == 1.5
    assert crossing([2.0, 1.0, 0.0], [1.0, -1.0, -3.0]) == 1.5
    assert crossing([5.0, 6.0], [-1.0, 1.0]) == 5.0
    assert math.isnan(crossing([0.0, 1.0], [3.0, 0.5]))


# The search


def test_the_answer_is_the_last_step_at_which_the_target_is_met(setup: Setup) -> None:
    target = Target(outcome="deterrence", is_least=True, value=0.5)
    (lever,) = read_levers(["us_backing"], setup)
    (curve,) = find_thresholds(Drawn(setup, target, lambda u: u**2), [lever]).curves
    assert curve.answer == 0.708
    assert (curve.nearest_end, curve.farthest_end) == (0.693, 0.722)
    assert curve.fails_again is None


def test_for_outcomes_that_are_not_monotone_the_nearest_threshold_counts_and_the_next_failure_is_given(
    setup: Setup,
) -> None:
    target = Target(outcome="deterrence", is_least=True, value=0.96)
    (lever,) = read_levers(["us_backing"], setup)
    (curve,) = find_thresholds(Drawn(setup, target, lambda u: 1.0 - 4.0 * (u - 0.6) ** 2), [lever]).curves
    assert curve.answer == 0.5
    assert curve.fails_again == 0.75


def test_a_target_may_be_nearest_on_the_other_side(setup: Setup) -> None:
    target = Target(outcome="deterrence", is_least=False, value=0.1)
    (lever,) = read_levers(["us_backing"], setup)
    (curve,) = find_thresholds(Drawn(setup, target, lambda u: abs(u - 0.05)), [lever]).curves
    assert curve.answer == 0.15
    assert curve.helps == -1


def test_a_lever_that_replaces_a_path_has_the_smallest_sufficient_value() -> None:
    replay = prepare(load_scenario("replay-2025", ["rounds=4"]))
    (lever,) = read_levers(["us_backing"], replay)
    target = Target(outcome="deterrence", is_least=True, value=0.25)
    (curve,) = find_thresholds(Drawn(replay, target, lambda u: u**2), [lever]).curves
    assert lever.now < 0.5
    assert curve.answer == 0.5
    target = Target(outcome="deterrence", is_least=True, value=0.01)
    (curve,) = find_thresholds(Drawn(replay, target, lambda u: u**2 if u != 0.27 else 0.0), [lever]).curves
    assert curve.answer == 0.1 < lever.now


def test_an_answer_meets_the_target_and_the_step_before_it_does_not(setup: Setup, answer: Thresholds) -> None:
    curve = answer.curves[1]
    assert curve.answer is not None
    assert curve.there is not None
    assert curve.there.mean >= 0.5

    def viable(ask: float) -> float:
        played = simulate(prepare(curve.lever.moved(setup.scenario, ask)), seed=0, replicates=range(80))
        force = (played.stances[:, -1] == 3) @ setup.offers[:, 3]
        return float(((force >= ask) & (played.stances[:, -1, :2] == 3).any(axis=1)).mean())

    assert viable(curve.answer) == curve.there.mean
    assert viable(curve.answer + curve.lever.step) < 0.5


def test_a_pair_with_one_lever_unchanged_has_the_threshold_of_the_other_alone(answer: Thresholds) -> None:
    (frontier,) = answer.frontiers
    alone = answer.curves[1]
    assert alone.answer is not None
    place = frontier.values.index(frontier.across.now)
    assert frontier.least[place] == pytest.approx(alone.answer, abs=400)
    assert frontier.helps == -1
    assert frontier.cheapest is not None
    assert frontier.across.part(frontier.cheapest[0]) + frontier.up.part(frontier.cheapest[1]) <= (
        alone.lever.part(frontier.least[place]) + 1e-12
    )


def test_a_frontier_gives_the_range_in_which_the_target_stays_met(setup: Setup) -> None:
    target = Target(outcome="deterrence", is_least=True, value=0.96)
    hump = Drawn(setup, target, lambda k, u=0.27: k - 4.0 * (u - 0.6) ** 2)
    (frontier,) = find_thresholds(hump, read_levers(["clarity:0:1", "us_backing"], setup)).frontiers
    assert math.isnan(frontier.least[0])
    assert frontier.least[-1] == pytest.approx(0.5, abs=0.01)
    assert frontier.until[-1] == 0.625  # the last value tried; it is missed from 0.7 on


def test_a_target_out_of_reach_is_an_error_with_the_nearest_outcome(setup: Setup) -> None:
    target = Target(outcome="deterrence", is_least=True, value=2.0)
    far = find_thresholds(Drawn(setup, target, lambda u, k=0.3: u * k), read_levers(["us_backing", "clarity"], setup))
    assert not far.is_reached
    with pytest.raises(
        ModelError, match=r"nor of two of them together: the nearest is 1.000 .* at clarity 1.000 with"
    ) as told:
        check_reached(far)
    assert "without changes it is 0.081 (" in str(told.value)
    met = find_thresholds(
        Drawn(setup, target, lambda u, k=0.3: 4.0 * u * k), read_levers(["us_backing", "clarity"], setup)
    )
    check_reached(met)
    assert [curve.answer for curve in met.curves] == [None, None]


def test_no_change_is_needed_for_a_target_that_is_met(setup: Setup) -> None:
    target = Target(outcome="deterrence", is_least=True, value=0.1)
    there = find_thresholds(Drawn(setup, target, lambda u: u), read_levers(["us_backing"], setup))
    assert there.curves[0].answer == there.curves[0].lever.now
    assert answer_title(there) == "Deterrence >= 0.1 without any change"


# What is asked


@pytest.mark.parametrize(
    ("name", "scenario", "value", "setting"),
    [
        ("us_backing", "base", 0.6, "environment.us_backing=0.6"),
        ("us_backing", "paris-march-2025", 0.6, "environment.us_backing.level=0.6"),
        ("us_backing", "replay-2025", 0.6, "environment.us_backing=0.6"),
        ("ask", "base", 14000, "menu.troops.ask=14000"),
        ("weights.cost", "base", -4.5, "weights.cost=-4.5"),
        ("menu.troops.raises.cost", "base", 0.5, "menu.troops.raises.cost=0.5"),
        ("forces.yearly_cost", "base", 80000, "forces.yearly_cost=80000"),
    ],
)
def test_a_lever_has_the_effect_of_the_setting(name: str, scenario: str, value: float, setting: str) -> None:
    setup = prepare(load_scenario(scenario))
    (lever,) = read_levers([name], setup)
    assert lever.low <= value <= lever.high
    assert lever.low <= lever.now <= lever.high
    assert digest(lever.moved(setup.scenario, value)) == digest(load_scenario(scenario, [setting]))


def test_the_default_levers_are_those_of_the_environment_and_the_ask(
    setup: Setup, asked: Callable[..., Scenario]
) -> None:
    assert [lever.name for lever in default_levers(setup)] == ["us_backing", "clarity", "mandate", "ask"]
    guarantee = prepare(asked("proposal.headline=guarantee"))
    assert [lever.name for lever in default_levers(guarantee)] == ["us_backing", "clarity", "mandate"]


def test_a_lever_moves_in_round_steps_within_its_range() -> None:
    lever = Lever(name="ask", path="menu.troops.ask", now=25000.0, low=1.0, high=39200.0, is_whole=True)
    assert lever.step == 10.0
    assert lever.grid(5) == [1.0, 9800.0, 19600.0, 25000.0, 29400.0, 39200.0]
    assert lever.shown(14120.0) == "14,120"
    assert Lever(name="u", path="u", now=0.5, low=0.0, high=1.0).shown(0.70800001) == "0.708"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["us_baking"], "no lever 'us_baking' in the scenario; did you mean 'us_backing'"),
        (["weights.courage"], "no lever 'weights.courage' in the scenario"),
        (["activation"], "is simultaneous, no number"),
        (["proposal.redimensions"], "is True, no number"),
        (["menu.guarantee.ask"], "menu.guarantee.ask is 0, so there is no ask"),
        (["menu.guarantee.share"], ""),
        (["weights.momentum:4:0"], "give the range"),
        (["weights.momentum:2:4"], "it is 1.6 now, outside of that"),
        (["us_backing:0:2"], "it may be from 0 to 1"),
        (["menu.backstop.provokes:x:1"], "give the range"),
        (["forces.strain_limit:0:1e3"], "it may be from 0 to 100"),
        (["us_backing", "environment.us_backing"], "named twice"),
        ([" "], "no lever to move"),
    ],
)
def test_a_lever_that_is_not_in_the_scenario_is_refused(setup: Setup, names: list[str], said: str) -> None:
    if not said:
        assert read_levers(names, setup)[0].high == 1.0
        return
    with pytest.raises(ModelError) as told:
        read_levers(names, setup)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("text", "outcome", "is_least", "value"),
    [
        ("viable>=0.8", "viable", True, 0.8),
        (" troop_states <= 4 ", "troop_states", False, 4.0),
        ("joins.DEU≥50%", "joins.DEU", True, 0.5),
        ("personnel_troops>=25 000", "personnel_troops", True, 25000.0),
    ],
)
def test_a_target_is_read_as_it_is_written(setup: Setup, text: str, outcome: str, is_least: bool, value: float) -> None:
    assert read_target(text, setup) == Target(outcome=outcome, is_least=is_least, value=value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("viable", "not a target"),
        ("viable>0.8", "not a target"),
        ("viabel>=0.8", "did you mean 'viable'?"),
        ("joins.CHN>=0.8", "CHN (China) is not asked"),
        ("headline>=3", "no outcome 'headline'"),
        ("viable>=most", "'most' is not a number"),
    ],
)
def test_a_target_that_cannot_be_read_is_refused(setup: Setup, text: str, said: str) -> None:
    with pytest.raises(ModelError) as told:
        read_target(text, setup)
    assert said in str(told.value)


# By state, and drawn


def test_costs_that_others_carry_no_longer_count() -> None:
    setup = prepare(load_scenario("base", ["rounds=10", "weights.cost=-400"]))
    state = setup.codes.index("CAN")
    free = prepare(load_scenario("base", ["rounds=10", "weights.cost=-400", "states.CAN.feels.cost=0"]))
    one, other, bearing = (
        simulate(each, seed=0, replicates=range(30)).stances for each in (relieved(setup, state, 1.0), free, setup)
    )
    assert (one == other).all()
    assert (one[:, -1, state] == 3).sum() > (bearing[:, -1, state] == 3).sum()
    assert (simulate(relieved(setup, state, 0.0), seed=0, replicates=range(30)).stances == bearing).all()


def test_states_that_join_anyway_need_no_sharing_of_costs(setup: Setup, answer: Thresholds) -> None:
    evaluator = Evaluator(setup, answer.target, seed=0, replicates=80, threads=2)
    found = joining(evaluator, [curve.lever for curve in answer.curves])
    assert found.helps == {"us_backing": 1, "ask": -1}
    joins = found.states["joins"] >= 0.5
    assert joins.any()
    assert not found.states.loc[joins, "cost"].any()
    assert (found.states.loc[~joins, "cost"].dropna() > 0.0).all()
    assert (found.states["cost.most"] >= found.states["joins"]).all()


def test_the_figure_has_a_panel_for_each_lever_and_each_pair(answer: Thresholds) -> None:
    made = drawn(answer)
    assert len(made.axes) == 2 + 1
    assert [axes.get_xlabel() for axes in made.axes] == ["US backing", "Ask", "US backing"]
    assert answer_title(answer).startswith("Viable force in at least 50% of replicates takes ")


def test_the_curve_and_its_band_are_the_readings_and_the_green_is_where_the_target_is_met(answer: Thresholds) -> None:
    made = drawn(answer)
    for axes, curve in zip(made.axes, answer.curves, strict=False):
        line = next(each for each, colour in strokes(axes) if len(each) == len(curve.values))
        assert line.tolist() == [
            [value, each.outcome.mean] for value, each in zip(curve.values, curve.evaluations, strict=True)
        ]
        ((edges, _),) = bands(axes)
        for value, each in zip(curve.values, curve.evaluations, strict=True):
            assert edges[value] == pytest.approx((each.outcome.low, each.outcome.high))
        (green,) = axes.patches
        assert (green.get_y(), green.get_y() + green.get_height()) == (answer.target.value, axes.get_ylim()[1])
        assert [curve.lever.now] * 2 in [each[:, 0].tolist() for each, _ in strokes(axes)]
        there = [] if curve.there is None else [(curve.answer, curve.there.mean)]
        assert [(x, y) for x, y, _ in marks(axes)] == there
    assert any(curve.there is not None for curve in answer.curves)
    (frontier,) = answer.frontiers
    axes = made.axes[-1]
    least = next(points(line) for line in axes.lines if len(points(line)) == len(frontier.values))
    assert np.array_equal(least, np.column_stack([frontier.values, frontier.least]), equal_nan=True)
    assert frontier.cheapest is not None
    assert marks(axes)[-1][:2] == frontier.cheapest
    assert [frontier.across.now] * 2 in [each[:, 0].tolist() for each, _ in strokes(axes)]
    assert [frontier.up.now] * 2 in [each[:, 1].tolist() for each, _ in strokes(axes)]
