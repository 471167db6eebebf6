"""What the model is held against: the record is read as it stands, and no state is foreseen from itself."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from sim import facts
from sim.analysis import baselines, scores
from sim.analysis.hindcast import MODEL, Hindcast, HindcastSpec, hindcast, round_on
from sim.analysis.positions import SHIPPED, Record, read_positions, record
from sim.ensemble.simulate import simulate
from sim.errors import FactsError, ModelError
from sim.model.setup import Setup, prepare
from sim.plots.hindcast import hindcast_figure
from sim.plots.style import COLOURS
from sim.scenario import load_scenario
from tests.figures import bars, marks, points, strokes

HEAD = "code,date,stance,alternative,conditions,troops_low,troops_high,kind,confidence,source,note\n"
SHORT = ("rounds=9",)


@pytest.fixture(scope="module")
def setup() -> Setup:
    return prepare(load_scenario("paris-march-2025", SHORT))


@pytest.fixture(scope="module")
def known(setup: Setup) -> Record:
    return record(read_positions(SHIPPED, setup), setup, source=SHIPPED)


@pytest.fixture(scope="module")
def found() -> Hindcast:
    return hindcast(HindcastSpec(scenario=load_scenario("paris-march-2025", SHORT), replicates=200))


def _table(folder: Path, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def _read(path: Path, setup: Setup, until: datetime.date | None = None) -> Record:
    return record(read_positions(path, setup), setup, source=path, until=until)


def test_the_shipped_table_is_read_as_the_facts_read_it(setup: Setup) -> None:
    ours, theirs = read_positions(SHIPPED, setup), facts.positions()
    assert [(row.code, row.date, row.stance, row.confidence) for row in ours] == [
        (row.code, row.date, row.stance, row.confidence) for row in theirs
    ]


def test_the_last_row_of_a_state_counts_and_undecided_ones_are_left_out(known: Record) -> None:
    assert known.said["ESP"].stance == "abstain"
    assert "NLD" in known.undecided
    assert known.options[known.stance_before("NLD")] == "troops"
    assert "DEU" not in known.before
    assert set(known.decided()) | set(known.undecided) == set(known.codes)
    assert known.unknown == ()
    assert known.not_asked == ("USA", "RUS", "UKR")
    assert set(known.decided()) - set(known.decided(sure=True)) == {"CYP", "ALB", "MNE", "MKD"}


def test_to_oppose_is_to_abstain(known: Record) -> None:
    assert known.said["HUN"].stance == "oppose"
    assert known.stance("HUN") == 0


def test_rows_of_a_later_day_have_not_been_said_yet(setup: Setup) -> None:
    early = _read(SHIPPED, setup, datetime.date(2025, 3, 10))
    assert early.said["ESP"].stance == "undecided"
    assert "EST" in early.unknown
    assert early.later == sum(row.date > datetime.date(2025, 3, 10) for row in facts.positions())


def test_what_was_said_before_is_looked_for_in_the_shipped_table_too(setup: Setup, tmp_path: Path) -> None:
    path = _table(tmp_path, "DNK,2025-09-04,troops,,,,,sourced,3,s,", "ITA,2025-09-04,abstain,,,,,sourced,3,s,")
    later = _read(path, setup)
    assert later.options[later.stance_before("DNK")] == "troops"
    assert later.options[later.stance_before("ITA")] == "guarantee"


def test_the_order_of_rows_says_nothing_where_days_differ(setup: Setup, tmp_path: Path) -> None:
    rows = ["FRA,2025-03-01,abstain,,,,,sourced,3,s,", "FRA,2025-04-01,troops,,,,,sourced,3,s,"]
    for order in (rows, rows[::-1]):
        assert _read(_table(tmp_path, *order), setup).said["FRA"].stance == "troops"


def test_a_stance_of_another_menu_is_told_from_a_word_that_is_none(setup: Setup, tmp_path: Path) -> None:
    other = prepare(load_scenario("article-5-like-guarantee", SHORT))
    path = _table(tmp_path, "FRA,2025-03-01,troops,,,,,sourced,3,s,")
    with pytest.raises(FactsError, match=r"mine\.csv:2: stance: 'troops' is not on the menu"):
        read_positions(path, other)
    path = _table(tmp_path, "FRA,2025-03-01,soldiers,,,,,sourced,3,s,")
    with pytest.raises(FactsError, match=r"mine\.csv:2: stance: unknown stance 'soldiers'"):
        read_positions(path, setup)


def test_options_of_ones_own_are_stances_of_ones_own_table(tmp_path: Path) -> None:
    buffet = prepare(load_scenario("security-buffet", SHORT))
    path = _table(tmp_path, "FRA,2025-03-01,air_policing,,,,,sourced,3,s,")
    assert buffet.menu.names[_read(path, buffet).stance("FRA")] == "air_policing"


def test_dalal_1989_the_logit_of_the_o_rings() -> None:
    heat = [66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58]
    failed = [0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    fit = baselines.logit(np.array(heat, dtype=float)[:, None], np.array(failed), 2, ridge=1e-9)
    slope = fit.slopes[1, 0] / fit.scale[0]
    assert slope == pytest.approx(-0.2322, abs=1e-4)
    assert fit.slopes[0, 0] - slope * fit.centre[0] == pytest.approx(15.0429, abs=1e-3)


def test_the_multinomial_logit_is_where_its_penalised_likelihood_is_highest() -> None:
    rng = np.random.default_rng(1)
    table, stances = rng.normal(size=(40, 3)), rng.integers(0, 3, size=40)
    fit = baselines.logit(table, stances, 3)
    design = np.column_stack([np.ones(40), (table - fit.centre) / fit.scale])

    def loss(flat: np.ndarray) -> float:
        values = np.column_stack([np.zeros(40), design @ flat.reshape(4, 2)])
        likely = values[np.arange(40), stances] - np.log(np.exp(values).sum(axis=1))
        penalty = np.full((4, 2), baselines.RIDGE)
        penalty[0] = 1e-6
        return float(-likely.sum() + 0.5 * (penalty.ravel() * flat**2).sum())

    best = minimize(loss, np.zeros(8), method="BFGS", options={"gtol": 1e-8})
    assert fit.slopes.ravel() == pytest.approx(best.x, abs=1e-4)


def test_a_strong_ridge_leaves_nothing_but_how_often_each_option_is_taken() -> None:
    rng = np.random.default_rng(2)
    table, stances = rng.normal(size=(30, 2)), np.repeat([0, 1, 2], [15, 9, 6])
    chances = baselines.logit(table, stances, 3, ridge=1e3).chances(table)
    assert chances.mean(axis=0) == pytest.approx([0.5, 0.3, 0.2], abs=0.02)
    assert np.ptp(chances, axis=0).max() < 0.05


def test_no_state_is_foreseen_from_its_own_stance(setup: Setup, known: Record) -> None:
    decided = known.decided()
    table = baselines.predictors(setup, decided)
    stances = np.array([known.stance(code) for code in decided])
    other = stances.copy()
    place = decided.index("TUR")
    other[place] = 0
    for foresee in (lambda s: baselines.leave_one_out(table, s, 4), lambda s: baselines.majority(s, 4)):
        before, after = foresee(stances), foresee(other)
        assert after[place] == pytest.approx(before[place], abs=1e-12)
        assert np.abs(after - before).max() > 1e-3


def test_a_figure_that_a_null_model_lacks_is_named(known: Record) -> None:
    blind = prepare(load_scenario("base", ("weights.opinion=0", "states.FRA.facts={peacekeeping_support_pct: null}")))
    with pytest.raises(FactsError, match="FRA: opinion unknown"):
        baselines.predictors(blind, ("FRA",))


def test_the_scores_follow_from_the_chances_of_the_states(found: Hindcast) -> None:
    decided = list(found.record.decided())
    names = found.setup.menu.names
    chances = found.states.loc[decided, [f"chance_{name}" for name in names]].to_numpy(dtype=float)
    came = np.array([found.record.stance(code) for code in decided])
    row = found.scores.loc[MODEL]
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert row["accuracy"] == pytest.approx((found.states["verdict"] == "hit").sum() / len(decided))
    assert row["brier"] == pytest.approx(scores.brier(chances, came).mean())
    assert row["auc"] == pytest.approx(scores.ranking(chances[:, -1], came == len(names) - 1))
    assert sum(each.count for each in found.calibration[MODEL]) == chances.size


def test_every_forecast_stands_in_both_tables_and_is_set_against_the_model(found: Hindcast) -> None:
    assert found.sure is not None
    assert list(found.scores.index) == list(found.sure.index)
    assert set(found.scores["rows"]) == {31}
    assert set(found.sure["rows"]) == {27}
    worse = found.scores["brier"] - found.scores.loc[MODEL, "brier"]
    assert found.scores["worse_brier"].dropna().to_numpy() == pytest.approx(worse.dropna().to_numpy())
    assert math.isnan(found.scores.loc["majority", "auc"])
    assert math.isnan(found.scores.loc["binary_logit", "brier"])


def test_a_miss_is_explained_against_the_stance_on_record(found: Hindcast) -> None:
    missed = found.states[found.states["verdict"] == "miss"]
    recorded = missed["recorded"].replace("oppose", "abstain")
    assert len(missed) > 0
    assert (missed["over"] == recorded).all()
    assert (missed["likeliest"] != recorded).all()
    for for_, against in zip(missed["for_"], missed["against"], strict=True):
        assert all(by > 0.0 for _, by in for_)
        assert all(by < 0.0 for _, by in against)


def test_counts_are_of_the_states_with_a_stance_and_soldiers_of_those_who_named_them(found: Hindcast) -> None:
    counts = found.counts[found.counts["counted"].str.endswith("_states")]
    for _, each in counts.groupby("stances"):
        assert each["recorded_low"].sum() == 31
        assert each["mean"].sum() == pytest.approx(31)
    together = found.counts[found.counts["counted"] == "soldiers"].iloc[0]
    assert (together["recorded_low"], together["recorded_high"]) == (10_100, 20_250)
    troops = found.counts[found.counts["counted"] == "troops_states"].iloc[0]
    assert (troops["recorded_low"], troops["error"]) == (11, pytest.approx(troops["mean"] - 11))


def test_the_other_stances_change_places_with_the_first() -> None:
    both = {
        which: hindcast(HindcastSpec(scenario=load_scenario("base", ("rounds=4",)), replicates=20, which=which)).scores
        for which in ("conditional", "firm")
    }
    for column in ("brier", "auc"):
        assert both["firm"].loc[MODEL, column] == both["conditional"].loc["model_firm", column]
        assert both["firm"].loc["model_conditional", column] == both["conditional"].loc[MODEL, column]


def test_the_model_is_read_in_the_last_round_up_to_the_day(setup: Setup) -> None:
    assert [round_on(setup, datetime.date(2025, 3, day)) for day in (26, 31)] == [1, 1]
    assert round_on(setup, datetime.date(2025, 4, 2)) == 2
    for day in (datetime.date(2025, 3, 25), datetime.date(2025, 5, 28)):
        with pytest.raises(ModelError, match="is outside its rounds, 2025-03-26 to 2025-05-21"):
            round_on(setup, day)


def test_too_few_stances_are_told(tmp_path: Path) -> None:
    path = _table(tmp_path, "FRA,2025-03-01,troops,,,,,sourced,3,s,", "DEU,2025-03-01,undecided,,,,,sourced,3,s,")
    with pytest.raises(ModelError, match="have a stance: 1; at least 3"):
        hindcast(HindcastSpec(scenario=load_scenario("base", SHORT), positions=path))
    nobody = _table(tmp_path, *(f"{code},2025-04-01,troops,,,,,sourced,3,s," for code in ("FRA", "GBR", "DNK")))
    with pytest.raises(ModelError, match=r"no state on the roster of base .* up to 2025-03-27; the first is of 2025-0"):
        hindcast(HindcastSpec(scenario=load_scenario("base", SHORT), positions=nobody, day=datetime.date(2025, 3, 27)))


def test_where_nobody_goes_deep_there_is_nothing_to_rank(tmp_path: Path) -> None:
    path = _table(tmp_path, *(f"{code},2025-03-01,abstain,,,,,sourced,1,s," for code in ("FRA", "GBR", "HUN", "MLT")))
    alone = hindcast(HindcastSpec(scenario=load_scenario("base", ("rounds=4",)), positions=path, replicates=20))
    assert alone.scores["auc"].isna().all()
    assert alone.sure is None
    assert alone.record.unknown != ()


def test_the_figure_draws_the_chances_the_calibration_and_the_scores_of_the_tables(found: Hindcast) -> None:
    made = hindcast_figure(found)
    decided = found.states[found.states["verdict"] != "undecided"]
    decided = decided.sort_values("chance_troops", ascending=False, kind="stable")
    states, calibration, scored = made.axes
    rows: dict[float, list[tuple[str, float]]] = {}
    for bar in bars(states):
        rows.setdefault(bar.middle, []).append((bar.colour, bar.width))
    assert len(rows) == len(decided)
    for (code, state), middle in zip(decided.iterrows(), sorted(rows, reverse=True), strict=True):
        wanted = [(COLOURS[name].lower(), state[f"chance_{name}"]) for name in reversed(found.setup.menu.names)]
        assert [colour for colour, _ in rows[middle]] == [colour for colour, _ in wanted]
        assert [part for _, part in rows[middle]] == pytest.approx([part for _, part in wanted]), code
    crosses = sum(text.get_text() == "✕" for text in made.texts)
    assert crosses == (decided["verdict"] == "miss").sum() > 0
    curves = [points(line) for line in calibration.lines if line.get_marker() == "o"]
    for curve, name in zip(curves, (MODEL, "multinomial_logit"), strict=True):
        assert curve[:, 1].tolist() == [each.came.mean for each in found.calibration[name]]
        assert curve[:, 0] == pytest.approx([each.foreseen for each in found.calibration[name]], abs=0.01)
    others = [name for name in found.scores.index if name != MODEL]
    for name, (x, _, _), (line, colour) in zip(others, marks(scored), strokes(scored)[1:], strict=True):
        row = found.scores.loc[name]
        which = "worse_brier_deepest" if np.isnan(row["worse_brier"]) else "worse_brier"
        assert x == pytest.approx(row[which])
        assert line[:, 0].tolist() == pytest.approx([row[f"{which}_low"], row[f"{which}_high"]])
        sure = row[f"{which}_low"] > 0 or row[f"{which}_high"] < 0
        worse = row[which] > 0
        assert colour == ("#1b4f9c" if worse else "#c4512d") if sure else colour == "#5f676f"


def test_a_forecast_is_worse_by_its_score_less_that_of_the_model(found: Hindcast) -> None:
    """A Brier score is the better the smaller, so that a positive difference speaks for the model."""
    for name in found.scores.index.drop(MODEL):
        difference = found.scores.loc[name, "brier"] - found.scores.loc[MODEL, "brier"]
        if not np.isnan(difference):
            assert found.scores.loc[name, "worse_brier"] == pytest.approx(difference)


def test_firm_and_conditional_stances_are_scored_and_counted_apart(found: Hindcast) -> None:
    played = simulate(found.setup, seed=0, replicates=range(200))
    decided = found.record.decided()
    places = [found.setup.codes.index(code) for code in decided]
    came = np.eye(4)[[found.record.stance(code) for code in decided]]
    briers = {}
    for which, held in (("conditional", played.conditional), ("firm", played.stances)):
        now = held[:, found.round - 1][:, places]
        chances = np.stack([(now == option).mean(axis=0) for option in range(4)], axis=1)
        briers[which] = float(((chances - came) ** 2).sum(axis=1).mean())
        counted = found.counts[(found.counts["stances"] == which) & (found.counts["counted"] == "troops_states")]
        assert counted["mean"].item() == pytest.approx((now == 3).sum(axis=1).mean()), which
    assert found.spec.which == "conditional"
    assert found.scores.loc[MODEL, "brier"] == pytest.approx(briers["conditional"])
    assert found.scores.loc["model_firm", "brier"] == pytest.approx(briers["firm"])
    assert briers["firm"] > briers["conditional"] + 0.01
