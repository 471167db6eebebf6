"""What the page shows of a case is what the tables say: charts, notes, map, states; without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analysis.explain import Explanation, explain_round
from sim.analysis.interval import Interval
from sim.analysis.stance_shares import ShareDifference, StanceShares, difference, stance_shares
from sim.model.setup import Setup, prepare
from sim.plots.style import COLOURS, option_styles, tinted
from sim.scenario import load_scenario
from sim.theory.choice import ENVIRONMENT
from sim.ui import charts
from sim.ui.bargaining import EveryState, Why, _figures, said_of
from sim.ui.case import Case
from sim.ui.live_model import LiveModel
from sim.ui.probabilities import StatesInOrder, _points, _with_interval, figures_of
from sim.ui.state_views import Key, MapOfStates
from tests.ui.widgets import shown, strings

CODES = ("GBR", "FRA", "DEU", "POL", "HUN", "CAN")
SETTINGS = ("rounds=6", f"roster.states=[{', '.join(CODES)}]", "menu.troops.ask=14000")
OPTIONS = ("abstain", "guarantee", "backstop", "troops")


def setup_of(*settings: str) -> Setup:
    return prepare(load_scenario("paris-march-2025", (*SETTINGS, *settings)))


@pytest.fixture(scope="module")
def pinned() -> StanceShares:
    return stance_shares(setup_of(), seed=2, replicates=80)


@pytest.fixture(scope="module")
def now() -> StanceShares:
    return stance_shares(setup_of("environment.us_backing=0.7"), seed=2, replicates=80)


@pytest.fixture(scope="module")
def changed(now: StanceShares, pinned: StanceShares) -> ShareDifference:
    return difference(now, pinned)


# Charts


def rounds_by_hand() -> pd.DataFrame:
    """Return four rounds in which no column is like another, with bands that are not alike on both sides."""
    names = [f"{kind}_states{end}" for kind in ("guarantee", "backstop", "troop") for end in ("", "_conditional")]
    names += [f"personnel_{option}" for option in OPTIONS[1:]] + ["ask", "deterrence", *ENVIRONMENT]
    table = pd.DataFrame({"round": [1, 2, 3, 4]})
    for place, name in enumerate(names, start=1):
        values = np.array([1.0, 2.0, 4.0, 3.0]) * place / 10
        table[name], table[f"{name}.p05"], table[f"{name}.p95"] = values, values * 0.8, values * 1.5
    return table


def series_of(option: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in option["series"] if each["name"] == name]


def test_the_chart_of_stances_stacks_the_firm_counts_from_the_deepest_on_and_lays_the_conditional_over_them() -> None:
    rounds, scenario = rounds_by_hand(), setup_of().scenario
    option = charts.stances(rounds, scenario)
    stacked = [each for each in option["series"] if each.get("stack")]
    labels = [scenario.menu[name].label for name in ("troops", "backstop", "guarantee")]
    assert [each["name"].lower() for each in stacked] == [label.lower() for label in labels]
    for each, name, column in zip(
        stacked, ("troops", "backstop", "guarantee"), ("troop", "backstop", "guarantee"), strict=True
    ):
        assert each["data"] == pytest.approx(rounds[f"{column}_states"].tolist()), name
        assert each["areaStyle"] == {"color": COLOURS[name], "opacity": 1}
    (line,) = (each for each in option["series"] if not each.get("stack"))
    assert line["data"] == pytest.approx(rounds["troop_states_conditional"].tolist())
    assert line["lineStyle"]["type"] == "dashed"
    assert option["yAxis"]["max"] == len(CODES)
    assert option["xAxis"]["data"] == ["1", "2", "3", "4", "5", "6"]


def test_the_chart_of_soldiers_has_each_mean_in_the_band_of_nine_replicates_in_ten_and_the_ask() -> None:
    rounds, scenario = rounds_by_hand(), setup_of().scenario
    option = charts.soldiers(rounds, scenario)
    offering = [name for name in ("troops", "backstop", "guarantee") if scenario.menu[name].share > 0]
    assert offering == ["troops", "backstop"]
    for name in offering:
        column = f"personnel_{name}"
        label = scenario.menu[name].label
        line, edge, band = series_of(option, label[:1].upper() + label[1:])
        assert line["data"] == pytest.approx(rounds[column].tolist())
        assert edge["data"] == pytest.approx(rounds[f"{column}.p05"].tolist())
        top = np.add(edge["data"], band["data"])  # the band stands on its lower edge
        assert top == pytest.approx(rounds[f"{column}.p95"].to_numpy(), rel=1e-5)
        assert edge["stack"] == band["stack"]
        assert edge["lineStyle"]["opacity"] == 0
        assert line["lineStyle"]["color"] == band["areaStyle"]["color"] == COLOURS[name]
    (ask,) = series_of(option, "Ask for the headline in force")
    assert ask["data"] == pytest.approx(rounds["ask"].tolist())
    assert ask["step"] == "end"
    assert option["yAxis"]["name"] == "soldiers; bands: 90% of replicates"
    bare = charts.soldiers(rounds[[name for name in rounds if ".p" not in name]], scenario)
    assert bare["yAxis"]["name"] == "soldiers"
    assert len(bare["series"]) == 3


def test_the_chart_of_the_environment_has_a_line_for_each_quantity_and_for_deterrence() -> None:
    rounds, scenario = rounds_by_hand(), setup_of().scenario
    option = charts.environment(rounds, scenario)
    told = {each["name"].lower(): each["data"] for each in option["series"]}
    assert len(told) == len(option["series"]) == 7
    words = {"us_backing": "us backing", "russian_opposition": "russian opposition", "deterrence": "deterrence"}
    for column, name in words.items():
        assert told[name] == pytest.approx(rounds[column].tolist())
    for each, column in zip(option["series"], (*ENVIRONMENT, "deterrence"), strict=True):
        assert each["data"] == pytest.approx(rounds[column].tolist()), column
    assert option["yAxis"]["max"] == 1.0


def test_what_is_said_of_a_chart_is_where_each_line_ends_and_rounds_of_a_change_are_marked() -> None:
    rounds, scenario = rounds_by_hand(), setup_of().scenario
    option = charts.soldiers(rounds, scenario, [2, 3])
    marked = [each["markLine"]["data"] for each in option["series"] if "markLine" in each]
    assert marked == [[{"xAxis": "2"}, {"xAxis": "3"}]]
    said = dict(part.split(": ") for part in charts.in_words(option).split("; "))
    assert said["Ask for the headline in force"] == f"{rounds['ask'].iloc[-1]:,.4g}"
    assert said["Troops in Ukraine"] == f"{rounds['personnel_troops'].iloc[-1]:,.4g}"


# Odds


def by_label(figures: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {each["label"]: each for each in figures}


def test_plain_figures_are_the_means_of_the_replicates_and_their_notes_hold_nine_in_ten(now: StanceShares) -> None:
    told, table = by_label(figures_of(now, None)), now.outcomes
    for label, column in (
        ("Force viable", "viable"),
        ("Viable at the end", "viable_now"),
        ("Peace holds", "peace_holds"),
    ):
        assert told[label]["value"] == share_in_words(table[column].mean()), label
    amounts = {
        "Troops in Ukraine": ("troop_states", 1),
        "If the conditions were met": ("troop_states_conditional", 1),
        "Soldiers for troops": ("personnel_troops", 0),
        "Ask at the end": ("ask", 0),
        "Deterrence": ("deterrence", 2),
    }
    for label, (column, digits) in amounts.items():
        low, high = np.quantile(table[column], [0.05, 0.95])
        assert told[label]["value"] == f"{table[column].mean():,.{digits}f}", label
        assert told[label]["note"] == f"90% of replicates: {low:,.{digits}f} to {high:,.{digits}f}", label
    assert set(told) == {"Force viable", "Viable at the end", "Peace holds", *amounts}
    values = [told[label]["value"] for label in ("Troops in Ukraine", "If the conditions were met")]
    assert len(set(values)) == 2  # firm and conditional are two numbers here


def share_in_words(share: float) -> str:
    return "<1%" if 0 < share <= 0.005 else ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def test_a_note_beside_a_pin_is_the_difference_from_the_pin_to_what_is_shown(
    now: StanceShares, pinned: StanceShares, changed: ShareDifference
) -> None:
    told = by_label(figures_of(now, changed))
    gained = now.outcomes["troop_states"].mean() - pinned.outcomes["troop_states"].mean()
    assert gained > 0
    assert told["Troops in Ukraine"]["note"].startswith(f"+{gained:.1f} against the pin (")
    back = by_label(figures_of(pinned, difference(pinned, now)))
    assert back["Troops in Ukraine"]["note"].startswith(f"−{gained:.1f} against the pin (")
    points = 100 * (now.outcomes["viable"].mean() - pinned.outcomes["viable"].mean())
    assert told["Force viable"]["note"].startswith(f"{points:+,.1f} points against the pin (")
    assert told["Force viable"]["value"] == share_in_words(now.outcomes["viable"].mean())


def test_a_change_is_written_with_its_sign_and_its_interval(changed: ShareDifference) -> None:
    assert _with_interval(Interval(mean=-0.05, low=-0.1, high=0.02), 100.0, 1, " points") == (
        "−5.0 points against the pin (−10.0 to +2.0)"
    )
    assert _with_interval(Interval(mean=0.9, low=0.7, high=1.1), 100.0, 1, " points").endswith("(+70.0 to +100.0)")
    assert _with_interval(Interval(mean=0.0, low=0.0, high=0.0), 1.0, 1) == "no difference to the pin"
    assert [_points(by) for by in (0.25, -0.25, 0.0)] == ["+25.0", "−25.0", "0"]


def test_states_are_listed_with_their_shares_and_what_they_gained(
    now: StanceShares, pinned: StanceShares, changed: ShareDifference
) -> None:
    with shown(StatesInOrder(now, changed, None, lambda code: None)) as view:
        table = view.with_trait("rows")
        rows = {row["code"]: row for row in table.rows}
        assert list(rows) == list(now.setup.codes)
        assert (table.first, table.descending) == ("chance_troops", True)
        for code, row in rows.items():
            state = now.setup.codes.index(code)
            for place, option in enumerate(OPTIONS):
                assert row[f"chance_{option}"] == np.mean(now.stances[:, state] == place), (code, option)
                assert row["shown"][f"chance_{option}"] == share_in_words(row[f"chance_{option}"])
            assert row["chance_troops_conditional"] == np.mean(now.conditional[:, state] == 3)
            gained = np.mean(now.stances[:, state] == 3) - np.mean(pinned.stances[:, state] == 3)
            assert row["change"] == pytest.approx(gained)
            assert row["shown"]["change"].endswith(" *") == (code in changed.movers)
            assert row["leads"] == (code in ("GBR", "FRA"))
        heads = [column["value"] for column in table.columns]
        assert heads[:4] == ["name", "chance_troops", "change", "chance_troops_conditional"]


# The map and its key


def chances_by_hand() -> pd.DataFrame:
    """Return chances of which each is alone of its kind; Poland and Canada would go deeper under the conditions."""
    rows = {
        "GBR": (0.1, 0.0, 0.0, 0.9, 1.0),
        "FRA": (0.2, 0.2, 0.0, 0.6, 0.7),
        "DEU": (0.3, 0.3, 0.4, 0.0, 0.4),
        "POL": (0.2, 0.0, 0.8, 0.0, 0.5),
        "HUN": (1.0, 0.0, 0.0, 0.0, 0.0),
        "CAN": (0.5, 0.5, 0.0, 0.0, 0.9),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*OPTIONS, "troops_conditional"])


def test_a_state_on_the_map_has_the_colour_the_number_and_the_words_of_its_likeliest_stance() -> None:
    setup, chances = setup_of(), chances_by_hand()
    with shown(MapOfStates(setup, chances, None, lambda code: None, False)) as view:
        states = view.with_trait("states").states
        wanted = {
            "GBR": ("troops", 1.0, 90), "FRA": ("troops", 0.8, 60), "DEU": ("backstop", 0.6, 40),
            "POL": ("backstop", 1.0, 80), "HUN": ("abstain", 1.0, 100), "CAN": ("abstain", 1.0, 50),
        }  # fmt: skip
        for code, (option, tint, percent) in wanted.items():
            assert states[code]["fill"] == tinted(COLOURS[option], tint), code
            assert states[code]["text"][-1] == str(percent)
            assert f"{percent}% of replicates" in states[code]["said"][0]
            assert states[code]["hatched"] == (code in ("POL", "CAN"))
            assert len(states[code]["said"]) == 1 + (code in ("POL", "CAN"))
            assert states[code]["leads"] == (code in ("GBR", "FRA"))
        assert view.with_trait("states").hatch == COLOURS["troops"]
    with shown(MapOfStates(setup, chances, None, lambda code: None, True)) as view:
        assert view.with_trait("states").states["POL"]["text"] == ["POL"]


def keys_of(chances: pd.DataFrame) -> list[str]:
    with shown(Key(setup_of().scenario, chances)) as view:
        return [text for widget in view.widgets() for text in strings(getattr(widget, "children", ()))][:5]


def key_that_says(*counts: str) -> list[str]:
    labels = [option_styles(setup_of().scenario)[name].label for name in reversed(OPTIONS)]
    hoping = "would send troops if the conditions were met"
    return [f"{label}: {count}" for label, count in zip([*labels, hoping], counts, strict=True)]


def test_the_key_counts_the_states_of_each_stance_in_the_mean() -> None:
    # .9 + .6; .4 + .8; .2 + .3 + .5; .1 + .2 + .3 + .2 + 1 + .5; and 1 + .7 + .4 + .5 + .9 under the conditions
    assert keys_of(chances_by_hand()) == key_that_says("1.5", "1.2", "1.0", "2.3", "3.5")


def test_the_key_counts_whole_states_where_all_replicates_end_alike() -> None:
    chances = (chances_by_hand() >= 0.55).astype(float)  # GBR and FRA in troops, POL in the backstop, HUN abstains
    chances.loc[["DEU", "CAN"], "guarantee"] = 1.0
    chances.loc["CAN", "troops_conditional"] = 0.0
    assert keys_of(chances) == key_that_says("2", "1", "2", "1", "2")


# One replicate


@pytest.fixture(scope="module")
def model() -> LiveModel:
    return LiveModel(Case(scenario="paris-march-2025", settings=("rounds=20", "menu.troops.ask=60000")), rounds=16)


def test_plain_figures_of_a_round_are_those_of_the_model(model: LiveModel) -> None:
    told = by_label(_figures(model.look()))
    firm = model.profile == 3
    hoping = (model.conditional_profile == 3) & ~firm
    assert told["Round"]["value"] == "16 of 20"
    assert told["Troops in Ukraine"]["value"] == str(int(firm.sum()))
    assert told["Troops in Ukraine"]["note"].startswith(f"{int(hoping.sum())} more if the conditions were met")
    assert hoping.any()
    headline = model.headline
    declared = sum(
        model.setup.offers[state, headline] for state, place in enumerate(model.profile) if place == headline
    )
    assert told["Declared for it"]["value"] == f"{declared:,.0f}"
    assert told["Declared for it"]["note"] == f"of {model.asks[headline]:,.0f} asked"
    assert model.asks[headline] < 60_000  # the leads have come down, so that the ask at the start is another number
    assert told["Headline"]["note"].startswith("changed ")
    assert told["US backing"]["value"] == f"{model.environment[ENVIRONMENT.index('us_backing')]:.2f}"
    assert told["US backing"]["note"].endswith(f"{model.environment[ENVIRONMENT.index('russian_opposition')]:.2f}")
    assert told["Deterrence"]["value"] == f"{model.deterrence:.2f}"


def test_every_state_is_listed_with_its_firm_stance_its_conditional_one_and_its_offers(model: LiveModel) -> None:
    with shown(EveryState(model.look(), None, lambda code: None)) as view:
        rows = {row["code"]: row for row in view.with_trait("rows").rows}
    for state, code in enumerate(model.setup.codes):
        row, place = rows[code], int(model.profile[state])
        assert row["stance"] == place
        assert row["conditional"] == ("yes" if model.conditional_profile[state] == 3 else "no")
        assert row["offer"] == model.setup.offers[state, place]
        assert row["deepest"] == model.setup.offers[state, 3]
        assert row["colours"]["stance"] == COLOURS[OPTIONS[place]]
    answers = {(row["stance"] == 3, row["conditional"]) for row in rows.values()}
    assert {(False, "yes"), (False, "no"), (True, "yes")} <= answers


def test_reasons_are_the_terms_of_the_explanation_option_by_option(model: LiveModel) -> None:
    explained = model.explain("POL")
    with shown(Why(explained, model.setup.scenario)) as view:
        reasons = view.with_trait("sums")
        assert [option["name"] for option in reasons.options] == list(explained.options)
        assert [option["colour"] for option in reasons.options] == [COLOURS[option] for option in explained.options]
        for row in reasons.rows:
            place = explained.considerations.index(row["name"])
            assert row["amounts"] == explained.terms[:, place].tolist()
        missing = set(explained.considerations) - {row["name"] for row in reasons.rows}
        left_out = [explained.terms[:, explained.considerations.index(name)] for name in missing]
        assert np.abs(left_out).max(initial=0.0) < 0.005
        value, chance, soldiers = (each["texts"] for each in reasons.sums)
    assert value == [f"{each:+.2f}".replace("-", "−") if each else "0" for each in explained.values.tolist()]
    assert chance == [share_in_words(each) for each in explained.chances.tolist()]
    assert soldiers == [f"{each:,.0f}" for each in explained.offers.tolist()]


def test_what_is_said_beside_the_reasons_names_the_backing_that_is_enough_and_the_peers_by_weight() -> None:
    setup = setup_of()
    explained: Explanation = explain_round(setup, "DEU", round=3, seed=0)
    backing, peers = said_of(explained, setup.scenario).values()
    assert f"(now {explained.environment['us_backing']:.2f})" in backing
    assert explained.enough_backing is not None
    assert backing.startswith(f"{explained.enough_backing:.2f},")
    weights = setup.peer_weights[setup.codes.index("DEU")]
    first = int(np.argmax(weights))
    assert peers.split(", ")[0].startswith(f"{setup.codes[first]} {weights[first]:.0%} ")
