"""The JSON Schema of scenario files, with which editors complete and check a file while it is written.

Pydantic makes it from the declarations of the settings. It is then adapted to files: a scenario that extends another
one may leave out any setting, and null removes entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from sim import facts
from sim.scenario.cross_checks import why_fixed
from sim.scenario.field_types import STATE_CODE
from sim.scenario.files import shipped
from sim.scenario.load import load_scenario
from sim.scenario.merge import OWN, can_be_taken_off
from sim.scenario.parameters import parameters, range_text
from sim.scenario.schema import Scenario
from sim.theory.considerations import CONSIDERATIONS

type Schema = dict[str, Any]
type Path = tuple[str, ...]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATE = "^[0-9]{4}-?([0-9]{2}-?[0-9]{2}|W[0-9]{2}(-?[0-9])?)$"  # every form of ISO 8601 that can be read
_GROUPED = "^[-+.0-9eE]*_[-+.0-9eE_]*$"  # such as 40_000, which is a text to other readers of YAML 1.2
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_ACRONYMS = {"us": "US", "gdp": "GDP"}


def scenario_schema() -> Schema:
    """Return the JSON Schema of a scenario file."""
    schema = schema_of(Scenario)
    _let_extend(schema, schema["$defs"], (), set())
    schema["$defs"]["Momentum"]["properties"]["formats"]["anyOf"][0]["items"]["enum"] = sorted(facts.formats())
    paths = {path: entry for path, entry in setting_paths().items() if not why_fixed(path.split("."), ())}
    schema["$defs"]["Change"]["properties"]["set"]["properties"] = paths
    extends = {
        "title": "Extends",
        "description": "scenario from which all settings are taken that this file leaves out: a shipped one, or a file "
        "in the same folder",
        "type": "string",
        "examples": sorted(shipped()),
    }
    needed = [name for name, field in Scenario.model_fields.items() if field.is_required() and name not in OWN]
    return schema | {
        "title": "Willing scenario",
        "properties": {"extends": extends, **schema["properties"]},
        "required": ["question"],
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": needed},
    }


def to_text(schema: Schema) -> str:
    """Return a schema as the text of a file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def setting_paths() -> dict[str, Schema]:
    """Return the title and the description of each setting that can be varied, by its path, such as menu.troops.ask."""
    entries: dict[str, Schema] = {}
    for parameter in parameters(load_scenario("base")):
        block, *names = parameter.path.split(".")
        if block in OWN:
            continue
        if block == "environment":  # a number at the path of a process holds the quantity constant
            field = type(load_scenario("base").environment).model_fields[names[0]]
            path, about, limits, unit = f"environment.{names[0]}", field.description, "0 to 1", ""
        else:
            path, about, limits, unit = parameter.path, parameter.about, parameter.limits, parameter.unit
        entries[path] = {"title": _title(path.rpartition(".")[2]), "description": _described(about or "", limits, unit)}
    return entries


def schema_of(model: type[BaseModel]) -> Schema:
    """Return the JSON Schema of a block with all that it contains, as it has to be written in a file."""
    schema = model.model_json_schema(schema_generator=_Generator)
    _adapt(schema)
    blocks = {name: {**block, "title": name.removesuffix("Schema")} for name, block in schema.get("$defs", {}).items()}
    code = {
        "title": "State",
        "description": "ISO 3166 code of a state",
        "type": "string",
        "pattern": STATE_CODE,
        "examples": sorted(facts.states()),
    }
    return {"$schema": DIALECT, **schema, "$defs": blocks | {"StateCode": code}}


class _Generator(GenerateJsonSchema):
    """Makes titles of names."""

    def get_title_from_name(self, name: str) -> str:
        return _title(name)


def _title(name: str) -> str:
    words = [_ACRONYMS.get(word, word) for word in name.strip("_").split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _described(about: str, limits: str, unit: str) -> str:
    """Return a description with range and unit, which editors show nowhere else."""
    notes = "; ".join(dict.fromkeys(note for note in (limits, unit) if note))
    return f"{about} ({notes})" if notes else about


def _adapt(node: Schema) -> None:
    """Write a schema, and all inside it, with the keywords that editors know."""
    if "oneOf" in node:
        node["anyOf"] = node.pop("oneOf")  # an empty mapping may be each of several processes
    node |= {keyword: node.pop(name) for name, keyword in _LIMITS.items() if name in node}
    if node.get("default", "") is None:
        del node["default"]
    if node.get("format") == "date":
        del node["format"]  # some editors know one form only
        node |= {"pattern": _DATE, "examples": ["2025-03-26"]}
    if node.get("pattern") == STATE_CODE:
        del node["type"], node["pattern"]
        node["$ref"] = "#/$defs/StateCode"
    if "patternProperties" in node:
        node["additionalProperties"] = False
    for name, entry in node.get("properties", {}).items():
        entry.setdefault("title", _title(name))
    for inner in _inside(node):
        _adapt(inner)
    limits = range_text({name: node[keyword] for name, keyword in _LIMITS.items() if keyword in node})
    if "description" in node and (limits or "unit" in node):
        node["description"] = _described(node["description"], limits, node.get("unit", ""))
    if node.get("type") in ("number", "integer"):
        node |= {"type": [node["type"], "string"], "pattern": _GROUPED}
        node["patternErrorMessage"] = "A number is needed."


def _inside(node: Schema) -> Iterator[Schema]:
    for keyword in ("$defs", "properties", "patternProperties"):
        yield from node.get(keyword, {}).values()
    yield from node.get("anyOf", ())
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(node.get(keyword), dict):
            yield node[keyword]


def _let_extend(node: Schema, blocks: Mapping[str, Schema], path: Path, done: set[str]) -> None:
    """Let the block at a path leave out what it inherits, take off entries with null, and name the keys it may have."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in done:
            return
        done.add(name)
        node = blocks[name]
    for arm in node.get("anyOf", ()):
        _let_extend(arm, blocks, path, done)
    for keyword in ("minProperties", "maxProperties"):
        node.pop(keyword, None)
    required = node.pop("required", [])
    if "process" in node.get("properties", {}):  # which replaces the whole block
        node["dependentRequired"] = {"process": [name for name in required if name != "process"]}
    for name, entry in node.get("properties", {}).items():
        _let_extend(entry, blocks, (*path, name), done)
    for pattern, entry in node.get("patternProperties", {}).items():
        inside = (*path, "*")
        _let_extend(entry, blocks, inside, done)
        if can_be_taken_off(inside):
            entry = {"anyOf": [*entry.get("anyOf", [entry]), {"type": "null"}]}
        node["patternProperties"] = {pattern: entry}
        closed = _only_keys(path)
        if closed:
            node["properties"] = {name: {"title": _title(name), **entry, **about} for name, about in closed.items()}
            del node["patternProperties"]
        elif pattern == STATE_CODE:
            node["properties"] = {code: {"title": state.name} for code, state in facts.states().items()}
    if path == ("force",):
        node["additionalProperties"] = {"type": "null"}  # takes off nothing, whatever the name


def _only_keys(path: Path) -> dict[str, Schema]:
    """Return what is known of the keys of a mapping, where it can have no others."""
    match path:
        case ["weights"] | ["menu", _, "raises"] | ["states", _, "feels"]:
            return {name: {"description": each.about} for name, each in CONSIDERATIONS.items()}
        case ["states", _, "facts"]:
            return {name: _figure(name) for name in facts.FIGURES}
        case ["relations"]:
            return {
                name: _figure(relation.column) | {"description": relation.about.format(f"the {relation.to}")}
                for name, relation in facts.RELATIONS.items()
            }
    return {}


def _figure(name: str) -> Schema:
    """Return the description and the range of a column of the table of states."""
    column = facts.columns()[name]
    ends = {"ge": column.low, "le": column.high}
    limits = {key: end for key, end in ends.items() if end is not None}
    about = {"description": _described(column.about, range_text(limits), column.unit)}
    return about | {_LIMITS[key]: end for key, end in limits.items()}
