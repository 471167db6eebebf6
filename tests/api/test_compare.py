"""`sim.compare` compares in memory, with the same answer as the command."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.analysis.compare import Comparison

type Willing = Callable[..., Any]

NAME, OTHER = "paris-march-2025", "un-mandate"


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def short(*cases: Any, **options: Any) -> Comparison:
    return sim.compare(*cases, **({"replicates": 20, "rounds": 6, "workers": 1} | options))


def test_a_comparison_has_tables_a_dictionary_a_figure_and_a_text_and_writes_nothing() -> None:
    steps: list[tuple[int, int]] = []
    result = short(NAME, OTHER, on_progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (40, 40)
    assert set(result.states["state"]) == set(result.runs[0].scenario.roster.asked)
    assert result.to_frame().equals(result.states)
    assert {"troop_states", "viable"} <= set(result.outcomes["outcome"])
    assert repr(result).startswith("States that would send troops ")
    assert len(repr(result).splitlines()) < 10
    assert "<table>" in result._repr_html_()
    assert result.kinds == ("maps",)
    assert result.plot().axes
    assert result.folder is None
    assert not list(Path().iterdir())


def test_the_dictionary_is_what_the_command_prints(willing: Willing) -> None:
    answer = willing("compare", NAME, OTHER, "--replicates", 20, "--rounds", 6, "--no-figures", "--json")
    assert answer.code == 0, answer.err
    printed = json.loads(answer.out)
    result = short(NAME, OTHER).to_dict()
    printed["result"] = None
    for run in printed["runs"]:
        run["result"] = None
    assert json.loads(json.dumps(result)) == printed


def test_runs_in_memory_folders_mappings_and_scenarios_are_compared_alike() -> None:
    run = sim.run(NAME, rounds=6, replicates=20)
    other = sim.load_scenario(OTHER, {"rounds": 6})
    expected = sim.compare(run, sim.run(other, replicates=20)).outcomes
    run.save("one")
    for cases in ((run, other), ("one", other), (Path("one"), other)):
        assert sim.compare(*cases).outcomes.equals(expected)
    assert short(NAME, OTHER).outcomes.equals(expected)


def test_scenarios_have_the_seed_and_the_replicates_of_a_run_beside_them() -> None:
    result = sim.compare(sim.run(NAME, rounds=2, replicates=3, seed=7), OTHER, rounds=2)
    assert [(run.manifest.seed, run.manifest.replicates) for run in result.runs] == [(7, 3), (7, 3)]


def test_a_comparison_is_saved_once_and_nothing_is_overwritten() -> None:
    result = short(NAME, OTHER, replicates=2)
    assert result.save("both") == result.folder == Path("both")
    assert not result.reused
    assert result.to_dict()["result"] == "both"
    assert short(NAME, OTHER, replicates=2, folder="both").reused
    with pytest.raises(sim.ResultsError, match="both: holds another comparison"):
        short(NAME, OTHER, replicates=3, folder="both")
    assert [path.name for path in Path().iterdir()] == ["both"]


def test_runs_in_a_cache_are_not_simulated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = short(NAME, OTHER, replicates=2, cache="kept")
    assert first.folder == Path("kept/comparisons") / first.file_name

    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("sim.model.simulate.simulate", never)
    again = short(NAME, OTHER, replicates=2, cache="kept")
    assert all(each.run.reused for each in again.runs)
    assert again.reused
    assert again.states.equals(first.states)


def test_several_runs_are_compared_with_the_first_or_in_a_chain() -> None:
    names = (NAME, OTHER, "us-opposes")
    star, chain = (short(*names, replicates=2, rounds=2, chain=is_chain) for is_chain in (False, True))
    labels = [run.label for run in star.runs]
    assert [(step.before.label, step.after.label) for step in star.steps] == [(labels[0], each) for each in labels[1:]]
    assert [(step.before.label, step.after.label) for step in chain.steps] == list(itertools.pairwise(labels))


@pytest.mark.parametrize(
    ("cases", "options", "message"),
    [
        ((NAME,), {}, "1 named; name 2 to 5 runs"),
        ((NAME, "nowhere"), {}, "nowhere"),
        (("run", NAME), {"settings": {"revision": 0.5}}, "settings apply to scenarios .*, but .* is a run"),
        (("run", "run"), {"seed": 1}, "seed applies to scenarios that are still to be simulated"),
        (("run", NAME), {"seed": 1}, "has seed 0, .* seed 1: they have no random draws in common"),
    ],
)
def test_cases_that_cannot_be_compared_are_refused(
    cases: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    run = sim.run(NAME, replicates=2, rounds=2)
    with pytest.raises(sim.WillingError, match=message):
        sim.compare(*(run if case == "run" else case for case in cases), **options)
