"""`sim.run` simulates in memory, as the command does, and a run is the same object whether it was saved or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.results.run import Run
from sim.results.store import TABLES

type Willing = Callable[..., Any]

SETTINGS = {"rounds": 6, "menu.troops.ask": 40_000}
COMMAND = ("run", "paris-march-2025", "--set", "rounds=6", "--set", "menu.troops.ask=40000", "--replicates", 5)


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def short_run(**options: Any) -> Run:
    return sim.run("paris-march-2025", settings=SETTINGS, replicates=5, **options)


def test_a_run_has_tables_a_dictionary_figures_and_a_text_and_writes_nothing() -> None:
    steps: list[tuple[int, int]] = []
    run = short_run(on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (5, 5)
    assert (len(run.outcomes), len(run.rounds), len(run.stances)) == (5, 30, 5 * 6 * 38)
    assert run.to_frame() is run.outcomes
    assert run.weights is None
    assert run.folder is None
    assert repr(run).startswith("paris-march-2025 with ")
    assert len(repr(run).splitlines()) < 10
    assert "<table" in run._repr_html_()
    assert run.kinds == ("map", "probabilities", "stances", "personnel", "environment")
    assert run.plot().axes
    assert run.plot("stances").axes
    with pytest.raises(sim.FigureError, match="no figure 'odds'; choose from map, probabilities"):
        run.plot("odds")
    assert not list(Path().iterdir())


def test_the_dictionary_is_what_the_command_prints(willing: Willing) -> None:
    answer = willing(*COMMAND, "--out", "printed", "--no-figures", "--json")
    assert answer.code == 0, answer.err
    run = short_run()
    assert json.loads(json.dumps(run.to_dict())) == json.loads(answer.out) | {"result": None}
    run.save("saved")
    assert run.to_dict()["result"] == "saved"
    assert list(run.to_dict()) == list(json.loads(answer.out))


def test_the_summary_has_a_row_per_outcome_and_the_probabilities_a_row_per_state() -> None:
    run = short_run()
    summary, shares = run.summary(), run.probabilities()
    assert list(summary) == ["mean", "sd", "p05", "p50", "p95", "unit"]
    assert summary.loc["troop_states", "mean"] == run.outcomes["troop_states"].mean()
    assert summary.loc["stances_kept"].isna().sum() == 5
    assert summary.loc["troop_states", "unit"] == "states"
    assert shares.index.tolist() == list(run.scenario.roster.asked)
    assert shares[list(run.scenario.option_names)].sum(axis=1).to_numpy() == pytest.approx(1.0)


def test_a_saved_run_is_opened_as_it_was_and_can_be_repeated_from_its_manifest(willing: Willing) -> None:
    run = short_run()
    assert run.save("here/one") == run.folder == Path("here/one")
    opened = sim.open_results("here/one")
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(opened, name), getattr(run, name), check_exact=True)
    assert opened.scenario == run.scenario
    assert opened.to_dict() == run.to_dict()
    assert repr(opened) == repr(run)
    assert run.manifest.command.startswith("willing run paris-march-2025 --seed 0 --replicates 5 --set rounds=6")
    again = willing(*run.manifest.command.split()[1:], "--out", "here/one", "--no-figures")
    assert again.code == 0
    assert again.err == "Already simulated: here/one\n"


def test_the_same_run_may_be_saved_again_and_another_is_refused() -> None:
    run = short_run()
    run.save("one")
    assert short_run().save("one") == Path("one")
    with pytest.raises(sim.ResultsError, match=r"one: holds another run \(seed 0, not 1\)"):
        short_run(seed=1).save("one")
    with pytest.raises(sim.ResultsError, match="one: holds another run"):
        short_run(seed=1, folder="one")
    Path("other").mkdir()
    with pytest.raises(sim.ResultsError, match="other: already exists and is not a Willing run"):
        run.save("other")


def test_a_run_in_its_folder_or_in_the_cache_is_read_and_not_simulated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, cached = short_run(folder="one"), short_run(cache="runs")
    assert cached.folder == Path("runs") / first.file_name

    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("sim.model.simulate.simulate", never)
    for again in (short_run(folder="one"), short_run(cache="runs")):
        assert again.reused
        assert again.outcomes.equals(first.outcomes)


def test_a_scenario_keeps_where_it_was_loaded_from_until_it_is_changed_in_python() -> None:
    scenario = sim.load_scenario("base", {"rounds": 2})
    changed = sim.load_scenario(scenario, {"revision": 0.5})
    assert changed.origin == ("base", ("rounds=2", "revision=0.5"))
    assert changed == sim.load_scenario("base", {"rounds": 2, "revision": 0.5})
    built = scenario.model_copy(update={"revision": 0.5})
    assert built.origin is None
    run = sim.run(built, replicates=2)
    assert run.manifest.command == "sim.run(scenario, replicates=2, seed=0)"
    run.save("built")
    assert sim.open_results("built").scenario == built
    assert run.outcomes.equals(sim.run(changed, replicates=2).outcomes)


def test_a_scenario_file_that_changed_after_loading_is_not_named_as_the_origin() -> None:
    Path("own.yaml").write_text("extends: base\nquestion: And then?\nrounds: 2\n")
    scenario = sim.load_scenario("own.yaml")
    assert sim.run(scenario, replicates=1).manifest.reference == "own.yaml"
    Path("own.yaml").write_text("extends: base\nquestion: And then?\nrounds: 3\n")
    assert sim.run(scenario, replicates=1).manifest.reference == ""


def test_the_engines_and_any_number_of_workers_give_the_same_tables() -> None:
    run = short_run(engine="agents")
    for other in (short_run(engine="ensemble"), short_run(engine="ensemble", workers=2)):
        assert other.stances.equals(run.stances)
        assert other.outcomes.equals(run.outcomes)


def test_agents_of_a_class_of_ones_own_are_simulated_and_are_another_run() -> None:
    class Steadfast(sim.StateAgent):
        pass

    own, usual = short_run(agent_class=Steadfast), short_run()
    assert own.manifest.identity != usual.manifest.identity
    assert own.manifest.command.startswith("sim.run(")
    assert "Steadfast" in own.manifest.engine


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "steam"}, "no engine 'steam'"),
        ({"draws": 3}, "draws need a posterior"),
        ({"replicates": 0}, "no replicates to simulate"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"engine": "ensemble", "agent_class": sim.StateAgent}, "agent class of your own"),
    ],
)
def test_a_run_that_cannot_be_simulated_says_why(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sim.ModelError, match=message):
        sim.run("base", **({"rounds": 2, "replicates": 2} | options))


def test_a_report_is_one_page_and_replaces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.plots.run.FIGURES", {})
    run = sim.run("base", replicates=2, rounds=2)
    steps: list[tuple[int, int]] = []
    assert run.save_report("one.html", on_progress=lambda done, total: steps.append((done, total))) == Path("one.html")
    assert steps[-1] == (2, 2)
    assert Path("one.html").read_text("utf-8") == run.to_html()
    with pytest.raises(sim.ResultsError, match=r"one\.html"):
        run.save_report("one.html")
    run.save_report("one.html", overwrite=True)


@pytest.mark.parametrize("folder", ["nowhere", "base", "empty"])
def test_a_folder_without_results_says_how_to_get_them(folder: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(sim.ResultsError, match=f"{folder}: not the folder of a run; `willing run"):
        sim.open_results(folder)
