"""The JSON Schema of experiment files, with which editors complete and check a file while it is written."""

from __future__ import annotations

from sim.experiment.outcome_names import numbers_of, options_of
from sim.experiment.schema import ChoicesSchema, ExperimentSchema
from sim.scenario.files import shipped
from sim.scenario.json_schema import Schema, scenario_schema, schema_of, setting_paths
from sim.scenario.load import load_scenario
from sim.scenario.merge import OWN


def experiment_schema() -> Schema:
    """Return the JSON Schema of an experiment file."""
    schema, scenario = schema_of(ExperimentSchema), scenario_schema()
    blocks, properties = schema["$defs"], schema["properties"]
    variation = properties["vary"]["additionalProperties"]
    changes = {
        "title": "Changes",
        "description": "settings that differ from the scenario",
        "type": "object",
        "properties": {name: each for name, each in scenario["properties"].items() if name not in (*OWN, "extends")},
        "additionalProperties": False,
    }
    schema["$defs"] = scenario["$defs"] | blocks | {"Changes": changes, "Variation": variation}
    blocks[ChoicesSchema.__name__]["properties"]["choices"]["additionalProperties"] = {"$ref": "#/$defs/Changes"}
    vary = {"$ref": "#/$defs/Variation"}
    paths = {path: {**vary, **about} for path, about in setting_paths().items()}
    properties["vary"] |= {"properties": paths, "additionalProperties": vary}
    for arm in properties["scenario"]["anyOf"]:
        arm.get("items", arm)["examples"] = sorted(shipped())
    properties["outcomes"]["items"]["examples"] = ["headline", *numbers_of(options_of([load_scenario("base")]), ())]
    schema["required"].remove("name")
    return schema | {"title": "Willing experiment"}
