"""What is read off the model for each pattern, on runs that were made up: every number reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.analysis.pattern import Check
from sim.analysis.pattern_catalogue import PATTERNS
from sim.analysis.pattern_checks import circumstances, force, record, states
from sim.analysis.pattern_checks.circumstances import BACKINGS, OPPOSITIONS
from sim.analysis.pattern_checks.force import STEPS
from sim.analysis.variants import Played
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario

CODES = ("GBR", "FRA", "DEU", "POL", "ROU", "EST", "LVA", "LTU", "DNK", "SWE", "NOR", "LUX", "AUT", "IRL")
OUT, GIVE, BACK, TROOPS = range(4)
FOUR = 4  # replicates


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare(load_scenario("base", [f"roster.states=[{', '.join(CODES)}]", "rounds=3"]))


@pytest.fixture(scope="module")
def made(setup: Setup) -> Callable[..., Played]:
    """A run in which all states abstain but those that are named, in the replicates that are named."""

    def make(
        stances: Iterable[tuple[str, int, Sequence[int]]] = (),
        conditional: Iterable[tuple[str, int, Sequence[int]]] = (),
        **outcomes: Sequence[float],
    ) -> Played:
        held, hoped = np.zeros((2, FOUR, len(CODES)), dtype=np.int64)
        for into, told in ((held, stances), (hoped, conditional)):
            for code, option, replicates in told:
                into[list(replicates), CODES.index(code)] = option
        return Played(setup=setup, outcomes=pd.DataFrame(outcomes), stances=held, conditional=hoped)

    return make


def values(readings: Sequence[Check]) -> list[float]:
    return [reading.value.mean for reading in readings]


def test_the_force_stands_in_the_share_of_replicates_that_are_viable(made: Callable[..., Played]) -> None:
    corners = ("US backing .8, opposition .6", "US backing 1, opposition 0")
    beside = ("and a clear mission (.7), a sincere ceasefire (.6)", "scenario firm-us-backstop")
    runs = {name: made(viable=[1] * n + [0] * (4 - n)) for n, name in enumerate((*corners, *beside), start=1)}
    readings = force.viable_when_warm(runs)
    assert values(readings) == [0.25, 0.5, 0.75, 1.0]
    assert [reading.decides for reading in readings] == [True, True, False, False]
    cold = made(viable=[0, 0, 0, 1], redimensioned=[0, 2, 1, 5])
    assert values(force.hopeless_when_cold({"cold": cold})) == [0.25, 0.75]


def test_a_larger_ask_is_held_against_the_smaller_one_replicate_by_replicate(made: Callable[..., Played]) -> None:
    """Viable in four, then in one; soldiers of 20,000 on average, then 1,000 fewer in two of four."""
    small = made(viable=[1, 1, 1, 1], personnel_troops=[10_000, 20_000, 20_000, 30_000])
    large = made(viable=[1, 0, 0, 0], personnel_troops=[9_000, 20_000, 19_000, 30_000])
    viable, offered = force.the_ask_decides({"25,000 asked": small, "64,000 asked": large})
    assert viable.value.mean == -0.75
    assert offered.value.mean == pytest.approx(-0.025)
    assert viable.holds
    assert offered.holds


def test_a_proposal_ends_low_at_the_backstop_or_below(made: Callable[..., Played]) -> None:
    rungs = {"weak": [2, 1, 3, 3], "strong": [3, 3, 3, 2], "floor 15,000": [1] * 4, "patience 4 rounds": [3] * 4}
    rungs["leads with the share of others"] = [2, 2, 2, 3]
    runs = {name: made(headline_rung=each) for name, each in rungs.items()}
    assert values(force.headline_moves(runs)) == [0.5, 0.25, 1.0, 0.0, 0.75]


def test_the_cliff_is_the_steepest_step_against_the_mean_one(made: Callable[..., Played]) -> None:
    """Viability of 0 up to .4, one half at .5, 1 from there: a step of .5 against .1 on average."""
    curve = {step: 0 if step < 0.45 else 2 if step < 0.55 else 4 for step in STEPS}
    runs = {f"US backing {step}": made(viable=[1] * n + [0] * (4 - n)) for step, n in curve.items()}
    (reading,) = force.cliff(runs)
    assert reading.value.mean == pytest.approx(5.0)
    assert reading.value.low >= 5.0 - 1e-9
    assert reading.holds


def test_the_weakest_step_of_backing_counts_and_conditional_states_are_held_against_the_others(
    made: Callable[..., Played],
) -> None:
    """Of the steps 2, 1, 3, 2 the second is the weakest; GBR is firm, POL conditional, all others neither."""
    counts = dict(zip(BACKINGS, (1, 3, 4, 7, 9), strict=True))
    firm, hoping = ("GBR", TROOPS, range(4)), ("POL", TROOPS, range(4))
    runs = {
        f"{backing} against {opposition}": made([firm], [firm, hoping], troop_states=[count] * 4)
        for backing, count in counts.items()
        for opposition in OPPOSITIONS
    }
    runs["0.9 against 1.0"] = made(
        [firm, ("POL", TROOPS, (0, 1, 2)), ("DEU", TROOPS, (0, 1))], [firm, hoping], troop_states=[9] * 4
    )
    *weakest, against_firm, against_others = circumstances.more_backing_more_troops(runs)
    assert values(weakest) == [1.0] * len(OPPOSITIONS)
    assert against_firm.value.mean == 0.75  # Poland gains in three of four, Britain not at all
    assert against_others.value.mean == pytest.approx(0.75 - 0.5 / 12)  # of twelve others Germany in two of four


def test_what_clarity_gains_is_split_by_the_say_of_parliaments(setup: Setup, made: Callable[..., Played]) -> None:
    veto = dict(zip(CODES, setup.characteristics.veto.tolist(), strict=True))
    assert veto["DEU"] >= 0.75 > veto["GBR"]
    strong = sum(each >= 0.75 for each in veto.values())
    vague, clear = (
        made(troop_states=[1, 1, 1, 2]),
        made([("DEU", TROOPS, range(4)), ("GBR", TROOPS, (0, 1))], troop_states=[2, 3, 3, 3]),
    )
    gained, by_say, among = circumstances.clarity({"vague": vague, "clear": clear})
    assert gained.value.mean == 1.5
    assert by_say.value.mean == pytest.approx(1 / strong - 0.5 / (len(CODES) - strong))
    assert among.value.mean == 0.5  # Germany in all, Britain in half
    assert [by_say.decides, among.decides] == [True, False]


def test_gains_are_the_later_situation_less_the_earlier_one(made: Callable[..., Played]) -> None:
    less = made(troop_states=[1, 2, 3, 4], guarantee_states=[5, 5, 5, 5])
    more = made(troop_states=[3, 3, 4, 6], guarantee_states=[4, 5, 5, 5])
    assert values(circumstances.sincerity({"sincere": more, "doubted": less})) == [1.5, -0.25]
    assert values(circumstances.moscow_reacts({"no reaction": more, "reaction": less})) == [1.5]
    assert values(circumstances.battlefield({"usual": more, "worse": less})) == [1.5]


def test_a_mandate_moves_neutrals_and_flattens_what_momentum_does(setup: Setup, made: Callable[..., Played]) -> None:
    """Momentum brings 3 states without a mandate and costs 1 with one: its size falls by 2. Austria gives up."""
    assert {code for code, each in zip(CODES, setup.characteristics.non_aligned, strict=True) if each} == {"AUT", "IRL"}
    runs = {
        "no mandate": made(troop_states=[5] * 4),
        "mandate": made([("AUT", GIVE, (0, 1, 2))], troop_states=[7] * 4),
        "no mandate, no momentum": made(troop_states=[2] * 4),
        "mandate, no momentum": made(troop_states=[8] * 4),
    }
    assert values(circumstances.mandate(runs)) == [2.0, 0.75, 2.0]


def test_half_a_clear_promise_is_held_against_a_vague_one(made: Callable[..., Played]) -> None:
    """From 1 to 9 by a clear promise and to 4 by a vague one: half of 8 less 3; 3 of 8; and 4 - 2 of 9 - 5."""
    counts = {"none": 1, "vague": 4, "clear": 9, "none, vague": 2, "none, clear": 5}
    runs = {name: made(troop_states=[count] * 4) for name, count in counts.items()}
    assert values(circumstances.vague_promise(runs)) == pytest.approx([1.0, 3 / 8, 2 / 4])


def test_preferences_is_the_chance_of_the_one_less_that_of_the_other(made: Callable[..., Played]) -> None:
    spring = made(
        [("POL", BACK, (0, 1, 2)), ("POL", TROOPS, (3,)), ("ROU", TROOPS, (0,)), ("EST", TROOPS, (0, 1, 2)),
         ("DNK", BACK, range(4)), ("SWE", TROOPS, (0, 1))],
        [("LVA", TROOPS, range(4)), ("NOR", BACK, (0,))],
    )  # fmt: skip
    beside = ("no home defence", "no risk of escalation", "neither", "no weight on being a hub")
    runs = {"spring": spring} | {name: made([("LTU", BACK, range(n))]) for n, name in enumerate(beside, start=1)}
    found = values(states.preferences(runs))
    assert found[:6] == pytest.approx([0.5, -0.25, 0.25, (0.5 - 1.0) / 3, 1 / 3, -0.25 / 3])
    assert found[6:] == pytest.approx([-0.25 * n / 3 for n in (1, 2, 3, 4)])


def test_who_leaves_troops_under_strain_goes_down_or_out(made: Callable[..., Played]) -> None:
    """Britain leaves for the backstop in three of four replicates, France for abstaining in one: 3 + 1 less 2 * 1."""
    usual = made([("GBR", TROOPS, range(4)), ("FRA", TROOPS, range(4))])
    strained = made([("GBR", BACK, (0, 1, 2)), ("GBR", TROOPS, (3,)), ("FRA", TROOPS, (0, 1, 2))])
    runs = {
        "rotation 4": usual, "rotation 8": strained, "rotation 16": made(), "rotation 4, no consistency": strained,
        "rotation 16, no consistency": made([("GBR", BACK, range(4)), ("FRA", TROOPS, range(4))]),
    }  # fmt: skip
    _, eight, sixteen, without = states.down_not_out(runs)
    assert eight.value.mean == 0.5
    assert sixteen.value.mean == -2.0
    assert without.value.mean == pytest.approx((1.0 + 0.0) / 4)  # against its own usual, where Britain held in one
    assert (eight.decides, sixteen.decides, without.decides) == (True, False, False)


def test_a_state_that_is_forced_in_is_not_among_those_it_moves(made: Callable[..., Played]) -> None:
    """With Germany in three others come, with Poland in one, with Luxembourg in two; Poland out drives one away."""
    lead = ("GBR", TROOPS, range(4))
    runs = {
        "nobody forced": made([lead, ("DEU", TROOPS, (0, 1))]),
        "DEU in": made([lead, *((code, TROOPS, range(4)) for code in ("DEU", "EST", "LVA", "DNK"))]),
        "POL in": made([lead, ("DEU", TROOPS, (0, 1)), ("POL", TROOPS, range(4)), ("NOR", TROOPS, range(4))]),
        "LUX in": made([lead, ("DEU", TROOPS, range(4)), ("LUX", TROOPS, range(4)), ("EST", TROOPS, (0, 1, 2, 3))]),
        "DEU out": made([lead]),
        "POL out": made([("DEU", TROOPS, (0, 1))]),
    }
    german, polish, german_more, polish_more, german_out, polish_out = values(states.followers(runs))
    assert (german, polish) == (3.0, 1.0)
    assert (german_more, polish_more) == (1.5, -0.5)  # Luxembourg brings Estonia, and Germany in half of them
    assert (german_out, polish_out) == (3.0, 2.0)


def test_burdens_are_ranked_against_economies(setup: Setup, made: Callable[..., Played]) -> None:
    from scipy.stats import spearmanr

    spring = made([(code, TROOPS, range(4)) for code in ("GBR", "FRA", "DEU", "POL", "EST")])
    output = np.array([state.gdp_busd for state in setup.states], dtype=float)
    burden = np.zeros(len(CODES))
    for code in ("GBR", "FRA", "DEU", "POL", "EST"):
        place = CODES.index(code)
        burden[place] = setup.offers[place, TROOPS] / output[place]
    among, others = burden > 0.0, [place for place, code in enumerate(CODES) if code not in ("GBR", "FRA")]
    wanted = [spearmanr(burden, output)[0], spearmanr(burden[among], output[among])[0]]
    wanted.append(spearmanr(burden[others], output[others])[0])
    assert values(states.burden_and_size({"spring": spring})) == pytest.approx(wanted)


def test_counts_by_date_and_stances_kept_are_means(made: Callable[..., Played]) -> None:
    dates = [
        f"{date}{how}"
        for how in ("", ", replayed week by week", ", without momentum and security")
        for date in record.COUNTED
    ]
    runs = {name: made(troop_states=[n, n, n, n + 4]) for n, name in enumerate(dates)}
    readings = record.counts_by_date(runs)
    assert values(readings) == [n + 1.0 for n in range(6)]
    assert [reading.decides for reading in readings] == [True, True, False, False, False, False]
    assert values(record.sticky({"replay": made(stances_kept=[0.8, 0.9, 0.7, 0.8])})) == pytest.approx([0.8])


def test_the_record_is_foreseen_from_conditional_stances_and_worse_alone(
    made: Callable[..., Played],
) -> None:
    """Estonia and Latvia spoke of troops. One run has both right in all replicates, the other never: 2 each, of nine.

    All other states with a stance on record abstain in both runs, so that they add the same to both scores.
    """
    right = made(conditional=[("EST", TROOPS, range(4)), ("LVA", TROOPS, range(4))])
    chances, came = record.predicted(right)
    assert chances.sum(axis=1) == pytest.approx(1.0)
    decided = [code for code in CODES if code not in ("DEU", "NOR", "AUT")]  # the others have no stance yet
    assert len(came) == len(decided)
    assert [came[decided.index(code)] for code in ("EST", "LVA")] == [TROOPS, TROOPS]
    times = ("on its last day", "after a year", "replayed week by week")
    runs = dict.fromkeys(times, right) | {f"alone, {name}": made() for name in times}
    readings = record.worse_alone(runs)
    assert values(readings) == pytest.approx([2 * 2 / len(decided)] * 3)
    assert [reading.decides for reading in readings] == [True, False, False]


def test_every_function_that_reads_a_pattern_is_tried_here() -> None:
    read = {pattern.read.__name__ for pattern in PATTERNS}
    text = Path(__file__).read_text("utf-8")
    assert {name for name in read if f".{name}(" not in text} == set()
