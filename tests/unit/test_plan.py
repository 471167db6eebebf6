"""A sweep is cut into shards that hold every run once, and is another sweep exactly when other runs would be played."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from itertools import chain, product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment import Experiment, load_experiment
from sim.experiment import plan as planning
from sim.experiment.plan import REPLICATES_A_SHARD, RUNS_A_SHARD, Plan, differences, plan_of, shards_for_worker
from tests.faults.sweeps import SMALL, written


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return load_experiment(written(tmp_path_factory.mktemp("experiment"), SMALL))


def of_size(asked: Experiment, points: int, replicates: int) -> Plan:
    table = pd.DataFrame({"x": range(points)})
    return Plan(experiment=dataclasses.replace(asked, replicates=replicates), table=table, reference="sized")


def sizes(plan: Plan) -> list[int]:
    return [shard.runs for shard in plan.shards]


@given(points=st.integers(1, 300), replicates=st.integers(1, 400), runs=st.integers(1, 900), most=st.integers(1, 90))
def test_the_shards_hold_every_run_once_and_in_order(
    asked: Experiment, points: int, replicates: int, runs: int, most: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planning, "RUNS_A_SHARD", runs)
        patched.setattr(planning, "REPLICATES_A_SHARD", most)
        shards = of_size(asked, points, replicates).shards
    held = [tuple(product(shard.points, shard.replicates)) for shard in shards]
    assert list(chain(*held)) == list(product(range(points), range(replicates)))
    assert [shard.number for shard in shards] == list(range(len(shards)))
    assert [shard.runs for shard in shards] == [len(each) for each in held]
    assert all(len(shard.replicates) <= most for shard in shards)
    assert all(shard.runs <= max(runs, most) for shard in shards)


@pytest.mark.parametrize("replicates", [1, 7, 5000, 5001, 5040, 9999, 10_001, 123_456])
@pytest.mark.parametrize("shares", [2, 3, 7])
def test_shares_of_the_work_have_equal_size(asked: Experiment, replicates: int, shares: int) -> None:
    points = 1 + 100 * RUNS_A_SHARD // replicates if replicates < 100 else 60
    plan = of_size(asked, points, replicates)
    work = [sum(shard.runs for shard in shards_for_worker(plan.shards, (which, shares))) for which in range(shares)]
    assert sum(work) == plan.runs
    assert max(work) - min(work) <= max(sizes(plan)) + len(plan.shards)


def test_no_shard_has_more_replicates_than_fit_into_memory(asked: Experiment) -> None:
    assert sizes(of_size(asked, 3, 12_000)) == [4000] * 9
    assert sizes(of_size(asked, 9, REPLICATES_A_SHARD)) == [20_000, 20_000, 5000]
    assert sizes(of_size(asked, 100_000, 1)) == [RUNS_A_SHARD] * 5


def test_a_plan_is_the_same_after_pickling(asked: Experiment) -> None:
    plan = plan_of(asked, "sent")
    there = pickle.loads(pickle.dumps(plan))
    assert there.digest == plan.digest
    assert there.shards == plan.shards


DIFFERENT: dict[str, Callable[[str], str]] = {
    "another scenario": lambda text: text.replace("paris-march-2025", "base"),
    "another level": lambda text: text.replace("to: 1,", "to: 0.9,"),
    "more levels": lambda text: text.replace("steps: 6", "steps: 7"),
    "levels in another order": lambda text: text.replace("simultaneous, leads_first", "leads_first, simultaneous"),
    "another design": lambda text: text + "design: one_at_a_time\n",
    "more replicates": lambda text: text.replace("45", "46"),
    "another seed": lambda text: text + "seed: 1\n",
    "more rounds": lambda text: text.replace("rounds: 8", "rounds: 9"),
    "fewer outcomes": lambda text: text.replace("viable, ", ""),
    "outcomes in another order": lambda text: text.replace("headline, viable", "viable, headline"),
}
SAME: dict[str, Callable[[str], str]] = {
    "another question": lambda text: text.replace("Does the table", "Will the table"),
    "a figure more": lambda text: (
        text + "figures: [{kind: cliff, x: environment.us_backing, outcome: viable, by: activation}]\n"
    ),
    "the usual design said aloud": lambda text: text + "design: grid\nseed: 0\n",
    "another way to write a number": lambda text: text.replace("to: 1,", "to: 1.0,"),
    "a comment": lambda text: "# words\n" + text,
}


def digest_of(text: str, folder: Path) -> str:
    path = written(folder, text)
    return plan_of(load_experiment(path), str(path)).digest


@pytest.mark.parametrize("change", DIFFERENT)
def test_a_change_that_affects_the_runs_makes_another_sweep(change: str, tmp_path: Path) -> None:
    changed = DIFFERENT[change](SMALL)
    assert changed != SMALL
    assert digest_of(changed, tmp_path) != digest_of(SMALL, tmp_path)


@pytest.mark.parametrize("change", SAME)
def test_a_change_that_does_not_affect_the_runs_keeps_the_sweep(change: str, tmp_path: Path) -> None:
    changed = SAME[change](SMALL)
    assert changed != SMALL
    assert digest_of(changed, tmp_path) == digest_of(SMALL, tmp_path)


def test_name_reference_and_engine_do_not_make_another_sweep(asked: Experiment) -> None:
    renamed = dataclasses.replace(asked, name="renamed")
    assert plan_of(renamed, "elsewhere", "agents").digest == plan_of(asked, "here").digest


def test_other_code_and_other_facts_make_another_sweep(asked: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan_of(asked, "here")
    kept, digest = dict(before.identity), before.digest
    monkeypatch.setattr(planning, "code_hash", lambda: "other")
    changed = plan_of(asked, "here")
    assert changed.digest != digest
    assert differences(kept, changed) == ["another version of the code"]
    monkeypatch.setattr(planning.facts, "data_hash", lambda: "other")
    assert differences(kept, plan_of(asked, "here")) == [
        "other tables of facts",
        "another version of the code",
    ]
    assert differences(kept, before) == []


def test_a_manifest_without_a_part_differs_in_this_part(asked: Experiment) -> None:
    plan = plan_of(asked, "here")
    kept = {part: value for part, value in plan.identity.items() if part != "facts"}
    assert differences(kept, plan) == ["other tables of facts"]
