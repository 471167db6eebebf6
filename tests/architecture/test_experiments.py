"""Every experiment that comes with the program is whole: it loads, says what it asks and why, and can be played."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.experiment import Experiment, shipped_experiments
from sim.experiment import load_experiment as load_anew
from sim.experiment.design import count_points, design_table
from sim.experiment.factor import Range
from sim.model.setup import prepare
from sim.model.simulate import simulate
from sim.scenario import digest, load_scenario, shipped
from sim.theory.considerations import CONSIDERATIONS

ROOT = Path(__file__).parents[2]
NAMES = sorted(shipped_experiments())
load_experiment = cache(load_anew)  # every level is tried on the scenario, which takes a while

every_experiment = pytest.mark.parametrize("name", NAMES)


def points(experiment: Experiment, count: int = 12) -> list[dict]:
    """Return the first point, the last, and some in between, drawn with a fixed seed."""
    table = design_table(experiment)
    between = np.random.default_rng(0).choice(len(table), size=min(count, len(table)), replace=False)
    places = sorted({0, len(table) - 1, *between.tolist()})
    return table.iloc[places].to_dict("records")


def test_the_promised_experiments_are_there() -> None:
    assert set(NAMES) >= {
        "us-backing-x-russian-opposition",
        "size-of-the-ask",
        "cost-and-manpower",
        "clarity-x-mandate",
        "momentum-hysteresis",
        "ceasefire-dilemma",
        "who-moves-whom",
        "menu-design",
        "global-sensitivity",
        "no-viable-force",
    }
    assert {path.stem for path in (ROOT / "experiments").iterdir()} == set(NAMES)


def test_no_experiment_is_called_like_a_scenario() -> None:
    assert set(NAMES).isdisjoint(shipped())


def test_no_two_experiments_mean_the_same() -> None:
    assert len({load_experiment(name).digest for name in NAMES}) == len(NAMES)


@every_experiment
def test_an_experiment_reads_like_a_brief(name: str) -> None:
    experiment = load_experiment(name)
    assert experiment.name == name
    assert len(experiment.about) >= 200
    assert 2 <= len(re.findall(r"[.?!](?=\s|$)", experiment.about)) <= 6
    assert experiment.sources
    assert experiment.figures
    keys = re.findall(r"^(\w+):", shipped_experiments()[name].read_text("utf-8"), re.MULTILINE)
    assert keys == ["question", "about", "sources", "scenario", "vary", "design", "replicates", "outcomes", "figures"]


@every_experiment
def test_a_question_is_one_sentence(name: str) -> None:
    question = load_experiment(name).question
    assert question.endswith("?")
    assert question.count("?") == 1
    assert not re.search(r"[.!] [A-Z]", question)
    assert len(question) <= 120


@every_experiment
def test_a_source_is_dated_or_in_the_project_or_owned_to_be_judged(name: str) -> None:
    for source in load_experiment(name).sources:
        assert re.search(r"\b(19|20)\d\d\b|\b(sim|scenarios)/|\b[Jj]udged\b", source), source


@every_experiment
def test_a_file_of_the_project_is_where_it_is_said_to_be(name: str) -> None:
    named = re.findall(r"\b(?:sim|scenarios|docs)/[\w./-]+\.\w+", shipped_experiments()[name].read_text("utf-8"))
    for path in named:
        assert (ROOT / path).is_file(), path


@every_experiment
def test_its_points_can_be_played(name: str) -> None:
    experiment = load_experiment(name)
    for row in points(experiment, count=3):
        setup = prepare(experiment.scenario_at(row))
        assert set(setup.menu.names) <= set(experiment.options)
        assert set(setup.codes) <= set(experiment.states)


@every_experiment
def test_a_point_is_the_scenario_with_the_same_settings(name: str) -> None:
    experiment = load_experiment(name)
    settings = {factor.name: change_as_settings(experiment, factor.name) for factor in experiment.factors}
    for row in points(experiment):
        said = [setting for factor, level in row.items() for setting in settings[factor](level)]
        expected = load_scenario(row.get("scenario", experiment.scenarios[0]), said)
        assert digest(experiment.scenario_at(row)) == digest(expected)


def change_as_settings(experiment: Experiment, factor: str):
    """Return a function from a level to the settings of the command line that say the same, read from the file anew."""
    from ruamel.yaml import YAML

    written = YAML(typ="safe", pure=True).load(shipped_experiments()[experiment.name])["vary"][factor]
    if isinstance(written, dict) and "choices" in written:
        return lambda level: list(flat(written["choices"][level], ""))
    return lambda level: [f"{factor}={level!r}" if isinstance(level, float) else f"{factor}={level}"]


def flat(changes: dict, path: str):
    for key, value in changes.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}={'null' if value is None else value}"


@every_experiment
def test_where_only_numbers_vary_the_scenario_is_checked_once_for_all_points(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = load_experiment(name)
    if not all(isinstance(factor, Range) for factor in experiment.factors):
        return
    checked: list[object] = []
    check = type(experiment.point_scenarios).checked
    monkeypatch.setattr(
        type(experiment.point_scenarios), "checked", lambda self, levels: checked.append(levels) or check(self, levels)
    )
    for row in design_table(experiment).head(200).to_dict("records"):
        experiment.scenario_at(row)
    assert len(checked) <= 1


def test_the_picture_of_the_two_capitals_has_enough_points_to_be_read() -> None:
    experiment = load_experiment("us-backing-x-russian-opposition")
    assert count_points(experiment.design, experiment.factors) == 41 * 41
    assert experiment.replicates == 200


def test_the_global_sensitivity_varies_every_weight_and_all_of_the_environment() -> None:
    experiment = load_experiment("global-sensitivity")
    names = {factor.name for factor in experiment.factors}
    environment = {f"environment.{quantity}" for quantity in type(experiment.bases[0].environment).model_fields}
    assert names == {f"weights.{consideration}" for consideration in CONSIDERATIONS} | environment
    runs = count_points(experiment.design, experiment.factors) * experiment.replicates
    assert 100_000 <= runs <= 1_000_000


def test_every_weight_is_varied_by_half_of_its_standing_value() -> None:
    weights = load_scenario("base").weights
    for factor in load_experiment("global-sensitivity").factors:
        if factor.name.startswith("weights."):
            assert isinstance(factor, Range)
            standing = weights[factor.name.removeprefix("weights.")]
            assert sorted([0.5 * standing, 1.5 * standing]) == pytest.approx([factor.low, factor.high])


def test_who_moves_whom_forces_in_every_state_on_the_roster() -> None:
    experiment = load_experiment("who-moves-whom")
    assert experiment.factor("forced in").levels == ("nobody", *experiment.bases[0].roster.asked)


@pytest.mark.parametrize("code", ["GBR", "DEU", "HUN", "IRL"])
def test_a_state_that_is_forced_in_declares_troops_in_every_round_and_no_other_is_touched(code: str) -> None:
    experiment = load_experiment("who-moves-whom")
    forced, free = (prepare(experiment.scenario_at({"forced in": level})) for level in (code, "nobody"))
    place = forced.codes.index(code)
    played = simulate(forced, seed=0, replicates=range(4), workers=1)
    assert (played.stances[:, :, place] == forced.menu.index("troops")).all()
    others = np.arange(len(forced.codes)) != place
    assert (forced.stakes[others] == free.stakes[others]).all()
    assert (forced.opening[others] == free.opening[others]).all()
    assert (forced.offers == free.offers).all()
