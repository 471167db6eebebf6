"""Words and numbers are written the same way everywhere, without matplotlib."""

from __future__ import annotations

import datetime
import json
import math
import pkgutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.text
from sim.analysis.interval import Interval
from sim.scenario import load_scenario
from sim.scenario.parameters import parameters
from sim.scenario.schema import QUANTITIES
from sim.text.encode import jsonable
from sim.text.numbers import (
    counted,
    outcome_number,
    percent,
    setting_number,
    signed,
    with_half_width,
    with_interval,
    with_unit,
)
from sim.text.setting_names import setting_name
from sim.text.words import listed
from sim.theory.choice import ENVIRONMENT

MODULES = sorted(f"sim.text.{module.name}" for module in pkgutil.iter_modules(sim.text.__path__))


def test_no_module_of_words_loads_matplotlib() -> None:
    imports = "\n".join(f"import {module}" for module in MODULES)
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys\n{imports}\nprint('matplotlib' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.004, "<1%"), (0.25, "25%"), (0.996, ">99%"), (1.0, "100%")]
)
def test_a_share_is_neither_0_nor_100_percent_unless_it_is_exactly(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.126, 2, "+0.13"), (-0.126, 2, "−0.13"), (-0.004, 2, "0"), (0.0, 2, "0"), (-1234.5, 0, "−1,234")],
)
def test_a_change_has_a_sign_unless_it_rounds_to_zero(value: float, digits: int, text: str) -> None:
    assert signed(value, digits) == text


def test_a_change_that_is_not_known_is_unknown() -> None:
    assert signed(math.nan) == "unknown"


def test_an_interval_stands_in_brackets_where_it_is_known_and_has_a_width() -> None:
    assert with_interval(Interval(mean=0.5, low=0.25, high=0.75), percent) == "50% (25% to 75%)"
    assert with_interval(Interval(mean=1.0, low=-0.5, high=2.5)) == "+1.00 (−0.50 to +2.50)"
    assert with_interval(Interval(mean=1.0, low=math.nan, high=math.nan)) == "+1.00"
    assert with_interval(Interval(mean=1.0, low=1.0, high=1.0)) == "+1.00"


def test_a_half_width_follows_a_change_if_it_is_known() -> None:
    assert with_half_width(-0.5, 0.125) == "−0.50 ±0.12"
    assert with_half_width(0.001, 0.02) == "0 ±0.02"
    assert with_half_width(3.0, math.nan, 1) == "+3.0"


def test_nouns_stand_in_the_plural_unless_there_is_one() -> None:
    assert [counted(number, "state") for number in (0, 1, 1200)] == ["0 states", "1 state", "1,200 states"]


def test_a_list_ends_with_its_conjunction() -> None:
    names = ["Berlin", "Paris", "Rome"]
    assert [listed(names[:count]) for count in range(4)] == ["", "Berlin", "Berlin and Paris", "Berlin, Paris and Rome"]
    assert listed(names, "or") == "Berlin, Paris or Rome"


def test_outcomes_have_about_three_digits_and_settings_all_of_theirs() -> None:
    assert [outcome_number(value) for value in (0.0, 12345.6, 7.0, 7.25, 0.0123)] == [
        "0",
        "12,300",
        "7",
        "7.2",
        "0.012",
    ]
    assert outcome_number(0.5, within=(0.0, 1.0)) == "0.50"
    assert [setting_number(value) for value in (0.0, 25000.0, 0.125, math.inf)] == ["0", "25,000", "0.125", "∞"]


def test_a_unit_that_names_a_range_is_left_out() -> None:
    assert with_unit("7", "soldiers") == "7 soldiers"
    assert with_unit("0.5", "0 to 1") == "0.5"


@dataclass(frozen=True)
class Point:
    """A record with an undefined number."""

    name: str
    value: float


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (math.nan, None),
        (pd.NA, None),
        (pd.NaT, None),
        (datetime.date(2025, 3, 26), "2025-03-26"),
        (Path("results/run"), "results/run"),
        (("DEU", "POL"), ["DEU", "POL"]),
        (np.array([[1.0, math.nan]]), [[1.0, None]]),
        (pd.Series({"DEU": 1}), {"DEU": 1}),
        (pd.DataFrame({"count": [1, 2]}), [{"count": 1}, {"count": 2}]),
        (pd.DataFrame({"share": [math.nan]}, index=pd.Index(["DEU"], name="state")), [{"state": "DEU", "share": None}]),
        (Point("ask", math.nan), {"name": "ask", "value": None}),
        ({1: {"values": range(2)}}, {"1": {"values": [0, 1]}}),
    ],
)
def test_values_become_what_json_has(value: Any, plain: Any) -> None:
    encoded = jsonable(value)
    assert encoded == plain
    assert type(encoded) is type(plain)
    assert json.loads(json.dumps(encoded, allow_nan=False)) == plain


def test_whole_numbers_of_a_frame_stay_whole_beside_fractions() -> None:
    frame = pd.DataFrame({"count": [1], "share": [0.5]})
    assert [type(value) for value in jsonable(frame)[0].values()] == [int, float]


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        jsonable(object())


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@given(plain_values)
def test_plain_values_stay_as_they_are(value: Any) -> None:
    assert jsonable(value) == value


def test_every_setting_of_the_schema_has_a_label_of_its_own() -> None:
    no_factors = {"name", "question", "about", "sources", "changes", "states", "relations", "weights"}
    scenario = load_scenario("base")
    paths = [parameter.path for parameter in parameters(scenario) if parameter.path not in no_factors]
    names = {path: setting_name(path, scenario, unit="") for path in paths}
    fallback = [path for path in paths if names[path].phrase.endswith(")") or names[path].phrase == path]
    assert fallback == []
    labels = [name.label for name in names.values()]
    assert len(set(labels)) == len(labels)


def test_the_quantities_of_the_environment_are_in_the_order_of_the_theory() -> None:
    assert tuple(QUANTITIES) == ENVIRONMENT
