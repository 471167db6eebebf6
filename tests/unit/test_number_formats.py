"""A number is read as it was meant or refused, in any usual notation, and lines are counted as editors count them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim import facts
from sim.analysis.lever import read_levers
from sim.analysis.outcome_condition import read_condition
from sim.analysis.outcome_target import read_target
from sim.analysis.positions import read_positions
from sim.errors import ModelError, ScenarioError, WillingError
from sim.experiment import load_experiment
from sim.experiment.factor import Levels
from sim.facts.numbers import number_meant, point_for_thousands
from sim.model.setup import Setup, prepare
from sim.scenario import load_scenario, to_yaml
from sim.scenario.load import with_settings

HEAD = "extends: base\nquestion: x\n"
EXPERIMENT = "question: x\nscenario: base\nreplicates: 1\nrounds: 1\noutcomes: [viable, personnel_troops]\n"


@cache
def base() -> Setup:
    return prepare(load_scenario("base"))


def grouped(number: int, by: str) -> str:
    return f"{number:,}".replace(",", by)


# How people write a whole number; every way keeps its value, or must be refused
WAYS: dict[str, Callable[[int], str]] = {
    "plain": str,
    "comma": lambda number: grouped(number, ","),
    "point": lambda number: grouped(number, "."),
    "space": lambda number: grouped(number, " "),
    "apostrophe": lambda number: grouped(number, "'"),
    "curly apostrophe": lambda number: grouped(number, "’"),
    "underscore": lambda number: grouped(number, "_"),
    "non-breaking space": lambda number: grouped(number, "\u00a0"),
    "narrow space": lambda number: grouped(number, "\u202f"),
    "a space behind it": lambda number: f"{number}\u00a0",
    "decimals": lambda number: f"{number}.0",
    "three decimals": lambda number: f"{number}.000",
    "exponent": lambda number: f"{number}e0",
    "thousands": lambda number: f"{number / 1000:g}k",
    "full width": lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in str(number)),
}


def yaml_value(folder: Path, text: str) -> float:
    path = folder / "x.yaml"
    path.write_text(f"{HEAD}menu:\n  troops:\n    ask: {text}\n", "utf-8")
    return load_scenario(path).menu["troops"].ask


def set_value(folder: Path, text: str) -> float:
    return load_scenario("base", [f"menu.troops.ask={text}"]).menu["troops"].ask


def counted_fraction(folder: Path, text: str) -> float:
    """A number of soldiers that need not be whole."""
    return load_scenario("base", [f"forces.small_force={text}"]).forces.small_force


def figure(folder: Path, text: str) -> float:
    return load_scenario("base", [f"states.DEU.facts.land_forces={text}"]).states["DEU"].facts["land_forces"] or 0.0


def level(folder: Path, text: str) -> float:
    path = folder / "e.yaml"
    path.write_text(f"{EXPERIMENT}vary:\n  menu.troops.ask: [{text}, 1]\n", "utf-8")
    (factor,) = load_experiment(path).factors
    assert isinstance(factor, Levels)
    assert len(factor.levels) == 2, factor.levels
    return float(factor.levels[0])


def end_of_range(folder: Path, text: str) -> float:
    path = folder / "e.yaml"
    path.write_text(f"{EXPERIMENT}vary:\n  menu.troops.ask: {{from: 0, to: {text}, steps: 2}}\n", "utf-8")
    return float(load_experiment(path).factors[0].levels[-1])


def point(folder: Path, text: str) -> float:
    (folder / "e.yaml").write_text(
        f"{EXPERIMENT}vary:\n  menu.troops.ask: {{from: 0, to: 9999999}}\ndesign: {{table: points.csv}}\n"
    )
    (folder / "points.csv").write_text(f'menu.troops.ask\n"{text}"\n', "utf-8")
    return float(load_experiment(folder / "e.yaml").design.rows[0][0])  # type: ignore[union-attr]


def position(folder: Path, text: str) -> float:
    columns = "code,date,stance,alternative,conditions,troops_low,troops_high,kind,confidence,source,note"
    (folder / "p.csv").write_text(f'{columns}\nFRA,2025-09-04,troops,,,"{text}",,coded,2,x,\n', "utf-8")
    return read_positions(folder / "p.csv", base())[0].troops_low or 0.0


def state_figure(folder: Path, text: str) -> float:
    (folder / "f.csv").write_text(f'code,land_forces\nDEU,"{text}"\n', "utf-8")
    read: float = facts.read_state_table(folder / "f.csv")["DEU"]["facts"]["land_forces"]
    return read


def target(folder: Path, text: str) -> float:
    return read_target(f"personnel_troops>={text}", base()).value


READERS: tuple[Callable[[Path, str], float], ...] = (
    yaml_value, set_value, counted_fraction, figure, level, end_of_range, point, position, state_figure, target,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("numbers")


@pytest.mark.parametrize("read", READERS)
@given(number=st.integers(2, 1_900_000), way=st.sampled_from(list(WAYS)))
@example(25_000, "point")
@example(1_000_000, "point")
@example(25_000, "comma")
@example(25_500, "comma")
@example(5, "three decimals")
def test_a_number_is_read_as_it_was_meant_or_refused(
    folder: Path, read: Callable[[Path, str], float], number: int, way: str
) -> None:
    written = WAYS[way](number)
    try:
        value = read(folder, written)
    except WillingError:
        value = None
    rounding = 1e-3 if way == "thousands" else 1e-12
    assert value == pytest.approx(number, rel=rounding) or (value is None and way != "plain")


@pytest.mark.parametrize("read", READERS)
def test_25_000_is_never_25(folder: Path, read: Callable[[Path, str], float]) -> None:
    with pytest.raises(WillingError, match=r"25\.000 would be read as 25; did you mean 25000\?"):
        read(folder, "25.000")
    assert read(folder, "25000") == 25_000


@pytest.mark.parametrize(
    ("text", "whole", "high", "message"),
    [
        ("25.000", True, None, "25.000 would be read as 25; did you mean 25000?"),
        ("-1.000", True, None, "-1.000 would be read as -1; did you mean -1000?"),
        ("25.125", True, None, "25.125 is not a whole number; did you mean 25125?"),
        ("3.000", True, 20, "3.000 is written with decimals, where a whole number is needed; write 3"),
        ("1000.000", True, None, "1000.000 is written with decimals, where a whole number is needed; write 1000"),
        ("2.125", False, 1000, None),  # 2125 is more than there can be
        ("0.500", False, None, None),
        ("25.00", True, None, None),
        ("25.0000", True, None, None),
        ("25.0", True, None, None),
    ],
)
def test_a_point_and_three_digits_are_refused_where_they_may_be_thousands(
    text: str, whole: bool, high: float | None, message: str | None
) -> None:
    assert point_for_thousands(text, whole=whole, high=high) == message


@pytest.mark.parametrize(
    ("text", "whole", "number"),
    [("1.000.000", False, 1e6), ("25.000", True, 25_000), ("25.000", False, 25), ("0,6", False, 0.6),
     ("25 000", True, 25_000), ("25\u202f000", True, 25_000), ("40k", True, 40_000), ("1,5", False, 1.5)],
)  # fmt: skip
def test_the_likely_number_is_suggested(text: str, whole: bool, number: float) -> None:
    assert number_meant(text, whole=whole) == number


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (["rounds=5.000"], "rounds"),
        (["proposal.floor=10.000"], "proposal.floor"),
        (["environment.us_backing={process: ramp, start_value: 0.1, end_value: 0.125, end_round: 2.000}"],
         "environment.us_backing.end_round"),
        (["deterrence.host_soldiers=700.000"], "deterrence.host_soldiers"),
        (["geography.far=1.500"], "geography.far"),
    ],
)  # fmt: skip
def test_every_setting_that_counts_refuses_it(settings: list[str], path: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_scenario("base", settings)
    (mistake,) = error.value.mistakes
    assert mistake.path == path
    assert "did you mean" in mistake.message


def test_a_change_during_the_run_refuses_it_too(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(f"{HEAD}changes:\n  - at: 2025-05-01\n    set: {{menu.troops.ask: 25.000}}\n")
    with pytest.raises(
        ScenarioError, match=r"x\.yaml:5:28: menu\.troops\.ask: 25\.000 would be read as 25; did you mean"
    ):
        load_scenario(tmp_path / "x.yaml")
    with pytest.raises(ScenarioError, match=r"--at .*: 25\.000 would be read as 25; did you mean 25000\?"):
        load_scenario("base", ["2025-05-01 menu.troops.ask=25.000"])


def test_three_decimals_stay_where_they_are_right() -> None:
    scenario = load_scenario("base", ["environment.us_backing=0.125", "menu.troops.deters=1.250", "rounds=5.0"])
    assert (scenario.menu["troops"].deters, scenario.rounds) == (1.25, 5)
    assert load_scenario("base", ["states.DEU.facts.defence_budget_busd=88.459"]).states["DEU"].facts == {
        "defence_budget_busd": 88.459
    }


def test_numbers_written_by_a_program_are_read_back_unchanged() -> None:
    """2.125 soldiers, which a file may not say, are written with four decimals."""
    scenario = load_scenario("base", {"forces.small_force": 2.125, "menu.troops.deters": 1.125})
    assert "small_force: 2.1250" in to_yaml(scenario)
    again = with_settings(scenario, ["rounds=5"])
    assert (again.forces.small_force, again.menu["troops"].deters, again.rounds) == (2.125, 1.125, 5)


def test_levels_of_a_range_that_are_reckoned_may_have_three_decimals(tmp_path: Path) -> None:
    """From 1 to 2 in 9 steps there is 1.125, of soldiers."""
    (tmp_path / "e.yaml").write_text(f"{EXPERIMENT}vary:\n  forces.small_force: {{from: 1, to: 2, steps: 9}}\n")
    experiment = load_experiment(tmp_path / "e.yaml")
    assert experiment.point_scenarios.checked({"forces.small_force": 1.125}).forces.small_force == 1.125


@pytest.mark.parametrize("levels", ["25,000, 40000", "5,500,10,000", "40000, 25,500"])
def test_a_list_with_commas_for_thousands_is_refused(tmp_path: Path, levels: str) -> None:
    (tmp_path / "e.yaml").write_text(f"{EXPERIMENT}vary:\n  menu.troops.ask: [{levels}]\n")
    with pytest.raises(ScenarioError, match=r"would be read as two levels; write \d+, or a space after the comma"):
        load_experiment(tmp_path / "e.yaml")


def test_a_range_with_commas_for_thousands_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(f"{EXPERIMENT}vary:\n  menu.troops.ask: {{from: 5,000, to: 45,000, steps: 2}}\n")
    with pytest.raises(ScenarioError, match="not 000; write a number such as 25,000 without its comma"):
        load_experiment(tmp_path / "e.yaml")


def test_steps_and_replicates_may_be_written_as_11_0(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        EXPERIMENT.replace("replicates: 1", "replicates: 2.0")
        + "vary:\n  environment.us_backing: {from: 0, to: 1, steps: 11.0}\n"
    )
    experiment = load_experiment(tmp_path / "e.yaml")
    assert (len(experiment.factors[0].levels), experiment.replicates) == (11, 2)


def test_conditions_and_levers_refuse_it_too(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(f"{EXPERIMENT}vary:\n  environment.us_backing: [0, 1]\n")
    experiment = load_experiment(tmp_path / "e.yaml")
    with pytest.raises(ModelError, match=r"25\.000 would be read as 25; did you mean 25000\?"):
        read_condition("personnel_troops < 25.000", experiment)
    assert read_condition("personnel_troops < 25,000", experiment).value == 25_000
    assert read_condition("viable < 0.125", experiment).value == 0.125
    with pytest.raises(ModelError, match=r"lever 'ask:5\.000:60\.000': 5\.000 would be read as 5; did you mean 5000\?"):
        read_levers(["ask:5.000:60.000"], base())


# Lines and characters


@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_at_line_ends_only(tmp_path: Path, break_: str, end: str) -> None:
    """Lines: 1 extends, 2 question, 3 a comment, 4 blank, 5 and 6 a quoted text, 7 the mistake, in column 9."""
    lines = [
        "extends: base",
        f"question: one{break_}two",
        f"# three{break_}four",
        "",
        f'about: "x{break_}',
        ' y"',
        "rounds: 0",
    ]
    path = tmp_path / "x.yaml"
    path.write_bytes(end.join(lines).encode())
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    (mistake,) = error.value.mistakes
    assert (mistake.line, mistake.column, mistake.text) == (7, 9, "rounds: 0")
    path.write_bytes(end.join(lines[:-1]).encode())
    assert load_scenario(path).question == f"one{break_}two"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("menu:\n  troops:\n    ask: 30000\u00a0\n",
         "x.yaml:5:10: menu.troops.ask: '30000?', which holds a non-breaking space (U+00A0), is not a number; "
         "did you mean 30000?"),
        ("\u00a0rounds: 5\n", "x.yaml:3:1: \u00a0rounds: unknown field; it holds a non-breaking space (U+00A0), "
         "which has to go"),
        ("rounds:\u00a05\n", "x.yaml:3:1: no ':' follows this key; the line holds a non-breaking space (U+00A0)"),
        ("\ufeffrounds: 5\n", "x.yaml:3:1: \ufeffrounds: unknown field; it holds a byte-order mark (U+FEFF), "
         "which has to go"),
        ("rounds: \u22125\n", "x.yaml:3:9: rounds: '\u22125', which holds a minus sign that is not a hyphen (U+2212), "
         "is not a number; give a whole number from 1 to 10,000 (rounds)"),
        ("leads: [\u201cGBR\u201d]\n", "x.yaml:3:9: leads: '\u201cGBR\u201d', which holds a curly quote (U+201C), is "
         "not the code of a state"),
        ("menu:\n\tbackstop: null\n", "x.yaml:4:1: a tab; indent with spaces"),
    ],
)  # fmt: skip
def test_characters_that_cannot_be_seen_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(HEAD + text, "utf-8")
    with pytest.raises(ScenarioError) as error:
        load_scenario("x.yaml")
    assert str(error.value).splitlines()[0] == message


@pytest.mark.parametrize("break_", ["\u2028", "\u2029", "\x85"])
def test_a_message_stays_in_its_lines(break_: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_scenario("base", [f"menu.tro{break_}ops.ask=1"])
    assert break_ not in str(error.value)
    assert "a line separator" in str(error.value) or break_ != "\u2028"


def test_a_scenario_that_a_program_wrote_is_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(json.dumps({"extends": "base", "question": "x", "rounds": 7}, indent=1))
    assert load_scenario(tmp_path / "x.yaml").rounds == 7
