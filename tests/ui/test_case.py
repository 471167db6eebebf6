"""A case and its address: what is set holds from its round on, and a link opens the same view."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from sim.errors import AddressError, ScenarioError
from sim.ui.case import Case, Turn, View, load, merged, read, written

PATHS = ("environment.us_backing.level", "menu.troops.ask", "weights.cost", "rounds")
settings = st.builds("{}={}".format, st.sampled_from(PATHS), st.integers(1, 9))
turns = st.builds(lambda after, setting: Turn(after=after, setting=setting), st.integers(1, 40), settings)
cases = st.builds(
    lambda name, start, later, seed: Case(
        scenario=name, settings=merged(start), turns=tuple(sorted(later, key=lambda turn: turn.after)), seed=seed
    ),
    st.sampled_from(["paris-march-2025", "us-opposes", "a b&c=d?#%"]),
    st.lists(settings, max_size=4),
    st.lists(turns, max_size=4),
    st.integers(0, 2**53 - 1),
)
views = st.builds(
    lambda case, rounds, state, pinned, result: View(
        case=case, round=rounds, state=state, pinned=pinned and Case(**{**vars_of(pinned), "turns": ()}), result=result
    ),
    cases,
    st.integers(0, 99),
    st.sampled_from([None, "DEU"]),
    st.none() | cases,
    st.sampled_from([None, "runs/paris-march-2025-1a2b3c4d"]),
)


def vars_of(case: Case) -> dict[str, object]:
    return {name: getattr(case, name) for name in ("scenario", "settings", "turns", "seed")}


@given(views)
def test_a_link_opens_the_view_that_it_was_taken_from(view: View) -> None:
    assert read(written(view)) == view


def test_no_address_asks_for_the_first_scenario_as_it_stands() -> None:
    assert read(None) == read("") == View(case=Case(scenario="paris-march-2025"))


def test_a_setting_holds_from_its_round_on_and_the_last_of_a_path_wins() -> None:
    case = Case(scenario="base").but("weights.cost=-5").but("weights.cost=-6")
    later = case.but("weights.cost=-7", after=3).but("weights.cost=-8", after=9).but("weights.cost=-9", after=9)
    assert case.at(0) == ("weights.cost=-6",)
    assert [later.at(rounds) for rounds in (2, 3, 9)] == [
        ("weights.cost=-6",),
        ("weights.cost=-7",),
        ("weights.cost=-9",),
    ]
    assert later.from_the_start() == Case(scenario="base", settings=("weights.cost=-9",))


def test_what_is_put_back_takes_its_parts_with_it() -> None:
    case = Case(scenario="base", settings=("environment.us_backing=0.4", "weights.cost=-5"))
    assert case.without("environment.us_backing.level").settings == ("weights.cost=-5",)
    assert case.but("environment.mandate=1", after=2).without("environment.mandate").turns == ()


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("scenaro=base", "the address asks for 'scenaro', which means nothing here; did you mean 'scenario'?"),
        ("seed=-1", "seed=-1: must be a whole number from 0 to 9,007,199,254,740,991"),
        ("seed=9999999999999999999999", "must be a whole number"),
        ("round=x", "round=x: must be a whole number"),
        ("round=²", "must be a whole number"),
        ("then=environment.us_backing=0.6", "give it as ROUNDS:PATH=VALUE"),
        ("pin=seed%3Dx", "seed=x: must be a whole number"),
        ("pin=pin%3Dseed%253D1", "the address asks for 'pin', which means nothing here"),
        ("page=nowhere", "there is no page 'nowhere' here; there are Bargaining, Odds and Results"),
        ("&".join(["set=a=1"] * 300), "the address holds more than 200 settings"),
    ],
)
def test_an_address_that_asks_for_nothing_is_told_so(search: str, said: str) -> None:
    with pytest.raises(AddressError) as told:
        read(search)
    assert said in str(told.value)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../scenarios/base", "scenarios/base.yaml", "paris-march-2025.yaml", "", "\0", "x" * 5000]
)
def test_no_address_opens_a_file(name: str) -> None:
    with pytest.raises(AddressError, match="no scenario"):
        load(name, ())


def test_a_mistake_in_the_address_is_told_as_on_the_command_line() -> None:
    with pytest.raises(ScenarioError, match=r"environment\.us_backing: 7 is out of range; give a number from 0 to 1"):
        load("base", ("environment.us_backing=7",))
