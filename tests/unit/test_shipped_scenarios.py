"""The shipped scenarios say what their questions promise: the record date by date, and one change at a time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sim import facts
from sim.model.setup import prepare
from sim.scenario import load_scenario, resolve
from sim.scenario.environment_process import Schedule


def _schedule(quantity: str) -> dict[datetime.date, float]:
    process = getattr(load_scenario("replay-2025").environment, quantity)
    assert isinstance(process, Schedule)
    assert process.between == "step"
    return dict(process.values)


def test_the_replay_follows_every_dated_signal_from_washington() -> None:
    on_the_day = {signal.date: (signal.us_score + 1.0) / 2.0 for signal in facts.signals()}  # of two the later
    assert _schedule("us_backing") == pytest.approx(on_the_day, abs=1e-12)


def test_the_replay_follows_every_dated_signal_from_moscow() -> None:
    on_the_day = {signal.date: signal.russian_opposition for signal in facts.signals()}
    assert _schedule("russian_opposition") == pytest.approx(on_the_day, abs=1e-12)


def test_the_replay_begins_with_the_first_signal_and_ends_with_the_first_round_after_the_last() -> None:
    setup = prepare(load_scenario("replay-2025"))
    dates = [signal.date for signal in facts.signals()]
    assert setup.scenario.round_days == 7
    assert setup.date_of(1) == min(dates)
    assert setup.date_of(setup.scenario.rounds - 1) < max(dates) <= setup.date_of(setup.scenario.rounds)


@pytest.mark.parametrize("quantity", ["mandate", "clarity", "sincerity"])
def test_judged_values_of_the_replay_change_on_days_with_a_signal(quantity: str) -> None:
    assert set(_schedule(quantity)) <= {signal.date for signal in facts.signals()}


def test_only_the_record_changes_the_environment_of_the_replay() -> None:
    scenario = load_scenario("replay-2025")
    assert scenario.couplings.russian_reaction == scenario.couplings.us_response == 0.0
    assert scenario.ceasefire.phase == "fighting"
    assert scenario.ceasefire.truce_hazard == 0.0
    assert scenario.proposal == load_scenario("base").proposal


@pytest.mark.parametrize(
    ("name", "beside", "what"),
    [
        ("vague-us-promise", "firm-us-backstop", {"environment.clarity.value"}),
        ("clear-mission", "paris-march-2025", {"environment.clarity.value"}),
        ("better-battlefield", "paris-march-2025", {"environment.battlefield.value"}),
        ("moscow-accepts", "paris-march-2025", {"environment.russian_opposition.value"}),
        (
            "permanent-ceasefire",
            "paris-march-2025",
            {"environment.sincerity.value", "ceasefire.phase", "ceasefire.sincere_chance"},
        ),
    ],
)
def test_a_scenario_differs_in_the_subject_of_its_question_only(name: str, beside: str, what: set[str]) -> None:
    assert _changes(resolve(load_scenario(beside)), resolve(load_scenario(name))) == what


def test_behind_the_force_of_the_united_nations_there_are_no_troops() -> None:
    scenario = load_scenario("backup-for-un-force")
    assert set(scenario.menu) == {"guarantee", "backstop", "backup"}
    assert scenario.proposal.headline == scenario.deepest == "backup"


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("article-5-like-guarantee", "guarantee"),
        ("neighbours-first", "backstop"),
        ("limited-truce", "monitoring"),
        ("backup-for-un-force", "backup"),
        ("security-buffet", "troops"),
    ],
)
def test_the_leads_support_their_own_proposal(name: str, headline: str) -> None:
    scenario = load_scenario(name)
    assert scenario.proposal.headline == headline
    leadership = {option: row.raises.get("leadership", 0.0) for option, row in scenario.menu.items()}
    assert leadership[headline] == 1.0
    assert max(strength for option, strength in leadership.items() if option != headline) < 1.0


@pytest.mark.parametrize("name", ["security-buffet", "backup-for-un-force"])
def test_no_option_raises_a_consideration_more_than_troops_in_the_host_do(name: str) -> None:
    standing = load_scenario("base").menu
    for option, row in load_scenario(name).menu.items():
        if option in standing:
            continue
        assert {"momentum", "security", "consistency"} <= set(row.raises)
        for consideration, strength in row.raises.items():
            assert (-1.0 if consideration == "constant" else 0.0) <= strength <= 1.0, (option, consideration)


def test_the_watch_over_a_truce_is_the_same_in_both_scenarios_that_have_it() -> None:
    truce, buffet = (load_scenario(name).menu["monitoring"] for name in ("limited-truce", "security-buffet"))
    assert _changes(buffet.model_dump(), truce.model_dump()) == {"raises.leadership"}


def _changes(one: Any, other: Any, path: str = "") -> set[str]:
    """Return the paths of settings that differ, but for what makes every scenario its own."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return set() if one == other else {path}
    changed: set[str] = set()
    for key in {*one, *other} - ({"name", "question", "about", "sources"} if not path else set()):
        changed |= _changes(one.get(key), other.get(key), f"{path}.{key}" if path else str(key))
    return changed
