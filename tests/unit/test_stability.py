"""The audit of final profiles computes utilities as the agents do, misses no group, and varies the weights."""

from __future__ import annotations

import numpy as np
import pytest

import sim.analysis.stability as audited
from sim.analysis.final_profiles import FinalProfiles, final_profiles
from sim.analysis.payoffs import payoff_workspace, rules_of
from sim.analysis.stability import Stability, payoff_of, stability
from sim.analysis.stability_kernel import CONVERGED, buffers_for, judge
from sim.analysis.weight_perturbation import factors, pulls_of
from sim.errors import ModelError
from sim.games.stability import audit
from sim.model.coalition import CoalitionModel
from sim.model.perception import perceive_world
from sim.model.setup import Setup, prepare
from sim.plots.stability import stability_of_profiles, stability_title
from sim.plots.style import COLOURS
from sim.scenario import load_scenario
from sim.theory.considerations import CONSIDERATIONS, Consideration
from tests.figures import bars, marks, strokes, texts

NAME = "paris-march-2025"
SIX = "roster.states=[GBR, FRA, DEU, POL, BEL, NLD]"
EIGHT = "roster.states=[GBR, FRA, DEU, POL, BEL, NLD, TUR, ROU]"
CLOSE = (
    EIGHT,
    "rounds=6",
    "revision=0.5",
    "weights.momentum=5",
    "menu.troops.ask=12000",
)  # states that need each other

ALL_OR_NOTHING = (
    EIGHT,
    "rounds=2",
    "weights.seat=5",
    "belief.spread=0.1",
    "weights.momentum=0",
    "menu.troops.ask=9000",
)


def setup_of(name: str, *settings: str) -> Setup:
    return prepare(load_scenario(name, settings))


def ended(setup: Setup, seed: int, replicate: int) -> CoalitionModel:
    model = CoalitionModel(setup, rng=seed, replicate=replicate, collects=False)
    for _ in range(setup.scenario.rounds):
        model.step()
    return model


def worth_of(setup: Setup, reached: FinalProfiles) -> np.ndarray:
    found = buffers_for(*reached.scaled_tastes.shape)
    given = reached.environment, reached.asks, reached.scaled_tastes, reached.profiles
    judge(rules_of(setup), *given, payoff_workspace(rules_of(setup)), 50, found)
    return found.utility


# The agents' own weighing


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        (NAME, ("rounds=26",)),
        (NAME, ("rounds=30", "proposal.patience=2", "turnover=0.5", "activation=random_sequence")),
        (NAME, (SIX, "rounds=12", "momentum.counts=same_option", "activation=one_at_a_time", "turnover=1")),
        ("security-buffet", ("rounds=9", "sharpness=.inf")),
        ("un-mandate", ("rounds=5", "activation=leads_first", "menu.backstop=null")),
    ],
)
def test_utilities_equal_those_of_the_agents_to_the_last_bit(name: str, settings: tuple[str, ...]) -> None:
    setup = setup_of(name, *settings)
    reached = final_profiles(setup, seed=5, replicates=range(3, 6))
    utility = worth_of(setup, reached)
    for place, replicate in enumerate((3, 4, 5)):
        model = ended(setup, 5, replicate)
        assert np.array_equal(reached.profiles[place], model.profile)
        assert np.array_equal(reached.environment[place], model.environment)
        assert np.array_equal(reached.asks[place], model.asks)
        payoffs = payoff_of(setup, reached, place)(reached.profiles[place])
        for state in model.states:
            scaled_taste = state.taste / setup.scenario.sharpness
            own = state.weigh(state.perceive(model.outlook, state.stance)) + scaled_taste
            assert np.array_equal(reached.scaled_tastes[place, state.index], scaled_taste)
            assert np.array_equal(utility[place, state.index], own)
            assert payoffs[state.index] == own[state.stance]
            would = state.choose(model.outlook, state.stance)
            assert (utility[place, state.index].argmax() == would) or own[would] == own[state.stance]


def test_in_a_group_a_state_weighs_as_if_the_others_had_gone_before_it() -> None:
    setup = setup_of(NAME, SIX, "rounds=8")
    reached = final_profiles(setup, seed=1, replicates=range(1))
    model, troops = ended(setup, 1, 0), setup.menu.index("troops")
    together = reached.profiles[0].copy()
    together[[2, 4]] = troops
    found = payoff_of(setup, reached, 0)(together)
    for place, state in enumerate(model.states):
        before = together.copy()
        before[place] = state.stance
        seen = perceive_world(setup, model.environment, before, model.asks)
        utility = state.weigh(state.perceive(seen, state.stance)) + state.taste / setup.scenario.sharpness
        assert found[place] == utility[together[place]]


# The general audit


@pytest.mark.parametrize("settings", [CLOSE, ALL_OR_NOTHING])
def test_the_compiled_audit_agrees_with_the_general_one(settings: tuple[str, ...]) -> None:
    setup = setup_of(NAME, *settings)
    replicates = 12
    found = stability(setup, seed=2, replicates=replicates)
    reached = final_profiles(setup, seed=2, replicates=range(replicates))
    options = len(setup.menu.names)
    audits = [
        audit(payoff_of(setup, reached, place), reached.profiles[place].tolist(), options, tolerance=0.0)
        for place in range(replicates)
    ]
    assert any(len(group) == 2 for each in audits for group in each.groups)

    def share(claims: list[bool]) -> float:
        return sum(claims) / replicates

    assert found.verdicts["nash"].mean == share([each.is_nash for each in audits])
    assert found.verdicts["individual"].mean == share([each.is_individually_stable for each in audits])
    assert found.verdicts["contractual"].mean == share([each.is_contractually_stable for each in audits])
    assert found.verdicts["core"].mean == share([each.is_in_core for each in audits])
    assert found.regret.mean == pytest.approx(np.mean([each.regrets for each in audits]), abs=1e-15)
    assert found.largest_regret.mean == pytest.approx(np.mean([max(each.regrets) for each in audits]), abs=1e-15)
    for k, option in enumerate(setup.menu.names):
        assert found.options.at[option, "internal"] == share([each.internal[k] for each in audits])
        assert found.options.at[option, "external"] == share([each.external[k] for each in audits])
    joint = [group for each in audits for group in each.groups if len(group) > 1]
    told = {
        moves: round(share * replicates) for moves, share in found.groups[["moves", "share"]].itertuples(index=False)
    }
    named = [tuple((setup.codes[i], setup.menu.names[k]) for i, k in group) for group in joint]
    assert told == {moves: named.count(moves) for moves in named}
    for size in (1, 2, 3):
        assert found.group_sizes[size] == share([any(len(group) == size for group in each.groups) for each in audits])
    for i, code in enumerate(setup.codes):
        moves = [each.best[i] for each in audits if each.regrets[i] > 0.0]
        assert found.states.at[code, "changes"] == len(moves) / replicates
        for k, option in enumerate(setup.menu.names):
            assert found.states.at[code, f"to.{option}"] == moves.count(k) / replicates


@pytest.mark.proof
@pytest.mark.parametrize("draw", range(40))
def test_no_group_is_missed_whatever_the_weights(draw: int) -> None:
    base = setup_of(NAME, *CLOSE)
    factor = factors(base, seed=8, draws=draw + 1, spread=1.2)[draw].tolist()
    weights = [
        f"weights.{name}={base.scenario.weights[name] * by!r}"
        for name, by in zip(base.considerations, factor, strict=True)
    ]
    counts = "same_option" if draw % 2 else "at_or_above"
    setup = setup_of(NAME, *CLOSE, *weights, f"momentum.counts={counts}", f"belief.spread={0.1 + 0.02 * draw}")
    found, reached = stability(setup, seed=0, replicates=3), final_profiles(setup, seed=0, replicates=range(3))
    groups = [
        tuple((setup.codes[i], setup.menu.names[k]) for i, k in group)
        for place in range(3)
        for group in audit(payoff_of(setup, reached, place), reached.profiles[place].tolist(), 4, tolerance=0.0).groups
        if len(group) > 1
    ]
    told = {moves: round(3 * share) for moves, share in found.groups[["moves", "share"]].itertuples(index=False)}
    assert told == {moves: groups.count(moves) for moves in groups}


def test_groups_of_three_that_gain_only_together_are_detected() -> None:
    setup = setup_of(NAME, *CLOSE, "momentum.formats=everyone", "weights.momentum=8")
    found = stability(setup, seed=0, replicates=40)
    assert (found.groups["size"] == 3).any()
    assert found.group_sizes[3] > 0.0
    only_pairs = stability(setup, seed=0, replicates=40, largest_group=2)
    assert only_pairs.groups.equals(found.groups[found.groups["size"] == 2].reset_index(drop=True))
    assert only_pairs.verdicts["core"].mean >= found.verdicts["core"].mean


def test_replicates_in_which_not_all_joint_deviations_were_tried_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = setup_of(NAME, *CLOSE)
    assert stability(setup, seed=0, replicates=5).cut_short == 0
    monkeypatch.setattr(audited, "_MOST_TRIED", 1)
    assert stability(setup, seed=0, replicates=5).cut_short > 0


def test_rows_that_do_not_fit_at_first_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = setup_of(NAME, *CLOSE)
    found = stability(setup, seed=0, replicates=10)
    monkeypatch.setattr(audited, "_ROWS", 1)
    assert stability(setup, seed=0, replicates=10).groups.equals(found.groups)


# Going on


def test_revisions_in_fixed_circumstances_end_in_a_nash_profile() -> None:
    still = ("revision=1", "turnover=0", "proposal.redimensions=false", "environment.us_backing=0.4", "rounds=20")
    found = stability(setup_of(NAME, *still, "couplings.russian_reaction=0"), seed=0, replicates=40)
    settled = found.going_on.loc["at_once"]
    assert found.verdicts["nash"].mean == 1.0 - settled["cycles"]
    assert settled["settles"] > 0.9
    assert settled["turns"] == 0.0


def test_profiles_that_have_converged_are_nash() -> None:
    setup = setup_of(NAME, *CLOSE)
    reached = final_profiles(setup, seed=4, replicates=range(20))
    found = buffers_for(*reached.scaled_tastes.shape)
    workspace, rules = payoff_workspace(rules_of(setup)), rules_of(setup)
    judge(rules, reached.environment, reached.asks, reached.scaled_tastes, reached.profiles, workspace, 100, found)
    settled = np.flatnonzero(found.ends[:, 0] == CONVERGED)
    assert (found.turns[settled, 0] > 0).any()
    for place in settled:
        there = FinalProfiles(
            profiles=found.leads_to[place, 0][None],
            environment=reached.environment[place][None],
            asks=reached.asks[place][None],
            scaled_tastes=reached.scaled_tastes[place][None],
        )
        payoff = payoff_of(setup, there, 0)
        assert audit(payoff, there.profiles[0].tolist(), 4, largest_group=1, tolerance=0.0).is_nash


def test_a_cycle_is_shown_as_the_agents_would_go_round_in_it() -> None:
    """Without consistency, the stances of four states can change one another for ever."""
    setup = setup_of(NAME, "weights.consistency=0")
    found = stability(setup, seed=0, replicates=78, largest_group=1)
    cycle = found.cycles[0]
    assert found.going_on.at["in_turn", "cycles"] > 0
    assert (cycle.replicate, cycle.order, len(cycle.stances)) == (77, "in_turn", 2)
    model, places, names = ended(setup, 0, 77), [setup.codes.index(code) for code in cycle.states], setup.menu.names
    profile, seen = model.profile, []
    for _ in range(6):
        for state in model.states:
            outlook = perceive_world(setup, model.environment, profile, model.asks)
            profile = profile.copy()
            profile[state.index] = state.choose(outlook, int(profile[state.index]))
        seen.append(tuple(names[profile[place]] for place in places))
    assert {*seen[-2:]} == {*cycle.stances}
    assert seen[-4:-2] == seen[-2:]


# Weights drawn


def test_weights_drawn_without_spread_are_those_of_the_scenario() -> None:
    setup = setup_of(NAME, "rounds=16")
    assert np.array_equal(pulls_of(setup, factors(setup, seed=0, draws=2, spread=0.0))[1], setup.pulls)
    found = stability(setup, seed=0, replicates=60, draws=3, spread=0.0)
    assert found.likelihood is not None
    assert found.likelihood.nash.mean == pytest.approx(found.verdicts["nash"].mean, abs=1e-15)
    assert found.likelihood.stays == 1.0
    assert np.allclose(found.options["internal_drawn"], found.options["internal"], atol=1e-15)
    assert np.allclose(found.options["external_drawn"], found.options["external"], atol=1e-15)
    assert np.allclose(found.states["keeps"], 1.0 - found.states["changes"], atol=1e-15)


def test_a_draw_is_a_scenario_with_these_weights() -> None:
    setup = setup_of(NAME, SIX)
    factor = factors(setup, seed=3, draws=4, spread=0.3)[2]
    drawn = [
        f"weights.{name}={setup.scenario.weights[name] * by!r}"
        for name, by in zip(setup.considerations, factor.tolist(), strict=True)
    ]
    other = setup_of(NAME, SIX, *drawn)
    assert np.allclose(pulls_of(setup, factor[None])[0], other.pulls, rtol=1e-12, atol=0.0)
    assert not np.allclose(other.pulls, setup.pulls)


def test_more_draws_or_another_consideration_leave_the_draws_as_they_are() -> None:
    setup, fewer = setup_of(NAME), setup_of(NAME, "weights.hub=null", "menu.backstop.raises.hub=null")
    drawn = factors(setup, seed=0, draws=400, spread=0.2)
    assert np.array_equal(factors(setup, seed=0, draws=3, spread=0.2), drawn[:3])
    kept = [setup.considerations.index(name) for name in fewer.considerations]
    assert len(kept) == len(setup.considerations) - 1
    assert np.array_equal(factors(fewer, seed=0, draws=3, spread=0.2), drawn[:3, kept])
    assert not np.array_equal(factors(setup, seed=1, draws=3, spread=0.2), drawn[:3])
    assert np.log(drawn).std() == pytest.approx(0.2, rel=0.03)
    assert np.log(drawn).mean() == pytest.approx(0.0, abs=0.01)


def test_the_further_weights_are_drawn_the_fewer_profiles_stay_stable() -> None:
    setup = setup_of(NAME)
    shares = [
        found.likelihood.nash.mean
        for spread in (0.02, 0.1, 0.4)
        for found in (stability(setup, seed=0, replicates=100, draws=40, spread=spread, largest_group=1),)
        if found.likelihood is not None
    ]
    assert shares[0] > shares[1] > shares[2]


# How it is asked


def test_the_answer_is_the_same_on_any_number_of_threads() -> None:
    setup, told = setup_of(NAME, EIGHT, "rounds=5"), []
    one = stability(setup, seed=0, replicates=230, draws=5)
    two = stability(setup, seed=0, replicates=230, draws=5, threads=2, on_progress=told.append)
    assert told == [100, 100, 30]
    assert (one.verdicts, one.likelihood, one.cycles) == (two.verdicts, two.likelihood, two.cycles)
    for table in ("options", "states", "groups", "going_on"):
        assert getattr(one, table).equals(getattr(two, table))


def test_scenarios_that_cannot_be_audited_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = setup_of(NAME, SIX)
    with pytest.raises(ModelError, match="no replicates to audit"):
        stability(setup, seed=0, replicates=0)
    with pytest.raises(ModelError, match="groups of 1 to 3"):
        stability(setup, seed=0, replicates=1, largest_group=4)

    def mood(observation: object) -> float:
        return 1.0

    own = Consideration(about="mood", feels=lambda states, option: np.ones(len(states.codes)), driver=mood)
    monkeypatch.setitem(CONSIDERATIONS, "mood", own)
    moody = setup_of(NAME, SIX, "weights.mood=1", "menu.troops.raises.mood=1")
    with pytest.raises(ModelError, match="driver mood is a function of your own, which the audit"):
        stability(moody, seed=0, replicates=1)


# The figure


@pytest.fixture(scope="module")
def shown() -> Stability:
    return stability(setup_of(NAME), seed=0, replicates=200, draws=20)


def test_the_title_gives_the_share_of_stable_profiles(shown: Stability) -> None:
    made = stability_of_profiles(shown)
    nash, core = (f"{shown.verdicts[name].mean:.0%}" for name in ("nash", "core"))
    said = f"In {nash} of final profiles no state would change its stance alone; in {core} no two or three together"
    assert stability_title(shown) == f"{said} would either"
    written = [text.get_text() for text in texts(made)]
    first = shown.states.iloc[0]
    assert f"{first['keeps']:.0%}" in written
    assert "Troops in Ukraine" in written
    assert any("nine draws in ten" in text for text in written)


def test_nothing_in_the_figure_is_beyond_its_edges_or_on_its_footer(shown: Stability) -> None:
    many = stability(setup_of("security-buffet"), seed=0, replicates=30, largest_group=1)
    for found in (shown, many):
        made = stability_of_profiles(found)
        wide, high = made.get_size_inches() * made.dpi
        boxes = {text.get_text(): text.get_window_extent() for text in texts(made)}
        footer = next(box for words, box in boxes.items() if words.startswith("Scenario "))
        for words, box in boxes.items():
            assert box.x0 >= 0, words
            assert box.x1 <= wide, words
            assert box.y1 <= high, words
            assert box is footer or box.y0 >= footer.y1, words


def test_the_figure_of_a_stable_profile_names_no_state() -> None:
    calm = ("rounds=3", SIX, "revision=1", "turnover=0", "environment.us_backing=0.4", "weights.momentum=0")
    found = stability(setup_of(NAME, *calm, "weights.security=0", "weights.seat=0"), seed=1, replicates=1)
    assert not found.states["changes"].any()
    made = stability_of_profiles(found)
    assert stability_title(found) == "No state would change its stance alone"
    assert "None, in any replicate" in [text.get_text() for text in texts(made)]


def test_bars_and_dots_of_the_figure_are_the_shares_of_the_tables(shown: Stability) -> None:
    made = stability_of_profiles(shown)
    rows = shown.states[shown.states["changes"] > 0.0].head(16)
    states = next(axes for axes in made.axes if axes.get_ylim() == (0, len(rows)) and bars(axes))
    drawn: dict[float, dict[str, float]] = {}
    for bar in bars(states):
        drawn.setdefault(bar.middle, {})[bar.colour] = bar.width
    for (code, row), middle in zip(rows.iterrows(), sorted(drawn, reverse=True), strict=True):
        wanted = {COLOURS[option].lower(): row[f"to.{option}"] for option in shown.setup.menu.names}
        assert drawn[middle] == pytest.approx({colour: part for colour, part in wanted.items() if part > 0}), code
        assert sum(drawn[middle].values()) == pytest.approx(row["changes"])
    values = [shown.verdicts[name] for name in ("core", "nash", "individual", "contractual")]
    assert shown.likelihood is not None
    values.append(shown.likelihood.nash)
    shares = next(axes for axes in made.axes if axes.get_ylim() == (0, 5) and not bars(axes))
    assert [x for x, _, _ in marks(shares)] == pytest.approx([value.mean for value in values])
    ends = [each[:, 0].tolist() for each, _ in strokes(shares)]
    assert ends == [pytest.approx([value.low, value.high]) for value in values]
    options = next(axes for axes in made.axes if axes.get_ylim() == (0, 4) and len(marks(axes)) == 8)
    for place, option in enumerate(shown.setup.menu.names):
        external, internal = marks(options)[2 * place : 2 * place + 2]
        assert external[::2] == (pytest.approx(shown.options.loc[option, "external"]), "#ffffff")
        assert internal[::2] == (pytest.approx(shown.options.loc[option, "internal"]), COLOURS[option].lower())
