"""A case and its address: settings apply from their round on, and a link opens the same view."""

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from sim.errors import AddressError, ModelError, ScenarioError
from sim.model.coalition import CoalitionModel
from sim.scenario import digest, load_scenario
from sim.scenario.scheduled_changes import stages
from sim.ui.case import (
    Case,
    PageState,
    ScheduledChange,
    address_of,
    error_text,
    merged,
    read_address,
    read_listed,
    scenario_of_case,
    settings_of_case,
    with_settings,
)
from sim.ui.catalogue import USUAL, set_first_scenario
from sim.ui.live_model import LiveModel
from sim.ui.sidebar import as_scenario

PATHS = ("environment.us_backing.level", "menu.troops.ask", "weights.cost", "rounds")
settings = st.builds("{}={}".format, st.sampled_from(PATHS), st.integers(1, 9))
changes = st.builds(lambda after, setting: ScheduledChange(after=after, setting=setting), st.integers(1, 40), settings)
cases = st.builds(
    lambda name, start, later, seed: Case(
        scenario=name, settings=merged(start), changes=tuple(sorted(later, key=lambda change: change.after)), seed=seed
    ),
    st.sampled_from(["paris-march-2025", "us-opposes", "a b&c=d?#%"]),
    st.lists(settings, max_size=4),
    st.lists(changes, max_size=4),
    st.integers(0, 2**53 - 1),
)
views = st.builds(
    lambda case, rounds, state, pinned, result: PageState(
        case=case,
        round=rounds,
        state=state,
        pinned=pinned and Case(**{**vars_of(pinned), "changes": ()}),
        result=result,
    ),
    cases,
    st.integers(0, 99),
    st.sampled_from([None, "DEU"]),
    st.none() | cases,
    st.sampled_from([None, "runs/paris-march-2025-1a2b3c4d"]),
)


def vars_of(case: Case) -> dict[str, object]:
    return {name: getattr(case, name) for name in ("scenario", "settings", "changes", "seed")}


@given(views)
def test_a_link_opens_the_view_that_it_describes(view: PageState) -> None:
    assert read_address(address_of(view)) == (view, "")


def test_an_empty_address_opens_the_first_scenario_unchanged() -> None:
    assert read_address(None) == read_address("") == (PageState(case=Case(scenario="paris-march-2025")), "")


def test_a_setting_applies_from_its_round_on_and_the_last_of_a_path_wins() -> None:
    case = Case(scenario="base").with_settings("weights.cost=-5").with_settings("weights.cost=-6")
    later = (
        case.with_settings("weights.cost=-7", after=3)
        .with_settings("weights.cost=-8", after=9)
        .with_settings("weights.cost=-9", after=9)
    )
    assert later.with_settings("weights.cost=-1").changes == ()  # applies to the end
    # rounds begin on 26 March 2025, a week apart: round 4 on 16 April, round 10 on 28 May
    source = read_listed("base")
    assert settings_of_case(source, case) == ("weights.cost=-6",)
    assert settings_of_case(source, later) == (
        "weights.cost=-6",
        "2025-04-16 weights.cost=-7",
        "2025-05-28 weights.cost=-9",
    )
    assert [(first, scenario.weights["cost"]) for first, scenario in stages(scenario_of_case(source, later))] == [
        (1, -6),
        (4, -7),
        (10, -9),
    ]
    assert later.from_the_start() == Case(scenario="base", settings=("weights.cost=-9",))


def test_restoring_a_setting_restores_its_parts() -> None:
    case = Case(scenario="base", settings=("environment.us_backing=0.4", "weights.cost=-5"))
    assert case.without("environment.us_backing.level").settings == ("weights.cost=-5",)
    assert case.with_settings("environment.mandate=1", after=2).without("environment.mandate").changes == ()


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("scenaro=base", "unknown field 'scenaro' in the address; did you mean 'scenario'?"),
        ("seed=-1", "seed=-1: must be a whole number from 0 to 9,007,199,254,740,991"),
        ("seed=9999999999999999999999", "must be a whole number"),
        ("round=x", "round=x: must be a whole number"),
        ("round=²", "must be a whole number"),
        ("then=environment.us_backing=0.6", "must be ROUNDS:PATH=VALUE"),
        ("pin=seed%3Dx", "seed=x: must be a whole number"),
        ("pin=pin%3Dseed%253D1", "unknown field 'pin' in the address"),
        ("page=nowhere", "no page 'nowhere'; the pages are Bargaining, Probabilities and Results"),
        ("&".join(["set=a=1"] * 300), "the address has more than 200 fields"),
    ],
)
def test_mistakes_in_an_address_are_reported(search: str, message: str) -> None:
    assert message in read_address(search)[1]


def test_the_valid_part_of_an_address_is_used() -> None:
    view, messages = read_address("scenario=base&set=weights.cost=-5&then=x&seed=7&round=-1&state=DEU&nonsense=1")
    assert view == PageState(case=Case(scenario="base", settings=("weights.cost=-5",), seed=7), state="DEU")
    assert len(messages.splitlines()) == 3


def test_a_change_before_the_first_round_is_a_setting() -> None:
    assert read_address("then=0:weights.cost=-5")[0].case == Case(
        scenario="paris-march-2025", settings=("weights.cost=-5",)
    )


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../scenarios/base", "scenarios/base.yaml", "paris-march-2025.yaml", "", "\0", "x" * 5000]
)
def test_no_address_opens_a_file(name: str) -> None:
    with pytest.raises(AddressError, match="no scenario"):
        read_listed(name)


def test_a_mistake_in_a_setting_gives_the_error_of_the_command_line() -> None:
    with pytest.raises(ScenarioError, match=r"environment\.us_backing: 7 is out of range; give a number from 0 to 1"):
        with_settings(read_listed("base"), ("environment.us_backing=7",))


def test_settings_mean_the_same_as_on_the_command_line() -> None:
    for settings in ((), ("environment.us_backing.level=0.4", "menu.troops.ask=40000"), ("roster.leave_out=[HUN]",)):
        expected = load_scenario("paris-march-2025", settings)
        assert digest(with_settings(read_listed("paris-march-2025"), settings)) == digest(expected)


@pytest.mark.parametrize("begun", [0, 3, 5, 9])
def test_stepping_a_case_equals_reopening_it(begun: int) -> None:
    case = Case(scenario="paris-march-2025", seed=4).with_settings("environment.us_backing.level=0.9", after=5)
    case = case.with_settings("menu.troops.ask=9000", after=8)
    stepped, reopened = LiveModel(case, begun), LiveModel(case, 12)
    while stepped.round < 12:
        stepped.step()
    assert (stepped.profile == reopened.profile).all()
    assert (stepped.environment == reopened.environment).all()
    assert (stepped.asks == reopened.asks).all()


def test_edits_of_an_open_file_have_no_effect(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("extends: base\nquestion: Mine?\nrounds: 9\n")
    set_first_scenario(str(file))
    model = LiveModel(Case(scenario="own"), 3)
    file.write_text("extends: base\nquestion: Another?\nrounds: 4\n")
    model.set("weights.momentum=2")
    assert (model.setup.scenario.question, model.setup.scenario.rounds) == ("Mine?", 9)
    file.unlink()
    model.restore("weights.momentum")
    model.step()
    set_first_scenario(USUAL)


def test_settings_cannot_change_after_the_last_round() -> None:
    model = LiveModel(Case(scenario="paris-march-2025", settings=("rounds=2",)), 2)
    with pytest.raises(ModelError, match="all 2 rounds have been simulated; press Reset"):
        model.set("weights.momentum=2")


def test_the_number_of_rounds_applies_to_the_whole_run() -> None:
    assert Case(scenario="base").with_settings("rounds=60", after=9) == Case(scenario="base", settings=("rounds=60",))


CHANGES = (
    ("environment.us_backing.level=0.9", 3),
    ("menu.troops.ask=9000", 3),
    ("ceasefire.phase=limited_truce", 5),
    ("proposal.headline=backstop", 6),
)


def test_a_case_saved_during_the_run_simulates_the_same(tmp_path: Path) -> None:
    """Stepping with changed settings, opening the address, and simulating the saved file give the same."""
    model = LiveModel(Case(scenario="paris-march-2025", settings=("rounds=9",), seed=4))
    for number in range(9):
        for setting, after in CHANGES:
            if after == number:
                model.set(setting)
        if number in (2, 7):
            model.force("HUN", "troops" if number == 2 else None)
        model.step()
    again = LiveModel(read_address(address_of(PageState(case=model.case)))[0].case, 9)
    path = tmp_path / "saved.yaml"
    path.write_text(as_scenario(model, model.setup.scenario), "utf-8")
    scenario = load_scenario(path)
    assert [str(change.at) for change in scenario.changes][:1] == ["2025-04-09"]
    saved = CoalitionModel(scenario, rng=4)
    while saved.running:
        saved.step()
    expected = model.datacollector.get_model_vars_dataframe()
    for other in (again, saved):
        assert other.datacollector.get_model_vars_dataframe().equals(expected)
        assert other.profile.tolist() == model.profile.tolist()
    stances = model.datacollector.get_agent_vars_dataframe()
    hungary = stances[stances["state"] == "HUN"]["stance"].tolist()
    assert hungary[2:7] == ["troops"] * 5
    assert expected["headline"].tolist()[6] == "backstop"
    assert expected["ask"].tolist()[3] == 9000.0


def test_forcing_a_state_can_end_before_and_after_the_first_round() -> None:
    model = LiveModel(Case(scenario="paris-march-2025", settings=("rounds=9",)))
    assert model.forces_next("POL") is None
    model.force("POL", "troops")
    assert (model.case.settings[-1], model.forces_next("POL")) == ("force.POL=troops", "troops")
    model.force("POL", None)
    assert model.case == Case(scenario="paris-march-2025", settings=("rounds=9",))
    model.force("POL", "troops")
    model.step()
    model.force("POL", None)
    assert model.forces_next("POL") is None
    assert [change.setting for change in model.case.changes] == ["force.POL=null"]
    assert with_settings(model.source, model.case.in_force).force == {}


def test_a_setting_that_cannot_change_during_the_run_is_rejected() -> None:
    model = LiveModel(Case(scenario="paris-march-2025"), 3)
    case = model.case
    with pytest.raises(ScenarioError, match="cannot change during the run") as error:
        model.set("round_days=14")
    assert error_text(error.value).startswith("changes.set.round_days: cannot change during the run")
    assert model.case == case
