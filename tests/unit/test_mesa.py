"""CoalitionModel is a usual Mesa model: plain parameters, batch_run, the page, copies, and a fixed set of states."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest
from matplotlib.figure import Figure
from mesa.experimental import scenarios
from mesa.visualization import SpaceRenderer
from mesa.visualization.components import AgentPortrayalStyle
from mesa.visualization.mpl_space_drawing import draw_space
from mesa.visualization.solara_viz import _build_model_init_kwargs, _check_model_params

import sim.ensemble.simulate as ensemble
from sim.errors import ModelError, ScenarioError
from sim.model.agent import StateAgent
from sim.model.coalition import CoalitionModel
from sim.model.mesa_scenario import MesaScenario
from sim.model.setup import Setup, prepare
from sim.model.simulate import simulate
from sim.scenario import Scenario, load_scenario
from sim.scenario.load import with_settings

PARIS = "paris-march-2025"
FEW = "roster.states=[GBR, FRA, DEU, POL, SWE, HUN, CAN, AUS]"
SCENARIO = load_scenario(PARIS, (FEW, "rounds=8"))
SETUP = prepare(SCENARIO)


class Steadfast(StateAgent):
    """A state that never moves."""

    def choose(self, outlook: Any, held: int) -> int:
        return held


def played(model: CoalitionModel) -> tuple[Any, ...]:
    """Simulate a model to its end and return the data of its DataCollector, and its final state."""
    while model.running:
        model.step()
    rounds = model.datacollector.get_model_vars_dataframe()
    states = model.datacollector.get_agent_vars_dataframe().reset_index(drop=True)
    return rounds.to_dict("list"), states.to_dict("list"), model.environment.tolist(), model.profile.tolist()


def reset(model: CoalitionModel, model_params: dict[str, Any]) -> CoalitionModel:
    """Rebuild a model as Mesa's page does on Reset, with the values of its sliders."""
    _check_model_params(model, model_params)
    wanted = _build_model_init_kwargs(
        model, model_params, add_scenario_when_empty=True, require_model_accepts_scenario=True
    )
    return type(model)(**wanted)


# Plain parameters


@pytest.mark.parametrize("also", [{}, {"rng": 3}, {"seed": 3}])
def test_a_name_a_file_and_a_loaded_scenario_are_the_same_scenario(tmp_path: Path, also: dict[str, Any]) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"extends: {PARIS}\nquestion: The same?\n")
    settings = {"rounds": 8, "roster.states": ["GBR", "FRA", "DEU"]}
    loaded = load_scenario(PARIS, ("rounds=8", "roster.states=[GBR, FRA, DEU]"))
    wanted = played(CoalitionModel(loaded, rng=also.get("rng", also.get("seed", 0))))
    for source in (PARIS, file, str(file), load_scenario(PARIS), prepare(load_scenario(PARIS))):
        assert played(CoalitionModel(source, **settings, **also)) == wanted
        assert played(CoalitionModel(scenario=source, **settings, **also)) == wanted


def test_a_setting_given_by_keyword_is_the_setting_of_that_path() -> None:
    model = CoalitionModel(SCENARIO, **{"menu.troops.ask": 30_000, "environment.us_backing": np.float64(0.4)})
    assert model.asks[model.setup.menu.index("troops")] == 30_000
    assert model.environment[0] == 0.4
    assert CoalitionModel(SCENARIO, sharpness=np.inf).setup.scenario.sharpness == np.inf
    assert CoalitionModel(SCENARIO, start=SCENARIO.start.replace(year=2026)).setup.scenario.start.year == 2026
    assert CoalitionModel(SCENARIO, opening="troops").count("troops") == 8


def test_a_scenario_with_settings_is_the_one_that_was_loaded_with_them() -> None:
    settings = ("menu.troops.ask=30000", "environment.us_backing=0.4", "states.DEU.name=Nowhere")
    assert with_settings(load_scenario(PARIS), settings) == load_scenario(PARIS, settings)
    assert with_settings(SCENARIO, ()) is SCENARIO


@pytest.mark.parametrize(
    ("arguments", "also", "message"),
    [
        ((), {}, 'scenario: missing; name one, such as CoalitionModel("paris-march-2025")'),
        ((("host", "UKR"),), {}, "scenario: ('host', 'UKR') is not a scenario; give the name of one"),
        ((SCENARIO,), {"scenario": PARIS}, "scenario: given twice"),
        ((SCENARIO,), {"rng": 1, "seed": 2}, "the seed (rng, or seed): given twice, as 1 and as 2"),
        ((SCENARIO,), {"agentclass": StateAgent}, "agentclass: <class 'sim.model.agent.StateAgent'> is neither"),
        ((scenarios.Scenario(rng=1),), {}, "scenario: missing"),
    ],
)
def test_unknown_parameters_are_refused_by_name(arguments: Any, also: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError) as refused:
        CoalitionModel(*arguments, **also)
    assert message in str(refused.value)


def test_unknown_names_and_settings_have_the_usual_messages() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'paris-march-2025'"):
        CoalitionModel("paris-march-2052")
    with pytest.raises(ScenarioError, match="sharpnes"):
        CoalitionModel(SCENARIO, sharpnes=1)
    with pytest.raises(ScenarioError, match="rounds"):
        CoalitionModel(SCENARIO, rounds=0)


@pytest.mark.parametrize("number", [1.9, 1.0, -1, True, "1", 2**32, np.float64(1), np.True_])
def test_a_replicate_that_is_not_a_whole_number_is_refused_and_not_rounded(number: Any) -> None:
    with pytest.raises(ModelError, match="must be a whole number from 0 to 2\\^32 - 1"):
        CoalitionModel(SETUP, replicate=number)
    with pytest.raises(ModelError, match="must be a whole number from 0 to 2\\^32 - 1"):
        simulate(SETUP, seed=0, replicates=[number])


@pytest.mark.parametrize("seed", [1.9, 1.0, -1, True, "1", 2**63, np.random.default_rng(1)])
def test_a_seed_that_is_not_a_whole_number_is_refused_and_not_rounded(seed: Any) -> None:
    with pytest.raises(ModelError, match="must be a whole number from 0 to 2\\^63 - 1"):
        CoalitionModel(SETUP, rng=seed)


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    assert played(CoalitionModel(SETUP, rng=np.int64(3), replicate=np.int32(2))) == played(
        CoalitionModel(SETUP, rng=3, replicate=2)
    )


@pytest.mark.parametrize("numbers", [range(0, 6, 2), [0, 2], range(-2, 2), range(2**32 - 1, 2**32 + 1)])
def test_the_ensemble_refuses_replicates_that_it_would_number_otherwise(numbers: Any) -> None:
    with pytest.raises(ModelError, match="replicate"):
        ensemble.simulate(SETUP, seed=0, replicates=numbers)
    with pytest.raises(ModelError, match="replicate"):
        ensemble.run_to_end(SETUP, seed=0, replicates=numbers)


# Nobody leaves, and nobody joins


def _removed(model: CoalitionModel) -> None:
    model.states[2].remove()


def _all_removed(model: CoalitionModel) -> None:
    model.remove_all_agents()


def _let_go(model: CoalitionModel) -> None:
    model.deregister_agent(model.states[2])


def _taken_from_the_set(model: CoalitionModel) -> None:
    model.agents.remove(model.states[2])
    model.step()


def _one_more(model: CoalitionModel) -> None:
    StateAgent(model, 0)


@pytest.mark.parametrize("change", [_removed, _all_removed, _let_go, _taken_from_the_set, _one_more])
def test_a_state_that_would_go_on_deciding_cannot_leave_and_none_can_join(change: Any) -> None:
    model = CoalitionModel(SETUP)
    with pytest.raises(ModelError, match=r"roster\.leave_out"):
        change(model)
    assert len(model.states) == 8


def test_an_agent_of_another_kind_may_come_and_go() -> None:
    model, plain = CoalitionModel(SETUP), CoalitionModel(SETUP)
    other = mesa.Agent(model)
    model.collects = plain.collects = False
    model.step()
    other.remove()
    assert played(model)[2:] == played(plain)[2:]


# Copies


@pytest.mark.parametrize("copied", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])
@pytest.mark.parametrize("after", [0, 3])
def test_a_copy_continues_with_the_same_numbers(copied: Any, after: int) -> None:
    model = CoalitionModel(SETUP, rng=5, replicate=1)
    for _ in range(after):
        model.step()
    assert model.scenario.rng == 5
    other = copied(model)
    wanted = played(model)
    assert played(other) == wanted
    assert other.scenario.model is other
    assert not other.setup.stakes.flags.writeable


DATED = """\
extends: paris-march-2025
question: What if Washington turned away in April?
rounds: 8
roster: {states: [GBR, FRA, DEU, POL, SWE, HUN, CAN, AUS]}
force:
  POL: {option: troops, from: 2025-04-09}
changes:
  - {at: 2025-04-16, set: {"environment.us_backing": {process: constant, value: 0.05}}}
"""


@pytest.mark.parametrize("after", [2, 5])
def test_dated_changes_apply_in_a_copy_and_after_a_reset(after: int, tmp_path: Path) -> None:
    (tmp_path / "dated.yaml").write_text(DATED)
    model = CoalitionModel(tmp_path / "dated.yaml", rng=5)
    for _ in range(after):
        model.step()
    others = [pickle.loads(pickle.dumps(model)), copy.deepcopy(model), reset(model, {})]
    wanted = played(model)
    assert [played(other) for other in others] == [wanted] * 3
    assert wanted[1]["stance"][2 * 8 + 3 :: 8] == ["troops"] * 6  # Poland, fourth of eight, from 9 April, round 3, on
    assert wanted[0]["us_backing"][3:] == [0.05] * 5  # from 16 April, round 4, on


# Mesa's Scenario


def test_the_parameters_of_a_model_are_a_scenario_of_mesa() -> None:
    model = CoalitionModel(SETUP, rng=7, replicate=2)
    own = model.scenario
    assert isinstance(own, scenarios.Scenario)
    assert (own.rng, own.replicate, own.model) == (7, 2, model)
    assert dict(own)["menu.troops.ask"] == 25_000
    with pytest.raises(ModelError, match=r"model\.change"):
        model.scenario = own


def test_a_reset_on_mesas_page_repeats_the_simulation() -> None:
    model = CoalitionModel(SETUP, rng=7, replicate=2, agent_class=Steadfast)
    wanted = played(model)
    again = reset(model, {})
    assert (again.seed, again.replicate, type(again.states[0])) == (7, 2, Steadfast)
    assert played(again) == wanted
    assert played(reset(again, {"rng": 7})) == wanted


def test_the_value_of_a_slider_reaches_the_model_that_reset_builds() -> None:
    model = CoalitionModel(SETUP, rng=7)
    again = reset(reset(model, {"menu.troops.ask": 30_000, "seed": 0}), {"environment.clarity": 0.9})
    assert again.asks[-1] == 30_000
    assert again.environment[3] == 0.9
    assert again.seed == 0
    assert again.setup.scenario.rounds == 8


def test_the_scenario_that_is_chosen_on_mesas_page_is_simulated() -> None:
    chosen = reset(CoalitionModel(SETUP), {"scenario": "us-opposes", "rounds": 4, "sharpness": SCENARIO.sharpness})
    assert (chosen.setup.scenario.name, chosen.setup.scenario.rounds) == ("us-opposes", 4)


def test_a_reset_after_a_change_uses_the_changed_setup() -> None:
    model = CoalitionModel(SETUP)
    model.scenario  # noqa: B018  # looked at before, and not kept
    model.change(prepare(with_settings(SCENARIO, ["environment.clarity=0.9"])))
    assert reset(model, {}).environment[3] == 0.9


class Question(scenarios.Scenario):
    """A Scenario as Mesa's users write them."""

    scenario: Any = SCENARIO
    sharpness: float = 3.0


@pytest.mark.parametrize("kind", [Question, MesaScenario])
def test_a_scenario_of_mesas_kind_holds_parameters(kind: Any) -> None:
    model = CoalitionModel(kind(scenario=SCENARIO, rng=4, rounds=5, sharpness=3.0))
    assert (model.seed, model.setup.scenario.rounds, model.setup.scenario.sharpness) == (4, 5, 3.0)
    assert CoalitionModel(scenario=kind(scenario=SCENARIO, rng=4), rounds=6).setup.scenario.rounds == 6
    with pytest.raises(ModelError, match="rng=5: its scenario already has rng=4"):
        CoalitionModel(kind(scenario=SCENARIO, rng=4), rng=5)


def test_values_set_on_mesas_scenario_before_the_simulation_count() -> None:
    own = pickle.loads(pickle.dumps(CoalitionModel(SETUP, rng=3).scenario))
    setattr(own, "menu.troops.ask", 30_000)
    own.rng = 4
    for given in (own, pickle.loads(pickle.dumps(own)), copy.deepcopy(own)):
        model = CoalitionModel(given)
        assert (model.seed, model.asks[-1]) == (4, 30_000)


# batch_run


def batch(parameters: dict[str, Any], **also: Any) -> list[dict[str, Any]]:
    return mesa.batch_run(CoalitionModel, parameters, display_progress=False, **also)


def test_a_scenario_is_one_value_and_not_a_list_of_its_fields() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        iter(SCENARIO)
    assert Scenario.model_validate(SCENARIO.model_dump()) == SCENARIO


@pytest.mark.parametrize("source", [SCENARIO, SETUP, [SCENARIO]])
def test_batch_run_simulates_a_scenario_that_is_not_in_a_list(source: Scenario | Setup | list[Scenario]) -> None:
    model = CoalitionModel(SCENARIO, rng=3)
    rounds, states, *_ = played(model)
    rows = batch({"scenario": source}, rng=[3])
    assert [row["state"] for row in rows] == list(SETUP.codes)
    assert [row["stance"] for row in rows] == states["stance"][-8:]
    assert {row["troop_states"] for row in rows} == {rounds["troop_states"][-1]}


def test_batch_run_varies_a_setting_and_records_its_values() -> None:
    rows = batch({"scenario": PARIS, "rounds": 2, "environment.russian_opposition": [0.2, 0.6]}, rng=[1])
    levels = {row["environment.russian_opposition"] for row in rows}
    assert levels == {0.2, 0.6}
    for row in rows:  # the column of the quantity itself is what it had come to, at least what it was set to
        assert row["russian_opposition"] >= row["environment.russian_opposition"]


def test_batch_run_without_a_seed_takes_another_each_time() -> None:
    rows = batch({"scenario": SETUP}, rng=[None] * 6)
    runs = {row["RunId"]: [] for row in rows}
    for row in rows:
        runs[row["RunId"]].append((row["stance"], row["us_backing"]))
    assert len({str(run) for run in runs.values()}) == 6
    assert len(batch({"scenario": SETUP})) == 8
    drawn = CoalitionModel(SETUP, rng=None)
    assert played(CoalitionModel(SETUP, rng=drawn.seed)) == played(drawn)
    assert CoalitionModel(SETUP).seed == 0


# Space


def test_states_stand_at_their_capitals() -> None:
    model = CoalitionModel(SETUP)
    places = {state.code: state.pos for state in model.space.agents}
    assert places["DEU"] == (13.4, 52.5167)  # Berlin: 52 degrees 31 minutes north, 13 degrees 24 minutes east
    assert places["AUS"] == (149.1333, -35.2667)  # Canberra
    assert (model.space.x_min, model.space.y_max) == (-75.7 - 5, 59.3333 + 5)  # Ottawa, Stockholm, and a margin


def test_a_state_without_coordinates_has_no_position_and_takes_part_all_the_same() -> None:
    unknown = prepare(with_settings(SCENARIO, ["states.DEU.facts={lat: null, lon: null}"]))
    model, plain = CoalitionModel(unknown, rng=2), CoalitionModel(SETUP, rng=2)
    assert [state.code for state in model.states if state.pos is None] == ["DEU"]
    assert played(model)[2:] == played(plain)[2:]


def test_mesa_draws_the_space() -> None:
    model = CoalitionModel(SETUP)
    axes = Figure().subplots()
    draw_space(model.space, lambda state: AgentPortrayalStyle(color="red" if state.is_lead else "grey"), ax=axes)
    (points,) = axes.collections
    assert len(points.get_offsets()) == 8
    assert SpaceRenderer(model, backend="altair").space is model.space
