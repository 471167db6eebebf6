"""Scenarios are loaded with their inherited settings, and keep their meaning when they are written."""

from __future__ import annotations

import datetime
import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim import facts
from sim.errors import ScenarioError
from sim.scenario import Scenario, digest, load_scenario, resolve, shipped, to_yaml
from sim.scenario.environment_process import Constant, LogitAR1, Ramp, Schedule
from sim.theory.considerations import CONSIDERATIONS

WHOLE = Path(__file__).parents[1] / "cli" / "broken" / "whole.yaml"
HEAD = "extends: whole\nquestion: What now?\n"


@pytest.fixture
def load(tmp_path):
    """Return a function that writes a scenario which extends a small whole one, and loads it."""
    (tmp_path / "whole.yaml").write_bytes(WHOLE.read_bytes())

    def load(text: str, *changes: str, head: str = HEAD, name: str = "mine") -> Scenario:
        path = tmp_path / f"{name}.yaml"
        path.write_text(head + text, encoding="utf-8")
        return load_scenario(path, changes)

    return load


# what a file says


def test_no_is_norway(load):
    assert load("about: NO\n").about == "NO"
    assert load("about: Off\n").about == "Off"


def test_numbers_dates_and_words_are_read_as_they_look(load):
    scenario = load("start: 2025-09-04\nsharpness: 1e1\nmenu: {troops: {ask: 64_000, label: '64000'}}\n")
    assert scenario.start == datetime.date(2025, 9, 4)
    assert scenario.sharpness == 10.0
    assert scenario.menu["troops"].ask == 64000
    assert scenario.menu["troops"].label == "64000"


def test_sharpness_may_be_infinite(load):
    assert load("sharpness: .inf\n").sharpness == math.inf


def test_a_plain_number_is_a_constant_process(load):
    assert load("environment: {us_backing: 0.5}\n").environment.us_backing == Constant(value=0.5)


def test_the_name_is_the_name_of_the_file_unless_given(load):
    assert load("", name="paris").name == "paris"
    assert load("", name="my paris (2)").name == "my-paris-2-"
    assert load("name: other\n").name == "other"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(load):
    assert load("rounds: 9\n".replace("\n", "\r\n"), head="\ufeff" + HEAD.replace("\n", "\r\n")).rounds == 9


# what it inherits


def test_mappings_are_merged_key_by_key(load):
    scenario = load("menu: {troops: {ask: 40000}}\n")
    assert scenario.menu["troops"].ask == 40000
    assert scenario.menu["troops"].deters == 8
    assert set(scenario.menu) == {"backstop", "troops"}


def test_lists_replace(load):
    assert load("roster: {states: [GBR, DNK]}\n").roster.states == ("GBR", "DNK")


def test_null_takes_an_option_off_the_menu(load):
    assert set(load("menu: {backstop: ~}\n").menu) == {"troops"}


def test_a_consideration_can_be_taken_off_everywhere(load):
    scenario = load(
        "weights: {constant: ~}\nmenu: {troops: {raises: {constant: ~}}, backstop: {raises: {constant: ~}}}\n"
    )
    assert set(scenario.weights) == {"solidarity"}


def test_a_new_process_replaces_the_old_one_whole(load):
    scenario = load("environment: {us_backing: {process: logit_ar1, level: 0.3, persistence: 0.9, volatility: 0.2}}\n")
    assert scenario.environment.us_backing == LogitAR1(process="logit_ar1", level=0.3, persistence=0.9, volatility=0.2)


def test_a_process_can_be_amended(load):
    ramp = load("environment: {us_backing: {end_value: 0.9}}\n").environment.us_backing
    assert ramp == Ramp(process="ramp", start_value=0.2, end_value=0.9, end_round=5)


def test_a_number_replaces_a_process_and_a_process_a_number(load):
    ramp = "{process: ramp, start_value: 0, end_value: 1, end_round: 2}"
    environment = load(f"environment: {{us_backing: 1, mandate: {ramp}}}\n").environment
    assert environment.us_backing == Constant(value=1)
    assert isinstance(environment.mandate, Ramp)


def test_dates_added_to_a_schedule_find_their_place(load, tmp_path):
    (tmp_path / "dated.yaml").write_text(
        HEAD + "environment: {mandate: {process: schedule, values: {2025-03-01: 0.1, 2025-05-01: 0.3}}}\n"
    )
    later = load("environment: {mandate: {values: {2025-04-01: 0.2}}}\n", head="extends: dated\nquestion: What now?\n")
    assert isinstance(later.environment.mandate, Schedule)
    assert list(later.environment.mandate.values.values()) == [0.1, 0.2, 0.3]


def test_question_about_sources_and_name_are_not_inherited(load):
    scenario = load("")
    assert (scenario.question, scenario.about, scenario.sources, scenario.name) == ("What now?", "", (), "mine")
    with pytest.raises(ScenarioError, match="question: missing"):
        load("", head="extends: whole\n")


def test_a_scenario_beside_it_goes_before_a_shipped_one(load, tmp_path):
    (tmp_path / "base.yaml").write_text("extends: whole\nquestion: x\nrounds: 3\n")
    assert load("", head="extends: base\nquestion: x\n").rounds == 3


def test_a_shipped_scenario_is_extended_from_anywhere(tmp_path):
    (tmp_path / "mine.yaml").write_text("extends: base\nquestion: x\nrounds: 3\n")
    scenario = load_scenario(tmp_path / "mine.yaml")
    assert scenario.rounds == 3
    assert scenario.menu == load_scenario("base").menu


def test_a_mistake_is_reported_in_the_file_that_contains_it(load, tmp_path):
    (tmp_path / "bad.yaml").write_text(HEAD + "rounds: 0\nturnover: 2\n")
    with pytest.raises(ScenarioError) as told:
        load("revision: 3\nturnover: 0.2\n", head="extends: bad\nquestion: x\n")
    assert [(Path(each.file).name, each.line, each.column, each.path) for each in told.value.mistakes] == [
        ("mine.yaml", 3, 11, "revision"),
        ("bad.yaml", 3, 9, "rounds"),
    ]


# single settings


@pytest.mark.parametrize(
    ("setting", "same_as"),
    [
        ("menu.troops.ask=40000", "menu: {troops: {ask: 40000}}"),
        ("leads=[FRA]", "leads: [FRA]"),
        ("menu.backstop=null", "menu: {backstop: ~}"),
        ("environment.us_backing=0.5", "environment: {us_backing: 0.5}"),
        ("environment.us_backing.end_value=0.5", "environment: {us_backing: {end_value: 0.5}}"),
        ("environment.mandate={process: schedule, values: {2025-04-01: 0.2}}",
         "environment: {mandate: {process: schedule, values: {2025-04-01: 0.2}}}"),
        ("states.POL.feels.solidarity=2", "states: {POL: {feels: {solidarity: 2}}}"),
        ("start=2025-04-01", "start: 2025-04-01"),
        ("roster.leave_out=[POL]", "roster: {leave_out: [POL]}"),
        ("sharpness= .inf", "sharpness: .inf"),
    ],
)  # fmt: skip
def test_a_setting_has_the_meaning_of_the_same_line(load, setting, same_as):
    assert load("", setting) == load(same_as + "\n")


def test_settings_keep_the_words_of_the_scenario_and_the_last_one_counts(load):
    scenario = load("about: mine\n", "rounds=3", "rounds=4")
    assert (scenario.rounds, scenario.question, scenario.about) == (4, "What now?", "mine")


def test_a_dated_value_can_be_set(load):
    schedule = "environment: {mandate: {process: schedule, values: {2025-03-01: 0.1}}}\n"
    mandate = load(schedule, "environment.mandate.values.2025-02-01=0.4").environment.mandate
    assert isinstance(mandate, Schedule)
    assert list(mandate.values.items()) == [(datetime.date(2025, 2, 1), 0.4), (datetime.date(2025, 3, 1), 0.1)]


# sense


def test_a_state_of_your_own_need_not_be_in_the_table(load):
    own = "roster: {states: [GBR, ZZZ]}\nstates: {ZZZ: {name: Utopia, facts: {gdp_busd: 10}}}\n"
    assert load(own + "opening: {ZZZ: troops}\n").states["ZZZ"].name == "Utopia"


def test_a_figure_may_be_made_unknown(load):
    assert load("states: {POL: {facts: {land_forces: ~}}}\n").states["POL"].facts == {"land_forces": None}


@pytest.mark.parametrize("end", [2, 3])
def test_a_ramp_has_to_end_in_a_later_round_than_it_begins(load, end):
    ramp = "{process: ramp, start_value: 0.1, end_value: 0.9, start_round: 3, end_round: %d}"
    with pytest.raises(ScenarioError, match=f"end_round {end} must come after start_round 3"):
        load(f"environment: {{mandate: {ramp % end}}}\n")
    assert load(f"environment: {{mandate: {ramp % 4}}}\n").environment.mandate.end_round == 4


def test_every_consideration_and_figure_and_format_can_be_named(load):
    weights = ", ".join(f"{name}: 1" for name in CONSIDERATIONS)
    figures = ", ".join(f"{name}: ~" for name in facts.FIGURES)
    formats = ", ".join(facts.formats())
    scenario = load(
        f"weights: {{{weights}}}\nstates: {{FRA: {{facts: {{{figures}}}}}}}\nmomentum: {{formats: [{formats}]}}\n"
    )
    assert len(scenario.weights) == len(CONSIDERATIONS)


# written out


def test_the_shipped_scenarios_are_good_and_survive_being_written_out(tmp_path):
    assert "base" in shipped()
    for name in shipped():
        scenario = load_scenario(name)
        assert scenario.name == name
        (tmp_path / "out.yaml").write_text(to_yaml(scenario), encoding="utf-8")
        again = load_scenario(tmp_path / "out.yaml")
        assert again == scenario
        assert digest(again) == digest(scenario)


def test_all_shipped_scenarios_differ_in_meaning():
    assert len({digest(load_scenario(name)) for name in shipped()}) == len(shipped())


shares = st.floats(0, 1)
inner = st.floats(0.001, 0.999)
dates = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 1, 1))
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
processes = st.one_of(
    shares,
    st.builds(lambda value: {"process": "constant", "value": value}, shares),
    st.builds(
        lambda values, between: {"process": "schedule", "values": dict(sorted(values.items())), "between": between},
        st.dictionaries(dates, shares, min_size=1, max_size=4),
        st.sampled_from(["step", "linear"]),
    ),
    st.builds(
        lambda start, end, first, length: {
            "process": "ramp", "start_value": start, "end_value": end, "start_round": first, "end_round": first + length
        },
        shares, shares, st.integers(1, 50), st.integers(1, 50),
    ),
    st.builds(
        lambda level, persistence, volatility: {
            "process": "logit_ar1", "level": level, "persistence": persistence, "volatility": volatility
        },
        inner, inner, st.floats(0, 10),
    ),
)  # fmt: skip
states = st.lists(st.sampled_from(["FRA", "POL", "DNK", "NOR", "ITA"]), unique=True)
scenarios = st.fixed_dictionaries(
    {
        "question": words.filter(str.strip),
        "about": words,
        "sources": st.lists(words, max_size=3),
        "start": dates,
        "sharpness": st.one_of(st.just(math.inf), st.floats(0.001, 1e6)),
        "leads": st.just(["GBR"]),
        "roster": states.map(lambda codes: {"states": ["GBR", *codes]}),
        "opening": st.one_of(
            st.sampled_from(["abstain", "troops"]), st.dictionaries(st.sampled_from(["FRA", "POL"]), st.just("troops"))
        ),
        "environment": st.fixed_dictionaries({"us_backing": processes, "mandate": processes, "clarity": processes}),
        "weights": st.dictionaries(
            st.sampled_from(sorted(CONSIDERATIONS)), st.floats(-1000, 1000), max_size=4
        ).map(lambda weights: {"constant": 1, "solidarity": 2} | weights),
        "states": st.dictionaries(
            st.sampled_from(["FRA", "DNK"]),
            st.fixed_dictionaries({"name": st.one_of(st.none(), words), "feels": st.just({"constant": -0.0})}),
        ),
        "momentum": st.fixed_dictionaries(
            {"formats": st.one_of(st.just("everyone"), st.lists(st.sampled_from(["NATO", "EU", "JEF"]), unique=True))}
        ),
    }
)  # fmt: skip


def whole() -> dict:
    """Return the small whole scenario as it is written out."""
    return resolve(load_scenario(WHOLE))


def built(changes: dict) -> Scenario:
    settings = whole()
    for key in ("environment", "momentum"):
        changes = changes | {key: settings[key] | changes.get(key, {})}
    return Scenario.model_validate(settings | changes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=scenarios)
def test_any_scenario_survives_being_written_out(changes, tmp_path):
    scenario = built(changes)
    (tmp_path / "out.yaml").write_text(to_yaml(scenario), encoding="utf-8", newline="")
    again = load_scenario(tmp_path / "out.yaml")
    assert again == scenario
    assert digest(again) == digest(scenario)
    assert Scenario.model_validate(json.loads(json.dumps(resolve(scenario), allow_nan=False))) == scenario


# the digest


def shuffled(value, chance: random.Random):
    """Return the same settings in another order of keys."""
    if not isinstance(value, dict):
        return value
    keys = list(value)
    if "process" not in value and not all(key[:1].isdigit() for key in map(str, keys)):
        chance.shuffle(keys)
    return {key: shuffled(value[key], chance) for key in keys}


@settings(max_examples=40, deadline=None)
@given(changes=scenarios, chance=st.randoms(use_true_random=False))
def test_the_order_of_keys_and_states_and_the_words_do_not_matter_to_the_digest(changes, chance):
    scenario = built(changes)
    other = shuffled(resolve(scenario), chance)
    chance.shuffle(other["roster"]["states"])
    other |= {"name": "other", "question": "Other?", "about": "other", "sources": ["other"]}
    assert digest(Scenario.model_validate(other)) == digest(scenario)


@settings(max_examples=40, deadline=None)
@given(first=scenarios, second=scenarios)
def test_scenarios_with_the_same_digest_mean_the_same(first, second):
    one, other = built(first), built(second)
    meaning = {"name", "question", "about", "sources", "roster", "momentum"}
    assume(one.model_dump(exclude=meaning) != other.model_dump(exclude=meaning))
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("revision: 0.250\nturnover: 5e-2\n# a comment\nmenu: {troops: {home_tie_counts: 1.0, ask: 25000}}\n", True),
        ("environment: {mandate: {process: constant, value: 0.1}, russian_opposition: 1.0}\n", True),
        ("weights: {solidarity: 1.9, constant: 1.0}\nroster: {states: [POL, FRA, GBR]}\n", True),
        ("name: other\nabout: other\nsources: [other]\n", True),
        ("start: 2025-03-27\n", False),
        ("roster: {leave_out: [POL]}\n", False),
        ("leads: [GBR, FRA]\n", False),
        ("opening: {POL: backstop}\n", False),
        ("weights: {solidarity: 1.90000000000000001}\n", True),
        ("weights: {solidarity: 1.9000000000000004}\n", False),
        ("states: {POL: {facts: {land_forces: ~}}}\n", False),
        ("sharpness: .inf\n", False),
    ],
)
def test_the_digest_follows_the_meaning(load, text, same):
    assert (digest(load(text)) == digest(load(""))) is same


def test_every_single_setting_changes_the_digest():
    before = whole()
    told = {digest(Scenario.model_validate(before))}
    count = 0

    def variants(value, path):
        if isinstance(value, dict):
            for key in value:
                yield from variants(value[key], (*path, key))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield path

    for path in variants(before, ()):
        after = json.loads(json.dumps(before))
        block = after
        for key in path[:-1]:
            block = block[key]
        value = block[path[-1]]
        block[path[-1]] = value + 1 if isinstance(value, int) else (value * 0.9 if value else 0.5)
        told.add(digest(Scenario.model_validate(after)))
        count += 1
    assert count > 60
    assert len(told) == count + 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.text("{}[],:-?&*!|>'\"%@`# \n\tabc01.~\\<", max_size=60), where=st.integers(0, 10_000))
def test_a_scrambled_file_is_good_or_refused_but_never_crashes(noise, where, tmp_path):
    text = WHOLE.read_text(encoding="utf-8")
    where %= len(text)
    (tmp_path / "x.yaml").write_text(text[:where] + noise + text[where:], encoding="utf-8", newline="")
    told = ""
    try:
        load_scenario(tmp_path / "x.yaml")
    except ScenarioError as error:
        told = str(error)
    assert told == "" or "x.yaml" in told


def test_a_menu_of_more_than_fifty_options_is_refused() -> None:
    menu = {f"menu.o{number}": dict(resolve(load_scenario(WHOLE))["menu"]["troops"]) for number in range(50)}
    settings = [f"{path}={json.dumps(option)}" for path, option in menu.items()]
    with pytest.raises(ScenarioError, match="menu: too many entries; keep at most 50"):
        load_scenario(WHOLE, settings)
