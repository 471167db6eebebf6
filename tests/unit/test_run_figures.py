"""Every figure of a run draws the columns of the tables that it claims to show, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch

from sim.model.setup import prepare
from sim.plots import FIGURES
from sim.plots.environment import PHASES
from sim.plots.map import europe
from sim.plots.map_states import shown_states
from sim.plots.style import COLOURS
from sim.plots.variance_components import FROM_WEIGHTS, parts_of_variance
from sim.scenario import Scenario, load_scenario
from tests.figures import bands, bars, points, strokes, texts

CODES = ("GBR", "FRA", "DEU", "POL", "ITA", "CAN")
SCENARIO = load_scenario("base", [f"roster.states=[{', '.join(CODES)}]", "rounds=3"])
DATES = pd.date_range(SCENARIO.start, periods=3, freq="7D")
DAYS = [float(mdates.date2num(date)) for date in DATES]
OPTIONS = ("abstain", "guarantee", "backstop", "troops")
QUANTITIES = ("us_backing", "russian_opposition", "mandate", "clarity", "sincerity", "battlefield")
REPLICATES = 40


@dataclass(frozen=True)
class Tables:
    rounds: pd.DataFrame
    stances: pd.DataFrame
    outcomes: pd.DataFrame
    weights: None = None


def tables_of(replicates: int = REPLICATES) -> Tables:
    """Return tables in which every column has a distribution of its own, skewed, so that none can stand for another."""
    rng = np.random.default_rng(5)
    leaning = np.array(
        [[0, 1, 2, 9], [1, 1, 1, 6], [1, 2, 8, 3], [4, 6, 2, 1], [9, 1, 1, 1], [1, 5, 3, 5]], dtype=float
    )
    leaning /= leaning.sum(axis=1, keepdims=True)
    rounds, stances = [], []
    for replicate in range(replicates):
        for number, date in enumerate(DATES, start=1):
            held = [int(rng.choice(4, p=chances)) for chances in leaning]
            hoped = [
                max(place, int(rng.choice(4, p=chances[::-1]))) for place, chances in zip(held, leaning, strict=True)
            ]
            stances += [
                (replicate, number, code, OPTIONS[one], OPTIONS[other])
                for code, one, other in zip(CODES, held, hoped, strict=True)
            ]
            row: dict[str, Any] = {"replicate": replicate, "round": number, "date": date}
            row |= {"headline": "troops" if rng.random() < 0.8 else "backstop", "ask": 25_000 * rng.random() ** 0.1}
            row["phase"] = int(rng.choice(3, p=[0.6, 0.3, 0.1]))
            row |= {name: rng.random() ** (place + 1) for place, name in enumerate(QUANTITIES)}
            for place, (option, column) in enumerate(
                (("guarantee", "guarantee"), ("backstop", "backstop"), ("troops", "troop")), start=1
            ):
                row[f"{column}_states"] = held.count(place)
                row[f"{column}_states_conditional"] = hoped.count(place)
                row[f"personnel_{option}"] = 9_000.0 * rng.random() ** 3 * place if option != "guarantee" else 0.0
            rounds.append(row)
    columns = ["replicate", "round", "state", "stance", "conditional"]
    return Tables(
        rounds=pd.DataFrame(rounds),
        stances=pd.DataFrame(stances, columns=columns).astype(dict.fromkeys(columns[2:], "category")),
        outcomes=pd.DataFrame({"replicate": range(replicates)}),
    )


TABLES = tables_of()


def by_round(column: str) -> list[np.ndarray]:
    """Return the values of a column over replicates, one array a round."""
    return [TABLES.rounds.loc[TABLES.rounds["round"] == number, column].to_numpy(float) for number in (1, 2, 3)]


def nine_in_ten(values: np.ndarray) -> tuple[float, float]:
    """Return between which values the middle 90 % lie, by linear interpolation between the sorted values."""
    ordered, last = np.sort(values), len(values) - 1
    return tuple(float(np.interp(share * last, np.arange(last + 1), ordered)) for share in (0.05, 0.95))  # type: ignore[return-value]


def share(code: str, column: str, option: str) -> float:
    last = TABLES.stances[(TABLES.stances["round"] == 3) & (TABLES.stances["state"] == code)]
    return float(np.mean([each == option for each in last[column]]))


def figure(name: str) -> Figure:
    return FIGURES[name](TABLES, SCENARIO, seed=0)  # type: ignore[arg-type]


def stroke_at(axes: Any, values: list[float], colour: str) -> bool:
    """Whether a line of this colour goes through these values, one a round."""
    wanted = np.column_stack([DAYS, values])
    return any(
        each.shape == wanted.shape and np.allclose(each, wanted) and drawn == to_hex(colour)
        for each, drawn in strokes(axes)
    )


def whitened(colour: str, strength: float) -> str:
    return to_hex([strength * part + 1 - strength for part in to_rgb(colour)])


def grounds(made: Figure) -> dict[str, PathPatch]:
    """Return the ground of each state on the map, found by its outline."""
    land, _, _ = europe()
    patches = [patch for patch in made.axes[0].patches if isinstance(patch, PathPatch)]
    filled = [patch for patch in patches if patch.get_facecolor()[3] > 0]
    return {code: patch for code in CODES for patch in filled if code in land and patch.get_path() is land[code]}


# The map


def test_a_state_has_the_colour_of_its_likeliest_stance_paler_where_it_is_less_likely() -> None:
    drawn = grounds(figure("map"))
    assert len(drawn) == 5  # Canada lies beyond the map
    tints = set()
    for code, patch in drawn.items():
        shares = [share(code, "stance", option) for option in OPTIONS]
        place = shares.index(max(shares))
        tint = 1.0 if place == 0 or shares[place] >= 0.8 else 0.8 if shares[place] >= 0.5 else 0.6
        assert to_hex(patch.get_facecolor()) == whitened(COLOURS[OPTIONS[place]], tint), code
        tints.add((place, tint))
    assert len(tints) >= 4


def test_the_number_on_a_state_is_its_share_of_replicates() -> None:
    made = figure("map")
    labels = {text.get_gid(): text.get_text().split()[-1] for text in texts(made) if text.get_gid() in CODES}
    assert labels == {code: f"{100 * max(share(code, 'stance', option) for option in OPTIONS):.0f}" for code in CODES}


def test_hatched_are_the_states_that_would_send_troops_only_under_the_conditions() -> None:
    made = figure("map")
    land, _, _ = europe()
    hatched = {
        code
        for code in CODES
        for patch in made.axes[0].patches
        if code in land and patch.get_path() is land[code] and patch.get_hatch()
    }
    likeliest = {code: max(OPTIONS, key=lambda option: share(code, "stance", option)) for code in CODES}
    wanted = {code for code in CODES if share(code, "conditional", "troops") >= 0.5 and likeliest[code] != "troops"} - {
        "CAN"
    }
    assert hatched == wanted
    assert 0 < len(wanted) < 5


def test_a_chance_on_an_edge_has_the_stronger_tint_and_one_in_two_is_likely() -> None:
    """France sends troops in 80 %, Britain in 50 %; Poland would in 50 % under the conditions, Germany in 49 %."""
    rows = {
        "FRA": (0.2, 0.0, 0.0, 0.8, 0.8),
        "GBR": (0.3, 0.1, 0.1, 0.5, 0.5),
        "DEU": (0.51, 0.0, 0.49, 0.0, 0.49),
        "POL": (0.1, 0.0, 0.9, 0.0, 0.5),
        "ITA": (0.1, 0.79, 0.11, 0.0, 0.0),
        "CAN": (0.4, 0.4, 0.2, 0.0, 0.0),
    }
    chances = pd.DataFrame.from_dict(rows, orient="index", columns=[*OPTIONS, "troops_conditional"])
    seen = shown_states(chances, SCENARIO)
    wanted = {
        "FRA": ("troops", 1.0), "GBR": ("troops", 0.8), "DEU": ("abstain", 1.0), "POL": ("backstop", 1.0),
        "ITA": ("guarantee", 0.8), "CAN": ("abstain", 1.0),
    }  # fmt: skip
    assert {code: (each.stance, each.ground) for code, each in seen.items()} == {
        code: (option, whitened(COLOURS[option], tint)) for code, (option, tint) in wanted.items()
    }
    assert {code for code, each in seen.items() if each.hatched} == {"POL"}


# The chances of every state


def test_bars_are_the_shares_of_each_stance_from_the_deepest_on() -> None:
    made = figure("probabilities")
    by_row: dict[float, list[tuple[float, float, str]]] = {}
    for bar in bars(made.axes[0]):
        by_row.setdefault(bar.middle, []).append((bar.left, bar.width, bar.colour))
    from_deepest = OPTIONS[::-1]
    order = sorted(CODES, key=lambda code: [share(code, "stance", option) for option in from_deepest], reverse=True)
    assert len(by_row) == len(CODES)
    for code, middle in zip(order, sorted(by_row, reverse=True), strict=True):
        start, wanted = 0.0, []
        for option in from_deepest:
            part = share(code, "stance", option)
            wanted += [(start, part, to_hex(COLOURS[option]))] * (part > 0)
            start += part
        assert [each[2] for each in by_row[middle]] == [each[2] for each in wanted], code
        assert np.allclose([each[:2] for each in by_row[middle]], [each[:2] for each in wanted]), code


def test_beside_the_bars_stand_the_states_in_their_order_with_what_each_would_bring_and_its_conditional_chance() -> (
    None
):
    made = figure("probabilities")
    setup = prepare(SCENARIO)
    order = sorted(CODES, key=lambda code: [share(code, "stance", option) for option in OPTIONS[::-1]], reverse=True)
    height = made.get_figheight()
    rows = sorted(
        (
            (text.get_position()[1] * height, text.get_text())
            for text in made.texts
            if text.get_text() in CODES and text.get_weight() == "bold"
        ),
        reverse=True,
    )
    assert [code for _, code in rows] == order
    box = made.axes[0].get_position()
    key = [line for line in made.artists if isinstance(line, Line2D)]
    for y, code in rows:
        beside = [text.get_text() for text in made.texts if abs(text.get_position()[1] * height - y) < 1e-6]
        assert f"{setup.offers[setup.codes.index(code), -1]:,.0f}" in beside
        mark = [line for line in key if abs(np.mean(line.get_ydata()) * height - y) < 1e-6]
        where = [(line.get_xdata()[0] - box.x0) / box.width for line in mark]
        assert where == pytest.approx([share(code, "conditional", "troops")] * 2), code


# Stances, soldiers and circumstances by round


def test_the_bands_of_stances_are_the_mean_counts_and_the_dashed_line_the_conditional_one() -> None:
    axes = figure("stances").axes[0]
    counts = {option: [np.mean(values) for values in by_round(column)] for option, column in (
        ("troops", "troop_states"), ("backstop", "backstop_states"), ("guarantee", "guarantee_states"),
    )}  # fmt: skip
    counts["abstain"] = [len(CODES) - sum(counts[option][n] for option in counts) for n in range(3)]
    floor = np.zeros(3)
    drawn = list(bands(axes))
    assert [colour for _, colour in drawn] == [to_hex(COLOURS[option]) for option in OPTIONS[::-1]]
    for (edges, _), option in zip(drawn, OPTIONS[::-1], strict=True):
        assert [edges[day] for day in DAYS] == [
            pytest.approx((low, low + count)) for low, count in zip(floor, counts[option], strict=True)
        ], option
        floor = floor + counts[option]
    assert stroke_at(axes, [np.mean(values) for values in by_round("troop_states_conditional")], "#22262B")


def test_the_ends_of_stances_are_labelled_with_the_last_means() -> None:
    labels = " ".join(text.get_text().replace("\n", " ") for text in figure("stances").texts)
    for column in ("troop_states", "backstop_states", "guarantee_states", "troop_states_conditional"):
        assert f" {np.mean(by_round(column)[-1]):.1f}".removesuffix(".0") in labels, column


def test_lines_of_soldiers_are_means_and_their_bands_hold_nine_replicates_in_ten() -> None:
    made = figure("personnel")
    axes = made.axes[0]
    assert "bands hold 90% of replicates" in next(t.get_text() for t in made.texts if t.get_gid() == "subtitle")
    drawn = {colour: edges for edges, colour in bands(axes)}
    assert len(drawn) == 2  # nobody offers soldiers for the guarantee
    for option in ("backstop", "troops"):
        values = by_round(f"personnel_{option}")
        assert stroke_at(axes, [np.mean(each) for each in values], COLOURS[option])
        edges = drawn[to_hex(COLOURS[option])]
        assert [edges[day] for day in DAYS] == [pytest.approx(nine_in_ten(each)) for each in values]


def test_the_ask_in_force_is_the_mean_over_the_replicates_that_still_propose_the_headline() -> None:
    axes = figure("personnel").axes[0]
    (line,) = (line for line in axes.lines if line.get_gid() == "ask in force")
    rounds = TABLES.rounds[TABLES.rounds["headline"] == "troops"]
    wanted = [rounds.loc[rounds["round"] == number, "ask"].mean() for number in (1, 2, 3)]
    assert list(line.get_ydata()) == pytest.approx(wanted)
    assert line.get_drawstyle() == "steps-post"
    (start,) = (line for line in axes.lines if line.get_gid() == "ask at the start")
    assert set(start.get_ydata()) == {25_000}


def test_circumstances_are_means_with_the_band_of_nine_replicates_in_ten_and_what_the_conditions_ask_for() -> None:
    made = figure("environment")
    assert "bands hold 90% of replicates" in next(t.get_text() for t in made.texts if t.get_gid() == "subtitle")
    for axes, name in zip(made.axes, QUANTITIES, strict=False):
        values = by_round(name)
        means = [np.mean(each) for each in values]
        line = next(line for line in axes.lines if len(points(line)) == 3)
        assert list(line.get_ydata()) == pytest.approx(means), name
        ((edges, _),) = bands(axes)
        assert [edges[day] for day in DAYS] == [pytest.approx(nine_in_ten(each)) for each in values], name
        assert [text.get_text() for text in axes.texts] == [f"{means[-1]:.2f}"]
        level = getattr(SCENARIO.conditions, name, None)
        dotted = [line.get_ydata()[0] for line in axes.lines if len(line.get_ydata()) == 2]
        assert dotted == ([] if level is None else [level]), name


def test_the_strip_of_phases_is_their_shares() -> None:
    made = figure("environment")
    phases = by_round("phase")
    floor = np.zeros(3)
    drawn = list(bands(made.axes[6]))
    assert [colour for _, colour in drawn] == [to_hex(colour) for _, colour in PHASES]
    for phase, (edges, _) in enumerate(drawn):
        shares = np.array([np.mean(each == phase) for each in phases])
        assert [edges[day] for day in DAYS] == [pytest.approx(pair) for pair in zip(floor, floor + shares, strict=True)]
        floor = floor + shares
        assert any(f"{PHASES[phase][0]} {shares[-1]:.0%}" == text.get_text() for text in made.texts)


# Drawn weights


def test_bars_of_parts_are_the_parts_of_the_weights() -> None:
    """Draws of two replicates: means 2, 6, 4 of troop states, mean square 8 between and 2 within, so 3 of 5."""
    outcomes = pd.DataFrame(
        {
            "replicate": range(6),
            "draw": [0, 0, 1, 1, 2, 2],
            "troop_states": [1.0, 3.0, 5.0, 7.0, 3.0, 5.0],
            "personnel_troops": [1000.0, 3000.0, 1000.0, 3000.0, 1000.0, 3000.0],
            "viable": [0.0] * 6,
            "peace_holds": [0.0, 0.0, 1.0, 1.0, 0.0, 0.0],
        }
    )
    tables = Tables(rounds=TABLES.rounds, stances=TABLES.stances, outcomes=outcomes)
    axes = parts_of_variance(tables, SCENARIO).axes[0]  # type: ignore[arg-type]
    drawn = [bar for bar in bars(axes) if bar.colour == to_hex(FROM_WEIGHTS)]
    assert [(bar.left, bar.width) for bar in drawn] == [pytest.approx((0.0, part)) for part in (0.6, 0.0, 1.0)]
    assert [bar.middle for bar in drawn] == pytest.approx([0, 1, 2])
    lines = [each[:, 0].tolist() for each, _ in strokes(axes)]
    assert all(low <= part <= high for (low, high), part in zip(lines, (0.6, 0.0, 1.0), strict=True))


def test_every_figure_of_a_run_is_held_against_its_tables_here() -> None:
    assert set(FIGURES) == {"map", "probabilities", "stances", "personnel", "environment"}


def test_the_scenario_of_these_tests_is_played_by_the_options_named_here() -> None:
    assert isinstance(SCENARIO, Scenario)
    assert SCENARIO.option_names == OPTIONS
    assert SCENARIO.menu["troops"].ask == 25_000
