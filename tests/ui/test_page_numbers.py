"""The charts, figures, map and tables of the page show the numbers of the tables; without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.explain import Explanation, explain_round
from sim.analysis.interval import Interval
from sim.analysis.stance_shares import ShareDifference, StanceShares, difference, stance_shares
from sim.model.setup import Setup, prepare
from sim.plots.style import COLOURS, option_styles, tinted
from sim.scenario import load_scenario
from sim.theory.choice import ENVIRONMENT
from sim.ui import charts
from sim.ui.bargaining import AllStates, Reasoning, _figures, further_facts
from sim.ui.case import Case
from sim.ui.live_model import LiveModel
from sim.ui.probabilities import StatesByProbability, _with_interval, figures_of
from sim.ui.state_views import MapLegend, MapOfStates
from tests.ui.widgets import render, strings

CODES = ("GBR", "FRA", "DEU", "POL", "HUN", "CAN")
SETTINGS = ("rounds=6", f"roster.states=[{', '.join(CODES)}]", "menu.troops.ask=14000")
OPTIONS = ("abstain", "guarantee", "backstop", "troops")


def setup_of(*settings: str) -> Setup:
    return prepare(load_scenario("paris-march-2025", (*SETTINGS, *settings)))


@pytest.fixture(scope="module")
def pinned() -> StanceShares:
    return stance_shares(sim.run(setup_of().scenario, seed=2, replicates=80))


@pytest.fixture(scope="module")
def now() -> StanceShares:
    return stance_shares(sim.run(setup_of("environment.us_backing=0.7").scenario, seed=2, replicates=80))


@pytest.fixture(scope="module")
def changed(now: StanceShares, pinned: StanceShares) -> ShareDifference:
    return difference(now, pinned)


# Charts


def rounds_by_hand() -> pd.DataFrame:
    """Return four rounds in which all columns differ, with asymmetric bands."""
    names = [f"{kind}_states{end}" for kind in ("guarantee", "backstop", "troop") for end in ("", "_conditional")]
    names += [f"personnel_{option}" for option in OPTIONS[1:]] + ["ask", "deterrence", *ENVIRONMENT]
    table = pd.DataFrame({"round": [1, 2, 3, 4]})
    for number, name in enumerate(names, start=1):
        values = np.array([1.0, 2.0, 4.0, 3.0]) * number / 10
        table[name], table[f"{name}.p05"], table[f"{name}.p95"] = values, values * 0.8, values * 1.5
    return table


def series_of(option: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in option["series"] if each["name"] == name]


def test_the_chart_of_stances_stacks_firm_counts_from_the_deepest_option_with_the_conditional_line_on_top() -> None:
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


def test_the_chart_of_soldiers_has_means_bands_of_90_percent_and_the_ask() -> None:
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
        top = np.add(edge["data"], band["data"])  # the band is stacked on its lower edge
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
    series = {each["name"].lower(): each["data"] for each in option["series"]}
    assert len(series) == len(option["series"]) == 7
    words = {"us_backing": "us backing", "russian_opposition": "russian opposition", "deterrence": "deterrence"}
    for column, name in words.items():
        assert series[name] == pytest.approx(rounds[column].tolist())
    for each, column in zip(option["series"], (*ENVIRONMENT, "deterrence"), strict=True):
        assert each["data"] == pytest.approx(rounds[column].tolist()), column
    assert option["yAxis"]["max"] == 1.0


def test_the_text_of_a_chart_has_the_last_values_and_changes_are_marked() -> None:
    rounds, scenario = rounds_by_hand(), setup_of().scenario
    option = charts.soldiers(rounds, scenario, [2, 3])
    marked = [each["markLine"]["data"] for each in option["series"] if "markLine" in each]
    assert marked == [[{"xAxis": "2"}, {"xAxis": "3"}]]
    last = dict(part.split(": ") for part in charts.text_of(option).split("; "))
    assert last["Ask for the headline in force"] == f"{rounds['ask'].iloc[-1]:,.4g}"
    assert last["Troops in Ukraine"] == f"{rounds['personnel_troops'].iloc[-1]:,.4g}"


# Probabilities


def by_label(figures: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {each["label"]: each for each in figures}


def test_figures_are_means_over_replicates_with_90_percent_ranges(now: StanceShares) -> None:
    figures, table = by_label(figures_of(now, None)), now.outcomes
    for label, column in (
        ("Viable force", "viable"),
        ("Final headline viable", "viable_now"),
        ("Permanent ceasefire holds", "peace_holds"),
    ):
        assert figures[label]["value"] == share_in_words(table[column].mean()), label
    amounts = {
        "Troops in Ukraine": ("troop_states", 1),
        "If the conditions were met": ("troop_states_conditional", 1),
        "Soldiers for troops": ("personnel_troops", 0),
        "Final ask": ("ask", 0),
        "Deterrence": ("deterrence", 2),
    }
    for label, (column, digits) in amounts.items():
        low, high = np.quantile(table[column], [0.05, 0.95])
        assert figures[label]["value"] == f"{table[column].mean():,.{digits}f}", label
        assert figures[label]["note"] == f"90% of replicates: {low:,.{digits}f} to {high:,.{digits}f}", label
    assert set(figures) == {"Viable force", "Final headline viable", "Permanent ceasefire holds", *amounts}
    values = [figures[label]["value"] for label in ("Troops in Ukraine", "If the conditions were met")]
    assert len(set(values)) == 2  # firm and conditional are two numbers here


def share_in_words(share: float) -> str:
    return "<1%" if 0 < share <= 0.005 else ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def test_with_a_pinned_case_notes_have_the_difference_from_it(
    now: StanceShares, pinned: StanceShares, changed: ShareDifference
) -> None:
    figures = by_label(figures_of(now, changed))
    gained = now.outcomes["troop_states"].mean() - pinned.outcomes["troop_states"].mean()
    assert gained > 0
    assert figures["Troops in Ukraine"]["note"].startswith(f"+{gained:.1f} vs. pinned (")
    reversed_figures = by_label(figures_of(pinned, difference(pinned, now)))
    assert reversed_figures["Troops in Ukraine"]["note"].startswith(f"−{gained:.1f} vs. pinned (")
    points = 100 * (now.outcomes["viable"].mean() - pinned.outcomes["viable"].mean())
    assert figures["Viable force"]["note"].startswith(f"{points:+,.1f} points vs. pinned (")
    assert figures["Viable force"]["value"] == share_in_words(now.outcomes["viable"].mean())


def test_a_change_has_its_sign_and_its_interval() -> None:
    assert _with_interval(Interval(mean=-0.05, low=-0.1, high=0.02), 100.0, 1, " points") == (
        "−5.0 points vs. pinned (−10.0 to +2.0)"
    )
    assert _with_interval(Interval(mean=0.9, low=0.7, high=1.1), 100.0, 1, " points").endswith("(+70.0 to +100.0)")
    assert _with_interval(Interval(mean=0.0, low=0.0, high=0.0), 1.0, 1) == "same as the pinned case"


def test_states_are_listed_with_their_probabilities_and_changes(
    now: StanceShares, pinned: StanceShares, changed: ShareDifference
) -> None:
    with render(StatesByProbability(now, changed, None, lambda code: None)) as view:
        table = view.with_trait("rows")
        rows = {row["code"]: row for row in table.rows}
        assert list(rows) == list(now.setup.codes)
        assert (table.first, table.descending) == ("chance_troops", True)
        for code, row in rows.items():
            state = now.setup.codes.index(code)
            for index, option in enumerate(OPTIONS):
                assert row[f"chance_{option}"] == np.mean(now.stances[:, state] == index), (code, option)
                assert row["texts"][f"chance_{option}"] == share_in_words(row[f"chance_{option}"])
            assert row["chance_troops_conditional"] == np.mean(now.conditional[:, state] == 3)
            change = np.mean(now.stances[:, state] == 3) - np.mean(pinned.stances[:, state] == 3)
            assert row["change"] == pytest.approx(change)
            assert row["texts"]["change"].endswith(" *") == (code in changed.movers)
            assert row["leads"] == (code in ("GBR", "FRA"))
        heads = [column["value"] for column in table.columns]
        assert heads[:4] == ["name", "chance_troops", "change", "chance_troops_conditional"]


# The map and its key


def chances_by_hand() -> pd.DataFrame:
    """Return shares that all differ; Poland and Canada would hold a deeper option if the conditions were met."""
    rows = {
        "GBR": (0.1, 0.0, 0.0, 0.9, 1.0),
        "FRA": (0.2, 0.2, 0.0, 0.6, 0.7),
        "DEU": (0.3, 0.3, 0.4, 0.0, 0.4),
        "POL": (0.2, 0.0, 0.8, 0.0, 0.5),
        "HUN": (1.0, 0.0, 0.0, 0.0, 0.0),
        "CAN": (0.5, 0.5, 0.0, 0.0, 0.9),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*OPTIONS, "troops_conditional"])


def test_a_state_on_the_map_has_the_colour_number_and_text_of_its_likeliest_stance() -> None:
    setup, chances = setup_of(), chances_by_hand()
    with render(MapOfStates(setup, chances, None, lambda code: None, False)) as view:
        states = view.with_trait("states").states
        expected = {
            "GBR": ("troops", 1.0, 90), "FRA": ("troops", 0.8, 60), "DEU": ("backstop", 0.6, 40),
            "POL": ("backstop", 1.0, 80), "HUN": ("abstain", 1.0, 100), "CAN": ("abstain", 1.0, 50),
        }  # fmt: skip
        for code, (option, tint, percent) in expected.items():
            assert states[code]["fill"] == tinted(COLOURS[option], tint), code
            assert states[code]["text"][-1] == str(percent)
            assert f"{percent}% of replicates" in states[code]["lines"][0]
            assert states[code]["hatched"] == (code in ("POL", "CAN"))
            assert len(states[code]["lines"]) == 1 + (code in ("POL", "CAN"))
            assert states[code]["leads"] == (code in ("GBR", "FRA"))
        assert view.with_trait("states").hatch == COLOURS["troops"]
    with render(MapOfStates(setup, chances, None, lambda code: None, True)) as view:
        assert view.with_trait("states").states["POL"]["text"] == ["POL"]


def legend_texts(chances: pd.DataFrame) -> list[str]:
    with render(MapLegend(setup_of().scenario, chances)) as view:
        return [text for widget in view.widgets() for text in strings(getattr(widget, "children", ()))][:5]


def legend_of(*counts: str) -> list[str]:
    labels = [option_styles(setup_of().scenario)[name].label for name in reversed(OPTIONS)]
    conditional = "would send troops if the conditions were met"
    return [f"{label}: {count}" for label, count in zip([*labels, conditional], counts, strict=True)]


def test_the_legend_has_mean_counts_of_states() -> None:
    # .9 + .6; .4 + .8; .2 + .3 + .5; .1 + .2 + .3 + .2 + 1 + .5; and 1 + .7 + .4 + .5 + .9 under the conditions
    assert legend_texts(chances_by_hand()) == legend_of("1.5", "1.2", "1.0", "2.3", "3.5")


def test_the_legend_has_whole_counts_if_all_replicates_end_alike() -> None:
    chances = (chances_by_hand() >= 0.55).astype(float)  # GBR and FRA in troops, POL in the backstop, HUN abstains
    chances.loc[["DEU", "CAN"], "guarantee"] = 1.0
    chances.loc["CAN", "troops_conditional"] = 0.0
    assert legend_texts(chances) == legend_of("2", "1", "2", "1", "2")


# One replicate


@pytest.fixture(scope="module")
def model() -> LiveModel:
    return LiveModel(Case(scenario="paris-march-2025", settings=("rounds=20", "menu.troops.ask=60000")), rounds=16)


def test_figures_of_a_round_are_those_of_the_model(model: LiveModel) -> None:
    figures = by_label(_figures(model.snapshot()))
    firm = model.profile == 3
    conditional = (model.conditional_profile == 3) & ~firm
    assert figures["Round"]["value"] == "16 of 20"
    assert figures["Troops in Ukraine"]["value"] == str(int(firm.sum()))
    assert figures["Troops in Ukraine"]["note"].startswith(f"{int(conditional.sum())} more if the conditions were met")
    assert conditional.any()
    headline = model.headline
    declared = sum(
        model.setup.offers[state, headline] for state, option in enumerate(model.profile) if option == headline
    )
    assert figures["Soldiers declared"]["value"] == f"{declared:,.0f}"
    assert figures["Soldiers declared"]["note"] == f"of {model.asks[headline]:,.0f} asked"
    assert model.asks[headline] < 60_000  # the leads have lowered the ask
    assert figures["Headline"]["note"].startswith("changed ")
    assert figures["US backing"]["value"] == f"{model.environment[ENVIRONMENT.index('us_backing')]:.2f}"
    assert figures["US backing"]["note"].endswith(f"{model.environment[ENVIRONMENT.index('russian_opposition')]:.2f}")
    assert figures["Deterrence"]["value"] == f"{model.deterrence:.2f}"


def test_all_states_are_listed_with_firm_and_conditional_stances_and_offers(model: LiveModel) -> None:
    with render(AllStates(model.snapshot(), None, lambda code: None)) as view:
        rows = {row["code"]: row for row in view.with_trait("rows").rows}
    for state, code in enumerate(model.setup.codes):
        row, index = rows[code], int(model.profile[state])
        assert row["stance"] == index
        assert row["conditional"] == ("yes" if model.conditional_profile[state] == 3 else "no")
        assert row["offer"] == model.setup.offers[state, index]
        assert row["deepest"] == model.setup.offers[state, 3]
        assert row["colours"]["stance"] == COLOURS[OPTIONS[index]]
    combinations = {(row["stance"] == 3, row["conditional"]) for row in rows.values()}
    assert {(False, "yes"), (False, "no"), (True, "yes")} <= combinations


def test_the_table_of_considerations_has_the_terms_of_the_explanation(model: LiveModel) -> None:
    explained = model.explain("POL")
    with render(Reasoning(explained, model.setup.scenario)) as view:
        reasons = view.with_trait("sums")
        assert [option["name"] for option in reasons.options] == list(explained.options)
        assert [option["colour"] for option in reasons.options] == [COLOURS[option] for option in explained.options]
        for row in reasons.rows:
            index = explained.considerations.index(row["name"])
            assert row["amounts"] == explained.terms[:, index].tolist()
        missing = set(explained.considerations) - {row["name"] for row in reasons.rows}
        left_out = [explained.terms[:, explained.considerations.index(name)] for name in missing]
        assert np.abs(left_out).max(initial=0.0) < 0.005
        utility, chance, soldiers = (each["texts"] for each in reasons.sums)
    assert utility == [f"{each:+.2f}".replace("-", "−") if each else "0" for each in explained.utilities.tolist()]
    assert chance == [share_in_words(each) for each in explained.probabilities.tolist()]
    assert soldiers == [f"{each:,.0f}" for each in explained.offers.tolist()]


def test_further_facts_are_the_required_backing_and_the_peers_by_weight() -> None:
    setup = setup_of()
    explained: Explanation = explain_round(setup, "DEU", round=3, seed=0)
    backing, peers = further_facts(explained, setup.scenario).values()
    assert f"(now {explained.environment['us_backing']:.2f})" in backing
    assert explained.enough_backing is not None
    assert backing.startswith(f"{explained.enough_backing:.2f},")
    weights = setup.peer_weights[setup.codes.index("DEU")]
    first = int(np.argmax(weights))
    assert peers.split(", ")[0].startswith(f"{setup.codes[first]} {weights[first]:.0%} ")
