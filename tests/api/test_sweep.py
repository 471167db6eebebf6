"""`sim.sweep` simulates in memory, in a folder or on workers of another kind, and always gives the same tables."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import sim
from sim.experiment.sweep import Sweep
from tests.conftest import below
from tests.faults.sweeps import half_written, small_shards

type Willing = Callable[..., Any]

EXPERIMENT = {
    "name": "small",
    "question": "Does US backing matter?",
    "scenario": "paris-march-2025",
    "vary": {
        "environment.us_backing": {"from": 0, "to": 1, "steps": 3},
        "menu.troops.ask": [20_000, 40_000],
        "package": {"choices": {"sober": {"weights": {"momentum": 0}}, "plain": {}}},
    },
    "replicates": 6,
    "seed": 4,
    "rounds": 8,
    "outcomes": ["viable", "troop_states", "headline", "stance.DEU"],
    "figures": [
        {"kind": "cliff", "x": "environment.us_backing", "outcome": "viable", "by": "menu.troops.ask"},
        {"kind": "phase", "x": "environment.us_backing", "y": "menu.troops.ask", "outcome": "headline"},
    ],
}
# The sincere have to commit fewer violations than the insincere: one of these four points makes no sense.
PARTLY = {
    "question": "How does a sweep end in which a point makes no sense?",
    "scenario": "paris-march-2025",
    "vary": {"ceasefire.violations_sincere": [1, 5], "ceasefire.violations_insincere": [4, 6]},
    "replicates": 2,
    "rounds": 4,
    "outcomes": ["viable"],
}


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def swept() -> Sweep:
    return sim.sweep(EXPERIMENT)


def same_tables(one: Sweep, other: Sweep) -> None:
    pd.testing.assert_frame_equal(one.runs, other.runs, check_exact=True)
    pd.testing.assert_frame_equal(one.summary, other.summary, check_exact=True)
    pd.testing.assert_frame_equal(one.points, other.points, check_exact=True)
    pd.testing.assert_frame_equal(one.failed, other.failed, check_exact=True)


def test_a_sweep_has_tables_a_dictionary_figures_and_a_text_and_writes_nothing() -> None:
    steps: list[tuple[int, int]] = []
    sweep = sim.sweep(EXPERIMENT, replicates=5, on_progress=lambda done, total: steps.append((done, total)))
    assert (steps[0], steps[-1]) == ((0, 60), (60, 60))
    assert (len(sweep.runs), len(sweep.summary), len(sweep.points), len(sweep.failed)) == (60, 12, 12, 0)
    assert list(sweep.runs) == ["point", "replicate", *EXPERIMENT["vary"], *EXPERIMENT["outcomes"]]  # type: ignore[misc]
    pd.testing.assert_frame_equal(sweep.to_frame(), sweep.summary)
    assert sweep.folder is None
    assert sweep.experiment.replicates == 5
    assert repr(sweep).startswith("Does US backing matter?\n12 points, 5 replicates each; 60 runs simulated in ")
    assert "<table" in sweep._repr_html_()
    assert sweep.kinds == ("cliff-viable", "phase-headline")
    assert not list(Path().iterdir())


def test_the_dictionary_is_what_the_command_prints(willing: Willing, swept: Sweep) -> None:
    Path("small.yaml").write_text(yaml.safe_dump(EXPERIMENT, sort_keys=False))
    answer = willing("sweep", "small.yaml", "--out", "printed", "--no-figures", "--json")
    assert answer.code == 0, answer.err
    printed, values = json.loads(answer.out), json.loads(json.dumps(swept.to_dict()))
    assert list(values) == list(printed)
    measured = {"seconds", "runs_per_second", "result"}
    assert {name: value for name, value in values.items() if name not in measured} == {
        name: value for name, value in printed.items() if name not in measured
    }
    assert (values["result"], printed["result"]) == (None, "printed")
    opened = sim.open_results("printed")
    assert isinstance(opened, Sweep)
    same_tables(opened, swept)


def test_memory_a_folder_and_a_saved_sweep_hold_the_same_files(swept: Sweep) -> None:
    sim.sweep(EXPERIMENT, folder="at-once")
    assert swept.save("saved") == Path("saved")
    assert below(Path("saved")) == below(Path("at-once"))
    opened = sim.open_results("saved")
    assert isinstance(opened, Sweep)
    same_tables(opened, swept)
    assert opened.folder == Path("saved")
    assert repr(opened) == "Does US backing matter?\nAlready simulated: 12 points, 6 replicates each"
    assert swept.save("saved") == Path("saved")
    with pytest.raises(sim.ResultsError, match=r"holds another sweep \(6 replicates, not 5\)"):
        sim.sweep(EXPERIMENT, replicates=5, folder="saved")


@pytest.mark.parametrize("options", [{"executor": "threads", "workers": 1}, {"engine": "agents"}])
def test_workers_and_engines_give_the_same_tables(options: dict[str, Any], swept: Sweep) -> None:
    same_tables(sim.sweep(EXPERIMENT, **options), swept)


def test_a_file_and_a_mapping_give_the_same_experiment(swept: Sweep) -> None:
    Path("small.yaml").write_text(yaml.safe_dump(EXPERIMENT, sort_keys=False))
    read = sim.load_experiment("small.yaml")
    assert read == swept.experiment
    assert read.digest == swept.experiment.digest
    assert sim.load_experiment(read) is read
    same_tables(sim.sweep(read, seed=4), swept)


def test_mistakes_in_a_mapping_are_those_of_the_file_with_paths_in_place_of_lines() -> None:
    wrong = EXPERIMENT | {
        "scenario": "paris-march-2025",
        "vary": {"environment.us_backng": [0, 1], "menu.troops.ask": [20_000, "many"]},
        "outcomes": ["vaible"],
        "seed": -1,
    }
    Path("wrong.yaml").write_text(yaml.safe_dump(wrong, sort_keys=False))
    with pytest.raises(sim.ScenarioError) as in_a_file:
        sim.load_experiment("wrong.yaml")
    with pytest.raises(sim.ScenarioError) as in_a_mapping:
        sim.load_experiment(wrong)
    found = in_a_mapping.value.mistakes
    assert sorted((re.sub(r"\.\d+", "", each.path), each.message) for each in found) == sorted(
        (each.path, each.message) for each in in_a_file.value.mistakes
    )
    assert {(each.file, each.line, each.column, each.text) for each in found} == {("experiment", None, None, None)}
    text = str(in_a_mapping.value)
    assert "experiment: outcomes.0: no outcome 'vaible'; did you mean 'viable'?" in text
    assert "experiment: figures.1.outcome: 'headline' is not measured; add it to `outcomes`" in text


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({}, "experiment: holds no settings; begin with `question:` and `scenario: base`"),
        ({"question": {1, 2}}, r"experiment: question: set \{1, 2\} is not a value of a setting"),
        ({"question": "x", 5: "y"}, "experiment: a key must be a name, not 5"),
        ({"question": "x", "scenario": "bsae"}, "experiment: scenario: there is no scenario 'bsae'"),
    ],
)
def test_a_mapping_that_is_not_an_experiment_is_refused(mapping: dict[Any, Any], message: str) -> None:
    with pytest.raises(sim.ScenarioError, match=message):
        sim.load_experiment(mapping)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "agent"}, "no engine 'agent'; did you mean 'agents'?"),
        ({"replicates": 0}, "replicates 0: must be a whole number from 1 to 4,294,967,296"),
        ({"seed": -1}, "seed -1: must be a whole number from 0 to 2^63 - 1"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sim.ModelError) as refused:
        sim.sweep(EXPERIMENT, **options)
    assert message in str(refused.value)


def test_figures_are_drawn_by_name_by_kind_and_of_any_factors(swept: Sweep) -> None:
    assert swept.plot().axes
    assert swept.plot("phase-headline").axes
    assert swept.plot("phase").axes
    assert swept.plot(x="environment.us_backing", outcome="troop_states").axes
    options = {"x": "environment.us_backing", "y": "menu.troops.ask"}
    assert swept.plot("heat", **options, outcome="viable", title="Own title").get_suptitle() is not None
    assert swept.plot("phase", **options, outcome="stance.Germany").axes
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("phse", {}, "small: no figure 'phse'"),
        ("phse", {"x": "menu.troops.ask"}, "no kind of figure 'phse'; did you mean 'phase'?"),
        ("heat", {"x": "menu.troops.ask"}, "heat: y: is missing; a figure of this kind needs it"),
        ("heat", {"x": "menu.troops.ask", "z": 1}, "heat: z: unknown option"),
        (
            "heat",
            {"x": "environment.us_backng", "y": "menu.troops.ask", "outcome": "viable"},
            "heat: x: no factor 'environment.us_backng' is varied; did you mean 'environment.us_backing'?",
        ),
        (
            "heat",
            {"x": "environment.us_backing", "y": "menu.troops.ask", "outcome": "deterrence"},
            "heat: outcome: 'deterrence' is not measured; add it to `outcomes`",
        ),
        (None, {"x": "menu.troops.ask"}, "small: give x and outcome, and perhaps y and by"),
        (None, {"x": "menu.troops.aks", "outcome": "viable"}, "x: 'menu.troops.aks' is not varied; did you mean"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused(
    kind: str | None, options: dict[str, Any], message: str, swept: Sweep
) -> None:
    with pytest.raises(sim.FigureError) as refused:
        swept.plot(kind, **options)
    assert message in str(refused.value)


def test_points_that_cannot_be_simulated_are_listed_with_the_reason() -> None:
    sweep = sim.sweep(PARTLY)
    assert sweep.failed["point"].tolist() == [2]
    assert "violations" in sweep.failed["reason"].item()
    assert sweep.to_dict()["failed"] == 1
    assert sweep.summary["runs"].tolist() == [2, 2, 0, 2]
    assert len(sweep.runs) == 6
    sweep.save("partly")
    pd.testing.assert_frame_equal(pd.read_csv("partly/failed.csv"), sweep.failed, check_dtype=False)


def test_a_figure_is_saved_into_the_folder_of_the_sweep(swept: Sweep) -> None:
    with pytest.raises(sim.ResultsError, match="small: is in memory; save it into a folder first"):
        swept.save_figure("cliff-viable")
    opened = sim.open_results(swept.save("saved"))
    assert isinstance(opened, Sweep)
    assert opened.save_figure("cliff-viable", suffix="svg") == Path("saved/figures/cliff-viable.svg")
    assert Path("saved/figures/cliff-viable.svg").is_file()


@pytest.mark.parametrize("executor", ["threads", pytest.param("processes", marks=pytest.mark.proof)])
def test_ctrl_c_ends_the_workers_and_the_same_call_resumes(
    executor: str, monkeypatch: pytest.MonkeyPatch, swept: Sweep
) -> None:
    small_shards(monkeypatch)
    workers = set(threading.enumerate())

    def interrupt(done: int, total: int) -> None:
        if done:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sim.sweep(EXPERIMENT, executor=executor, workers=2, folder="sweep", on_progress=interrupt)
    assert set(threading.enumerate()) <= workers
    assert half_written(Path("sweep")) == []
    opened = sim.open_results("sweep")
    assert isinstance(opened, Sweep)
    assert 0 < opened.progress.missing < 72
    assert opened.to_dict()["missing"] == opened.progress.missing
    assert "are still missing" in repr(opened)
    with pytest.raises(sim.ResultsError, match="is not there"):
        _ = opened.runs
    steps: list[tuple[int, int]] = []
    resumed = sim.sweep(EXPERIMENT, folder="sweep", on_progress=lambda done, total: steps.append((done, total)))
    assert steps[0] == (0, opened.progress.missing)
    pd.testing.assert_frame_equal(resumed.runs, swept.runs, check_exact=True)


def test_ctrl_c_ends_a_sweep_in_memory() -> None:
    workers = set(threading.enumerate())

    def interrupt(done: int, total: int) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sim.sweep(EXPERIMENT, on_progress=interrupt)
    assert set(threading.enumerate()) <= workers
    assert not list(Path().iterdir())


@pytest.mark.proof
def test_a_dask_client_is_used_and_stays_open(swept: Sweep) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        same_tables(sim.sweep(EXPERIMENT, executor=client), swept)
        assert client.status == "running"
