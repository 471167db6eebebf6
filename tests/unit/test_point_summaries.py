"""The summary of a sweep describes the runs of each point, with missing values where outcomes are not defined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.ensemble.simulate import simulate
from sim.experiment.point_summaries import summarise
from sim.experiment.store import SweepFolder
from sim.model.setup import prepare
from sim.scenario import load_scenario
from tests.faults.sweeps import SMALL, played, small_shards, written

# Short runs keep no stances to tell of; one menu has no troops, and so no states or soldiers for them.
GAPS = """\
question: Which outcomes are missing?
about: >
  Runs too short for some outcomes, menus without an option, points that cannot be played.
scenario: paris-march-2025
vary:
  environment.us_backing: {from: 0, to: 1, steps: 3}
  menus:
    choices:
      all: {}
      without troops: {menu: {troops: null}, proposal: {headline: backstop}}
  ceasefire.violations_sincere: [3, 5]
  ceasefire.violations_insincere: [4, 6]
rounds: 8
replicates: 40
outcomes: [headline, viable, troop_states, personnel_troops, stances_kept, burden_gini, stance.DEU, conditional.FRA,
           joins.POL, rounds_to_settle, phase]
"""


def sweep_of(text: str, folder: Path) -> SweepFolder:
    return played(written(folder, text), folder / "sweep")


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> tuple[SweepFolder, pd.DataFrame, pd.DataFrame]:
    """A sweep whose points lie in three shards each, with its runs and its summary."""
    with pytest.MonkeyPatch.context() as patched:
        small_shards(patched)
        sweep = sweep_of(GAPS, tmp_path_factory.mktemp("gaps"))
        summary = summarise(sweep)
    return sweep, pd.read_parquet(sweep.runs), summary.set_index("point")


def test_every_point_has_a_row_with_its_factors_and_its_runs(
    gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame],
) -> None:
    sweep, runs, summary = gaps
    factors = list(sweep.plan.table.columns)
    assert list(summary.columns[:5]) == [*factors, "runs"]
    pd.testing.assert_frame_equal(summary[factors], sweep.plan.table, check_index_type=False)
    counted = runs.groupby("point").size().reindex(summary.index, fill_value=0)
    assert list(summary["runs"]) == list(counted)
    assert set(counted) == {0, 40}
    assert (counted == 0).sum() == 6


NUMBERS = ("viable", "troop_states", "personnel_troops", "stances_kept", "burden_gini", "joins.POL", "rounds_to_settle")


@pytest.mark.parametrize("outcome", [*NUMBERS, "phase"])
def test_the_summary_of_a_number_is_as_by_hand(
    outcome: str, gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame]
) -> None:
    _, runs, summary = gaps
    grouped = runs.groupby("point")[outcome]
    by_hand = {
        outcome: grouped.mean(),
        f"{outcome}.sd": grouped.std(ddof=0),
        **{f"{outcome}.p{level:02}": grouped.quantile(level / 100) for level in (5, 50, 95)},
    }
    for name, expected in by_hand.items():
        np.testing.assert_allclose(summary[name], expected.reindex(summary.index), rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("outcome", ["viable", "joins.POL"])
def test_the_interval_of_a_share_is_wilsons(outcome: str, gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame]) -> None:
    _, runs, summary = gaps
    for point, values in runs.groupby("point")[outcome]:
        wilson = stats.binomtest(int(values.sum()), len(values)).proportion_ci(method="wilson")
        assert summary.loc[point, f"{outcome}.low"] == pytest.approx(wilson.low, abs=1e-12)
        assert summary.loc[point, f"{outcome}.high"] == pytest.approx(wilson.high, abs=1e-12)


@pytest.mark.parametrize("outcome", ["burden_gini", "rounds_to_settle", "phase"])
def test_the_interval_of_a_mean_is_students(outcome: str, gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame]) -> None:
    _, runs, summary = gaps
    for point, values in runs.groupby("point")[outcome]:
        error = stats.sem(values)
        low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), error) if error else (values.mean(),) * 2
        assert summary.loc[point, f"{outcome}.low"] == pytest.approx(low, abs=1e-9)
        assert summary.loc[point, f"{outcome}.high"] == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("outcome", ["headline", "stance.DEU", "conditional.FRA"])
def test_options_have_the_most_frequent_one_and_all_shares(
    outcome: str, gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame]
) -> None:
    sweep, runs, summary = gaps
    options = sweep.plan.experiment.options
    shares = runs.groupby("point")[outcome].value_counts(normalize=True).unstack().reindex(columns=list(options))
    shares = shares.fillna(0.0).reindex(summary.index)
    np.testing.assert_allclose(summary[[f"{outcome}.{option}" for option in options]], shares, rtol=1e-12)
    known = summary["runs"] > 0
    likeliest = shares[known].to_numpy().argmax(axis=1)  # of equals the first, which is of the lowest rung
    assert list(summary.loc[known, outcome]) == [options[place] for place in likeliest]
    assert summary.loc[~known, outcome].isna().all()


def test_outcomes_that_are_not_defined_are_missing_and_not_zero(
    gaps: tuple[SweepFolder, pd.DataFrame, pd.DataFrame],
) -> None:
    _, runs, summary = gaps
    without = runs["menus"] == "without troops"
    for outcome in ("troop_states", "personnel_troops"):
        assert runs.loc[without, outcome].isna().all()
        assert runs.loc[~without, outcome].notna().all()
    assert runs["stances_kept"].isna().all()
    bare = summary["menus"] == "without troops"
    parts = ("", ".sd", ".p05", ".p50", ".p95", ".low", ".high")
    assert summary.loc[bare, [f"troop_states{part}" for part in parts]].isna().all(axis=None)
    assert summary[[f"stances_kept{part}" for part in parts]].isna().all(axis=None)


def test_one_replicate_has_a_mean_and_no_interval(tmp_path: Path) -> None:
    summary = summarise(sweep_of(SMALL.replace("45", "1"), tmp_path))
    assert summary["deterrence"].notna().all()
    assert summary[["deterrence.low", "deterrence.high"]].isna().all(axis=None)
    assert summary[["viable.low", "viable.high"]].notna().all(axis=None)


def test_a_point_in_several_shards_has_the_same_summary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = summarise(sweep_of(SMALL, tmp_path / "whole"))
    small_shards(monkeypatch)
    steps: list[tuple[int, int]] = []
    cut = summarise(sweep_of(SMALL, tmp_path / "cut"), lambda done, total: steps.append((done, total)))
    assert steps[-1] == (36, 36)
    pd.testing.assert_frame_equal(cut, whole, check_exact=False, rtol=1e-12)


def test_options_have_the_right_names_if_a_menu_lacks_one_before_the_last(tmp_path: Path) -> None:
    """Without the guarantee the backstop has the place on the menu that the guarantee has elsewhere."""
    text = """\
question: Which option is it?
scenario: paris-march-2025
vary:
  menus:
    choices:
      all: {}
      no guarantee: {menu: {guarantee: null}}
rounds: 3
replicates: 6
outcomes: [headline, stance.POL, conditional.ROU]
"""
    sweep = sweep_of(text, tmp_path)
    runs = pd.read_parquet(sweep.runs)
    for level, settings in (("all", ()), ("no guarantee", ("menu.guarantee=null",))):
        setup = prepare(load_scenario("paris-march-2025", ["rounds=3", *settings]))
        played = simulate(setup, seed=0, replicates=range(6))
        rows = runs[runs["menus"] == level].sort_values("replicate")
        for column, places in (
            ("headline", played.headline[:, -1]),
            ("stance.POL", played.stances[:, -1, setup.codes.index("POL")]),
            ("conditional.ROU", played.conditional[:, -1, setup.codes.index("ROU")]),
        ):
            assert rows[column].astype(str).tolist() == [setup.menu.names[place] for place in places], (level, column)
