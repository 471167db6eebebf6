"""The description of the model shows the numbers, words and tests that there are; a failure prints the right table."""

from __future__ import annotations

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

from sim.results.columns import outcomes
from sim.scenario import Scenario, load_scenario
from sim.scenario.process import Constant
from sim.theory.choice import ENVIRONMENT
from sim.theory.considerations import CONSIDERATIONS, DRIVERS

ROOT = Path(__file__).parents[2]
ODD = (ROOT / "docs" / "odd.md").read_text("utf-8")
PARAMETERS = ("path", "standing value", "unit", "meaning")
WORDS_ONLY = {"name", "question", "about"}

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
    lines = [head, ("---",) * len(head), *((f"`{row[0]}`", *row[1:]) for row in body)]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


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

    rows = [
        (path, _written(value), unit(field), field.description or "")
        for path, value, field in _scalars(_base())
        if not _is_of_considerations(path)
    ]
    return [PARAMETERS, *rows]


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
        ("Outcomes", tuple(outcomes(["troops"]))),
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
