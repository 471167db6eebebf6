"""Forcing a state affects the others by its declared stance only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.analysis.common_random_numbers import CommonRandomNumbers
from sim.analysis.fixed_stance import force
from sim.analysis.pivots import Pivots, pivots
from sim.ensemble import simulate as ensemble
from sim.errors import ModelError
from sim.model import simulate as agents
from sim.model.setup import Setup, prepare
from sim.plots.pivots import effects_of_forcing, pivots_title
from sim.scenario import Scenario, load_scenario
from tests.figures import bars, marks, strokes

FEW = range(6)


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare(load_scenario("paris-march-2025", ["rounds=12"]))


@pytest.fixture(scope="module")
def found(setup: Setup) -> Pivots:
    return pivots(setup, seed=1, replicates=60, threads=2, forced=["GBR", "POL", "MLT", "JPN"])


@pytest.mark.parametrize("option", ["abstain", "backstop", "troops"])
def test_a_forced_state_declares_the_option_in_every_round_with_either_engine(setup: Setup, option: str) -> None:
    state, place = setup.codes.index("CAN"), setup.menu.index(option)
    forced = force(setup, state, place)
    played = ensemble.simulate(forced, seed=3, replicates=FEW)
    assert (played.stances[:, :, state] == place).all()
    assert (played.conditional[:, :, state] == place).all()
    by_agents = agents.simulate(forced, seed=3, replicates=FEW)
    assert (by_agents.stances == played.stances).all()
    assert (played.stances != ensemble.simulate(setup, seed=3, replicates=FEW).stances).any()


def test_forcing_has_the_effect_of_the_experiment_with_leadership(setup: Setup) -> None:
    settings = ["rounds=12", "opening={DEU: troops}", "states.DEU.feels.leadership=100"]
    by_settings = prepare(load_scenario("paris-march-2025", settings))
    forced = force(setup, setup.codes.index("DEU"), setup.headline)
    one, other = (ensemble.simulate(each, seed=2, replicates=range(20)) for each in (by_settings, forced))
    assert (one.stances == other.stances).all()


def test_forcing_a_state_into_its_own_choice_has_no_effect(setup: Setup) -> None:
    sure = force(setup, 0, setup.headline)
    again = pivots(sure, seed=1, replicates=20, forced=[setup.codes[0]])
    row = again.states.iloc[0]
    assert row["joins"] == 1.0
    assert [row[f"in.{effect}"] for effect in ("others", "viable", "peace")] == [0.0, 0.0, 0.0]


def test_without_momentum_between_states_forcing_has_no_effect(asked: Callable[..., Scenario]) -> None:
    deaf = asked(
        "rounds=10", "weights.momentum=0", "weights.security=0", "menu.troops.ask=0", "couplings.russian_reaction=0",
        "proposal.redimensions=false", "ceasefire.truce_hazard=0",
    )  # fmt: skip
    found = pivots(prepare(deaf), seed=0, replicates=30)
    assert not found.states[["in.others", "out.others", "in.peace", "out.peace"]].to_numpy().any()
    assert all(moved.empty for moved in found.moved.values())


def test_effects_are_paired_differences_without_the_state_itself(setup: Setup, found: Pivots) -> None:
    state = setup.codes.index("POL")
    draws = range(60)
    alone, inside, outside = (
        ensemble.simulate(each, seed=1, replicates=draws).stances[:, -1] == setup.headline
        for each in (setup, force(setup, state, setup.headline), force(setup, state, 0))
    )
    others = [place for place in range(len(setup.codes)) if place != state]
    row = found.states.loc["POL"]
    assert row["in.others"] == pytest.approx((inside.sum(axis=1) - 1 - alone[:, others].sum(axis=1)).mean())
    assert row["swing.others"] == pytest.approx(row["in.others"] - row["out.others"])
    assert row["swing.others"] == pytest.approx(
        (inside[:, others].mean(axis=0) - outside[:, others].mean(axis=0)).sum()
    )
    assert row["joins"] == alone[:, state].mean()
    assert row["in.others.low"] < row["in.others"] < row["in.others.high"]
    assert "POL" not in found.moved["POL"].index


def test_the_states_with_the_largest_effects_come_first(found: Pivots) -> None:
    assert list(found.states["swing.others"].abs()) == sorted(found.states["swing.others"].abs(), reverse=True)
    assert found.states.index[0] == "GBR"


def test_sets_that_suffice_have_the_soldiers_and_a_lead(setup: Setup, found: Pivots) -> None:
    assert found.sets.least is not None
    assert found.sets.likeliest is not None
    for members in (*found.sets.least_named, found.sets.likeliest):
        offers = {code: setup.offers[setup.codes.index(code), setup.headline] for code in members}
        total = sum(offers.values())
        assert total >= found.ask
        assert total - min(offers.values()) < found.ask or len(set(members) & {"GBR", "FRA"}) == 1
        assert set(members) & {"GBR", "FRA"}
    assert len(found.sets.least_named) == found.sets.least.number


def test_an_ask_beyond_all_offers_leaves_no_set_and_no_power(setup: Setup) -> None:
    far = prepare(load_scenario("paris-march-2025", ["rounds=3", "menu.troops.ask=64000"]))
    found = pivots(far, seed=0, replicates=4, forced=["FRA"])
    assert found.sets.least is found.sets.likeliest is None
    assert sum(found.power.shapley_shubik) == 0


def test_threads_and_groups_change_nothing(setup: Setup) -> None:
    def stances(threads: int) -> np.ndarray:
        return CommonRandomNumbers(5, 300, threads).measure([setup], lambda _, ended: ended.stances)[0]

    assert (stances(1) == stances(3)).all()
    assert stances(1).shape == (300, len(setup.codes))


def test_only_states_on_the_roster_can_be_forced_and_not_into_abstaining(setup: Setup) -> None:
    with pytest.raises(ModelError, match=r"CHN \(China\) is not asked"):
        pivots(setup, seed=0, replicates=2, forced=["CHN"])
    with pytest.raises(ModelError, match="abstain is not an option to join"):
        pivots(setup, seed=0, replicates=2, option="abstain")
    with pytest.raises(ModelError, match="no option 'tanks' on the menu"):
        pivots(setup, seed=0, replicates=2, option="tanks")


def test_the_title_names_the_state_with_the_largest_effect(found: Pivots) -> None:
    made = effects_of_forcing(found)
    written = [text.get_text() for text in made.texts]
    assert pivots_title(found).startswith(
        "The United Kingdom has the largest effect: with it forced in rather than out, "
    )
    assert " ".join(written[0].split()) == pivots_title(found)
    assert {"GBR", "POL", "MLT", "JPN"} <= set(written)
    assert len(made.axes) == 4 + 4  # panels, and marks of the key


def test_a_roster_of_one_has_no_effects(asked: Callable[..., Scenario]) -> None:
    alone = pivots(prepare(asked("rounds=3", "roster.states=[FRA]", "leads=[FRA]")), seed=0, replicates=4)
    assert alone.states["in.others"].tolist() == [0.0]
    assert pivots_title(alone).startswith("No state has a significant effect on the others")
    effects_of_forcing(alone)


def test_marks_and_intervals_of_the_figure_are_the_effects_of_the_table(found: Pivots) -> None:
    panels = [axes for axes in effects_of_forcing(found).axes if axes.get_ylim() == (0, 4)]
    colour = "#1b4f9c"
    for axes, (effect, scale) in zip(panels, (("others", 1), ("viable", 100), ("peace", 100)), strict=False):
        drawn = marks(axes)
        lines = [each[:, 0].tolist() for each, shade in strokes(axes) if shade in (colour, "#5f676f")]
        for number, code in enumerate(found.states.index):
            for place, (way, face) in enumerate((("out", "#ffffff"), ("in", colour))):
                x, y, shade = drawn[2 * number + place]
                assert x == pytest.approx(scale * found.states.loc[code, f"{way}.{effect}"]), (code, way, effect)
                assert shade == face
                assert (y > 4 - number - 0.5) == (way == "in")
                ends = [scale * found.states.loc[code, f"{way}.{effect}.{end}"] for end in ("low", "high")]
                assert lines[2 * number + place] == pytest.approx(ends)
    power = panels[3]
    assert [bar.width for bar in bars(power)] == pytest.approx(100 * found.states["shapley_shubik"])
    banzhaf = [float(each[0, 0]) for each, shade in strokes(power) if shade == "#22262b"]
    assert banzhaf == pytest.approx([100 * each for each in found.states["banzhaf"] if each > 0])


def test_a_lead_forced_in_attracts_others_and_forced_out_deters_them(found: Pivots) -> None:
    lead = found.states.loc["GBR"]
    assert lead["in.others"] > 0 > lead["out.others"]
    assert lead["swing.others.low"] > 0
    assert lead["in.viable"] >= 0 >= lead["out.viable"]
