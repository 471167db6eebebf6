"""The description of the model shows the numbers, words and tests that there are; a failure prints the right table."""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.analysis.pattern_catalogue import PATTERNS
from sim.results.outcomes import numeric_outcomes
from sim.scenario import Scenario, load_scenario, shipped
from sim.scenario.environment_process import Constant
from sim.scenario.parameters import Parameter, parameters
from sim.theory.choice import ENVIRONMENT
from sim.theory.considerations import CONSIDERATIONS, DRIVERS

ROOT = Path(__file__).parents[2]
ODD = (ROOT / "docs" / "odd.md").read_text("utf-8")
VERDICTS = (ROOT / "docs" / "patterns.md").read_text("utf-8")
PARAMETERS = ("path", "standing value", "range", "unit", "meaning")
UNUSED = ("path", "range", "unit", "meaning")
WORDS_ONLY = {"name", "question", "about"}
EVERY_KIND_OF_PROCESS = [  # and something about one state
    "environment.us_backing={process: schedule, values: {2025-03-26: 0.3}}",
    "environment.russian_opposition={process: ramp, start_value: 1, end_value: 0.5, end_round: 9}",
    "environment.mandate={process: logit_ar1, level: 0.1, persistence: 0.9, volatility: 0.2}",
    "states.DEU.name=Germany",
    "force.DEU=troops",
]

type Row = tuple[str, ...]
type Scalar = float | int | str | datetime.date


@cache
def _base() -> Scenario:
    return load_scenario("base")


def _table(heading: str) -> list[Row]:
    """Return the cells of the first table after a heading of the description, its head included."""
    after = dropwhile(lambda line: line.lstrip("#").strip() != heading, ODD.splitlines())
    lines = takewhile(lambda line: line.startswith("|"), dropwhile(lambda line: not line.startswith("|"), after))
    rows = [tuple(cell.strip().replace("`", "") for cell in line.strip("|").split("|")) for line in lines]
    assert len(rows) > 2, f"docs/odd.md: no table under {heading!r}"
    return [rows[0], *rows[2:]]


def _printed(rows: list[Row]) -> str:
    """Return a table as it has to stand in the description."""
    head, *body = rows
    lines = [head, ("---",) * len(head), *((_as_code(row[0]), *row[1:]) for row in body)]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def _as_code(cell: str) -> str:
    return cell if cell.startswith("[") else f"`{cell}`"


def _written(value: Scalar) -> str:
    """Return a value as a scenario writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return ".inf" if math.isinf(value) else f"{value:.12g}"
    return str(value)


def _scalars(part: BaseModel, prefix: str = "") -> Iterator[tuple[str, Scalar, FieldInfo]]:
    """Yield path, value and description of every setting below a part that is one number, word, date or flag."""
    for name, field in type(part).model_fields.items():
        value, path = getattr(part, name), f"{prefix}{name}"
        if isinstance(value, Constant):
            yield path, value.value, field
        elif isinstance(value, BaseModel):
            yield from _scalars(value, f"{path}.")
        elif isinstance(value, dict):
            for key, entry in value.items():
                if isinstance(entry, BaseModel):
                    yield from _scalars(entry, f"{path}.{key}.")
                else:
                    yield f"{path}.{key}", entry, field
        elif isinstance(value, Scalar.__value__) and path not in WORDS_ONLY:
            yield path, value, field


def _is_of_considerations(path: str) -> bool:
    return path.startswith("weights.") or ".raises." in path


def _parameters() -> list[Row]:
    """Return the table of parameters, but for those of considerations."""

    def unit(field: FieldInfo) -> str:
        extra = field.json_schema_extra
        return str(extra.get("unit", "")) if isinstance(extra, dict) else ""

    limits = {each.path.removesuffix(".value"): each.limits for each in parameters(_base())}
    rows = [
        (path, _written(value), limits[path], unit(field), field.description or "")
        for path, value, field in _scalars(_base())
        if not _is_of_considerations(path)
    ]
    return [PARAMETERS, *rows]


@cache
def _settings() -> tuple[Parameter, ...]:
    """Return every setting that the schema knows, those of processes and of single states included, once."""
    found: dict[str, Parameter] = {}
    for each in (*parameters(_base()), *parameters(load_scenario("base", EVERY_KIND_OF_PROCESS))):
        match each.path.split("."):
            case ["environment", _, name] if name != "value":
                path = f"environment.QUANTITY.{name}"
            case ["states", "DEU", name]:
                path = f"states.CODE.{name}"
            case ["force", "DEU", name]:
                path = f"force.CODE.{name}"
            case ["environment", quantity, "value"]:
                path = f"environment.{quantity}"
            case _:
                path = each.path
        if path not in ("states", "force"):  # empty mappings; their entries are settings
            found.setdefault(path, dataclasses.replace(each, path=path))
    return tuple(found.values())


def _unused() -> list[Row]:
    """Return the table of the settings that are no single number, word, date or flag of the base scenario."""
    known = {path for path, _, _ in _scalars(_base())}
    rows = [
        (each.path, each.limits, each.unit, each.about or "constant, schedule, ramp or logit_ar1; see above")
        for each in _settings()
        if each.path not in known and each.path != "weights" and not each.path.endswith(".raises")
    ]
    return [UNUSED, *rows]


def _patterns() -> list[Row]:
    """Return the table of the patterns by which the model is judged, with the verdicts that were measured."""
    rows = []
    for pattern in PATTERNS:
        head = re.search(rf"^## Pattern {pattern.number} (\w+)$", VERDICTS, re.MULTILINE)
        assert head is not None, pattern.number
        link = f"[{pattern.number}](patterns.md#pattern-{pattern.number}-{head[1]})"
        rows.append((link, pattern.claim, head[1]))
    return [("pattern", "claim", "verdict"), *rows]


def _scenarios() -> list[Row]:
    """Return the table of the scenarios that come with the program."""
    rows = []
    for name, path in shipped().items():
        extends = re.search(r"^extends: (\S+)$", path.read_text("utf-8"), re.MULTILINE)
        rows.append((name, extends[1] if extends else "", load_scenario(path).question))
    return [("scenario", "extends", "question"), *rows]


def _weights_and_raises() -> list[Row]:
    """Return the table of `weights.*` and, by option, of `menu.*.raises.*`."""
    options = _base().option_names[1:]
    rows = [
        (name, _written(weight), *(_written(_base().menu[o].raises.get(name, 0.0)) for o in options))
        for name, weight in _base().weights.items()
    ]
    return [("consideration", "weight", *options), *rows]


def test_table_of_parameters_shows_every_scalar_of_the_base_scenario_and_none_else() -> None:
    right = _parameters()
    assert _table("Parameters") == right, f"docs/odd.md, Parameters, must be\n{_printed(right)}"


def test_table_of_weights_shows_how_much_each_consideration_weighs_and_each_option_raises_it() -> None:
    right = _weights_and_raises()
    assert _table("Weights and raises") == right, f"docs/odd.md, Weights and raises, must be\n{_printed(right)}"


def test_table_of_settings_that_base_does_not_use_is_current() -> None:
    right = _unused()
    assert _table("Settings that base does not use") == right, f"docs/odd.md, settings, must be\n{_printed(right)}"


def test_the_three_tables_hold_every_setting_of_the_schema() -> None:
    shown = {row[0] for heading in ("Parameters", "Settings that base does not use") for row in _table(heading)[1:]}
    considerations = {"weights", *(f"menu.{option}.raises" for option in _base().option_names[1:])}
    assert {each.path for each in _settings()} == shown | considerations


def test_patterns_are_named_with_the_verdicts_that_were_measured() -> None:
    right = _patterns()
    assert _table("I.1 Purpose and patterns") == right, f"docs/odd.md, patterns, must be\n{_printed(right)}"


def test_the_purpose_is_bounded_by_the_patterns_that_fail() -> None:
    said = re.search(r"^(\w+) of the nineteen fail\. (.+?)\n\n", ODD, re.MULTILINE | re.DOTALL)
    assert said is not None
    failing = {pattern.number for pattern, row in zip(PATTERNS, _patterns()[1:], strict=True) if row[2] == "fails"}
    assert len(PATTERNS) == 19
    assert said[1] == {7: "Seven", 8: "Eight", 9: "Nine"}.get(len(failing))
    assert {int(number) for listed in re.findall(r"\(([\d, ]+)\)", said[2]) for number in listed.split(",")} == failing


def test_every_scenario_that_comes_with_the_program_is_listed() -> None:
    right = _scenarios()
    assert _table("Scenarios") == right, f"docs/odd.md, Scenarios, must be\n{_printed(right)}"


def test_the_two_tables_hold_every_scalar_once() -> None:
    options = _base().option_names[1:]
    shown = [row[0] for row in _table("Parameters")[1:]]
    for name, *_ in _table("Weights and raises")[1:]:
        shown += [f"weights.{name}", *(f"menu.{o}.raises.{name}" for o in options if name in _base().menu[o].raises)]
    paths = [path for path, _, _ in _scalars(_base())]
    assert len(paths) > 150
    assert sorted(shown) == sorted(paths)


def test_a_changed_number_would_be_noticed() -> None:
    moved = load_scenario("base", ["belief.floor=0.26"])
    pairs = zip(_scalars(_base()), _scalars(moved), strict=True)
    changed = [path for (path, old, _), (_, new, _) in pairs if old != new]
    assert changed == ["belief.floor"]


def test_considerations_stand_in_their_order_with_their_drivers() -> None:
    shown = [(name, driver) for name, _, driver, _ in _table("Considerations")[1:]]
    assert shown == [(name, entry.driver) for name, entry in CONSIDERATIONS.items()]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Drivers", DRIVERS),
        ("Environment", ENVIRONMENT),
        ("Outcomes", tuple(numeric_outcomes(["abstain", "troops"]))),
    ],
)
def test_drivers_environment_and_outcomes_are_all_described(heading: str, names: tuple[str, ...]) -> None:
    assert tuple(row[0] for row in _table(heading)[1:]) == names


def test_every_path_that_the_text_names_is_a_setting() -> None:
    blocks = {path.partition(".")[0] for path, _, _ in _scalars(_base()) if "." in path} - {"menu", "weights"}
    known = {path for path, _, _ in _scalars(_base())} | {"momentum.formats", "roster.states", "roster.leave_out"}
    named = {path for path in re.findall(r"`([a-z_]+\.[a-z_]+)`", ODD) if path.partition(".")[0] in blocks}
    assert len(named) > 40
    assert named - known == set()


def test_every_test_that_the_text_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", ODD))
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 10
    assert {name for name in named if f"def {name}(" not in sources} == set()
