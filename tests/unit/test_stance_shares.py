"""Stance probabilities are those of a run, and two scenarios are compared with common random numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.interval import interval
from sim.analysis.stance_shares import StanceShares, difference
from sim.analysis.stance_shares import stance_shares as shares_of_run
from sim.ensemble.simulate import simulate
from sim.errors import ModelError
from sim.model.setup import Setup, prepare
from sim.results.summary import spreads, stance_chances
from sim.results.tables import RunTables, tabulate
from sim.scenario import load_scenario
from sim.theory.choice import ENVIRONMENT
from sim.theory.considerations import CONSIDERATIONS, Consideration

SHORT = "rounds=9"
FEW = ("roster.states=[GBR, FRA, DEU, POL, SWE, HUN]",)


def setup_of(name: str, *settings: str) -> Setup:
    return prepare(load_scenario(name, (SHORT, *settings)))


def stance_shares(setup: Setup, *, seed: int, replicates: int, threads: int = 1) -> StanceShares:
    engine = "agents" if setup.own_drivers else "ensemble"
    return shares_of_run(sim.run(setup.scenario, replicates=replicates, seed=seed, engine=engine, workers=threads))


def tables_of(setup: Setup, seed: int, replicates: int) -> RunTables:
    return tabulate(setup, simulate(setup, seed=seed, replicates=range(replicates)))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("paris-march-2025", ()),
        ("security-buffet", ()),
        ("paris-march-2025", ("rounds=30", *FEW)),
        ("un-mandate", ("revision=0", "opening=troops", *FEW)),
        ("limited-truce", ("menu.backstop=null", "menu.guarantee=null")),
    ],
)
def test_stance_probabilities_are_those_of_a_run(name: str, settings: tuple[str, ...]) -> None:
    setup = setup_of(name, *settings)
    result, tables = stance_shares(setup, seed=3, replicates=120, threads=2), tables_of(setup, 3, 120)
    chances = stance_chances(tables.stances, setup.menu.names)
    pd.testing.assert_frame_equal(result.chances, chances, check_exact=True)
    assert result.chances.to_dict(orient="index") == chances.to_dict(orient="index")
    pd.testing.assert_frame_equal(result.outcomes, tables.outcomes, check_exact=True)
    assert result.spreads == spreads(tables.outcomes, setup.menu.names)
    last = tables.stances[tables.stances["round"] == setup.scenario.rounds]
    for indices, column in ((result.stances, "stance"), (result.conditional, "conditional")):
        assert np.array(setup.menu.names)[indices].ravel().tolist() == last[column].astype(str).tolist()
    assert (result.setup.whole, result.seed, result.replicates) == (setup.whole, 3, 120)


@pytest.mark.parametrize("name", ["paris-march-2025", "security-buffet"])
def test_every_round_has_means_and_percentiles(name: str) -> None:
    setup = setup_of(name)
    result, by_round = (
        stance_shares(setup, seed=1, replicates=60).rounds,
        tables_of(setup, 1, 60).rounds.groupby("round"),
    )
    assert result["round"].tolist() == list(range(1, 10))
    assert [date.date() for date in result["date"]] == [setup.date_of(number) for number in range(1, 10)]
    options = setup.menu.names[1:]
    measured = [column for column in result if column not in ("round", "date") and ".p" not in column]
    assert [column for column in measured if column.startswith("personnel_")] == [
        f"personnel_{name}" for name in options
    ]
    assert len([column for column in measured if column.endswith("_states")]) == len(options)
    assert measured[-8:] == ["ask", "deterrence", *ENVIRONMENT]
    for column in measured:
        assert result[column].tolist() == pytest.approx(by_round[column].mean().tolist(), rel=1e-12, abs=1e-15)
        for part, share in ((f"{column}.p05", 0.05), (f"{column}.p95", 0.95)):
            assert result[part].tolist() == pytest.approx(by_round[column].quantile(share).tolist(), rel=1e-12)


def test_the_number_of_threads_changes_nothing() -> None:
    setup = setup_of("paris-march-2025")
    one, two = (stance_shares(setup, seed=5, replicates=130, threads=threads) for threads in (1, 2))
    pd.testing.assert_frame_equal(one.outcomes, two.outcomes, check_exact=True)
    pd.testing.assert_frame_equal(one.rounds, two.rounds, check_exact=True)
    assert (one.conditional == two.conditional).all()


def test_a_driver_of_the_users_own_is_simulated_by_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    habit = Consideration(about="habit", feels=CONSIDERATIONS["constant"].feels, driver=lambda observation: 1.0)
    monkeypatch.setitem(CONSIDERATIONS, "habit", habit)
    settings = (*FEW, "weights.habit=9", "menu.troops.raises.habit=1", "revision=1")
    result = stance_shares(setup_of("paris-march-2025", *settings), seed=0, replicates=3)
    assert result.chances["troops"].tolist() == [1.0] * 6


def test_no_replicates_are_refused() -> None:
    with pytest.raises(ModelError, match="no replicates to simulate"):
        stance_shares(setup_of("base"), seed=0, replicates=0)


# Two scenarios


@pytest.fixture(scope="module")
def pinned() -> StanceShares:
    return stance_shares(setup_of("paris-march-2025"), seed=2, replicates=150)


@pytest.fixture(scope="module")
def backed() -> StanceShares:
    return stance_shares(setup_of("paris-march-2025", "environment.us_backing=0.6"), seed=2, replicates=150)


def test_a_scenario_does_not_differ_from_itself(pinned: StanceShares) -> None:
    result = difference(pinned, stance_shares(setup_of("paris-march-2025"), seed=2, replicates=150))
    assert result.movers == ()
    assert not result.chances.to_numpy().any()
    assert {
        (change.mean, change.low, change.high) for name, change in result.outcomes.items() if "kept" not in name
    } == {(0.0, 0.0, 0.0)}
    assert np.isnan(result.outcomes["stances_kept"].mean)  # undefined in nine rounds


def test_outcomes_differ_replicate_by_replicate(pinned: StanceShares, backed: StanceShares) -> None:
    result = difference(backed, pinned)
    assert list(result.outcomes) == list(pinned.spreads)
    for name in ("personnel_troops", "us_backing", "viable"):
        assert result.outcomes[name] == interval((backed.outcomes[name] - pinned.outcomes[name]).to_numpy())
    assert result.outcomes["us_backing"].is_positive
    assert (
        result.chances.loc["DEU", "troops"] == backed.chances.loc["DEU", "troops"] - pinned.chances.loc["DEU", "troops"]
    )
    assert list(result.chances) == list(pinned.setup.menu.names)


def test_movers_are_those_whose_share_of_the_deepest_option_changes_significantly(
    pinned: StanceShares, backed: StanceShares
) -> None:
    result = difference(backed, pinned)
    index, changes = pinned.setup.menu.index("troops"), {}
    for state, code in enumerate(pinned.setup.codes):
        gained = (backed.stances[:, state] == index).astype(float) - (pinned.stances[:, state] == index)
        changes[code] = interval(gained)
    significant = {code for code, change in changes.items() if change.is_positive or change.is_negative}
    assert set(result.movers) == significant
    assert 0 < len(significant) < len(changes)
    sizes = [abs(changes[code].mean) for code in result.movers]
    assert sizes == sorted(sizes, reverse=True)
    assert difference(pinned, backed).movers == result.movers


def test_only_states_and_options_that_both_scenarios_have_are_compared(pinned: StanceShares) -> None:
    settings = ("menu.troops=null", "proposal.headline=backstop", "roster.leave_out=[HUN, SVK]", "revision=0.9")
    other = stance_shares(setup_of("paris-march-2025", *settings), seed=2, replicates=150)
    result = difference(other, pinned)
    assert result.deepest == "backstop"
    assert list(result.chances) == ["abstain", "guarantee", "backstop"]
    assert "HUN" not in result.chances.index
    assert len(result.chances) == len(pinned.setup.codes) - 2
    assert "personnel_troops" not in result.outcomes
    assert "personnel_backstop" in result.outcomes
    assert set(result.movers) <= set(other.setup.codes)


def test_menus_without_a_common_option_have_no_movers(pinned: StanceShares) -> None:
    settings = ("menu.troops=null", "menu.guarantee=null", "menu.backstop=null", "proposal.headline=equipment")
    result = difference(stance_shares(setup_of("security-buffet", *settings), seed=2, replicates=150), pinned)
    assert (result.deepest, result.movers, list(result.chances)) == (None, (), ["abstain"])
    assert "deterrence" in result.outcomes


@pytest.mark.parametrize(("seed", "replicates", "what"), [(3, 150, "seed"), (2, 149, "replicates")])
def test_scenarios_with_other_random_draws_are_not_compared(
    pinned: StanceShares, seed: int, replicates: int, what: str
) -> None:
    other = stance_shares(setup_of("base", *FEW), seed=seed, replicates=replicates)
    with pytest.raises(
        ModelError, match=f"simulated with {what} .*, so replicates cannot be paired; simulate both with the same"
    ):
        difference(other, pinned)
