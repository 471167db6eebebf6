"""The points of an experiment: the same on every machine, in the order of the file, and fair to every level."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ModelError
from sim.experiment import Experiment, load_experiment
from sim.experiment.design import count_points, design_table, problem, unit_sample
from sim.experiment.factor import Choices, Levels, Range

HEAD = "question: What now?\nscenario: base\nreplicates: 10\noutcomes: [viable]\n"
MIXED = """
vary:
  environment.us_backing: {from: 0.1, to: 0.9, steps: 5}
  menu.troops.ask: {from: 1000, to: 100000, steps: 4, scale: log}
  proposal.patience: {from: 1, to: 6, steps: 6}
  activation: [simultaneous, leads_first, one_at_a_time]
  dishes:
    choices:
      all three: {}
      no guarantee: {menu: {guarantee: ~}}
"""
NAMES = ["environment.us_backing", "menu.troops.ask", "proposal.patience", "activation", "dishes"]
SAMPLED = {
    "latin_hypercube": "{latin_hypercube: {points: 60}}",
    "sobol": "{sobol: {points: 64}}",
    "saltelli": "{saltelli: {base: 16}}",
    "morris": "{morris: {trajectories: 10}}",
}

every_sample = pytest.mark.parametrize("design", SAMPLED.values(), ids=SAMPLED)


@pytest.fixture
def experiment(tmp_path):
    """Return a function that writes an experiment and loads it."""

    def write(text: str, design: str = "grid", name: str = "mine") -> Experiment:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"{HEAD}{text}\ndesign: {design}\n", encoding="utf-8")
        return load_experiment(path)

    return write


def fingerprint(table: pd.DataFrame) -> str:
    rows = [[value.hex() if isinstance(value, float) else value for value in row] for row in table.values.tolist()]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


# grids


def test_in_a_grid_the_first_factor_changes_slowest(experiment):
    table = design_table(experiment("vary: {turnover: [0, 1], rounds: [3, 4, 5]}"))
    assert table["turnover"].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert table["rounds"].tolist() == [3, 4, 5, 3, 4, 5]
    assert table.index.name == "point"
    assert table.index.tolist() == list(range(6))


def test_a_grid_has_every_combination_of_levels_once(experiment):
    table = design_table(experiment(MIXED))
    assert len(table) == 5 * 4 * 6 * 3 * 2
    assert not table.duplicated().any()


def test_columns_are_numbers_whole_numbers_and_text(experiment):
    table = design_table(experiment(MIXED))
    assert list(table.columns) == NAMES
    assert [table[name].dtype for name in NAMES[:3]] == [np.float64, np.int64, np.int64]
    assert all(pd.api.types.is_string_dtype(table[name]) for name in NAMES[3:])


def test_levels_of_a_range_are_short_decimals(experiment):
    table = design_table(experiment("vary: {turnover: {from: 0, to: 1, steps: 11}}"))
    assert table["turnover"].tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_levels_of_a_log_range_have_a_constant_ratio(experiment):
    levels = experiment("vary: {deterrence.decisiveness: {from: 0.1, to: 10, steps: 5, scale: log}}").factors[0].levels
    assert levels[0] == 0.1
    assert levels[-1] == 10.0
    assert levels == pytest.approx([0.1, 0.1 * math.sqrt(10), 1, math.sqrt(10), 10], rel=1e-11)


def test_levels_of_a_whole_number_are_whole_and_unique(experiment):
    levels = experiment("vary: {rounds: {from: 1, to: 20, steps: 12, scale: log}}").factors[0].levels
    assert all(isinstance(level, int) for level in levels)
    assert levels == (1, 2, 3, 4, 5, 7, 9, 12, 15, 20)
    assert len(design_table(experiment("vary: {rounds: {from: 1, to: 3, steps: 50}}"))) == 3


def test_listed_numbers_and_words_keep_their_order(experiment):
    table = design_table(experiment("vary: {sharpness: [9, 1.5, .inf], proposal.redimensions: [true, false]}"))
    assert table["sharpness"].tolist() == [9.0, 9.0, 1.5, 1.5, math.inf, math.inf]
    assert table["proposal.redimensions"].tolist() == ["true", "false"] * 3


def test_several_scenarios_are_the_slowest_factor(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(HEAD.replace("base", "[base, paris-march-2025]") + "vary: {rounds: [3, 4]}\n")
    table = design_table(load_experiment(path))
    assert table["scenario"].tolist() == ["base", "base", "paris-march-2025", "paris-march-2025"]
    assert list(table.columns) == ["scenario", "rounds"]


# one at a time


def test_one_at_a_time_begins_with_the_unchanged_scenario(experiment):
    table = design_table(experiment(MIXED, "one_at_a_time"))
    assert table.iloc[0].tolist() == [0.27, 25000, 8, "simultaneous", "all three"]
    assert len(table) == 1 + 5 + 4 + 6 + 3 + 2
    for _, row in table.iloc[1:].iterrows():
        assert (row != table.iloc[0]).sum() <= 1


def test_the_baseline_leaves_a_setting_unchanged_if_the_scenario_has_no_such_number(tmp_path):
    path = tmp_path / "x.yaml"
    text = HEAD.replace("base", "paris-march-2025") + "design: one_at_a_time\n"
    vary = "vary: {environment.us_backing: [0, 1], x: {choices: {a: {rounds: 3}, b: {rounds: 4}}}}\n"
    path.write_text(text + vary)
    experiment = load_experiment(path)
    table = design_table(experiment)
    assert math.isnan(table["environment.us_backing"][0])
    assert table["x"][0] == "as it is"
    assert experiment.scenario_at(table.iloc[0]) == experiment.bases[0]


# samples


@every_sample
def test_the_same_file_gives_the_same_points_and_another_seed_others(experiment, design):
    table = design_table(experiment(MIXED, design))
    assert fingerprint(table) == fingerprint(design_table(experiment(MIXED, design)))
    other = design.replace("}}", ", seed: 1}}")
    assert fingerprint(table) != fingerprint(design_table(experiment(MIXED, other)))


@pytest.mark.parametrize(
    ("design", "known"),
    [
        ("grid", "7f924155efc27027"),
        ("{latin_hypercube: {points: 60}}", "e2c59511fc7e55c9"),
        ("{sobol: {points: 64}}", "12dc2c3124493611"),
        ("{saltelli: {base: 16}}", "5b43765d38e2dd49"),
        ("{morris: {trajectories: 10}}", "81560d3ece44ea75"),
    ],
)
def test_the_points_are_these_on_every_machine(experiment, design, known):
    assert fingerprint(design_table(experiment(MIXED, design))) == known


@every_sample
def test_every_number_of_a_sample_lies_in_its_range_and_every_word_is_a_level(experiment, design):
    mine = experiment(MIXED, design)
    table = design_table(mine)
    assert table["environment.us_backing"].between(0.1, 0.9).all()
    assert table["menu.troops.ask"].between(1000, 100000).all()
    assert table["menu.troops.ask"].dtype == table["proposal.patience"].dtype == np.int64
    assert table["proposal.patience"].between(1, 6).all()
    assert set(table["activation"]) <= {"simultaneous", "leads_first", "one_at_a_time"}
    assert len(table) == count_points(mine.design, mine.factors)


def test_in_a_latin_hypercube_whole_numbers_and_categories_are_equally_likely(experiment):
    table = design_table(experiment(MIXED, "{latin_hypercube: {points: 60}}"))
    assert set(Counter(table["proposal.patience"]).values()) == {10}
    assert set(Counter(table["activation"]).values()) == {20}
    assert set(Counter(table["dishes"]).values()) == {30}


def test_a_log_range_is_sampled_evenly_in_its_logarithm(experiment):
    table = design_table(experiment(MIXED, "{latin_hypercube: {points: 60}}"))
    assert (table["menu.troops.ask"] < 10_000).sum() == 30


def test_a_range_needs_no_steps_in_a_sampled_design(experiment):
    mine = experiment("vary: {turnover: {from: 0, to: 0.5}, rounds: {from: 2, to: 9}}", "{sobol: {points: 8}}")
    assert sorted(design_table(mine)["rounds"]) == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(("second_order", "times"), [(False, 5 + 2), (True, 2 * 5 + 2)])
def test_a_saltelli_design_has_its_base_times_its_factors_and_two_more(experiment, second_order, times):
    mine = experiment(MIXED, f"{{saltelli: {{base: 8, second_order: {str(second_order).lower()}}}}}")
    assert len(design_table(mine)) == count_points(mine.design, mine.factors) == 8 * times


def test_a_morris_trajectory_moves_one_factor_at_a_time(experiment):
    mine = experiment(MIXED, "{morris: {trajectories: 3, levels: 4}}")
    points = unit_sample(mine)
    assert points.shape == (3 * 6, 5)
    for start in (0, 6, 12):
        moved = [np.flatnonzero(one != other) for one, other in pairwise(points[start : start + 6])]
        assert sorted(int(place[0]) for place in moved) == [0, 1, 2, 3, 4]
        assert all(len(place) == 1 for place in moved)


def test_salib_gets_the_factors_in_the_unit_cube(experiment):
    mine = experiment(MIXED, "{saltelli: {base: 8}}")
    assert problem(mine) == {"num_vars": 5, "names": NAMES, "bounds": [[0.0, 1.0]] * 5}
    sample = unit_sample(mine)
    assert sample.shape == (56, 5)
    assert sample.min() >= 0
    assert sample.max() <= 1


def test_a_grid_is_not_a_sample(experiment):
    with pytest.raises(ModelError, match="its design is not sampled; sensitivity needs saltelli or morris"):
        unit_sample(experiment(MIXED))


# tables


def test_the_points_of_a_table_are_its_rows(experiment, tmp_path):
    (tmp_path / "points.csv").write_text("point,dishes,menu.troops.ask\n0,no guarantee,2000\n1,all,5000\n2,all,2000\n")
    dishes = "dishes: {choices: {all: {}, no guarantee: {menu: {guarantee: ~}}}}"
    mine = experiment(f"vary: {{menu.troops.ask: {{from: 1000, to: 9000}}, {dishes}}}", "{table: points.csv}")
    table = design_table(mine)
    assert table["menu.troops.ask"].tolist() == [2000, 5000, 2000]
    assert table["menu.troops.ask"].dtype == np.int64
    assert table["dishes"].tolist() == ["no guarantee", "all", "all"]


# levels from the unit cube

unit = st.floats(0, 1)


@given(unit, st.integers(-50, 50), st.integers(1, 100))
def test_a_whole_number_drawn_from_a_range_lies_in_it(part, low, length):
    drawn = Range(name="x", low=low, high=low + length, is_whole=True).at(np.array([part]))
    assert drawn.dtype == np.int64
    assert low <= drawn[0] <= low + length


@given(unit, unit, st.floats(1e-6, 1e3), st.floats(1.001, 1e6), st.sampled_from(["linear", "log"]))
def test_a_number_rises_with_its_place_in_the_range(one, other, low, ratio, scale):
    drawn = Range(name="x", low=low, high=low * ratio, scale=scale).at(np.array(sorted([one, other])))
    assert low <= drawn[0] <= drawn[1] * (1 + 1e-15)
    assert drawn[1] <= low * ratio


@given(unit, st.floats(1e-6, 1e3), st.floats(1.001, 1e6))
def test_the_logarithm_of_a_log_range_is_even(part, low, ratio):
    drawn = Range(name="x", low=low, high=low * ratio, scale="log").at(np.array([part]))
    assert drawn[0] == pytest.approx(low * ratio**part, rel=1e-12)


@given(st.integers(1, 12), st.integers(1, 50))
def test_each_level_has_the_same_part_of_the_unit_interval(count, each):
    labels = tuple(f"level {place}" for place in range(count))
    places = (np.arange(count * each) + 0.5) / (count * each)
    for factor in (Choices(name="x", levels=labels), Levels(name="x", levels=labels, is_numeric=False)):
        assert set(Counter(factor.at(places)).values()) == {each}
        assert factor.at(np.array([0.0, 1.0])).tolist() == [labels[0], labels[-1]]
