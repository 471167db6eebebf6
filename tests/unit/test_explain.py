"""An explanation agrees with the model: every term, every stance and every peer, for every state and round."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.analysis.explain import Explanation, explain_now, explain_round, explain_start
from sim.analysis.reasons import main_reasons
from sim.errors import ModelError
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, prepare
from sim.model.simulate import simulate
from sim.plots import option_styles
from sim.plots.explanation import considerations_by_option
from sim.scenario import Scenario, load_scenario
from sim.text.words import capitalised, consideration_name
from sim.theory import choice
from sim.theory.considerations import CONSIDERATIONS
from tests.figures import bars
from tests.theory.twin import Talks, conditions_met
from tests.theory.twin_draws import Draws
from tests.theory.twin_mind import Mind, menu, minds, of
from tests.theory.twin_value import View, terms, view

PARIS = load_scenario("paris-march-2025")
TOY = (
    "roster.states=[GBR, FRA, POL, X99]",
    "menu.guarantee=null",
    "menu.backstop=null",
    "weights={" + ", ".join(f"{name}: 0" for name in CONSIDERATIONS if name not in ("opinion", "momentum")) + "}",
    "momentum.budgets_count=false",
    "deterrence.punishment=0",
    "menu.troops.share=0",
)


@pytest.fixture(scope="module")
def paris() -> Setup:
    return prepare(PARIS)


def agrees(explained: Explanation, scenario: Scenario, mind: Mind, seen: View, held: str) -> bool:
    """Whether every term equals that of the slow twin."""
    expected = [list(terms(scenario, mind, option, held, seen).values()) for option in menu(scenario)]
    return np.allclose(explained.terms, expected, rtol=1e-12, atol=1e-12)


# At the start


@pytest.mark.parametrize("name", ["paris-march-2025", "un-mandate", "limited-truce"])
@pytest.mark.parametrize("conditional", [False, True])
def test_at_the_start_every_term_is_that_of_the_slow_twin(name: str, conditional: bool) -> None:
    scenario = load_scenario(name)
    setup, roster = prepare(scenario), minds(scenario)
    asks = {option: of(scenario, option, "ask") for option in menu(scenario)}
    environment = Talks(scenario, Draws(seed=0, replicate=0)).environment_in(1)
    world = conditions_met(scenario, environment) if conditional else environment
    seen = view(scenario, roster, world, dict.fromkeys(roster, "abstain"), asks)
    for code, mind in roster.items():
        explained = explain_start(setup, code, conditional=conditional)
        assert explained.environment == pytest.approx(world, abs=1e-15)
        assert agrees(explained, scenario, mind, seen, "abstain"), code


def test_the_terms_sum_to_the_utility_and_that_of_abstaining_is_zero(paris: Setup) -> None:
    for code in paris.codes:
        for explained in (explain_start(paris, code), explain_round(paris, code, round=3, seed=1)):
            assert explained.considerations == tuple(CONSIDERATIONS)
            assert explained.options == ("abstain", "guarantee", "backstop", "troops")
            assert np.abs(explained.terms.sum(axis=1) - explained.utilities).max() < 1e-12
            assert not explained.terms[0].any()
            assert not np.signbit(explained.terms[explained.terms == 0.0]).any()


def test_all_states_abstain_at_the_start_whatever_the_opening() -> None:
    plain = explain_start(prepare(PARIS), "POL")
    opened = explain_start(prepare(load_scenario("paris-march-2025", ["opening=troops"])), "POL")
    assert opened.utilities.tolist() == plain.utilities.tolist()
    assert opened.declared == "abstain"
    assert {peer.stance for peer in opened.peers} == {"abstain"}


def test_at_the_start_there_is_no_seed_and_the_moment_says_so(paris: Setup) -> None:
    explained = explain_start(paris, "POL")
    assert (explained.round, explained.date, explained.seed, explained.replicate) == (0, PARIS.start, None, None)
    assert (explained.phase, explained.declared) == ("fighting", "abstain")
    assert explained.moment == "at the start, 26 March 2025, when all states abstain"
    assert explained.situation.startswith(
        "US backing 0.27, Russian opposition 1.00, international mandate 0.10, clarity of the mission 0.30,"
    )
    assert explained.asks.tolist() == [0.0, 0.0, 0.0, 25_000.0]
    assert explained.offers.tolist() == paris.offers[paris.codes.index("POL")].tolist()


# In a round


@pytest.mark.parametrize("conditional", [False, True])
def test_in_a_round_every_term_is_that_of_the_slow_twin(paris: Setup, conditional: bool) -> None:
    talks = Talks(PARIS, Draws(seed=5, replicate=2))
    last = [talks.play_round(number) for number in range(1, 31)][-1]
    world = conditions_met(PARIS, last.environment) if conditional else last.environment
    profile = talks.supposed if conditional else talks.profile
    seen = view(PARIS, talks.roster, world, profile, talks.ask)
    for code in ("GBR", "POL", "DEU", "HUN", "CAN"):
        explained = explain_round(paris, code, round=30, seed=5, replicate=2, conditional=conditional)
        assert explained.declared == profile[code]
        assert agrees(explained, PARIS, talks.roster[code], seen, profile[code]), code


def test_a_round_is_the_one_that_was_simulated(paris: Setup) -> None:
    played = simulate(paris, seed=7, replicates=[3])
    for number in (1, 17, 52):
        explained = explain_round(paris, "SWE", round=number, seed=7, replicate=3)
        place = paris.codes.index("SWE")
        assert explained.declared == paris.menu.names[played.stances[0, number - 1, place]]
        assert list(explained.environment.values()) == played.environment[0, number - 1].tolist()
        assert explained.phase == ("fighting", "limited_truce", "permanent_ceasefire")[played.phase[0, number - 1]]
        assert explained.asks[played.headline[0, number - 1]] == played.asks[0, number - 1]
        assert explained.date == paris.date_of(number)
        assert (explained.round, explained.seed, explained.replicate) == (number, 7, 3)
        stances = dict(zip(paris.codes, played.stances[0, number - 1], strict=True))
        assert all(peer.stance == paris.menu.names[stances[peer.code]] for peer in explained.peers)


def test_where_nothing_else_moves_the_best_option_is_the_next_stance() -> None:
    settings = (
        "sharpness=.inf",
        "revision=1",
        "turnover=0",
        "rounds=6",
        "couplings.russian_reaction=0",
        "proposal.redimensions=false",
        "ceasefire.truce_hazard=0",
    )
    setup = prepare(load_scenario("firm-us-backstop", settings))
    moved = 0
    for code in setup.codes:
        explained = [explain_start(setup, code)]
        explained += [explain_round(setup, code, round=number, seed=0) for number in range(1, 7)]
        for before, after in itertools.pairwise(explained):
            assert after.declared == before.best
            moved += after.declared != before.declared
    assert moved > len(setup.codes) / 2


def test_taste_shocks_are_left_out() -> None:
    setup = prepare(load_scenario("base", ["revision=0"]))
    one, other = (explain_round(setup, "POL", round=5, seed=seed) for seed in (1, 2))
    assert one.utilities.tolist() == other.utilities.tolist() == explain_start(setup, "POL").utilities.tolist()


def test_the_utilities_if_the_conditions_were_met_are_those_of_the_conditional_explanation(paris: Setup) -> None:
    for code in ("POL", "SWE"):
        firm = explain_round(paris, code, round=20, seed=4)
        supposed = explain_round(paris, code, round=20, seed=4, conditional=True)
        assert firm.utilities_if_met.tolist() == supposed.utilities.tolist()
        assert firm.probabilities_if_met.tolist() == supposed.probabilities.tolist()
        assert supposed.environment["us_backing"] >= PARIS.conditions.us_backing
        assert supposed.is_conditional


def test_probabilities_are_those_over_taste_shocks(paris: Setup) -> None:
    explained = explain_start(paris, "POL")
    rng = np.random.default_rng(1)
    drawn = [
        choice.choose(explained.utilities, taste / PARIS.sharpness)
        for taste in rng.gumbel(size=(40_000, len(explained.options)))
    ]
    shares = np.bincount(drawn, minlength=len(explained.options)) / len(drawn)
    assert explained.probabilities == pytest.approx(shares, abs=0.01)
    assert explained.probabilities.sum() == pytest.approx(1.0, abs=1e-12)


def test_a_best_reply_is_certain() -> None:
    explained = explain_start(prepare(load_scenario("base", ["sharpness=.inf"])), "POL")
    assert explained.probabilities.tolist() == [float(option == explained.best) for option in explained.options]


def test_peers_are_sorted_by_weight(paris: Setup) -> None:
    peers = explain_start(paris, "POL").peers
    weights = [peer.weight for peer in peers]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1.0)
    assert min(weights) > 0.0
    assert "POL" not in {peer.code for peer in peers}
    place = paris.codes.index("POL")
    assert {peer.code: peer.weight for peer in peers} == {
        code: weight for code, weight in zip(paris.codes, paris.peer_weights[place], strict=True) if weight
    }


# A model in a round


def same(one: Explanation, other: Explanation) -> bool:
    """Whether two explanations are equal to the last bit."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(Explanation)]
    return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize(("name", "seed"), [("paris-march-2025", 0), ("limited-truce", 6), ("security-buffet", 2)])
def test_a_model_in_a_round_is_explained_as_that_round(name: str, seed: int, conditional: bool) -> None:
    setup = prepare(load_scenario(name, ["opening=troops", "rounds=12"]))
    model = CoalitionModel(setup, rng=seed, replicate=3)
    for code in ("GBR", "Poland", "HUN"):
        assert same(
            explain_now(model, code, conditional=conditional), explain_start(setup, code, conditional=conditional)
        )
    for number in range(1, 13):
        model.step()
        if number in (1, 7, 12):
            now = explain_now(model, "swe", conditional=conditional)
            then = explain_round(setup, "SWE", round=number, seed=seed, replicate=3, conditional=conditional)
            assert same(now, then)


def test_explaining_a_model_does_not_change_it(paris: Setup) -> None:
    plain, asked = (CoalitionModel(paris, rng=9) for _ in range(2))
    for _ in range(20):
        for code in ("POL", "HUN"):
            explain_now(asked, code)
            explain_now(asked, code, conditional=True)
        plain.step()
        asked.step()
        assert asked.environment.tolist() == plain.environment.tolist()
        assert asked.outlook.environment.tolist() == plain.outlook.environment.tolist()
    assert asked.datacollector.model_vars == plain.datacollector.model_vars
    kept, expected = (model.datacollector.get_agent_vars_dataframe() for model in (asked, plain))
    assert kept.equals(expected)


def test_a_changed_model_is_explained_by_the_new_scenario() -> None:
    other = prepare(load_scenario("paris-march-2025", ["weights.opinion=4", "environment.us_backing=0.9"]))
    model = CoalitionModel(prepare(PARIS), rng=2)
    model.change(other)
    assert same(explain_now(model, "POL"), explain_start(other, "POL"))
    model.change(prepare(PARIS))
    model.step()
    before = explain_now(model, "POL")
    model.change(other)
    now = explain_now(model, "POL")
    assert now.environment == before.environment
    opinion = before.considerations.index("opinion")
    assert now.terms[:, opinion].tolist() == (2.0 * before.terms[:, opinion]).tolist()
    model.step()
    assert explain_now(model, "POL").environment["us_backing"] == 0.9


def test_a_state_that_is_not_on_the_roster_is_refused_in_any_round(paris: Setup) -> None:
    model = CoalitionModel(paris, rng=1)
    for _ in range(2):
        with pytest.raises(ModelError, match="CHE"):
            explain_now(model, "CHE")
        model.step()


# Enough US backing


def best_with(backing: float, code: str, *settings: str) -> str:
    scenario = load_scenario("paris-march-2025", [*settings, f"environment.us_backing={backing:.3f}"])
    return explain_start(prepare(scenario), code).best


@pytest.mark.parametrize("code", ["NLD", "LVA"])
def test_enough_backing_is_the_least_at_which_the_deepest_option_is_the_best(paris: Setup, code: str) -> None:
    enough = explain_start(paris, code).enough_backing
    assert enough is not None
    assert 0.0 < enough < 1.0
    assert best_with(enough, code) == "troops"
    assert all(best_with(enough - less, code) != "troops" for less in (0.001, 0.003, *np.arange(0.01, enough, 0.05)))


def test_enough_backing_may_be_zero_or_none(paris: Setup) -> None:
    assert explain_start(paris, "GBR").enough_backing == 0.0
    assert best_with(0.0, "GBR") == "troops"
    assert explain_start(paris, "HUN").enough_backing is None
    assert all(best_with(backing, "HUN") != "troops" for backing in np.arange(0.0, 1.01, 0.1))


def test_with_more_backing_than_enough_the_option_need_not_stay_the_best() -> None:
    against = ("weights.us_backing=-3",)
    explained = explain_start(prepare(load_scenario("paris-march-2025", against)), "NLD")
    assert explained.enough_backing == 0.0
    assert best_with(0.0, "NLD", *against) == "troops"
    assert best_with(1.0, "NLD", *against) != "troops"


@pytest.mark.parametrize("conditional", [False, True])
def test_in_a_round_enough_backing_is_found_with_all_else_equal(paris: Setup, conditional: bool) -> None:
    """The slow twin finds the same backing, with the stances, the asks and the rest of the world of that round."""
    talks = Talks(PARIS, Draws(seed=5, replicate=2))
    last = [talks.play_round(number) for number in range(1, 31)][-1]
    world = conditions_met(PARIS, last.environment) if conditional else last.environment
    profile = talks.supposed if conditional else talks.profile

    def best(code: str, backing: float) -> str:
        seen = view(PARIS, talks.roster, {**world, "us_backing": backing}, profile, talks.ask)
        valued = {
            option: sum(terms(PARIS, talks.roster[code], option, profile[code], seen).values())
            for option in menu(PARIS)
        }
        return max(valued, key=valued.__getitem__)

    found = {}
    for code in talks.roster:
        explained = explain_round(paris, code, round=30, seed=5, replicate=2, conditional=conditional)
        enough = found[code] = explained.enough_backing
        if enough is None:
            assert all(best(code, backing) != "troops" for backing in np.arange(0.0, 1.01, 0.05)), code
        else:
            assert best(code, enough) == "troops", code
            assert enough == 0.0 or best(code, enough - 0.001) != "troops", code
    assert None in found.values()
    assert set(found.values()) - {None, 0.0}


def test_enough_backing_refers_to_the_deepest_option() -> None:
    setup = prepare(load_scenario("security-buffet", ["menu.equipment.rung=9"]))
    explained = [explain_start(setup, code) for code in setup.codes]
    assert {each.deepest for each in explained} == {"equipment"}
    assert all(each.enough_backing is not None for each in explained if each.best == "equipment")


# Two options compared


def made_up(values: list[list[float]], *, round: int = 0, declared: str = "abstain", **changes: object) -> Explanation:
    """Return Poland with these terms for its options after abstaining."""
    explained = explain_start(prepare(PARIS), "POL")
    given = np.zeros_like(explained.terms)
    for place, row in enumerate(values, start=1):
        given[place, : len(row)] = row
    seed = 3 if round else None
    changes |= {"terms": given, "utilities": given.sum(axis=1), "round": round, "seed": seed, "declared": declared}
    return dataclasses.replace(explained, **changes)


def test_the_best_option_is_compared_with_the_second_best() -> None:
    explained = made_up([[0.5, -0.2], [0.1, 0.9], [1.0, -0.4]])
    assert explained.best == "backstop"
    assert (explained.stance, explained.alternative) == ("backstop", "troops")
    assert list(explained.differences("backstop", "troops").items())[:2] == [("leadership", 1.3), ("constant", -0.9)]
    assert list(explained.differences("troops", "backstop").values())[:2] == [-1.3, 0.9]
    assert sum(explained.differences("backstop", "troops").values()) == pytest.approx(1.0 - 0.6)


def test_later_the_declared_stance_is_explained() -> None:
    explained = made_up([[0.5], [1.0], [0.7]], round=4, declared="troops")
    assert (explained.best, explained.stance, explained.alternative) == ("backstop", "troops", "backstop")
    explained = made_up([[0.5], [1.0], [0.7]], round=4, declared="backstop")
    assert (explained.stance, explained.alternative) == ("backstop", "troops")


def test_of_equal_utilities_the_first_on_the_menu_is_best() -> None:
    explained = made_up([])
    assert (explained.best, explained.alternative) == ("abstain", "guarantee")


@pytest.mark.parametrize(
    ("explained", "headline"),
    [
        (
            made_up([[], [0.1, 0.9, 0.3], [0.5]]),
            "Poland would rather join the backstop than send troops: leadership and solidarity weigh most",
        ),
        (
            made_up([[-1], [-1], [-0.2]]),
            "Poland would rather abstain than send troops: effort of committing weighs most",
        ),
        (
            made_up([[], [0.1, 0.9], [0.5]], is_conditional=True),
            "Poland would rather join the backstop than send troops if the conditions were met: leadership weighs most",
        ),
        (
            made_up([[], [0.1, 0.9], [0.5]], round=2, declared="troops"),
            "Poland would send troops, although it has more reason to join the backstop: leadership weighs most",
        ),
        (made_up([]), "Poland is indifferent: it would as soon abstain as give a guarantee"),
    ],
)
def test_the_headline_names_the_considerations_that_weigh_most(explained: Explanation, headline: str) -> None:
    assert explained.headline == headline


def test_every_consideration_has_a_name_of_its_own() -> None:
    labels = [entry.label for entry in CONSIDERATIONS.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert consideration_name("expeditionary_habit") == "expeditionary habit"


# State and round


@pytest.mark.parametrize("word", ["POL", "pol", "Poland", "poland", " Poland "])
def test_a_state_is_found_by_code_or_name(paris: Setup, word: str) -> None:
    assert explain_start(paris, word).code == "POL"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("Polnd", "paris-march-2025: no state 'Polnd' on the roster; did you mean POL (Poland)?"),
        ("CHE", "paris-march-2025: CHE (Switzerland) is not asked; roster.states lists the states that are"),
        ("switzerland", "paris-march-2025: CHE (Switzerland) is not asked; roster.states lists the states that are"),
        ("USA", "paris-march-2025: USA (United States) is not asked; roster.states lists the states that are"),
        ("america", "paris-march-2025: USA (United States) is not asked; roster.states lists the states that are"),
        ("Ukrane", "no state 'Ukrane' on the roster; UKR (Ukraine), if that was meant, is not asked"),
        ("UKR", "paris-march-2025: UKR (Ukraine) is the host and is not asked"),
        ("RUS", "paris-march-2025: RUS (Russia) is the opponent and is not asked"),
        ("Atlantis", "no state 'Atlantis' on the roster; the roster has GBR, FRA, DEU,"),
        ("", "no state '' on the roster; the roster has GBR, FRA, DEU,"),
    ],
)
def test_a_state_that_is_not_on_the_roster_is_refused_with_a_suggestion(paris: Setup, word: str, message: str) -> None:
    for explain in (explain_start, lambda setup, code: explain_round(setup, code, round=99, seed=0)):
        with pytest.raises(ModelError) as error:
            explain(paris, word)
        assert message in str(error.value)


@pytest.mark.parametrize("number", [-1, 0, 53])
def test_a_round_that_does_not_exist_is_refused(paris: Setup, number: int) -> None:
    with pytest.raises(ModelError, match=f"paris-march-2025: no round {number}; there are rounds 1 to 52"):
        explain_round(paris, "POL", round=number, seed=0)


# Reasons over many replicates


def final_stances_and_terms(setup: Setup, code: str, *, seed: int, replicates: int) -> tuple[list[str], np.ndarray]:
    """The final stances of a state, and its final terms, [replicates, options, considerations]."""
    held, found = [], []
    for replicate in range(replicates):
        explained = explain_round(setup, code, round=setup.scenario.rounds, seed=seed, replicate=replicate)
        held.append(explained.declared)
        found.append(explained.terms)
    return held, np.array(found)


def test_reasons_are_the_differences_of_mean_terms() -> None:
    setup = prepare(load_scenario("paris-march-2025", ["rounds=12", "roster.states=[GBR, FRA, DEU, POL, SWE, HUN]"]))
    steps: list[int] = []
    table = main_reasons(setup, seed=2, replicates=9, on_progress=steps.append)
    assert steps == [1] * 9
    assert list(table.columns) == ["state", "stance", "chance", "alternative", "for_", "against"]
    assert list(table["state"]) == list(setup.codes)
    for row in table.itertuples():
        held, found = final_stances_and_terms(setup, row.state, seed=2, replicates=9)
        counts = {option: held.count(option) for option in setup.menu.names}
        assert counts[row.stance] == max(counts.values())
        assert row.chance == counts[row.stance] / 9
        mean = dict(zip(setup.menu.names, found.mean(axis=0), strict=True))
        others = {option: terms.sum() for option, terms in mean.items() if option != row.stance}
        assert row.alternative == max(others, key=others.__getitem__)
        apart = dict(zip(setup.considerations, mean[row.stance] - mean[row.alternative], strict=True))
        up = sorted((name for name in apart if apart[name] > 1e-12), key=lambda name: -apart[name])[:3]
        down = sorted((name for name in apart if apart[name] < -1e-12), key=lambda name: apart[name])[:3]
        assert [name for name, _ in row.for_] == up
        assert [name for name, _ in row.against] == down
        assert dict([*row.for_, *row.against]) == pytest.approx({name: apart[name] for name in up + down})


def test_reasons_need_replicates(paris: Setup) -> None:
    with pytest.raises(ModelError, match="no replicates to simulate"):
        main_reasons(paris, seed=0, replicates=0)


# The figure


def settings_with(options: int) -> list[str]:
    """Settings for a menu of this many options, those beyond the first three with long names."""
    raises = "{solidarity: 0.5, opinion: -0.4, us_backing: 0.7, hub: 1}"
    numbers = "ask: 0, share: 0.01, home_tie_counts: 1, deters: 1, punishes: 0, provokes: 0, peer_norm: 0.3"
    return [
        f"menu.own_{number}={{label: Option number {number} with a long Verpflichtungsermächtigung, rung: 2, "
        f"{numbers}, raises: {raises}}}"
        for number in range(options - 3)
    ]


def start(code: str, *settings: str) -> tuple[Explanation, Scenario]:
    scenario = load_scenario("base", settings)
    return explain_start(prepare(scenario), code), scenario


def later(code: str, *settings: str, conditional: bool = False) -> tuple[Explanation, Scenario]:
    scenario = load_scenario("base", settings)
    return explain_round(prepare(scenario), code, round=9, seed=1, conditional=conditional), scenario


EDGES: dict[str, Callable[[], tuple[Explanation, Scenario]]] = {
    "the base": lambda: start("POL"),
    "a lead later on": lambda: later("GBR"),
    "abstaining": lambda: later("HUN"),
    "conditional": lambda: later("NLD", conditional=True),
    "one option": lambda: start("POL", "menu.guarantee=null", "menu.backstop=null"),
    "seven options": lambda: later("DEU", *settings_with(7)),
    "eight options": lambda: later("GBR", *settings_with(8)),
    "more options than are drawn": lambda: later("DEU", *settings_with(12)),
    "hardly a term": lambda: start(
        "X99", *TOY, "states={X99: {feels: {opinion: -0.3}}}", "menu.troops.raises={opinion: 1}"
    ),
    "no term at all": lambda: start(
        "X99", *TOY, "states={X99: {feels: {opinion: 0}}}", "menu.troops.raises={opinion: 1}"
    ),
}


@pytest.fixture(scope="module", params=EDGES, ids=lambda name: name.replace(" ", "_"))
def drawn(request: pytest.FixtureRequest) -> tuple[Explanation, Scenario, Figure]:
    explained, scenario = EDGES[request.param]()
    return explained, scenario, considerations_by_option(explained)


def test_nothing_is_cut_off_or_overlaps(drawn: tuple[Explanation, Scenario, Figure]) -> None:
    fig = drawn[2]
    fig.draw_without_rendering()
    width, height = fig.canvas.get_width_height()
    seen = [text for text in fig.findobj(Text) if isinstance(text, Text) and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in seen if text.get_visible()]
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text  # noqa: PT018
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        shared = Bbox.intersection(first, second)
        assert shared is None or min(shared.width, shared.height) <= 2, f"{one!r} overlaps {other!r}"


def test_the_figure_shows_the_explanation(drawn: tuple[Explanation, Scenario, Figure]) -> None:
    explained, scenario, fig = drawn
    shown = [text.get_text() for text in fig.findobj(Text) if isinstance(text, Text)]
    together = " ".join(shown).replace("\n", " ")
    assert explained.headline in together
    assert explained.situation in together
    assert scenario.name in together
    numbers = {round(float(text.replace("−", "-")), 2) for text in shown if text[:1] in "+−" and text[1:2].isdigit()}
    difference = explained.utility(explained.stance) - explained.utility(explained.alternative)
    everything_is_drawn = len(explained.options) <= 9
    for amount in [difference, *(explained.terms.flat if everything_is_drawn else [])]:
        assert abs(amount) < 0.005 or round(float(amount), 2) in numbers


def test_a_bar_is_as_long_as_its_term() -> None:
    explained, _ = start("POL")
    fig = considerations_by_option(explained)
    widths = sorted(round(bar.get_width(), 9) for axes in fig.axes for bar in axes.patches if bar.get_height() < 1)
    apart = explained.terms[explained.options.index(explained.stance)]
    apart = apart - explained.terms[explained.options.index(explained.alternative)]
    amounts = [*explained.terms[1:].flat, *explained.utilities[1:], *apart, apart.sum()]
    assert widths == sorted(round(float(each), 9) for each in amounts if abs(each) >= 0.005)


def test_bars_are_in_the_row_of_their_consideration_and_have_its_sign() -> None:
    """In the panel of each option from the left: the rows in the order of their names, the sum last."""
    explained, _ = start("POL")
    fig = considerations_by_option(explained)
    height = fig.get_figheight()
    colours = {"guarantee": "#eec22e", "backstop": "#a63a50", "troops": "#1b4f9c"}
    names = {capitalised(consideration_name(name)): name for name in explained.considerations}
    left = min(text.get_position()[0] for text in fig.texts if text.get_text() in names)
    rows = {
        text.get_position()[1] * height: names[text.get_text()]
        for text in fig.texts
        if text.get_text() in names and text.get_position()[0] < left + 0.01
    }
    panels = [axes for axes in fig.axes if bars(axes) and {bar.height for bar in bars(axes)} == {0.64}]
    assert len(panels) == 4
    for axes, option in zip(panels, explained.options[1:], strict=False):
        box = axes.get_position()
        terms = dict(zip(explained.considerations, explained.terms[explained.options.index(option)], strict=True))
        for bar in bars(axes)[:-1]:
            low, high = axes.get_ylim()
            y = (box.y0 + (bar.middle - low) / (high - low) * box.height) * height
            name = next(name for at, name in rows.items() if abs(at - y) < 0.01)
            assert (bar.left, bar.width) == pytest.approx((0.0, terms[name])), (option, name)
            assert bar.colour == colours[option]
        assert bars(axes)[-1].width == pytest.approx(explained.utility(option))
    probabilities = [
        line for text in fig.texts for line in text.get_text().splitlines() if line.startswith("probability ")
    ]
    expected = [
        f"probability {explained.probabilities[explained.options.index(option)]:.0%}"
        for option in explained.options[1:]
    ]
    assert probabilities == expected


def test_differences_have_the_colour_of_the_option_that_they_favour() -> None:
    explained, scenario = start("POL")
    axes = [each for each in considerations_by_option(explained).axes if bars(each)][-1]
    place, other = (explained.options.index(name) for name in (explained.stance, explained.alternative))
    by_name = sorted((explained.terms[place] - explained.terms[other]).tolist(), key=abs, reverse=True)
    wanted = [each for each in by_name if abs(each) >= 0.005]
    *rows, total = bars(axes)
    assert [bar.width for bar in rows] == pytest.approx(wanted)
    assert total.width == pytest.approx(explained.utilities[place] - explained.utilities[other])
    assert total.width > 0
    colours = option_styles(scenario)
    for bar in (*rows, total):
        favoured = explained.stance if bar.width > 0 else explained.alternative
        assert bar.colour == colours[favoured].colour.lower()
