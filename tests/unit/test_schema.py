"""The JSON Schemas for editors are current, describe every key, and refuse nothing that `willing check` accepts."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import sim
from sim.errors import WillingError
from sim.experiment import load_experiment, shipped_experiments
from sim.model.setup import prepare
from sim.scenario import load_scenario, shipped
from sim.scenario.digest import to_yaml
from sim.scenario.parameters import parameters
from sim.scenario.syntax_tree import Block, Items, Leaf, Node
from sim.scenario.tree_from_yaml import read_tree
from tests.agreement.random_scenarios import changing, random_scenario
from tests.pages import ROOT

KINDS = ("scenario", "experiment")
FILES = {"scenario": shipped(), "experiment": shipped_experiments()}
PAGE = ROOT / "docs" / "reference" / "schema.md"
BROKEN = ROOT / "tests" / "cli" / "broken"
SCENARIO = {"extends": "base", "question": "What does the schema accept?"}
EXPERIMENT = {
    "question": "What does the schema accept?",
    "scenario": "base",
    "vary": {
        "environment.us_backing": {"from": 0, "to": 1, "steps": 3},
        "activation": ["simultaneous", "leads_first"],
        "package": {"choices": {"plain": {"turnover": 0.1}, "other": {"weights": {"momentum": 1}}}},
    },
    "design": "grid",
    "replicates": 3,
    "outcomes": ["viable", "headline", "troop_states"],
    "figures": [{"kind": "cliff", "x": "environment.us_backing", "outcome": ["viable"], "by": "package"}],
}
WHOLE: dict[str, dict[str, Any]] = {"scenario": SCENARIO, "experiment": EXPERIMENT}
KEYS = [
    "POL",
    "TUR",
    "XKX",
    "poland",
    "others",
    "troops",
    "dish",
    "process",
    "value",
    "level",
    "option",
    "until",
    "steps",
]
VALUES: list[Any] = [
    *(None, True, 0, 1, 2, 0.5, -1, 5.0, 40_000, [], {}, [1, 2], ["GBR"], "", " ", "none", "NONE", "all", "everyone"),
    *("troops", "abstain", "grid", "one_at_a_time", ".inf", "2025-03-26", "20250326", "2025-W13-3", "2025-W13"),
    *("=.inf", "=2025-03-26", "=40_000", "=0.2_5"),  # without quotes
    *({"POL": "troops"}, {"POL": None}, {"process": "constant", "value": 0.3}, {"value": 0.3}, {"level": 0.3}),
    *({"option": "troops", "until": "2025-06-01"}, {"until": "2025-06-01"}, {"others": 0}, {"from": 0, "to": 1}),
]

type Key = str | int


def check(path: Path, kind: str) -> bool:
    """Return whether `willing check` accepts a file."""
    try:
        if kind == "experiment":
            load_experiment(path)
        else:
            prepare(load_scenario(path))
    except WillingError:
        return False
    return True


def as_an_editor_reads_it(text: str) -> Any:
    """Return a file as data: dates are text, and so are numbers with underscores, which YAML 1.2 does not have."""

    def data(node: Node) -> Any:
        match node:
            case Leaf(value=value, text=text):
                is_text = isinstance(value, datetime.date) or (isinstance(value, (int, float)) and "_" in text)
                return text if is_text else value
            case Items(items=items):
                return [data(item) for item in items]
            case Block(entries=entries):
                return {str(key): data(entry.node) for key, entry in entries.items()}

    return data(read_tree("text", text)[0])


@pytest.fixture(scope="module")
def refusals() -> Callable[[str, str], list[str]]:
    """A function of the text and the kind of a file: what the schema refuses in it."""
    validators = {kind: Draft202012Validator(sim.schema(kind)) for kind in KINDS}
    return lambda text, kind: [
        f"{error.json_path}: {error.message}" for error in validators[kind].iter_errors(as_an_editor_reads_it(text))
    ]


type Refusals = Callable[[str, str], list[str]]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_valid_and_that_of_the_package_is_current(kind: str) -> None:
    schema = sim.schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]
    path = ROOT / "sim" / kind / f"{kind}.schema.json"
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(schema)), "run `make schemas`"


def test_another_kind_of_file_has_no_schema() -> None:
    with pytest.raises(ValueError, match="no kind of file 'run'; must be scenario or experiment"):
        sim.schema("run")


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_title_and_a_description(kind: str) -> None:
    schema = sim.schema(kind)
    blocks = {"": schema, **{name: block for name, block in schema["$defs"].items() if "properties" in block}}
    keys = {f"{name}.{key}": entry for name, block in blocks.items() for key, entry in block["properties"].items()}
    assert [key for key, entry in keys.items() if "title" not in entry] == []
    described = {key for key, entry in keys.items() if "description" in {**referred(schema, entry), **entry}}
    undescribed = [key for key in keys.keys() - described if not key.endswith((".process", ".kind"))]
    assert [key for key in undescribed if not re.search(r"\.[A-Z]{3}$", key)] == []


def referred(schema: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Return the block that an entry refers to."""
    block: dict[str, Any] = schema["$defs"].get(entry.get("$ref", "").rpartition("/")[2], {})
    return block


def test_every_range_and_unit_is_in_the_schema() -> None:
    schema = sim.schema("scenario")
    for parameter in parameters(load_scenario("base")):
        block, *names = parameter.path.split(".")
        if len(names) > 1:
            continue  # an option, or a process
        entry = schema["properties"][block]
        for name in names:
            entry = {**referred(schema, entry), **entry}["properties"][name]
        assert parameter.limits in entry["description"], parameter.path
        assert parameter.unit in entry["description"], parameter.path
        low, high = entry.get("minimum", entry.get("exclusiveMinimum")), entry.get("maximum")
        assert (parameter.low, parameter.high) == (low, high), parameter.path


# It refuses nothing that check accepts


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in FILES[kind]])
def test_included_files_are_accepted(refusals: Refusals, kind: str, name: str) -> None:
    assert refusals(FILES[kind][name].read_text("utf-8"), kind) == []


@pytest.mark.parametrize("number", range(60))
def test_random_scenarios_are_accepted(refusals: Refusals, number: int) -> None:
    for scenario in (random_scenario(number), changing(number)):
        assert refusals(to_yaml(scenario), "scenario") == []


@pytest.mark.parametrize(("kind", "count"), [("scenario", 600), ("experiment", 100)])
def test_files_that_were_changed_at_random_are_accepted_if_check_accepts_them(
    refusals: Refusals, kind: str, count: int, tmp_path: Path
) -> None:
    trees = [as_an_editor_reads_it(path.read_text("utf-8")) for path in shipped().values()]
    path = tmp_path / "changed.yaml"
    verdicts: Counter[tuple[bool, bool]] = Counter()
    for number in range(count):
        random = Random(number)
        content = json.loads(json.dumps(WHOLE[kind]))
        for _ in range(random.randint(0, 4) if kind == "scenario" else 0):
            copy_a_part(random, random.choice(trees), content)
        for _ in range(random.choice((0, 1, 1, 2))):
            change(random, content)
        text = re.sub(r'"=([^"]*)"', r"\1", json.dumps(content, indent=1)).replace("Infinity", ".inf")
        path.write_text(text, "utf-8")
        try:
            refused = refusals(text, kind)
        except WillingError:  # not even YAML
            continue
        is_good = check(path, kind)
        verdicts[is_good, not refused] += 1
        assert not (is_good and refused), f"{number}: {refused}\n{text}"
    assert min(verdicts[True, True], verdicts[False, False]) > count / 10
    assert verdicts[False, True] < verdicts[False, False]  # most errors are found


def parts(content: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """Yield every part of a file with its path."""
    if path:
        yield path, content
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, entry in entries:
        yield from parts(entry, (*path, key))


def inside(content: Any, path: tuple[Key, ...]) -> Any:
    for key in path:
        content = content[key]
    return content


def copy_a_part(random: Random, source: Any, target: dict[str, Any]) -> None:
    """Copy a part of a file to the same place in another one."""
    path, part = random.choice([each for each in parts(source) if all(isinstance(key, str) for key in each[0])])
    for key in path[:-1]:
        target = target.setdefault(str(key), {})
        if not isinstance(target, dict):
            return
    target[str(path[-1])] = json.loads(json.dumps(part))


def change(random: Random, content: dict[str, Any]) -> None:
    """Replace, remove or add one entry anywhere in a file."""
    places = [path for path, _ in parts(content)]
    if not places:
        return
    path = random.choice(places)
    parent = inside(content, path[:-1])
    value = random.choice([*VALUES, inside(content, random.choice(places))])
    value = json.loads(json.dumps(value))
    match random.choice(("replace", "replace", "remove", "add")), parent:
        case "replace", _:
            parent[path[-1]] = value
        case "remove", _:
            del parent[path[-1]]
        case "add", dict():
            parent[random.choice(KEYS)] = value
        case "add", list():
            parent.append(value)


# What only check finds


def examples(heading: str) -> list[str]:
    """Return the examples of the page under a heading."""
    text = PAGE.read_text("utf-8").partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def completed(lines: str, kind: str) -> str:
    """Return an example as a whole file: with the keys that it leaves out."""
    rest = {key: value for key, value in WHOLE[kind].items() if not re.search(rf"^{key}:", lines, re.MULTILINE)}
    if kind == "experiment" and not lines.startswith("figures:"):
        rest.pop("figures", None)
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in rest.items()) + lines


LISTED = [("scenario", each) for each in examples("In a scenario")] + [
    ("experiment", each) for each in examples("In an experiment")
]


def test_the_page_has_an_example_of_each_entry_of_its_list() -> None:
    text = PAGE.read_text("utf-8").partition("## What only `check` finds")[2]
    entries = re.split(r"^\*\*", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 15
    assert [entry.splitlines()[0] for entry in entries if "```yaml" not in entry] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_that_the_examples_complete_is_good(refusals: Refusals, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "whole.yaml"
    path.write_text(completed("", kind), "utf-8")
    assert check(path, kind)
    assert refusals(completed("", kind), kind) == []


@pytest.mark.parametrize(("kind", "lines"), LISTED, ids=lambda text: " ".join(text.split())[:60])
def test_the_schema_accepts_and_check_refuses_each_example(
    refusals: Refusals, kind: str, lines: str, tmp_path: Path
) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(completed(lines, kind), "utf-8")
    assert refusals(completed(lines, kind), kind) == []
    assert not check(path, kind)


# broken files in which the schema finds nothing, by the entry of the page that says why
FOUND_BY_CHECK_ALONE = {
    "Names": {
        *("circle_a", "extends_a_file", "extends_a_path", "extends_itself", "extends_unknown", "unknown_options"),
        "headline_abstains",
    },
    "Roster": {"host_on_the_roster", "nobody_left", "not_on_the_roster", "roster_twice"},
    "Names of options": {"option_named_abstain", "option_names"},
    "Figures of states": {"other_host", "relations_missing"},
    "Settings that contradict each other": {"violations_upside_down"},
    "The host and the opponent": {"no_opponent"},
    "Merging": {"inherited_syntax"},
    "YAML that is not read": {"given_twice"},
}


def test_broken_files_that_only_check_refuses_are_those_of_the_list(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    entries = re.findall(r"^\*\*([^*]+)\*\*", PAGE.read_text("utf-8"), re.MULTILINE)
    assert FOUND_BY_CHECK_ALONE.keys() <= set(entries)
    accepted = set()
    for path in sorted(BROKEN.glob("*.yaml")):
        try:
            refused = refusals(path.read_text("utf-8"), "scenario")
        except WillingError:
            continue  # no YAML
        if check(path, "scenario"):
            assert refused == []
        elif not refused:
            accepted.add(path.stem)
    assert accepted == set().union(*FOUND_BY_CHECK_ALONE.values())
