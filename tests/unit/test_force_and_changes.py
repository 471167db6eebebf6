"""Forced stances, and settings that apply from a date on: the rounds in which they apply, and their effects."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from sim.ensemble.simulate import simulate as simulate_ensemble
from sim.errors import ScenarioError
from sim.model import simulate as agents
from sim.model.coalition import CoalitionModel
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories
from sim.plots.stances import stances_by_round
from sim.results.tables import tabulate
from sim.scenario import digest, load_scenario, to_yaml
from sim.scenario.environment_process import Constant, LogitAR1
from sim.scenario.scheduled_changes import round_on, stages
from sim.text.heading import heading

PARIS = "paris-march-2025"
FEW = "roster.states=[GBR, FRA, DEU, POL, SWE, HUN, CAN, AUS]"
TROOPS = 3  # abstain, guarantee, backstop, troops


def setup_of(*settings: str, name: str = PARIS) -> Setup:
    return prepare(load_scenario(name, (FEW, "rounds=8", *settings)))


def played(setup: Setup, replicates: int = 12) -> Trajectories:
    return simulate_ensemble(setup, seed=1, replicates=range(replicates))


def of(setup: Setup, code: str) -> int:
    return setup.codes.index(code)


# Rounds begin on 26 March 2025 and are a week long: 26 March, 2, 9, 16, 23, 30 April, 7, 14 May are rounds 1 to 8.
@pytest.mark.parametrize(
    ("day", "number"),
    [
        (datetime.date(2025, 3, 1), 1),
        (datetime.date(2025, 3, 26), 1),
        (datetime.date(2025, 3, 27), 2),
        (datetime.date(2025, 4, 2), 2),
        (datetime.date(2025, 4, 3), 3),
        (datetime.date(2025, 5, 14), 8),
        (datetime.date(2025, 5, 15), 9),
    ],
)
def test_a_date_means_the_first_round_on_that_day_or_later(day: datetime.date, number: int) -> None:
    assert round_on(load_scenario(PARIS), day) == number


@pytest.mark.parametrize(
    ("written", "rounds"),
    [
        ("troops", range(1, 9)),
        ("{option: troops}", range(1, 9)),
        ("{option: troops, from: 2025-04-16}", range(4, 9)),
        ("{option: troops, from: 2025-04-15}", range(4, 9)),
        ("{option: troops, until: 2025-04-16}", range(1, 4)),
        ("{option: troops, until: 2025-04-17}", range(1, 5)),
        ("{option: troops, from: 2025-04-03, until: 2025-04-24}", range(3, 6)),
        ("{option: troops, from: 2025-04-03, until: 2025-04-09}", range(3, 3)),
        ("{option: troops, from: 2026-01-01}", range(9, 9)),
    ],
)
def test_a_state_is_forced_from_a_date_on_and_not_any_more_from_the_other(written: str, rounds: range) -> None:
    setup = setup_of(f"force.HUN={written}")
    forced = {number for number in range(1, 9) if setup.forced[number - 1, of(setup, "HUN")] == TROOPS}
    assert forced == set(rounds)
    assert (np.delete(setup.forced, of(setup, "HUN"), axis=1) == -1).all()
    result = played(setup)
    for stances in (result.stances, result.conditional):
        assert (stances[:, [number - 1 for number in rounds], of(setup, "HUN")] == TROOPS).all()


def test_a_state_forced_in_the_first_round_opens_with_that_stance_and_others_do_not() -> None:
    assert setup_of("force.HUN=troops").opening.tolist() == [0, 0, 0, 0, 0, TROOPS, 0, 0]
    assert setup_of("force.HUN={option: troops, from: 2025-04-02}").opening.tolist() == [0] * 8


def test_a_forced_state_is_seen_by_others_in_its_first_round() -> None:
    """With momentum alone, best reply and all states revising, each peer follows in the first round of the force."""
    alone = [f"weights.{name}=0" for name in load_scenario(PARIS).weights if name != "momentum"]
    rules = ("sharpness=.inf", "revision=1", "turnover=0", "momentum.formats=everyone", "environment.mandate=0")
    norm = "menu.troops.peer_norm=0.1"  # a lead of two budgets' weight: more than a tenth of all peers
    setup = setup_of(*alone, *rules, norm, "force.GBR={option: troops, from: 2025-04-09}")
    stances = played(setup, 1).stances[0]
    assert (stances[:2] == 0).all()
    assert (stances[2, 1:] != 0).all()


def test_a_freed_state_decides_again_starting_from_its_forced_stance() -> None:
    """Best reply with consistency alone, at 1 a rung kept: a state that was forced to troops stays, others do not.

    The utility of an option is then the lower of its rung and of the current rung: 3 of troops for a state at troops,
    and 0 of every option for one that abstains, which takes the first on the menu.
    """
    alone = [f"weights.{name}=0" for name in load_scenario(PARIS).weights if name != "consistency"]
    rules = ("sharpness=.inf", "revision=1", "turnover=0", "weights.consistency=1")
    setup = setup_of(*alone, *rules, "force.HUN={option: troops, until: 2025-04-09}")
    stances = played(setup, 1).stances[0]
    assert (stances[:, of(setup, "HUN")] == TROOPS).all()
    assert (np.delete(stances, of(setup, "HUN"), axis=1) == 0).all()
    gives_up = setup_of(*alone, *rules, "weights.consistency=-1", "force.HUN={option: troops, until: 2025-04-09}")
    held = played(gives_up, 1).stances[0, :, of(gives_up, "HUN")]
    assert held.tolist() == [TROOPS, TROOPS, 0, 0, 0, 0, 0, 0]


def test_forcing_a_state_into_its_own_choice_changes_no_bit() -> None:
    """Hungary abstains throughout in these replicates; forcing it to abstain changes no random draws."""
    plain, forced = setup_of(), setup_of("force.HUN=abstain")
    one, other = played(plain), played(forced)
    same = (one.stances[:, :, of(plain, "HUN")] == 0).all(axis=1) & (one.conditional[:, :, of(plain, "HUN")] == 0).all(
        1
    )
    assert same.any()
    for name in ("stances", "conditional", "environment", "phase", "deterrence", "asks"):
        assert getattr(one, name)[same].tobytes() == getattr(other, name)[same].tobytes()


def test_turnovers_go_on_while_a_state_is_forced() -> None:
    """A freed state has the taste shocks of its last turnover, as without the force."""
    settings = ("turnover=0.5", "revision=0.8")
    plain = CoalitionModel(setup_of(*settings), rng=2)
    forced = CoalitionModel(setup_of(*settings, "force.SWE={option: troops, until: 2025-05-01}"), rng=2)
    tastes = set()
    for _ in range(8):
        plain.step()
        forced.step()
        assert [s.taste.tolist() for s in plain.states] == [s.taste.tolist() for s in forced.states]
        tastes.add(tuple(forced.states[4].taste.tolist()))
    assert len(tastes) > 2


def test_the_environment_wanders_on_around_its_new_level() -> None:
    """On the logit scale the path moves by the difference of the levels, log(9) - log(27/73), and keeps its shape."""
    setup = setup_of("changes=[{at: 2025-04-16, until: 2025-05-07, set: {environment.us_backing: 0.9}}]")
    assert [first for first, _ in setup.later] == [4, 7]
    plain, changed = played(setup_of()).environment[:, :, 0], played(setup).environment[:, :, 0]
    shift = np.log(changed / (1 - changed)) - np.log(plain / (1 - plain))
    expected = np.log(0.9 / 0.1) - np.log(0.27 / 0.73)
    assert np.abs(shift - np.array([0, 0, 0, *[expected] * 3, 0, 0])).max() < 1e-9
    assert plain[:, 3:6].std() > 0.01


def test_a_process_may_be_replaced_as_a_whole() -> None:
    still = "{environment.us_backing: {process: constant, value: 0.9}}"
    (_, before), (first, after) = stages(load_scenario(PARIS, [f"changes=[{{at: 2025-04-16, set: {still}}}]"]))
    assert isinstance(before.environment.us_backing, LogitAR1)
    assert (first, after.environment.us_backing) == (4, Constant(value=0.9))
    assert after.weights is before.weights  # and what nothing touches is shared


def test_of_changes_that_hold_at_once_the_last_one_counts() -> None:
    changes = (
        "changes=[{at: 2025-04-02, set: {sharpness: 1}}, {at: 2025-04-16, until: 2025-04-30, set: {sharpness: 3}}, "
        "{at: 2025-03-01, until: 2025-04-09, set: {weights.momentum: 9}}]"
    )
    found = [(first, s.sharpness, s.weights["momentum"]) for first, s in stages(load_scenario(PARIS, [changes]))]
    assert found == [(1, 2.4, 9), (2, 1, 9), (3, 1, 1.6), (4, 3, 1.6), (6, 1, 1.6)]


def test_an_ask_goes_back_with_its_change() -> None:
    change = "changes=[{at: 2025-04-16, until: 2025-04-30, set: {menu.troops.ask: 9000}}]"
    setup = setup_of("proposal.redimensions=false", change)
    assert played(setup).asks[0].tolist() == [25000, 25000, 25000, 9000, 9000, 25000, 25000, 25000]


def test_tables_measure_each_round_with_the_settings_in_force() -> None:
    """All go throughout, so the soldiers are the sum of the offers: those of share 0.04, and then none at share 0."""
    forces = [f"force.{code}=troops" for code in ("GBR", "FRA", "DEU", "POL", "SWE", "HUN", "CAN", "AUS")]
    change = "changes=[{at: 2025-04-16, set: {menu.troops.share: 0, menu.troops.ask: 1}}]"
    asked = "menu.troops.ask=18000"
    setup = setup_of(*forces, asked, change)
    tables = tabulate(setup, played(setup, 2))
    everybody = float(setup.offers[:, TROOPS].sum())
    assert everybody > 18_000
    assert tables.rounds["personnel_troops"].tolist() == [*[everybody] * 3, *[0.0] * 5] * 2
    assert tables.outcomes["personnel_troops"].tolist() == [0.0, 0.0]
    assert tables.outcomes["viable"].tolist() == [0, 0]
    later = setup_of(*forces, asked, "changes=[{at: 2025-04-16, set: {leads: [], menu.troops.ask: 1}}]")
    assert tabulate(later, played(later, 1)).rounds["viable"].tolist() == [1] * 3 + [0] * 5


def test_a_model_that_is_stepped_by_hand_follows_the_changes_too() -> None:
    setup = setup_of("changes=[{at: 2025-04-16, until: 2025-04-30, set: {sharpness: 3}}]")
    model = CoalitionModel(setup, rng=0)
    found = []
    for _ in range(8):
        model.step()
        found.append(model.setup.scenario.sharpness)
    assert found == [2.4, 2.4, 2.4, 3, 3, 2.4, 2.4, 2.4]
    assert (
        played(setup, 1).stances[0, -1].tolist()
        == agents.simulate(setup, seed=1, replicates=[0]).stances[0, -1].tolist()
    )


def test_nothing_forced_and_nothing_changed_leaves_digests_as_they_were() -> None:
    plain = load_scenario(PARIS)
    assert digest(load_scenario(PARIS, ["force={}", "changes=[]"])) == digest(plain)
    assert {"force:", "changes:"}.isdisjoint(line.split(" ")[0] for line in to_yaml(plain).splitlines())


def test_equal_meaning_gives_equal_digests() -> None:
    one = load_scenario(PARIS, ["force.POL=troops", "changes=[{at: 2025-05-01, set: {weights.momentum: 2}}]"])
    other = load_scenario(
        PARIS, ["force.POL={option: troops}", "changes=[{at: 2025-05-01, set: {weights.momentum: 2.0}, force: {}}]"]
    )
    assert digest(one) == digest(other) != digest(load_scenario(PARIS))


def test_a_scenario_with_both_is_written_out_and_read_back(tmp_path: object) -> None:
    scenario = load_scenario(
        PARIS,
        [
            "force.POL={option: troops, from: 2025-05-01}",
            "changes=[{at: 2025-05-01, until: 2025-06-01, set: {environment.us_backing: 0.5}, force: {DEU: backstop}}]",
        ],
    )
    path = f"{tmp_path}/mine.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(to_yaml(scenario))
    assert digest(load_scenario(path)) == digest(scenario)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("force.UKR=troops", "force.UKR: UKR is not asked, so it cannot be forced"),
        ("force.POL=trops", "force.POL: no option 'trops'; did you mean 'troops'?"),
        ("force.POL={option: troops, form: 2025-06-01}", "force.POL.form: unknown field; did you mean 'from'?"),
        ("force.POL={option: troops, from: 2025-06-01, until: 2025-06-01}", "until 2025-06-01 must come after from"),
        ("changes=[{at: 2025-06-01, until: 2025-05-01, set: {sharpness: 1}}]", "until 2025-05-01 must come after at"),
        ("changes=[{at: 2025-06-01}]", "changes nothing; give `set` or `force`"),
        ("changes=[{at: 2025-06-01, set: {rounds: 3}}]", "changes.set.rounds: cannot change during the run"),
        ("changes=[{at: 2025-06-01, set: {roster.leave_out: [POL]}}]", "changes.set.roster.leave_out: cannot change"),
        ("changes=[{at: 2025-06-01, set: {menu.troops.rung: 1}}]", "changes.set.menu.troops.rung: cannot change"),
        ("changes=[{at: 2025-06-01, set: {menu.ships: {ask: 1}}}]", "no option 'ships', and options cannot be added"),
        ("changes=[{at: 2025-06-01, set: {menu.troops: null}}]", "changes.set.menu.troops: cannot be removed"),
        ("changes=[{at: 2025-06-01, set: {opening: troops}}]", "applies only before the first round; .* use `force`"),
        ("changes=[{at: 2025-06-01, set: {force.POL: troops}}]", "belongs beside `set`, not in it"),
        ("changes=[{at: 2025-06-01, set: {environment.us_backing: 1}}]", "1 is out of range; give a number above 0"),
        ("changes=[{at: 2025-06-01, set: {enviroment.us_backing: 1}}]", "did you mean 'environment'?"),
        ("changes=[{at: 2025-06-01, set: {weights.momentun: 1}}]", "did you mean 'momentum'?"),
        ("changes=[{at: 2025-06-01, force: {UKR: troops}}]", "changes.force.UKR: UKR is not asked"),
    ],
)
def test_impossible_changes_are_refused_by_name(setting: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_scenario(PARIS, [setting])


def test_changes_that_make_no_sense_together_are_refused_though_each_alone_does() -> None:
    """Violations by a sincere side have to be the rarer ones: 3 and 6 a week, then 5, then 4."""
    fine = "{at: 2025-05-01, set: {ceasefire.violations_sincere: 5}}"
    alone = "{at: 2025-06-01, set: {ceasefire.violations_insincere: 4}}"
    load_scenario(PARIS, [f"changes=[{fine}]"])
    load_scenario(PARIS, [f"changes=[{alone}]"])
    with pytest.raises(ScenarioError, match="5 must be less than violations_insincere, which is 4"):
        load_scenario(PARIS, [f"changes=[{fine}, {alone}]"])


def test_a_change_at_the_start_is_taken_back_also_where_a_setup_is_given_other_settings() -> None:
    setup = setup_of("changes=[{at: 2025-01-01, until: 2025-04-09, set: {sharpness: 5}}]")
    model = CoalitionModel(setup, rng=0, **{"weights.momentum": 3})
    found = []
    for _ in range(4):
        model.step()
        found.append(model.setup.scenario.sharpness)
    assert found == [5, 5, 2.4, 2.4]
    again = CoalitionModel(model.scenario)
    assert [first for first, _ in again.setup.later] == [3]
    assert again.setup.whole == model.setup.whole


def test_headings_name_forced_stances_and_changes() -> None:
    scenario = load_scenario(
        PARIS,
        [
            "force.POL=troops",
            "force.DEU={option: backstop, from: 2025-06-01, until: 2025-09-01}",
            "changes=[{at: 2025-10-01, set: {environment.us_backing: 0.1}}, {at: 2025-11-01, until: 2025-12-01, "
            "force: {ITA: abstain}}]",
        ],
    )
    said = heading(scenario)
    assert "Poland forced to declare troops" in said
    assert "Germany forced to declare backstop from 1 June 2025 until 1 September 2025" in said
    assert "US backing at 0.1 from 1 October 2025" in said
    assert "Italy forced to declare abstain from 1 November 2025 until 1 December 2025" in said


def test_a_change_may_set_a_forced_state_free_for_a_time() -> None:
    setup = setup_of("force.HUN=troops", "2025-04-09..2025-04-23 force.HUN=null")
    assert (setup.forced[:, of(setup, "HUN")] == TROOPS).tolist() == [True, True, False, False, True, True, True, True]


def test_figures_over_time_mark_the_rounds_in_which_something_changes() -> None:
    """Rounds 3 (9 April) and 6 (30 April) of the force, 4 (16 April) of the change that holds to the end."""
    setup = setup_of("force.HUN={option: troops, from: 2025-04-09, until: 2025-04-30}", "2025-04-16 sharpness=3")
    tables = tabulate(setup, played(setup, 3))
    fig = stances_by_round(tables, setup.whole)
    found = [line.get_xdata()[0] for line in fig.axes[0].lines if line.get_gid() == "change"]
    assert [str(pd.Timestamp(date).date()) for date in found] == ["2025-04-09", "2025-04-16", "2025-04-30"]
    assert "vertical lines" in fig.axes[0].get_xlabel()
    plain = setup_of()
    untouched = stances_by_round(tabulate(plain, played(plain, 3)), plain.whole)
    assert not [line for line in untouched.axes[0].lines if line.get_gid() == "change"]
    assert "upright" not in untouched.axes[0].get_xlabel()
