"""Scenario discovery finds a box that is there, says so when there is none, and reads conditions as they are meant."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from sim.analysis.box import Box, Limit, by_weight, freed, log_quasi_p, tally
from sim.analysis.condition import Condition, read_condition
from sim.analysis.discover import Discovery, discover
from sim.analysis.prim import peel
from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import design_table
from sim.plots.discover import discovered_box
from sim.plots.discovered import in_a_sentence

VARY = """\
  environment.us_backing: {from: 0, to: 1}
  environment.clarity: {from: 0, to: 1}
  weights.momentum: {from: 0, to: 3.2}
  activation: [simultaneous, leads_first]
"""


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    path = tmp_path_factory.mktemp("discover") / "known.yaml"
    path.write_text(
        f"question: Where?\nscenario: base\nvary:\n{VARY}design: {{sobol: {{points: 2048}}}}\nreplicates: 10\n"
        "outcomes: [viable, headline, troop_states]\n"
    )
    return load_experiment(path)


def played(experiment: Experiment, viable: np.ndarray | pd.Series) -> pd.DataFrame:
    points = design_table(experiment).reset_index()
    shares = {f"headline.{option}": 0.25 for option in experiment.options}
    return points.assign(viable=np.asarray(viable, dtype=float), headline="troops", troop_states=5.0, runs=10, **shares)


def there(points: pd.DataFrame) -> pd.Series:
    return (points["environment.us_backing"] <= 0.4) & (points["environment.clarity"] >= 0.7)


@pytest.fixture(scope="module")
def found(experiment: Experiment) -> Discovery:
    summary = played(experiment, ~there(design_table(experiment)))
    return discover(experiment, summary, [Condition(outcome="viable", sign="<", value=0.5)], seed=1)


def test_a_box_that_is_there_is_found_to_the_grain_of_a_peel(found: Discovery) -> None:
    (one,) = found.boxes
    assert one.box.factors == ("environment.clarity", "environment.us_backing")
    (clarity,), (backing,) = one.box.of("environment.clarity"), one.box.of("environment.us_backing")
    assert (clarity.low, backing.high) == pytest.approx((0.7, 0.4), abs=0.03)
    assert (clarity.high, backing.low) == (math.inf, -math.inf)
    assert one.there.coverage > 0.9
    assert one.there.density > 0.9
    assert found.base_rate == pytest.approx(0.12, abs=0.01)
    assert max(one.quasi_p.values()) < 1e-9
    assert one.stands
    said = in_a_sentence(found, one)
    assert said.startswith("Where clarity of the mission is above 0.7")
    assert "there is no viable force at " in said


def test_noise_has_no_box_and_the_half_that_tests_says_so(experiment: Experiment) -> None:
    rng = np.random.default_rng(3)
    summary = played(experiment, rng.random(2048) < 0.5)
    noise = discover(experiment, summary, [Condition(outcome="viable", sign="<", value=0.5)], seed=1)
    assert all(not one.stands for one in noise.boxes)
    assert in_a_sentence(noise, noise.boxes[0] if noise.boxes else None).startswith("No limits ")


def test_words_can_be_limits(experiment: Experiment) -> None:
    table = design_table(experiment)
    summary = played(experiment, table["activation"] == "leads_first")
    one = discover(experiment, summary, [Condition(outcome="viable", sign=">=", value=0.5)], seed=1).boxes[0]
    assert one.box == Box((Limit(factor="activation", levels=("leads_first",)),))
    assert (one.there.coverage, one.there.density) == (1.0, 1.0)


def test_two_boxes_hold_what_one_cannot(experiment: Experiment) -> None:
    table = design_table(experiment)
    slab = table["weights.momentum"] >= 2.9
    summary = played(experiment, ~(there(table) | slab))
    condition = Condition(outcome="viable", sign="<", value=0.5)
    two = discover(experiment, summary, [condition], seed=1, boxes=3)
    assert len(two.boxes) == 2
    assert two.together.coverage > 0.85
    assert two.together.density > 0.9
    coverages = [two.coverage(one) for one in two.boxes]
    assert sum(coverages) == pytest.approx(two.together.coverage)


def test_a_density_that_is_asked_for_is_reached_or_refused(experiment: Experiment) -> None:
    rng = np.random.default_rng(4)
    summary = played(experiment, ~(there(design_table(experiment)) & (rng.random(2048) < 0.8)))
    condition = Condition(outcome="viable", sign="<", value=0.5)
    dense = discover(experiment, summary, [condition], seed=1, least_density=0.7).boxes[0]
    assert dense.here.density >= 0.7
    with pytest.raises(ModelError, match=r"no box has a density of 0.999; the densest found has 0\.\d+"):
        discover(experiment, summary, [condition], seed=1, least_density=0.999)


def test_points_that_failed_are_left_out(experiment: Experiment) -> None:
    summary = played(experiment, ~there(design_table(experiment)))
    summary.loc[[3, 4], "runs"] = 0
    summary.loc[[3, 4], "viable"] = np.nan
    part = discover(experiment, summary, [Condition(outcome="viable", sign="<", value=0.5)], seed=1)
    assert (part.left_out, len(part.points)) == (2, 2046)


@pytest.mark.parametrize(
    ("viable", "said"),
    [
        (1.0, "holds at none of 2,048 points, so nothing tells them apart; viable goes from 1 to 1"),
        (0.0, "holds at every one of 2,048 points"),
    ],
)
def test_what_holds_everywhere_or_nowhere_is_told(experiment: Experiment, viable: float, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        discover(
            experiment,
            played(experiment, np.full(2048, viable)),
            [Condition(outcome="viable", sign="<", value=0.5)],
            seed=1,
        )


def test_too_few_cases_are_told(experiment: Experiment) -> None:
    few = np.ones(2048)
    few[:12] = 0.0
    with pytest.raises(ModelError, match=r"holds at 12 of 2,048 points, and each half of the points needs 10"):
        discover(experiment, played(experiment, few), [Condition(outcome="viable", sign="<", value=0.5)], seed=1)


# By hand


def test_shares_and_quasi_p_by_hand() -> None:
    points = pd.DataFrame({"x": [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9], "y": [0.0, 1.0] * 4})
    met = np.array([True, True, True, False, True, False, False, False])
    limit, idle = Limit(factor="x", high=0.5), Limit(factor="y", low=-1.0)
    box = Box((limit, idle))
    held = tally(box, points, met)
    assert (held.points, held.cases, held.inside, held.hits) == (8, 4, 4, 3)
    assert (held.coverage, held.density, held.base_rate) == (0.75, 0.75, 0.5)
    assert held.quasi_p == pytest.approx(5.0 / 16.0)  # three or four heads of four
    found = log_quasi_p(box, points, met)
    assert math.exp(found[limit]) == pytest.approx(5.0 / 16.0)
    assert math.exp(found[idle]) == pytest.approx(float(binom.sf(2, 4, 0.75)))
    assert freed(box, points, met) == Box()  # neither is sure with so few points
    assert by_weight({idle: -1.0, limit: -3.0}) == Box((limit, idle))


def test_the_first_box_holds_everything_and_later_ones_less() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame({"x": rng.random(400), "y": rng.random(400)})
    way = peel(points, (points["x"] > 0.6).to_numpy())
    assert way[0] == Box()
    sizes = [int(box.holds(points).sum()) for box in way]
    assert sizes[0] == 400
    assert min(sizes) < 200


# Conditions


@pytest.mark.parametrize(
    ("written", "outcome", "sign", "value"),
    [
        ("viable < 0.5", "viable", "<", 0.5),
        ("troop_states>=12", "troop_states", ">=", 12.0),
        (" viable ≤ 30% ", "viable", "<=", 0.3),
        ("headline.troops > .9", "headline.troops", ">", 0.9),
        ("troop_states > -1", "troop_states", ">", -1.0),
    ],
)
def test_conditions_are_read_as_they_are_meant(
    experiment: Experiment, written: str, outcome: str, sign: str, value: float
) -> None:
    assert read_condition(written, experiment) == Condition(outcome=outcome, sign=sign, value=value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("viable", "no condition; write it as OUTCOME < VALUE"),
        ("viabel < 0.5", "did you mean 'viable'"),
        (
            "headline < 0.5",
            "headline is the name of an option; write the share of one, such as 'headline.troops < 0.5'",
        ),
        ("environment.clarity < 0.5", "environment.clarity is varied in known, not measured"),
        ("viable < much", "'much' is no number"),
        ("deterrence < 1", "no outcome 'deterrence' was measured in known"),
    ],
)
def test_a_condition_that_makes_no_sense_is_told(experiment: Experiment, written: str, said: str) -> None:
    with pytest.raises(ModelError) as told:
        read_condition(written, experiment)
    assert said in str(told.value)


def test_a_value_on_the_border_and_one_that_is_unknown() -> None:
    values = np.array([0.4, 0.5, 0.6, np.nan])
    met = {sign: Condition(outcome="x", sign=sign, value=0.5).met(values).tolist() for sign in ("<", "<=", ">", ">=")}
    assert met == {
        "<": [True, False, False, False],
        "<=": [True, True, False, False],
        ">": [False, False, True, False],
        ">=": [False, True, True, False],
    }


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ema_workbench")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(ModelError, match=r"pip install 'willing\[analysis\]'"):
        peel(pd.DataFrame({"x": [0.1, 0.9]}), np.array([True, False]))


def test_the_figure_shows_limits_trade_off_and_points(found: Discovery, tmp_path: Path) -> None:
    made = discovered_box(found, 0)
    texts = [text.get_text() for text in made.texts]
    assert any("tested on the 1,024 others" in text.replace("\n", " ") for text in texts)
    assert "quasi-p" in texts
    made.savefig(tmp_path / "box.png")
