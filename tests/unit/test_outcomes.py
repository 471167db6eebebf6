"""What is measured of a run, reckoned by hand: the ask at the start and in force, firm and conditional stances.

Three states ask for 25,000 soldiers. For troops Britain would bring 8,000, France 6,000 and Poland 5,000, for the
backstop half of it. Britain alone leads. Six replicates end as the lines of ENDS say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim import api
from sim.analysis.outcome_target import read_target
from sim.model.setup import Setup, prepare
from sim.model.simulate import Trajectories, end_states
from sim.report.page import report_page
from sim.report.run import summary
from sim.results.manifest import create_manifest
from sim.results.outcomes import OF_STATES, OUTCOMES, Outcome, find_outcome, measure_outcomes, table_outcomes
from sim.results.run import Run
from sim.results.store import read_run, write_run
from sim.results.summary import spreads
from sim.results.tables import RunTables, tabulate
from sim.scenario import load_scenario

type Willing = Callable[..., Any]

OWN = ("roster.states=[GBR, FRA, POL]", "leads=[GBR]", "rounds=2", "menu.backstop.ask=9000")
OUT, GIVE, BACK, TROOPS = range(4)
# stances and conditional stances of the three, the headline in force and its ask, times that it was changed
ENDS = (
    ((TROOPS, TROOPS, TROOPS), (TROOPS, TROOPS, TROOPS), TROOPS, 16_000.0, 2),  # 19,000 for 16,000, after two cuts
    ((TROOPS, TROOPS, OUT), (TROOPS, TROOPS, TROOPS), TROOPS, 16_000.0, 2),  # 14,000 for 16,000
    ((OUT, TROOPS, TROOPS), (BACK, TROOPS, TROOPS), TROOPS, 10_000.0, 4),  # 11,000 for 10,000, but without the lead
    ((BACK, BACK, BACK), (TROOPS, BACK, TROOPS), BACK, 9_000.0, 5),  # 9,500 for 9,000, but not what was asked first
    ((BACK, BACK, OUT), (BACK, BACK, TROOPS), BACK, 9_000.0, 5),  # 7,000 for 9,000
    ((TROOPS, GIVE, OUT), (TROOPS, TROOPS, GIVE), TROOPS, 25_000.0, 0),  # 8,000 for 25,000
)
VIABLE_NOW = [1, 0, 0, 1, 0, 0]  # and viable, by the ask at the start, in none of them
LEAST = 18_000  # of another scenario, under which the first replicate has what was asked first


def setup_of(*settings: str) -> Setup:
    """Return the setup with soldiers that can be added up in the head."""
    setup = prepare(load_scenario("base", [*OWN, *settings]))
    soldiers = np.array([8_000.0, 6_000.0, 5_000.0])
    offers = np.column_stack([0 * soldiers, 0 * soldiers, soldiers / 2, soldiers])
    return replace(setup, characteristics=replace(setup.characteristics, offers=offers))


def trajectories() -> Trajectories:
    """Return two rounds: all abstain and nothing was changed, then it ends as ENDS says."""
    count = len(ENDS)
    now = [np.array([end[column] for end in ENDS]) for column in range(5)]

    def both(first: object, then: np.ndarray, dtype: type) -> np.ndarray:
        return np.stack([np.full_like(then, first), then], axis=1).astype(dtype)

    return Trajectories(
        replicates=np.arange(count),
        environment=np.full((count, 2, 6), 0.5),
        phase=np.zeros((count, 2), dtype=np.int8),
        headline=both(TROOPS, now[2], np.int8),
        asks=both(25_000.0, now[3], float),
        deterrence=np.full((count, 2), 0.25),
        redimensioned=both(0, now[4], np.int32),
        stances=both(OUT, now[0], np.int8),
        conditional=both(OUT, now[1], np.int8),
    )


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of()


@pytest.fixture(scope="module")
def tables(setup: Setup) -> RunTables:
    return tabulate(setup, trajectories())


@pytest.fixture(scope="module")
def run(tables: RunTables) -> Run:
    scenario = load_scenario("base", OWN)
    manifest = create_manifest(
        scenario, reference="base", settings=OWN, seed=0, replicates=len(ENDS), engine="agents", started=""
    )
    return Run(folder=Path("one"), manifest=manifest, tables=tables)


def test_viable_is_by_the_ask_at_the_start_and_viable_now_by_the_headline_and_ask_in_force(tables: RunTables) -> None:
    assert tables.outcomes["viable"].tolist() == [0] * 6
    assert tables.outcomes["viable_now"].tolist() == VIABLE_NOW
    last = tables.rounds[tables.rounds["round"] == 2]
    assert last["viable"].tolist() == [0] * 6
    assert last["viable_now"].tolist() == VIABLE_NOW
    first = tables.rounds[tables.rounds["round"] == 1]
    assert not first[["viable", "viable_now"]].any(axis=None)


def test_a_force_that_has_what_was_asked_first_is_viable_whatever_is_asked_now() -> None:
    """Of 18,000 asked at the start the first replicate has 19,000, also where the headline has been moved down."""
    setup = setup_of(f"menu.troops.ask={LEAST}")
    played = trajectories()
    found = tabulate(setup, played).outcomes
    assert found["viable"].tolist() == [1, 0, 0, 0, 0, 0]
    assert found["viable_now"].tolist() == VIABLE_NOW
    played.headline[0, 1], played.asks[0, 1] = BACK, 9_000.0
    moved = tabulate(setup, played).outcomes
    assert (moved["viable"][0], moved["viable_now"][0]) == (1, 0)


def test_firm_and_conditional_stances_are_counted_apart(tables: RunTables) -> None:
    outcomes = tables.outcomes
    assert outcomes["troop_states"].tolist() == [3, 2, 2, 0, 0, 1]
    assert outcomes["troop_states_conditional"].tolist() == [3, 3, 2, 2, 1, 2]
    assert outcomes["backstop_states"].tolist() == [0, 0, 0, 3, 2, 0]
    assert outcomes["backstop_states_conditional"].tolist() == [0, 0, 1, 1, 2, 0]
    assert outcomes["personnel_troops"].tolist() == [19_000, 14_000, 11_000, 0, 0, 8_000]
    assert outcomes["personnel_backstop"].tolist() == [0, 0, 0, 9_500, 7_000, 0]
    assert outcomes["personnel_guarantee"].tolist() == [0] * 6
    last = tables.rounds[tables.rounds["round"] == 2].reset_index(drop=True)
    for column in ("troop_states", "troop_states_conditional", "personnel_troops", "ask", "redimensioned"):
        assert last[column].tolist() == outcomes[column].tolist(), column
    names = ("abstain", "guarantee", "backstop", "troops")
    for column, place in (("stance", 0), ("conditional", 1)):
        told = tables.stances.loc[tables.stances["round"] == 2, column].astype(str).tolist()
        assert told == [names[each] for end in ENDS for each in end[place]]


def test_measures_of_one_state_are_its_own_firm_conditional_and_whether_it_joins(setup: Setup) -> None:
    ended = end_states(setup, trajectories())
    found = measure_outcomes(setup, ended, ["stance.POL", "conditional.POL", "joins.POL", "joins.FRA"])
    assert found["stance.POL"].tolist() == [3, 0, 3, 2, 0, 0]
    assert found["conditional.POL"].tolist() == [3, 3, 3, 3, 3, 1]
    assert found["joins.POL"].tolist() == [1, 0, 1, 1, 0, 0]
    assert found["joins.FRA"].tolist() == [1] * 6  # at last for the guarantee


def test_programs_get_both_viabilities_and_both_kinds_of_stances(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    answer = run.to_dict()
    outcomes = answer["outcomes"]
    assert outcomes["viable"]["mean"] == 0.0
    assert outcomes["viable_now"]["mean"] == pytest.approx(2 / 6)
    assert outcomes["troop_states"]["mean"] == pytest.approx(8 / 6)
    assert outcomes["troop_states_conditional"]["mean"] == pytest.approx(13 / 6)
    assert outcomes["ask"]["mean"] == pytest.approx(85_000 / 6)
    poland = answer["states"]["POL"]
    shares = [poland[name] for name in ("abstain", "guarantee", "backstop", "troops", "troops_conditional")]
    assert shares == pytest.approx([3 / 6, 0, 1 / 6, 2 / 6, 5 / 6])


def test_words_say_which_viability_and_which_stances_they_mean(run: Run) -> None:
    told = dict(summary(run))
    assert told["Troops, firm"].startswith("1.3 states (0 to 3). GBR 50%, FRA 50%, POL 33%")
    assert told["Troops, if the conditions were met"].startswith("2.2 states (1 to 3). POL 83%, GBR 67%, FRA 67%")
    assert told["Force, troops"].endswith("against 25,000 asked at the start: viable in 0% of replicates")
    assert told["Finally viable"].startswith("in 33% of replicates")
    assert told["Headline"].startswith("troops 67%, backstop 33%")


def test_a_report_shows_the_viability_of_the_start_and_firm_before_conditional(run: Run) -> None:
    reasons = pd.DataFrame(columns=["state", "stance", "chance", "alternative", "for_", "against"])
    page = report_page(run, standing=run.scenario, figures=[], reasons=reasons)
    keys = re.findall(r'class="number">([^<]*)<.*?class="text">([^<]*)<', page, flags=re.DOTALL)
    told = {says: number for number, says in keys}
    assert told["states would send troops under the current conditions"] == "1.3"
    assert told["states would send troops if the conditions were met"] == "2.2"
    (viable,) = (share for words, share in told.items() if "the 25,000 soldiers asked for it at the start" in words)
    assert viable == "0%"


def test_kept_and_read_again_the_two_viabilities_are_not_exchanged(run: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "kept", run.manifest, run.tables)
    read = read_run(tmp_path / "kept").tables
    assert read.outcomes["viable"].tolist() == [0] * 6
    assert read.outcomes["viable_now"].tolist() == VIABLE_NOW


def test_the_declared_types_are_those_of_the_tables(tables: RunTables) -> None:
    for name, outcome in table_outcomes(("abstain", "guarantee", "backstop", "troops")).items():
        if not outcome.is_option:
            assert tables.outcomes[name].dtype == outcome.dtype, name


def test_every_outcome_has_a_label_a_phrase_and_a_meaning() -> None:
    names = ["abstain", "guarantee", "backstop", "troops"]
    known = [*table_outcomes(names).values(), *(find_outcome(f"{kind}.POL", names) for kind in OF_STATES)]
    for outcome in known:
        assert outcome is not None
        assert outcome.label
        assert outcome.phrase
        assert outcome.about
    assert len({outcome.label for outcome in OUTCOMES.values()}) == len(OUTCOMES)


@pytest.fixture
def leads_out(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """An outcome of one's own: a single entry."""
    outcome = Outcome(
        name="leads_out",
        label="Leads that abstain",
        phrase="leads that abstain",
        about="leads of the proposal that abstain after the last round",
        unit="states",
        measure=lambda setup, ended: ((ended.stances == 0) & (setup.leads == 1)).sum(axis=1).astype(np.int32),
        dtype=np.int32,
        is_plural=True,
    )
    monkeypatch.setitem(OUTCOMES, outcome.name, outcome)
    return outcome


def test_an_outcome_of_ones_own_is_in_the_table_of_a_run(leads_out: Outcome, setup: Setup) -> None:
    table = tabulate(setup, trajectories()).outcomes
    assert table[leads_out.name].tolist() == [0, 0, 1, 0, 0, 0]
    assert spreads(table, setup.menu.names)[leads_out.name]["mean"] == pytest.approx(1 / 6)


def test_an_outcome_of_ones_own_is_in_a_sweep_its_summary_and_its_figure(leads_out: Outcome) -> None:
    sweep = api.sweep(
        {
            "name": "own",
            "question": "Which leads abstain?",
            "scenario": "base",
            "vary": {"environment.us_backing": [0, 1]},
            "rounds": 2,
            "replicates": 3,
            "outcomes": [leads_out.name],
            "figures": [{"kind": "cliff", "x": "environment.us_backing", "outcome": leads_out.name}],
        },
        workers=1,
    )
    assert sweep.runs[leads_out.name].dtype == np.int32
    assert sweep.summary[leads_out.name].between(0, 2).all()
    fig = sweep.plot()
    written = [text.get_text() for text in fig.texts] + [axes.get_ylabel() for axes in fig.axes]
    assert "Leads that abstain (states)" in written


def test_an_outcome_of_ones_own_is_listed(leads_out: Outcome, willing: Willing) -> None:
    rows = json.loads(willing("list", "outcomes", "--json").out)
    assert rows[-1] == {"outcome": leads_out.name, "unit": "states", "about": leads_out.about}


def test_an_outcome_of_ones_own_can_be_a_target(leads_out: Outcome, setup: Setup) -> None:
    target = read_target(f"{leads_out.name}<=1", setup)
    assert not target.is_share
    assert target.estimate(measure_outcomes(setup, end_states(setup, trajectories()), [leads_out.name])[leads_out.name])
