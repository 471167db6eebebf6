"""Every scenario that comes with the program is whole: it loads, and says what it asks and why.

That each can be played to its end, by both engines, is held in tests/agreement and, with 400 replicates, in
tests/cli/test_gallery.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.model.coalition import CoalitionModel
from sim.scenario import load_scenario, shipped
from sim.theory.considerations import CONSIDERATIONS

ROOT = Path(__file__).parents[2]
NAMES = sorted(shipped())

every_scenario = pytest.mark.parametrize("name", NAMES)


def test_the_promised_scenarios_are_there() -> None:
    assert set(NAMES) >= {
        "base",
        "paris-march-2025",
        "february-2025-optimism",
        "firm-us-backstop",
        "us-opposes",
        "un-mandate",
        "vague-us-promise",
        "backup-for-un-force",
        "permanent-ceasefire",
        "limited-truce",
        "article-5-like-guarantee",
        "neighbours-first",
        "security-buffet",
        "clear-mission",
        "better-battlefield",
        "moscow-accepts",
        "replay-2025",
    }
    assert {path.stem for path in (ROOT / "scenarios").iterdir()} == set(NAMES)


@every_scenario
def test_a_scenario_reads_like_a_brief(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    text = shipped()[name].read_text("utf-8")
    if name != "base":
        keys = re.findall(r"^(\w+):", text, re.MULTILINE)
        assert keys[:4] == ["extends", "question", "about", "sources"]
        assert len(_besides_menu_and_record(text)) <= 40


@every_scenario
def test_a_question_is_one_sentence(name: str) -> None:
    question = load_scenario(name).question
    assert question.endswith("?")
    assert question.count("?") == 1
    assert not re.search(r"[.!] [A-Z]", question)
    assert len(question) <= 120


@every_scenario
def test_a_scenario_says_in_at_most_five_lines_what_it_supposes(name: str) -> None:
    text = shipped()[name].read_text("utf-8")
    about = re.search(r"^about: >\n((?:  .+\n)+)", text, re.MULTILINE)
    assert about is not None
    assert 1 <= len(about[1].splitlines()) <= 5
    assert len(load_scenario(name).about) >= 100


@every_scenario
def test_a_source_is_dated_or_in_the_project_or_owned_to_be_judged(name: str) -> None:
    sources = load_scenario(name).sources
    assert sources
    for source in sources:
        assert re.search(r"\b(19|20)\d\d\b|\bsim/|\b[Jj]udged\b", source), source


@every_scenario
def test_a_file_of_the_project_is_where_it_is_said_to_be(name: str) -> None:
    named = re.findall(r"\b(?:sim|scenarios|docs)/[\w./-]+\.\w+", shipped()[name].read_text("utf-8"))
    for path in named:
        assert (ROOT / path).is_file(), path


@every_scenario
def test_a_number_on_the_menu_says_why(name: str) -> None:
    """Outside base, where a table of raises has one reason, each number of an option has its own beside it."""
    if name == "base":
        return
    text = shipped()[name].read_text("utf-8")
    assert [line for block, line in _lines(text) if block == "menu" and re.fullmatch(r" +\w+: [-+.\d]+", line)] == []


def test_the_model_can_be_used_alone() -> None:
    model = CoalitionModel(load_scenario("security-buffet"), rng=1)
    model.step()
    model.step()
    kept = model.datacollector.get_model_vars_dataframe()
    assert kept["round"].tolist() == [1, 2]
    assert len(model.datacollector.get_agent_vars_dataframe()) == 2 * len(model.states)
    for place, option in enumerate(model.setup.menu.names):
        assert model.count(option) == (model.profile == place).sum()


def test_the_buffet_offers_at_least_seven_options() -> None:
    options = {"guarantee", "equipment", "monitoring", "training", "backstop", "air_policing", "troops"}
    assert options <= set(load_scenario("security-buffet").menu)


def test_the_base_weighs_every_consideration_and_only_known_ones() -> None:
    scenario = load_scenario("base")
    assert set(scenario.weights) == set(CONSIDERATIONS)
    raised = {name for option in scenario.menu.values() for name in option.raises}
    assert raised == set(CONSIDERATIONS)


def _lines(text: str) -> list[tuple[str, str]]:
    """Return each line of a scenario with the block in which it stands."""
    block, found = "", []
    for line in text.splitlines():
        if line[:1].strip():
            block = line.split(":")[0]
        found.append((block, line))
    return found


def _besides_menu_and_record(text: str) -> list[str]:
    """Return the lines of a scenario without the rows of its menu and without dated values."""
    dated = re.compile(r" +\d{4}-\d{2}-\d{2}:")
    return [line for block, line in _lines(text) if block != "menu" and not dated.match(line)]
